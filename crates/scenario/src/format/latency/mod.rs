//! `latency = { kind = … }`: how long a service works on an attempt.

mod build;
mod empirical;

use awaitlab_latency::{
    Constant, Empirical, Erlang, Exponential, Gamma, KINDS, List, LogNormal, Mixture, Normal,
    Pareto, Quantiles, Uniform, Weibull,
};

use crate::shape::{self, Bounds, Choice, Key, Shape, Text};

pub(super) use build::build;

/// Two quantiles that engineers know.
const MEDIAN_P99: &[&str] = &["median", "p99"];

/// The keys of a kind, and the sets of them of which one is to be given.
type Keys = (Vec<Key>, Vec<&'static [&'static str]>);

pub(super) fn shape() -> shape::Table {
    let keys = vec![
        Key::optional("offset", Shape::Duration, "added to every draw"),
        Key::optional(
            "cap",
            Shape::PositiveDuration,
            "no latency is longer: min(offset + draw, cap)",
        ),
    ];
    let kinds = KINDS.iter().map(|&(name, doc)| kind(name, doc)).collect();
    shape::Table {
        kinds,
        ..shape::Table::plain("latency", "How long a service works on an attempt.", keys)
    }
}

/// A part of a mixture: a latency with its weight. Not a list, which goes call by call.
fn part() -> shape::Table {
    let latency = shape();
    let weight = Key::required(
        "weight",
        Shape::Number(Bounds::Positive),
        "how often, compared to the weights of the other parts",
    );
    shape::Table {
        name: "part",
        doc: "A latency that is one of several.",
        keys: latency.keys.into_iter().chain([weight]).collect(),
        kinds: latency
            .kinds
            .into_iter()
            .filter(|kind| kind.name != List::NAME)
            .collect(),
        ..latency
    }
}

fn point() -> shape::Table {
    let shapes = vec![
        Choice {
            word: "linear",
            doc: "The same time is added with every nine (the default).",
        },
        Choice {
            word: "power",
            doc: "It grows by the same factor with every nine.",
        },
    ];
    let keys = vec![
        Key::required(
            "p",
            Shape::Number(Bounds::Share),
            "the share of latencies, as in 0.99",
        ),
        Key::required("value", Shape::Duration, "that are at most this long"),
        Key::optional(
            "shape",
            Shape::Choice(shapes),
            "how the value grows up to this point",
        ),
    ];
    shape::Table::plain("point", "A quantile.", keys)
}

fn kind(name: &'static str, doc: &'static str) -> shape::Kind {
    let (keys, forms) = keys_of(name);
    shape::Kind {
        name,
        doc,
        keys,
        forms,
    }
}

fn keys_of(kind: &str) -> Keys {
    match kind {
        Constant::NAME => (
            vec![Key::required(
                "value",
                Shape::Duration,
                "what each attempt takes",
            )],
            vec![],
        ),
        Uniform::NAME => (
            vec![
                Key::optional("min", Shape::Duration, "the shortest latency"),
                time("max", "the longest latency"),
                time("median", "half of the latencies are shorter"),
                time("p99", "99 of 100 latencies are shorter"),
            ],
            vec![&["min", "max"], MEDIAN_P99],
        ),
        Exponential::NAME => by(
            [time("mean", "the mean")],
            vec![&["mean"], &["median"], &["p99"]],
        ),
        Normal::NAME => by(
            [
                time("mean", "the mean of the whole law"),
                time("sd", "the standard deviation"),
            ],
            vec![&["mean", "sd"], MEDIAN_P99],
        ),
        LogNormal::NAME => by(
            [
                time("mean", "the mean"),
                number("sigma", "the standard deviation of the logarithm"),
            ],
            vec![MEDIAN_P99, &["median", "sigma"], &["mean", "sigma"]],
        ),
        Gamma::NAME => by(
            [
                time("mean", "the mean"),
                number("shape", "1 is exponential, more is steadier"),
            ],
            vec![&["mean", "shape"], MEDIAN_P99],
        ),
        Weibull::NAME => by(
            [
                time("mean", "the mean"),
                time("scale", "63 of 100 latencies are shorter"),
                number("shape", "1 is exponential; below it, the slow get slower"),
            ],
            vec![&["mean", "shape"], &["scale", "shape"], MEDIAN_P99],
        ),
        Pareto::NAME => by(
            [
                time("minimum", "the shortest latency"),
                number(
                    "alpha",
                    "the exponent of the tail; up to 1 there is no mean without a cap",
                ),
            ],
            vec![&["minimum", "alpha"], MEDIAN_P99],
        ),
        _ => (written_out(kind), vec![]),
    }
}

/// The kinds whose keys are all required.
fn written_out(kind: &str) -> Vec<Key> {
    match kind {
        Erlang::NAME => vec![
            Key::required(
                "mean",
                Shape::PositiveDuration,
                "the mean of all stages together",
            ),
            Key::required(
                "stages",
                Shape::Integer { min: 1, max: 1000 },
                "how many stages",
            ),
        ],
        Mixture::NAME => {
            let parts = Shape::list(Shape::Table(part), 1, usize::MAX, "parts");
            vec![Key::required(
                "parts",
                parts,
                "what is mixed, each with its weight",
            )]
        }
        List::NAME => {
            let value = Shape::OneOrMany(Box::new(Shape::Duration));
            let values = Shape::list(value, 1, usize::MAX, "durations");
            let doc = "call by call through all jobs; a list of its own has one value per attempt";
            vec![Key::required("values", values, doc)]
        }
        Quantiles::NAME => {
            let points = Shape::list(Shape::Table(point), 1, usize::MAX, "points");
            vec![Key::required("points", points, "quantiles in rising order")]
        }
        Empirical::NAME => empirical::keys(),
        _ => Vec::new(),
    }
}

/// Keys of a kind that can be given by its median and its p99 as well.
fn by<const N: usize>(keys: [Key; N], forms: Vec<&'static [&'static str]>) -> Keys {
    let quantiles = [
        time("median", "half of the latencies are shorter"),
        time("p99", "99 of 100 latencies are shorter"),
    ];
    (keys.into_iter().chain(quantiles).collect(), forms)
}

fn time(name: &'static str, doc: &'static str) -> Key {
    Key::optional(name, Shape::PositiveDuration, doc)
}

fn number(name: &'static str, doc: &'static str) -> Key {
    Key::optional(name, Shape::Number(Bounds::Positive), doc)
}

/// A text that is a path or a heading.
fn reference() -> Shape {
    Shape::Text(Text::Reference)
}
