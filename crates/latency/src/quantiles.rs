//! What a dashboard says: p50, p90, p99, and a curve through them.
//!
//! With h = -ln(1 - p), which grows by the same amount from each "nine" to the next, the value up to
//! a point is linear in h: an exponential piece. With [`Shape::Power`] its logarithm is: a Pareto
//! piece, for tails that grow by a factor with every nine.
//!
//! - Below the first point the value rises linearly in h from 0 at p = 0. A point with p = 0 gives
//!   another shortest latency; a power piece cannot begin at 0 and needs one.
//! - Beyond the last point its piece goes on. A power piece then has a Pareto tail of alpha =
//!   dh / d(ln value): no mean where a nine brings a factor of 10, infinite variance from a factor of
//!   3.17 on. Two points of equal value stop the growth there.
//!
//! With a piece from (h0, v0) to (h1, v1), its part of E min(X, limit) is the integral of the
//! survival function e^-h over the values: theta (e^-h0 - e^-h1) with theta = (v1 - v0) / (h1 - h0)
//! when linear, and beta v0 e^-h0 (e^((beta - 1) (h1 - h0)) - 1) / (beta - 1) with beta =
//! ln(v1 / v0) / (h1 - h0) under a power.

use std::sync::Arc;
use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;

/// A latency given by points of its quantile function.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// From p = 0 on without gaps, the last one without an end; never empty. Shared, so that a model
    /// is cheap to clone.
    pieces: Arc<[Piece]>,
}

/// The share `p` of latencies is at most `value`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// A probability: 0 or more, less than 1.
    pub p: f64,
    /// The latency there.
    pub value: Duration,
    /// How the value grows up to here from the point before.
    pub shape: Shape,
}

/// How a value grows up to a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Linear in ln(1 - p): by the same time with every nine.
    #[default]
    Linear,
    /// Its logarithm is linear in ln(1 - p): by the same factor with every nine.
    Power,
}

/// Why there is no such quantile function. Points are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no point with p above 0.
    #[error("there must be a point with p above 0")]
    NoPoints,
    /// `!(0 <= p < 1)`.
    #[error("p of a point lies from 0 to below 1, that of point {point} does not")]
    Probability {
        /// Index of the point.
        point: usize,
    },
    /// `p` is not above that of the point before.
    #[error("p must rise from point to point, that of point {point} does not")]
    NotRising {
        /// Index of the point.
        point: usize,
    },
    /// `value` is below that of the point before.
    #[error("a quantile cannot fall, that of point {point} does")]
    Falling {
        /// Index of the point.
        point: usize,
    },
    /// A power piece begins at the value 0, whose logarithm is none; or at nothing, at p = 0.
    #[error("the power shape of point {point} needs a value above 0 at a p below it")]
    PowerFromZero {
        /// Index of the point.
        point: usize,
    },
}

/// The quantile function from one point to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    start_p: f64,
    start_h: f64,
    start_ns: f64,
    /// By what grows: ns per unit of h, or e-folds per unit of h.
    growth: f64,
    shape: Shape,
}

impl Quantiles {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "quantiles";

    /// Through these points, in rising order of p.
    ///
    /// # Errors
    /// When no point has a p above 0, a p is no probability below 1 or does not rise, a value falls,
    /// or a power piece has nothing to grow from.
    pub fn new(points: &[Point]) -> Result<Self, Error> {
        let mut start = Point {
            p: 0.0,
            value: Duration::ZERO,
            shape: Shape::Linear,
        };
        let mut pieces = Vec::new();
        for (point, &end) in points.iter().enumerate() {
            if !(0.0..1.0).contains(&end.p) {
                return Err(Error::Probability { point });
            }
            let is_minimum = point == 0 && end.p == 0.0;
            if end.p <= start.p && !is_minimum {
                return Err(Error::NotRising { point });
            }
            if end.value < start.value {
                return Err(Error::Falling { point });
            }
            if end.shape == Shape::Power && (start.value.is_zero() || is_minimum) {
                return Err(Error::PowerFromZero { point });
            }
            if !is_minimum {
                pieces.push(Piece::between(start, end));
            }
            start = end;
        }
        if pieces.is_empty() {
            return Err(Error::NoPoints);
        }
        Ok(Quantiles {
            pieces: pieces.into(),
        })
    }

    fn last(&self) -> &Piece {
        // There is at least one: the constructor saw to it.
        &self.pieces[self.pieces.len() - 1]
    }

