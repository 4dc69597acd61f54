//! Who waits, in the order in which they came.
//!
//! Idea: only the first of the line may take what there is. So nothing is ever handed to somebody
//! who may have gone: a waiter that is dropped leaves the line, and if it was the first, the next is
//! woken, looks, and takes or waits on. Whoever gives something back wakes the first. All of it
//! happens within the event that began it, however many are served.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::Waker;

/// A line of waiters.
#[derive(Debug, Default)]
pub(crate) struct Line {
    next_ticket: Cell<u64>,
    /// By ticket: the smallest is the first.
    waiting: RefCell<BTreeMap<u64, Waker>>,
}

/// A place in a line. Dropping it leaves the line.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    line: &'a Line,
    ticket: u64,
}

impl Line {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Joins it, as the last.
    pub(crate) fn join(&self) -> Place<'_> {
        let ticket = self.next_ticket.get();
        self.next_ticket.set(ticket + 1);
        let nobody_yet = Waker::noop().clone();
        self.waiting.borrow_mut().insert(ticket, nobody_yet);
        Place { line: self, ticket }
    }

    /// Lets the first look again.
    pub(crate) fn wake_first(&self) {
        let first = self.waiting.borrow().values().next().cloned();
        // Waking may run code of whoever waits: not while we borrow.
        if let Some(waker) = first {
            waker.wake();
        }
    }
}

impl Place<'_> {
    /// Whether it is the first. `waker` is woken whenever that, or what there is for the first, may
    /// have changed.
    pub(crate) fn is_first(&self, waker: &Waker) -> bool {
        let mut waiting = self.line.waiting.borrow_mut();
        let is_first = waiting.keys().next() == Some(&self.ticket);
        let replaced = waiting
            .get_mut(&self.ticket)
            .filter(|known| !known.will_wake(waker))
            .map(|known| std::mem::replace(known, waker.clone()));
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(waiting);
        drop(replaced);
        is_first
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.line.waiting.borrow_mut();
        let was_first = waiting.keys().next() == Some(&self.ticket);
        let waker = waiting.remove(&self.ticket);
        drop(waiting);
        drop(waker);
        if was_first {
            self.line.wake_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Woken {
        fn times(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn waiter() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken::default());
        (woken.clone(), Waker::from(woken))
    }

    #[test]
    fn the_first_to_come_is_the_first() {
        let line = Line::default();
        let (_, waker) = waiter();
        let [a, b] = [line.join(), line.join()];
        assert_eq!(
            [b.is_first(&waker), a.is_first(&waker)],
            [false, true],
            "by arrival, not by who is polled first"
        );
        drop(a);
        assert!(b.is_first(&waker));
        assert_eq!((line.len(), line.is_empty()), (1, false));
    }

    #[test]
    fn only_who_stood_behind_the_first_is_woken_when_it_leaves() {
        let line = Line::default();
        let wakers = [waiter(), waiter(), waiter()];
        let mut places: Vec<_> = wakers
            .iter()
            .map(|(_, waker)| {
                let place = line.join();
                place.is_first(waker);
                place
            })
            .collect();
        let times = || wakers.each_ref().map(|(woken, _)| woken.times());
        drop(places.remove(1));
        assert_eq!(times(), [0, 0, 0], "the second left: nothing for anybody");
        drop(places.remove(0));
        assert_eq!(times(), [0, 0, 1]);
        line.wake_first();
        assert_eq!(times(), [0, 0, 2]);
    }

    #[test]
    fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
        let line = Line::default();
        let [(old, old_waker), (new, new_waker)] = [waiter(), waiter()];
        let place = line.join();
        assert!(place.is_first(&old_waker) && place.is_first(&new_waker));
        line.wake_first();
        assert_eq!((old.times(), new.times()), (0, 1));
    }
}
