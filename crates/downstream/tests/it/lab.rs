//! A service on the engine, and a transcript of what its callers see.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::service::NoFaults;
use awaitlab_core::{
    AttemptId, CallResult, Condition, Draws, EventClass, Faults, Instant, Latency, Ledger, Runtime,
    Streams, Verdict,
};
use awaitlab_downstream::spec::{QueueSpec, ReplicaSpec};
use awaitlab_downstream::{Service, ServiceSpec};
use awaitlab_engine::{Engine, Handle};

pub(crate) type Scripted = Service<Handle, Times, Script, Notes>;

/// A service under test, and what has happened to its attempts so far.
pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) service: Rc<Scripted>,
    pub(crate) log: Log,
}

/// Lines of the form `100 c3 ok`: the instant in ms, the call, what happened.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

/// How long things take.
#[derive(Clone, Debug)]
pub(crate) enum Times {
    /// Milliseconds by call, the last repeating.
    Ms(Vec<u64>),
    /// Exponential, with this mean in ns, from the attempt's own numbers.
    Exponential(f64),
}

/// Faults written down, in ms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// By call.
    pub(crate) verdicts: Vec<(u32, Verdict)>,
    /// When messages are lost.
    pub(crate) lost: Vec<(u64, u64)>,
    /// When nothing moves.
    pub(crate) paused: Vec<(u64, u64)>,
    /// When a replica is in which condition.
    pub(crate) conditions: Vec<(u64, u64, u32, Condition)>,
}

/// Writes into the transcript.
#[derive(Clone)]
pub(crate) struct Notes {
    runtime: Handle,
    log: Log,
    call: u32,
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(crate) fn at(ms: u64) -> Instant {
    Instant::from_nanos(ms * 1_000_000)
}

pub(crate) fn constant(value: u64) -> Times {
    Times::Ms(vec![value])
}

/// One replica with so many workers and this queue.
pub(crate) fn workers(latency: Times, workers: u32, queue: QueueSpec) -> ServiceSpec<Times> {
    let replica = ReplicaSpec {
        workers: Some(workers),
        queue,
        ..ReplicaSpec::unlimited(latency)
    };
    ServiceSpec {
        replicas: vec![replica],
        ..ServiceSpec::unlimited(constant(0))
    }
}

pub(crate) fn down() -> Condition {
    Condition {
        down: true,
        workers: None,
    }
}

pub(crate) fn capacity(workers: u32) -> Condition {
    Condition {
        down: false,
        workers: Some(workers),
    }
}

impl Lab {
    pub(crate) fn new(spec: ServiceSpec<Times>) -> Self {
        Lab::with_faults(spec, Script::default())
    }

    pub(crate) fn with_faults(spec: ServiceSpec<Times>, faults: Script) -> Self {
        let engine = Engine::new();
        let service = Service::new(engine.handle().clone(), 0, 4, spec, faults);
        service.begin_replication(Streams::new(1, 0));
        Lab {
            engine,
            service,
            log: Log::default(),
        }
    }

    /// Sends call `call` at `send_ms` from client 0.
    pub(crate) fn send(&self, send_ms: u64, call: u32) {
        self.begin(send_ms, call, 0);
    }

    pub(crate) fn send_from(&self, client: u32, send_ms: u64, call: u32) {
        self.begin(send_ms, call, client);
    }

    /// Sends call `call` and cancels it later, before anything else that is no answer.
    pub(crate) fn send_and_cancel(&self, send_ms: u64, cancel_ms: u64, call: u32) {
        let task = self.begin(send_ms, call, 0);
        let runtime = self.engine.handle().clone();
        self.engine.handle().spawn(async move {
            runtime.sleep_until(at(cancel_ms), EventClass::Timer).await;
            runtime.cancel(&task);
        });
    }

    pub(crate) fn notes(&self, call: u32) -> Notes {
        Notes {
            runtime: self.engine.handle().clone(),
            log: self.log.clone(),
            call,
        }
    }

    /// A ledger of which the transcript hears nothing.
    pub(crate) fn silent(&self) -> Notes {
        Notes {
            runtime: self.engine.handle().clone(),
            log: Log::default(),
            call: 0,
        }
    }

