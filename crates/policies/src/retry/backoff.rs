//! How long a retry waits: backoff and jitter, in whole nanoseconds.

use std::time::Duration;

use awaitlab_core::Draws;
use awaitlab_core::time::nanos;

use super::{Backoff, Growth, Jitter};

/// The delays of one call.
#[derive(Clone, Copy)]
pub(super) struct Delays {
    /// Delays there have been.
    retries: u32,
    /// The last delay that was drawn, in nanoseconds; the base where none was.
    previous_ns: u64,
}

impl Delays {
    pub(super) fn new(backoff: &Backoff) -> Self {
        Delays {
            retries: 0,
            previous_ns: nanos(backoff.base),
        }
    }

    /// How many there have been.
    pub(super) fn drawn(&self) -> u32 {
        self.retries
    }

    /// The next delay. Randomness is asked for only where there is jitter.
    pub(super) fn next(
        &mut self,
        backoff: &Backoff,
        jitter: Jitter,
        draws: impl FnOnce() -> Draws,
    ) -> Duration {
        let plain = backoff.plain_ns(self.retries);
        let uniform = |low: u64, high: u64| between(low, high, draws().uniform());
        let ns = match jitter {
            Jitter::None => plain,
            Jitter::Full => uniform(0, plain),
            Jitter::Equal => uniform(plain / 2, plain),
            Jitter::Decorrelated => {
                let base = nanos(backoff.base);
                let high = self.previous_ns.saturating_mul(3).max(base);
                uniform(base, high).min(backoff.cap_ns())
            }
        };
        self.retries = self.retries.saturating_add(1);
        self.previous_ns = ns;
        Duration::from_nanos(ns)
    }
}

impl Backoff {
    /// The delay before the k-th retry, k from 0, without jitter: in nanoseconds, saturating.
    fn plain_ns(&self, k: u32) -> u64 {
        let base = nanos(self.base);
        let grown = match self.growth {
            Growth::Constant => base,
            Growth::Linear => base.saturating_mul(u64::from(k) + 1),
            // Zero times what has grown beyond all numbers is no number, and a cast makes it 0. The
            // cast saturates.
            Growth::Exponential { factor } => (base as f64 * power(factor, k)).round() as u64,
        };
        grown.min(self.cap_ns())
    }

    fn cap_ns(&self) -> u64 {
        self.cap.map_or(u64::MAX, nanos)
    }
}

/// `factor^k` by squaring. `f64::powi` may give another last bit on another machine.
fn power(factor: f64, mut k: u32) -> f64 {
    let (mut product, mut square) = (1.0, factor);
    while k > 0 {
        if k % 2 == 1 {
            product *= square;
        }
        square *= square;
        k /= 2;
    }
    product
}

/// The point between two others that lies `share` of the way up.
fn between(low: u64, high: u64, share: f64) -> u64 {
    let above = (high - low) as f64 * share;
    // Saturates; beyond 2^53 ns (104 days) rounding could pass the upper end.
    low.saturating_add(above as u64).min(high)
}

#[cfg(test)]
mod tests {
    use awaitlab_core::{Purpose, Streams};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn backoff(base_ms: u64, growth: Growth, cap_ms: Option<u64>) -> Backoff {
        Backoff {
            base: Duration::from_millis(base_ms),
            growth,
            cap: cap_ms.map(Duration::from_millis),
        }
    }

    const DOUBLING: Growth = Growth::Exponential { factor: 2.0 };

    /// The first delays of a call, whose number keys the randomness.
    fn delays(backoff: &Backoff, jitter: Jitter, call: u64, count: usize) -> Vec<Duration> {
        let mut asked = call << 32;
        let mut delays = Delays::new(backoff);
        let mut next = || {
            delays.next(backoff, jitter, || {
                asked += 1;
                Streams::new(1, 0)
                    .stream(Purpose::Backoff, 0)
                    .draws_at(asked)
            })
        };
        (0..count).map(|_| next()).collect()
    }

    fn plain_ms(backoff: Backoff) -> Vec<u128> {
        let delays = delays(&backoff, Jitter::None, 0, 5);
        delays.iter().map(Duration::as_millis).collect()
    }

    #[test]
    fn a_constant_backoff_is_always_its_base() {
        assert_eq!(plain_ms(backoff(100, Growth::Constant, None)), [100; 5]);
    }

    #[test]
    fn a_linear_backoff_grows_by_its_base() {
        let linear = backoff(100, Growth::Linear, None);
        assert_eq!(plain_ms(linear), [100, 200, 300, 400, 500]);
    }

    #[test]
    fn an_exponential_backoff_begins_at_its_base() {
        let exponential = backoff(100, DOUBLING, None);
        assert_eq!(plain_ms(exponential), [100, 200, 400, 800, 1600]);
    }

    #[test]
    fn a_factor_need_not_be_whole() {
        let half_more = Growth::Exponential { factor: 1.5 };
        // 100 x 1.5^k = 100, 150, 225, 337.5, 506.25
        let ns = delays(&backoff(100, half_more, None), Jitter::None, 0, 5);
        assert_eq!(ns[3..], [337_500, 506_250].map(Duration::from_micros));
    }

