//! What is drawn stands where its axis says: positions are read back off the charts.

use awaitlab_core::Instant;
use awaitlab_record::Record;
use awaitlab_record::summary::{Distribution, FateCounts};
use awaitlab_report::charts;
use roxmltree::{Document, Node};

use crate::scenes;

/// Pixels within which a mark is where it should be: lines have a width, and digits are cut.
const CLOSE: f64 = 0.6;

/// The only page of a kind of chart.
fn page(record: &Record, name: &str) -> String {
    let charts = charts(record).unwrap();
    let page = charts.iter().find(|chart| chart.name == name);
    page.unwrap_or_else(|| panic!("no chart {name}")).svg()
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).unwrap().parse().unwrap()
}

/// An axis of time as its labels say it: pixels of time 0, and in a millisecond.
struct Axis {
    zero: f64,
    per_ms: f64,
}

impl Axis {
    /// The axis with that title, in milliseconds.
    fn read(document: &Document<'_>, title: &str) -> Axis {
        let title = format!("{title}, ms");
        let texts = || document.descendants().filter(|n| n.has_tag_name("text"));
        let below = texts().find(|n| n.text() == Some(&title)).unwrap();
        // Its ticks are the line of text above its title.
        let line = |n: &Node<'_, '_>| (number(below, "y") - number(*n, "y") - 18.0).abs() < 0.1;
        let ticks: Vec<(f64, f64)> = texts()
            .filter(line)
            .filter_map(|n| Some((n.text()?.parse().ok()?, number(n, "x"))))
            .collect();
        let (&(first, zero), &(last, end)) = (ticks.first().unwrap(), ticks.last().unwrap());
        assert!(first == 0.0 && last > 0.0, "{ticks:?}");
        let per_ms = (end - zero) / last;
        for (ms, x) in ticks {
            assert!((zero + ms * per_ms - x).abs() < CLOSE, "ticks are even");
        }
        Axis { zero, per_ms }
    }

    fn x(&self, ms: f64) -> f64 {
        self.zero + ms * self.per_ms
    }

    fn assert_all(&self, what: &str, expected_ms: &[f64], drawn: &[f64]) {
        assert_eq!(
            expected_ms.len(),
            drawn.len(),
            "{what}: {expected_ms:?} {drawn:?}"
        );
        for (&ms, &x) in expected_ms.iter().zip(drawn) {
            let wanted = self.x(ms);
            assert!(
                (wanted - x).abs() < CLOSE,
                "{what} of {ms} ms at {x}, not {wanted}"
            );
        }
    }
}

/// Where vertical lines of that colour and width stand, from the top of the page down.
fn verticals(document: &Document<'_>, stroke: &str, width: &str) -> Vec<f64> {
    let of_that_kind = |n: &Node<'_, '_>| {
        n.attribute("stroke") == Some(stroke) && n.attribute("stroke-width") == Some(width)
    };
    let found = document.descendants().filter(of_that_kind).filter_map(|n| {
        let d = n.attribute("d")?;
        let (x, rest) = d.strip_prefix('M')?.split_once(' ')?;
        rest.contains('V').then(|| x.parse().unwrap())
    });
    found.collect()
}

#[test]
fn a_job_is_marked_where_it_settled_and_where_it_drained() {
    let record = scenes::two_of_twenty_fail();
    let svg = page(&record, "timeline");
    let document = Document::parse(&svg).unwrap();
    let axis = Axis::read(&document, "time since the job arrived");
    let ms = |at: Instant| at.as_nanos() as f64 / 1e6;
    let jobs = || record.cells.iter().map(|cell| &cell.timeline);
    let settled: Vec<f64> = jobs().filter_map(|job| job.settled.map(ms)).collect();
    let drained: Vec<f64> = jobs()
        .filter(|job| job.drained != job.settled)
        .filter_map(|job| job.drained.map(ms))
        .collect();
    assert!(
        settled.len() == 6 && drained.len() == 4,
        "all there is to see"
    );
    axis.assert_all("settled", &settled, &verticals(&document, "#1f2328", "2"));
    axis.assert_all("drained", &drained, &verticals(&document, "#59636e", "1"));
}

