//! Charts of studies: lines through points that no record is behind.

use awaitlab_report::{Curve, Curves, Reading, Span};

use crate::drawings::labels_are_apart;

fn chart(span: Span, lines: &[(&str, &[(f64, f64)])]) -> Curves {
    let line = |&(name, points): &(&str, &[(f64, f64)])| Curve {
        name: name.to_owned(),
        readings: points.iter().map(|&(x, y)| reading(x, y)).collect(),
        measured: name != "for comparison",
    };
    Curves {
        title: "A call's cost against what is in flight".to_owned(),
        subtitle: "Fan-outs".to_owned(),
        across: "calls".to_owned(),
        span,
        up: "processor time of a call, ns".to_owned(),
        lines: lines.iter().map(line).collect(),
        caption: "A point is a median.".to_owned(),
    }
}

fn reading(x: f64, y: f64) -> Reading {
    let (low, high) = (0.9 * y, 1.2 * y);
    Reading { x, y, low, high }
}

/// The texts of the axes, in the order in which they are drawn: up, across, names.
fn texts(chart: &Curves) -> Vec<String> {
    let svg = chart.svg().unwrap();
    labels_are_apart(&chart.title, &svg);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().to_owned())
        .skip(2)
        .collect()
}

#[test]
fn seven_decades_are_labelled_one_by_one() {
    let lines: &[(f64, f64)] = &[(1.0, 210.0), (1e3, 230.0), (1e7, 880.0)];
    let chart = chart(
        Span::Decades,
        &[
            ("the lab", lines),
            ("by hand", &[(1.0, 70.0), (1e7, 810.0)]),
        ],
    );
    assert_eq!(
        texts(&chart),
        [
            "processor time of a call, ns",
            "0",
            "500",
            "1000",
            "1500",
            "1",
            "10",
            "100",
            "1000",
            "10 000",
            "100 000",
            "1 000 000",
            "10 000 000",
            "calls",
            "the lab",
            "by hand",
            "A point is a median.",
        ]
    );
}

#[test]
fn what_goes_up_far_goes_up_logarithmically_and_says_so() {
    let texts = texts(&chart(
        Span::Decades,
        &[("a run", &[(1.0, 200_000.0), (100.0, 200.0)])],
    ));
    assert!(texts.contains(&"10 000".to_owned()), "{texts:?}");
    assert!(texts.contains(&"The axis that goes up is logarithmic.".to_owned()));
}

#[test]
fn threads_are_whole_numbers_and_what_nobody_measured_is_dashed() {
    let ideal: &[(f64, f64)] = &[(1.0, 1.0), (2.0, 2.0)];
    let chart = chart(
        Span::Whole,
        &[
            ("fan-out", &[(1.0, 1.0), (2.0, 1.9)]),
            ("for comparison", ideal),
        ],
    );
    let texts = texts(&chart);
    assert!(
        texts.windows(3).any(|of| of == ["0", "1", "2"]),
        "{texts:?}"
    );
    // Dots are filled, and there are two: those of what was measured.
    assert_eq!(chart.svg().unwrap().matches("fill=\"#0072b2\"").count(), 2);
}

#[test]
fn one_point_is_drawn_too() {
    for span in [Span::Decades, Span::Whole] {
        let svg = chart(span, &[("fan-out", &[(1.0, 200.0)])]).svg().unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        labels_are_apart("one point", &svg);
    }
}
