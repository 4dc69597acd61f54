//! What is said about two runs, the same in the terminal and in Markdown.

use std::collections::BTreeSet;

use awaitlab_record::Changes;
use awaitlab_record::changes::{
    Change, FailOver, MetricChanges, Pairing, Regression, RowName, RunInfo,
};
use awaitlab_record::summary::RunStatus;

use crate::columns;
use crate::figures;

/// Above regressions that nobody can be sure of.
pub(super) const UNJUDGED: &str =
    "Worse, but without an interval nobody can say whether by chance:";

/// `three-requests: Three requests`, or the names of two scenarios.
pub(super) fn title(changes: &Changes) -> String {
    let (a, b) = (&changes.a.scenario, &changes.b.scenario);
    if a.name != b.name {
        return format!("{} (A) and {} (B)", a.name, b.name);
    }
    format!("{}: {}", b.name, b.title)
}

/// `reports/old, 10 000 replications, seed 1`.
pub(super) fn run(run: &RunInfo) -> String {
    let scenario = &run.scenario;
    let replications = figures::counted(scenario.replications, "replication", "replications");
    let interrupted = match run.status {
        RunStatus::Complete => "",
        RunStatus::Interrupted => " (interrupted)",
    };
    format!(
        "{}, {replications}{interrupted}, seed {}",
        run.folder, scenario.seed
    )
}

/// What the two runs have in common.
pub(super) fn same(changes: &Changes) -> String {
    let (a, b) = (&changes.a.scenario, &changes.b.scenario);
    let all = [
        ("scenario", a.sha256 == b.sha256 && a.files == b.files),
        (
            "settings",
            a.overrides == b.overrides || settings(changes).is_empty(),
        ),
        ("seed", a.seed == b.seed),
        ("replications", a.replications == b.replications),
        (
            "version of the lab",
            changes.a.awaitlab == changes.b.awaitlab,
        ),
    ];
    let same: Vec<&str> = all
        .into_iter()
        .filter(|(_, same)| *same)
        .map(|(what, _)| what)
        .collect();
    match same.as_slice() {
        [] => "The same: nothing.".into(),
        [only] => format!("The same: {only}."),
        [most @ .., last] => format!("The same: {} and {last}.", most.join(", ")),
    }
}

/// What differs, and what follows from it.
pub(super) fn differs(changes: &Changes) -> Vec<String> {
    let (a, b) = (&changes.a.scenario, &changes.b.scenario);
    let mut differs = Vec::new();
    if a.sha256 != b.sha256 {
        let short = |sha256: &str| sha256.chars().take(8).collect::<String>();
        differs.push(format!(
            "the scenario file (sha256 {}… and {}…), so what changed may be the scenario's doing",
            short(&a.sha256),
            short(&b.sha256)
        ));
    }
    let files: BTreeSet<&String> = a.files.keys().chain(b.files.keys()).collect();
    let files = files
        .into_iter()
        .filter(|name| a.files.get(*name) != b.files.get(*name));
    differs.extend(files.map(|name| format!("the file {name} that the scenario reads")));
    differs.extend(settings(changes));
    if a.seed != b.seed {
        differs.push(format!("seed – {} in A, {} in B", a.seed, b.seed));
    }
    if a.replications != b.replications {
        let [a, b] = [a.replications, b.replications].map(figures::count);
        differs.push(format!("replications – {a} in A, {b} in B"));
    }
    let (a, b) = (&changes.a.awaitlab, &changes.b.awaitlab);
    if a != b {
        differs.push(format!("version of the lab – {a} in A, {b} in B"));
    }
    differs
}

/// Settings of the command line that differ, but for those that show by themselves.
fn settings(changes: &Changes) -> Vec<String> {
    let (a, b) = (&changes.a.scenario.overrides, &changes.b.scenario.overrides);
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let shown = |key: &&String| !["seed", "replications"].contains(&key.as_str());
    let keys = keys
        .into_iter()
        .filter(shown)
        .filter(|key| a.get(*key) != b.get(*key));
    keys.map(|key| {
        let value =
            |of: Option<&String>| of.map_or("as in the scenario", String::as_str).to_owned();
        format!(
            "{key} – {} in A, {} in B",
            value(a.get(key)),
            value(b.get(key))
        )
    })
    .collect()
}

/// What the intervals are of.
pub(super) fn pairing(changes: &Changes) -> String {
    match changes.pairing {
        Pairing::Paired => {
            let unpaired = unpaired(changes);
            let but = match unpaired.is_empty() {
                true => String::new(),
                false => format!(", but for {}", unpaired.join(" and ")),
            };
            format!("Intervals (±, 95 %) are of the differences, replication by replication{but}.")
        }
        Pairing::NotStored => {
            "Intervals (±, 95 %) are unpaired, and so wider than they need be: a \
            folder lacks what each replication measured. Run both with --jobs for paired ones."
                .into()
        }
        Pairing::NoneToPair => "Intervals (±, 95 %) are those of two independent runs, wider than \
            they need be: a single replication has none of these figures."
            .into(),
        Pairing::OtherReplications => {
            "Replications do not match, so they are not paired: intervals \
            (±, 95 %) are those of two independent runs, wider than they need be."
                .into()
        }
        Pairing::OtherSeeds => "Seeds do not match, so the two met different worlds: intervals \
            (±, 95 %) are those of two independent runs."
            .into(),
    }
}

