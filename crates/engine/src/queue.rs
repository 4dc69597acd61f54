//! The event queue: what is due soon in order, what is due later in buckets.
//!
//! A heap pays for order among events that are far away, at every level a miss of the cache once it
//! has outgrown it. Here only the [`Front`] is sorted: a short run of keys, from which the next
//! event is read off. Everything due after its `end` lies in the [`Far`] buckets, each one range of
//! keys, the wider the further away; when the front is used up, the nearest bucket is sorted into
//! it, or, when it holds too many, is first spread over narrower buckets. As in a radix heap, a
//! bucket is known by the highest digit in which its keys differ from `end`, so nothing depends on
//! how the times are distributed, and an event moves at most once per digit.
//!
//! Most timers never fire: a timeout that was met, a hedge that was not needed. Any key can
//! therefore be taken out, so that the queue holds little but what can still happen: from the front
//! by binary search; in a bucket it is not looked for but marked, by a bit for its timer, and
//! dropped when the bucket is opened, spread, or swept because dead keys outnumber the live ones.
//!
//! What decided for this structure: nanoseconds per event on one core, the least of five runs (at
//! 10^7, of two) that took turns on a busy machine, so that only ratios mean something. *Hold*: each
//! event schedules another, an exponential time later. *Cancel*: each event also drops a timeout of
//! half a minute and sets two timers. The queue was then in its first form, which kept for every key
//! in a bucket where it lay there, to take it out at once.
//!
//! | pending | 10 | 100 | 1000 | 10^5 | 10^6 | 10^7 |
//! |---|---|---|---|---|---|---|
//! | hold: this queue, first form | 24 | 32 | 29 | 93 | 168 | 337 |
//! | hold: 4-ary heap | 26 | 51 | 78 | 200 | 596 | 928 |
//! | hold: the same, keys of 16 bytes in cache lines | 32 | 48 | 56 | 187 | 642 | 1651 |
//! | hold: binary radix heap | 28 | 37 | 46 | 110 | 240 | 700 |
//! | hold: calendar queue | 165 | 24 | 29 | 149 | 296 | 698 |
//! | hold: pairing heap | 32 | 58 | 88 | 492 | 2092 | |
//! | cancel: this queue, first form | 48 | 56 | 52 | 280 | 608 | 973 |
//! | cancel: 4-ary heap | 46 | 72 | 111 | 317 | 776 | 1418 |
//! | cancel: binary radix heap | 37 | 48 | 68 | 181 | 494 | 929 |
//! | cancel: calendar queue | 196 | 46 | 64 | 320 | 775 | 1302 |
//!
//! With one time in eight a thousand times as long, a calendar queue of a million took 2900, this
//! one 180.
//!
//! What marking dead keys brought, and sorting bursts at once: the same two loads without what the
//! others above had beside their queue, first form and present one taking turns in the same way.
//!
//! | pending | 10 | 100 | 1000 | 10^5 | 10^6 | 10^7 |
//! |---|---|---|---|---|---|---|
//! | hold: first form | 24 | 28 | 31 | 45 | 78 | 127 |
//! | hold: this queue | 17 | 27 | 29 | 38 | 48 | 61 |
//! | cancel: first form | 48 | 43 | 47 | 218 | 421 | 609 |
//! | cancel: this queue | 48 | 45 | 48 | 112 | 242 | 322 |

mod far;
mod front;

use awaitlab_core::Instant;

use crate::key::Key;
use far::{Far, LEVELS};
use front::Front;

/// How many keys the front takes from the buckets at a time. With 16, an event among a thousand takes
/// a tenth more instructions.
const FRONT: usize = 24;
/// With so many, the front gives all but about [`FRONT`] back before the next event is read off it, unless
/// they came in a burst. With 64, an event among fifty takes a quarter more instructions.
const MOST: usize = 40;
/// With so many, it gives them back at once, a burst or not: more cost more to sort there than to spread.
const BURST: usize = 128;

#[derive(Debug)]
pub(crate) struct Queue {
    front: Front,
    far: Far,
    /// The front holds what is not after it, the buckets what is. All ones below `level`.
    end: Key,
    /// All keys of the buckets differ from `end` in their digit at this level or a higher one, so
    /// that an `end` moved back by lower digits leaves every bucket as it is.
    level: u32,
    /// The instant that has come: no key put in from here on is of one before it.
    now: Instant,
    /// Whether the front was filled since somebody asked.
    refilled: bool,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            front: Front::default(),
            far: Far::default(),
            end: Key::MAX,
            level: LEVELS,
            now: Instant::START,
            refilled: false,
        }
    }
}

