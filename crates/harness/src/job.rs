//! A job over simulated services: what a strategy sees in the lab.

mod account;
pub(crate) mod attempt;
mod call;
pub mod outcome;
mod runtime;

pub(crate) use account::Settling;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use awaitlab_core::{
    Answer, CallError, CallResult, ErrorClass, Job, Rest, Runtime, Status, Strategy,
};
use awaitlab_downstream::Unattended;
use awaitlab_policies::{Reply, Stack};

use crate::job::account::{Account, CallEnd, End, Sent};
use crate::job::outcome::JobOutcome;
use crate::world::World;

/// One job: its books, its calls, and what keeps it alive.
pub(crate) struct Shared<R: Runtime> {
    pub(crate) world: Rc<World<R>>,
    pub(crate) id: Cell<u64>,
    /// How many jobs its place has seen.
    pub(crate) generation: Cell<u32>,
    /// The process that runs it.
    pub(crate) client: Cell<u32>,
    /// Where the world keeps it.
    place: usize,
    /// It has begun, and its books are not closed.
    pub(crate) is_live: Cell<bool>,
    /// What happens to it is counted: it is none of a warm-up.
    pub(crate) counts: Cell<bool>,
    /// Tasks and bare attempts that can still do something to it.
    alive: Cell<u32>,
    /// Its process has died: nothing its strategy does has an effect any more.
    dead: Cell<bool>,
    state: RefCell<State<R>>,
}

struct State<R: Runtime> {
    account: Account,
    calls: Vec<Call<R>>,
    /// Started calls whose end has not been handed out.
    outstanding: u32,
    /// Ends to be handed out, in order of completion; and, in the same order, why calls failed.
    ended: VecDeque<(u32, End)>,
    errors: VecDeque<CallError>,
    waiting: Option<R::Waiter>,
    /// Who waits for the job to settle.
    caller: Option<R::Waiter>,
    strategy: Option<R::Task>,
    give_up: Option<R::Task>,
    /// What stands around its calls, by service; `None`: nothing.
    stacks: Option<Rc<[Stack]>>,
    /// What policies spawned; it may have ended.
    spawned: Vec<R::Task>,
}

enum Call<R: Runtime> {
    NotStarted,
    /// Being begun.
    Starting,
    /// Nothing but its attempt.
    Bare(Unattended),
    /// A task, with whatever stands around its attempts.
    Running(R::Task),
    Over,
}

/// Held by every task of a job; the ledger of a bare attempt counts as one. When the last is gone, nothing
/// can happen to the job any more.
pub(crate) struct Alive<R: Runtime>(Rc<Shared<R>>);

impl<R: Runtime> Alive<R> {
    #[inline]
    pub(crate) fn new(shared: Rc<Shared<R>>) -> Self {
        shared.is_kept_alive();
        Alive(shared)
    }

    #[inline]
    pub(crate) fn job(&self) -> &Rc<Shared<R>> {
        &self.0
    }
}

impl<R: Runtime> Clone for Alive<R> {
    #[inline]
    fn clone(&self) -> Self {
        Alive::new(self.0.clone())
    }
}

impl<R: Runtime> Drop for Alive<R> {
    #[inline]
    fn drop(&mut self) {
        self.0.is_let_go();
    }
}

impl<R: Runtime> Shared<R> {
    /// A place for one job after another; none has begun.
    pub(crate) fn new(world: Rc<World<R>>, place: usize) -> Self {
        Shared {
            world,
            id: Cell::default(),
            generation: Cell::default(),
            client: Cell::default(),
            place,
            is_live: Cell::default(),
            counts: Cell::new(true),
            alive: Cell::default(),
            dead: Cell::default(),
            state: RefCell::new(State::new()),
        }
    }

    /// Where the world keeps it.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    #[inline]
    pub(crate) fn is_kept_alive(&self) {
        self.alive.set(self.alive.get() + 1);
    }

    #[inline]
    pub(crate) fn is_let_go(&self) {
        let left = self.alive.get() - 1;
        self.alive.set(left);
        if left == 0 {
            self.is_over();
        }
    }

    /// Apart from where it is let go, which is often, where this is once.
    #[inline(never)]
    fn is_over(&self) {
        self.world.job_is_over(self);
    }

    /// The place is another job's from here on.
    #[inline]
    fn is_of(&self, id: u64, client: u32) {
        self.id.set(id);
        self.generation.set(self.generation.get().wrapping_add(1));
        self.client.set(client);
    }

