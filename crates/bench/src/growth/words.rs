//! The answer in words, made of the numbers.

use super::point::{Point, at};
use super::replications::{CALLS, REQUESTS};
use super::{Growth, InFlight, Replications, Threads};

/// Growth is told from here ...
const FEW_TIMERS: u64 = 1_000;
const FEW_CALLS: u64 = 100;
/// ... to here, or as far as was measured.
const MANY: u64 = 1_000_000;
/// Ratios this close to one are none: runs differ by as much.
const ALIKE: f64 = 0.05;
/// From this share of the calls' cost down, the fixed cost of a run is small.
const SMALL: f64 = 0.1;

/// What came out, a line for each of the four.
pub(super) fn answer(growth: &Growth) -> String {
    let lines = [
        ("Pending timers", timers(&growth.timers)),
        ("Calls in flight", in_flight(&growth.in_flight)),
        ("Replications", replications(&growth.replications)),
        ("Threads", threads(&growth.threads)),
    ];
    let line = |(what, said): (&str, String)| format!("- **{what}.** {said}\n");
    lines.map(line).concat()
}

fn timers(curve: &[Point]) -> String {
    let (Some(few), Some(many)) = (at(curve, FEW_TIMERS), at(curve, MANY)) else {
        return NOTHING.to_owned();
    };
    let mut said = format!(
        "An event costs {} among {} pending timers as among {}: {}, not {}.",
        as_much(many.ns / few.ns),
        spoken(many.at),
        spoken(few.at),
        time(many.ns),
        time(few.ns)
    );
    if let Some(most) = curve.last().filter(|most| most.at > many.at) {
        said += &format!(
            " Among {} it costs {}: {}.",
            spoken(most.at),
            as_much(most.ns / few.ns),
            time(most.ns)
        );
    }
    said
}

fn in_flight(of: &InFlight) -> String {
    let pair = |curve| Some((at(curve, FEW_CALLS)?, at(curve, MANY)?));
    let (Some((few, many)), Some((few_by_hand, many_by_hand))) = (pair(&of.lab), pair(&of.by_hand))
    else {
        return NOTHING.to_owned();
    };
    let mut said = format!(
        "A call costs {} with {} in flight as with {}: {}, not {}. In a hand-written loop with the same \
         accounts it costs {}: {}, not {}. So the lab takes {} the loop's time with {} in flight, and {} \
         with {}.",
        as_much(many.ns / few.ns),
        spoken(many.at),
        spoken(few.at),
        time(many.ns),
        time(few.ns),
        as_much(many_by_hand.ns / few_by_hand.ns),
        time(many_by_hand.ns),
        time(few_by_hand.ns),
        times(few.ns / few_by_hand.ns),
        spoken(few.at),
        times(many.ns / many_by_hand.ns),
        spoken(many.at)
    );
    if let (Some((few, least)), Some((many, most))) = (of.bytes.first(), of.bytes.last()) {
        said += &format!(
            " Each of {} calls in flight holds {most:.0} bytes",
            spoken(*many)
        );
        if few < many {
            said += &format!(", each of {} holds {least:.0}", spoken(*few));
        }
        said.push('.');
    }
    said
}

fn replications(of: &Replications) -> String {
    let fan_out = fixed(&of.fan_out, CALLS.into(), "calls");
    let queue = fixed(&of.queue, REQUESTS, "requests");
    format!("A run of fan-outs of {CALLS} {fan_out} A run of M/M/4 {queue}")
}

/// What a run costs before its first call: what the calls of one replication cost more than they would
/// among many.
fn fixed(curve: &[Point], calls: u64, name: &str) -> String {
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else {
        return NOTHING.to_owned();
    };
    let fixed_ns = (first.ns - last.ns) * (first.at * calls) as f64;
    if first.ns / last.ns < 1.0 + ALIKE {
        return format!(
            "costs nothing by itself that could be told from what its {name} cost, {} each.",
            time(last.ns)
        );
    }
    let enough = fixed_ns / (SMALL * last.ns * calls as f64);
    format!(
        "costs {} before its first call, as much as {} of its {name} at {} each; of {} replications or more \
         that is less than a tenth.",
        time(fixed_ns),
        rounded(fixed_ns / last.ns),
        time(last.ns),
        count(enough.ceil() as u64)
    )
}

fn threads(of: &Threads) -> String {
    let gain = |curve: &[Point]| Some((curve.last()?.at, curve.first()?.ns / curve.last()?.ns));
    match (gain(&of.fan_out), gain(&of.queue)) {
        (Some((1, _)), _) => "There is one core, so there is nothing to compare.".to_owned(),
        (Some((threads, fan_out)), Some((_, queue))) => format!(
            "On {threads} threads fan-outs run {} as on one; M/M/4 runs {}.",
            as_fast(fan_out),
            as_fast(queue)
        ),
        _ => NOTHING.to_owned(),
    }
}

