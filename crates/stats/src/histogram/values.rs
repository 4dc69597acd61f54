//! Where a histogram keeps its values.

/// Above this a value falls into the last bucket.
const HIGHEST: u64 = 1 << 62;

/// So many distinct values are kept as they are.
const FEW: usize = 64;

/// Recorded values, in a form that depends on nothing but the values.
#[derive(Clone, PartialEq)]
pub(super) enum Values {
    /// Value and count, by value: at most [`FEW`].
    Few(Vec<(u64, u64)>),
    /// Boxed: few of the histograms of a run hold many values.
    Many(Box<hdrhistogram::Histogram<u64>>),
}

/// Significant digits of the buckets that many values share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits(pub(super) u8);

impl Default for Digits {
    fn default() -> Self {
        Digits(3)
    }
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
            Values::Many(histogram) => add_to(histogram, value, count),
            Values::Few(few) => match few.binary_search_by_key(&value, |&(value, _)| value) {
                Ok(index) => few[index].1 += count,
                Err(index) if few.len() < FEW => few.insert(index, (value, count)),
                Err(_) => {
                    let mut histogram = many(few, digits);
                    add_to(&mut histogram, value, count);
                    *self = Values::Many(histogram);
                }
            },
        }
    }

    pub(super) fn merge(&mut self, other: &Values, digits: Digits) {
        match (&mut *self, other) {
            (_, Values::Few(few)) => few
                .iter()
                .for_each(|&(value, count)| self.add(value, count, digits)),
            (Values::Many(mine), Values::Many(theirs)) => add_all(mine, theirs),
            (Values::Few(few), Values::Many(theirs)) => {
                let mut histogram = many(few, digits);
                add_all(&mut histogram, theirs);
                *self = Values::Many(histogram);
            }
        }
    }

    pub(super) fn buckets(&self) -> Box<dyn Iterator<Item = Bucket> + '_> {
        match self {
            Values::Few(few) => Box::new(few.iter().map(|&(value, count)| Bucket {
                low: value,
                high: value,
                count,
            })),
            Values::Many(histogram) => Box::new(histogram.iter_recorded().map(|step| Bucket {
                low: histogram.lowest_equivalent(step.value_iterated_to()),
                high: histogram.highest_equivalent(step.value_iterated_to()),
                count: step.count_at_value(),
            })),
        }
    }
}

fn many(few: &[(u64, u64)], Digits(digits): Digits) -> Box<hdrhistogram::Histogram<u64>> {
    // 1 ns, 2 ns and 2 or 3 digits are bounds the constructor takes; it refuses only a high below
    // 2 low and more than 5 digits.
    let mut histogram =
        hdrhistogram::Histogram::new_with_bounds(1, 2, digits).expect("valid bounds");
    histogram.auto(true);
    few.iter()
        .for_each(|&(value, count)| add_to(&mut histogram, value, count));
    Box::new(histogram)
}

#[inline]
fn add_to(histogram: &mut hdrhistogram::Histogram<u64>, value: u64, count: u64) {
    // It resizes itself up to the highest value; this fails only where the count array would
    // outgrow the address space.
    histogram
        .record_n(value.min(HIGHEST), count)
        .expect("it resizes itself");
}

fn add_all(histogram: &mut hdrhistogram::Histogram<u64>, other: &hdrhistogram::Histogram<u64>) {
    histogram.add(other).expect("it resizes itself");
}
