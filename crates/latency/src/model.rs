//! A distribution with an offset and a cap: the latency of a service.

use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, Latency};

use crate::constant::Constant;
use crate::distribution::Distribution;
use crate::law::Law;
use crate::nanoseconds::{self, LONGEST_NS};

/// A latency: min(offset + draw, cap), and never longer than [`crate::LONGEST`].
///
/// Every model has a mean. Cheap to clone: what is large is shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    distribution: Distribution,
    offset_ns: u64,
    /// [`LONGEST_NS`] without a cap.
    cap_ns: u64,
}

/// Why a distribution is no latency with this offset and cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The mean is infinite, and there is no cap.
    #[error("it has no mean (its tail is too heavy); give it a cap")]
    NoMean,
    /// `cap <= offset`.
    #[error("a cap at or below the offset leaves nothing of the draw")]
    CapWithinOffset,
    /// The mean, with offset and cap, is above [`crate::LONGEST`].
    #[error("its mean is longer than 146 years")]
    TooLong,
}

impl Model {
    /// min(offset + draw, cap).
    ///
    /// # Errors
    /// When there is neither a mean nor a cap, the cap is not above the offset, or the mean is longer
    /// than [`crate::LONGEST`].
    pub fn new(
        distribution: impl Into<Distribution>,
        offset: Duration,
        cap: Option<Duration>,
    ) -> Result<Self, ModelError> {
        let distribution = distribution.into();
        if cap.is_some_and(|cap| cap <= offset) {
            return Err(ModelError::CapWithinOffset);
        }
        let offset_ns = nanoseconds::whole(offset);
        let cap_ns = cap.map_or(LONGEST_NS, nanoseconds::whole);
        let model = Model {
            distribution,
            offset_ns,
            cap_ns,
        };
        let mean_ns = model.mean_ns().ok_or(ModelError::NoMean)?;
        // Strictly: an offset or constant beyond has been cut to exactly this.
        if mean_ns >= LONGEST_NS as f64 {
            return Err(ModelError::TooLong);
        }
        Ok(model)
    }

    /// The distribution as it is.
    ///
    /// # Errors
    /// When its mean is infinite, or longer than [`crate::LONGEST`].
    pub fn of(distribution: impl Into<Distribution>) -> Result<Self, ModelError> {
        Self::new(distribution, Duration::ZERO, None)
    }

    /// What is drawn from.
    pub const fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// What is added to each draw.
    pub const fn offset(&self) -> Duration {
        Duration::from_nanos(self.offset_ns)
    }

    /// What no latency passes; `None`: nothing but [`crate::LONGEST`].
    pub const fn cap(&self) -> Option<Duration> {
        if self.has_cap() {
            Some(Duration::from_nanos(self.cap_ns))
        } else {
            None
        }
    }

    /// The mean, offset and cap included; exact but for the rounding of draws to nanoseconds. Of a
    /// list: over the whole list, on first attempts.
    pub fn mean(&self) -> Duration {
        // There is one: without, the model was refused.
        nanoseconds::duration(self.mean_ns().unwrap_or(f64::INFINITY))
    }

    /// The smallest latency that at least the share `p` of the latencies does not pass, offset and
    /// cap included; [`crate::LONGEST`] at 1 where there is no bound. Of a list as [`Model::mean`].
    ///
    /// # Panics
    /// When `p` does not lie within 0 and 1.
    pub fn quantile(&self, p: f64) -> Duration {
        assert!(
            (0.0..=1.0).contains(&p),
            "a quantile is asked for within 0 and 1, not at {p}"
        );
        nanoseconds::duration(self.quantile_ns(p))
    }

    /// Whether two attempts can take different times by chance.
    pub fn is_random(&self) -> bool {
        !matches!(self.distribution, Distribution::List(_))
            && self.quantile(0.0) != self.quantile(1.0)
    }

    /// Whether the variance is infinite, so that no interval for a mean can be trusted. Never with a
    /// cap.
    pub fn has_infinite_variance(&self) -> bool {
        !self.has_cap() && self.distribution.law().has_infinite_variance()
    }

    const fn has_cap(&self) -> bool {
        self.cap_ns < LONGEST_NS
    }
}

