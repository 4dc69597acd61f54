//! A rule at its place: what names its coins and its random windows.

use awaitlab_core::{AttemptId, Instant, Purpose, Streams};

use crate::calendar::Calendar;
use crate::scope::Scope;

/// What a rule does, to whom, and when in the replication begun last.
#[derive(Clone, Debug)]
pub(crate) struct Placed<T> {
    /// The rule's place among all rules of the file.
    place: u64,
    scope: Scope,
    /// `None`: it always holds.
    calendar: Option<Calendar>,
    what: T,
}

impl<T> Placed<T> {
    pub(crate) fn new(place: u64, scope: &Scope, what: T) -> Self {
        let calendar = |windows| Calendar::new(windows, place, &Streams::new(0, 0));
        Placed {
            place,
            scope: scope.clone(),
            calendar: scope.during.as_ref().map(calendar),
            what,
        }
    }

    pub(crate) fn begin_replication(&self, streams: &Streams) {
        if let Some(calendar) = &self.calendar {
            calendar.begin_replication(streams);
        }
    }

    pub(crate) fn place(&self) -> u64 {
        self.place
    }

    pub(crate) fn what(&self) -> &T {
        &self.what
    }

    /// When it holds; `None`: always.
    pub(crate) fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    /// When it holds, where it is about this replica and has windows.
    pub(crate) fn calendar_of(&self, replica: u32) -> Option<&Calendar> {
        self.calendar()
            .filter(|_| self.scope.admits_replica(replica))
    }

    /// Whether it is about this replica and holds now.
    #[inline]
    pub(crate) fn holds(&self, replica: u32, now: Instant) -> bool {
        self.scope.admits_replica(replica) && self.holds_at(now)
    }

    /// Whether everything but chance lets it strike this attempt now.
    #[inline]
    pub(crate) fn admits(&self, attempt: &AttemptId, replica: u32, now: Instant) -> bool {
        self.scope.admits(attempt, replica) && self.holds_at(now)
    }

    /// The coin of what `key` names. A certain rule tosses nothing: it costs no draw, and nobody else
    /// draws from its stream.
    #[inline]
    pub(crate) fn coin(&self, purpose: Purpose, key: &AttemptId, streams: &Streams) -> bool {
        let probability = self.scope.probability;
        let draws = || streams.stream(purpose, self.place).draws(key);
        probability >= 1.0 || draws().chance(probability)
    }

    fn holds_at(&self, now: Instant) -> bool {
        let calendar = self.calendar.as_ref();
        calendar.is_none_or(|calendar| calendar.contains(now))
    }
}
