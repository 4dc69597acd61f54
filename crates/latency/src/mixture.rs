//! One of several distributions, chosen anew for every draw.
//!
//! Cache hit or miss, fast replica or slow: P(X > x) is the weighted sum of the parts', and so is the
//! mean; quantiles are found by a search. A draw chooses its part by a first number and gives the
//! rest to that part; two mixtures with the same weights choose the same part for the same attempt.

use std::sync::Arc;

use awaitlab_core::Draws;

use crate::distribution::Distribution;
use crate::inversion;
use crate::law::Law;
use crate::model::Model;

/// A latency that is one of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// Shared, so that a model is cheap to clone.
    shares: Arc<[Share]>,
}

/// A part of a mixture: it is drawn from as often as its weight says, compared to the others'.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Above 0. Weights need not add up to 1.
    pub weight: f64,
    /// What is drawn then, with an offset and a cap of its own.
    pub model: Model,
}

/// A part with its share of the draws.
#[derive(Clone, Debug, PartialEq)]
struct Share {
    share: f64,
    /// The shares of the parts before it.
    from: f64,
    model: Model,
}

/// Why there is no such mixture.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// There are no parts.
    #[error("a mixture needs at least one part")]
    NoParts,
    /// `!(0 < weight < infinity)`, or the sum of the weights is infinite.
    #[error("a weight is a finite number above 0, that of part {part} is not (counted from 0)")]
    Weight {
        /// Index of the part.
        part: usize,
    },
    /// A part goes through a list call by call, so it cannot be drawn now and then.
    #[error("part {part} is a list, which cannot be part of a mixture (counted from 0)")]
    ListPart {
        /// Index of the part.
        part: usize,
    },
}

impl Mixture {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "mixture";

    /// Of these parts, which may be mixtures themselves.
    ///
    /// # Errors
    /// When there is none, a weight is not finite and above 0, or a part is a list.
    pub fn new(parts: Vec<Part>) -> Result<Self, Error> {
        if parts.is_empty() {
            return Err(Error::NoParts);
        }
        let mut total = 0.0;
        for (part, Part { weight, model }) in parts.iter().enumerate() {
            total += weight;
            if !(*weight > 0.0 && total.is_finite()) {
                return Err(Error::Weight { part });
            }
            if matches!(model.distribution(), Distribution::List(_)) {
                return Err(Error::ListPart { part });
            }
        }
        let mut before = 0.0;
        let shares = parts.into_iter().map(|Part { weight, model }| {
            let from = before / total;
            before += weight;
            Share {
                share: weight / total,
                from,
                model,
            }
        });
        Ok(Mixture {
            shares: shares.collect(),
        })
    }

    fn weighted(&self, of: impl Fn(&Model) -> f64) -> f64 {
        self.shares
            .iter()
            .map(|part| part.share * of(&part.model))
            .sum()
    }
}

