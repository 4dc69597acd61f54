//! How often luck is called a winner.
//!
//! Ten strategies each make one call of the same job, every one another call. Calls draw from
//! streams of their own, so the ten are alike in everything but their luck, and whoever is called
//! better or worse than the baseline is called so wrongly. (Ten that made the *same* call would meet
//! the same latencies, be identical in every replication, and the study would be empty.) They are
//! compared in one run, as a user compares: Holm's adjustment over the nine against the baseline.
//!
//! Beside it stands what the lab does not do: nine intervals of 95 % without an adjustment, and all
//! 45 pairs of the ten, each tested at 5 % by Student's t alone.
//!
//! Means are compared, and p99 at a busy queue: there the difference of two rows may be further off than
//! the spread of the replications' own differences says.

use awaitlab_core::Status;
use awaitlab_harness::Contest;
use awaitlab_record::Record;
use awaitlab_record::replications_csv::FIGURES;
use awaitlab_scenario::Scenario;
use awaitlab_stats::{Confidence, Difference, Sample, Verdict};

use super::lone::Lone;
use super::{CoverageError, Effort, each, parse, seed_of};

/// How many strategies are alike.
pub const STRATEGIES: usize = 10;

/// False winners are at most this share of the studies.
pub const MOST: f64 = 0.065;

/// What the ten are run in.
pub struct Twins {
    /// What it is. No other world has this name.
    pub name: &'static str,
    /// All of the scenario but its seed and its strategies.
    scenario: String,
    /// What is compared, one of [`FIGURES`].
    metric: &'static str,
    /// At most so many studies, where one takes long.
    most_studies: u64,
}

/// In how many studies somebody won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Winners {
    /// Studies.
    pub studies: u64,
    /// A verdict says so.
    pub by_verdict: u64,
    /// One of the nine differences to the baseline has an interval without 0.
    pub unadjusted: u64,
    /// One of the 45 pairs has one of Student's.
    pub of_all_pairs: u64,
}

impl Twins {
    /// How much of an effort is made of these.
    pub fn effort(&self, effort: Effort) -> Effort {
        Effort {
            studies: effort.studies.min(self.most_studies),
            ..effort
        }
    }
}

/// Isolated jobs, and jobs at a queue, by their means; and jobs at a busy queue, by their p99.
pub fn twins() -> [Twins; 3] {
    let jobs = "job.calls = 10\nstrategy = [{ name = 'nobody', kind = 'all' }]\n";
    let mean = "settle_ms.mean";
    let p99 = "settle_ms.p99";
    [
        Twins {
            name: "ten alike, isolated: 1000 jobs, exponential latencies",
            scenario: format!(
                "version = 1\ntitle = 'coverage'\nreplications = 1000\n{jobs}
                downstream.api.latency = {{ kind = 'exponential', mean = '100ms' }}"
            ),
            metric: mean,
            most_studies: u64::MAX,
        },
        Twins {
            name: "ten alike, M/M/1 at load 0.5: 10 replications of 4 s, about 200 jobs each",
            scenario: format!(
                "version = 1\ntitle = 'coverage'\nreplications = 10\n{jobs}
                workload = {{ kind = 'open', duration = '4s', \
                 arrivals = {{ kind = 'poisson', rate = '50/s' }} }}
                downstream.api = {{ workers = 1, \
                 latency = {{ kind = 'exponential', mean = '10ms' }} }}"
            ),
            metric: mean,
            most_studies: u64::MAX,
        },
        Twins {
            name: "ten alike, M/M/1 at load 0.8, p99 compared: 20 replications of 20 s, about 1600 \
                   jobs each",
            scenario: format!(
                "version = 1\ntitle = 'coverage'\nreplications = 20\nanalysis = 'steady-state'\n{jobs}
                compare = {{ metric = '{p99}' }}
                workload = {{ kind = 'open', duration = '20s', \
                 arrivals = {{ kind = 'poisson', rate = '80/s' }} }}
                downstream.api = {{ workers = 1, \
                 latency = {{ kind = 'exponential', mean = '10ms' }} }}"
            ),
            metric: p99,
            most_studies: 200,
        },
    ]
}

