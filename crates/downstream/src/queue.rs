//! Places in front of the workers of one replica.
//!
//! Whoever leaves a place without being called (a cancelled attempt) leaves it empty; empty places
//! are skipped when they come up, and swept out once they are the majority. So leaving costs no
//! search, and a queue that is never drained does not grow with those who left it.

use std::collections::VecDeque;

use crate::spec::Discipline;

/// A place in the queue: an attempt and the number under which it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The attempt, in the service's own numbering.
    pub(crate) key: usize,
    /// No number is given twice, so that an empty place is told from a place of the attempt that
    /// has the key now.
    pub(crate) number: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    places: VecDeque<Place>,
    left: usize,
}

impl Queue {
    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.places.len() - self.left
    }

    pub(crate) fn join(&mut self, place: Place) {
        self.places.push_back(place);
    }

    /// Calls the next one of those who `still_waits`.
    pub(crate) fn call(
        &mut self,
        discipline: Discipline,
        still_waits: impl Fn(Place) -> bool,
    ) -> Option<usize> {
        loop {
            let place = match discipline {
                Discipline::Fifo => self.places.pop_front(),
                Discipline::Lifo => self.places.pop_back(),
            }?;
            if still_waits(place) {
                return Some(place.key);
            }
            self.left -= 1;
        }
    }

    /// One of those who waited does not any more.
    pub(crate) fn leave(&mut self, still_waits: impl Fn(Place) -> bool) {
        self.left += 1;
        if self.left > self.places.len() / 2 {
            self.places.retain(|&place| still_waits(place));
            self.left = 0;
        }
    }

    /// Nobody waits any more.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.left = 0;
    }
}
