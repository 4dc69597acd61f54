//! The service that is called.
//!
//! A [`Service`] turns an attempt into an answer, or into silence: it asks its fault rules what
//! happens to the attempt and its latency how long that takes. It samples and asks through the
//! traits of `awaitlab-core`, so it knows neither distributions nor rules.

mod abandoned;
mod attempt;
mod balance;
mod bucket;
mod draws;
mod edges;
mod floor;
mod plain;
mod queue;
mod service;
mod serving;
mod slowdown;
pub mod spec;
mod stats;
mod visit;

pub use service::Service;
pub use spec::ServiceSpec;
pub use stats::ServiceStats;
