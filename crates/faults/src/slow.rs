//! The service serves, but slower: latency x factor + add.
//!
//! A factor below 1 makes it faster, which an experiment may want; 0 leaves `add` alone.

use std::time::Duration;

use awaitlab_core::Verdict;

/// A service time that is stretched, lengthened, or both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    factor: f64,
    add: Duration,
}

/// Why there is no such slowness.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SlowError {
    /// Neither `factor` nor `add`.
    #[error("slow needs a factor, or a time to add")]
    Nothing,
    /// `!(0 <= factor < infinity)`.
    #[error("a factor is a finite number, 0 or more; {0} is not")]
    Factor(f64),
}

impl Slow {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "slow";

    /// Latency x `factor` + `add`; what is `None` changes nothing.
    ///
    /// # Errors
    /// When both are `None`, or the factor is negative, infinite or not a number.
    pub fn new(factor: Option<f64>, add: Option<Duration>) -> Result<Self, SlowError> {
        if factor.is_none() && add.is_none() {
            return Err(SlowError::Nothing);
        }
        let factor = factor.unwrap_or(1.0);
        if !(factor >= 0.0 && factor.is_finite()) {
            return Err(SlowError::Factor(factor));
        }
        Ok(Slow {
            factor,
            add: add.unwrap_or(Duration::ZERO),
        })
    }

    /// What becomes of the attempt.
    #[inline]
    pub fn verdict(&self) -> Verdict {
        Verdict::Slow {
            factor: self.factor,
            add: self.add,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_not_given_changes_nothing() {
        let verdict = |factor, add| Slow::new(factor, add).unwrap().verdict();
        assert_eq!(
            verdict(Some(3.0), None),
            Verdict::Slow {
                factor: 3.0,
                add: Duration::ZERO
            }
        );
        assert_eq!(
            verdict(None, Some(SECOND)),
            Verdict::Slow {
                factor: 1.0,
                add: SECOND
            }
        );
        assert_eq!(
            verdict(Some(0.0), Some(SECOND)),
            Verdict::Slow {
                factor: 0.0,
                add: SECOND
            }
        );
    }

    #[test]
    fn slow_without_a_factor_and_without_a_time_says_nothing() {
        assert_eq!(Slow::new(None, None), Err(SlowError::Nothing));
    }

    #[test]
    fn a_factor_is_finite_and_not_negative() {
        for factor in [-0.1, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert!(matches!(
                Slow::new(Some(factor), None),
                Err(SlowError::Factor(_))
            ));
        }
    }
}
