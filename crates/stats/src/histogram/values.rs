//! Where a histogram keeps its values.

use super::counts::Counts;

/// Above this a value falls into the last bucket.
const HIGHEST: u64 = 1 << 62;

/// So many distinct values are kept as they are.
const FEW: usize = 64;

/// Recorded values, in a form that depends on nothing but the values.
#[derive(Clone, PartialEq)]
pub(super) enum Values {
    /// Value and count, by value: at most [`FEW`].
    Few(Vec<(u64, u64)>),
    Many(Counts),
}

/// Significant digits of the buckets that many values share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Digits {
    Two,
    #[default]
    Three,
}

/// Values that are not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The lowest of them, in nanoseconds.
    pub low: u64,
    /// The highest of them, included.
    pub high: u64,
    /// How many observations lie here; at least one.
    pub count: u64,
}

impl Default for Values {
    fn default() -> Self {
        Values::Few(Vec::new())
    }
}

impl Values {
    #[inline]
    pub(super) fn add(&mut self, value: u64, count: u64, digits: Digits) {
        match self {
            Values::Many(counts) => counts.add(value.min(HIGHEST), count),
            Values::Few(_) => self.add_to_few(value, count, digits),
        }
    }

    /// Apart, so that it does not make the other way longer, which is gone far more often.
    #[inline(never)]
    fn add_to_few(&mut self, value: u64, count: u64, digits: Digits) {
        let Values::Few(few) = self else { return };
        match few.binary_search_by_key(&value, |&(value, _)| value) {
            Ok(index) => few[index].1 += count,
            Err(index) if few.len() < FEW => few.insert(index, (value, count)),
            Err(_) => {
                let mut counts = many(few, digits);
                counts.add(value.min(HIGHEST), count);
                *self = Values::Many(counts);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Values, digits: Digits) {
        match (&mut *self, other) {
            (_, Values::Few(few)) => few
                .iter()
                .for_each(|&(value, count)| self.add(value, count, digits)),
            (Values::Many(mine), Values::Many(theirs)) => mine.add_all(theirs),
            (Values::Few(few), Values::Many(theirs)) => {
                let mut counts = many(few, digits);
                counts.add_all(theirs);
                *self = Values::Many(counts);
            }
        }
    }

    pub(super) fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let (few, counts) = match self {
            Values::Few(few) => (few.as_slice(), None),
            Values::Many(counts) => (Default::default(), Some(counts)),
        };
        let few = few.iter().map(|&(value, count)| Bucket {
            low: value,
            high: value,
            count,
        });
        few.chain(counts.into_iter().flat_map(Counts::buckets))
    }

    /// The bucket that holds the observation of this rank, from 1.
    pub(super) fn at_rank(&self, rank: u64) -> Option<Bucket> {
        if let Values::Many(counts) = self {
            return counts.at_rank(rank);
        }
        let mut seen = 0;
        self.buckets().find(|bucket| {
            seen += bucket.count;
            seen >= rank
        })
    }
}

fn many(few: &[(u64, u64)], digits: Digits) -> Counts {
    let mut counts = Counts::new(digits);
    few.iter()
        .for_each(|&(value, count)| counts.add(value.min(HIGHEST), count));
    counts
}
