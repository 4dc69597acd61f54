//! Who may depend on whom. The table is the documentation; an arrow allows all that it reaches.
//!
//! Normal dependencies count. What a crate needs only for its tests may come from anywhere.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crate, and what it may name. Strategies stand for one another: they share one row.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("latency", &["core"]),
    ("faults", &["core"]),
    ("downstream", &["core"]),
    ("workload", &["core"]),
    ("client", &["core"]),
    ("engine", &["core"]),
    ("tokio-runtime", &["core"]),
    ("stats", &["core"]),
    ("strategy", &["core"]),
    ("catalogue", &["strategy"]),
    ("policies", &["stats"]),
    (
        "scenario",
        &[
            "latency",
            "faults",
            "downstream",
            "client",
            "workload",
            "policies",
            "catalogue",
        ],
    ),
    ("record", &["stats"]),
    ("report", &["record"]),
    ("harness", &["engine", "scenario", "stats", "record"]),
    ("validation", &["harness"]),
    (
        "awaitlab",
        &["harness", "validation", "report", "tokio-runtime"],
    ),
    // Bench measures the lab from outside and may name anything.
];

const STRATEGIES: &[&str] = &[
    "sequential",
    "all",
    "all-settled",
    "bounded",
    "chunked",
    "any",
    "race",
    "quorum",
    "eager-in-order",
];

/// The row of a package: its name without the prefix, strategies under one name.
fn room(package: &str) -> String {
    let short = package.strip_prefix("awaitlab-").unwrap_or(package);
    if STRATEGIES.contains(&short) {
        "strategy".into()
    } else {
        short.into()
    }
}

/// Everything that a crate's arrows reach.
fn reach<'a>(from: &str, rows: &BTreeMap<&str, &'a [&'a str]>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = rows.get(from).map(|to| to.to_vec()).unwrap_or_default();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(rows.get(next).copied().unwrap_or_default());
        }
    }
    reached
}

#[test]
fn crates_depend_only_along_the_arrows() {
    let rows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .expect("cargo metadata runs here");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for package in &metadata.packages {
        let from = room(&package.name);
        if from == "bench" {
            continue;
        }
        if !rows.contains_key(from.as_str()) {
            wrong.push(format!("{from} has no row in the table"));
        }
        let allowed = reach(&from, &rows);
        let named = package.dependencies.iter().filter(|dependency| {
            dependency.kind == DependencyKind::Normal && dependency.path.is_some()
        });
        for dependency in named {
            seen += 1;
            let to = room(&dependency.name);
            if !allowed.contains(to.as_str()) {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    assert!(
        seen > 20,
        "the workspace's own dependencies were found: {seen}"
    );
    assert!(
        wrong.is_empty(),
        "arrows that the house does not have: {wrong:#?}"
    );
}

#[test]
fn a_strategy_reaches_neither_a_sibling_nor_the_engine() {
    let rows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    assert_eq!(reach("strategy", &rows), BTreeSet::from(["core"]));
    let of_report = reach("report", &rows);
    assert!(!of_report.contains("engine") && !of_report.contains("harness"));
}