    /// Begins a job. What is left of the one before must be gone.
    pub(crate) fn begin<S: Strategy + 'static>(
        self: &Rc<Self>,
        id: u64,
        client: u32,
        strategy: S,
        rest: Rest,
        with_timeline: bool,
    ) {
        self.is_of(id, client);
        self.dead.set(false);
        let stacks = self.world.stacks_for_job(client);
        {
            let state = &mut *self.state.borrow_mut();
            state.open(&self.world, with_timeline);
            state.stacks = stacks;
        }
        // The job lives at least until everything has been set up.
        self.is_kept_alive();
        let runtime = &self.world.runtime;
        if let Some(after) = self.world.give_up {
            let (alive, timer) = (Alive::new(self.clone()), runtime.sleep(after));
            let task = runtime.spawn(async move {
                timer.await;
                alive.job().give_up(rest);
            });
            self.state.borrow_mut().give_up = Some(task);
        }
        let mut job = SimulatedJob(Alive::new(self.clone()));
        let task = runtime.spawn(async move { strategy.run(&mut job).await });
        self.state.borrow_mut().strategy = Some(task);
        self.is_let_go();
    }

    /// A job whose process does not take it: rejected on arrival.
    pub(crate) fn refuse(self: &Rc<Self>, id: u64, client: u32, with_timeline: bool) {
        self.is_of(id, client);
        self.state.borrow_mut().open(&self.world, with_timeline);
        let alive = Alive::new(self.clone());
        self.settle(&Answer::Rejected(CallError::of(ErrorClass::Refused)));
        drop(alive);
    }

    /// Takes stock, and shows it; `None` when that has been done.
    #[inline(always)]
    pub(crate) fn close<T>(&self, show: impl FnOnce(&JobOutcome) -> T) -> Option<T> {
        let (is_being_swept, must_be_swept) =
            self.account(|account| (account.is_being_swept(), account.must_be_swept()));
        if is_being_swept {
            // What is swept away now may have been the last that kept the job alive.
            return None;
        }
        if must_be_swept {
            self.sweep();
        }
        let state = &mut *self.state.borrow_mut();
        (!state.account.is_closed()).then(|| show(state.account.close(self.id.get())))
    }

    /// Takes away what will never end.
    fn sweep(&self) {
        self.account(Account::sweep);
        self.cancel_strategy();
        self.cancel_calls();
        self.cancel_spawned();
    }

    /// Writes in the job's books.
    #[inline]
    pub(crate) fn account<T>(&self, write: impl FnOnce(&mut Account) -> T) -> T {
        write(&mut self.state.borrow_mut().account)
    }

    /// Ready when the job has settled; never where it never does.
    pub(crate) async fn settled(self: &Rc<Self>) {
        let id = self.id.get();
        poll_fn(|cx| {
            let state = &mut *self.state.borrow_mut();
            // The place may have gone to another job by the time somebody looks again.
            if state.account.is_settled() || self.id.get() != id {
                return Poll::Ready(());
            }
            state.caller = Some(self.world.runtime.waiter(cx.waker()));
            Poll::Pending
        })
        .await;
    }

    #[inline]
    fn start(self: &Rc<Self>, call: usize) {
        let world = &*self.world;
        let sent = Sent {
            call: call as u32,
            attempt: 0,
            service: world.service_of(call as u32),
            at: world.runtime.now(),
        };
        let is_bare = {
            let state = &mut *self.state.borrow_mut();
            let place = &mut state.calls[call];
            assert!(
                matches!(place, Call::NotStarted),
                "call {call} was started before"
            );
            *place = Call::Starting;
            state.outstanding += 1;
            state.account.call_started(sent.at);
            let is_bare = state.stacks.is_none() && world.clients_are_plain();
            if is_bare {
                state.account.sent(sent);
            }
            is_bare
        };
        if is_bare {
            self.send_bare(sent);
        } else {
            world.call_was_started(sent.at);
            self.start_with_task(sent.call);
        }
    }

    /// Sends the only attempt of a call, which is in the books already.
    #[inline(always)]
    fn send_bare(self: &Rc<Self>, sent: Sent) {
        self.world.bare_call_was_sent(sent.at);
        let attempt = attempt::send_bare(self, sent);
        let state = &mut *self.state.borrow_mut();
        state.account.is_on_its_way();
        state.calls[sent.call as usize] = Call::Bare(attempt);
    }

    /// Begins a call that something stands around.
    fn start_with_task(self: &Rc<Self>, call: u32) {
        let alive = Alive::new(self.clone());
        let task = match self.stack_around(call) {
            Some(stack) => call::spawn_with_policies(alive, call, stack),
            None => {
                let runtime = &self.world.runtime;
                runtime.spawn(call::run_through_client(alive, call))
            }
        };
        let place = &mut self.state.borrow_mut().calls[call as usize];
        if matches!(place, Call::Starting) {
            *place = Call::Running(task);
        }
    }

    /// What stands around a call.
    #[inline]
    fn stack_around(&self, call: u32) -> Option<Stack> {
        let state = self.state.borrow();
        let stacks = state.stacks.as_ref()?;
        Some(stacks[self.world.service_of(call) as usize].clone())
    }

    /// A policy has spawned a task.
    pub(crate) fn was_spawned(&self, task: R::Task) {
        self.state.borrow_mut().spawned.push(task);
    }

    #[inline(always)]
    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<(usize, CallResult)>> {
        if self.dead.get() {
            return Poll::Pending;
        }
        let state = &mut *self.state.borrow_mut();
        if let Some((call, end)) = state.ended.pop_front() {
            state.outstanding -= 1;
            state.account.handed(end);
            let result = match end {
                End::Failed => state.errors.pop_front().map_or(Ok(()), Err),
                End::Succeeded | End::Degraded => Ok(()),
            };
            return Poll::Ready(Some((call as usize, result)));
        }
        if state.outstanding == 0 {
            return Poll::Ready(None);
        }
        state.waiting = Some(self.world.runtime.waiter(cx.waker()));
        Poll::Pending
    }

    /// The call ends, with all its attempts.
    pub(crate) fn call_ended(&self, call: u32, end: CallEnd) {
        let waiting = {
            let state = &mut *self.state.borrow_mut();
            match end {
                Ok(Reply::Genuine(())) => state.call_ended(call, End::Succeeded),
                Ok(Reply::Degraded) => state.call_ended(call, End::Degraded),
                Err(error) => state.call_failed(call, error),
            }
        };
        if let Err(error) = end {
            self.world.call_failed(self, error.class);
        }
        self.wake(waiting);
    }

    /// The call ends with its only attempt, which has just been answered.
    #[inline(always)]
    pub(crate) fn bare_call_ended(&self, sent: Sent, result: CallResult) {
        let now = self.world.runtime.now();
        let Err(error) = result else {
            let (was_in_flight, waiting) = {
                let state = &mut *self.state.borrow_mut();
                let was_in_flight = state.account.answered(sent, true, None, now);
                (was_in_flight, state.call_ended(sent.call, End::Succeeded))
            };
            if was_in_flight {
                self.world.in_flight(-1);
            }
            return self.wake(waiting);
        };
        attempt::answered(self, sent, result, None, now);
        self.call_ended(sent.call, Err(error));
    }

    #[inline]
    fn wake(&self, waiting: Option<R::Waiter>) {
        if let Some(waiting) = waiting {
            self.world.runtime.wake(waiting);
        }
    }

    fn cancel_calls(&self) {
        let calls = self.state.borrow().calls.len();
        for call in 0..calls {
            let running = {
                let state = &mut *self.state.borrow_mut();
                let place = &mut state.calls[call];
                if !matches!(place, Call::Bare(_) | Call::Running(_)) {
                    continue;
                }
                state.outstanding -= 1;
                std::mem::replace(place, Call::Over)
            };
            // Dropping the call's future, or cancelling its attempt, writes into the account: nothing is
            // borrowed here.
            match running {
                Call::Running(task) => self.world.runtime.cancel(&task),
                Call::Bare(attempt) => {
                    let service = self.world.service_of(call as u32);
                    self.world.service(service).cancel(attempt);
                }
                Call::NotStarted | Call::Starting | Call::Over => {}
            }
        }
    }

    /// Cancels what policies spawned, also what they have walked away from.
    fn cancel_spawned(&self) {
        let spawned = std::mem::take(&mut self.state.borrow_mut().spawned);
        for task in &spawned {
            self.world.runtime.cancel(task);
        }
    }

    #[inline(always)]
    fn settle(&self, answer: &Answer<CallError>) {
        let now = self.world.runtime.now();
        let (settling, give_up, caller) = {
            let state = &mut *self.state.borrow_mut();
            if state.account.is_settled() {
                return;
            }
            let settling = state.account.settle(answer.status(), now);
            (settling, state.give_up.take(), state.caller.take())
        };
        self.world.job_has_settled(&settling, now);
        if let Some(give_up) = give_up {
            self.world.runtime.cancel(&give_up);
        }
        if let Some(caller) = caller {
            self.world.runtime.wake(caller);
        }
    }

    /// The caller's patience ends.
    fn give_up(&self, rest: Rest) {
        if rest == Rest::Cancel {
            self.cancel_strategy();
            self.cancel_calls();
        }
        self.settle(&Answer::Rejected(CallError::of(ErrorClass::Timeout)));
    }

    fn cancel_strategy(&self) {
        let strategy = self.state.borrow_mut().strategy.take();
        if let Some(strategy) = strategy {
            self.world.runtime.cancel(&strategy);
        }
    }

    /// Its process ends: what runs is cancelled, and nobody will ever settle it.
    pub(crate) fn die(&self) {
        self.dead.set(true);
        self.cancel_calls();
        self.cancel_spawned();
        let give_up = self.state.borrow_mut().give_up.take();
        if let Some(give_up) = give_up {
            self.world.runtime.cancel(&give_up);
        }
        self.cancel_strategy();
    }
}

