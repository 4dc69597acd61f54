//! The words of the comparison table, derived from what was measured.
//!
//! A word is a claim about a strategy, so it is derived over all of its variants at once: a strategy
//! that never saw a call fail beside one that succeeded shows no resilience, whatever it could do.
//! For each column the rules are tried in their order and the first that holds gives the word. They
//! are data, [`RULES`], so that what a report prints as the reason is what was evaluated.
//!
//! The classic words presume a strategy that treats all partial failures alike. Where the numbers
//! say otherwise (some such jobs answered and some rejected, or none settled at all) a plain
//! description stands instead of a word that claims too much.

use std::collections::BTreeMap;

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

/// A column of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// What a failure costs the rest.
    ErrorResilience,
    /// How the strategy loads its services.
    ResourceUtilization,
    /// How a failure shows.
    FailureMode,
}

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Column; 3] = [
        Column::ErrorResilience,
        Column::ResourceUtilization,
        Column::FailureMode,
    ];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Column::ErrorResilience => "Error resilience",
            Column::ResourceUtilization => "Resource utilization",
            Column::FailureMode => "Failure mode",
        }
    }
}

/// One rule of a column: when it holds, and what is said then.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// When it holds, for a reader. "Partial failures" are jobs with at least one failed and one
    /// successful call.
    pub when: &'static str,
    /// What is said.
    pub words: &'static str,
    holds: fn(&Evidence) -> bool,
}

/// The rules of each column, in the order in which they are tried: the first that holds speaks, and
/// the last always holds.
pub const RULES: [(Column, &[Rule]); 3] = [
    (Column::ErrorResilience, ERROR_RESILIENCE),
    (Column::ResourceUtilization, RESOURCE_UTILIZATION),
    (Column::FailureMode, FAILURE_MODE),
];

const ERROR_RESILIENCE: &[Rule] = &[
    rule("no partial failures", "–", Evidence::no_partial_failures),
    rule(
        "content with fewer results than calls",
        "First answer wins",
        Evidence::first_answer,
    ),
    rule(
        "partial failures never settle",
        "None (never settles)",
        Evidence::never_answered,
    ),
    rule(
        "rejected only after every call ended",
        "Low (loses all)",
        Evidence::rejects_at_the_end,
    ),
    rule(
        "nothing delivered",
        "Low (fail-fast)",
        Evidence::delivers_nothing,
    ),
    rule(
        "some rejected, others delivered",
        "Varies (rejects some)",
        Evidence::of_two_minds,
    ),
    rule(
        "never two calls in flight",
        "High (isolated)",
        Evidence::one_at_a_time,
    ),
    rule(
        "some call waited for its start",
        "High (throttled)",
        Evidence::waited,
    ),
    rule("otherwise", "High (partial success)", always),
];

const RESOURCE_UTILIZATION: &[Rule] = &[
    rule("no job has more than one call", "–", Evidence::single_calls),
    rule(
        "never two calls in flight",
        "Low (serialized)",
        Evidence::one_at_a_time,
    ),
    rule(
        "all calls of a job in flight at once",
        "High (burst)",
        Evidence::burst,
    ),
    rule("otherwise", "Controlled (steady)", always),
];

const FAILURE_MODE: &[Rule] = &[
    rule("no partial failures", "–", Evidence::no_partial_failures),
    rule(
        "partial failures never settle",
        "Never settles",
        Evidence::never_answered,
    ),
    rule(
        "content with fewer, none rejected",
        "Failures stay hidden",
        Evidence::hides_failures,
    ),
    rule(
        "content with fewer, some rejected",
        "Can fail despite successes",
        Evidence::first_answer,
    ),
    rule(
        "some rejected, others delivered",
        "Rejects some, answers some",
        Evidence::of_two_minds,
    ),
    rule(
        "rejected before the other calls' ends were known, several in flight",
        "Immediate cascade failure",
        Evidence::cascades,
    ),
    rule(
        "rejected only after every call ended",
        "Rejects at the end",
        Evidence::rejects_at_the_end,
    ),
    rule(
        "nothing delivered",
        "Stops at the first failure",
        Evidence::delivers_nothing,
    ),
    rule(
        "never two calls in flight",
        "Graceful degradation",
        Evidence::one_at_a_time,
    ),
    rule(
        "some call waited for its start",
        "Predictable backpressure",
        Evidence::waited,
    ),
    rule("otherwise", "Explicit error collection", always),
];

const fn rule(when: &'static str, words: &'static str, holds: fn(&Evidence) -> bool) -> Rule {
    Rule { when, words, holds }
}

