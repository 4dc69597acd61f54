//! What changed between two runs, as people see it.

use std::collections::BTreeMap;

use awaitlab_record::Changes;
use awaitlab_record::changes::{Change, MetricChanges, Pairing, RowName, RunInfo};
use awaitlab_record::summary::{RunStatus, ScenarioInfo};
use awaitlab_report::{changes, changes_markdown};
use unicode_width::UnicodeWidthStr;

/// Two versions of a service's client, in two variants.
fn two_versions() -> Changes {
    let healthy = |strategy| ("healthy", strategy);
    let broken = |strategy| ("one node answers nothing at all", strategy);
    let settle = vec![
        change(
            healthy("Promise.all()"),
            [Some(500.0), Some(500.0)],
            Some([0.0; 2]),
            "identical",
        ),
        change(
            healthy("Bounded, limit 2"),
            [Some(1000.0), Some(1000.0)],
            Some([0.0; 2]),
            "identical",
        ),
        change(
            broken("Promise.all()"),
            [Some(812.5), Some(893.75)],
            Some([70.0, 92.5]),
            "slower",
        ),
        change(
            broken("Bounded, limit 2"),
            [Some(1250.0), Some(1240.0)],
            Some([-60.0, 40.0]),
            "not distinguishable",
        ),
        change(
            broken("Hedged after the p95"),
            [Some(700.0), Some(560.0)],
            Some([-168.0, -112.0]),
            "settles earlier, delivers less",
        ),
        change(
            broken("Any of three"),
            [Some(400.0), None],
            None,
            "only in A",
        ),
    ];
    let p99 = vec![
        change(
            broken("Promise.all()"),
            [Some(2000.0), Some(2100.0)],
            Some([-20.0, 900.0]),
            "not distinguishable",
        ),
        change(
            broken("Bounded, limit 2"),
            [Some(3000.0), Some(3900.0)],
            Some([600.0, 1200.0]),
            "not distinguishable",
        ),
    ];
    let amplification = vec![
        change(
            broken("Promise.all()"),
            [Some(1.0), Some(1.0)],
            None,
            "equal",
        ),
        change(
            broken("Bounded, limit 2"),
            [Some(1.25), Some(1.5)],
            None,
            "no verdict",
        ),
    ];
    let success = vec![change(
        broken("Promise.all()"),
        [Some(1.0); 2],
        Some([-0.003, 0.003]),
        "not distinguishable",
    )];
    let metrics = [
        ("settle_ms.mean", settle),
        ("settle_ms.p99", p99),
        ("amplification", amplification),
        ("success_rate.value", success),
    ];
    let metrics = metrics.map(|(metric, changes)| MetricChanges {
        metric: metric.into(),
        changes,
    });
    Changes {
        a: run("reports/before", "0.1.0", &[]),
        b: run(
            "reports/after",
            "0.2.0",
            &[("job.calls", "50"), ("seed", "1")],
        ),
        pairing: Pairing::Paired,
        only_in_a: vec![name(healthy("Chunks of 5"))],
        only_in_b: Vec::new(),
        identical_rows: 2,
        rows_in_both: 6,
        metrics: metrics.into(),
        fail_over: None,
    }
}

fn run(folder: &str, awaitlab: &str, overrides: &[(&str, &str)]) -> RunInfo {
    let overrides = overrides
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()));
    RunInfo {
        folder: folder.into(),
        awaitlab: awaitlab.into(),
        status: RunStatus::Complete,
        scenario: ScenarioInfo {
            name: "black-hole-node".into(),
            title: "One node answers nothing".into(),
            question: None,
            sha256: "0".repeat(64),
            files: BTreeMap::new(),
            seed: 1,
            replications: 10_000,
            overrides: overrides.collect(),
        },
    }
}

fn name((variant, strategy): (&str, &str)) -> RowName {
    RowName {
        variant: variant.into(),
        strategy: strategy.into(),
    }
}

fn change(
    row: (&str, &str),
    [a, b]: [Option<f64>; 2],
    ci95: Option<[f64; 2]>,
    verdict: &'static str,
) -> Change {
    let difference = a.zip(b).map(|(a, b)| b - a);
    let share = |of: f64| of / a.unwrap_or(1.0);
    Change {
        row: name(row),
        a,
        b,
        difference,
        ci95,
        relative: difference.map(share),
        relative_ci95: ci95.map(|ci| ci.map(share)),
        paired: row.1 != "Bounded, limit 2",
        p_adjusted: ci95.map(|_| {
            if verdict == "not distinguishable" {
                0.4
            } else {
                0.0
            }
        }),
        verdict,
        is_worse: verdict == "slower",
    }
}

#[test]
fn what_moved_is_a_row_and_what_did_not_a_line() {
    let printed = changes(&two_versions().failing_over(5.0), 80, false);
    insta::assert_snapshot!("changes_80", printed);
}

#[test]
fn a_narrow_terminal_keeps_the_change_and_the_verdict() {
    insta::assert_snapshot!("changes_50", changes(&two_versions(), 50, false));
}

#[test]
fn markdown_says_the_same() {
    insta::assert_snapshot!(
        "changes_markdown",
        changes_markdown(&two_versions().failing_over(20.0))
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let mut changes = two_versions().failing_over(0.0);
    changes.a.folder = "a/very/long/path".repeat(20);
    for of_metric in &mut changes.metrics {
        for change in &mut of_metric.changes {
            change.row.strategy = change.row.strategy.repeat(9);
            change.row.variant = change.row.variant.repeat(9);
        }
    }
    for width in [45, 60, 80, 120] {
        let printed = awaitlab_report::changes(&changes, width, false);
        let widest = printed.lines().max_by_key(|line| line.width()).unwrap();
        assert!(widest.width() <= width, "{width}: {widest}");
    }
}

#[test]
fn a_name_cannot_command_the_terminal_or_the_page() {
    let mut changes = two_versions().failing_over(0.0);
    changes.b.folder = "\u{1b}[2J<b>".into();
    changes.metrics[0].changes[2].row.variant = "\u{1b}[31m|<script>".into();
    changes.only_in_a[0].strategy = "\u{202e}evil".into();
    let printed = awaitlab_report::changes(&changes, 80, false);
    assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed}");
    let page = changes_markdown(&changes);
    assert!(
        !page.contains("<script>") && !page.contains("<b>"),
        "{page}"
    );
}
