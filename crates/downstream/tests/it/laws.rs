//! Laws that hold on every path.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_core::{CallResult, EventClass, Ledger, Runtime, Streams};
use awaitlab_downstream::spec::{Discipline, OnCancel, QueueSpec, RateLimit, ReplicaSpec};
use awaitlab_downstream::{Service, ServiceSpec};
use awaitlab_engine::{Engine, Handle};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::lab::{Script, Times, at, attempt, capacity, constant, down, ms};

#[derive(Clone, Debug)]
struct Case {
    workers: u32,
    queue: QueueSpec,
    stops: bool,
    /// Send at, cancel after, service time, in ms.
    calls: Vec<(u64, Option<u64>, u64)>,
    crash: Option<(u64, u64)>,
    shrink: Option<(u64, u64)>,
    network: Option<u64>,
}

fn case() -> impl Strategy<Value = Case> {
    let queue = (
        proptest::option::weighted(0.3, 0_u64..4),
        any::<bool>(),
        proptest::option::weighted(0.3, 0_u64..30),
    );
    let queue = queue.prop_map(|(limit, fifo, expire)| QueueSpec {
        limit,
        discipline: if fifo {
            Discipline::Fifo
        } else {
            Discipline::Lifo
        },
        expire: expire.map(ms),
    });
    let call = (
        0_u64..60,
        proptest::option::weighted(0.3, 0_u64..40),
        0_u64..20,
    );
    let window = || proptest::option::weighted(0.3, (0_u64..60, 1_u64..30));
    (
        1_u32..4,
        queue,
        any::<bool>(),
        proptest::collection::vec(call, 1..40),
        window(),
        window(),
        proptest::option::weighted(0.3, 0_u64..5),
    )
        .prop_map(
            |(workers, queue, stops, calls, crash, shrink, network)| Case {
                workers,
                queue,
                stops,
                calls,
                crash,
                shrink,
                network,
            },
        )
}

/// What became of one attempt.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    refused: bool,
    waits: Vec<u64>,
    ended: Option<bool>,
    cancelled: bool,
    /// The last that its ledger heard: the answer, or that nobody waits for it.
    told: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Last {
    Answered(bool),
    Cancelled,
}

#[derive(Clone)]
struct Account(Rc<RefCell<Vec<Seen>>>, usize);

impl Ledger for Account {
    fn refused(&self) {
        let seen = &mut self.0.borrow_mut()[self.1];
        assert!(!seen.refused, "refused twice");
        assert!(!seen.cancelled, "refused after it was cancelled");
        seen.refused = true;
    }

    fn queued_for(&self, ns: u64) {
        let seen = &mut self.0.borrow_mut()[self.1];
        assert!(!seen.cancelled, "told of a wait after its end");
        seen.waits.push(ns);
    }

    fn answered(self, result: CallResult) {
        let seen = &mut self.0.borrow_mut()[self.1];
        assert_eq!(seen.told, None, "answered after its end");
        seen.told = Some(Last::Answered(result.is_ok()));
    }

    fn cancelled(&self) {
        let seen = &mut self.0.borrow_mut()[self.1];
        assert_eq!(seen.told, None, "cancelled after its end");
        seen.told = Some(Last::Cancelled);
    }
}

impl Case {
    fn spec(&self) -> ServiceSpec<Times> {
        let by_call = self.calls.iter().map(|&(.., service)| service).collect();
        ServiceSpec {
            replicas: vec![ReplicaSpec {
                workers: Some(self.workers),
                queue: self.queue,
                ..ReplicaSpec::unlimited(Times::Ms(by_call))
            }],
            network: self.network.map(constant),
            on_cancel: if self.stops {
                OnCancel::Stop
            } else {
                OnCancel::KeepWorking
            },
            ..ServiceSpec::unlimited(constant(0))
        }
    }

    fn faults(&self) -> Script {
        let window = |&(from, length): &(u64, u64), what| (from, from + length, 0, what);
        let crash = self.crash.iter().map(|at| window(at, down()));
        let shrink = self.shrink.iter().map(|at| window(at, capacity(1)));
        Script {
            conditions: crash.chain(shrink).collect(),
            ..Script::default()
        }
    }

