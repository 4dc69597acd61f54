//! `.hgrm`: the percentile distribution as HdrHistogram's own tools print and plot it.
//!
//! The text is what `outputPercentileDistribution(stream, 5, 1e6)` of the Java library prints for a
//! histogram of nanoseconds: value in milliseconds, percentile as a share, the number of
//! observations at or below it, and `1 / (1 - percentile)`. Between two halvings of what is left
//! above (50 %, 75 %, 87.5 %, …) there are five lines, of equal distance. Values are the top of their
//! bucket within the exact extremes, as everywhere in the lab; mean, deviation and maximum in the
//! footer are exact. (HdrHistogram, `AbstractHistogram.java` and `PercentileIterator.java`.)

use std::io::{self, Write};

use awaitlab_stats::{Histogram, NS_PER_MS};

/// Lines for each halving of the distance to 100 %.
const TICKS: f64 = 5.0;

/// Buckets of a histogram of three digits are halves of this many sub-buckets.
const SUB_BUCKETS: u32 = 2048;

/// Writes the distribution. Without observations it is a header and a footer of zeros.
///
/// # Errors
/// Those of the writer.
pub fn write(histogram: &Histogram, mut writer: impl Write) -> io::Result<()> {
    let titles = ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"];
    let [value, percentile, count, one_in] = titles;
    writeln!(
        writer,
        "{value:>12} {percentile:>14} {count:>10} {one_in:>14}\n"
    )?;
    for Line {
        value_ns,
        percent,
        seen,
    } in lines(histogram)
    {
        let (value, share) = (value_ns as f64 / NS_PER_MS, percent / 100.0);
        write!(writer, "{value:12.3} {share:.12} {seen:10}")?;
        if percent < 100.0 {
            write!(writer, " {:14.2}", 1.0 / (1.0 - share))?;
        }
        writeln!(writer)?;
    }
    footer(histogram, writer)
}

fn footer(histogram: &Histogram, mut writer: impl Write) -> io::Result<()> {
    let mean = histogram.mean().unwrap_or(0.0) / NS_PER_MS;
    let deviation = deviation_ns(histogram) / NS_PER_MS;
    let max = histogram.max().unwrap_or(0);
    let (count, buckets) = (histogram.count(), buckets_up_to(max));
    writeln!(
        writer,
        "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]"
    )?;
    writeln!(
        writer,
        "#[Max     = {:12.3}, Total count    = {count:12}]",
        max as f64 / NS_PER_MS
    )?;
    writeln!(
        writer,
        "#[Buckets = {buckets:12}, SubBuckets     = {SUB_BUCKETS:12}]"
    )
}

struct Line {
    value_ns: u64,
    percent: f64,
    seen: u64,
}

/// One line for each tick, at the first bucket that reaches it, and one for the whole.
fn lines(histogram: &Histogram) -> Vec<Line> {
    let total = histogram.count();
    let (mut lines, mut seen, mut percent) = (Vec::new(), 0, 0.0_f64);
    for bucket in histogram.buckets() {
        seen += bucket.count;
        let reached = 100.0 * seen as f64 / total as f64;
        let value_ns = bucket.high;
        // The last bucket reaches every tick there is: the next one stands for them, then the whole.
        if seen == total {
            lines.push(Line {
                value_ns,
                percent,
                seen,
            });
            lines.push(Line {
                value_ns,
                percent: 100.0,
                seen,
            });
            break;
        }
        while reached >= percent {
            lines.push(Line {
                value_ns,
                percent,
                seen,
            });
            percent += step_at(percent);
        }
    }
    lines
}

/// The distance to the next tick: a fifth of half of what was left above the last halving. In
/// percent, as in Java: 10, 5, 2.5 and so on are exact in binary, a tenth is not.
fn step_at(percent: f64) -> f64 {
    let halvings = (100.0 / (100.0 - percent)).log2().floor();
    100.0 / (TICKS * (halvings + 1.0).exp2())
}