    /// Each piece with the h at which it ends.
    fn spans(&self) -> impl Iterator<Item = (&Piece, f64)> {
        let ends = self.pieces[1..]
            .iter()
            .map(|next| next.start_h)
            .chain([f64::INFINITY]);
        self.pieces.iter().zip(ends)
    }
}

impl Piece {
    fn between(start: Point, end: Point) -> Self {
        let (start_h, end_h) = (exponent(start.p), exponent(end.p));
        let (start_ns, end_ns) = (nanoseconds::real(start.value), nanoseconds::real(end.value));
        let rise = match end.shape {
            Shape::Linear => end_ns - start_ns,
            Shape::Power => libm::log(end_ns / start_ns),
        };
        let growth = rise / (end_h - start_h);
        Piece {
            start_p: start.p,
            start_h,
            start_ns,
            growth,
            shape: end.shape,
        }
    }

    #[inline]
    fn value_ns(&self, h: f64) -> f64 {
        if self.growth == 0.0 {
            return self.start_ns;
        }
        let risen = self.growth * (h - self.start_h);
        match self.shape {
            Shape::Linear => self.start_ns + risen,
            Shape::Power => self.start_ns * libm::exp(risen),
        }
    }

    /// The h at which a rising piece has this value.
    fn h_at(&self, ns: f64) -> f64 {
        let risen = match self.shape {
            Shape::Linear => ns - self.start_ns,
            Shape::Power => libm::log(ns / self.start_ns),
        };
        self.start_h + risen / self.growth
    }

    /// The integral of the survival function over the values from the start up to that at `h`;
    /// infinite where there is no mean and `h` is infinite.
    fn integral(&self, h: f64) -> f64 {
        let length = h - self.start_h;
        let survival = libm::exp(-self.start_h);
        if self.growth == 0.0 {
            return 0.0;
        }
        match self.shape {
            Shape::Linear => -self.growth * survival * libm::expm1(-length),
            Shape::Power => {
                let b = self.growth - 1.0;
                let tail = if b == 0.0 {
                    length
                } else {
                    libm::expm1(b * length) / b
                };
                self.growth * self.start_ns * survival * tail
            }
        }
    }
}

/// h = -ln(1 - p).
#[inline]
fn exponent(p: f64) -> f64 {
    -libm::log1p(-p)
}

impl Law for Quantiles {
    fn mean_ns(&self) -> Option<f64> {
        let pieces: f64 = self
            .spans()
            .map(|(piece, end_h)| piece.integral(end_h))
            .sum();
        let mean = self.pieces[0].start_ns + pieces;
        mean.is_finite().then_some(mean)
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let first_ns = self.pieces[0].start_ns;
        let below_limit = self
            .spans()
            .take_while(|(piece, _)| piece.start_ns < limit_ns);
        let pieces: f64 = below_limit
            .filter(|(piece, _)| piece.growth > 0.0)
            .map(|(piece, end_h)| piece.integral(end_h.min(piece.h_at(limit_ns))))
            .sum();
        first_ns.min(limit_ns) + pieces
    }

