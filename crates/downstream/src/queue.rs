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
    pub(crate) key: u32,
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
    #[inline]
    pub(crate) fn waiting(&self) -> usize {
        self.places.len() - self.left
    }

    #[inline]
    pub(crate) fn join(&mut self, place: Place) {
        self.places.push_back(place);
    }

    /// Calls the next one of those who `still_waits`.
    #[inline]
    pub(crate) fn call(
        &mut self,
        discipline: Discipline,
        still_waits: impl Fn(Place) -> bool,
    ) -> Option<u32> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u64) -> Place {
        Place {
            key: number as u32,
            number,
        }
    }

    #[test]
    fn an_empty_place_is_skipped() {
        let mut queue = Queue::default();
        (0..5).for_each(|number| queue.join(place(number)));
        let waits = |place: Place| place.number != 0 && place.number != 4;
        queue.leave(|place| place.number != 0);
        queue.leave(waits);
        assert_eq!(queue.waiting(), 3);
        assert_eq!(queue.call(Discipline::Fifo, waits), Some(1));
        assert_eq!(queue.call(Discipline::Lifo, waits), Some(3));
        assert_eq!(queue.waiting(), 1);
    }

    #[test]
    fn a_place_is_not_mistaken_for_that_of_another_with_the_same_key() {
        let mut queue = Queue::default();
        queue.join(Place { key: 7, number: 0 });
        queue.join(place(8));
        queue.leave(|place| place.number != 0);
        queue.join(Place { key: 7, number: 2 });
        let waits = |place: Place| place.number != 0;
        assert_eq!(queue.call(Discipline::Fifo, waits), Some(8));
        assert_eq!(queue.call(Discipline::Fifo, waits), Some(7));
        assert_eq!(queue.call(Discipline::Fifo, waits), None);
    }

    #[test]
    fn a_queue_that_is_never_drained_does_not_grow_with_those_who_leave() {
        let mut queue = Queue::default();
        (0..10).for_each(|number| queue.join(place(number)));
        for number in 10..10_000 {
            queue.join(place(number));
            queue.leave(|place| place.number < 10);
        }
        assert_eq!(queue.waiting(), 10);
        assert!(queue.places.len() <= 21, "half of them empty at most");
    }
}
