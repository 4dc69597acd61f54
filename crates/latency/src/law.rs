//! What is known of a distribution without drawing from it.

use awaitlab_core::Draws;

/// A distribution of latencies X >= 0, in nanoseconds.
pub trait Law {
    /// A draw: the quantile at one uniform number, unless the kind has a better way.
    #[inline]
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        self.quantile_ns(draws.uniform())
    }

    /// The mean; `None` where it is infinite.
    fn mean_ns(&self) -> Option<f64>;

    /// E min(X, limit), the integral of the survival function from 0 to a finite `limit_ns` >= 0.
    /// Exact (and finite) for every kind, also where there is no mean.
    fn limited_mean_ns(&self, limit_ns: f64) -> f64;

    /// P(X > ns).
    fn survival(&self, ns: f64) -> f64;

    /// The smallest x with P(X <= x) >= p, for p within 0 and 1; infinite at 1 where X has no bound.
    fn quantile_ns(&self, p: f64) -> f64;

    /// Whether the variance is infinite, so that means converge slower than their intervals say.
    fn has_infinite_variance(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::distribution::Distribution;
    use crate::{
        Constant, Empirical, Erlang, Exponential, Gamma, List, LogNormal, Mixture, Model, Normal,
        Pareto, Part, Point, Quantiles, Shape, Uniform, Weibull,
    };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn continuous() -> Vec<Distribution> {
        let point = |p, value, shape| Point {
            p,
            value: ms(value),
            shape,
        };
        let points = [
            point(0.5, 20, Shape::Linear),
            point(0.9, 40, Shape::Power),
            point(0.99, 90, Shape::Power),
        ];
        vec![
            Uniform::new(ms(50), ms(150)).unwrap().into(),
            Exponential::new(ms(100)).unwrap().into(),
            Normal::new(ms(100), ms(20)).unwrap().into(),
            Normal::new(ms(100), ms(200)).unwrap().into(),
            LogNormal::from_median_sigma(ms(100), 1.2).unwrap().into(),
            Gamma::new(ms(100), 0.4).unwrap().into(),
            Gamma::new(ms(100), 7.5).unwrap().into(),
            Erlang::new(ms(100), 3).unwrap().into(),
            Weibull::from_mean(ms(100), 0.6).unwrap().into(),
            Weibull::from_scale(ms(100), 4.0).unwrap().into(),
            Pareto::new(ms(50), 2.5).unwrap().into(),
            Pareto::new(ms(50), 1.0).unwrap().into(),
            Quantiles::new(&points).unwrap().into(),
            Mixture::new(vec![
                Part {
                    weight: 3.0,
                    model: Model::of(Exponential::new(ms(100)).unwrap()).unwrap(),
                },
                Part {
                    weight: 1.0,
                    model: Model::of(Pareto::new(ms(80), 3.0).unwrap()).unwrap(),
                },
            ])
            .unwrap()
            .into(),
        ]
    }

    fn with_atoms() -> Vec<Distribution> {
        vec![
            Constant::new(ms(100)).into(),
            Empirical::new(vec![ms(30), ms(10), ms(200), ms(10)])
                .unwrap()
                .into(),
            List::new(vec![vec![ms(30)], vec![ms(10)], vec![ms(200), ms(5)]], 2)
                .unwrap()
                .into(),
        ]
    }

    #[test]
    fn survival_undoes_the_quantile() {
        for distribution in continuous() {
            let law = distribution.law();
            for p in [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999] {
                let beyond = law.survival(law.quantile_ns(p));
                let error = (beyond - (1.0 - p)).abs();
                assert!(error < 1e-12, "{distribution:?}: at {p} {beyond}");
            }
        }
    }

    #[test]
    fn the_limited_mean_is_the_integral_of_the_survival_function() {
        for distribution in continuous().into_iter().chain(with_atoms()) {
            let law = distribution.law();
            for limit_ns in [0.0, 30e6, 130e6, 2e9] {
                const STEPS: u32 = 20_000;
                let step = limit_ns / f64::from(STEPS);
                let integral: f64 = (0..STEPS)
                    .map(|i| law.survival((f64::from(i) + 0.5) * step) * step)
                    .sum();
                let exact = law.limited_mean_ns(limit_ns);
                // A midpoint rule is off by up to half a step at an atom and at a lower end.
                let error = (exact - integral).abs();
                assert!(
                    error <= 2.0 * step,
                    "{distribution:?}: to {limit_ns} {exact}, {integral}"
                );
            }
        }
    }

    /// At a limit that one draw in 10^12 passes, the limited mean is the mean but for the tail.
    #[test]
    fn the_mean_is_the_limited_mean_without_a_limit() {
        for distribution in continuous().into_iter().chain(with_atoms()) {
            let law = distribution.law();
            let Some(mean) = law.mean_ns() else { continue };
            let limited = law.limited_mean_ns(law.quantile_ns(1.0 - 1e-12));
            assert!(
                (limited / mean - 1.0).abs() < 1e-6,
                "{distribution:?}: {mean}, {limited}"
            );
        }
    }

    #[test]
    fn quantiles_at_the_ends_are_the_smallest_and_the_largest_latency() {
        for distribution in continuous().into_iter().chain(with_atoms()) {
            let law = distribution.law();
            let (least, most) = (law.quantile_ns(0.0), law.quantile_ns(1.0));
            assert!(
                least >= 0.0 && least <= law.quantile_ns(1e-9),
                "{distribution:?}: {least}"
            );
            assert!(
                most >= law.quantile_ns(1.0 - 1e-12),
                "{distribution:?}: {most}"
            );
            assert_eq!(law.survival(most), 0.0, "{distribution:?}");
        }
    }
}