const NOTHING: &str = "Nothing was measured.";

fn as_much(ratio: f64) -> String {
    compared(ratio, "as much")
}

fn as_fast(ratio: f64) -> String {
    compared(ratio, "as fast")
}

fn compared(ratio: f64, said: &str) -> String {
    if (ratio - 1.0).abs() < ALIKE {
        return said.to_owned();
    }
    format!("{} {said}", times(ratio))
}

/// A ratio: `1.31 ×`, `12 ×`.
pub(super) fn times(ratio: f64) -> String {
    format!("{} ×", digits(ratio))
}

/// A time in the unit that suits it: `215 ns`, `1.6 µs`, `12 ms`.
pub(super) fn time(ns: f64) -> String {
    match ns {
        ns if ns < 999.5 => format!("{ns:.0} ns"),
        ns if ns < 999_500.0 => format!("{} µs", digits(ns / 1e3)),
        ns => format!("{} ms", digits(ns / 1e6)),
    }
}

/// Two decimals below two, one below ten, none above.
fn digits(value: f64) -> String {
    match value {
        value if value < 1.995 => format!("{value:.2}"),
        value if value < 9.95 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// A count to two digits: what is known of it.
fn rounded(value: f64) -> String {
    let decade = 10_f64.powi((value.max(1.0).log10().floor() as i32 - 1).max(0));
    count(((value / decade).round() * decade) as u64)
}

/// A round number as one says it, another one in digits.
pub(super) fn spoken(number: u64) -> String {
    let said = match number {
        1 => "one",
        10 => "ten",
        100 => "a hundred",
        1_000 => "a thousand",
        10_000 => "ten thousand",
        100_000 => "a hundred thousand",
        1_000_000 => "a million",
        10_000_000 => "ten million",
        other => return count(other),
    };
    said.to_owned()
}

/// Thousands apart, from five digits on.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let apart =
        |place: usize| place > 0 && digits.len() > 4 && (digits.len() - place).is_multiple_of(3);
    let digit = |(place, digit): (usize, char)| [apart(place).then_some(' '), Some(digit)];
    digits
        .chars()
        .enumerate()
        .flat_map(digit)
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(u64, f64)]) -> Vec<Point> {
        points
            .iter()
            .map(|&(at, ns)| Point::of(at, vec![ns]))
            .collect()
    }

    #[test]
    fn what_differs_by_less_than_runs_do_is_as_much() {
        assert_eq!(as_much(1.04), "as much");
        assert_eq!(as_much(0.9), "0.90 × as much");
        assert_eq!(as_fast(1.93), "1.93 × as fast");
        assert_eq!(as_much(12.4), "12 × as much");
    }

    #[test]
    fn times_and_numbers_have_the_digits_that_are_known() {
        assert_eq!(
            [85.4, 999.7, 12_345.0, 2.1e6].map(time),
            ["85 ns", "1.00 µs", "12 µs", "2.1 ms"]
        );
        assert_eq!([7.0, 287.0, 12_345.0].map(rounded), ["7", "290", "12 000"]);
        assert_eq!(
            [1_000_000, 300, 30_000].map(spoken),
            ["a million", "300", "30 000"]
        );
    }

    /// One replication of 100 calls costs 100 x 1000 ns, of which 100 x 200 are its calls'. 80 us are a
    /// tenth of 4000 x 200 ns.
    #[test]
    fn what_a_run_costs_is_what_one_replication_costs_more() {
        let curve = curve(&[(1, 1000.0), (10, 280.0), (100, 208.0), (1000, 200.0)]);
        assert_eq!(
            fixed(&curve, 100, "calls"),
            "costs 80 µs before its first call, as much as 400 of its calls at 200 ns each; of 40 replications \
             or more that is less than a tenth."
        );
    }

    #[test]
    fn a_run_that_costs_nothing_by_itself_is_told_so() {
        let said = fixed(&curve(&[(1, 205.0), (10, 200.0)]), 100, "calls");
        assert!(said.starts_with("costs nothing by itself"), "{said}");
    }

    #[test]
    fn one_core_compares_nothing() {
        let (fan_out, queue) = (curve(&[(1, 200.0)]), curve(&[(1, 300.0)]));
        let said = threads(&Threads { fan_out, queue });
        assert_eq!(said, "There is one core, so there is nothing to compare.");
    }
}
