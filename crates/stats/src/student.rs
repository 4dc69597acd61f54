//! Student's t: how wide an interval must be when the spread is estimated too.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// From here on the expansion about the normal distribution is the more accurate one.
const MANY: u64 = 1000;

/// How often an interval is to cover what it estimates.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %: what every interval of a report has.
    pub const P95: Confidence = Confidence(0.95);

    /// A confidence of one's own.
    ///
    /// # Errors
    /// Unless it lies between 0 and 1, both excluded.
    pub fn new(level: f64) -> Result<Confidence, ConfidenceError> {
        if !(level > 0.0 && level < 1.0) {
            return Err(ConfidenceError::NotBetweenZeroAndOne);
        }
        Ok(Confidence(level))
    }

    /// The level, between 0 and 1.
    pub const fn level(self) -> f64 {
        self.0
    }

    /// How often it may miss: `1 - level`.
    pub fn error(self) -> f64 {
        1.0 - self.0
    }

    /// The quantile of Student's t that leaves half of the error above it.
    ///
    /// Relative error below 10^-9. `degrees` of freedom from 1; 0 has no such quantile and gives
    /// infinity.
    pub fn t(self, degrees: u64) -> f64 {
        let upper = 1.0 - self.error() / 2.0;
        match degrees {
            0 => f64::INFINITY,
            1..=MANY => StudentsT::new(0.0, 1.0, degrees as f64)
                .map_or(f64::INFINITY, |t| t.inverse_cdf(upper)),
            _ => expanded(Normal::standard().inverse_cdf(upper), degrees as f64),
        }
    }
}

/// Why a number is no confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfidenceError {
    /// Not between 0 and 1, both excluded.
    #[error("a confidence lies between 0 and 1, both excluded")]
    NotBetweenZeroAndOne,
}

/// How often a t at least this far from 0, on either side, would be seen by chance.
///
/// 1 at 0, 0 at infinity; NaN where `t` is NaN or there are no degrees of freedom.
pub fn two_sided_p(t: f64, degrees: u64) -> f64 {
    match StudentsT::new(0.0, 1.0, degrees as f64) {
        Ok(student) if t.is_finite() => (2.0 * student.sf(t.abs())).min(1.0),
        Ok(_) if t.is_infinite() => 0.0,
        _ => f64::NAN,
    }
}

/// The Cornish-Fisher expansion of t's quantile about the normal one, to 1/v^3 (Abramowitz and
/// Stegun, 26.7.5): the next term is below 10^-11 from 1000 degrees on.
fn expanded(z: f64, v: f64) -> f64 {
    let z2 = z * z;
    let g1 = z * (z2 + 1.0) / 4.0;
    let g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    z + (g1 + (g2 + g3 / v) / v) / v
}
