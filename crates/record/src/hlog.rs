//! `.hlog`: settle times over virtual time, as HdrHistogram's log processors and viewers read them.
//!
//! The interval log of version 1.3: after a header, a line for each interval with its start and
//! length in seconds, its longest time in milliseconds, and its histogram of nanoseconds in
//! compressed form (V2, DEFLATE, base 64). Virtual time begins at 0, and so does the log. No line has
//! a tag: the Java processor reads only untagged ones unless it is told a tag, and crashes where
//! there is none. (HdrHistogram, `HistogramLogWriter.java` and `HistogramLogProcessor.java`.)

use std::fmt::Display;
use std::io::{self, Write};

use awaitlab_stats::{Histogram, NS_PER_MS};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};

use crate::Series;
use crate::csv_text::seconds;

/// The last value of the highest bucket a histogram of the lab has.
const HIGHEST: u64 = 1 << 62;

/// Writes the log: a line for each interval, also for one in which no job settled, so that the time
/// axis has no gap.
///
/// # Errors
/// Those of the writer, and when a histogram cannot be compressed.
pub fn write(series: &Series, mut writer: impl Write) -> io::Result<()> {
    writeln!(writer, "#[Settle times in nanoseconds of virtual time]")?;
    writeln!(writer, "#[Histogram log format version 1.3]")?;
    writeln!(
        writer,
        "#[StartTime: 0.000 (seconds since epoch), of virtual time]"
    )?;
    writeln!(
        writer,
        r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#
    )?;
    let mut serializer = V2DeflateSerializer::new();
    let mut packed = Vec::new();
    let length = with_point(series.interval_ns);
    for (interval, index) in series.intervals.iter().zip(0_u64..) {
        let from = with_point(index.saturating_mul(series.interval_ns));
        let max_ms = interval.settle.max().unwrap_or(0) as f64 / NS_PER_MS;
        packed.clear();
        serializer
            .serialize(&converted(&interval.settle)?, &mut packed)
            .map_err(failed)?;
        let payload = STANDARD.encode(&packed);
        writeln!(writer, "{from},{length},{max_ms:.3},{payload}")?;
    }
    Ok(())
}

/// Seconds with at least one digit after the point: readers tell them by it.
fn with_point(ns: u64) -> String {
    let text = seconds(ns);
    if text.contains('.') {
        text
    } else {
        text + ".0"
    }
}

/// The same observations in a histogram of three digits: what is in a bucket stays in it.
fn converted(histogram: &Histogram) -> io::Result<hdrhistogram::Histogram<u64>> {
    let highest = histogram.max().unwrap_or(0).clamp(2, HIGHEST);
    let mut converted = hdrhistogram::Histogram::new_with_bounds(1, highest, 3).map_err(failed)?;
    for bucket in histogram.buckets() {
        converted
            .record_n(bucket.high.min(HIGHEST), bucket.count)
            .map_err(failed)?;
    }
    Ok(converted)
}

fn failed(error: impl Display) -> io::Error {
    io::Error::other(format!("a histogram cannot be packed: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;
    use crate::sample;
    use crate::series::Interval;

    fn written(series: &Series) -> String {
        let mut bytes = Vec::new();
        write(series, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    type Line = (Duration, Duration, f64, hdrhistogram::Histogram<u64>);

    /// As the other implementation reads it.
    fn read(text: &str) -> Vec<Line> {
        let intervals = IntervalLogIterator::new(text.as_bytes()).filter_map(|entry| {
            match entry.expect("every line is understood") {
                LogEntry::Interval(interval) => Some(interval),
                LogEntry::StartTime(start) => {
                    assert_eq!(start, Duration::ZERO);
                    None
                }
                LogEntry::BaseTime(_) => None,
            }
        });
        intervals
            .map(|interval| {
                assert!(interval.tag().is_none());
                let packed = STANDARD.decode(interval.encoded_histogram()).unwrap();
                let histogram = Deserializer::new()
                    .deserialize(&mut packed.as_slice())
                    .unwrap();
                (
                    interval.start_timestamp(),
                    interval.duration(),
                    interval.max(),
                    histogram,
                )
            })
            .collect()
    }

    #[test]
    fn another_implementation_reads_what_was_recorded() {
        let text = written(&sample::series());
        let mut lines = text.lines();
        assert_eq!(
            lines.nth(1),
            Some("#[Histogram log format version 1.3]"),
            "{text}"
        );
        let read = read(&text);
        let half = Duration::from_millis(500);
        let (start, length, max, first) = &read[0];
        assert_eq!((*start, *length, *max), (Duration::ZERO, half, 400.0));
        assert_eq!(first.len(), 3, "100, 200 and 400 ms");
        assert_eq!(first.count_between(199_000_000, 201_000_000), 1);
        let (start, _, max, empty) = &read[1];
        assert_eq!((*start, *max, empty.len()), (half, 0.0, 0));
    }

    #[test]
    fn intervals_shorter_than_a_millisecond_keep_their_place() {
        let series = Series {
            interval_ns: 1_500,
            intervals: vec![Interval::default(); 3],
            ..sample::series()
        };
        let starts: Vec<Duration> = read(&written(&series)).iter().map(|line| line.0).collect();
        assert_eq!(starts, [0, 1_500, 3_000].map(Duration::from_nanos));
    }

    #[test]
    fn many_values_and_the_longest_there_are_stay_in_their_buckets() {
        let mut settle = Histogram::new();
        (0..1000_u64).for_each(|i| settle.record(i * i * 977));
        settle.record(u64::MAX);
        let series = Series {
            intervals: vec![Interval {
                settle: settle.clone(),
                ..Interval::default()
            }],
            ..sample::series()
        };
        let histogram = &read(&written(&series))[0].3;
        assert_eq!(histogram.len(), 1001);
        for bucket in settle.buckets().filter(|bucket| bucket.high < HIGHEST) {
            assert_eq!(histogram.count_at(bucket.high), bucket.count, "{bucket:?}");
        }
    }
}
