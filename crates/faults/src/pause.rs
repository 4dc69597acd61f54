//! The service stands still: it accepts, and nothing moves; queued work waits, begun work goes on
//! where it stopped. A garbage collection, a stopped virtual machine.
//!
//! Work that begins at a and takes w nanoseconds is done at the first instant that has w nanoseconds
//! outside of pauses between a and itself, and does not lie in a pause. That second condition is the
//! order of events: at the instant at which a pause begins it has begun before any answer of that
//! instant, so work that would have been done just then is done when the pause ends.

use awaitlab_core::Instant;

use crate::calendar::Calendar;
use crate::placed::Placed;

/// A standstill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause;

impl Pause {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "pause";
}

/// When `work_ns` nanoseconds of work of that replica, begun at `from`, are done.
pub(crate) fn finishes(
    pauses: &[Placed<Pause>],
    replica: u32,
    from: Instant,
    work_ns: u64,
) -> Instant {
    let pauses = || pauses.iter().filter_map(|pause| pause.calendar_of(replica));
    let only = pauses().next().filter(|_| pauses().nth(1).is_none());
    let next_start = |at| {
        pauses()
            .filter_map(|pause| pause.current(at))
            .map(|window| window.start())
            .min()
    };
    let (mut at, mut left_ns) = (from, work_ns);
    loop {
        at = after_pauses(pauses(), at);
        // So that a year of work with a pause every microsecond takes no turn of the loop for each.
        if let Some(only) = only {
            let (whole_ns, lasts_ns) = only.whole_periods(left_ns);
            left_ns -= whole_ns;
            at = at.after_nanos(lasts_ns);
        }
        match next_start(at) {
            Some(start) if start.nanos_since(at) <= left_ns => {
                left_ns -= start.nanos_since(at);
                at = start;
            }
            _ => return at.after_nanos(left_ns),
        }
    }
}

/// The first instant from `at` on that lies in no pause.
fn after_pauses<'a>(
    pauses: impl Iterator<Item = &'a Calendar> + Clone,
    mut at: Instant,
) -> Instant {
    let pause_at = |at: Instant| {
        let current = pauses.clone().filter_map(|pause| pause.current(at));
        current
            .filter(|window| window.contains(at))
            .map(|window| window.end())
            .max()
    };
    while let Some(end) = pause_at(at) {
        at = end;
    }
    at
}
