//! Random numbers belong to what they are for: what is added beside it moves none.

use awaitlab_record::timeline::Bar;
use awaitlab_record::{JobRow, Timeline};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::told::same;
use super::worlds::{Entry, ISOLATED, World, worlds};

/// A world in which attempts do not meet: services, clients and policies without limits.
fn roomy(world: &World, kind: &str, policies: &[&str]) -> World {
    world.but(|world| {
        world.service.clear();
        world.client.clear();
        world.strategies = vec![Entry::of(kind, policies)];
    })
}

/// The first attempts of all calls but the first, of the first job.
fn first_attempts(timeline: &Timeline) -> Vec<&Bar> {
    let mut bars: Vec<&Bar> = timeline.bars.iter().collect();
    bars.retain(|bar| bar.call > 0 && bar.attempt == 0);
    bars
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn the_same_seed_gives_the_same_numbers(world in worlds()) {
        same(&world.told(), &world.told())?;
    }

    #[test]
    fn another_seed_gives_other_numbers_where_chance_has_a_say(world in worlds()) {
        let exponential = "kind = \"exponential\", mean = \"40ms\"".to_owned();
        let world = world.but(|world| world.latency = exponential);
        let other = world.but(|world| world.seed += 1);
        prop_assert_ne!(&world.told().jobs, &other.told().jobs);
    }

    #[test]
    fn every_attempt_has_a_latency_of_its_own(world in worlds()) {
        let retried = ["kind = \"retry\", attempts = 3"];
        let world = roomy(&world, "kind = \"all-settled\"", &retried).but(|world| {
            world.latency = "kind = \"exponential\", mean = \"1s\"".to_owned();
            world.faults = vec!["kind = \"error\", probability = 0.5".to_owned()];
        });
        let told = world.told();
        let distinct = |mut times: Vec<u64>| {
            times.sort_unstable();
            times.windows(2).all(|two| two[0] != two[1])
        };
        // Between jobs, and between the attempts of one.
        prop_assert!(distinct(told.jobs.iter().map(|job| job.busy_ns).collect()));
        let bars = &told.timelines[0].bars;
        let took = bars
            .iter()
            .map(|bar| bar.end.unwrap().nanos_since(bar.start));
        prop_assert!(distinct(took.collect()));
    }

    #[test]
    fn a_seed_means_nothing_where_chance_has_no_say(world in worlds()) {
        let world = world.but(|world| {
            world.latency = "kind = \"list\", values = [\"31ms\", \"7ms\", \"120ms\"]".to_owned();
            world.service.retain(|keys| keys.starts_with("workers"));
            world.faults.retain(|fault| !fault.contains("probability"));
            world.client.clear();
            let random = world.workload.contains("poisson") || world.workload.contains("think");
            if random {
                world.workload = "kind = \"burst\", jobs = 12".to_owned();
            }
            for entry in &mut world.strategies {
                entry.policies.retain(|policy| !policy.contains("jitter"));
            }
        });
        same(&world.told(), &world.but(|world| world.seed += 1).told())?;
    }

    #[test]
    fn more_replications_keep_the_first_ones(world in worlds(), more in 1_u64..5) {
        let longer = world.but(|world| world.replications += more).told();
        let first = longer
            .jobs
            .into_iter()
            .filter(|job| job.replication < world.replications);
        prop_assert_eq!(first.collect::<Vec<_>>(), world.told().jobs);
    }

    /// Failures take the attempt's own latency, so they show in nothing but what is delivered.
    #[test]
    fn a_fault_that_is_added_moves_no_latency(world in worlds(), probability in 0.01..1.0) {
        let world = roomy(&world, "kind = \"all-settled\"", &[]);
        let faulty = world.but(|world| {
            world
                .faults
                .push(format!("kind = \"error\", probability = {probability}"));
        });
        let times = |world: &World| -> Vec<_> {
            let of = |job: &JobRow| (job.settle_ns, job.drain_ns, job.busy_ns, job.peak_in_flight);
            world.told().jobs.iter().map(of).collect()
        };
        prop_assert_eq!(times(&world), times(&faulty));
    }

    #[test]
    fn a_fault_of_one_call_moves_no_other(
        world in worlds(),
        fault in select(vec!["hang", "outage", "error", "slow\", factor = 7.0, add = \"1ms"]),
        first in any::<bool>(),
    ) {
        let world = roomy(&world, "kind = \"all-settled\"", &[]);
        let world = world.but(|world| world.faults.clear());
        let faulty = world.but(|world| {
            world
                .faults
                .push("kind = \"error\", probability = 0.5".to_owned());
            let at = if first { 0 } else { world.faults.len() };
            world
                .faults
                .insert(at, format!("kind = \"{fault}\", calls = [0]"));
        });
        let (plain, faulty) = (world.told(), faulty.told());
        let times = |timeline: &Timeline| -> Vec<_> {
            first_attempts(timeline)
                .iter()
                .map(|bar| (bar.call, bar.start, bar.end))
                .collect()
        };
        prop_assert_eq!(times(&plain.timelines[0]), times(&faulty.timelines[0]));
    }

    #[test]
    fn a_second_attempt_moves_no_first_one(
        world in worlds(),
        policy in select(vec![
            "kind = \"retry\", attempts = 3",
            "kind = \"retry\", attempts = 3, jitter = \"full\", \
             backoff = { kind = \"constant\", base = \"9ms\" }",
            "kind = \"hedge\", delay = \"20ms\", rest = \"orphan\"",
        ]),
    ) {
        let plain = roomy(&world, "kind = \"all-settled\"", &[]).told();
        let again = roomy(&world, "kind = \"all-settled\"", &[policy]).told();
        let times = |timeline: &Timeline| -> Vec<_> {
            first_attempts(timeline)
                .iter()
                .map(|bar| (bar.call, bar.start, bar.end))
                .collect()
        };
        prop_assert_eq!(times(&plain.timelines[0]), times(&again.timelines[0]));
    }

    /// The same jobs at other times, and more of them. Not under rules that look at the clock, as a
    /// window does and a stall, which is one draw for all that is sent at an instant.
    #[test]
    fn jobs_do_not_meet_where_everything_has_room(world in worlds(), rate in 5_u32..80) {
        let open =
            |rate: u32, duration: &str| {
                let world = roomy(&world, "kind = \"bounded\", limit = 2", &[]).but(|world| {
                world.replications = 2;
                world.faults.retain(|fault| !fault.contains("during") && !fault.contains("stall"));
                world.workload = format!(
                    "kind = \"open\", arrivals = {{ kind = \"poisson\", rate = \"{rate}/s\" }}, \
                     duration = \"{duration}\""
                );
            });
                let mut jobs = world.told().jobs;
                jobs.iter_mut().for_each(|job| job.arrival_ns = 0);
                jobs
            };
        let (few, many) = (open(rate, "1s"), open(2 * rate, "2s"));
        prop_assert!(few.len() < many.len());
        for job in &few {
            let twin = many
                .iter()
                .find(|twin| (twin.replication, twin.job) == (job.replication, job.job));
            prop_assert_eq!(twin, Some(job));
        }
    }

    /// Of one replication: isolated jobs are numbered through all of them, a burst's in each.
    #[test]
    fn an_isolated_job_is_a_burst_of_one(world in worlds()) {
        let isolated = world.but(|world| {
            world.workload = ISOLATED.to_owned();
            world.replications = 1;
        });
        let burst = isolated.but(|world| world.workload = "kind = \"burst\", jobs = 1".to_owned());
        prop_assert_eq!(isolated.told().jobs, burst.told().jobs);
    }
}
