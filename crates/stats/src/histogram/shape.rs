//! A histogram as something to draw.

use super::{Bucket, Histogram};

/// Observations in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    /// Observations below the first bin.
    pub below: f64,
    /// Observations by bin. A bucket that lies across a border is shared out by width, so they need
    /// not be whole; with what lies below and above they sum to the count.
    pub counts: Vec<f64>,
    /// Observations above the last bin.
    pub above: f64,
}

/// A point of the latency-by-percentile curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// `1 / (1 - p)`, from 1: 10 is the 90th percentile, 100 the 99th. Drawn on a logarithmic
    /// axis, every nine takes the same width.
    pub one_in: f64,
    /// The time in nanoseconds.
    pub value_ns: u64,
}

impl Histogram {
    /// Shares the observations out to `bins` bins of equal width between two bounds in nanoseconds.
    /// A bin holds its lower bound and not its upper one, but for the last, which holds both.
    ///
    /// Nothing is binned where `bins` is 0 or the bounds are not in increasing order.
    pub fn rebin(&self, low: u64, high: u64, bins: usize) -> Bins {
        let mut result = Bins {
            below: 0.0,
            counts: vec![0.0; bins],
            above: 0.0,
        };
        if bins == 0 || low >= high {
            return result;
        }
        let width = (high - low) as f64 / bins as f64;
        for bucket in self.buckets() {
            share_out(&bucket, low, high, width, &mut result);
        }
        result
    }

    /// The curve of latency by percentile, as steps: what `1 / (1 - p)` of the axis lies at which
    /// time. From 1 to the count of observations, where there is nothing left beyond.
    ///
    /// Both coordinates increase. Points that differ from the last one by less than one part in
    /// `resolution` of both axes' lengths are left out, so there are at most `2 resolution + 2`.
    pub fn percentile_curve(&self, resolution: usize) -> Vec<CurvePoint> {
        let (Some(min), Some(max)) = (self.min(), self.max()) else {
            return Vec::new();
        };
        let total = self.count() as f64;
        let grain = 1.0 / resolution.max(1) as f64;
        let (x_grain, y_grain) = (total.ln() * grain, (max - min) as f64 * grain);
        let mut thinned = Thinned {
            points: Vec::new(),
            x_grain,
            y_grain,
        };
        let mut beyond = self.count();
        for bucket in self.buckets() {
            thinned.push(CurvePoint {
                one_in: total / beyond as f64,
                value_ns: bucket.high,
            });
            beyond -= bucket.count;
            let one_in = if beyond == 0 {
                total
            } else {
                total / beyond as f64
            };
            thinned.push(CurvePoint {
                one_in,
                value_ns: bucket.high,
            });
        }
        thinned.finish(CurvePoint {
            one_in: total,
            value_ns: max,
        })
    }
}

fn share_out(bucket: &Bucket, low: u64, high: u64, width: f64, bins: &mut Bins) {
    // A bucket of integers covers [low, high + 1); a single value is a point at itself.
    let count = bucket.count as f64;
    if bucket.low == bucket.high || bucket.high < low || bucket.low > high {
        return put(bucket.low, count, low, high, width, bins);
    }
    let (from, to) = (bucket.low as f64, bucket.high as f64 + 1.0);
    let density = count / (to - from);
    let (low, high) = (low as f64, high as f64);
    bins.below += (low - from).max(0.0) * density;
    bins.above += (to - high).max(0.0) * density;
    let first = (((from - low) / width).max(0.0)) as usize;
    for index in first..bins.counts.len() {
        let left = low + index as f64 * width;
        if left >= to {
            break;
        }
        let covered = to.min(left + width).min(high) - from.max(left);
        bins.counts[index] += covered.max(0.0) * density;
    }
}

fn put(value: u64, count: f64, low: u64, high: u64, width: f64, bins: &mut Bins) {
    if value < low {
        bins.below += count;
    } else if value > high {
        bins.above += count;
    } else {
        let last = bins.counts.len() - 1;
        let index = ((value - low) as f64 / width) as usize;
        bins.counts[index.min(last)] += count;
    }
}

/// A rising staircase without the steps nobody can see.
struct Thinned {
    points: Vec<CurvePoint>,
    x_grain: f64,
    y_grain: f64,
}

impl Thinned {
    fn push(&mut self, point: CurvePoint) {
        let far = self.points.last().is_none_or(|last| {
            (point.one_in / last.one_in).ln() > self.x_grain
                || (point.value_ns - last.value_ns) as f64 > self.y_grain
        });
        if far {
            self.points.push(point);
        }
    }

    fn finish(mut self, last: CurvePoint) -> Vec<CurvePoint> {
        if self.points.last() != Some(&last) {
            self.points.push(last);
        }
        self.points
    }
}
