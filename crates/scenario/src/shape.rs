//! What a scenario may look like, as data: the one source of the reader and of the JSON Schema.
//!
//! A [`Table`] lists keys with their [`Shape`]; a table that comes in kinds (a latency, a fault, a
//! strategy) lists the keys of each beside those that all share. [`crate::check`] holds a file
//! against it, [`crate::schema`] prints it, and the builders of [`crate::format`] turn what passed
//! into domain values. Tables are functions, so that one may contain itself (a mixture of latencies).

/// The form of a value.
pub(crate) enum Shape {
    /// Text.
    Text(Text),
    /// A whole number within bounds, both included.
    Integer { min: u64, max: u64 },
    /// The same, or what is written as a text.
    IntegerOr {
        min: u64,
        max: u64,
        text: Box<Shape>,
    },
    /// A finite number within bounds.
    Number(Bounds),
    /// `true` or `false`.
    Flag,
    /// `"80ms"`.
    Duration,
    /// `"80ms"`, and longer than nothing.
    PositiveDuration,
    /// `"10s..20s"`.
    Window,
    /// `"5%"`.
    Percent,
    /// `"20%"`, and less than the whole.
    Part,
    /// `"200/s"`.
    Rate,
    /// `"200/s"`, and more than none.
    PositiveRate,
    /// One of these words.
    Choice(Vec<Choice>),
    /// A list of values of one form.
    List {
        of: Box<Shape>,
        min: usize,
        max: usize,
        items: &'static str,
    },
    /// A value, or a list of at least one of them.
    OneOrMany(Box<Shape>),
    /// A table with known keys.
    Table(fn() -> Table),
    /// A table, or what is no table.
    TableOr(fn() -> Table, Box<Shape>),
    /// A table whose keys are names.
    Named { of: fn() -> Table, min: usize },
    /// A table whose keys are numbers, from 0.
    Numbered(fn() -> Table),
}

/// What a text may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// A name: see [`crate::name`].
    Name,
    /// A line without control and bidirectional characters, not blank.
    Line,
    /// The same, line breaks allowed.
    Prose,
    /// Something that the scenario names elsewhere: whoever looks it up says whether it exists.
    Reference,
    /// A figure of `summary.json`, or a measure of the scenario: whoever looks it up says whether
    /// that exists.
    Figure,
    /// A figure of one replication.
    Measurable,
    /// A name that can be a part of a figure's.
    Identifier,
    /// A class of errors, or one status.
    Failure,
}

/// The bounds of a number that need not be whole.
#[derive(Clone, Copy)]
pub(crate) enum Bounds {
    /// Any finite number.
    Finite,
    /// At least 0.
    NotNegative,
    /// More than 0.
    Positive,
    /// At least 1.
    AtLeastOne,
    /// 0 to 1, both included.
    Probability,
    /// 0 and more, below 1.
    Share,
    /// More than 0, and at most 1.
    Fraction,
    /// 0.5 and more, below 1.
    UpperHalf,
}

/// A word with what it means.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) word: &'static str,
    pub(crate) doc: &'static str,
}

/// A table with known keys.
pub(crate) struct Table {
    /// What it is called in messages and in the schema: unique.
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    /// The keys that every kind has.
    pub(crate) keys: Vec<Key>,
    /// The kinds it comes in; none: it has no `kind`.
    pub(crate) kinds: Vec<Kind>,
    /// The kind where none is written.
    pub(crate) default_kind: Option<&'static str>,
    /// Sets of keys of which exactly one must be given; none: every key stands for itself.
    pub(crate) forms: Vec<&'static [&'static str]>,
}

/// One kind of a table.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: Vec<Key>,
    /// As [`Table::forms`].
    pub(crate) forms: Vec<&'static [&'static str]>,
}

/// A key of a table.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

