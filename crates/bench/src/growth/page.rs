//! The page.

use super::replications::{CALLS, SECONDS};
use super::words::{self, count, spoken, times};
use super::{Growth, Point, charts, files};

/// The whole page.
pub(super) fn markdown(growth: &Growth) -> String {
    let quick = if growth.effort.quick { " --quick" } else { "" };
    let mut page = format!(
        "# How the cost of a simulated call grows\n\n{}\n\
         Made by `scripts/study-growth{quick}` on a machine with {}; do not edit. Times are the \
         processor's, but for threads.\n",
        words::answer(growth),
        cores(growth.cores)
    );
    if growth.effort.quick {
        page.push_str("\nMade quickly, to see that it works: the figures mean little.\n");
    }
    for section in sections(growth) {
        page.push_str(&section);
    }
    page.push_str("\n## The numbers\n");
    page.push_str(&tables(growth));
    page.push_str(&how(growth, quick));
    page
}

fn sections(growth: &Growth) -> [String; 4] {
    let calls = spoken(growth.effort.calls);
    let events = spoken(2 * growth.effort.calls);
    [
        section(
            "Pending timers",
            charts::TIMERS,
            &format!(
                "The hold model (Jones 1986) on the engine itself, with a task for each timer: a timer that \
                 fires schedules another, an exponential time later, so their number stays what it is. \
                 Measured are {events} events, after as many as there are timers. So much virtual time must \
                 have passed as their mean says."
            ),
        ),
        section(
            "Calls in flight",
            charts::IN_FLIGHT,
            &format!(
                "Scenarios of fan-outs joined by `all`, as a user runs them: fewer of them the more calls \
                 they have, so that there are about {calls} calls in every run. The first fan-out of a \
                 run is kept attempt by attempt, for its chart; where one holds all calls, that is all of \
                 them. The lab must find what the hand-written loop finds, to the last bit, and the \
                 loop what theory says."
            ),
        ),
        section(
            "Replications",
            charts::REPLICATIONS,
            &format!(
                "What a run costs by itself is spread over its calls. A replication is a fan-out of {CALLS} \
                 calls, or {SECONDS} s of M/M/4 at a load of 0.8; reading the scenario and making the record \
                 are in it, starting the command and writing the report are not. Answers are checked as \
                 above."
            ),
        ),
        section(
            "Threads",
            charts::THREADS,
            &format!(
                "The same two models, by the clock on the wall. A machine with {} shows {}. Whatever the \
                 number of threads, the answer is the same to the last bit.",
                cores(growth.cores),
                match growth.threads.fan_out.len() {
                    1 => "one point".to_owned(),
                    points => format!("{points} points"),
                }
            ),
        ),
    ]
}

fn cores(cores: usize) -> String {
    match cores {
        1 => "one core".to_owned(),
        cores => format!("{cores} cores"),
    }
}

fn section(title: &str, chart: &str, said: &str) -> String {
    let folder = files::NAME;
    format!("\n## {title}\n\n![{title}]({folder}/{chart}.svg)\n\n{said}\n")
}

fn tables(growth: &Growth) -> String {
    [
        of_timers(growth),
        of_in_flight(growth),
        of_replications(growth),
        of_threads(growth),
    ]
    .concat()
}

fn of_timers(growth: &Growth) -> String {
    let mut text =
        "\n| pending timers | ns an event | fastest to slowest |\n|--:|--:|--:|\n".to_owned();
    for point in &growth.timers {
        row(&mut text, &[count(point.at), median(point), range(point)]);
    }
    text
}

fn of_in_flight(growth: &Growth) -> String {
    let mut text = "\n| calls in flight | fan-outs | the lab, ns a call | fastest to slowest \
         | by hand, ns a call | fastest to slowest | the lab / by hand | bytes of each |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let of = &growth.in_flight;
    for (lab, by_hand) in of.lab.iter().zip(&of.by_hand) {
        let bytes = of.bytes.iter().find(|(calls, _)| *calls == lab.at);
        let cells = [
            count(lab.at),
            count((growth.effort.calls / lab.at).max(1)),
            median(lab),
            range(lab),
            median(by_hand),
            range(by_hand),
            times(lab.ns / by_hand.ns),
            bytes.map_or_else(String::new, |(_, bytes)| format!("{bytes:.0}")),
        ];
        row(&mut text, &cells);
    }
    text
}

