//! When faults hold, for shading charts over time.

use awaitlab_core::Instant;

use crate::calendar::Calendar;
use crate::crash::Crash;

/// A stretch of time in which a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shade {
    /// The kind of fault, as a scenario names it.
    pub kind: &'static str,
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
}

/// Stretches at most of one rule: more than a chart has room for.
pub const MOST_SHADES: usize = 1000;

/// The windows of a rule that begin before `until`, cut there.
pub(crate) fn windows(
    kind: &'static str,
    calendar: Option<&Calendar>,
    until: Instant,
) -> impl Iterator<Item = Shade> {
    let mut at = Instant::START;
    let windows = std::iter::from_fn(move || {
        let window = calendar?.current(at)?;
        at = window.end();
        Some((window.start(), window.end()))
    });
    shades(kind, windows, until)
}

/// From each crash that happens before `until` until the service is back; one crash of a service
/// that is down already makes it one longer stretch.
pub(crate) fn outages(
    crash: Crash,
    calendar: Option<&Calendar>,
    until: Instant,
) -> impl Iterator<Item = Shade> {
    let mut next = calendar.and_then(|crashes| crashes.first_start());
    let outages = std::iter::from_fn(move || {
        let (crashes, start) = (calendar?, next?);
        let mut back = crash.back(start);
        next = crashes.next_start(start);
        while let Some(again) = next.filter(|again| *again <= back && back < until) {
            back = crash.back(again);
            next = crashes.next_start(again);
        }
        Some((start, back))
    });
    shades(Crash::NAME, outages, until)
}

fn shades(
    kind: &'static str,
    stretches: impl Iterator<Item = (Instant, Instant)>,
    until: Instant,
) -> impl Iterator<Item = Shade> {
    stretches
        .take_while(move |(from, _)| *from < until)
        .map(move |(from, to)| Shade {
            kind,
            from,
            to: to.min(until),
        })
        .take(MOST_SHADES)
}
