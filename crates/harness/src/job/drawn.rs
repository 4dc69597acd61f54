//! The attempts of the one job that is drawn.

use awaitlab_core::{Fate, Instant};
use awaitlab_record::Bar;

use super::account::Sent;

/// Bars in the order in which they began, and which of them are those of each call. Searched from the
/// end, a job would cost the square of its calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Drawn {
    bars: Vec<Bar>,
    /// For each bar the one before it of the same call.
    before: Vec<Option<usize>>,
    /// For each call its last bar.
    latest: Vec<Option<usize>>,
}

impl Drawn {
    /// An attempt is made: one that is refused before it is sent has its end with its beginning.
    #[cold]
    pub(super) fn add(&mut self, sent: Sent, fate: Fate, end: Option<Instant>) {
        let Sent {
            call,
            attempt,
            at: start,
            ..
        } = sent;
        let of_call = call as usize;
        if self.latest.len() <= of_call {
            self.latest.resize(of_call + 1, None);
        }
        let before = self.latest[of_call].replace(self.bars.len());
        self.before.push(before);
        self.bars.push(Bar {
            call,
            attempt,
            start,
            end,
            fate,
        });
    }

    /// It ends, or never will.
    #[cold]
    pub(super) fn set(&mut self, sent: Sent, fate: Fate, end: Option<Instant>) {
        let mut next = self.latest.get(sent.call as usize).copied().flatten();
        while let Some(place) = next {
            let bar = &mut self.bars[place];
            if bar.attempt == sent.attempt {
                (bar.end, bar.fate) = (end, fate);
                return;
            }
            next = self.before[place];
        }
    }

    /// All of them.
    pub(super) fn into_bars(self) -> Vec<Bar> {
        self.bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(call: u32, attempt: u32, ns: u64) -> Sent {
        Sent {
            call,
            attempt,
            service: 0,
            at: Instant::START.after_nanos(ns),
        }
    }

    #[test]
    fn an_attempt_ends_its_own_bar_and_bars_stay_in_the_order_of_their_beginnings() {
        let mut drawn = Drawn::default();
        let attempts = [sent(7, 0, 0), sent(2, 0, 0), sent(7, 1, 30)];
        for attempt in attempts {
            drawn.add(attempt, Fate::Unanswered, None);
        }
        let at = |ns| Some(Instant::START.after_nanos(ns));
        drawn.set(attempts[2], Fate::Useful, at(50));
        drawn.set(attempts[0], Fate::Failed, at(30));
        let told = |bar: Bar| (bar.call, bar.attempt, bar.fate, bar.end);
        let bars: Vec<_> = drawn.into_bars().into_iter().map(told).collect();
        assert_eq!(
            bars,
            [
                (7, 0, Fate::Failed, at(30)),
                (2, 0, Fate::Unanswered, None),
                (7, 1, Fate::Useful, at(50))
            ]
        );
    }
}
