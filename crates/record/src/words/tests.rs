//! The table's words, case by case.

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
