//! Always the same.
//!
//! The bound that published comparisons compute with: under it, the slowest of three calls takes no
//! longer than any of them.

use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;

/// One latency, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    pub(crate) value_ns: u64,
}

impl Constant {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "constant";

    /// Always `value`; [`crate::LONGEST`] where that is longer.
    pub fn new(value: Duration) -> Self {
        Constant {
            value_ns: nanoseconds::whole(value),
        }
    }
}

impl Law for Constant {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.value_ns as f64)
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        (self.value_ns as f64).min(limit_ns)
    }

    fn survival(&self, ns: f64) -> f64 {
        if ns < self.value_ns as f64 { 1.0 } else { 0.0 }
    }

    fn quantile_ns(&self, _: f64) -> f64 {
        self.value_ns as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::model::Model;

    #[test]
    fn the_first_draws_are_the_value() {
        let half_a_second = Constant::new(Duration::from_millis(500));
        assert_eq!(golden::first_draws(half_a_second), [500_000_000; 4]);
    }

    #[test]
    fn mean_and_every_quantile_are_the_value() {
        let constant = Constant::new(Duration::from_nanos(7));
        assert_eq!(constant.mean_ns(), Some(7.0));
        assert_eq!([0.0, 0.5, 1.0].map(|p| constant.quantile_ns(p)), [7.0; 3]);
    }

    /// 200 days and a nanosecond do not fit a 53-bit mantissa.
    #[test]
    fn a_long_constant_is_exact_to_the_nanosecond() {
        let value = Duration::from_secs(200 * 86_400) + Duration::from_nanos(1);
        let model = Model::from(Constant::new(value));
        assert_eq!(golden::first_draws(model), [value.as_nanos() as u64; 4]);
    }
}
