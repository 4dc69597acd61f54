//! A job over simulated services: what a strategy sees in the lab.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use awaitlab_core::{
    Answer, AttemptId, CallError, CallResult, ErrorClass, Job, Rest, Runtime, Strategy,
};

use crate::account::{Account, Sent};
use crate::outcome::JobOutcome;
use crate::world::World;

/// Runs one job after another in a world. Generic over the runtime, so that the same job can be run
/// in virtual time and on tokio, and its outcomes compared.
///
/// ```no_run
/// # use awaitlab_harness::{JobRun, World};
/// # fn example(variant: &awaitlab_scenario::Variant, strategy: awaitlab_catalogue::BuiltIn) {
/// let engine = awaitlab_engine::Engine::new();
/// let world = World::new(engine.handle().clone(), variant);
/// world.begin_replication(1, 0);
/// let run = JobRun::new(world);
/// run.begin(0, strategy, awaitlab_core::Rest::Orphan);
/// engine.run();
/// println!("{:?}", run.close());
/// # }
/// ```
pub struct JobRun<R: Runtime> {
    shared: Rc<Shared<R>>,
    with_timeline: bool,
}

impl<R: Runtime> JobRun<R> {
    /// A place for jobs in this world; none has begun.
    pub fn new(world: Rc<World<R>>) -> Self {
        let shared = Shared {
            world,
            id: Cell::default(),
            state: RefCell::default(),
        };
        JobRun {
            shared: Rc::new(shared),
            with_timeline: false,
        }
    }

    /// Keeps every attempt of the next jobs for a timeline.
    pub fn keep_timeline(&mut self, keep: bool) {
        self.with_timeline = keep;
    }

    /// Begins a job with this number. `rest` says what a give-up of the scenario does to it.
    ///
    /// What is left of the job before must be gone: close it, then reset its runtime.
    pub fn begin<S: Strategy + 'static>(&self, id: u64, strategy: S, rest: Rest) {
        let shared = &self.shared;
        let world = &shared.world;
        shared.id.set(id);
        shared.state.borrow_mut().open(world, self.with_timeline);
        let give_up = world.give_up.map(|after| {
            let (shared, timer) = (shared.clone(), world.runtime.sleep(after));
            world.runtime.spawn(async move {
                timer.await;
                shared.give_up(rest);
            })
        });
        shared.state.borrow_mut().give_up = give_up;
        let mut job = SimulatedJob {
            shared: shared.clone(),
        };
        let task = world
            .runtime
            .spawn(async move { strategy.run(&mut job).await });
        shared.state.borrow_mut().strategy = Some(task);
    }

    /// Takes stock of the job, once nothing of it can happen any more.
    pub fn close(&self) -> JobOutcome {
        self.shared
            .state
            .borrow_mut()
            .account
            .close(self.shared.id.get())
    }
}

/// The calls of a simulated job, as a strategy sees them.
struct SimulatedJob<R: Runtime> {
    shared: Rc<Shared<R>>,
}

struct Shared<R: Runtime> {
    world: Rc<World<R>>,
    id: Cell<u64>,
    state: RefCell<State<R::Task>>,
}

#[derive(Debug)]
struct State<T> {
    account: Account,
    calls: Vec<Call<T>>,
    /// Started calls whose end has not been handed out.
    outstanding: u32,
    /// Ends to be handed out, in order of completion.
    ended: VecDeque<(u32, CallResult)>,
    waiting: Option<Waker>,
    strategy: Option<T>,
    give_up: Option<T>,
}

#[derive(Clone, Debug)]
enum Call<T> {
    NotStarted,
    /// Inside its first poll: it has no task yet.
    Starting,
    Running(T),
    Over,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        State {
            account: Account::default(),
            calls: Vec::new(),
            outstanding: 0,
            ended: VecDeque::new(),
            waiting: None,
            strategy: None,
            give_up: None,
        }
    }
}

impl<T: Clone> State<T> {
    fn open<R: Runtime>(&mut self, world: &World<R>, with_timeline: bool) {
        let calls = world.calls();
        self.account
            .open(world.runtime.now(), calls, world.services(), with_timeline);
        self.calls.clear();
        self.calls.resize(calls as usize, Call::NotStarted);
        self.outstanding = 0;
        self.ended.clear();
        self.waiting = None;
        self.strategy = None;
        self.give_up = None;
    }
}

impl<R: Runtime> Job for SimulatedJob<R> {
    type Error = CallError;

    fn calls(&self) -> usize {
        self.shared.world.calls() as usize
    }

