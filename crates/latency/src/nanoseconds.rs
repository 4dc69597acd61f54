//! Durations as numbers, and back.

use std::time::Duration;

use awaitlab_core::time::nanos;

/// No latency is longer: 2^62 ns, 146 years. Beyond every horizon, and far enough below `u64::MAX`
/// that an instant plus a latency does not wrap.
pub const LONGEST: Duration = Duration::from_nanos(LONGEST_NS);

pub(crate) const LONGEST_NS: u64 = 1 << 62;

/// Nanoseconds of a duration, at most [`LONGEST`].
pub(crate) fn whole(duration: Duration) -> u64 {
    nanos(duration).min(LONGEST_NS)
}

/// Nanoseconds of a duration as a real number: to the nanosecond below 2^53 ns, which is 104 days.
/// Not cut, so that what is too long can still be refused.
pub(crate) fn real(duration: Duration) -> f64 {
    nanos(duration) as f64
}

/// The nearest whole number of nanoseconds within 0 and [`LONGEST`], halves upwards.
#[inline]
pub(crate) fn round(ns: f64) -> u64 {
    let ns = ns.clamp(0.0, LONGEST_NS as f64);
    // Not (ns + 0.5) as u64: from 2^52 on that sum rounds odd numbers up.
    let floor = ns as i64;
    floor as u64 + u64::from(ns - floor as f64 >= 0.5)
}

/// [`round`] as a duration.
pub(crate) fn duration(ns: f64) -> Duration {
    Duration::from_nanos(round(ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_up_and_large_numbers_stay_what_they_are() {
        assert_eq!([0.0, 0.49, 0.5, 1.5, 2.49].map(round), [0, 0, 1, 2, 2]);
        let odd = (1_u64 << 52) + 1;
        assert_eq!(round(odd as f64), odd);
    }

    #[test]
    fn what_is_no_latency_becomes_the_nearest_that_is() {
        assert_eq!(round(-1.0), 0);
        assert_eq!(round(1e300), LONGEST_NS);
        assert_eq!(round(f64::INFINITY), LONGEST_NS);
        assert_eq!(whole(Duration::MAX), LONGEST_NS);
    }
}