    fn begin(&self, send_ms: u64, call: u32, client: u32) -> <Handle as Runtime>::Task {
        let (runtime, service) = (self.engine.handle().clone(), self.service.clone());
        let notes = self.notes(call);
        self.engine.handle().spawn(async move {
            if send_ms > 0 {
                runtime.sleep_until(at(send_ms), EventClass::Arrival).await;
            }
            // Its ledger writes what is answered.
            let _ = service.serve(attempt(call), client, notes).await;
        })
    }

    /// Looks at the service at an instant, after everything else that happens then.
    pub(crate) fn look(&self, look_ms: u64, look: impl Fn(&Scripted) -> String + 'static) {
        let (runtime, service) = (self.engine.handle().clone(), self.service.clone());
        let log = self.log.clone();
        self.engine.handle().spawn(async move {
            runtime.sleep_until(at(look_ms), EventClass::Arrival).await;
            log.0
                .borrow_mut()
                .push(format!("{look_ms} {}", look(&service)));
        });
    }

    /// Runs to the end, and gives the transcript.
    pub(crate) fn transcript(&self) -> Vec<String> {
        self.engine.run();
        self.log.0.borrow().clone()
    }
}

pub(crate) fn attempt(call: u32) -> AttemptId {
    AttemptId {
        job: 0,
        call,
        attempt: 0,
    }
}

fn shown(result: CallResult) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => match error.retry_after {
            Some(after) => format!("{error}, again in {} ms", after.as_micros() as f64 / 1000.0),
            None => error.to_string(),
        },
    }
}

impl Log {
    fn write(&self, runtime: &Handle, call: u32, what: &str) {
        let now = runtime.now().as_nanos() as f64 / 1e6;
        self.0.borrow_mut().push(format!("{now} c{call} {what}"));
    }
}

impl Ledger for Notes {
    fn refused(&self) {
        self.log.write(&self.runtime, self.call, "refused");
    }

    fn queued_for(&self, ns: u64) {
        // Who did not wait is of no interest in a transcript.
        if ns > 0 {
            let what = format!("queued for {} ms", ns as f64 / 1e6);
            self.log.write(&self.runtime, self.call, &what);
        }
    }

    fn stayed_queued_for(&self, ns: u64) {
        if ns > 0 {
            let what = format!("stayed for {} ms", ns as f64 / 1e6);
            self.log.write(&self.runtime, self.call, &what);
        }
    }

    fn answered(self, result: CallResult) {
        self.log.write(&self.runtime, self.call, &shown(result));
    }

    fn cancelled(&self) {
        self.log.write(&self.runtime, self.call, "cancelled");
    }
}

impl Latency for Times {
    fn sample_ns(&self, attempt: &AttemptId, draws: &mut Draws) -> u64 {
        match self {
            Times::Ms(by_call) => {
                by_call[(attempt.call as usize).min(by_call.len() - 1)] * 1_000_000
            }
            Times::Exponential(mean_ns) => (-mean_ns * draws.uniform().ln()) as u64,
        }
    }
}

impl Faults for Script {
    fn begin_replication(&self, _: Streams) {}

    fn judge(&self, attempt: &AttemptId, _: u32, _: Instant) -> Verdict {
        let own = |(call, _): &&(u32, Verdict)| *call == attempt.call;
        let verdict = self.verdicts.iter().find(own);
        verdict.map_or(NoFaults.judge(attempt, 0, Instant::START), |(_, v)| *v)
    }

    fn loses(&self, _: &AttemptId, _: u32, now: Instant) -> bool {
        self.lost
            .iter()
            .any(|&(from, to)| at(from) <= now && now < at(to))
    }

    fn finishes(&self, _: u32, from: Instant, work_ns: u64) -> Instant {
        let (mut now, mut left) = (from, work_ns);
        for &(begins, ends) in &self.paused {
            let until_pause = at(begins).nanos_since(now);
            if now < at(ends) && left >= until_pause {
                left -= until_pause;
                now = at(ends);
            }
        }
        now.after_nanos(left)
    }

    fn condition(&self, replica: u32, now: Instant) -> Condition {
        let holds = |&&(from, to, of, _): &&(u64, u64, u32, Condition)| {
            of == replica && at(from) <= now && now < at(to)
        };
        let found = self.conditions.iter().find(holds);
        found.map_or(Condition::default(), |(.., condition)| *condition)
    }

    fn next_change(&self, now: Instant) -> Option<Instant> {
        let edges = self
            .conditions
            .iter()
            .flat_map(|&(from, to, ..)| [at(from), at(to)]);
        edges.filter(|&edge| edge > now).min()
    }
}
