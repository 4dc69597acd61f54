//! What company in service costs an attempt.

use crate::spec::Slowdown;

impl Slowdown {
    /// The factor on the service time of an attempt that begins as one of `in_service`.
    pub(crate) fn factor(&self, in_service: u32) -> f64 {
        match *self {
            Slowdown::Linear { at, factor } => {
                1.0 + (factor - 1.0) * f64::from(in_service) / f64::from(at)
            }
            Slowdown::Knee { at, beyond } => {
                if in_service > at {
                    beyond
                } else {
                    1.0
                }
            }
        }
    }
}

/// `service_ns` x `factor`, rounded to the nearest nanosecond.
pub(crate) fn times(service_ns: u64, factor: f64) -> u64 {
    // A cast from float to integer saturates, and the specifications admit no NaN.
    (service_ns as f64 * factor).round() as u64
}
