//! A stretch of time in which the rate of arrivals is constant or changes evenly.
//!
//! With rates a at the start and b at the end, T apart, the rate has summed up to
//! L(x) = a x + (b - a) x^2 / (2 T) jobs after x. Its inverse, at which moment it has summed up to w,
//! is x = 2 w / (a + sqrt(a^2 + 2 w (b - a) / T)): the root of the quadratic in the form that neither
//! divides by b - a nor subtracts what is nearly equal.

use std::time::Duration;

use awaitlab_core::time::nanos;

/// A stretch of time in which the rate is constant or changes evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it lasts.
    pub lasts: Duration,
    /// Jobs per second at its start.
    pub from_per_s: f64,
    /// Jobs per second at its end.
    pub to_per_s: f64,
}

/// Why there is no such stage.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum StageError {
    /// `lasts == 0`.
    #[error("a stage must last longer than 0")]
    NoTime,
    /// `!(0 <= rate < infinity)`.
    #[error("a rate is a finite number of jobs per second, 0 or more; {0} is not")]
    Rate(f64),
}

pub(crate) const SECOND_NS: f64 = 1e9;

impl Stage {
    /// So many jobs per second throughout.
    ///
    /// # Errors
    /// When it lasts no time, or the rate is negative, infinite or not a number.
    pub fn steady(lasts: Duration, rate_per_s: f64) -> Result<Self, StageError> {
        Self::ramp(lasts, rate_per_s, rate_per_s)
    }

    /// From one number of jobs per second evenly to another.
    ///
    /// # Errors
    /// When it lasts no time, or a rate is negative, infinite or not a number.
    pub fn ramp(lasts: Duration, from_per_s: f64, to_per_s: f64) -> Result<Self, StageError> {
        if lasts.is_zero() {
            return Err(StageError::NoTime);
        }
        for rate in [from_per_s, to_per_s] {
            if !(rate >= 0.0 && rate.is_finite()) {
                return Err(StageError::Rate(rate));
            }
        }
        Ok(Stage {
            lasts,
            from_per_s,
            to_per_s,
        })
    }

    /// Whether the rate is the same throughout.
    #[inline]
    pub fn is_steady(&self) -> bool {
        self.from_per_s == self.to_per_s
    }

    /// How many jobs arrive in it on average.
    pub fn jobs(&self) -> f64 {
        0.5 * (self.from_per_s + self.to_per_s) * (self.lasts_ns() as f64 / SECOND_NS)
    }

    #[inline]
    pub(crate) fn lasts_ns(&self) -> u64 {
        nanos(self.lasts)
    }

    /// When, in nanoseconds from its start, the rate has summed up to `jobs` (at least 0), or begins
    /// to sum up to more. `None` where that is not before its end.
    #[inline]
    pub(crate) fn reaches_ns(&self, jobs: f64) -> Option<u64> {
        if self.from_per_s == 0.0 && self.to_per_s == 0.0 {
            return None;
        }
        let ns = if jobs == 0.0 {
            0.0
        } else if self.is_steady() {
            // One rounding less: on a rate that divides a second, exact.
            jobs * SECOND_NS / self.from_per_s
        } else {
            let a = self.from_per_s;
            let per_s_per_s = (self.to_per_s - a) / (self.lasts_ns() as f64 / SECOND_NS);
            // Negative, and the root not a number, where a falling rate never gets there.
            let root = libm::sqrt(a * a + 2.0 * jobs * per_s_per_s);
            2.0 * jobs / (a + root) * SECOND_NS
        };
        let lasts_ns = self.lasts_ns();
        // NaN is refused before the cast, which saturates.
        let within = ns < real(lasts_ns);
        let ns = if within { rounded(ns) } else { u64::MAX };
        (ns < lasts_ns).then_some(ns)
    }
}

/// The nearest whole number, halves upwards: `libm::round` for what is not negative and below 2^63, which
/// it takes apart bit by bit. By way of signed numbers, which processors convert in one instruction.
#[inline]
fn rounded(ns: f64) -> u64 {
    let whole = ns as i64;
    whole as u64 + u64::from(ns - whole as f64 >= 0.5)
}

/// The same number, if it is below 2^63: three centuries.
#[inline]
fn real(ns: u64) -> f64 {
    i64::try_from(ns).unwrap_or(i64::MAX) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_stage_without_time_or_with_an_impossible_rate_is_refused() {
        assert_eq!(Stage::steady(Duration::ZERO, 1.0), Err(StageError::NoTime));
        for rate in [-0.1, f64::INFINITY] {
            let refused = Err(StageError::Rate(rate));
            assert_eq!(Stage::steady(SECOND, rate), refused);
            assert_eq!(Stage::ramp(SECOND, 1.0, rate), refused);
        }
        let nan = Stage::ramp(SECOND, f64::NAN, 1.0);
        assert!(matches!(nan, Err(StageError::Rate(_))));
        assert!(Stage::steady(SECOND, 0.0).is_ok());
    }

    /// From 10/s to 30/s in 4 s: 10 x + 2.5 x^2, which is 80 at the end and 30 after 2 s.
    #[test]
    fn a_ramp_reaches_what_its_rate_has_summed_up_to() {
        let ramp = Stage::ramp(4 * SECOND, 10.0, 30.0).unwrap();
        assert_eq!(ramp.jobs(), 80.0);
        assert_eq!(ramp.reaches_ns(0.0), Some(0));
        assert_eq!(ramp.reaches_ns(30.0), Some(2_000_000_000));
        assert_eq!(ramp.reaches_ns(80.0), None, "its end is not of it");
        // Down, the same from behind: 30 x - 2.5 x^2 is 50 after 2 s.
        let down = Stage::ramp(4 * SECOND, 30.0, 10.0).unwrap();
        assert_eq!(down.reaches_ns(50.0), Some(2_000_000_000));
        assert_eq!(down.reaches_ns(1000.0), None);
    }

    #[test]
    fn a_stage_without_arrivals_reaches_nothing() {
        let silent = Stage::steady(SECOND, 0.0).unwrap();
        assert_eq!([0.0, 1.0].map(|jobs| silent.reaches_ns(jobs)), [None; 2]);
    }
}
