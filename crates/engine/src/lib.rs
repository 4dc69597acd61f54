//! Virtual time: an executor and an event queue.
//!
//! An [`Engine`] runs ordinary `async` tasks on one thread and moves its own clock from event to
//! event: an hour of sleeping costs as much as a nanosecond. Its [`Handle`] implements
//! [`Runtime`](awaitlab_core::Runtime), so what runs on it cannot tell it from tokio.
//!
//! ```
//! use std::time::Duration;
//! use awaitlab_core::Runtime;
//! use awaitlab_engine::Engine;
//!
//! let engine = Engine::new();
//! let runtime = engine.handle().clone();
//! engine.handle().spawn(async move { runtime.sleep(Duration::from_secs(3600)).await });
//! engine.run();
//! assert_eq!(engine.now().as_nanos(), 3_600_000_000_000);
//! ```
//!
//! # Order
//! Events are ordered by time, then by [`EventClass`](awaitlab_core::EventClass), then by when they
//! were scheduled. One event is taken at a time; everything it made runnable runs to quiescence, in
//! the order in which it became so, before the next event, even at the same instant. A sleep is
//! ready only when its own event fires.
//!
//! # Cost
//! What makes it fast, and what a change should keep:
//! - only the events that are due soon are sorted; what is later lies in buckets, where what is
//!   dropped is not looked for but marked, and swept before it outnumbers the rest (`queue`);
//! - a timer is a key of 16 bytes in the queue and a slot of 32, which never moves (`timer`, `key`,
//!   `chunks`);
//! - among many timers, what the next events touch is asked for before their turn (`prefetch`);
//! - tasks live in slots that are filled again by tasks of the same type: no allocation per task
//!   once a run has warmed up (`task`);
//! - a waker is a number, not a reference count (`waker`), and a sleep keeps the number alone;
//! - a task's first poll happens inside `spawn`, and a task whose event fires while nothing else is
//!   ready is polled at once: neither goes through the ready queue.

mod alarm;
mod chunks;
mod executor;
mod key;
mod prefetch;
mod queue;
mod sleep;
mod task;
mod timer;
mod waker;

pub use alarm::{Alarm, Callee, Waiter};
pub use executor::{Engine, Handle, Limits, Stop};
pub use sleep::Sleep;
pub use task::TaskId;
