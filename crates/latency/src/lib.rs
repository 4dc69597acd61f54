//! Latency distributions, one file each.
//!
//! A [`Model`] is what a scenario's `latency = { … }` says: a [`Distribution`] with an offset and a
//! cap, so that a draw takes min(offset + draw, cap). Everything in here counts in nanoseconds;
//! durations come in through constructors, bare numbers carry `_ns` in their names.
//!
//! Wherever the distribution function has an inverse, a draw is that inverse at one uniform number,
//! rising with it. So a latency costs one draw, and the same attempt under two parameters, or in two
//! variants of a scenario, is slow or fast in both: comparisons pair well. Only the kinds without a
//! usable inverse (gamma, erlang, mixture) take more numbers. Logarithms and powers are `libm`'s,
//! written in Rust, so that a draw has the same bits wherever the lab is built; gamma alone, which
//! `rand_distr` draws, uses the platform's.
//!
//! What is known of each kind in closed form is its [`Law`]: mean, mean under a cap, survival
//! function and quantiles. Formulas without a source of their own are in Johnson, Kotz and
//! Balakrishnan, *Continuous Univariate Distributions*, 1994 and 1995.
//!
//! ```
//! use std::time::Duration;
//! use awaitlab_latency::{Exponential, Model};
//!
//! let model = Model::new(
//!     Exponential::new(Duration::from_millis(500))?,
//!     Duration::from_millis(20),
//!     Some(Duration::from_secs(10)),
//! )?;
//! assert_eq!(model.quantile(0.5), Duration::from_nanos(366_573_590)); // 20 ms + 500 ms x ln 2
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod constant;
pub mod distribution;
pub mod empirical;
pub mod erlang;
pub mod exponential;
pub mod gamma;
mod incomplete_gamma;
mod inversion;
pub mod law;
pub mod list;
pub mod log_normal;
pub mod mixture;
pub mod model;
mod nanoseconds;
pub mod normal;
pub mod pareto;
pub mod quantiles;
mod standard_normal;
pub mod two_quantiles;
pub mod uniform;
pub mod weibull;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod kolmogorov_smirnov;

pub use constant::Constant;
pub use distribution::{Distribution, KINDS};
pub use empirical::Empirical;
pub use erlang::Erlang;
pub use exponential::Exponential;
pub use gamma::Gamma;
pub use law::Law;
pub use list::List;
pub use log_normal::LogNormal;
pub use mixture::{Mixture, Part};
pub use model::{Model, ModelError};
pub use nanoseconds::LONGEST;
pub use normal::Normal;
pub use pareto::Pareto;
pub use quantiles::{Point, Quantiles, Shape};
pub use uniform::Uniform;
pub use weibull::Weibull;