/// Metrics that have changed, with intervals which are not of pairs.
fn unpaired(changes: &Changes) -> Vec<String> {
    let is_unpaired = |change: &Change| change.ci95.is_some() && !change.paired;
    let metrics = changes
        .metrics
        .iter()
        .filter(|of| of.changes.iter().any(is_unpaired));
    metrics.map(|of| columns::spoken(&of.metric)).collect()
}

/// Rows that only one run has.
pub(super) fn missing(changes: &Changes) -> Vec<String> {
    let sides = [("A", &changes.only_in_a), ("B", &changes.only_in_b)];
    let sides = sides.into_iter().filter(|(_, rows)| !rows.is_empty());
    sides
        .map(|(side, rows)| {
            let names: Vec<String> = rows.iter().map(|row| name(row, changes)).collect();
            format!(
                "Only in {side}, not compared: {}.",
                columns::some_of(&names)
            )
        })
        .collect()
}

/// The rows of a metric that did not change; a variant of which none did by its name alone.
pub(super) fn unchanged(of_metric: &MetricChanges, changes: &Changes) -> Option<String> {
    let of_variants = of_metric
        .changes
        .chunk_by(|a, b| a.row.variant == b.row.variant);
    let names = of_variants.flat_map(|rows| {
        let all = rows.iter().all(Change::is_none) && has_variants(changes) && rows.len() > 1;
        if all {
            return vec![format!("all of {}", rows[0].row.variant)];
        }
        let unchanged = rows.iter().filter(|change| change.is_none());
        unchanged.map(|change| name(&change.row, changes)).collect()
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| format!("unchanged – {}", columns::some_of(&names)))
}

/// Why an interval may leave out 0 and the verdict be that nothing is known.
pub(super) fn about_verdicts(changes: &Changes) -> Option<String> {
    let leaves_out_zero = |change: &Change| {
        let [low, high] = change.ci95.unwrap_or_default();
        (low > 0.0 || high < 0.0) && change.p_adjusted.is_some_and(|p| p >= 0.05)
    };
    let of = changes
        .metrics
        .iter()
        .filter(|of| of.changes.iter().any(leaves_out_zero));
    let rows = of.map(|of| of.changes.len()).max()?;
    Some(format!(
        "An interval that leaves out 0 is not enough for a verdict where {rows} rows are tried: one \
         in 20 does by chance (p values are Holm's)."
    ))
}

/// The metrics that changed nowhere.
pub(super) fn unchanged_metrics(changes: &Changes) -> Option<String> {
    if changes.identical_rows == changes.rows_in_both {
        let rows = figures::counted(changes.rows_in_both, "row is", "rows are");
        return Some(format!(
            "Nothing changed: {rows} identical in every figure."
        ));
    }
    let unchanged = changes.metrics.iter().filter(|of| !super::has_changed(of));
    let metrics: Vec<String> = unchanged.map(|of| columns::spoken(&of.metric)).collect();
    (!metrics.is_empty()).then(|| format!("Unchanged in every row: {}.", metrics.join(", ")))
}

/// How many there are.
pub(super) fn regressions(fail_over: &FailOver) -> String {
    let beyond = format!("beyond {} %", figures::number(fail_over.percent));
    match fail_over.regressions.len() as u64 {
        0 => format!("No regression {beyond}."),
        n => format!(
            "{} {beyond}:",
            figures::counted(n, "regression", "regressions")
        ),
    }
}

/// `mean settle time of healthy / Promise.all(): +10 %`.
pub(super) fn regression(regression: &Regression, changes: &Changes) -> String {
    let by = match regression.relative {
        // In one piece, wherever the line ends.
        Some(share) => figures::change(share, None).replace(' ', "\u{a0}"),
        None => "it was 0".into(),
    };
    let metric = columns::spoken(&regression.metric);
    format!("{metric} of {}: {by}", name(&regression.row, changes))
}

/// `healthy / Promise.all()`, without variants the strategy alone.
fn name(row: &RowName, changes: &Changes) -> String {
    if has_variants(changes) {
        format!("{} / {}", row.variant, row.strategy)
    } else {
        row.strategy.clone()
    }
}

/// Whether rows need their variant to be told apart.
pub(super) fn has_variants(changes: &Changes) -> bool {
    let of_metrics = changes.metrics.iter().flat_map(|of| &of.changes);
    let rows = of_metrics.map(|change| &change.row);
    let mut rows = rows.chain(&changes.only_in_a).chain(&changes.only_in_b);
    rows.any(|row| row.variant != "base")
}

/// A metric as the head of a table.
pub(super) fn heading(metric: &str) -> String {
    let spoken = columns::spoken(metric);
    if spoken.contains(['_', '.']) {
        return spoken;
    }
    let mut letters = spoken.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
