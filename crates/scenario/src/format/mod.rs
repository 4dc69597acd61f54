//! The format itself, one module a table: its shape, and how what passed becomes a domain type.
//!
//! A builder may rely on the shape: every value it finds has its form and lies within its bounds;
//! what did not is gone and has been reported. It reports what no shape can say: a call that the job
//! does not have, a name that names nothing.

mod analysis;
pub mod client;
mod compare;
pub mod downstream;
mod expect;
mod fault;
pub mod job;
mod latency;
mod load;
pub mod measure;
mod names;
mod policy;
mod precision;
mod size;
pub mod strategy;
pub mod variant;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, Place, Table};
use crate::problem::Problems;
use crate::scenario::{Compare, Entry, Expect, Measure, Scenario, Source, Variant};
use crate::shape::{self, Key, Shape, Text};

use names::Names;
use variant::{Built, World};

/// The version of the format.
const VERSION: u64 = 1;
/// The seed of a scenario that names none.
const DEFAULT_SEED: u64 = 1;
/// Replications at most.
pub const MOST_REPLICATIONS: u64 = 10_000_000;
/// Jobs at most of a run: replications x jobs of all variants x strategies.
pub const MOST_JOBS: u64 = 1_000_000_000;

/// What stands before the name of a measure where figures are named.
pub(crate) const MEASURES: &str = "measures.";

/// Reads a file that a scenario names, by its path as it is written there.
pub(crate) type Files<'f> = &'f dyn Fn(&str) -> Result<Vec<u8>, String>;

/// What builders share.
pub(crate) struct Builder<'f> {
    pub(crate) problems: Problems,
    pub(crate) files: Files<'f>,
    /// What a reader of the results must know.
    pub(crate) notes: Vec<String>,
    /// Files that were read, with their SHA-256.
    pub(crate) hashes: BTreeMap<String, String>,
}

impl Builder<'_> {
    /// Makes a note, once.
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// What a scenario says.
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) question: Option<String>,
    pub(crate) seed: u64,
    pub(crate) replications: u64,
    pub(crate) precision: Option<f64>,
    pub(crate) variants: Vec<Variant>,
    pub(crate) strategies: Vec<Entry>,
    pub(crate) compare: Compare,
    pub(crate) measures: Vec<Measure>,
    pub(crate) expects: Vec<Expect>,
}

impl Content {
    pub(crate) fn into_scenario(
        self,
        name: String,
        source: Source,
        notes: Vec<String>,
    ) -> Scenario {
        let Content {
            title,
            question,
            seed,
            replications,
            precision,
            variants,
            strategies,
            compare,
            measures,
            expects,
        } = self;
        Scenario {
            name,
            title,
            question,
            seed,
            replications,
            precision,
            variants,
            strategies,
            compare,
            measures,
            expects,
            source,
            notes,
        }
    }
}

/// The whole file.
pub(crate) fn shape() -> shape::Table {
    let keys = vec![
        Key::required(
            "job",
            Shape::Table(job::shape),
            "what a caller starts and waits for",
        ),
        Key::required(
            "downstream",
            Shape::Named {
                of: downstream::shape,
                min: 1,
            },
            "the services that are called, each under its name",
        ),
        Key::optional(
            "workload",
            Shape::Table(workload::shape),
            "when jobs arrive",
        ),
        Key::optional(
            "client",
            Shape::Table(client::shape),
            "the processes that run jobs",
        ),
        Key::optional(
            "fault",
            fault::list(),
            "rules that make services fail; first match wins",
        ),
        Key::required("strategy", strategy::list(), "the strategies to compare"),
        Key::optional("variant", variant::list(), "the worlds to compare them in"),
    ];
    shape::Table::plain(
        "scenario",
        "One story: a question, a world, strategies.",
        head()
            .into_iter()
            .chain(keys)
            .chain(of_results())
            .chain(analysis::keys())
            .collect(),
    )
}

/// What stands above the tables.
fn head() -> [Key; 5] {
    [
        Key::required(
            "version",
            Shape::Integer {
                min: VERSION,
                max: VERSION,
            },
            "the version of this format, 1",
        ),
        Key::required(
            "title",
            Shape::Text(Text::Line),
            "a line that says what it is about",
        ),
        Key::optional("question", Shape::Text(Text::Prose), "the question it asks"),
        Key::optional(
            "seed",
            Shape::Integer {
                min: 0,
                max: u64::MAX,
            },
            "the seed of every random number; 1 when absent",
        ),
        Key::optional(
            "replications",
            Shape::Integer {
                min: 1,
                max: MOST_REPLICATIONS,
            },
            "independent repetitions of every variant and strategy; when absent 1000, and 20 where \
             some workload is not isolated",
        ),
    ]
}

/// What is asked of the results.
fn of_results() -> [Key; 4] {
    [
        precision::key(),
        Key::optional(
            "compare",
            Shape::Table(compare::shape),
            "how they are compared",
        ),
        Key::optional("measure", measure::list(), "figures of the scenario's own"),
        Key::optional("expect", expect::list(), "what must come out"),
    ]
}