impl Queue {
    #[inline]
    pub(crate) fn insert(&mut self, key: Key) {
        if key > self.end {
            self.far.insert(key, self.end);
        } else {
            self.front.insert(key);
            if self.front.len() >= BURST {
                self.shorten();
            }
        }
    }

    /// Takes the least key out, unless it is due after `horizon`. What is put in from here on may
    /// not be of an earlier instant.
    #[inline]
    pub(crate) fn pop(&mut self, horizon: Instant) -> Option<Key> {
        if !self.front.is_ready() {
            self.prepare(horizon);
        }
        let key = self.front.pop(horizon)?;
        self.now = key.at();
        Some(key)
    }

    /// Has the front begin with the least key, in order, if that is due by `horizon`.
    #[inline(never)]
    fn prepare(&mut self, horizon: Instant) {
        let burst = self.front.settle();
        // A burst may be all there is: as long as none is put in, it costs no more for being long.
        if self.front.len() >= MOST && !burst {
            self.shorten();
        }
        let is_due = |key: Key| key.at() <= horizon;
        // Only for a key that is taken out, or all that is due before it would be put there.
        if self.front.is_empty()
            && (horizon == Instant::FAR_FUTURE || self.far.least().is_some_and(is_due))
        {
            self.refill();
            self.refilled = true;
        }
    }

    /// The least key.
    pub(crate) fn least(&self) -> Option<Key> {
        self.front.first().or_else(|| self.far.least())
    }

    /// The key that comes so many places after the next, if it is known.
    #[inline]
    pub(crate) fn ahead(&self, places: usize) -> Option<Key> {
        self.front.ahead(places)
    }

    /// Whether the front was filled since this was last asked.
    #[inline]
    pub(crate) fn take_refilled(&mut self) -> bool {
        std::mem::take(&mut self.refilled)
    }

    /// Takes out a key that is in. Returns whether its slot may be used for another at once; if
    /// not, it comes back from [`free_slot`](Self::free_slot).
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) -> bool {
        let is_far = key > self.end;
        if is_far {
            self.far.remove(key, self.end);
        } else {
            self.front.remove(key);
        }
        !is_far
    }

    /// A slot of which nothing is left here, after [`remove`](Self::remove) did not give it back.
    pub(crate) fn free_slot(&mut self) -> Option<u32> {
        self.far.free_slot()
    }

    pub(crate) fn len(&self) -> usize {
        self.front.len() + self.far.len()
    }

    /// Takes all keys out.
    pub(crate) fn take_all(&mut self) -> Vec<Key> {
        let mut all = Vec::new();
        self.front.take_all(&mut all);
        self.far.take_all(&mut all);
        self.end = Key::MAX;
        self.level = LEVELS;
        self.now = Instant::START;
        all
    }

    /// Gives the later part of the front to the buckets.
    ///
    /// Not where buckets would have to be filled anew for it: at an instant with a crowd of events,
    /// of which the front holds a few, others of that instant but of a class before theirs may still
    /// come. They stand at the front's beginning, where there is little to move aside.
    #[cold]
    fn shorten(&mut self) {
        let now = Key::begin_of_instant(self.now);
        if far::level(now, self.end) > self.level {
            return;
        }
        let (last_kept, last) = self.front.nth_and_last(FRONT);
        // Between two digits where what may come first differs, as near as may be to where the front
        // is as long as it should be. It may be empty then.
        let level = far::level(now, last);
        let digit = far::digit(last_kept, level).min(far::digit(last, level) - 1);
        self.end = far::end_of(last, level, digit);
        self.level = level;
        for key in self.front.take_after(self.end) {
            self.far.insert(key, self.end);
        }
    }

    /// Fills the empty front from the buckets.
    #[inline(never)]
    fn refill(&mut self) {
        while let Some((level, digit, len)) = self.far.nearest() {
            if len > FRONT {
                if !self.front.is_empty() {
                    return;
                }
                self.far.spread(level, digit);
            } else if self.front.len() + len > FRONT {
                return;
            } else {
                let keys = self.far.open(level, digit);
                self.end = far::end_of(keys[0], level, digit);
                self.level = level;
                self.front.append(keys);
            }
        }
        self.end = Key::MAX;
        self.level = LEVELS;
    }
}

#[cfg(test)]
mod tests;