impl From<Constant> for Model {
    fn from(constant: Constant) -> Self {
        Model {
            distribution: constant.into(),
            offset_ns: 0,
            cap_ns: LONGEST_NS,
        }
    }
}

impl Latency for Model {
    #[inline]
    fn sample_ns(&self, attempt: &AttemptId, draws: &mut Draws) -> u64 {
        let draw_ns = self.distribution.sample_ns(attempt, draws);
        // Neither is above 2^62, so the sum does not overflow.
        (self.offset_ns + draw_ns).min(self.cap_ns)
    }
}

impl Law for Model {
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        let draw_ns = self.distribution.law().draw_ns(draws);
        (self.offset_ns as f64 + draw_ns).min(self.cap_ns as f64)
    }

    fn mean_ns(&self) -> Option<f64> {
        if self.has_cap() {
            return Some(self.limited_mean_ns(self.cap_ns as f64));
        }
        Some(self.offset_ns as f64 + self.distribution.law().mean_ns()?)
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let (offset_ns, limit_ns) = (self.offset_ns as f64, limit_ns.min(self.cap_ns as f64));
        if limit_ns <= offset_ns {
            return limit_ns;
        }
        offset_ns
            + self
                .distribution
                .law()
                .limited_mean_ns(limit_ns - offset_ns)
    }

    fn survival(&self, ns: f64) -> f64 {
        if ns >= self.cap_ns as f64 {
            0.0
        } else if ns < self.offset_ns as f64 {
            1.0
        } else {
            self.distribution.law().survival(ns - self.offset_ns as f64)
        }
    }

    fn quantile_ns(&self, p: f64) -> f64 {
        let quantile_ns = self.offset_ns as f64 + self.distribution.law().quantile_ns(p);
        if self.has_cap() {
            quantile_ns.min(self.cap_ns as f64)
        } else {
            quantile_ns
        }
    }

    fn has_infinite_variance(&self) -> bool {
        Model::has_infinite_variance(self)
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_core::{Purpose, Streams};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::{
        Exponential, LONGEST, List, LogNormal, Normal, Pareto, Uniform, Weibull, golden,
        kolmogorov_smirnov,
    };

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn exponential() -> Exponential {
        Exponential::new(ms(500)).unwrap()
    }

    #[test]
    fn an_offset_lengthens_every_draw() {
        let plain = golden::first_draws(exponential());
        let shifted = Model::new(exponential(), ms(20), None).unwrap();
        assert_eq!(
            golden::first_draws(shifted),
            plain.map(|ns| ns + 20_000_000)
        );
    }

    #[test]
    fn a_cap_is_reached_but_never_passed() {
        let model = Model::new(exponential(), ms(20), Some(ms(300))).unwrap();
        let latencies = Streams::new(1, 0).stream(Purpose::Latency, 0);
        let longest = (0..1000)
            .map(|job| AttemptId {
                job,
                call: 0,
                attempt: 0,
            })
            .map(|attempt| model.sample(&attempt, &mut latencies.draws(&attempt)))
            .max();
        assert_eq!(longest, Some(ms(300)));
        assert_eq!(model.quantile(1.0), ms(300));
    }

    #[test]
    fn draws_with_offset_and_cap_follow_their_distribution_function() {
        kolmogorov_smirnov::assert_fits(&Model::new(exponential(), ms(20), Some(ms(300))).unwrap());
    }

    /// Capped at 20 + 500 ms: 20 + 500 (1 - 1/e) = 336.060279 ms.
    #[test]
    fn the_mean_counts_offset_and_cap() {
        let shifted = Model::new(exponential(), ms(20), None).unwrap();
        assert_eq!(shifted.mean(), ms(520));
        let capped = Model::new(exponential(), ms(20), Some(ms(520))).unwrap();
        assert_eq!(capped.mean(), Duration::from_nanos(336_060_279));
        assert_eq!((capped.offset(), capped.cap()), (ms(20), Some(ms(520))));
    }

    #[test]
    fn what_has_no_mean_needs_a_cap() {
        let heavy = Pareto::new(ms(100), 1.0).unwrap();
        assert_eq!(Model::of(heavy), Err(ModelError::NoMean));
        let capped = Model::new(heavy, Duration::ZERO, Some(ms(10_000))).unwrap();
        // minimum (1 + ln 100) = 560.517 ms.
        assert_eq!(capped.mean(), Duration::from_nanos(560_517_019));
    }

    #[test]
    fn a_cap_makes_every_variance_finite() {
        let wild = Pareto::new(ms(100), 1.5).unwrap();
        assert!(Model::of(wild).unwrap().has_infinite_variance());
        assert!(
            !Model::new(wild, ms(0), Some(ms(10_000)))
                .unwrap()
                .has_infinite_variance()
        );
    }

    #[test]
    fn a_cap_that_leaves_nothing_of_the_draw_is_refused() {
        let with_cap = |cap| Model::new(exponential(), ms(20), Some(cap));
        assert_eq!(with_cap(ms(19)), Err(ModelError::CapWithinOffset));
        assert_eq!(with_cap(ms(20)), Err(ModelError::CapWithinOffset));
        assert!(with_cap(ms(21)).is_ok());
    }

    #[test]
    fn a_mean_beyond_the_longest_latency_is_refused() {
        let constant = |value| Model::of(Constant::new(value));
        assert!(constant(LONGEST - Duration::from_secs(1)).is_ok());
        assert_eq!(constant(LONGEST), Err(ModelError::TooLong));
        assert_eq!(constant(Duration::MAX), Err(ModelError::TooLong));
        let exponential = Exponential::new(Duration::MAX).unwrap();
        assert_eq!(Model::of(exponential), Err(ModelError::TooLong));
        let offset = Model::new(self::exponential(), Duration::MAX, None);
        assert_eq!(offset, Err(ModelError::TooLong));
    }

    #[test]
    fn only_chance_is_random() {
        let is_random = |model: Result<Model, ModelError>| model.unwrap().is_random();
        assert!(is_random(Model::of(exponential())));
        assert!(!is_random(Model::of(Constant::new(ms(5)))));
        assert!(!is_random(Model::of(
            List::new(vec![vec![ms(5)], vec![ms(7)]], 2).unwrap()
        )));
        let all_capped = Pareto::new(ms(100), 1.5).unwrap();
        assert!(!is_random(Model::new(all_capped, ms(0), Some(ms(100)))));
    }

    #[test]
    fn a_model_can_be_shared_between_threads() {
        fn shared<T: Clone + Send + Sync + 'static>() {}
        shared::<Model>();
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        /// Common random numbers: under longer parameters no attempt gets shorter.
        #[test]
        fn the_same_attempt_is_slow_under_every_parameter(
            mean_ms in 1_u64..10_000, longer_ms in 0_u64..10_000, seed: u64, job: u64,
        ) {
            let attempt = AttemptId { job, call: 0, attempt: 0 };
            let stream = Streams::new(seed, 0).stream(Purpose::Latency, 0);
            let sample = |distribution: Distribution| {
                Model::of(distribution).unwrap().sample_ns(&attempt, &mut stream.draws(&attempt))
            };
            let (short, long) = (ms(mean_ms), ms(mean_ms + longer_ms));
            let kinds: [fn(Duration) -> Distribution; 6] = [
                |max| Uniform::new(ms(0), max).unwrap().into(),
                |mean| Exponential::new(mean).unwrap().into(),
                |mean| Normal::new(mean, ms(100)).unwrap().into(),
                |median| LogNormal::from_median_sigma(median, 1.0).unwrap().into(),
                |mean| Weibull::from_mean(mean, 0.7).unwrap().into(),
                |minimum| Pareto::new(minimum, 1.5).unwrap().into(),
            ];
            for kind in kinds {
                prop_assert!(sample(kind(short)) <= sample(kind(long)), "{}", kind(short).kind());
            }
        }

        #[test]
        fn a_longest_latency_still_lies_far_below_the_end_of_time(
            alpha in 0.01_f64..1.0, seed: u64, offset_years in 0_u64..100,
        ) {
            let year = Duration::from_secs(365 * 86_400);
            let heavy = Pareto::new(ms(100), alpha).unwrap();
            let offset = year * offset_years as u32;
            let model = Model::new(heavy, offset, Some(year * 140)).unwrap();
            let attempt = AttemptId { job: 0, call: 0, attempt: 0 };
            let mut draws = Streams::new(seed, 0).stream(Purpose::Latency, 0).draws(&attempt);
            prop_assert!(model.sample_ns(&attempt, &mut draws) <= LONGEST_NS);
        }
    }
}
