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

#[cfg(test)]
mod tests {
    use super::*;

    /// Degrees of freedom, and the 97.5 % and 99.5 % points of the usual printed tables.
    const TABLE: [(u64, f64, f64); 9] = [
        (1, 12.706, 63.657),
        (2, 4.303, 9.925),
        (3, 3.182, 5.841),
        (4, 2.776, 4.604),
        (9, 2.262, 3.250),
        (10, 2.228, 3.169),
        (30, 2.042, 2.750),
        (100, 1.984, 2.626),
        (1000, 1.962, 2.581),
    ];

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        let p99 = Confidence::new(0.99).unwrap();
        for (degrees, at_95, at_99) in TABLE {
            let (t95, t99) = (Confidence::P95.t(degrees), p99.t(degrees));
            assert!(
                (t95 - at_95).abs() <= 0.000_51,
                "{degrees}: {t95}, not {at_95}"
            );
            assert!(
                (t99 - at_99).abs() <= 0.000_51,
                "{degrees}: {t99}, not {at_99}"
            );
        }
    }

    #[test]
    fn quantiles_are_exact_where_there_is_a_closed_form() {
        // One degree: tan(pi (q - 1/2)). Two: (2q - 1) / sqrt(2q (1 - q)). Infinitely many: normal.
        let q = 0.975_f64;
        let one = (std::f64::consts::PI * (q - 0.5)).tan();
        let two = (2.0 * q - 1.0) / (2.0 * q * (1.0 - q)).sqrt();
        assert!((Confidence::P95.t(1) / one - 1.0).abs() < 1e-9);
        assert!((Confidence::P95.t(2) / two - 1.0).abs() < 1e-9);
        assert!((Confidence::P95.t(1 << 40) / 1.959_963_984_540_054 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_two_ways_to_a_quantile_meet() {
        for level in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let confidence = Confidence::new(level).unwrap();
            let z = Normal::standard().inverse_cdf(1.0 - confidence.error() / 2.0);
            let (table, expansion) = (confidence.t(MANY), expanded(z, MANY as f64));
            assert!(
                (table / expansion - 1.0).abs() < 1e-9,
                "{level}: {table} {expansion}"
            );
        }
    }

    #[test]
    fn a_p_value_undoes_the_quantile() {
        for degrees in [1, 2, 5, 9, 99, 999, 9_999, 199_999] {
            let p = two_sided_p(Confidence::P95.t(degrees), degrees);
            assert!((p - 0.05).abs() < 1e-9, "{degrees}: {p}");
        }
    }

    #[test]
    fn a_p_value_ends_at_one_and_at_zero() {
        assert_eq!(two_sided_p(0.0, 9), 1.0);
        assert_eq!(two_sided_p(f64::INFINITY, 9), 0.0);
        assert_eq!(two_sided_p(-3.0, 9), two_sided_p(3.0, 9));
        assert!(two_sided_p(f64::NAN, 9).is_nan());
        assert!(two_sided_p(1.0, 0).is_nan());
    }

    #[test]
    fn more_confidence_is_wider_and_more_data_is_narrower() {
        for degrees in 1..3000 {
            let t = Confidence::P95.t(degrees);
            assert!(t < Confidence::new(0.96).unwrap().t(degrees), "{degrees}");
            assert!(t > Confidence::P95.t(degrees + 1), "{degrees}");
        }
    }

    #[test]
    fn a_confidence_lies_between_zero_and_one() {
        for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert_eq!(
                Confidence::new(level),
                Err(ConfidenceError::NotBetweenZeroAndOne),
                "{level}"
            );
        }
    }
}
