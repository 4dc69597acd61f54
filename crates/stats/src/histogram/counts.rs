//! Counts in buckets that grow with what they hold.
//!
//! The buckets are HdrHistogram's: with 2^11 = 2048 of them for three digits, values below 2048 have
//! one each, and every further doubling is cut into 1024 of equal width, so that no bucket is wider
//! than a thousandth of its values. The number of a bucket is then an addition: a value shifted right
//! until 11 bits are left, plus 1024 for every shift. (G. Tene, HdrHistogram, `AbstractHistogram.java`.)

use super::values::{Bucket, Digits};

/// Counts by bucket, up to the highest that holds anything.
#[derive(Clone, PartialEq)]
pub(super) struct Counts {
    /// Every doubling is cut into two to this power.
    bits: u32,
    /// The last one is not 0.
    counts: Vec<u64>,
}

/// So many counts are added up at a time where a rank is looked for.
const STRIDE: usize = 64;

impl Counts {
    pub(super) fn new(digits: Digits) -> Self {
        Counts {
            // The powers of two from 100 and 1000 on.
            bits: match digits {
                Digits::Two => 7,
                Digits::Three => 10,
            },
            counts: Vec::new(),
        }
    }

    /// Adds at least one observation.
    #[inline]
    pub(super) fn add(&mut self, value: u64, count: u64) {
        let shift = (value | 1).ilog2().saturating_sub(self.bits);
        let place = ((shift << self.bits) as usize) + (value >> shift) as usize;
        match self.counts.get_mut(place) {
            Some(of_bucket) => *of_bucket += count,
            None => self.grow(place, count),
        }
    }

    #[cold]
    fn grow(&mut self, place: usize, count: u64) {
        self.counts.resize(place, 0);
        self.counts.push(count);
    }

    /// Adds what is in the other's buckets: of other digits, as their lowest values.
    pub(super) fn add_all(&mut self, other: &Counts) {
        if self.bits != other.bits {
            let buckets = other.buckets();
            return buckets.for_each(|bucket| self.add(bucket.low, bucket.count));
        }
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
    }

    /// Those that hold something, in increasing order.
    pub(super) fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let all = self.counts.iter().enumerate();
        all.filter(|&(_, &count)| count > 0)
            .map(|(place, _)| self.bucket(place))
    }

    /// The one that holds the observation of this rank, from 1; `None` where there are fewer.
    pub(super) fn at_rank(&self, rank: u64) -> Option<Bucket> {
        let mut seen = 0;
        for (stride, counts) in self.counts.chunks(STRIDE).enumerate() {
            let before = seen;
            seen += counts.iter().sum::<u64>();
            if seen >= rank {
                let mut seen = before;
                let within = counts.iter().position(|count| {
                    seen += count;
                    *count > 0 && seen >= rank
                })?;
                return Some(self.bucket(stride * STRIDE + within));
            }
        }
        None
    }

    fn bucket(&self, place: usize) -> Bucket {
        let shift = (place >> self.bits).saturating_sub(1);
        let low = ((place - (shift << self.bits)) as u64) << shift;
        Bucket {
            low,
            high: low + ((1 << shift) - 1),
            count: self.counts[place],
        }
    }
}
