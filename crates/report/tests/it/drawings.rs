//! The charts: whole, legible, the same every time.

use awaitlab_record::Record;
use awaitlab_record::series::PolicyInterval;
use awaitlab_report::{Chart, charts};

use crate::{fixture, guarded, in_time, scenes};

fn records() -> Vec<Record> {
    vec![
        scenes::three_requests(),
        scenes::twelve_strategies(),
        scenes::black_hole(),
        scenes::two_of_twenty_fail(),
        scenes::hostile(),
        scenes::extremes(),
        in_time::overload_spike(),
        in_time::metastable(),
        in_time::saturated_queue(),
        in_time::two_worlds(),
        in_time::crowd(),
        in_time::restless(),
        guarded::storm(),
        guarded::aggregation(),
        guarded::frenzy(),
    ]
}

fn attribute(node: roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name)
        .and_then(|value| value.parse().ok())
        .unwrap_or(f64::NAN)
}

/// A text of a chart and the box it was laid out in.
struct Label {
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn labels(document: &roxmltree::Document<'_>) -> Vec<Label> {
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| {
            let (x, width) = (attribute(node, "x"), attribute(node, "textLength"));
            let left = match node.attribute("text-anchor") {
                Some("end") => x - width,
                Some(_) => x - width / 2.0,
                None => x,
            };
            // From the height of a capital to the baseline, as Inter has it.
            let (y, size) = (attribute(node, "y"), attribute(node, "font-size"));
            Label {
                text: node.text().unwrap_or_default().to_string(),
                left,
                right: left + width,
                top: y - 0.73 * size,
                bottom: y,
            }
        })
        .collect()
}

#[test]
fn no_label_leaves_the_page_or_covers_another() {
    for chart in records().iter().flat_map(|record| charts(record).unwrap()) {
        labels_are_apart(&chart.name, &chart.svg());
    }
}

/// Every label lies on the page and beside every other one.
pub(crate) fn labels_are_apart(name: &str, svg: &str) {
    let document = roxmltree::Document::parse(svg).unwrap();
    let (width, height) = {
        let root = document.root_element();
        (attribute(root, "width"), attribute(root, "height"))
    };
    let labels = labels(&document);
    for (index, a) in labels.iter().enumerate() {
        assert!(
            a.left >= 0.0 && a.right <= width && a.top >= 0.0 && a.bottom <= height,
            "{name}: “{}” leaves the page",
            a.text
        );
        for b in &labels[index + 1..] {
            let apart =
                a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            assert!(apart, "{name}: “{}” covers “{}”", a.text, b.text);
        }
    }
}

#[test]
fn every_strategy_is_named_in_every_chart() {
    for record in [
        scenes::three_requests(),
        scenes::black_hole(),
        scenes::two_of_twenty_fail(),
        in_time::overload_spike(),
        in_time::metastable(),
        in_time::saturated_queue(),
    ] {
        for chart in charts(&record).unwrap() {
            let svg = chart.svg();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let labels = labels(&document);
            let said = document
                .descendants()
                .filter_map(|node| node.text())
                .collect::<String>();
            for row in &record.summary.rows {
                let named = labels.iter().any(|label| label.text == row.strategy);
                assert!(
                    named || said.contains(&row.strategy),
                    "{}: {}",
                    chart.name,
                    row.strategy
                );
            }
        }
    }
}

#[test]
fn an_svg_is_small_and_has_only_numbers_in_it() {
    for chart in records().iter().flat_map(|record| charts(record).unwrap()) {
        let svg = chart.svg();
        assert!(
            svg.len() <= 100_000,
            "{} has {} bytes",
            chart.name,
            svg.len()
        );
        for wrong in ["NaN", "inf", "--"] {
            assert!(
                !svg.contains(&format!("\"{wrong}")),
                "{}: {wrong}",
                chart.name
            );
        }
        let document = roxmltree::Document::parse(&svg).unwrap();
        for path in document
            .descendants()
            .filter_map(|node| node.attribute("d"))
        {
            let allowed = |c: char| c.is_ascii_digit() || "MLHVhvz .-".contains(c);
            assert!(path.chars().all(allowed), "{}: {path}", chart.name);
        }
    }
}

