//! The models as one writes them by hand: a heap of events, a `match`, structs in a `Vec`. No tasks, no
//! futures, no strategies, nothing that could be another model.
//!
//! Twice. [`fan_out`] and [`queue`] keep the accounts that the lab keeps, with the lab's keyed random
//! numbers, so what they find is what the lab finds, to the last bit, and tests hold that: they are
//! what the lab's speed is measured against. [`bare`] keeps a histogram and draws from one generator:
//! what no program that does less could be much faster than.

pub(crate) mod account;
pub(crate) mod bare;
pub(crate) mod events;
pub(crate) mod fan_out;
pub(crate) mod queue;
mod series;

use awaitlab_core::Draws;

use crate::models::MEAN;

/// An exponential time in nanoseconds, to the nearest one: the lab's law, with the logarithm that is
/// the same on every machine.
#[inline]
fn exponential_ns(draws: &mut Draws) -> u64 {
    let mean_ns = MEAN.as_nanos() as f64;
    (-mean_ns * libm::log(1.0 - draws.uniform()) + 0.5) as u64
}
