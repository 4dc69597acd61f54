//! How the calls of a job begin, end, and are handed to its strategy.

use std::rc::Rc;
use std::task::{Context, Poll};

use awaitlab_core::{CallResult, Runtime};
use awaitlab_policies::{Reply, Stack};

use crate::job::account::{CallEnd, End, Sent};
use crate::job::{Alive, Call, Shared, attempt, call};

impl<R: Runtime> Shared<R> {
    #[inline]
    pub(super) fn start(self: &Rc<Self>, call: usize) {
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
        let place = &mut state.calls[sent.call as usize];
        debug_assert!(matches!(place, Call::Starting), "an answer is an event");
        *place = Call::Bare(attempt);
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
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<(usize, CallResult)>> {
        if self.dead.get() {
            return Poll::Pending;
        }
        {
            let state = &mut *self.state.borrow_mut();
            if let Some((call, end)) = state.ended.pop_front() {
                state.outstanding -= 1;
                state.account.handed(end);
                let result = match end {
                    End::Failed => Err(state.errors.pop_front().expect("each failure has one")),
                    End::Succeeded | End::Degraded => Ok(()),
                };
                return Poll::Ready(Some((call as usize, result)));
            }
            if state.outstanding == 0 {
                return Poll::Ready(None);
            }
        }
        // A foreign waker may run code of its own when it is cloned or dropped: not while we borrow.
        let waiting = self.world.runtime.waiter(cx.waker());
        let replaced = self.state.borrow_mut().waiting.replace(waiting);
        drop(replaced);
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

    pub(super) fn cancel_calls(&self) {
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
    pub(super) fn cancel_spawned(&self) {
        let spawned = std::mem::take(&mut self.state.borrow_mut().spawned);
        for task in &spawned {
            self.world.runtime.cancel(task);
        }
    }
}
