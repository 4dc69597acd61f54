//! Sends a second attempt when the first is slow.
//!
//! Idea: the slowest of a hundred is slow by bad luck, seldom twice. With S1(t) for the share of
//! attempts that take longer than t, a call that is hedged once after d takes longer than t with
//! S1(t) before d and S1(t) S1(t - d) after, for S1(d) more attempts: at the 95th percentile, 5 %
//! (Dean and Barroso, "The Tail at Scale", 2013).
//!
//! The k-th extra attempt is sent k delays after the first; `delay` in this folder says how long that
//! is. The first success is the call's. A failure while another attempt runs waits for it; when all
//! that were sent have failed, the call fails with the last error, and sends no further attempt: to
//! try again is a retry's business. An extra attempt that the budget forbids is left out, the next
//! asks again.
//!
//! Attempts that were beaten are stopped ([`Rest::Cancel`]), or run on unheard ([`Rest::Orphan`]),
//! and are duplicates either way. An attempt that had failed by then had failed.
//!
//! When it hurts: where attempts are slow because the service has too much to do. All are then slower
//! than yesterday's percentile, all are hedged, and the load has doubled: give it a budget.

mod delay;
mod race;

use std::time::Duration;

use awaitlab_core::Rest;
use thiserror::Error;

use crate::attempts::Attempts;
use crate::budget::{Budget, BudgetError, BudgetSpec};
use crate::context::Context;
use crate::frame::{Frame, Part};
use crate::walk::Entry;
use delay::Delay;

pub(crate) use race::Race;

/// A hedge.
#[derive(Clone, Debug, PartialEq)]
pub struct HedgeSpec {
    /// How long to wait for an answer before the first extra attempt; k times as long before the k-th.
    pub delay: Duration,
    /// Takes the place of `delay` once enough attempts have been answered.
    pub percentile: Option<HedgePercentile>,
    /// Extra attempts at most.
    pub max_extra: u32,
    /// What becomes of the attempts that were beaten.
    pub rest: Rest,
    /// What bounds the extra attempts of all calls together.
    pub budget: Option<BudgetSpec>,
}

/// A delay that follows what is observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgePercentile {
    /// Above 0 and below 1: 0.95 for the 95th percentile of answered attempts.
    pub quantile: f64,
    /// Answered attempts from which on it is used.
    pub minimum_samples: u64,
}

/// Why there is no such hedge.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HedgeError {
    /// The quantile is not between 0 and 1.
    #[error("the percentile of a hedge must lie above 0 and below 1")]
    Quantile,
    /// No extra attempt.
    #[error("a hedge sends at least one extra attempt")]
    NoExtra,
    /// The budget has no meaning.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// A hedge with its budget and what it has observed.
pub(crate) struct Hedge {
    max_extra: u32,
    rest: Rest,
    delay: Delay,
    budget: Option<Budget>,
}

impl Hedge {
    pub(crate) fn new(spec: HedgeSpec) -> Result<Self, HedgeError> {
        if spec.max_extra == 0 {
            return Err(HedgeError::NoExtra);
        }
        Ok(Hedge {
            max_extra: spec.max_extra,
            rest: spec.rest,
            delay: Delay::new(spec.delay, spec.percentile)?,
            budget: spec.budget.map(Budget::new).transpose()?,
        })
    }

    fn one_failed(&self) {
        if let Some(budget) = &self.budget {
            budget.failed();
        }
    }

    #[inline(always)]
    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        if let Some(budget) = &self.budget {
            budget.first_try(cx.now());
        }
        let race = Race::begin(self, cx);
        frame.waits_for(race.first_timer(cx));
        frame.holds(Part::Hedge(race));
        match self.rest {
            Rest::Cancel => Entry::Inside,
            Rest::Orphan => Entry::Waits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> HedgeSpec {
        HedgeSpec {
            delay: Duration::from_millis(100),
            percentile: None,
            max_extra: 1,
            rest: Rest::Cancel,
            budget: None,
        }
    }

    #[test]
    fn a_hedge_sends_something() {
        let none = HedgeSpec {
            max_extra: 0,
            ..spec()
        };
        assert_eq!(Hedge::new(none).err(), Some(HedgeError::NoExtra));
    }

    #[test]
    fn a_percentile_is_no_percentage() {
        let percentile = Some(HedgePercentile {
            quantile: 95.0,
            minimum_samples: 100,
        });
        let broken = HedgeSpec {
            percentile,
            ..spec()
        };
        assert_eq!(Hedge::new(broken).err(), Some(HedgeError::Quantile));
    }

    #[test]
    fn a_budget_without_meaning_is_no_hedge() {
        let budget = Some(BudgetSpec::FailureRatio { ratio: -1.0 });
        let broken = HedgeSpec { budget, ..spec() };
        let rule = HedgeError::Budget(BudgetError::Ratio);
        assert_eq!(Hedge::new(broken).err(), Some(rule));
    }
}