fn always(_: &Evidence) -> bool {
    true
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

    fn first_answer(&self) -> bool {
        self.first_answer
    }

    fn single_calls(&self) -> bool {
        !self.several_calls
    }

    fn burst(&self) -> bool {
        self.traits.burst
    }

    fn waited(&self) -> bool {
        self.traits.waited
    }

    fn no_partial_failures(&self) -> bool {
        self.traits.mixed_jobs == 0
    }

    fn one_at_a_time(&self) -> bool {
        self.traits.one_at_a_time
    }

    fn delivers_nothing(&self) -> bool {
        self.traits.mixed_delivered == 0
    }

    fn never_answered(&self) -> bool {
        self.delivers_nothing() && self.traits.mixed_rejected == 0
    }

    fn hides_failures(&self) -> bool {
        self.first_answer && self.traits.mixed_rejected == 0
    }

    fn cascades(&self) -> bool {
        self.traits.mixed_cut_short > 0 && !self.traits.one_at_a_time
    }

    fn rejects_at_the_end(&self) -> bool {
        let traits = &self.traits;
        self.delivers_nothing() && traits.mixed_rejected_at_end == traits.mixed_rejected
    }

    fn of_two_minds(&self) -> bool {
        self.traits.mixed_rejected > 0 && self.traits.mixed_delivered > 0
    }
}

/// The words of a strategy, from the traits of its variants: [`Evidence::gather`] and
/// [`Evidence::words`] in one.
pub fn derive<'a>(
    kind: &str,
    wanted_below_calls: bool,
    traits: impl IntoIterator<Item = &'a Traits>,
) -> Words {
    Evidence::gather(kind, wanted_below_calls, traits).words()
}

