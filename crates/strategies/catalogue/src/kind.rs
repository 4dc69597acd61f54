//! The names of the nine, and what there is to say about each.

use crate::parameter::{self, ParameterInfo};

/// Which strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One call after another.
    Sequential,
    /// Everything at once, and all or nothing.
    All,
    /// Everything at once, whatever comes of it.
    AllSettled,
    /// A few at a time.
    Bounded,
    /// Slice by slice.
    Chunked,
    /// The first success.
    Any,
    /// The first end, good or bad.
    Race,
    /// The first few successes.
    Quorum,
    /// Started together, awaited one by one.
    EagerInOrder,
}

impl Kind {
    /// Every kind, in the order in which a list shows them.
    pub const ALL: [Kind; 9] = [
        Kind::Sequential,
        Kind::All,
        Kind::AllSettled,
        Kind::Bounded,
        Kind::Chunked,
        Kind::Any,
        Kind::Race,
        Kind::Quorum,
        Kind::EagerInOrder,
    ];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Sequential => "sequential",
            Kind::All => "all",
            Kind::AllSettled => "all-settled",
            Kind::Bounded => "bounded",
            Kind::Chunked => "chunked",
            Kind::Any => "any",
            Kind::Race => "race",
            Kind::Quorum => "quorum",
            Kind::EagerInOrder => "eager-in-order",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// One line that says what it does and what it is called elsewhere.
    pub const fn summary(self) -> &'static str {
        match self {
            Kind::Sequential => "one call after another: for … await",
            Kind::All => "everything at once, rejects at the first failure: Promise.all",
            Kind::AllSettled => "everything at once, whatever comes of it: Promise.allSettled",
            Kind::Bounded => "a pool of places over a queue of calls: p-limit, p-map",
            Kind::Chunked => "slices, each awaited whole: a loop around Promise.all",
            Kind::Any => "the first success, else all errors: Promise.any",
            Kind::Race => "the first end, good or bad: Promise.race",
            Kind::Quorum => "the first so many successes: R of n replicas",
            Kind::EagerInOrder => "starts everything, then awaits one by one in order",
        }
    }

    /// What it takes besides its name.
    pub const fn parameters(self) -> &'static [ParameterInfo] {
        match self {
            Kind::Sequential => &[parameter::SEQUENTIAL_ON_ERROR],
            Kind::AllSettled => &[],
            Kind::Bounded => &[
                parameter::LIMIT,
                parameter::BOUNDED_ON_ERROR,
                parameter::REST,
            ],
            Kind::Chunked => &[
                parameter::SIZE,
                parameter::CHUNKED_ON_ERROR,
                parameter::REST,
            ],
            Kind::Quorum => &[parameter::NEED, parameter::REST],
            Kind::All | Kind::Any | Kind::Race | Kind::EagerInOrder => &[parameter::REST],
        }
    }

    /// Whether it takes the parameter of that name.
    pub fn takes(self, parameter: &str) -> bool {
        self.parameters().iter().any(|info| info.name == parameter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("promise-all"), None);
        assert_eq!(Kind::from_name("All"), None, "names are kebab-case");
    }

    #[test]
    fn names_are_those_of_the_vocabulary() {
        let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        assert_eq!(
            names,
            [
                "sequential",
                "all",
                "all-settled",
                "bounded",
                "chunked",
                "any",
                "race",
                "quorum",
                "eager-in-order",
            ]
        );
    }

    #[test]
    fn a_summary_is_one_line_that_fits_a_terminal() {
        for kind in Kind::ALL {
            // Two columns of indent and the name's own column of 16.
            assert!(kind.summary().chars().count() <= 80 - 18, "{}", kind.name());
            assert!(!kind.summary().contains('\n'), "{}", kind.name());
        }
    }

    #[test]
    fn what_can_settle_early_takes_a_rest() {
        let without: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| !kind.takes("rest"))
            .collect();
        assert_eq!(without, [Kind::Sequential, Kind::AllSettled]);
    }
}
