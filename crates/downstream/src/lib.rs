//! The service that is called.
//!
//! A [`Service`] turns an attempt into an answer, or into silence: it asks its fault rules what
//! happens to the attempt and its latency how long that takes. It samples and asks through the
//! traits of `awaitlab-core`, so it knows neither distributions nor rules.
//!
//! # The way of an attempt
//!
//! | | | module |
//! |---|---|---|
//! | replica | chosen when the attempt is sent | `balance` |
//! | request leg | one draw of the network; a partition swallows messages sent in it | `attempt`, `draws` |
//! | a crashed replica | refuses, before anything else | `edges`, `door` |
//! | fault rules | judged once, at arrival | `door` |
//! | quota | a token, or a 429 after the reject latency | `door`, `bucket` |
//! | queue | a place, or a 503; a 503 too for a place that has expired when it comes up | `queue`, `floor` |
//! | worker | latency x slowdown, then what a rule adds, then the pauses on the way | `floor`, `slowdown` |
//! | in-flight limit | a 429 when too many are there at completion | `floor` |
//! | response leg | another draw | `attempt` |
//!
//! All that a service knows (who waits, who is worked on, the tokens, the version of the item) stands
//! on its `floor`, and events drive it: an attempt has alarms, not a task. A service without any
//! limit takes a short way (`plain`): its answer is known when the attempt is sent. One with workers and a
//! patient queue and nothing else takes a middle way (`simple`).
//!
//! # Where a choice was open
//! - An attempt is at the service, for its in-flight limit, from its arrival until it is completed,
//!   waiting included; what was refused is not. An error by a fault rule stays that error.
//! - A refusal (quota, full queue) is told to the [`Ledger`](awaitlab_core::Ledger) when it happens;
//!   its answer comes later. A crash, an expired place and a full queue before the write of a
//!   versioned item are failures, not refusals.
//! - An attempt that hangs keeps its worker for ever, unless the service crashes, or stops what is
//!   cancelled and it is.
//! - In a pause nothing is answered, refusals included; a crash interrupts a pause.
//! - A ledger hears of a wait once. After its attempt has been cancelled it hears of nothing but of
//!   how much longer that stood in the queue.
//! - Where each client takes turns of its own, client i begins at replica i: clients that all began
//!   at the first would move as one.

mod answer;
mod attempt;
mod balance;
mod bucket;
mod cancel;
mod door;
mod draws;
mod edges;
mod floor;
mod places;
mod plain;
mod queue;
mod service;
mod simple;
mod slowdown;
pub mod spec;
mod stats;
mod visit;

pub use answer::Answer;
pub use service::{Service, Unattended};
pub use spec::ServiceSpec;
pub use stats::ServiceStats;
