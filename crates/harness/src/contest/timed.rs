//! Replications of a workload in time: jobs that arrive one after another, or all at once, and share
//! services and clients.

use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{EventClass, Faults, Instant, Rest, Runtime, Strategy, Streams};
use awaitlab_engine::{Engine, Handle, Stop};
use awaitlab_faults::{Rules as FaultRules, Shade};
use awaitlab_latency::Model;
use awaitlab_policies::StackSpec;
use awaitlab_record::Series;
use awaitlab_scenario::{Analysis, Variant};
use awaitlab_workload::{ArrivalTimes, Workload, job_of, think_ns};

use crate::contest::arrivals::Source;
use crate::contest::budget::{Budget, Overrun};
use crate::contest::entrant::Batch;
use crate::count::recorder::{Recorder, Replication, Rules};
use crate::count::series;
use crate::world::World;

/// How one cell is run in time.
pub(crate) struct Timed<S> {
    pub(crate) strategy: S,
    pub(crate) rest: Rest,
    pub(crate) policies: StackSpec,
    pub(crate) budget: Budget,
}

impl<S: Strategy + Clone + 'static> Timed<S> {
    /// Runs a batch, hands out what each replication leaves, in order, and gives the series with the
    /// batch's replications added.
    pub(crate) fn run(
        &self,
        batch: &Batch<'_>,
        wanted: u64,
        series: Option<Series>,
        seen: &mut dyn FnMut(u64, Replication),
    ) -> Result<Series, Overrun> {
        let variant = batch.variant;
        let engine = Engine::new();
        let recorder = Recorder::new(rules(batch, wanted), series);
        let runtime = engine.handle().clone();
        let stop = engine.handle().clone();
        let most = self.budget.in_flight;
        let policies = &self.policies;
        let overrun = move || stop.stop();
        let world = World::recorded(runtime, variant, policies, recorder, most, overrun);
        let recorder = world.recorder().expect("a recorded world has a recorder");
        let source = self.source(&world, variant);
        let mut ended = Ok(());
        for replication in batch.replications.clone() {
            world.begin_replication(batch.seed, replication);
            recorder.begin_replication(replication);
            let streams = Streams::new(batch.seed, replication);
            self.begin(&world, variant, streams, source.as_deref());
            // What arrives at the very start comes before the run that could be stopped.
            let stop = if world.is_overrun() {
                Stop::Asked
            } else {
                engine.run_within(&self.budget.limits, || world.waits_for_edge())
            };
            let now = engine.now();
            // Before what never ends is swept away: nobody gave that up.
            world.measure_around(now);
            let around = world.take_around();
            let jobs_over = world.jobs_were_over(now);
            world.close();
            if let Some(overrun) = Overrun::of(stop, replication, now) {
                ended = Err(overrun);
                break;
            }
            let mut left = recorder.take(now);
            left.tally.around = around;
            let measured = measure(variant, streams, &mut left, jobs_over);
            left.tally.measured(&recorder.measures(measured));
            seen(replication, left);
            engine.reset();
        }
        // Jobs hold their world, and a world its jobs: taken apart, or neither would ever go.
        engine.reset();
        world.close();
        let mut series = recorder.take_series();
        series.faults = series::shades(&windows(variant, Streams::new(batch.seed, 0)));
        ended.map(|()| series)
    }

    /// Of an open workload: who lets its jobs arrive.
    fn source(&self, world: &Rc<World<Handle>>, variant: &Variant) -> Option<Rc<Source<S>>> {
        let Workload::Open { .. } = &variant.workload else {
            return None;
        };
        Some(Source::new(
            world.clone(),
            variant,
            self.strategy.clone(),
            self.rest,
        ))
    }

    fn begin(
        &self,
        world: &Rc<World<Handle>>,
        variant: &Variant,
        streams: Streams,
        source: Option<&Source<S>>,
    ) {
        let clients = variant.client.count;
        match &variant.workload {
            Workload::Isolated => {}
            Workload::Burst { jobs } => {
                for job in (0..*jobs).take_while(|_| !world.is_overrun()) {
                    let client = variant.workload.client_of(job, clients, &streams);
                    world.job_arrives(job, client, self.strategy.clone(), self.rest);
                }
            }
            Workload::Open { arrivals, stages } => {
                if let Some(source) = source {
                    source.begin(ArrivalTimes::new(stages, *arrivals, &streams), streams);
                }
            }
            Workload::Closed {
                users,
                think,
                duration,
            } => {
                for user in 0..*users {
                    let client = variant
                        .workload
                        .client_of(u64::from(user), clients, &streams);
                    let user = User {
                        number: user,
                        client,
                        think: think.clone(),
                    };
                    let end = Instant::START + *duration;
                    let job = (self.strategy.clone(), self.rest);
                    world
                        .runtime
                        .spawn(user.work(world.clone(), streams, end, job));
                }
            }
        }
    }
}