/// What a checked document says; `None` where something that it needs is wrong, which is reported.
pub(crate) fn build(root: &Table, builder: &mut Builder<'_>) -> Option<Content> {
    let services = root
        .table("downstream")
        .map_or(&[][..], |table| &table.entries);
    let services = services
        .iter()
        .map(|entry| (entry.key.as_str(), entry.place));
    let services = Names::new("downstream", services, &mut builder.problems);
    let strategies = named("strategy", root.get("strategy"), &mut builder.problems);
    let variants = match root.list("variant") {
        [] => Names::new(
            "variant",
            [(Built::base_name(), ROOT)],
            &mut builder.problems,
        ),
        _ => named("variant", root.get("variant"), &mut builder.problems),
    };

    let worlds = worlds(root, &services, builder);
    let gives_up = worlds
        .iter()
        .any(|world| world.job.as_ref().is_none_or(|job| job.give_up.is_some()));
    let problems = &mut builder.problems;
    let entries: Vec<Option<Entry>> = root
        .list("strategy")
        .iter()
        .map(|s| strategy::build(s, gives_up, problems))
        .collect();
    check_attempts(root, &entries, problems);
    check_calls(root, &entries, &worlds, problems);
    size::check(root, &worlds, entries.len(), problems);
    let (measures, built) = measures_of(root, &worlds, problems);
    let compare = compare::build(root.table("compare"), &strategies, &measures, problems);
    let precision = precision::build(root, problems);
    let known = expect::Known {
        strategies: &strategies,
        variants: &variants,
        measures: &measures,
    };
    let expects: Vec<Option<Expect>> = root
        .list("expect")
        .iter()
        .map(|node| expect::build(node, &known, problems))
        .collect();
    policy::note_isolated(&entries, &worlds, builder);
    let replications = size::replications(root, &worlds, entries.len());
    let analyses = analysis::decide(root, &worlds, &entries, builder);
    Some(Content {
        title: root.text("title")?.to_owned(),
        question: root.text("question").map(str::to_owned),
        seed: root.integer("seed").unwrap_or(DEFAULT_SEED),
        replications,
        precision,
        variants: worlds
            .into_iter()
            .zip(analyses)
            .map(|(world, analysis)| world.finish(analysis))
            .collect::<Option<_>>()?,
        strategies: entries.into_iter().collect::<Option<_>>()?,
        compare: compare?,
        measures: built?,
        expects: expects.into_iter().collect::<Option<_>>()?,
    })
}

/// The place of the document as a whole.
const ROOT: Place = Place {
    origin: None,
    start: 0,
    end: 0,
};

fn named(what: &'static str, list: Option<&Node>, problems: &mut Problems) -> Names {
    let name = |item: &Node| -> Option<(String, Place)> {
        let name = item.as_table()?.get("name")?;
        Some((name.as_text()?.to_owned(), name.place))
    };
    let items = list.and_then(Node::items).unwrap_or_default();
    let names: Vec<Option<(String, Place)>> = items.iter().map(name).collect();
    let known = names
        .iter()
        .flatten()
        .map(|(name, place)| (name.as_str(), *place));
    let all = Names::new(what, known, problems);
    // Without any, the list itself is missing or wrong.
    if names.is_empty() || names.iter().any(Option::is_none) {
        all.incomplete()
    } else {
        all
    }
}

/// The measures by their names, `None` beside them where one is wrong.
fn measures_of(
    root: &Table,
    worlds: &[Built<'_>],
    problems: &mut Problems,
) -> (Names, Option<Vec<Measure>>) {
    let names = match root.list("measure") {
        // Nothing is missing where there are none: whoever names one names nothing.
        [] if !root.is_wrong("measure") => Names::new("measure", [], problems),
        _ => named("measure", root.get("measure"), problems),
    };
    // Every one is looked at, also after one that is wrong.
    let built: Vec<Option<Measure>> = root
        .list("measure")
        .iter()
        .map(|node| measure::build(node, worlds, problems))
        .collect();
    (names, built.into_iter().collect())
}

/// Every variant, or the scenario as it stands where it has none.
fn worlds<'d>(root: &'d Table, services: &Names, builder: &mut Builder<'_>) -> Vec<Built<'d>> {
    let base = World::base(root);
    // Built also where every variant replaces it: what is wrong in it is wrong all the same.
    let as_it_stands = base.build(services, builder);
    let worlds: Vec<Built<'d>> = match root.list("variant") {
        [] => vec![as_it_stands],
        items => {
            builder.notes.clear();
            let variants = items.iter().filter_map(Node::as_table);
            variants
                .map(|table| {
                    base.vary(table, services, &mut builder.problems)
                        .build(services, builder)
                })
                .collect()
        }
    };
    let mut reported = BTreeSet::new();
    for world in &worlds {
        world.check_faults(services, &mut reported, &mut builder.problems);
    }
    worlds
}

/// Fault rules must not name attempts that no strategy makes.
fn check_attempts(root: &Table, entries: &[Option<Entry>], problems: &mut Problems) {
    let most = |entry: &Option<Entry>| Some(policy::most_attempts(&entry.as_ref()?.policies));
    // One that is wrong may be the one that makes more.
    let Some(most) = entries.iter().map(most).collect::<Option<Vec<u32>>>() else {
        return;
    };
    let most = most.into_iter().max().unwrap_or(1);
    let variants = root.list("variant").iter().filter_map(Node::as_table);
    for table in variants.chain([root]) {
        fault::check_attempts(table.list("fault"), most, problems);
    }
}

/// Every strategy must have a meaning in every variant; said once of each strategy.
fn check_calls(
    root: &Table,
    entries: &[Option<Entry>],
    worlds: &[Built<'_>],
    problems: &mut Problems,
) {
    for (node, entry) in root.list("strategy").iter().zip(entries) {
        let Some(entry) = entry else { continue };
        let misfit = worlds.iter().find_map(|world| {
            let calls = world.job.as_ref()?.calls();
            entry
                .strategy
                .check_calls(calls as usize)
                .is_err()
                .then_some((calls, world.name))
        });
        if let Some((calls, within)) = misfit {
            strategy::fits(node, entry, calls, within, problems);
        }
    }
}
