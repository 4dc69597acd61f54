//! `[[variant]]`: the same scenario with some of its tables replaced.

use std::collections::BTreeSet;

use awaitlab_faults::Rule;

use awaitlab_client::ClientSpec;
use awaitlab_latency::Model;
use awaitlab_workload::Workload;

use crate::document::{Node, Place, Table};
use crate::problem::Problems;
use crate::scenario::{Analysis, Downstream, Job, Variant};
use crate::shape::{self, Key, Shape, Text};

use super::{Builder, Names, client, downstream, fault, job, workload};

/// Variants at most of a scenario.
pub const MOST_VARIANTS: usize = 64;

/// The name of the only variant of a scenario that lists none.
const BASE: &str = "base";

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, MOST_VARIANTS, "variants")
}

fn shape() -> shape::Table {
    let keys = vec![
        Key::required(
            "name",
            Shape::Text(Text::Name),
            "its name in every table and chart",
        ),
        Key::optional("job", Shape::Table(job::shape), "in the place of [job]"),
        Key::optional(
            "downstream",
            Shape::Named {
                of: downstream::shape,
                min: 0,
            },
            "in the place of downstreams of the same names",
        ),
        Key::optional(
            "fault",
            fault::list(),
            "in the place of all fault rules; [] removes them",
        ),
        Key::optional(
            "workload",
            Shape::Table(workload::shape),
            "in the place of [workload]",
        ),
        Key::optional(
            "client",
            Shape::Table(client::shape),
            "in the place of [client]",
        ),
    ];
    let doc = "The scenario with some of its tables replaced, each as a whole.";
    shape::Table::plain("variant", doc, keys)
}

/// The tables that are in force in a variant.
pub(super) struct World<'d> {
    /// `None`: the scenario as it stands, without a variant's tables.
    name: Option<&'d str>,
    job: Option<&'d Table>,
    faults: &'d [Node],
    downstreams: Vec<Option<Service<'d>>>,
    workload: Option<&'d Node>,
    client: Option<&'d Node>,
}

/// A downstream's table.
#[derive(Clone, Copy)]
struct Service<'d> {
    table: &'d Table,
    /// The variant that replaced it.
    variant: Option<&'d str>,
}

/// A world that was built, with what is needed to ask whether its parts fit together.
pub(super) struct Built<'d> {
    pub(super) name: Option<&'d str>,
    pub(super) job: Option<Job>,
    pub(super) workload: Option<Workload<Model>>,
    pub(super) client: Option<ClientSpec>,
    rules: Vec<(&'d Node, Option<Rule<Model>>)>,
    downstreams: Vec<Option<Downstream>>,
}

impl<'d> Service<'d> {
    fn of(node: &'d Node, variant: Option<&'d str>) -> Option<Self> {
        Some(Service {
            table: node.as_table()?,
            variant,
        })
    }
}

impl<'d> World<'d> {
    /// The scenario as it stands.
    pub(super) fn base(root: &'d Table) -> Self {
        let entries = root
            .table("downstream")
            .map_or(&[][..], |table| &table.entries);
        World {
            name: None,
            job: root.table("job"),
            faults: root.list("fault"),
            downstreams: entries
                .iter()
                .map(|entry| Service::of(&entry.node, None))
                .collect(),
            workload: root.get("workload"),
            client: root.get("client"),
        }
    }

    /// What a variant makes of it.
    pub(super) fn vary(
        &self,
        variant: &'d Table,
        downstreams: &Names,
        problems: &mut Problems,
    ) -> Self {
        let mut world = World {
            name: Some(variant.text("name").unwrap_or_default()),
            job: if variant.has("job") {
                variant.table("job")
            } else {
                self.job
            },
            faults: if variant.has("fault") {
                variant.list("fault")
            } else {
                self.faults
            },
            downstreams: self.downstreams.clone(),
            workload: variant.get("workload").or(self.workload),
            client: variant.get("client").or(self.client),
        };
        let replaced = variant
            .table("downstream")
            .map_or(&[][..], |table| &table.entries);
        for entry in replaced {
            match downstreams.index(&entry.key) {
                Some(index) => {
                    world.downstreams[index] = Service::of(&entry.node, world.name);
                }
                None => downstreams.unknown(&entry.key, entry.place, problems),
            }
        }
        world
    }

    /// Builds what is in force. `None` in its parts: reported.
    pub(super) fn build(&self, names: &Names, builder: &mut Builder<'_>) -> Built<'d> {
        let job = self
            .job
            .and_then(|table| job::build(table, names, &mut builder.problems));
        let calls = job.as_ref().map(Job::calls);
        let downstreams = (0..)
            .zip(&self.downstreams)
            .map(|(index, table)| {
                let service = table.as_ref()?;
                let name = names.name(index);
                let whose = match service.variant {
                    Some(variant) => format!("\"{name}\" in the variant \"{variant}\""),
                    None => format!("\"{name}\""),
                };
                Some(Downstream {
                    name: name.to_owned(),
                    service: downstream::build(service.table, &whose, calls, builder)?,
                })
            })
            .collect();
        let tables = self.downstreams.iter().flatten();
        downstream::check_replicas(tables.map(|service| service.table), &mut builder.problems);
        let workload = workload::build(self.workload, builder);
        let client = client::build(self.client, &mut builder.problems);
        for service in self.downstreams.iter().flatten() {
            let clients = client.map_or(1, |client| client.count);
            downstream::check_counts(service.table, clients, &mut builder.problems);
        }
        let rule = |node: &'d Node| (node, fault::build(node, names, builder));
        let rules = self.faults.iter().map(rule).collect();
        Built {
            name: self.name,
            job,
            workload,
            client,
            rules,
            downstreams,
        }
    }
}

impl Built<'_> {
    /// Reports rules that can never strike this variant's job. A rule is reported once: `reported`
    /// holds the places of those that were, in this variant or another.
    pub(super) fn check_faults(
        &self,
        names: &Names,
        reported: &mut BTreeSet<Place>,
        problems: &mut Problems,
    ) {
        let Some(job) = &self.job else { return };
        let target = fault::Target {
            job,
            services: &self.downstreams,
            names,
            within: self.name,
        };
        for (node, rule) in &self.rules {
            let Some(rule) = rule else { continue };
            if !reported.contains(&node.place) && !target.is_struck_by(node, rule, problems) {
                reported.insert(node.place);
            }
        }
    }

    /// The fault rules that are in order.
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule<Model>> {
        self.rules.iter().filter_map(|(_, rule)| rule.as_ref())
    }

    /// The services, where all are in order; none otherwise, as their places would be wrong.
    pub(super) fn downstreams(&self) -> impl Iterator<Item = &Downstream> {
        let whole = self.downstreams.iter().all(Option::is_some);
        self.downstreams.iter().flatten().filter(move |_| whole)
    }

    /// The variant; `None` where a part of it is missing.
    pub(super) fn finish(self, analysis: Analysis) -> Option<Variant> {
        Some(Variant {
            name: self.name.unwrap_or(BASE).to_owned(),
            job: self.job?,
            downstreams: self.downstreams.into_iter().collect::<Option<_>>()?,
            faults: self
                .rules
                .into_iter()
                .map(|(_, rule)| rule)
                .collect::<Option<_>>()?,
            workload: self.workload?,
            client: self.client?,
            analysis,
        })
    }

    /// The name that a scenario without variants gives to its only one.
    pub(super) fn base_name() -> &'static str {
        BASE
    }
}
