//! Calls whose attempts take as long and end as a script says, around which a stack of policies
//! stands; and a transcript of what happens, a line each: milliseconds, call, event.
//!
//! ```text
//! 0 a: attempt 0            sent
//! 100 a: attempt 0 late     cancelled, given up by a timeout
//! 100 a: failed timeout     the call ends
//! ```

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{CallError, EventClass, Instant, Runtime, Streams};
use awaitlab_engine::{Engine, Handle, Limits, Stop};
use awaitlab_policies::{
    Attempts, Event, Given, Interest, LayerSpec, PolicySpec, Reply, Scope, Stack, StackSpec,
};
use awaitlab_tokio_runtime::paused;

/// What one attempt does: after so many milliseconds it ends so; `None`: it never ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Play(Option<(u64, Result<(), CallError>)>);

pub(crate) fn ok(ms: u64) -> Play {
    Play(Some((ms, Ok(()))))
}

pub(crate) fn fails(ms: u64, error: CallError) -> Play {
    Play(Some((ms, Err(error))))
}

/// Fails with status 500.
pub(crate) fn fails_500(ms: u64) -> Play {
    fails(ms, CallError::status(500))
}

pub(crate) fn hangs() -> Play {
    Play(None)
}

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Policies, outermost first, each with its state per client.
pub(crate) fn spec(policies: impl IntoIterator<Item = PolicySpec>) -> StackSpec {
    let layer = |policy| LayerSpec {
        policy,
        scope: Scope::Client,
    };
    StackSpec::new(policies.into_iter().map(layer).collect()).unwrap()
}

/// A run in virtual time, and its transcript.
pub(crate) struct Stage {
    engine: Engine,
    script: Script<Handle>,
}

/// Calls on any runtime, and what has been written down of them.
struct Script<R> {
    runtime: R,
    lines: Rc<RefCell<Vec<String>>>,
    calls: Cell<u32>,
}

/// One call's attempts.
struct Scripted<R> {
    runtime: R,
    name: String,
    call: u32,
    plays: Vec<Play>,
    lines: Rc<RefCell<Vec<String>>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let engine = Engine::new();
        let script = Script::new(engine.handle().clone());
        Stage { engine, script }
    }

    /// Lets a call arrive at an instant; its last play goes for all further attempts.
    pub(crate) fn call(&self, name: &str, at_ms: u64, stack: &Stack, plays: &[Play]) {
        self.script.call(name, at_ms, stack, plays);
    }

    /// Runs to the end and gives the transcript.
    pub(crate) fn transcript(&self) -> Vec<String> {
        self.engine.run();
        self.script.lines.take()
    }

    /// Runs within limits, and says why it stopped.
    pub(crate) fn run_within(&self, limits: &Limits) -> Stop {
        self.engine.run_within(limits, || true)
    }
}

impl<R: Runtime> Script<R> {
    fn new(runtime: R) -> Self {
        Script {
            runtime,
            lines: Rc::default(),
            calls: Cell::new(0),
        }
    }

    fn call(&self, name: &str, at_ms: u64, stack: &Stack, plays: &[Play]) {
        let runtime = self.runtime.clone();
        let call = self.calls.replace(self.calls.get() + 1);
        let script = Scripted {
            runtime: runtime.clone(),
            name: name.to_owned(),
            call,
            plays: plays.to_vec(),
            lines: self.lines.clone(),
        };
        let (stack, sleep) = (stack.clone(), runtime.clone());
        runtime.spawn(async move {
            if at_ms > 0 {
                let at = Instant::START + ms(at_ms);
                sleep.sleep_until(at, EventClass::Arrival).await;
            }
            let (name, lines) = (script.name.clone(), script.lines.clone());
            let end = match stack.call(script).await {
                Ok(Reply::Genuine(())) => "ok".to_owned(),
                Ok(Reply::Degraded) => "degraded".to_owned(),
                Err(error) => format!("failed {error}"),
            };
            write(&lines, sleep.now(), &name, &end);
        });
    }
}

