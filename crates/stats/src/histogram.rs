//! Times with exact count, sum, minimum and maximum, and quantiles to three significant digits.
//!
//! Everything is in nanoseconds. Up to 64 distinct values are kept as they are; beyond that they are
//! counted in HdrHistogram's buckets, which are a thousandth of their value wide. Which of the two it
//! is depends on the values alone, not on the order in which they came, so that merging in any
//! order gives the same histogram. Thousands of histograms exist in a run, most of them of few
//! values: the buckets up to some hundred milliseconds take 155 KB.

mod counts;
mod shape;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;

use crate::moments::{Moments, Sample};
use crate::quantile::Quantile;
use crate::student::Confidence;
pub use shape::{Bins, CurvePoint};
pub use values::Bucket;
use values::{Digits, Values};

/// Times in nanoseconds.
#[derive(Clone, Default, PartialEq)]
pub struct Histogram {
    moments: Moments,
    extremes: Option<[u64; 2]>,
    values: Values,
    digits: Digits,
}

impl Histogram {
    /// No observation, and no memory but its own few words.
    pub fn new() -> Self {
        Histogram::default()
    }

    /// The same with quantiles to two significant digits: an eighth of the memory, for those of
    /// which there are many.
    pub fn coarse() -> Self {
        Histogram {
            digits: Digits::Two,
            ..Histogram::default()
        }
    }

    /// Adds a time. Above 2^62 ns (146 years) its bucket is that of 2^62; the exact figures stay
    /// exact.
    #[inline]
    pub fn record(&mut self, ns: u64) {
        self.moments.record(ns);
        self.extremes = Some(match self.extremes {
            Some([min, max]) => [min.min(ns), max.max(ns)],
            None => [ns, ns],
        });
        self.values.add(ns, 1, self.digits);
    }

    /// Adds everything the other has seen: the same as if it had been recorded here.
    pub fn merge(&mut self, other: &Histogram) {
        self.moments.merge(&other.moments);
        self.extremes = match (self.extremes, other.extremes) {
            (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
            (some, None) | (None, some) => some,
        };
        self.values.merge(&other.values, self.digits);
    }

    /// How many times were recorded.
    pub const fn count(&self) -> u64 {
        self.moments.count()
    }

    /// Their exact sum, in nanoseconds.
    pub const fn sum(&self) -> u128 {
        self.moments.sum().unsigned_abs()
    }

    /// The shortest, exact.
    pub fn min(&self) -> Option<u64> {
        self.extremes.map(|[min, _]| min)
    }

    /// The longest, exact.
    pub fn max(&self) -> Option<u64> {
        self.extremes.map(|[_, max]| max)
    }

    /// The mean in nanoseconds, rounded once.
    pub fn mean(&self) -> Option<f64> {
        self.moments.mean()
    }

    /// Mean and spread in nanoseconds, for scaling and intervals. The interval holds where every
    /// time comes from a replication of its own.
    pub fn sample(&self) -> Option<Sample> {
        self.moments.sample()
    }

    /// The quantile by rank, in nanoseconds: the top of its bucket, within the exact extremes. So a
    /// constant of 500 ms has quantiles of exactly 500 ms.
    pub fn quantile(&self, quantile: Quantile) -> Option<u64> {
        self.at_rank(quantile.rank(self.count()))
            .map(|bucket| bucket.high)
    }

    /// The interval of the quantile by order statistics, in nanoseconds, where every time comes from
    /// a replication of its own; `None` with fewer than ten observations beyond it.
    pub fn quantile_interval(
        &self,
        quantile: Quantile,
        confidence: Confidence,
    ) -> Option<[u64; 2]> {
        let [low, high] = quantile.interval_ranks(self.count(), confidence)?;
        Some([self.at_rank(low)?.low, self.at_rank(high)?.high])
    }

    /// The ranges in which something was recorded, in increasing order, narrowed to the exact
    /// extremes.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.values.buckets().map(|bucket| self.narrowed(bucket))
    }

    /// The bucket that holds the observation of this rank, from 1.
    fn at_rank(&self, rank: u64) -> Option<Bucket> {
        self.values
            .at_rank(rank)
            .map(|bucket| self.narrowed(bucket))
    }

    fn narrowed(&self, bucket: Bucket) -> Bucket {
        let [min, max] = self.extremes.unwrap_or([0, u64::MAX]);
        Bucket {
            low: bucket.low.clamp(min, max),
            high: bucket.high.clamp(min, max),
            count: bucket.count,
        }
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histogram")
            .field("count", &self.count())
            .field("min_ns", &self.min())
            .field("mean_ns", &self.mean())
            .field("max_ns", &self.max())
            .finish_non_exhaustive()
    }
}