impl Key {
    pub(crate) fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Key {
            name,
            doc,
            required: true,
            shape,
        }
    }

    pub(crate) fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Key {
            name,
            doc,
            required: false,
            shape,
        }
    }
}

impl Table {
    /// A table that comes in one kind only.
    pub(crate) fn plain(name: &'static str, doc: &'static str, keys: Vec<Key>) -> Self {
        Table {
            name,
            doc,
            keys,
            kinds: Vec::new(),
            default_kind: None,
            forms: Vec::new(),
        }
    }

    /// The kind of that name.
    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

impl Shape {
    /// A list of at least `min` values and at most `max`.
    pub(crate) fn list(of: Shape, min: usize, max: usize, items: &'static str) -> Self {
        Shape::List {
            of: Box::new(of),
            min,
            max,
            items,
        }
    }

    /// What it asks for, to follow "must be".
    pub(crate) fn wanted(&self) -> String {
        match self {
            Shape::Text(_) => "a text".to_owned(),
            Shape::Integer { min, max } if min == max => min.to_string(),
            Shape::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Shape::IntegerOr { min, max, text } => {
                format!("a whole number from {min} to {max}, or {}", text.wanted())
            }
            Shape::Number(bounds) => bounds.wanted().to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Duration => "a duration with its unit, as in \"80ms\"".to_owned(),
            Shape::PositiveDuration => "a duration above 0, as in \"80ms\"".to_owned(),
            Shape::Window => "a window of time, as in \"10s..20s\"".to_owned(),
            Shape::Percent => "a percentage, as in \"5%\"".to_owned(),
            Shape::Part => "a percentage below 100%, as in \"20%\"".to_owned(),
            Shape::Rate => "a rate, as in \"200/s\"".to_owned(),
            Shape::PositiveRate => "a rate above 0, as in \"200/s\"".to_owned(),
            Shape::Choice(choices) => choice(choices),
            Shape::List { items, .. } => format!("a list of {items}"),
            Shape::OneOrMany(of) => format!("{}, or a list of them", of.wanted()),
            Shape::Table(_) | Shape::Named { .. } | Shape::Numbered(_) => "a table".to_owned(),
            Shape::TableOr(_, other) => format!("a table, or {}", other.wanted()),
        }
    }
}

impl Bounds {
    pub(crate) fn wanted(self) -> &'static str {
        match self {
            Bounds::Finite => "a finite number",
            Bounds::NotNegative => "a number of at least 0",
            Bounds::Positive => "a number above 0",
            Bounds::AtLeastOne => "a number of at least 1",
            Bounds::Probability => "a probability from 0 to 1",
            Bounds::Share => "a number from 0 to below 1",
            Bounds::UpperHalf => "a number from 0.5 to below 1",
            Bounds::Fraction => "a number above 0, at most 1",
        }
    }

    pub(crate) fn contain(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Bounds::Finite => true,
                Bounds::NotNegative => number >= 0.0,
                Bounds::Positive => number > 0.0,
                Bounds::AtLeastOne => number >= 1.0,
                Bounds::Probability => (0.0..=1.0).contains(&number),
                Bounds::Share => (0.0..1.0).contains(&number),
                Bounds::UpperHalf => (0.5..1.0).contains(&number),
                Bounds::Fraction => number > 0.0 && number <= 1.0,
            }
    }
}

/// A word, or which words there are.
pub(crate) fn choice(choices: &[Choice]) -> String {
    let words = quoted(choices.iter().map(|choice| choice.word));
    match choices {
        [_] => words,
        _ => format!("one of {words}"),
    }
}

/// Words in quotes, with commas.
pub(crate) fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Sets of keys, as in "mean, or median and p99".
pub(crate) fn forms(forms: &[&[&str]]) -> String {
    let form = |form: &&[&str]| match form {
        [] => "none of them".to_owned(),
        keys => keys.join(" and "),
    };
    forms.iter().map(form).collect::<Vec<_>>().join(", or ")
}
