//! Things that are named in one table and referred to in another.

use std::collections::BTreeMap;

use awaitlab_core::name::file_id;

use crate::document::{Node, Place};
use crate::printable;
use crate::problem::Problems;
use crate::suggest::did_you_mean;

use super::MEASURES;

/// The names of a scenario's downstreams, strategies or variants, in the order of the file.
pub(super) struct Names {
    /// What they name, as in "downstream".
    what: &'static str,
    names: Vec<String>,
    /// Whether some have no proper name, so that a name that is not here may be one of theirs.
    incomplete: bool,
}

impl Names {
    /// Takes the names, and reports those that cannot be told apart: equal ones, and ones whose
    /// files would be called the same.
    pub(super) fn new<'n>(
        what: &'static str,
        named: impl IntoIterator<Item = (&'n str, Place)>,
        problems: &mut Problems,
    ) -> Self {
        let mut names = Vec::new();
        let mut ids: BTreeMap<String, (&str, Place)> = BTreeMap::new();
        for (name, place) in named {
            names.push(name.to_owned());
            let id = file_id(name);
            match ids.get(&id) {
                Some(&(first, other)) if first == name => {
                    let rule = format!("the name {} is taken", printable::quote(name));
                    problems.clash(place, format!("{rule} by the {what}"), other);
                }
                Some(&(first, other)) => {
                    let rule = format!(
                        "the file id of {} is \"{}\", as that of the {what} {}",
                        printable::quote(name),
                        printable::line(&id, printable::VALUE),
                        printable::quote(first),
                    );
                    problems.clash(place, rule, other);
                }
                None => {
                    ids.insert(id, (name, place));
                }
            }
        }
        Names {
            what,
            names,
            incomplete: false,
        }
    }

    /// The same, with the knowledge that some are not named.
    pub(super) fn incomplete(self) -> Self {
        Names {
            incomplete: true,
            ..self
        }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// The names, to be read.
    pub(super) fn join(&self) -> String {
        let quoted: Vec<String> = self
            .names
            .iter()
            .map(|name| printable::quote(name))
            .collect();
        quoted.join(", ")
    }

    /// The one that a value refers to. Reported where there is none, `None` then too.
    pub(super) fn find(&self, reference: &Node, problems: &mut Problems) -> Option<usize> {
        let written = reference.as_text()?;
        let found = self.index(written);
        if found.is_none() {
            self.unknown(written, reference.place, problems);
        }
        found
    }

    /// Reports a figure that is a measure which none of these is: these are the measures.
    pub(super) fn check_figure(&self, figure: &Node, problems: &mut Problems) {
        let measure = figure
            .as_text()
            .and_then(|text| text.strip_prefix(MEASURES));
        if let Some(measure) = measure
            && self.index(measure).is_none()
        {
            self.unknown(measure, figure.place, problems);
        }
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Reports a name that names nothing.
    pub(super) fn unknown(&self, written: &str, place: Place, problems: &mut Problems) {
        if self.incomplete {
            return;
        }
        let rule = format!("there is no {} {}", self.what, printable::quote(written));
        let help = did_you_mean(written, self.names.iter().map(String::as_str))
            .or_else(|| (!self.names.is_empty()).then(|| format!("there are {}", self.join())));
        problems.with_help(place, rule, help);
    }
}
