//! How often the intervals of a report cover the truth.
//!
//! An interval of 95 % is a promise: of all who run such a scenario, each with a seed of their own,
//! 95 in 100 get an interval that holds the true value. The promise can be kept to. So a [`World`]
//! is a scenario of which theory knows the truth; it is run as a user runs it, a thousand times with
//! a thousand seeds; and of the intervals that stand in those thousand summaries it is counted how
//! many hold the truth. A study is one such run, with all its replications.
//!
//! What an interval covers tells of everything that is in it: the bias of a beginning that was not
//! cut, correlation within a replication, too few replications for a skewed figure, the width of a
//! histogram's buckets, and the arithmetic. Nothing here knows how intervals are made.
//!
//! A count out of a thousand is uncertain itself: a coverage of 95 % comes out between 93.5 and
//! 96.2 % in 95 of 100 such pages. Its interval is Wilson's, beside it.
//!
//! [`alike`] asks the same of verdicts: of ten strategies that are the same but for their luck, how
//! often one is called better or worse.

pub mod alike;
mod claim;
mod coxian;
mod lone;
pub mod page;
mod queues;
mod tally;
mod worlds;

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use awaitlab_harness::{Contest, RunError};
use awaitlab_record::Record;
use awaitlab_scenario::{Scenario, ScenarioErrors};
use thiserror::Error;

pub use claim::{Bounds, Claim, Interval};
pub use tally::{Coverage, wilson};
pub use worlds::{pitfalls, worlds};

use lone::Lone;

/// A scenario whose truth is known, and the intervals of it that are looked at.
pub struct World {
    /// What is simulated. No other world has this name.
    pub name: String,
    /// How much of it is one study, and what stands behind the truth.
    pub about: String,
    /// All of the scenario but its seed.
    pub scenario: String,
    /// Whether a strategy takes part that makes the first call alone, as `call 0`.
    pub lone: bool,
    /// What is looked at.
    pub claims: Vec<Claim>,
}

/// A world and what its studies gave.
pub struct Measured {
    /// The world.
    pub world: World,
    /// One of each of its claims.
    pub coverages: Vec<Coverage>,
}

/// How much is run.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Studies of each world.
    pub studies: u64,
    /// On so many threads: the outcome is the same.
    pub threads: NonZeroUsize,
}

/// Why studies came to no outcome.
#[derive(Debug, Error)]
pub enum CoverageError {
    /// A world's scenario is none.
    #[error("{world:?}: {errors}")]
    Scenario {
        /// The world.
        world: String,
        /// What is wrong with its scenario.
        errors: Box<ScenarioErrors>,
    },
    /// A study could not be run.
    #[error("{world:?}, study {study}")]
    Run {
        /// The world.
        world: String,
        /// Which of its studies.
        study: u64,
        /// Why.
        #[source]
        error: Box<RunError>,
    },
    /// A study has no such strategy, or no comparison of it.
    #[error("{world:?}, study {study}: nothing is said of {what:?}")]
    NotSaid {
        /// The world.
        world: String,
        /// Which of its studies.
        study: u64,
        /// Of what.
        what: String,
    },
}

/// Runs all studies of a world. `progress` is told of each that is done.
///
/// # Errors
/// See [`CoverageError`]. An interval that covers nothing is no error but an outcome.
pub fn measure(
    world: World,
    effort: Effort,
    progress: &(dyn Fn() + Sync),
) -> Result<Measured, CoverageError> {
    let scenario = parse(&world.name, &world.scenario)?;
    let own = if world.lone {
        vec![Lone(0)]
    } else {
        Vec::new()
    };
    let studies = each(effort, progress, |study| {
        let record = run(&world.name, &scenario, &own, study)?;
        let intervals = world.claims.iter().map(|claim| {
            claim.of(&record).ok_or_else(|| CoverageError::NotSaid {
                world: world.name.clone(),
                study,
                what: format!("{}: {}", claim.strategy, claim.label),
            })
        });
        intervals.collect::<Result<Vec<_>, _>>()
    })?;
    let coverages = world.claims.iter().enumerate().map(|(index, claim)| {
        let intervals = studies.iter().map(|of_claims| of_claims[index]);
        Coverage::of(claim.truth, intervals)
    });
    Ok(Measured {
        coverages: coverages.collect(),
        world,
    })
}

fn parse(world: &str, text: &str) -> Result<Scenario, CoverageError> {
    Scenario::parse("coverage.toml", text.as_bytes(), &[]).map_err(|errors| {
        CoverageError::Scenario {
            world: world.to_owned(),
            errors: Box::new(errors),
        }
    })
}

/// One study: what a user gets with that seed.
fn run(
    world: &str,
    scenario: &Scenario,
    own: &[Lone],
    study: u64,
) -> Result<Record, CoverageError> {
    let mut scenario = scenario.clone();
    scenario.seed = seed_of(world, study);
    let contest = own.iter().fold(Contest::new(&scenario), |contest, lone| {
        contest.with(&lone.name(), *lone)
    });
    contest.run().map_err(|error| CoverageError::Run {
        world: world.to_owned(),
        study,
        error: Box::new(error),
    })
}

/// Worlds do not share their luck: each has seeds of its own. (FNV-1a, of the name and the number.)
fn seed_of(world: &str, study: u64) -> u64 {
    let absorb = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let bytes = world.bytes().chain(study.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, absorb)
}

/// What `of_study` gives for each study, in their order, whichever thread took it.
fn each<T: Send, E: Send>(
    effort: Effort,
    progress: &(dyn Fn() + Sync),
    of_study: impl Fn(u64) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicU64::new(0);
    let done: Mutex<Vec<(u64, Result<T, E>)>> = Mutex::new(Vec::new());
    let work = || loop {
        let study = next.fetch_add(1, Ordering::Relaxed);
        if study >= effort.studies {
            return;
        }
        let value = of_study(study);
        let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        done.push((study, value));
        drop(done);
        progress();
    };
    std::thread::scope(|scope| {
        for _ in 1..effort.threads.get() {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(study, _)| *study);
    done.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(studies: u64, threads: usize) -> Effort {
        let threads = NonZeroUsize::new(threads).unwrap();
        Effort { studies, threads }
    }

    #[test]
    fn threads_do_not_reach_the_page() {
        let page = |threads| {
            let worlds = worlds()
                .into_iter()
                .filter(|world| world.name.contains("mean compared"));
            let effort = some(3, threads);
            let measured = worlds.map(|world| measure(world, effort, &|| ()).unwrap());
            page::table(&measured.collect::<Vec<_>>())
        };
        let alone = page(1);
        assert!(alone.lines().count() > 5, "{alone}");
        assert_eq!(alone, page(3));
    }

    #[test]
    fn every_world_is_a_scenario_and_every_claim_is_said_in_its_summary() {
        for mut world in worlds().into_iter().chain(pitfalls()) {
            let name = world.name.clone();
            // A tenth of most: what is said does not depend on it.
            world.scenario = world.scenario.replace("0s'", "s'");
            world.scenario = world.scenario.replace("= 12000", "= 1200");
            let measured = measure(world, some(1, 1), &|| ());
            assert!(measured.is_ok(), "{name}: {:?}", measured.err());
        }
    }

    #[test]
    fn an_error_is_that_of_the_first_study_that_has_one() {
        let odd = |study| {
            if study % 2 == 1 {
                Err(study)
            } else {
                Ok(study)
            }
        };
        assert_eq!(each(some(6, 2), &|| (), odd), Err(1));
        assert_eq!(each(some(1, 2), &|| (), odd), Ok(vec![0]));
    }
}
