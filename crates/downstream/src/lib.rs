//! The service that is called.
//!
//! A [`Service`] turns an attempt into an answer, or into silence: it asks its fault rules what
//! happens to the attempt and its latency how long that takes. It samples and asks through the
//! traits of `awaitlab-core`, so it knows neither distributions nor rules.
//!
//! It has no limit: what it takes for one attempt does not depend on how many others there are.
//! Such a service makes "start everything at once" look better than it is anywhere else; reports of
//! scenarios with it should be read with that in mind.

mod service;
pub mod spec;

pub use service::Service;
pub use spec::ServiceSpec;