#[test]
fn equal_records_give_equal_bytes() {
    let draw = || -> Vec<(String, String, Vec<u8>)> {
        let charts = charts(&scenes::three_requests()).unwrap();
        charts
            .iter()
            .map(|c| (c.name.clone(), c.svg(), c.png().unwrap()))
            .collect()
    };
    assert!(draw() == draw());
}

#[test]
fn a_png_is_twice_as_large_and_its_title_is_legible() {
    let record = scenes::three_requests();
    let charts = charts(&record).unwrap();
    let chart = &charts[0];
    let svg = chart.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let (width, pixels) = decode(chart);
    assert_eq!(
        width as f64,
        2.0 * attribute(document.root_element(), "width")
    );
    let title = &labels(&document)[0];
    assert_eq!(title.text, "Settle time by strategy");
    let mut dark = 0;
    let mut all = 0;
    for y in (2.0 * title.top) as usize..(2.0 * title.bottom) as usize {
        for x in (2.0 * title.left) as usize..(2.0 * title.right) as usize {
            all += 1;
            dark += usize::from(pixels[3 * (y * width + x)] < 0x80);
        }
    }
    // Letters in bold cover a quarter of their boxes; boxes for missing letters, or nothing, do not.
    let share = f64::from(dark as u32) / f64::from(all as u32);
    assert!((0.15..0.4).contains(&share), "{share}");
}

fn decode(chart: &Chart) -> (usize, Vec<u8>) {
    let bytes = chart.png().unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width as usize, pixels)
}

#[test]
fn variants_share_a_page_while_it_stays_short() {
    let names = |record: &Record| -> Vec<String> {
        charts(record)
            .unwrap()
            .into_iter()
            .map(|chart| chart.name)
            .collect()
    };
    assert_eq!(
        names(&scenes::three_requests()),
        [
            "settle",
            "outcomes",
            "timeline-healthy",
            "timeline-one-fails"
        ],
        "times that do not vary have no distribution to show"
    );
    let names = names(&scenes::hostile());
    assert_eq!(
        names.len(),
        5 * 6 - 2 - 5,
        "without time, six variants of twenty strategies have a file each; where no job settles, \
         there are no times to spread, and five where all went well"
    );
    for (index, name) in names.iter().enumerate() {
        assert!(
            !names[..index].contains(name),
            "{name} would be written twice"
        );
    }
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let charts = charts(&scenes::hostile()).unwrap();
    let said = |name: &str, text: &str| {
        let chart = charts.iter().find(|chart| chart.name == name).unwrap();
        let svg = chart.svg();
        assert!(svg.contains(text), "{name} does not say “{text}”");
    };
    said("settle-none-settle", "no job settled");
    said(
        "percentiles-plain",
        "Shown are the first 12 of 20 strategies",
    );
    said("timeline-plain", "Shown are 60 of the 300 calls of a job");
    said("timeline-none-settle", "never settles");
}

/// All texts of the chart over virtual time, a line each.
fn over_time(record: &Record) -> String {
    texts(record, "series")
}

/// All texts of a chart, a line each.
fn texts(record: &Record, name: &str) -> String {
    let charts = charts(record).unwrap();
    let chart = charts.iter().find(|chart| chart.name == name).unwrap();
    let svg = chart.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<String> = labels(&document)
        .into_iter()
        .map(|label| label.text)
        .collect();
    texts.join("\n")
}

