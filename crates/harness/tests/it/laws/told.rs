//! What a record tells, without what the file says of itself: what two scenarios that mean the same
//! must agree on.

use std::collections::BTreeMap;

use awaitlab_harness::Contest;
use awaitlab_record::series::Interval;
use awaitlab_record::{JobRow, Record, Timeline};
use proptest::prelude::TestCaseError;
use serde_json::Value;

use crate::shape::scenario;

/// All of a record but the scenario's text and notes, and the comparisons, which belong to the
/// strategies that stand side by side.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The rows of the summary.
    pub(crate) rows: Vec<Value>,
    /// One for each job of each row.
    pub(crate) jobs: Vec<JobRow>,
    /// Of each row: the first job, attempt by attempt.
    pub(crate) timelines: Vec<Timeline>,
    /// Of each row: what happened when, over all jobs.
    pub(crate) series: Vec<Vec<[u128; 8]>>,
}

/// Runs a scenario, given without its first lines.
pub(crate) fn told(parts: &str) -> Told {
    let scenario = scenario(parts);
    Told::of(Contest::new(&scenario).keeping_jobs().run().unwrap())
}

impl Told {
    pub(crate) fn of(record: Record) -> Told {
        let rows = record.summary.rows.iter();
        let rows = rows.map(|row| serde_json::to_value(row).unwrap()).collect();
        let series = record.cells.iter().map(|cell| {
            let intervals = cell.series.iter().flat_map(|series| &series.intervals);
            let mut intervals: Vec<_> = intervals.map(numbers).collect();
            // A limiter has a limit to the end of the run, also when nothing happens any more.
            while intervals.last() == Some(&[0; 8]) {
                intervals.pop();
            }
            intervals
        });
        Told {
            rows,
            series: series.collect(),
            jobs: record.jobs.unwrap(),
            timelines: record.cells.into_iter().map(|cell| cell.timeline).collect(),
        }
    }

    /// Leaves these keys of the rows out.
    pub(crate) fn without(mut self, keys: &[&str]) -> Told {
        for row in &mut self.rows {
            let row = row.as_object_mut().unwrap();
            row.retain(|key, _| !keys.contains(&key.as_str()));
        }
        self
    }

    /// Leaves a service out of the rows' tables of services.
    pub(crate) fn without_service(mut self, service: &str) -> Told {
        for row in &mut self.rows {
            for table in ["downstreams", "utilization"] {
                let table = row[table].as_object_mut().unwrap();
                assert!(table.remove(service).is_some(), "{table:?}");
            }
        }
        self
    }

    /// What it tells of one strategy, as if that had been alone.
    pub(crate) fn only(&self, strategy: &str) -> Told {
        let mut only = Told {
            rows: Vec::new(),
            jobs: Vec::new(),
            timelines: Vec::new(),
            series: Vec::new(),
        };
        let mut numbers = BTreeMap::new();
        for (place, row) in self.rows.iter().enumerate() {
            if row["strategy"] == strategy {
                numbers.insert(place as u32, only.rows.len() as u32);
                only.rows.push(row.clone());
                only.timelines.push(self.timelines[place].clone());
                only.series.push(self.series[place].clone());
            }
        }
        let jobs = self.jobs.iter().filter_map(|job| {
            let row = *numbers.get(&job.row)?;
            Some(JobRow { row, ..job.clone() })
        });
        only.jobs = jobs.collect();
        only
    }

    /// The first things that the two do not agree on.
    fn differences(&self, other: &Told) -> Vec<String> {
        let mut found = Vec::new();
        let count = |told: &Told| (told.rows.len(), told.jobs.len());
        if count(self) != count(other) {
            found.push(format!("{:?} and {:?}", count(self), count(other)));
        }
        for (row, (one, two)) in self.rows.iter().zip(&other.rows).enumerate() {
            let (one, two) = (one.as_object().unwrap(), two.as_object().unwrap());
            let keys = one
                .keys()
                .chain(two.keys().filter(|key| !one.contains_key(*key)));
            for key in keys.filter(|key| one.get(*key) != two.get(*key)) {
                found.push(format!(
                    "row {row}, {key}: {:?} and {:?}",
                    one.get(key),
                    two.get(key)
                ));
            }
        }
        let jobs = self.jobs.iter().zip(&other.jobs);
        let jobs = jobs.filter(|(one, two)| one != two);
        found.extend(jobs.map(|(one, two)| format!("{one:?} and {two:?}")));
        if self.timelines != other.timelines {
            found.push("the first jobs".to_owned());
        }
        let series = self.series.iter().zip(&other.series).enumerate();
        for (row, (one, two)) in series.filter(|(_, (one, two))| one != two) {
            let first = one.iter().zip(two).position(|(one, two)| one != two);
            found.push(format!(
                "row {row}, series of {} and {}, from {first:?}",
                one.len(),
                two.len()
            ));
        }
        found.truncate(6);
        found
    }
}

/// That two scenarios came to the same.
pub(crate) fn same(one: &Told, other: &Told) -> Result<(), TestCaseError> {
    let differences = one.differences(other);
    if differences.is_empty() {
        return Ok(());
    }
    Err(TestCaseError::fail(differences.join("\n")))
}

/// That two scenarios came to the same, job by job, whatever their rows are called.
pub(crate) fn same_jobs(one: &Told, other: &Told) -> Result<(), TestCaseError> {
    let bare = |told: &Told| Told {
        rows: Vec::new(),
        ..told.clone()
    };
    same(&bare(one), &bare(other))
}

fn numbers(interval: &Interval) -> [u128; 8] {
    let counts = [
        interval.offered,
        interval.settled,
        interval.good,
        interval.rejected,
        interval.calls,
        interval.attempts,
    ];
    let [offered, settled, good, rejected, calls, attempts] = counts.map(u128::from);
    let times = [interval.in_flight_ns, interval.queued_ns];
    [
        offered, settled, good, rejected, calls, attempts, times[0], times[1],
    ]
}