impl Law for Mixture {
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        let chosen = draws.uniform();
        let after = self.shares.partition_point(|part| part.from <= chosen);
        // The first part begins at 0, so at least one begins before any number.
        self.shares[after - 1].model.draw_ns(draws)
    }

    fn mean_ns(&self) -> Option<f64> {
        self.shares
            .iter()
            .map(|part| Some(part.share * part.model.mean_ns()?))
            .sum()
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        self.weighted(|model| model.limited_mean_ns(limit_ns))
    }

    fn survival(&self, ns: f64) -> f64 {
        self.weighted(|model| model.survival(ns))
    }

    /// By a search between the smallest and the largest of the parts' quantiles.
    fn quantile_ns(&self, p: f64) -> f64 {
        let quantiles = || self.shares.iter().map(|part| part.model.quantile_ns(p));
        let low = quantiles().fold(f64::INFINITY, f64::min);
        let high = quantiles().fold(0.0, f64::max);
        if high == f64::INFINITY {
            return high;
        }
        // Shares such as 0.9 and 0.1 are not exact; their sums must still reach 0.9.
        let beyond = 1.0 - p + 1e-15;
        inversion::bisect(low, high, |ns| self.survival(ns) <= beyond)
    }

    fn has_infinite_variance(&self) -> bool {
        self.shares
            .iter()
            .any(|part| part.model.has_infinite_variance())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Constant, Exponential, List, Pareto, golden, kolmogorov_smirnov};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn part(weight: f64, distribution: impl Into<Distribution>) -> Part {
        Part {
            weight,
            model: Model::of(distribution).unwrap(),
        }
    }

    fn mostly_fast() -> Mixture {
        let slow = Exponential::new(ms(2000)).unwrap();
        Mixture::new(vec![
            part(0.9, Exponential::new(ms(200)).unwrap()),
            part(0.1, slow),
        ])
        .unwrap()
    }

    fn two_speeds() -> Mixture {
        Mixture::new(vec![
            part(9.0, Constant::new(ms(200))),
            part(1.0, Constant::new(ms(3200))),
        ])
        .unwrap()
    }

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        assert_eq!(
            golden::first_draws(mostly_fast()),
            [66_308_347, 404_937_788, 77_484_363, 316_326_779]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&mostly_fast());
        kolmogorov_smirnov::assert_fits(&two_speeds());
    }

    /// 0.9 x 200 + 0.1 x 3200 = 500 ms.
    #[test]
    fn mean_and_quantiles_of_two_constants() {
        let mixture = two_speeds();
        assert!((mixture.mean_ns().unwrap() - 500e6).abs() < 1e-6);
        assert_eq!(
            mixture.quantile_ns(0.9),
            200e6,
            "nine draws of ten are at most 200 ms"
        );
        assert_eq!(mixture.quantile_ns(0.901), 3200e6);
    }

    #[test]
    fn a_part_keeps_its_own_cap() {
        let heavy = Pareto::new(ms(100), 0.5).unwrap();
        let capped = Model::new(heavy, Duration::ZERO, Some(ms(1000))).unwrap();
        let parts = vec![
            part(1.0, Constant::new(ms(50))),
            Part {
                weight: 1.0,
                model: capped,
            },
        ];
        let mixture = Mixture::new(parts).unwrap();
        assert_eq!(mixture.quantile_ns(1.0), 1e9);
        assert!(!mixture.has_infinite_variance());
    }

    #[test]
    fn a_mixture_may_hold_a_mixture() {
        let nested = Mixture::new(vec![part(1.0, two_speeds()), part(1.0, two_speeds())]).unwrap();
        assert!((nested.mean_ns().unwrap() - 500e6).abs() < 1e-6);
    }

    #[test]
    fn one_wild_part_makes_the_variance_infinite() {
        let wild = part(1e-6, Pareto::new(ms(100), 1.5).unwrap());
        let mixture = Mixture::new(vec![part(1.0, Constant::new(ms(50))), wild]).unwrap();
        assert!(mixture.has_infinite_variance());
        assert!(!mostly_fast().has_infinite_variance());
    }

    #[test]
    fn impossible_parts_are_refused() {
        assert_eq!(Mixture::new(vec![]), Err(Error::NoParts));
        let constant = |weight| part(weight, Constant::new(ms(1)));
        for weight in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            let parts = vec![constant(1.0), constant(weight)];
            assert_eq!(
                Mixture::new(parts),
                Err(Error::Weight { part: 1 }),
                "{weight}"
            );
        }
        let too_heavy = vec![constant(f64::MAX), constant(f64::MAX)];
        assert_eq!(Mixture::new(too_heavy), Err(Error::Weight { part: 1 }));
        let list = List::new(vec![vec![ms(1)]], 1).unwrap();
        assert_eq!(
            Mixture::new(vec![part(1.0, list)]),
            Err(Error::ListPart { part: 0 })
        );
    }
}