fn of_replications(growth: &Growth) -> String {
    let mut text = format!(
        "\n| replications | fan-out of {CALLS}, ns a call | fastest to slowest \
         | M/M/4, ns a request | fastest to slowest |\n|--:|--:|--:|--:|--:|\n"
    );
    let of = &growth.replications;
    for fan_out in &of.fan_out {
        let queue = of.queue.iter().find(|queue| queue.at == fan_out.at);
        let cells = [
            count(fan_out.at),
            median(fan_out),
            range(fan_out),
            queue.map_or_else(String::new, median),
            queue.map_or_else(String::new, range),
        ];
        row(&mut text, &cells);
    }
    text
}

fn of_threads(growth: &Growth) -> String {
    let mut text = "\n| threads | fan-out, million calls a second | times one thread \
         | M/M/4, million requests a second | times one thread |\n|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let of = &growth.threads;
    let gain = |curve: &[Point], point: &Point| {
        let one = curve.first().unwrap_or(point);
        times(one.ns / point.ns)
    };
    for (fan_out, queue) in of.fan_out.iter().zip(&of.queue) {
        let cells = [
            count(fan_out.at),
            millions_a_second(fan_out),
            gain(&of.fan_out, fan_out),
            millions_a_second(queue),
            gain(&of.queue, queue),
        ];
        row(&mut text, &cells);
    }
    text
}

fn row(text: &mut String, cells: &[String]) {
    text.push_str(&format!("| {} |\n", cells.join(" | ")));
}

fn median(point: &Point) -> String {
    nanoseconds(point.ns)
}

fn range(point: &Point) -> String {
    format!(
        "{} to {}",
        nanoseconds(point.fastest),
        nanoseconds(point.slowest)
    )
}

fn nanoseconds(ns: f64) -> String {
    count(ns.round() as u64)
}

fn millions_a_second(point: &Point) -> String {
    format!("{:.2}", 1e3 / point.ns)
}

fn how(growth: &Growth, quick: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let rounds = growth.effort.rounds;
    format!(
        "\n## How it was made\n\n\
         `cargo run --release -p awaitlab-bench -- growth{quick}`, awaitlab {version}. Every point is the \
         median of {rounds} runs after one to warm up; the runs of all points of a chart take turns. Bytes \
         are the peak of a process with so many calls in flight, less that of one with a thousand, with \
         whatever is reserved and not used.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::{Curve, Effort, InFlight, Replications, Threads};

    fn curve(points: &[(u64, f64)]) -> Curve {
        let point = |&(at, ns): &(u64, f64)| Point::of(at, vec![ns - 2.0, ns, ns + 10.0]);
        points.iter().map(point).collect()
    }

    /// Numbers as round as no machine has them.
    fn growth() -> Growth {
        Growth {
            effort: Effort::FULL,
            cores: 2,
            timers: curve(&[
                (10, 80.0),
                (1000, 100.0),
                (1_000_000, 500.0),
                (10_000_000, 1200.0),
            ]),
            in_flight: InFlight {
                lab: curve(&[(1, 400.0), (100, 200.0), (1_000_000, 800.0)]),
                by_hand: curve(&[(1, 50.0), (100, 80.0), (1_000_000, 400.0)]),
                bytes: vec![(10_000, 1000.0), (1_000_000, 330.4)],
            },
            replications: Replications {
                fan_out: curve(&[(1, 1200.0), (10, 310.0), (100, 215.0), (1000, 200.0)]),
                queue: curve(&[(1, 500.0), (10, 480.0)]),
            },
            threads: Threads {
                fan_out: curve(&[(1, 200.0), (2, 100.0)]),
                queue: curve(&[(1, 500.0), (2, 490.0)]),
            },
        }
    }

    #[test]
    fn the_page_says_what_the_numbers_say() {
        insta::assert_snapshot!(markdown(&growth()));
    }

    #[test]
    fn a_page_made_quickly_says_so_and_how() {
        let effort = Effort::QUICK;
        let page = markdown(&Growth { effort, ..growth() });
        assert!(page.contains("the figures mean little"), "{page}");
        assert!(page.contains("-- growth --quick`"), "{page}");
    }

    #[test]
    fn every_chart_of_the_page_is_drawn() {
        let page = markdown(&growth());
        for (name, svg) in charts::all(&growth()).unwrap() {
            assert!(
                page.contains(&format!("]({}/{name}.svg)", files::NAME)),
                "{name}"
            );
            assert!(svg.starts_with("<svg") && !svg.contains("NaN"), "{svg}");
        }
    }
}
