//! The four charts.

use awaitlab_report::{self as report, Curves, Reading, Span};

use super::replications::{CALLS, SECONDS};
use super::words::spoken;
use super::{Growth, Point};

/// The charts of the page, by name.
pub(super) const TIMERS: &str = "timers";
pub(super) const IN_FLIGHT: &str = "in-flight";
pub(super) const REPLICATIONS: &str = "replications";
pub(super) const THREADS: &str = "threads";

const COST: &str = "processor time of a call, ns";

/// All of them, as SVG.
///
/// # Errors
/// When the report crate cannot draw.
pub(super) fn all(growth: &Growth) -> anyhow::Result<[(&'static str, String); 4]> {
    Ok([
        (TIMERS, timers(growth).svg()?),
        (IN_FLIGHT, in_flight(growth).svg()?),
        (REPLICATIONS, replications(growth).svg()?),
        (THREADS, threads(growth).svg()?),
    ])
}

/// How every point is to be read.
fn medians(growth: &Growth) -> String {
    format!(
        "A point is the median of {} runs that take turns with those of all other points, and the bar \
         behind it reaches from the fastest to the slowest.",
        growth.effort.rounds
    )
}

fn timers(growth: &Growth) -> Curves {
    Curves {
        title: "An event's cost against pending timers".to_owned(),
        subtitle: "The engine alone: each timer that fires schedules another".to_owned(),
        across: "pending timers".to_owned(),
        span: Span::Decades,
        up: "processor time of an event, ns".to_owned(),
        lines: vec![line("engine", &growth.timers)],
        caption: medians(growth),
    }
}

fn in_flight(growth: &Growth) -> Curves {
    let of = &growth.in_flight;
    let calls = spoken(growth.effort.calls);
    Curves {
        title: "A call's cost against calls in flight".to_owned(),
        subtitle: format!("Fan-outs that start all their calls at once, {calls} calls a run"),
        across: "calls of a fan-out, all in flight".to_owned(),
        span: Span::Decades,
        up: COST.to_owned(),
        lines: vec![
            line("the lab", &of.lab),
            line("by hand, the same accounts", &of.by_hand),
        ],
        caption: medians(growth),
    }
}

fn replications(growth: &Growth) -> Curves {
    let of = &growth.replications;
    Curves {
        title: "A call's cost against replications".to_owned(),
        subtitle: "A whole run: the scenario is read, run, and its record made".to_owned(),
        across: "replications of a run".to_owned(),
        span: Span::Decades,
        up: COST.to_owned(),
        lines: vec![
            line(&format!("fan-out of {CALLS}"), &of.fan_out),
            line(&format!("M/M/4, {SECONDS} s"), &of.queue),
        ],
        caption: medians(growth),
    }
}

fn threads(growth: &Growth) -> Curves {
    let of = &growth.threads;
    let most = of.fan_out.last().map_or(1.0, |point| point.at as f64);
    let ideal = [1.0, most].map(|threads| reading(threads, [threads; 3]));
    let gain = |name: &str, curve: &[Point]| report::Curve {
        name: name.to_owned(),
        readings: gains(curve),
        measured: true,
    };
    Curves {
        title: "Speed against threads".to_owned(),
        subtitle: format!(
            "{} calls in fan-outs of {CALLS}, and as many requests of M/M/4",
            capitalized(&spoken(growth.effort.calls))
        ),
        across: "threads".to_owned(),
        span: Span::Whole,
        up: "times as fast as on one thread".to_owned(),
        lines: vec![
            gain(&format!("fan-out of {CALLS}"), &of.fan_out),
            gain("M/M/4", &of.queue),
            report::Curve {
                name: "as many times as threads".to_owned(),
                readings: ideal.to_vec(),
                measured: false,
            },
        ],
        caption: format!(
            "{} Time is on the wall, so whatever else the machine does is in it.",
            medians(growth)
        ),
    }
}

fn line(name: &str, curve: &[Point]) -> report::Curve {
    let of = |point: &Point| reading(point.at as f64, [point.fastest, point.ns, point.slowest]);
    report::Curve {
        name: name.to_owned(),
        readings: curve.iter().map(of).collect(),
        measured: true,
    }
}

fn gains(curve: &[Point]) -> Vec<Reading> {
    let one = curve.first().map_or(f64::NAN, |point| point.ns);
    let times = |point: &Point| [point.slowest, point.ns, point.fastest].map(|ns| one / ns);
    let of = |point: &Point| reading(point.at as f64, times(point));
    curve.iter().map(of).collect()
}

fn reading(x: f64, [low, y, high]: [f64; 3]) -> Reading {
    Reading { x, y, low, high }
}

fn capitalized(said: &str) -> String {
    let mut letters = said.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