#[test]
fn faults_are_named_with_their_time_and_a_strip_that_never_moves_is_left_out() {
    let spike = over_time(&in_time::overload_spike());
    assert!(spike.contains("\nslow, 25 to 32 s\n"), "{spike}");
    assert!(spike.contains("\noffered\n"), "{spike}");
    assert!(!spike.contains("Attempts per call (amplification)"));
    assert!(spike.contains("Not drawn: attempts per call, always 1."));
    let collapse = over_time(&in_time::metastable());
    assert!(collapse.contains("Attempts per call (amplification)"));
    assert!(!collapse.contains("Not drawn"));
}

#[test]
fn a_burst_has_no_attempts_per_call_over_time() {
    let mut record = in_time::metastable();
    let series = record.cells.iter_mut().filter_map(|c| c.series.as_mut());
    for interval in series.flat_map(|series| &mut series.intervals[1..]) {
        interval.calls = 0;
    }
    let burst = over_time(&record);
    assert!(burst.contains("Not drawn: attempts per call, as all calls start at once."));
}

#[test]
fn what_a_chart_over_time_cannot_show_is_said() {
    let crowd = over_time(&in_time::crowd());
    assert!(crowd.contains("Shown are the first 8 of 10 strategies; series.csv has all."));
    assert!(crowd.contains("A fault (slow) holds all the time."));
    assert!(crowd.contains("\npause, 12 times\n"));
    assert!(crowd.contains("\npartition, from 55 s on\n"));
}

#[test]
fn policies_have_a_strip_for_each_thing_they_did_and_no_other() {
    let mut record = guarded::storm();
    let told = texts(&record, "policies");
    assert!(told.contains("\noutage, 20 to 25 s\n"), "{told}");
    for strip in [
        "Limit of adaptive limiters, calls at once",
        "Open breakers, the darker the more",
        "Retries per second",
        "Hedges per second",
        "Timeouts per second",
        "Calls refused per second",
    ] {
        assert!(told.contains(strip), "{strip}");
    }
    let intervals = |record: &mut Record, change: fn(&mut PolicyInterval)| {
        let series = record.cells.iter_mut().filter_map(|c| c.series.as_mut());
        let intervals = series.flat_map(|series| &mut series.intervals);
        intervals.for_each(|interval| change(&mut interval.policies));
    };
    intervals(&mut record, |did| {
        (did.hedges, did.open_ns) = (0, 0);
        did.limit_milli_ns = 20_000 * did.limiters_ns;
    });
    let told = texts(&record, "policies");
    assert!(!told.contains("Hedges") && !told.contains("Open breakers"));
    assert!(
        told.contains("Not drawn: limit of adaptive limiters, always 20."),
        "{told}"
    );
    intervals(&mut record, |did| *did = PolicyInterval::default());
    let names: Vec<String> = charts(&record)
        .unwrap()
        .into_iter()
        .map(|c| c.name)
        .collect();
    assert!(!names.contains(&"policies".to_string()), "{names:?}");
}

#[test]
fn a_timeline_numbers_attempts_and_crosses_out_what_was_refused() {
    let told = texts(&guarded::aggregation(), "timeline");
    assert!(told.contains("\n1\n2\n3\n"), "{told}");
    assert!(told.contains("cross is an attempt that was refused at once."));
    let told = texts(&scenes::two_of_twenty_fail(), "timeline");
    assert!(!told.contains("numbered where there is room"));
}

#[test]
fn answers_of_fallbacks_have_a_column_where_there_are_any() {
    let told = texts(&guarded::aggregation(), "outcomes");
    assert!(told.contains("\ndegraded\n"), "{told}");
    let told = texts(&scenes::two_of_twenty_fail(), "outcomes");
    assert!(!told.contains("egraded"));
}

#[test]
fn load_that_depends_on_the_answers_is_no_line_of_its_own() {
    let mut record = in_time::saturated_queue();
    let series = record.cells[0].series.as_mut().unwrap();
    series.intervals[7].offered += 1;
    assert!(!over_time(&record).contains("\noffered\n"));
}

