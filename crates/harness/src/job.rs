//! A job over simulated services: what a strategy sees in the lab.

mod account;
pub(crate) mod attempt;
mod call;
mod calls;
mod drawn;
pub mod outcome;
mod run;
mod runtime;
mod seen;

pub(crate) use account::Settling;
pub use run::JobRun;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use awaitlab_core::{Answer, CallError, ErrorClass, Rest, Runtime, Status, Strategy};
use awaitlab_downstream::Unattended;
use awaitlab_policies::Stack;

use crate::job::account::{Account, End};
use crate::job::outcome::JobOutcome;
use crate::job::seen::SimulatedJob;
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
    #[inline]
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
            // The place may have gone to another job by the time somebody looks again.
            if self.account(|account| account.is_settled()) || self.id.get() != id {
                return Poll::Ready(());
            }
            // Foreign code: not while we borrow.
            let caller = self.world.runtime.waiter(cx.waker());
            let replaced = self.state.borrow_mut().caller.replace(caller);
            drop(replaced);
            Poll::Pending
        })
        .await;
    }

    #[inline]
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

    #[inline]
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

/// Whether a job is good so far: its caller got everything it wanted.
pub(crate) fn is_complete(status: Status, delivered: u64, wanted: u64) -> bool {
    status == Status::Fulfilled && delivered >= wanted
}