    #[test]
    fn a_cap_is_reached_but_never_passed() {
        let capped = backoff(100, DOUBLING, Some(350));
        assert_eq!(plain_ms(capped), [100, 200, 350, 350, 350]);
        assert_eq!(plain_ms(backoff(100, Growth::Constant, Some(30))), [30; 5]);
    }

    #[test]
    fn nothing_grows_beyond_the_end_of_time() {
        let longest = Duration::from_nanos(u64::MAX);
        for factor in [1e300, f64::INFINITY] {
            let huge = backoff(1, Growth::Exponential { factor }, None);
            let delays = delays(&huge, Jitter::None, 0, 4);
            assert_eq!(delays[1..], [longest; 3]);
            let nothing = backoff(0, Growth::Exponential { factor }, None);
            assert_eq!(plain_ms(nothing), [0; 5], "and nothing stays nothing");
        }
        let linear = Backoff {
            base: Duration::MAX,
            ..backoff(0, Growth::Linear, None)
        };
        for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
            assert!(delays(&linear, jitter, 0, 4)[3] <= longest);
        }
        let late = Backoff::plain_ns(&backoff(1, DOUBLING, Some(77)), u32::MAX);
        assert_eq!(late, 77_000_000);
    }

    #[test]
    fn without_jitter_no_randomness_is_asked_for() {
        let constant = backoff(1, Growth::Constant, None);
        let mut delays = Delays::new(&constant);
        delays.next(&constant, Jitter::None, || unreachable!("nobody asks"));
    }

    const CALLS: u64 = 100_000;

    fn mean_ms(backoff: &Backoff, jitter: Jitter, retry: usize) -> f64 {
        let ns = |call| delays(backoff, jitter, call, retry + 1)[retry].as_nanos();
        let sum: u128 = (0..CALLS).map(ns).sum();
        sum as f64 / CALLS as f64 / 1e6
    }

    #[test]
    fn full_jitter_halves_the_mean_and_equal_jitter_takes_a_quarter() {
        // The third retry: b = 400 ms; U(0, 400) and U(200, 400), within four standard errors.
        let doubling = backoff(100, DOUBLING, None);
        for (jitter, mean, width) in [(Jitter::Full, 200.0, 400.0), (Jitter::Equal, 300.0, 200.0)] {
            let measured = mean_ms(&doubling, jitter, 2);
            let standard_error = width / (12.0 * CALLS as f64).sqrt();
            assert!(
                (measured - mean).abs() < 4.0 * standard_error,
                "{jitter:?}: {measured}"
            );
        }
    }

    #[test]
    fn decorrelated_jitter_follows_its_own_last_delay() {
        // U(100, 300) has mean 200; the next is U(100, 3 x it), mean (100 + 600) / 2 = 350; then
        // (100 + 1050) / 2 = 575.
        let constant = backoff(100, Growth::Constant, None);
        for (retry, mean) in [200.0, 350.0, 575.0].into_iter().enumerate() {
            let measured = mean_ms(&constant, Jitter::Decorrelated, retry);
            assert!((measured / mean - 1.0).abs() < 0.01, "{retry}: {measured}");
        }
    }

    #[test]
    fn a_capped_decorrelated_jitter_goes_on_from_the_cap() {
        let capped = backoff(100, Growth::Constant, Some(120));
        let delays = delays(&capped, Jitter::Decorrelated, 0, 1000);
        let longest = delays.iter().max().unwrap();
        assert_eq!(longest.as_millis(), 120);
        // U(100, 360) falls below the cap with 20 / 260.
        let below = delays
            .iter()
            .filter(|delay| delay.as_millis() < 120)
            .count();
        assert!((40..=120).contains(&below), "{below}");
    }

    fn any_backoff() -> impl Strategy<Value = Backoff> {
        let growth = prop_oneof![
            Just(Growth::Constant),
            Just(Growth::Linear),
            (1.0..10.0).prop_map(|factor| Growth::Exponential { factor }),
        ];
        let cap = proptest::option::of(0_u64..1_000_000);
        (0_u64..100_000, growth, cap).prop_map(|(base, growth, cap)| backoff(base, growth, cap))
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn jitter_stays_within_its_bounds(backoff in any_backoff(), call in 0_u64..1000) {
            let plain = delays(&backoff, Jitter::None, call, 8);
            let full = delays(&backoff, Jitter::Full, call, 8);
            let equal = delays(&backoff, Jitter::Equal, call, 8);
            let decorrelated = delays(&backoff, Jitter::Decorrelated, call, 8);
            let cap = backoff.cap.unwrap_or(Duration::MAX);
            let mut previous = backoff.base;
            for k in 0..8 {
                prop_assert!(plain[k] <= cap);
                prop_assert!(full[k] <= plain[k]);
                prop_assert!(plain[k] / 2 <= equal[k] && equal[k] <= plain[k]);
                prop_assert!(decorrelated[k] <= cap);
                prop_assert!(decorrelated[k] >= backoff.base.min(cap));
                prop_assert!(decorrelated[k] <= (previous * 3).max(backoff.base));
                previous = decorrelated[k];
            }
        }

        #[test]
        fn a_backoff_never_shrinks(backoff in any_backoff()) {
            let plain = delays(&backoff, Jitter::None, 0, 64);
            prop_assert!(plain.is_sorted());
        }
    }
}