#[test]
fn runs_cut_into_intervals_of_other_lengths_share_a_chart() {
    let mut record = in_time::saturated_queue();
    // As a run that drains for longer is cut: every two intervals are one.
    let series = record.cells[0].series.as_mut().unwrap();
    series.interval_ns *= 2;
    let pairs = series.intervals.chunks(2).map(|pair| {
        let mut sum = pair[0].clone();
        for second in &pair[1..] {
            sum.offered += second.offered;
            sum.good += second.good;
            sum.settle.merge(&second.settle);
        }
        sum
    });
    series.intervals = pairs.collect();
    assert!(
        over_time(&record).contains("\noffered\n"),
        "it is the same load"
    );
}

#[test]
fn a_run_in_which_no_time_passed_says_so() {
    let mut record = in_time::saturated_queue();
    for cell in &mut record.cells {
        cell.series.as_mut().unwrap().intervals.clear();
    }
    assert!(over_time(&record).contains("No time passed."));
}

#[test]
fn a_job_of_one_call_among_many_has_no_timeline() {
    let has_timeline = |record: &Record| {
        let charts = charts(record).unwrap();
        charts.iter().any(|chart| chart.name == "timeline")
    };
    let mut record = in_time::saturated_queue();
    assert!(!has_timeline(&record));
    record.summary.rows[0].calls_per_job = 3;
    assert!(has_timeline(&record));
}

#[test]
fn the_variants_of_one_strategy_share_every_chart() {
    let mut record = in_time::two_worlds();
    let names = |record: &Record| -> Vec<String> {
        let charts = charts(record).unwrap().into_iter();
        charts.map(|chart| chart.name).collect()
    };
    assert_eq!(
        names(&record),
        ["series", "settle", "percentiles", "histogram", "outcomes"]
    );
    let told = over_time(&record);
    assert!(
        told.contains("\nrandom\n") && told.contains("\nin turn\n"),
        "{told}"
    );
    // One shading cannot be that of both.
    for (cell, other) in [(0, in_time::metastable()), (1, in_time::overload_spike())] {
        let faults = other.cells[0].series.as_ref().unwrap().faults.clone();
        record.cells[cell].series.as_mut().unwrap().faults = faults;
    }
    assert_eq!(names(&record)[..2], ["series-random", "series-in-turn"]);
}

#[test]
fn where_all_went_well_no_chart_says_so() {
    let mut record = scenes::black_hole();
    let names = |record: &Record| -> Vec<String> {
        let charts = charts(record).unwrap().into_iter();
        charts.map(|chart| chart.name).collect()
    };
    assert!(names(&record).iter().any(|name| name == "outcomes"));
    for row in &mut record.summary.rows {
        row.fulfilled = row.jobs;
        (row.attempts.made, row.attempts.useful) = (row.jobs, row.jobs);
    }
    assert!(!names(&record).iter().any(|name| name == "outcomes"));
}

#[test]
fn what_was_refused_at_once_is_seen_and_what_was_never_sent_is_said() {
    let mut record = scenes::three_requests();
    let timeline = &mut record.cells[0].timeline;
    timeline.bars.truncate(1);
    timeline.bars[0].end = Some(timeline.bars[0].start);
    timeline.bars[0].fate = awaitlab_core::Fate::Rejected;
    let charts = charts(&record).unwrap();
    let chart = charts.iter().find(|chart| chart.name == "timeline-healthy");
    let svg = chart.unwrap().svg();
    assert!(svg.contains("A row without a bar is a call for which nothing was sent"));
}

#[test]
fn a_record_that_is_not_whole_is_refused() {
    let mut record = fixture::record("cut", "Cut", Vec::new());
    record.cells = scenes::black_hole().cells;
    let refused = charts(&record).unwrap_err();
    assert!(
        matches!(
            refused,
            awaitlab_report::ChartError::Cells { rows: 0, cells: 4 }
        ),
        "{refused}"
    );
}