    fn survival(&self, ns: f64) -> f64 {
        // The last piece that begins at or below, so that what is flat has been passed.
        let after = self.pieces.partition_point(|piece| piece.start_ns <= ns);
        let Some(piece) = after.checked_sub(1).map(|last| &self.pieces[last]) else {
            return 1.0;
        };
        if piece.growth == 0.0 {
            // Only the last piece can be flat here: after another one begins at the same value.
            return 0.0;
        }
        libm::exp(-piece.h_at(ns))
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.start_p <= p);
        // The first piece begins at 0.
        self.pieces[after - 1].value_ns(exponent(p))
    }

    fn has_infinite_variance(&self) -> bool {
        let last = self.last();
        last.shape == Shape::Power && last.growth >= 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exponential, Pareto, golden, kolmogorov_smirnov};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    const fn linear(p: f64, value_ms: u64) -> Point {
        Point {
            p,
            value: ms(value_ms),
            shape: Shape::Linear,
        }
    }

    const fn power(p: f64, value_ms: u64) -> Point {
        Point {
            p,
            value: ms(value_ms),
            shape: Shape::Power,
        }
    }

    const DASHBOARD: [Point; 3] = [linear(0.5, 20), linear(0.9, 35), power(0.99, 90)];

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        assert_eq!(
            golden::first_draws(Quantiles::new(&DASHBOARD).unwrap()),
            [22_528_510, 24_928_415, 8_981_458, 23_867_473]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&Quantiles::new(&DASHBOARD).unwrap());
        let flat = [
            linear(0.0, 5),
            linear(0.5, 20),
            linear(0.7, 20),
            linear(0.9, 20),
        ];
        kolmogorov_smirnov::assert_fits(&Quantiles::new(&flat).unwrap());
        let step = [linear(0.2, 20), linear(0.7, 20), linear(0.9, 60)];
        kolmogorov_smirnov::assert_fits(&Quantiles::new(&step).unwrap());
    }

    #[test]
    fn it_passes_through_its_points() {
        let quantiles = Quantiles::new(&DASHBOARD).unwrap();
        for Point { p, value, .. } in DASHBOARD {
            assert!((quantiles.quantile_ns(p) - nanoseconds::real(value)).abs() < 1e-6);
        }
    }

    /// A power piece grows by 90 / 35 with every nine: at p99.9 it is 90^2 / 35 = 231.43 ms.
    #[test]
    fn beyond_the_last_point_its_piece_goes_on() {
        let quantiles = Quantiles::new(&DASHBOARD).unwrap();
        assert!((quantiles.quantile_ns(0.999) - 231_428_571.4).abs() < 0.1);
        let linear = Quantiles::new(&DASHBOARD[..2]).unwrap();
        // From p50 to p90 h grows by ln 5, from p90 to p99 by ln 10.
        let p99 = 35e6 + 15e6 * libm::log(10.0) / libm::log(5.0);
        assert!((linear.quantile_ns(0.99) - p99).abs() < 1e-6);
    }

    #[test]
    fn a_single_linear_point_is_an_exponential_law() {
        let quantiles = Quantiles::new(&[linear(0.5, 20)]).unwrap();
        let exponential = Exponential::from_median(ms(20)).unwrap();
        let (mean, expected) = (quantiles.mean_ns().unwrap(), exponential.mean_ns().unwrap());
        assert!((mean - expected).abs() < 1e-6);
        assert!((quantiles.survival(1e8) - exponential.survival(1e8)).abs() < 1e-15);
    }

    #[test]
    fn a_single_power_piece_is_a_pareto_law() {
        let quantiles = Quantiles::new(&[linear(0.0, 10), power(0.75, 20)]).unwrap();
        let pareto = Pareto::new(ms(10), 2.0).unwrap();
        let (mean, expected) = (quantiles.mean_ns().unwrap(), pareto.mean_ns().unwrap());
        assert!((mean - expected).abs() < 1e-3);
        assert!((quantiles.survival(1e8) - pareto.survival(1e8)).abs() < 1e-15);
    }

    #[test]
    fn a_power_tail_decides_which_moments_there_are() {
        let moments = |factor: u64| {
            let points = [linear(0.9, 10), power(0.99, 10 * factor)];
            let quantiles = Quantiles::new(&points).unwrap();
            (
                quantiles.mean_ns().is_some(),
                !quantiles.has_infinite_variance(),
            )
        };
        assert_eq!(moments(3), (true, true));
        assert_eq!(moments(4), (true, false));
        assert_eq!(moments(11), (false, false));
    }

    #[test]
    fn a_flat_end_is_the_longest_latency() {
        let quantiles = Quantiles::new(&[linear(0.5, 20), linear(0.9, 20)]).unwrap();
        assert_eq!(quantiles.quantile_ns(1.0), 20e6);
        assert_eq!(quantiles.survival(20e6), 0.0);
        assert!(quantiles.survival(20e6 - 1.0) > 0.5);
    }

    #[test]
    fn impossible_points_are_refused() {
        let refused = |points: &[Point]| Quantiles::new(points).unwrap_err();
        assert_eq!(refused(&[]), Error::NoPoints);
        assert_eq!(refused(&[linear(0.0, 5)]), Error::NoPoints);
        for p in [-0.1, 1.0, f64::NAN] {
            assert_eq!(refused(&[linear(p, 5)]), Error::Probability { point: 0 });
        }
        let twice = [linear(0.5, 5), linear(0.5, 6)];
        assert_eq!(refused(&twice), Error::NotRising { point: 1 });
        let minimum_late = [linear(0.5, 5), linear(0.0, 6)];
        assert_eq!(refused(&minimum_late), Error::NotRising { point: 1 });
        let falling = [linear(0.5, 5), linear(0.6, 4)];
        assert_eq!(refused(&falling), Error::Falling { point: 1 });
        assert_eq!(refused(&[power(0.5, 5)]), Error::PowerFromZero { point: 0 });
        assert_eq!(refused(&[power(0.0, 5)]), Error::PowerFromZero { point: 0 });
        let from_zero = [linear(0.0, 0), power(0.5, 5)];
        assert_eq!(refused(&from_zero), Error::PowerFromZero { point: 1 });
    }
}
