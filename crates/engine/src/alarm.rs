//! The alarm of virtual time, whom it calls, and who is woken.

use std::task::Waker;

use crate::task::TaskId;
use crate::timer::TimerId;

/// Names an alarm that has not gone off.
#[derive(Debug)]
#[must_use = "an alarm that nobody can take back goes off"]
pub struct Alarm(pub(crate) TimerId);

/// Somebody whom alarms call, by the number under which the engine knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callee(pub(crate) u32);

/// Who is to be woken: a task of this engine by its name, anybody else by a waker.
#[derive(Debug)]
pub struct Waiter(pub(crate) Whoever);

#[derive(Debug)]
pub(crate) enum Whoever {
    Task(TaskId),
    Waker(Waker),
}
