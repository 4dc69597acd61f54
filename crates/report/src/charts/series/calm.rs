//! Series cut into intervals that can be drawn.
//!
//! An interval with a handful of jobs says more about chance than about a strategy, and a page of
//! thousands of points is a file that nobody loads. Neighbours are put together until neither is so;
//! series.csv keeps them apart.

use awaitlab_record::Series;

/// Points of one strip, over all its lines: with five strips a file of less than 100 KB.
const POINTS: usize = 1000;
/// Jobs that make a mean of an interval: their number is known to a tenth then.
const JOBS: u64 = 100;
/// So many intervals are left, whatever they hold.
const LEAST: usize = 40;

/// The same series, all with intervals of one length where their lengths allow it.
pub(super) fn calmed(series: &[&Series]) -> Vec<Series> {
    let mut calmed: Vec<Series> = series.iter().map(|&series| series.clone()).collect();
    let lengths = calmed.iter().map(|series| series.interval_ns);
    let longest = lengths.max().unwrap_or(0);
    for series in &mut calmed {
        while series.interval_ns > 0 && 2 * series.interval_ns <= longest {
            series.halve();
        }
    }
    while wants_halving(&calmed) {
        calmed.iter_mut().for_each(Series::halve);
    }
    calmed
}

fn wants_halving(all: &[Series]) -> bool {
    let intervals = || all.iter().map(|series| series.intervals.len());
    if intervals().sum::<usize>() > POINTS {
        return true;
    }
    intervals().max() >= Some(2 * LEAST) && all.iter().any(is_thin)
}

/// Whether few jobs settle in an interval of those in which any do.
fn is_thin(series: &Series) -> bool {
    let counts = series.intervals.iter().map(|interval| interval.settled);
    let busy: Vec<u64> = counts.filter(|&count| count > 0).collect();
    let jobs: u64 = busy.iter().sum();
    jobs < JOBS * busy.len() as u64
}

#[cfg(test)]
mod tests {
    use awaitlab_record::series::Interval;

    use super::*;

    fn series(interval_ns: u64, count: usize, settled: u64) -> Series {
        let interval = Interval {
            settled,
            ..Interval::default()
        };
        Series {
            interval_ns,
            replications: 1,
            intervals: vec![interval; count],
            faults: Vec::new(),
        }
    }

    #[test]
    fn intervals_of_few_jobs_are_put_together_while_enough_are_left() {
        // 200 of 30 are 100 of 60, and 50 of 120.
        let calm = &calmed(&[&series(5, 200, 30)])[0];
        assert_eq!((calm.interval_ns, calm.intervals.len()), (20, 50));
        let calm = &calmed(&[&series(5, 200, 100)])[0];
        assert_eq!(calm.intervals.len(), 200, "enough in each");
        let calm = &calmed(&[&series(5, 200, 1)])[0];
        assert_eq!(calm.intervals.len(), 50, "fewer would be no line");
    }

    #[test]
    fn lines_that_are_many_have_fewer_points_each() {
        let one = series(5, 200, 1000);
        let calm = calmed(&[&one; 8]);
        assert!(calm.iter().all(|series| series.intervals.len() == 100));
    }

    #[test]
    fn intervals_of_other_lengths_are_brought_to_the_longest() {
        let (short, long) = (series(5, 100, 1000), series(20, 60, 1000));
        let calm = calmed(&[&short, &long]);
        assert_eq!((calm[0].interval_ns, calm[1].interval_ns), (20, 20));
    }
}
