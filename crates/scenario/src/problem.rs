//! What is wrong with a scenario, collected while it is read.

use std::collections::BTreeSet;

use crate::document::Place;
use crate::printable;

/// Problems kept: beyond it they are only counted. A file of a megabyte can hold a quarter of a
/// million, and nobody sees more than the first few.
const KEPT: usize = 1_000;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Where; the file as a whole where there is no such place.
    pub(crate) place: Option<Place>,
    /// The rule, and what was there instead. Printable, one line, not too long.
    pub(crate) rule: String,
    /// What might be meant.
    pub(crate) help: Option<String>,
    /// The place of the other one, where two things cannot both be.
    pub(crate) other: Option<Place>,
}

/// The problems found so far, each once.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: BTreeSet<Problem>,
    more: usize,
}

impl Problems {
    /// A rule that is broken at a place.
    pub(crate) fn at(&mut self, place: Place, rule: impl AsRef<str>) {
        self.add(Some(place), rule.as_ref(), None, None);
    }

    /// Two things that cannot both be; the second is pointed at.
    pub(crate) fn clash(&mut self, place: Place, rule: impl AsRef<str>, other: Place) {
        self.add(Some(place), rule.as_ref(), None, Some(other));
    }

    /// The same, with what might be meant.
    pub(crate) fn with_help(&mut self, place: Place, rule: impl AsRef<str>, help: Option<String>) {
        self.add(Some(place), rule.as_ref(), help, None);
    }

    /// A rule that the file as a whole breaks.
    pub(crate) fn of_file(&mut self, rule: impl AsRef<str>) {
        self.add(None, rule.as_ref(), None, None);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The problems in the order of the file, and how many were only counted.
    pub(crate) fn into_parts(self) -> (Vec<Problem>, usize) {
        (self.kept.into_iter().collect(), self.more)
    }

    /// Whether further problems are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= KEPT
    }

    fn add(
        &mut self,
        place: Option<Place>,
        rule: &str,
        help: Option<String>,
        other: Option<Place>,
    ) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let help = help.map(|help| printable::line(&help, printable::RULE));
        self.kept.insert(Problem {
            place,
            rule: printable::line(rule, printable::RULE),
            help,
            other,
        });
    }
}
