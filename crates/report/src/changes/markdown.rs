//! The changes as Markdown.

use awaitlab_record::Changes;
use awaitlab_record::changes::{Change, MetricChanges, Regression};

use super::{changed, has_changed, sentences, value};
use crate::escape::markdown as inert;

/// The changes as Markdown: what differs, then a table per metric.
pub fn changes_markdown(changes: &Changes) -> String {
    let mut out = format!("**{}**\n\n", inert(&sentences::title(changes)));
    let mut lines = vec![
        format!("A: {}", inert(&sentences::run(&changes.a))),
        format!("B: {}", inert(&sentences::run(&changes.b))),
        sentences::same(changes),
    ];
    let differs = sentences::differs(changes).into_iter();
    lines.extend(differs.map(|differs| format!("Differs: {}", inert(&differs))));
    lines.push(sentences::pairing(changes));
    lines.extend(
        sentences::missing(changes)
            .iter()
            .map(|missing| inert(missing)),
    );
    lines
        .iter()
        .for_each(|line| out.push_str(&format!("- {line}\n")));
    for of_metric in changes.metrics.iter().filter(|of| has_changed(of)) {
        push_table(&mut out, of_metric, changes);
    }
    if let Some(unchanged) = sentences::unchanged_metrics(changes) {
        out.push_str(&format!("\n{unchanged}\n"));
    }
    if let Some(about) = sentences::about_verdicts(changes) {
        out.push_str(&format!("\n{about}\n"));
    }
    if let Some(fail_over) = &changes.fail_over {
        out.push_str(&format!("\n**{}**\n", sentences::regressions(fail_over)));
        push_regressions(&mut out, &fail_over.regressions, changes);
        if !fail_over.unjudged.is_empty() {
            out.push_str(&format!("\n{}\n", sentences::UNJUDGED));
            push_regressions(&mut out, &fail_over.unjudged, changes);
        }
    }
    out
}

fn push_regressions(out: &mut String, regressions: &[Regression], changes: &Changes) {
    for regression in regressions {
        let said = inert(&sentences::regression(regression, changes));
        out.push_str(&format!("\n- {said}"));
    }
    out.push('\n');
}

fn push_table(out: &mut String, of_metric: &MetricChanges, changes: &Changes) {
    let metric = &of_metric.metric;
    let with_variants = sentences::has_variants(changes);
    let (heads, rules) = if with_variants {
        ("Variant | Strategy", "---|---")
    } else {
        ("Strategy", "---")
    };
    out.push_str(&format!(
        "\n**{}**\n\n| {heads} | A | B | Change | Verdict |\n|{rules}|--:|--:|--:|---|\n",
        inert(&sentences::heading(metric))
    ));
    let shown = of_metric
        .changes
        .iter()
        .filter(|change| !Change::is_none(change));
    for change in shown {
        let variant = if with_variants {
            format!("{} | ", inert(&change.row.variant))
        } else {
            String::new()
        };
        let [a, b] = [change.a, change.b].map(|figure| value(metric, figure));
        out.push_str(&format!(
            "| {variant}{} | {a} | {b} | {} | {} |\n",
            inert(&change.row.strategy),
            changed(metric, change),
            change.verdict
        ));
    }
    if let Some(unchanged) = sentences::unchanged(of_metric, changes) {
        out.push_str(&format!("\n{}\n", inert(&unchanged)));
    }
}