impl<R: Runtime> State<R> {
    fn new() -> Self {
        State {
            account: Account::default(),
            calls: Vec::new(),
            outstanding: 0,
            ended: VecDeque::new(),
            errors: VecDeque::new(),
            waiting: None,
            caller: None,
            strategy: None,
            give_up: None,
            stacks: None,
            spawned: Vec::new(),
        }
    }

    /// Books the end of a call; gives back who waits for one.
    #[inline]
    fn call_ended(&mut self, call: u32, end: End) -> Option<R::Waiter> {
        self.calls[call as usize] = Call::Over;
        self.account.call_ended(end);
        self.ended.push_back((call, end));
        self.waiting.take()
    }

    fn call_failed(&mut self, call: u32, error: CallError) -> Option<R::Waiter> {
        self.errors.push_back(error);
        self.call_ended(call, End::Failed)
    }

    #[inline(always)]
    fn open(&mut self, world: &World<R>, with_timeline: bool) {
        let calls = world.calls();
        self.account
            .open(world.runtime.now(), calls, world.services(), with_timeline);
        if self.calls.len() == calls as usize {
            for call in &mut self.calls {
                *call = Call::NotStarted;
            }
        } else {
            self.calls.clear();
            self.calls.resize_with(calls as usize, || Call::NotStarted);
        }
        self.outstanding = 0;
        if !self.ended.is_empty() {
            self.ended.clear();
            self.errors.clear();
        }
        self.waiting = None;
        self.caller = None;
        self.strategy = None;
        self.give_up = None;
        self.stacks = None;
        self.spawned.clear();
    }
}