/// One of the users of a closed workload.
struct User {
    number: u32,
    client: u32,
    think: Model,
}

impl User {
    async fn work<S: Strategy + Clone + 'static>(
        self,
        world: Rc<World<Handle>>,
        streams: Streams,
        end: Instant,
        (strategy, rest): (S, Rest),
    ) {
        let runtime = world.runtime.clone();
        for iteration in 0_u64.. {
            let pause = think_ns(&self.think, &streams, self.number, iteration);
            let at = runtime.now().after_nanos(pause);
            if at >= end {
                return;
            }
            runtime.sleep_until(at, EventClass::Arrival).await;
            // Keyed by user and iteration: what one user meets does not depend on the others.
            let id = job_of(self.number, iteration);
            let job = world.job_arrives(id, self.client, strategy.clone(), rest);
            job.settled().await;
        }
    }
}

fn rules(batch: &Batch<'_>, wanted: u64) -> Rules {
    let variant = batch.variant;
    let horizon = variant.workload.horizon();
    let first_fault = windows(variant, Streams::new(batch.seed, 0))
        .first()
        .map(|fault| fault.from);
    Rules {
        counted_from: Instant::START + warm_up(variant),
        drawn_from: first_fault.unwrap_or(Instant::START),
        deadline: variant.job.deadline,
        wanted,
        horizon,
        job_rows: batch.job_rows,
        measures: batch.measures.to_vec(),
        has_faults: !variant.faults.is_empty(),
    }
}

/// The stretch at the start whose jobs do not count.
fn warm_up(variant: &Variant) -> Duration {
    match variant.analysis {
        Analysis::Terminating => Duration::ZERO,
        Analysis::SteadyState { warm_up } => variant.workload.horizon().mul_f64(warm_up),
    }
}

/// Adds to a replication what is known when it has ended. Gives the time that was measured.
fn measure(
    variant: &Variant,
    streams: Streams,
    left: &mut Replication,
    jobs_over: Instant,
) -> Duration {
    let horizon = variant.workload.horizon();
    let measured = horizon.saturating_sub(warm_up(variant));
    // A burst is measured until its jobs are over, whatever services still do for nobody.
    let measured = if horizon.is_zero() {
        jobs_over.as_nanos()
    } else {
        nanos(measured)
    };
    let in_time = left.tally.in_time();
    in_time.replications = 1;
    in_time.measured_ns = u128::from(measured);
    let faults = windows(variant, streams);
    let end = faults.iter().map(|fault| fault.to).max();
    let end = end.filter(|&end| end < Instant::START + horizon);
    if let Some(recovery) = end.and_then(|end| left.cohorts.recovery_ns(end)) {
        in_time.recovery.record(recovery);
    }
    Duration::from_nanos(measured)
}