    #[inline]
    fn start(&mut self, call: usize) {
        let shared = &self.shared;
        {
            let state = &mut *shared.state.borrow_mut();
            let place = &mut state.calls[call];
            assert!(
                matches!(place, Call::NotStarted),
                "call {call} was started before"
            );
            *place = Call::Starting;
            state.outstanding += 1;
            state.account.call_started();
        }
        let task = shared
            .world
            .runtime
            .spawn(run_call(shared.clone(), call as u32));
        let place = &mut shared.state.borrow_mut().calls[call];
        if matches!(place, Call::Starting) {
            *place = Call::Running(task);
        }
    }

    async fn next_settled(&mut self) -> Option<(usize, CallResult)> {
        poll_fn(|cx| self.shared.poll_next(cx)).await
    }

    fn cancel_rest(&mut self) {
        self.shared.cancel_calls();
    }

    fn settle(&mut self, answer: Answer<CallError>) {
        self.shared.settle(&answer);
    }

    fn unhandled(&mut self, _: usize) {
        self.shared.state.borrow_mut().account.unhandled();
    }
}

impl<R: Runtime> Shared<R> {
    #[inline]
    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<(usize, CallResult)>> {
        let state = &mut *self.state.borrow_mut();
        if let Some((call, result)) = state.ended.pop_front() {
            state.outstanding -= 1;
            state.account.handed(result);
            return Poll::Ready(Some((call as usize, result)));
        }
        if state.outstanding == 0 {
            return Poll::Ready(None);
        }
        match &mut state.waiting {
            Some(waiting) => waiting.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    #[inline]
    fn call_ended(&self, call: u32, result: CallResult) {
        let waiting = {
            let state = &mut *self.state.borrow_mut();
            state.calls[call as usize] = Call::Over;
            state.account.call_ended(result);
            state.ended.push_back((call, result));
            state.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    fn cancel_calls(&self) {
        let calls = self.state.borrow().calls.len();
        for call in 0..calls {
            let running = {
                let state = &mut *self.state.borrow_mut();
                let place = &mut state.calls[call];
                if !matches!(place, Call::Running(_)) {
                    continue;
                }
                state.outstanding -= 1;
                std::mem::replace(place, Call::Over)
            };
            // Dropping the call's future writes into the account: nothing is borrowed here.
            if let Call::Running(task) = running {
                self.world.runtime.cancel(&task);
            }
        }
    }

    fn settle(&self, answer: &Answer<CallError>) {
        let give_up = {
            let state = &mut *self.state.borrow_mut();
            if state.account.is_settled() {
                return;
            }
            state
                .account
                .settle(answer.status(), self.world.runtime.now());
            state.give_up.take()
        };
        if let Some(give_up) = give_up {
            self.world.runtime.cancel(&give_up);
        }
    }

    /// The caller's patience ends.
    fn give_up(&self, rest: Rest) {
        if rest == Rest::Cancel {
            let strategy = self.state.borrow_mut().strategy.take();
            if let Some(strategy) = strategy {
                self.world.runtime.cancel(&strategy);
            }
            self.cancel_calls();
        }
        self.settle(&Answer::Rejected(CallError::of(ErrorClass::Timeout)));
    }
}

/// One call: one attempt, as nothing stands around it.
async fn run_call<R: Runtime>(shared: Rc<Shared<R>>, call: u32) {
    let in_flight = InFlight::send(shared, call);
    let shared = &in_flight.shared;
    let id = AttemptId {
        job: shared.id.get(),
        call,
        attempt: in_flight.sent.attempt,
    };
    let service = shared.world.service(in_flight.sent.service);
    let answer = service.serve(&shared.world.runtime, &id).await;
    in_flight.answered(answer).call_ended(call, answer);
}

/// An attempt in flight. Dropping it is its cancellation.
struct InFlight<R: Runtime> {
    shared: Rc<Shared<R>>,
    sent: Sent,
    over: bool,
}

impl<R: Runtime> InFlight<R> {
    #[inline]
    fn send(shared: Rc<Shared<R>>, call: u32) -> Self {
        let (at, service) = (shared.world.runtime.now(), shared.world.service_of(call));
        let sent = Sent {
            call,
            attempt: 0,
            service,
            at,
        };
        shared.state.borrow_mut().account.sent(sent);
        InFlight {
            shared,
            sent,
            over: false,
        }
    }

    #[inline]
    fn answered(mut self, result: CallResult) -> Rc<Shared<R>> {
        self.over = true;
        let now = self.shared.world.runtime.now();
        self.shared
            .state
            .borrow_mut()
            .account
            .answered(self.sent, result, now);
        self.shared.clone()
    }
}

impl<R: Runtime> Drop for InFlight<R> {
    #[inline]
    fn drop(&mut self) {
        if !self.over {
            let now = self.shared.world.runtime.now();
            self.shared
                .state
                .borrow_mut()
                .account
                .cancelled(self.sent, now);
        }
    }
}