/// The wait for the next call to end.
struct NextSettled<'a, R: Runtime>(&'a Shared<R>);

impl<R: Runtime> Future for NextSettled<'_, R> {
    type Output = Option<(usize, CallResult)>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_next(cx)
    }
}

/// The calls of a simulated job, as a strategy sees them.
struct SimulatedJob<R: Runtime>(Alive<R>);

impl<R: Runtime> Job for SimulatedJob<R> {
    type Error = CallError;

    fn calls(&self) -> usize {
        self.0.job().world.calls() as usize
    }

    #[inline]
    fn start(&mut self, call: usize) {
        // A dead process runs on to its next await, in vain.
        if !self.0.job().dead.get() {
            self.0.job().start(call);
        }
    }

    // No `async fn`, which would be a future around this one.
    #[inline]
    fn next_settled(&mut self) -> impl Future<Output = Option<(usize, CallResult)>> {
        NextSettled(self.0.job())
    }

    fn cancel_rest(&mut self) {
        self.0.job().cancel_calls();
    }

    #[inline]
    fn settle(&mut self, answer: Answer<CallError>) {
        if !self.0.job().dead.get() {
            self.0.job().settle(&answer);
        }
    }

    fn unhandled(&mut self, _: usize) {
        let job = self.0.job();
        if !job.dead.get() {
            job.account(Account::unhandled);
            job.world.failure_is_unhandled(job);
        }
    }
}

/// Runs one job after another in a world, each alone. Generic over the runtime, so that the same job
/// can be run in virtual time and on tokio, and its outcomes compared.
///
/// ```no_run
/// # use awaitlab_harness::{JobRun, World};
/// # fn example(variant: &awaitlab_scenario::Variant, strategy: awaitlab_catalogue::BuiltIn) {
/// let engine = awaitlab_engine::Engine::new();
/// let world = World::new(engine.handle().clone(), variant, &awaitlab_policies::StackSpec::default());
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
        JobRun {
            shared: Rc::new(Shared::new(world, 0)),
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
        self.shared.begin(id, 0, strategy, rest, self.with_timeline);
    }

    /// Takes stock of the job, once nothing of it can happen any more.
    ///
    /// # Panics
    /// When the job has been closed before, or none has begun.
    pub fn close(&self) -> JobOutcome {
        self.close_and_show(JobOutcome::clone)
    }

    /// The same, shown and not given.
    pub(crate) fn close_and_show<T>(&self, show: impl FnOnce(&JobOutcome) -> T) -> T {
        self.shared.close(show).expect("a job is closed once")
    }
}

impl<R: Runtime> Drop for JobRun<R> {
    fn drop(&mut self) {
        // A closed account takes what the runtime still sweeps away for what it is.
        let _ = self.shared.close(|_| ());
        self.shared.world.clear_services();
    }
}

/// Whether a job is good so far: its caller got everything it wanted.
pub(crate) fn is_complete(status: Status, delivered: u64, wanted: u64) -> bool {
    status == Status::Fulfilled && delivered >= wanted
}