    /// Runs it, asking `holds` after every millisecond.
    fn run(&self, holds: impl Fn(&Service<Handle, Times, Script, Account>)) -> Vec<Seen> {
        let engine = Engine::new();
        let runtime = engine.handle().clone();
        let service = Service::new(runtime, 0, 1, self.spec(), self.faults());
        service.begin_replication(Streams::new(1, 0));
        let seen = Rc::new(RefCell::new(vec![Seen::default(); self.calls.len()]));
        for (call, &(send, cancel, _)) in self.calls.iter().enumerate() {
            let (runtime, service) = (engine.handle().clone(), service.clone());
            let account = Account(seen.clone(), call);
            let task = engine.handle().spawn(async move {
                runtime.sleep_until(at(send), EventClass::Arrival).await;
                let answer = service.serve(attempt(call as u32), 0, account.clone());
                let answer = answer.await;
                account.0.borrow_mut()[call].ended = Some(answer.is_ok());
            });
            let Some(after) = cancel else { continue };
            let (runtime, seen) = (engine.handle().clone(), seen.clone());
            engine.handle().spawn(async move {
                runtime
                    .sleep_until(at(send + after), EventClass::Timer)
                    .await;
                runtime.cancel(&task);
                let seen = &mut seen.borrow_mut()[call];
                seen.cancelled = seen.ended.is_none();
            });
        }
        for now in 0..2000 {
            engine.run_until(at(now));
            holds(&service);
        }
        assert_eq!(engine.pending_timers(), 0, "it ends");
        assert!(!service.has_work());
        let seen = seen.borrow();
        seen.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    /// Every attempt that nobody cancels is answered, none is both refused and served, and it is
    /// told of its wait once at most.
    #[test]
    fn every_attempt_is_accounted_for(case in case()) {
        for seen in case.run(|_| {}) {
            prop_assert!(seen.cancelled != seen.ended.is_some(), "{:?}", seen);
            prop_assert!(seen.waits.len() <= 1);
            if seen.refused {
                prop_assert!(seen.ended != Some(true) && seen.waits.is_empty(), "{:?}", seen);
            }
            if seen.ended == Some(true) {
                prop_assert_eq!(seen.waits.len(), 1);
            }
            match seen.ended {
                Some(ok) => prop_assert_eq!(seen.told, Some(Last::Answered(ok))),
                // One that is cancelled at the instant of its sending never left.
                None => prop_assert!(matches!(seen.told, None | Some(Last::Cancelled))),
            }
        }
    }

    /// The work that is done is the work that was brought, where nothing is lost on the way.
    #[test]
    fn busy_time_is_the_sum_of_the_service_times(case in case()) {
        let case = Case { crash: None, stops: false, network: None, ..case };
        let case = Case { queue: QueueSpec { expire: None, ..case.queue }, ..case };
        let busy_ns = RefCell::new(0);
        let seen = case.run(|service| {
            *busy_ns.borrow_mut() = service.stats().busy_ns;
            assert!(service.stats().abandoned_ns <= service.stats().busy_ns);
        });
        // Cancelled at the instant of its sending, before that: it never left.
        let left = |(call, _): &(&(u64, Option<u64>, u64), &Seen)| call.1 != Some(0);
        let brought = case.calls.iter().zip(&seen).filter(left).filter(|(_, seen)| !seen.refused);
        let brought_ms: u64 = brought.map(|((.., service), _)| service).sum();
        prop_assert_eq!(busy_ns.into_inner(), u128::from(brought_ms) * 1_000_000);
    }
}

/// Work conserving, order kept: against a model that is a dozen lines long.
fn model(workers: usize, calls: &[(u64, u64)]) -> Vec<u64> {
    let mut free = vec![0_u64; workers];
    let mut ends = Vec::new();
    for &(arrival, service) in calls {
        let (worker, &earliest) = free.iter().enumerate().min_by_key(|(_, at)| **at).unwrap();
        let begins = arrival.max(earliest);
        free[worker] = begins + service;
        ends.push(begins + service);
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    #[test]
    fn first_come_first_served_and_no_worker_idles_while_somebody_waits(
        workers in 1_u32..5,
        calls in proptest::collection::vec((0_u64..5, 0_u64..20), 1..60),
    ) {
        let mut now = 0;
        let calls: Vec<_> = calls
            .into_iter()
            .map(|(after, service)| {
                now += after;
                (now, service)
            })
            .collect();
        let by_call = Times::Ms(calls.iter().map(|&(_, service)| service).collect());
        let spec = crate::lab::workers(by_call, workers, QueueSpec::default());
        let lab = crate::lab::Lab::new(spec);
        (0..).zip(&calls).for_each(|(call, &(send, _))| lab.send(send, call));
        let seen = lab.transcript();
        let ends = model(workers as usize, &calls);
        for (call, end) in ends.into_iter().enumerate() {
            prop_assert!(seen.contains(&format!("{end} c{call} ok")), "{call} at {end}: {seen:?}");
        }
    }

    /// In no interval more than the burst and what the interval brings.
    #[test]
    fn a_bucket_never_grants_more_than_its_burst_and_its_rate(
        interval_ms in 1_u64..20,
        burst in 1_u32..6,
        sends in proptest::collection::vec(0_u64..200, 1..120),
    ) {
        let quota = RateLimit { interval: ms(interval_ms), burst, reject_latency: ms(0) };
        let spec = ServiceSpec { rate_limit: Some(quota), ..ServiceSpec::unlimited(constant(0)) };
        let lab = crate::lab::Lab::new(spec);
        (0..).zip(&sends).for_each(|(call, &send)| lab.send(send, call));
        let seen = lab.transcript();
        let granted = seen.iter().filter(|line| line.ends_with("ok"));
        let granted: Vec<u64> =
            granted.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
        for (from, first) in granted.iter().enumerate() {
            for (to, last) in granted.iter().enumerate().skip(from) {
                let most = u64::from(burst) + (last - first) / interval_ms;
                let grants = (to - from) as u64 + 1;
                prop_assert!(grants <= most, "{granted:?}");
            }
        }
        prop_assert!(granted.len() >= sends.len().min(burst as usize));
    }
}
