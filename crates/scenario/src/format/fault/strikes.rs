//! Whether a rule has anything to strike.

use awaitlab_faults::Rule;
use awaitlab_latency::Model;

use crate::document::{Node, Table};
use crate::format::Names;
use crate::problem::Problems;
use crate::scenario::{Downstream, Job, JobPart};

/// What rules are to strike.
pub(in crate::format) struct Target<'a> {
    pub(in crate::format) job: &'a Job,
    /// In the order of the names; `None` where one is wrong.
    pub(in crate::format) services: &'a [Option<Downstream>],
    pub(in crate::format) names: &'a Names,
    /// The variant, where there are several.
    pub(in crate::format) within: Option<&'a str>,
}

impl Target<'_> {
    /// Whether all that a rule names can be struck; what cannot is reported.
    pub(in crate::format) fn is_struck_by(
        &self,
        node: &Node,
        rule: &Rule<Model>,
        problems: &mut Problems,
    ) -> bool {
        let Some(table) = node.as_table() else {
            return true;
        };
        let only = rule.scope().downstream;
        if let (Some(only), Some(reference)) = (only, table.get("downstream"))
            && !is_called(self.job, only)
        {
            let rule = format!(
                "never strikes: no call of the job{} goes to \"{}\"",
                self.within(),
                self.names.name(only)
            );
            problems.at(reference.place, rule);
            return false;
        }
        let replica = self.has_replica(table, rule, problems);
        self.has_calls(table, only, problems) && replica
    }

    /// Whether a replica that the rule names is one of a service that it strikes.
    fn has_replica(&self, table: &Table, rule: &Rule<Model>, problems: &mut Problems) -> bool {
        let (Some(node), Some(replica)) = (table.get("replica"), rule.scope().replica) else {
            return true;
        };
        let struck = |index: &usize| match rule.scope().downstream {
            Some(only) => only == *index,
            None => is_called(self.job, *index),
        };
        let services = (0..self.services.len()).filter(struck);
        let counts: Option<Vec<usize>> = services
            .map(|index| Some(self.services[index].as_ref()?.service.replicas.len()))
            .collect();
        // A service that is wrong may be the one that has it.
        let Some(most) = counts.map(|counts| counts.into_iter().max().unwrap_or(0)) else {
            return true;
        };
        let has_it = most > replica as usize;
        if !has_it {
            let within = self.within();
            let rule = match (rule.scope().downstream, most) {
                (Some(only), 1) => {
                    let name = self.names.name(only);
                    format!("there is no replica {replica}: \"{name}\"{within} has 1, number 0")
                }
                (Some(only), most) => format!(
                    "there is no replica {replica}: \"{}\"{within} has {most}, numbered 0 to {}",
                    self.names.name(only),
                    most - 1
                ),
                (None, _) => format!(
                    "there is no replica {replica}: no service that the job{within} calls has it"
                ),
            };
            problems.at(node.place, rule);
        }
        has_it
    }

    /// Whether the calls that a rule names are those of the job, and go to the service it names.
    fn has_calls(&self, table: &Table, only: Option<usize>, problems: &mut Problems) -> bool {
        let within = self.within();
        let mut all = true;
        for call in table.list("calls") {
            let Some(number) = call.as_integer() else {
                continue;
            };
            let rule = match target(self.job, number) {
                None => format!(
                    "there is no call {number}: the job{within} has {}",
                    calls(self.job)
                ),
                Some(target) if only.is_some_and(|only| only != target) => format!(
                    "never strikes: call {number} of the job{within} goes to \"{}\"",
                    self.names.name(target)
                ),
                Some(_) => continue,
            };
            problems.at(call.place, rule);
            all = false;
        }
        all
    }

    fn within(&self) -> String {
        self.within
            .map_or(String::new(), |name| format!(" in the variant \"{name}\""))
    }
}

/// Reports attempts that rules name and no strategy makes; `most` is how many a call makes at most.
pub(in crate::format) fn check_attempts(rules: &[Node], most: u32, problems: &mut Problems) {
    let tables = rules.iter().filter_map(Node::as_table);
    for attempt in tables.flat_map(|table| table.list("attempts")) {
        let Some(number) = attempt.as_integer() else {
            continue;
        };
        if number < u64::from(most) {
            continue;
        }
        let rule = match most {
            1 => "never happens: no policy makes a second attempt, so there is attempt 0 only"
                .to_owned(),
            most => format!(
                "never happens: no strategy's policies make more than {most} attempts, numbered 0 to {}",
                most - 1
            ),
        };
        problems.at(attempt.place, rule);
    }
}

/// Whether a call goes to a service. In a job without calls nothing is struck anyway: it may be one
/// end of a sweep, and is no mistake of the rule's.
fn is_called(job: &Job, downstream: usize) -> bool {
    let goes_there = |part: &JobPart| part.downstream == downstream && part.count > 0;
    job.calls() == 0 || job.parts.iter().any(goes_there)
}

/// The service that a call goes to; `None` where there is no such call.
pub(in crate::format) fn target(job: &Job, call: u64) -> Option<usize> {
    let mut end = 0;
    let has_it = |part: &&JobPart| {
        end += u64::from(part.count);
        call < end
    };
    job.parts.iter().find(has_it).map(|part| part.downstream)
}

fn calls(job: &Job) -> String {
    match job.calls() {
        0 => "no calls".to_owned(),
        1 => "1 call, number 0".to_owned(),
        n => format!("{n} calls, numbered 0 to {}", n - 1),
    }
}
