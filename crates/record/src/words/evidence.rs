//! What the rules look at.

use super::{Column, RULES, Rule};
use crate::summary::{Row, Traits, Words};

/// What a strategy's words are derived from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The strategy is content with fewer results than it has calls: `any`, `race`, `quorum`.
    pub first_answer: bool,
    /// Whether any job had more than one call; where none had, the rest says nothing.
    pub several_calls: bool,
    /// The traits of all variants together.
    pub traits: Traits,
}

impl Evidence {
    /// Puts the traits of a strategy's variants together. `traits` are those of the variants whose
    /// jobs have more than one call; `wanted_below_calls` says that a fulfilled job brings fewer
    /// results than it has calls, as an own strategy may.
    pub fn gather<'a>(
        kind: &str,
        wanted_below_calls: bool,
        traits: impl IntoIterator<Item = &'a Traits>,
    ) -> Evidence {
        let first_answer = wanted_below_calls || matches!(kind, "any" | "race" | "quorum");
        let mut evidence = Evidence {
            first_answer,
            ..Evidence::default()
        };
        for variant in traits {
            evidence.add(variant);
        }
        evidence
    }

    /// The same from the rows of one strategy.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row> + Clone) -> Evidence {
        let several = |row: &&Row| row.calls_per_job > 1;
        let below = |row: &Row| row.wanted_per_job < row.calls_per_job;
        let kind = rows
            .clone()
            .into_iter()
            .next()
            .map_or("", |row| row.kind.as_str());
        let wanted_below_calls = rows.clone().into_iter().filter(several).any(below);
        let traits = rows.into_iter().filter(several).map(|row| &row.traits);
        Evidence::gather(kind, wanted_below_calls, traits)
    }

    /// The first rule of a column that holds.
    pub fn rule(&self, column: Column) -> &'static Rule {
        let (_, rules) = &RULES[column as usize];
        // The last rule of each column always holds.
        rules
            .iter()
            .find(|rule| (rule.holds)(self))
            .unwrap_or(&rules[rules.len() - 1])
    }

    /// The words of every column.
    pub fn words(&self) -> Words {
        let word = |column| self.rule(column).words.to_owned();
        Words {
            error_resilience: word(Column::ErrorResilience),
            resource_utilization: word(Column::ResourceUtilization),
            failure_mode: word(Column::FailureMode),
        }
    }

    fn add(&mut self, variant: &Traits) {
        let all = &mut self.traits;
        all.one_at_a_time = variant.one_at_a_time && (all.one_at_a_time || !self.several_calls);
        all.burst |= variant.burst;
        all.waited |= variant.waited;
        all.mixed_jobs += variant.mixed_jobs;
        all.mixed_successful += variant.mixed_successful;
        all.mixed_delivered += variant.mixed_delivered;
        all.mixed_cut_short += variant.mixed_cut_short;
        all.mixed_rejected_at_end += variant.mixed_rejected_at_end;
        all.mixed_rejected += variant.mixed_rejected;
        self.several_calls = true;
    }

    pub(super) fn first_answer(&self) -> bool {
        self.first_answer
    }

    pub(super) fn single_calls(&self) -> bool {
        !self.several_calls
    }

    pub(super) fn burst(&self) -> bool {
        self.traits.burst
    }

    pub(super) fn waited(&self) -> bool {
        self.traits.waited
    }

    pub(super) fn no_partial_failures(&self) -> bool {
        self.traits.mixed_jobs == 0
    }

    pub(super) fn one_at_a_time(&self) -> bool {
        self.traits.one_at_a_time
    }

    pub(super) fn delivers_nothing(&self) -> bool {
        self.traits.mixed_delivered == 0
    }

    pub(super) fn never_answered(&self) -> bool {
        self.delivers_nothing() && self.traits.mixed_rejected == 0
    }

    pub(super) fn hides_failures(&self) -> bool {
        self.first_answer && self.traits.mixed_rejected == 0
    }

    pub(super) fn cascades(&self) -> bool {
        self.traits.mixed_cut_short > 0 && !self.traits.one_at_a_time
    }

    pub(super) fn rejects_at_the_end(&self) -> bool {
        let traits = &self.traits;
        self.delivers_nothing() && traits.mixed_rejected_at_end == traits.mixed_rejected
    }

    pub(super) fn of_two_minds(&self) -> bool {
        self.traits.mixed_rejected > 0 && self.traits.mixed_delivered > 0
    }
}