#[test]
fn a_bar_ends_at_the_mean_and_its_bands_at_the_percentiles() {
    let record = scenes::twelve_strategies();
    let svg = page(&record, "settle");
    let document = Document::parse(&svg).unwrap();
    let axis = Axis::read(&document, "settle time");
    let key = 120.0; // Above it stands what the marks mean, drawn as they are.
    let rects = |attribute: &'static str, value: f64| {
        let rects = document.descendants().filter(|n| n.has_tag_name("rect"));
        let here = rects.filter(move |n| {
            n.attribute("y").is_some() && number(*n, "y") > key && number(*n, attribute) == value
        });
        here.collect::<Vec<_>>()
    };
    let figures = |figure: fn(&Distribution) -> Option<f64>| -> Vec<f64> {
        let rows = record.summary.rows.iter();
        rows.map(|row| figure(&row.settle_ms).unwrap()).collect()
    };
    let ends = |rects: &[Node<'_, '_>]| -> (Vec<f64>, Vec<f64>) {
        let edges = |n: &Node<'_, '_>| (number(*n, "x"), number(*n, "x") + number(*n, "width"));
        rects.iter().map(edges).unzip()
    };
    // The mark of the mean is two pixels wide, the thick band 7 high, the thin one 3.
    let means: Vec<f64> = ends(&rects("width", 2.0))
        .0
        .iter()
        .map(|x| x + 1.0)
        .collect();
    axis.assert_all("mean", &figures(|d| d.mean), &means);
    // The pale bar has the height of that mark: 0.56 of a row's 32.
    let mut bars = rects("height", 17.92);
    bars.retain(|n| number(*n, "width") != 2.0);
    axis.assert_all("bar to the mean", &figures(|d| d.mean), &ends(&bars).1);
    let (from, to) = ends(&rects("height", 7.0));
    axis.assert_all("p50", &figures(|d| d.p50), &from);
    axis.assert_all("p90", &figures(|d| d.p90), &to);
    let (from, to) = ends(&rects("height", 3.0));
    axis.assert_all("p90", &figures(|d| d.p90), &from);
    axis.assert_all("p99", &figures(|d| d.p99), &to);
}

#[test]
fn a_stack_gives_every_attempt_the_same_width_in_the_colour_of_its_fate() {
    let record = scenes::two_of_twenty_fail();
    let svg = page(&record, "outcomes");
    let document = Document::parse(&svg).unwrap();
    let rects = || document.descendants().filter(|n| n.has_tag_name("rect"));
    // The legend: a swatch, and behind it what its colour means.
    let swatch = |fate: &str| {
        let said = |n: &Node<'_, '_>| n.text().is_some_and(|text| text.starts_with(fate));
        let text = document
            .descendants()
            .find(|n| n.has_tag_name("text") && said(n));
        let y = number(text.unwrap(), "y");
        let before = rects().rfind(|n| n.range().start < text.unwrap().range().start);
        (before.unwrap().attribute("fill").unwrap().to_owned(), y)
    };
    let mut widths = Vec::new();
    type Count = fn(&FateCounts) -> u64;
    let (useful, orphaned): (Count, Count) = (|counts| counts.useful, |counts| counts.orphaned);
    for (fate, count) in [("useful", useful), ("orphaned", orphaned)] {
        let (color, legend) = swatch(fate);
        let drawn: Vec<f64> = rects()
            .filter(|n| n.attribute("fill") == Some(&color) && number(*n, "y") > legend)
            .map(|n| number(n, "width"))
            .collect();
        let rows = record
            .summary
            .rows
            .iter()
            .filter(|row| count(&row.attempts) > 0);
        let expected: Vec<f64> = rows
            .map(|row| count(&row.attempts) as f64 / row.jobs as f64)
            .collect();
        assert_eq!(drawn.len(), expected.len(), "{fate}");
        widths.extend(
            drawn
                .iter()
                .zip(expected)
                .map(|(width, attempts)| width / attempts),
        );
    }
    assert!(
        widths.iter().all(|width| (width - widths[0]).abs() < 0.05),
        "{widths:?}"
    );
}