/// One call under a stack of fresh state, whole.
pub(crate) fn transcript(
    policies: impl IntoIterator<Item = PolicySpec>,
    plays: &[Play],
) -> Vec<String> {
    let stage = Stage::new();
    stage.call("a", 0, &spec(policies).build(), plays);
    stage.transcript()
}

/// The same on tokio's paused clock, an hour of it.
pub(crate) fn transcript_on_tokio(
    policies: impl IntoIterator<Item = PolicySpec>,
    plays: &[Play],
) -> Vec<String> {
    let stack = spec(policies).build();
    paused(|runtime| async move {
        let script = Script::new(runtime.clone());
        script.call("a", 0, &stack, plays);
        runtime.sleep(Duration::from_secs(3600)).await;
        script.lines.take()
    })
}

fn write(lines: &RefCell<Vec<String>>, now: Instant, name: &str, what: &str) {
    let ms = now.as_nanos() as f64 / 1e6;
    lines.borrow_mut().push(format!("{ms} {name}: {what}"));
}

impl<R: Runtime> Scripted<R> {
    fn write(&self, what: &str) {
        write(&self.lines, self.runtime.now(), &self.name, what);
    }
}

/// An attempt that says so when it is dropped.
struct Running<R: Runtime> {
    runtime: R,
    name: String,
    number: u32,
    interest: Interest,
    lines: Rc<RefCell<Vec<String>>>,
    ended: bool,
}

impl<R: Runtime> Running<R> {
    /// Says how it ends, where that is of no use to anybody.
    fn end(&mut self, otherwise: Option<&str>) {
        self.ended = true;
        let fate = match self.interest.given() {
            Some(Given::Late) => Some("late"),
            Some(Given::Duplicate) => Some("duplicate"),
            None => otherwise,
        };
        if let Some(fate) = fate {
            let what = format!("attempt {} {fate}", self.number);
            write(&self.lines, self.runtime.now(), &self.name, &what);
        }
    }
}

impl<R: Runtime> Drop for Running<R> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Some("cancelled"));
        }
    }
}

impl<R: Runtime> Attempts for Scripted<R> {
    type Runtime = R;
    type Value = ();
    type Error = CallError;

    fn runtime(&self) -> &R {
        &self.runtime
    }

    fn streams(&self) -> (Streams, u64, u32) {
        (Streams::new(1, 0), 0, self.call)
    }

    fn attempt(
        &self,
        number: u32,
        interest: Interest,
    ) -> impl Future<Output = Result<(), CallError>> + use<R> + 'static {
        self.write(&format!("attempt {number}"));
        let Play(play) = self.plays[self.plays.len().min(number as usize + 1) - 1];
        let mut running = Running {
            runtime: self.runtime.clone(),
            name: self.name.clone(),
            number,
            interest,
            lines: self.lines.clone(),
            ended: false,
        };
        let end = self.runtime.now() + ms(play.map_or(0, |(after, _)| after));
        let sleep = self.runtime.sleep_until(end, EventClass::Answer);
        async move {
            let Some((_, result)) = play else {
                return std::future::pending().await;
            };
            sleep.await;
            running.end(None);
            result
        }
    }

    fn refused(&self, number: u32) {
        self.write(&format!("attempt {number} refused"));
    }

    fn happened(&self, layer: usize, event: Event) {
        let what = match event {
            // Both show in the transcript without them.
            Event::Retried | Event::TimedOut | Event::Refused | Event::Degraded => return,
            Event::BudgetSpent => "budget spent".to_owned(),
            Event::Hedged => "hedge".to_owned(),
            Event::HedgeWon => "hedge won".to_owned(),
            Event::Opened { until } => format!("open until {until:?}"),
            Event::HalfOpened => "half-open".to_owned(),
            Event::Closed => "closed".to_owned(),
            Event::Waited { ns: 0 } => return,
            Event::Waited { ns } => format!("waited {} ms", ns / 1_000_000),
            Event::Limit { now, .. } => format!("limit {now:.2}"),
        };
        self.write(&format!("[{layer}] {what}"));
    }
}