/// When faults hold in a replication, of those windows that begin while jobs arrive.
fn windows(variant: &Variant, streams: Streams) -> Vec<Shade> {
    let horizon = variant.workload.horizon();
    let mut found: Vec<Shade> = (0..variant.downstreams.len())
        .flat_map(|number| {
            let rules = FaultRules::for_downstream(&variant.faults, number);
            rules.begin_replication(streams);
            rules.shades(horizon)
        })
        .collect();
    // A rule of all services is one fault.
    found.sort_by_key(|shade| (shade.from, shade.to, shade.kind));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use awaitlab_core::Job;
    use awaitlab_engine::Limits;
    use awaitlab_scenario::Scenario;

    #[derive(Clone)]
    struct All;

    impl Strategy for All {
        async fn run<J: Job>(&self, job: &mut J) {
            (0..job.calls()).for_each(|call| job.start(call));
            while job.next_settled().await.is_some() {}
        }
    }

    /// Jobs of ten calls at a service of 100 ms, under a budget for so many and so many events.
    fn overrun(in_flight: u64, events: u64, parts: &str) -> Option<Overrun> {
        let service = if parts.contains("downstream") {
            ""
        } else {
            "\ndownstream.api.latency = { kind = \"constant\", value = \"100ms\" }"
        };
        let text = format!(
            "version = 1\ntitle = \"test\"\nreplications = 1\njob.calls = 10\n\
             strategy = [{{ name = \"it\", kind = \"all\" }}]\n{parts}{service}"
        );
        let scenario = Scenario::parse("test.toml", text.as_bytes(), &[]).unwrap();
        let timed = Timed {
            strategy: All,
            rest: Rest::Cancel,
            policies: StackSpec::default(),
            budget: Budget {
                in_flight,
                limits: Limits {
                    events,
                    ..Limits::NONE
                },
            },
        };
        let batch = Batch {
            variant: &scenario.variants[0],
            seed: 1,
            replications: 0..1,
            job_rows: None,
            measures: &[],
            each_alone: false,
        };
        timed.run(&batch, 1, None, &mut |_, _| {}).err()
    }

    const MORE_AND_MORE: &str = "workload = { kind = \"open\", duration = \"1h\", \
                                 arrivals = { kind = \"constant\", rate = \"1000/s\" } }";

    fn at_ms(overrun: Option<Overrun>) -> u64 {
        let overrun = overrun.unwrap();
        assert!(overrun.what.contains("in flight"), "{overrun:?}");
        overrun.at.as_nanos() / 1_000_000
    }

    #[test]
    fn too_many_in_flight_end_a_run_when_there_are() {
        // Ten calls a millisecond: the 501st is made at 50 ms, before any is answered.
        assert_eq!(at_ms(overrun(500, u64::MAX, MORE_AND_MORE)), 50);
    }

    #[test]
    fn calls_that_wait_for_a_connection_are_in_the_budget_too() {
        // Two of them are in flight, the others wait.
        let parts = format!("client = {{ connections = 2 }}\n{MORE_AND_MORE}");
        assert_eq!(at_ms(overrun(500, u64::MAX, &parts)), 50);
    }

    #[test]
    fn a_queue_of_what_nobody_wants_any_more_is_in_the_budget() {
        // Ten calls a millisecond, given up after 5 ms: never more than 60 are in flight.
        let given_up = |on_cancel: &str| {
            format!(
                "job.give-up = \"5ms\"\n\
                 downstream.api = {{ latency = {{ kind = \"constant\", value = \"1s\" }}, \
                 workers = 10, on-cancel = \"{on_cancel}\" }}\n\
                 workload = {{ kind = \"open\", duration = \"1s\", \
                 arrivals = {{ kind = \"constant\", rate = \"1000/s\" }} }}"
            )
        };
        // Ten are worked on: from 51 ms on 510 are in the queue, whoever has given them up, and who
        // gives up at 52 sees it.
        assert_eq!(at_ms(overrun(500, u64::MAX, &given_up("keep-working"))), 52);
        assert_eq!(overrun(500, u64::MAX, &given_up("stop")), None);
    }

    #[test]
    fn a_burst_stops_arriving_once_it_is_too_much() {
        let burst = "workload = { kind = \"burst\", jobs = 100000000 }";
        assert_eq!(at_ms(overrun(500, u64::MAX, burst)), 0);
        let hangs = format!("{burst}\nfault = [{{ kind = \"hang\" }}]");
        assert_eq!(at_ms(overrun(500, u64::MAX, &hangs)), 0);
        let enough = "workload = { kind = \"burst\", jobs = 50 }";
        assert_eq!(overrun(500, u64::MAX, enough), None);
    }

    #[test]
    fn too_many_events_end_a_run() {
        // An arrival each millisecond until the first answers.
        let overrun = overrun(u64::MAX, 60, MORE_AND_MORE).unwrap();
        assert_eq!(overrun.what, "more than 10 billion events");
        assert_eq!(overrun.at.as_nanos(), 59_000_000);
    }
}
