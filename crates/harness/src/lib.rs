//! Scenario x variant x strategy x replication, to a record.
//!
//! ```text
//! Scenario --> Contest --> entrants (a strategy each)
//!                |           |
//!                |         world (services, clock, streams of one replication)
//!                |           |
//!                |          job (what a strategy sees) --> outcome (plain numbers)
//!                |                                            |
//!                +------------------------------------- tally (exact sums) --> rows --> Record
//! ```
//!
//! A [`Contest`] runs the strategies of a scenario, and any others that a program brings:
//!
//! ```no_run
//! use awaitlab_core::{Job, Strategy};
//! use awaitlab_harness::Contest;
//! use awaitlab_scenario::Scenario;
//!
//! # #[derive(Clone)]
//! # struct Mine;
//! # impl Strategy for Mine { async fn run<J: Job>(&self, _: &mut J) {} }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scenario = Scenario::read("scenarios/three-requests.toml".as_ref(), &[])?;
//! let record = Contest::new(&scenario).with("Mine", Mine).run()?;
//! assert_eq!(record.summary.rows.len(), scenario.variants.len() * (scenario.strategies.len() + 1));
//! # Ok(())
//! # }
//! ```

mod contest;
mod count;
pub mod job;
mod results;
pub mod world;

pub use contest::{Contest, Observer, RunError};
pub use job::JobRun;
pub use job::outcome::JobOutcome;
pub use world::World;