/// Runs all studies. `progress` is told of each that is done.
///
/// # Errors
/// See [`CoverageError`].
pub fn winners(
    twins: &Twins,
    effort: Effort,
    progress: &(dyn Fn() + Sync),
) -> Result<Winners, CoverageError> {
    let scenario = parse(twins.name, &twins.scenario)?;
    let effort = twins.effort(effort);
    let studies = each(effort, progress, |study| {
        let record = run(twins.name, &scenario, study)?;
        let not_said = |what: &str| CoverageError::NotSaid {
            world: twins.name.to_owned(),
            study,
            what: what.to_owned(),
        };
        let compared = compared(&record).ok_or_else(|| not_said("all nine"))?;
        let pairs = any_pair(&record, twins.metric).ok_or_else(|| not_said("each repetition"))?;
        Ok((compared, pairs))
    })?;
    let count = |of: fn(&((bool, bool), bool)) -> bool| {
        studies.iter().filter(|study| of(study)).count() as u64
    };
    Ok(Winners {
        studies: studies.len() as u64,
        by_verdict: count(|((verdict, _), _)| *verdict),
        unadjusted: count(|((_, unadjusted), _)| *unadjusted),
        of_all_pairs: count(|(_, pairs)| *pairs),
    })
}

fn run(name: &str, scenario: &Scenario, study: u64) -> Result<Record, CoverageError> {
    let mut scenario = scenario.clone();
    scenario.seed = seed_of(name, study);
    let contest = Contest::new(&scenario).only_strategies(|_| false);
    let contest = (0..STRATEGIES)
        .map(Lone)
        .fold(contest, |contest, lone| contest.with(&lone.name(), lone));
    // In time replications say what each of them measured, and jobs are many.
    let contest = if scenario.variants[0].workload.is_isolated() {
        contest.keeping_jobs()
    } else {
        contest
    };
    contest.run().map_err(|error| CoverageError::Run {
        world: name.to_owned(),
        study,
        error: Box::new(error),
    })
}

/// Whether a verdict claims a winner, and whether an interval would; `None` unless all nine were
/// compared.
fn compared(record: &Record) -> Option<(bool, bool)> {
    let comparisons = &record.summary.comparisons;
    let modest = Verdict::NotDistinguishable.words();
    let verdict = comparisons.iter().any(|of| of.verdict != modest);
    let intervals = comparisons.iter().map(|of| of.ci95);
    let intervals = intervals.collect::<Option<Vec<_>>>()?;
    let complete = intervals.len() == STRATEGIES - 1;
    complete.then(|| (verdict, intervals.into_iter().any(excludes_zero)))
}

fn excludes_zero([low, high]: [f64; 2]) -> bool {
    low > 0.0 || high < 0.0
}

/// Whether one of all pairs differs by its own interval.
fn any_pair(record: &Record, metric: &str) -> Option<bool> {
    let values = (0..STRATEGIES).map(|index| values(record, index, metric));
    let values = values.collect::<Option<Vec<_>>>()?;
    let mut found = false;
    for (index, base) in values.iter().enumerate() {
        for own in &values[index + 1..] {
            let each = own.iter().zip(base).map(|(own, base)| own - base);
            let differences = Sample::of(&each.collect::<Vec<_>>())?;
            found |= excludes_zero(Difference::of(&differences, Confidence::P95).interval?);
        }
    }
    Some(found)
}

/// What each repetition of a strategy measured, in their order: replications, or isolated jobs.
fn values(record: &Record, index: usize, metric: &str) -> Option<Vec<f64>> {
    let replications = &record.cells[index].replications;
    if !replications.is_empty() {
        let place = FIGURES.iter().position(|name| *name == metric)?;
        return replications.iter().map(|of| of.figures[place]).collect();
    }
    let jobs = record.jobs.as_deref()?.iter();
    let own = jobs.filter(|job| job.row as usize == index && job.status == Status::Fulfilled);
    own.map(|job| Some(job.settle_ns? as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_are_not_the_same_and_are_all_compared() {
        for twins in twins() {
            let scenario = parse(twins.name, &twins.scenario).unwrap();
            let record = run(twins.name, &scenario, 0).unwrap();
            assert!(compared(&record).is_some(), "{}", twins.name);
            let all: Vec<_> = (0..STRATEGIES)
                .map(|of| values(&record, of, twins.metric).unwrap())
                .collect();
            assert!(
                all.iter()
                    .all(|of| of.len() as u64 == scenario.replications)
            );
            assert!(all.windows(2).all(|two| two[0] != two[1]), "{}", twins.name);
        }
    }
}