/// Gives every row the words of its strategy, over all rows of that name.
pub fn fill(rows: &mut [Row]) {
    let mut by_strategy: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter() {
        by_strategy.entry(&row.strategy).or_default().push(row);
    }
    let words: BTreeMap<String, Words> = by_strategy
        .into_iter()
        .map(|(name, rows)| (name.to_owned(), Evidence::of(rows).words()))
        .collect();
    for row in rows {
        row.words = words[&row.strategy].clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three calls; one job has two successes beside a failure.
    const MIXED: Traits = Traits {
        one_at_a_time: false,
        burst: false,
        waited: false,
        mixed_jobs: 1,
        mixed_successful: 2,
        mixed_delivered: 0,
        mixed_cut_short: 0,
        mixed_rejected_at_end: 0,
        mixed_rejected: 0,
    };
    const COLLECTED: Traits = Traits {
        mixed_delivered: 2,
        ..MIXED
    };
    const CUT_SHORT: Traits = Traits {
        mixed_rejected: 1,
        mixed_cut_short: 1,
        ..MIXED
    };
    const AT_THE_END: Traits = Traits {
        mixed_rejected: 1,
        mixed_rejected_at_end: 1,
        ..MIXED
    };

    fn serial(traits: Traits) -> Traits {
        Traits {
            one_at_a_time: true,
            waited: true,
            ..traits
        }
    }

    fn burst(traits: Traits) -> Traits {
        Traits {
            burst: true,
            ..traits
        }
    }

    fn throttled(traits: Traits) -> Traits {
        Traits {
            waited: true,
            ..traits
        }
    }

    fn words(kind: &str, below: bool, traits: &[Traits]) -> [String; 3] {
        let Words {
            error_resilience,
            resource_utilization,
            failure_mode,
        } = derive(kind, below, traits);
        [error_resilience, resource_utilization, failure_mode]
    }

    #[test]
    fn the_published_table_comes_out_word_for_word() {
        let table = [
            (
                ("sequential", serial(COLLECTED)),
                [
                    "High (isolated)",
                    "Low (serialized)",
                    "Graceful degradation",
                ],
            ),
            (
                ("all", burst(CUT_SHORT)),
                [
                    "Low (fail-fast)",
                    "High (burst)",
                    "Immediate cascade failure",
                ],
            ),
            (
                ("all-settled", burst(COLLECTED)),
                [
                    "High (partial success)",
                    "High (burst)",
                    "Explicit error collection",
                ],
            ),
            (
                ("bounded", throttled(COLLECTED)),
                [
                    "High (throttled)",
                    "Controlled (steady)",
                    "Predictable backpressure",
                ],
            ),
        ];
        for ((kind, traits), expected) in table {
            assert_eq!(words(kind, false, &[traits]), expected, "{kind}");
        }
    }

    #[test]
    fn sequential_that_stops_loses_what_it_had_but_starts_no_cascade() {
        let expected = [
            "Low (fail-fast)",
            "Low (serialized)",
            "Stops at the first failure",
        ];
        assert_eq!(words("sequential", false, &[serial(CUT_SHORT)]), expected);
    }

    #[test]
    fn bounded_in_its_six_forms_collects_cascades_or_rejects_at_the_end() {
        let steady = "Controlled (steady)";
        let cascade = ["Low (fail-fast)", steady, "Immediate cascade failure"];
        let table = [
            (
                "collect",
                COLLECTED,
                ["High (throttled)", steady, "Predictable backpressure"],
            ),
            ("stop", CUT_SHORT, cascade),
            ("clear-queue", CUT_SHORT, cascade),
            ("lose-worker", CUT_SHORT, cascade),
            ("keep-starting", CUT_SHORT, cascade),
            (
                "reject-at-end",
                AT_THE_END,
                ["Low (loses all)", steady, "Rejects at the end"],
            ),
        ];
        for (on_error, traits, expected) in table {
            assert_eq!(
                words("bounded", false, &[throttled(traits)]),
                expected,
                "{on_error}"
            );
        }
    }

    #[test]
    fn first_answers_get_words_of_their_own() {
        let won = Traits {
            mixed_delivered: 1,
            ..burst(MIXED)
        };
        let lost = Traits {
            mixed_rejected: 1,
            mixed_cut_short: 1,
            ..burst(MIXED)
        };
        let wins = "First answer wins";
        let hidden = [wins, "High (burst)", "Failures stay hidden"];
        let shown = [wins, "High (burst)", "Can fail despite successes"];
        assert_eq!(words("any", true, &[won]), hidden);
        assert_eq!(words("race", true, &[won, lost]), shown);
        assert_eq!(
            words("quorum", false, &[won, lost]),
            shown,
            "which may need every call"
        );
        assert_eq!(
            words("own", true, &[won]),
            hidden,
            "one that a program brought"
        );
    }

    #[test]
    fn without_partial_failures_nothing_is_said_about_them() {
        let healthy = Traits {
            burst: true,
            ..Traits::default()
        };
        assert_eq!(words("all", false, &[healthy]), ["–", "High (burst)", "–"]);
        assert_eq!(words("any", true, &[healthy]), ["–", "High (burst)", "–"]);
    }

    #[test]
    fn without_several_calls_nothing_is_said_at_all() {
        assert_eq!(words("all", false, &[]), ["–", "–", "–"]);
    }

    #[test]
    fn a_job_that_never_settles_is_not_called_fail_fast() {
        let expected = ["None (never settles)", "High (burst)", "Never settles"];
        assert_eq!(words("all-settled", false, &[burst(MIXED)]), expected);
    }

    #[test]
    fn a_strategy_that_does_both_gets_no_word_that_claims_one() {
        // As a give-up makes it: some jobs answer in time, others are rejected from outside.
        let expected = [
            "Varies (rejects some)",
            "High (burst)",
            "Rejects some, answers some",
        ];
        assert_eq!(
            words("all-settled", false, &[burst(COLLECTED), burst(CUT_SHORT)]),
            expected
        );
    }

    #[test]
    fn the_words_are_of_all_variants_together() {
        let healthy = Traits {
            one_at_a_time: true,
            waited: true,
            ..Traits::default()
        };
        let expected = [
            "High (isolated)",
            "Low (serialized)",
            "Graceful degradation",
        ];
        assert_eq!(
            words("sequential", false, &[healthy, serial(COLLECTED)]),
            expected
        );
        assert_eq!(
            words("sequential", false, &[serial(COLLECTED), healthy]),
            expected
        );
        // Serial in one variant only is not serial.
        assert_eq!(
            words("own", false, &[healthy, burst(COLLECTED)])[1],
            "High (burst)"
        );
        assert_eq!(
            words("own", false, &[burst(COLLECTED), healthy])[1],
            "High (burst)"
        );
    }

    #[test]
    fn rows_of_one_strategy_get_the_same_words_and_a_single_call_does_not_spoil_them() {
        let row = |strategy: &str, calls, traits| Row {
            strategy: strategy.into(),
            kind: "sequential".into(),
            calls_per_job: calls,
            wanted_per_job: calls,
            traits,
            ..Row::default()
        };
        let mut rows = [
            row("a", 3, serial(COLLECTED)),
            row("b", 1, Traits::default()),
            row("a", 1, Traits::default()),
        ];
        fill(&mut rows);
        assert_eq!(rows[0].words.error_resilience, "High (isolated)");
        assert_eq!(rows[2].words, rows[0].words);
        assert_eq!(rows[1].words.resource_utilization, "–");
    }

    #[test]
    fn every_column_has_a_rule_for_everything() {
        for (column, rules) in RULES {
            assert!(
                (rules[rules.len() - 1].holds)(&Evidence::default()),
                "{column:?}"
            );
            assert_eq!(RULES[column as usize].0, column);
        }
    }
}
