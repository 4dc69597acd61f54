//! The runtime trait on tokio, and strategies over real futures.
//!
//! Two things, for two of the three places in which a strategy runs unchanged:
//!
//! - [`TokioRuntime`] gives core's [`Runtime`](awaitlab_core::Runtime) on tokio's clock:
//!   [`paused`], where a second costs nothing and every run is the same, and [`real`]. What runs
//!   in virtual time runs here too, so each is the other's oracle.
//! - [`fan_out`] runs any [`Strategy`](awaitlab_core::Strategy) over closures that return futures
//!   with results and errors of the caller's own types: the strategy as a library, in production.
//!   [`fan_out_local`] does so for calls that are not `Send`, as those with policies around them.
//!
//! ```
//! use std::time::Duration;
//!
//! use awaitlab_bounded::{Bounded, OnError};
//! use awaitlab_core::Rest;
//! use awaitlab_tokio_runtime::{Settled, fan_out, paused};
//!
//! async fn fetch(page: u32) -> Result<String, String> {
//!     tokio::time::sleep(Duration::from_millis(500)).await;
//!     if page == 1 { Err("503".to_owned()) } else { Ok(format!("page {page}")) }
//! }
//!
//! let two_at_a_time = Bounded::new(2, OnError::Collect, Rest::Orphan)?;
//! // The paused clock makes the example quick and exact; `#[tokio::main]` serves as well.
//! let settled = paused(|_| async move {
//!     let calls = (0..3).map(|page| move || fetch(page)).collect();
//!     let (work, reply) = fan_out(two_at_a_time, calls);
//!     tokio::spawn(work);
//!     reply.await.settled
//! });
//! assert_eq!(
//!     settled,
//!     Settled::Fulfilled(vec![
//!         Some(Ok("page 0".to_owned())),
//!         Some(Err("503".to_owned())),
//!         Some(Ok("page 2".to_owned())),
//!     ])
//! );
//! # Ok::<(), awaitlab_bounded::BoundedError>(())
//! ```
//!
//! Of both at once, policies around every call of a strategy, `examples/aggregation_service.rs` is a
//! whole service: two TCP services behind it, and its figures on the real clock beside those that
//! the lab predicts.
//!
//! [`script`] writes down what a strategy did with calls of given latencies: the form in which the
//! strategies' own tests are read.

mod alarm;
mod caught;
mod fan_out;
mod first_poll;
mod in_flight;
mod job;
mod outcome;
mod runtime;
pub mod script;
mod sleep;
mod spawner;
mod task;

pub use alarm::{TokioAlarm, TokioCallee};
pub use fan_out::{Reply, fan_out, fan_out_local};
pub use outcome::{Drained, Outcome, Settled};
pub use runtime::{TokioRuntime, paused, real};
pub use sleep::TokioSleep;
pub use task::TokioTask;
