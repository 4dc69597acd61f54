//! The models as users of the lab run them: a scenario is read, and a contest runs its strategy.

use std::num::NonZeroUsize;

use anyhow::Context;
use awaitlab_harness::Contest;
use awaitlab_record::Record;
use awaitlab_scenario::Scenario;

use crate::models::{FanOut, Queue};

/// The seed of everything that is compared.
pub(crate) const SEED: u64 = 1;

/// What stands around each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policies {
    /// Nothing.
    None,
    /// Four policies, none of which ever has a reason to do anything: no latency of these models comes
    /// near 5 s, and a job's calls are all sent before the first answer could tell a hedge its
    /// percentile.
    Idle,
}

impl Policies {
    fn toml(self) -> &'static str {
        match self {
            Policies::None => "",
            Policies::Idle => {
                "policies = [
                   { kind = \"timeout\", after = \"30s\" },
                   { kind = \"retry\", attempts = 3 },
                   { kind = \"circuit-breaker\" },
                   { kind = \"hedge\", delay = \"5s\", percentile = \"95%\" },
                 ]"
            }
        }
    }
}

/// Fan-outs joined by `all`.
///
/// # Errors
/// When the lab does not take the scenario.
pub(crate) fn fan_out(model: &FanOut, policies: Policies) -> anyhow::Result<Scenario> {
    let FanOut {
        calls,
        replications,
    } = model;
    read(&format!(
        "version = 1
         title = \"Fan-out\"
         seed = {SEED}
         replications = {replications}
         job.calls = {calls}
         downstream.api.latency = {{ kind = \"exponential\", mean = \"10ms\" }}
         [[strategy]]
         name = \"all\"
         kind = \"all\"
         {}",
        policies.toml()
    ))
}

/// The queue.
///
/// # Errors
/// When the lab does not take the scenario.
pub(crate) fn queue(model: &Queue) -> anyhow::Result<Scenario> {
    let Queue {
        seconds,
        replications,
    } = model;
    let (workers, rate) = (Queue::WORKERS, Queue::PER_S);
    read(&format!(
        "version = 1
         title = \"M/M/{workers}\"
         seed = {SEED}
         replications = {replications}
         job.calls = 1
         [downstream.api]
         latency = {{ kind = \"exponential\", mean = \"10ms\" }}
         workers = {workers}
         [workload]
         kind = \"open\"
         arrivals = {{ kind = \"poisson\", rate = \"{rate}/s\" }}
         duration = \"{seconds}s\"
         [[strategy]]
         name = \"all\"
         kind = \"all\""
    ))
}

/// Reads a scenario.
///
/// # Errors
/// When it is none.
pub(crate) fn read(text: &str) -> anyhow::Result<Scenario> {
    Scenario::parse("bench.toml", text.as_bytes(), &[]).context("the lab does not take a scenario")
}

/// Runs a scenario.
///
/// # Errors
/// When the lab does.
pub(crate) fn run(scenario: &Scenario, threads: NonZeroUsize) -> anyhow::Result<Record> {
    Ok(Contest::new(scenario).on_threads(threads).run()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Books;
    use crate::hand;

    fn books(scenario: &Scenario) -> Books {
        Books::of_lab(&run(scenario, NonZeroUsize::MIN).unwrap())
    }

    #[test]
    fn the_hand_written_fan_out_finds_what_the_lab_finds_to_the_last_bit() {
        for calls in [3, 100] {
            let replications = 300;
            let model = FanOut {
                calls,
                replications,
            };
            let by_hand = Books::of_fan_outs(&hand::fan_out::run(&model, SEED));
            assert_eq!(by_hand, books(&fan_out(&model, Policies::None).unwrap()));
        }
    }

    #[test]
    fn the_hand_written_queue_finds_what_the_lab_finds_to_the_last_bit() {
        let model = Queue {
            seconds: 10,
            replications: 3,
        };
        let by_hand = Books::of_queue(&hand::queue::run(&model, SEED));
        assert_eq!(by_hand, books(&queue(&model).unwrap()));
    }

    #[test]
    fn idle_policies_change_nothing_that_jobs_feel() {
        let model = FanOut {
            calls: 20,
            replications: 50,
        };
        let with = |policies| books(&fan_out(&model, policies).unwrap());
        assert_eq!(with(Policies::Idle), with(Policies::None));
    }
}