/// The population's standard deviation, as the Java library has it.
fn deviation_ns(histogram: &Histogram) -> f64 {
    let Some(sample) = histogram.sample() else {
        return 0.0;
    };
    let n = sample.count as f64;
    (sample.variance.unwrap_or(0.0) * (n - 1.0) / n).sqrt()
}

/// How many buckets cover values up to `max`: the first holds the sub-buckets, each further one
/// doubles the reach.
fn buckets_up_to(max: u64) -> u32 {
    let beyond = max / u64::from(SUB_BUCKETS);
    1 + (u64::BITS - beyond.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(histogram: &Histogram) -> String {
        let mut bytes = Vec::new();
        write(histogram, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_text_is_the_one_the_java_library_prints() {
        // Nine of 500 ms and one of 1 s: mean 550, deviation sqrt(0.9 x 50^2 + 0.1 x 450^2) = 150.
        // 90 % lies on a boundary between two ticks, 87.5 + 1.25 and 87.5 + 2.5.
        let mut histogram = Histogram::new();
        (0..9).for_each(|_| histogram.record(500_000_000));
        histogram.record(1_000_000_000);
        let expected = "       Value     Percentile TotalCount 1/(1-Percentile)

     500.000 0.000000000000          9           1.00
     500.000 0.100000000000          9           1.11
     500.000 0.200000000000          9           1.25
     500.000 0.300000000000          9           1.43
     500.000 0.400000000000          9           1.67
     500.000 0.500000000000          9           2.00
     500.000 0.550000000000          9           2.22
     500.000 0.600000000000          9           2.50
     500.000 0.650000000000          9           2.86
     500.000 0.700000000000          9           3.33
     500.000 0.750000000000          9           4.00
     500.000 0.775000000000          9           4.44
     500.000 0.800000000000          9           5.00
     500.000 0.825000000000          9           5.71
     500.000 0.850000000000          9           6.67
     500.000 0.875000000000          9           8.00
     500.000 0.887500000000          9           8.89
     500.000 0.900000000000          9          10.00
    1000.000 0.912500000000         10          11.43
    1000.000 1.000000000000         10
#[Mean    =      550.000, StdDeviation   =      150.000]
#[Max     =     1000.000, Total count    =           10]
#[Buckets =           20, SubBuckets     =         2048]
";
        assert_eq!(printed(&histogram), expected);
    }

    #[test]
    fn an_empty_distribution_is_a_header_and_a_footer() {
        let expected = "       Value     Percentile TotalCount 1/(1-Percentile)

#[Mean    =        0.000, StdDeviation   =        0.000]
#[Max     =        0.000, Total count    =            0]
#[Buckets =            1, SubBuckets     =         2048]
";
        assert_eq!(printed(&Histogram::new()), expected);
    }

    #[test]
    fn the_ticks_are_those_of_another_implementation() {
        // A prime number of different times: buckets fill, and no tick falls on a boundary, where
        // the other one, which adds up tenths, is off by one.
        let times: Vec<u64> = (1..=5003_u64).map(|i| i * i * 31 + 1_000_000).collect();
        let mut ours = Histogram::new();
        let mut theirs = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        for &time in &times {
            ours.record(time);
            theirs.record(time).unwrap();
        }
        let max = ours.max().unwrap();
        let mut seen = 0;
        let expected: Vec<(u64, String, u64)> = theirs
            .iter_quantiles(5)
            .map(|step| {
                seen += step.count_since_last_iteration();
                let share = format!("{:.12}", step.quantile_iterated_to());
                (step.value_iterated_to().min(max), share, seen)
            })
            .collect();
        let got: Vec<(u64, String, u64)> = lines(&ours)
            .iter()
            .map(|line| {
                (
                    line.value_ns,
                    format!("{:.12}", line.percent / 100.0),
                    line.seen,
                )
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_bucket_more_reaches_twice_as_far() {
        let reaches = [
            (0, 1),
            (2047, 1),
            (2048, 2),
            (4095, 2),
            (4096, 3),
            (u64::MAX, 54),
        ];
        for (max, buckets) in reaches {
            assert_eq!(buckets_up_to(max), buckets, "{max}");
        }
    }
}
