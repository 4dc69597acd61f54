//! What is due later, in buckets.

use crate::key::Key;

/// Bits of a digit: more of them make fewer moves per event and more buckets.
const DIGIT_BITS: u32 = 4;
const DIGITS: usize = 1 << DIGIT_BITS;
/// How many digits a key has.
pub(super) const LEVELS: u32 = Key::BITS / DIGIT_BITS;

/// A bucket with so many dead keys or more is swept once they outnumber the live ones. With 16, the two
/// timers that each call of a fan-out of a hundred sets and drops again cost 74 instructions more.
const SWEPT: usize = 128;

/// Keys by the highest digit in which they differ from the front's end: its level, and its value.
///
/// All keys of a bucket agree in the digits above. Those of a lower level are before those of a
/// higher one, and within a level the digit decides.
///
/// A key that is taken out is not looked for: it stays where it is, dead, until its bucket is
/// opened, spread or swept.
#[derive(Debug)]
pub(super) struct Far {
    /// By level and digit.
    buckets: Vec<Bucket>,
    /// Which of a level's buckets hold keys, a bit for each.
    filled: [u16; LEVELS as usize],
    /// Which levels do.
    filled_levels: u32,
    /// Whose keys are dead and still here, a bit by the timer's slot.
    dead: Vec<u64>,
    /// The slots of dead keys that have been dropped, for other timers.
    free: Vec<u32>,
    /// Keys that are not dead.
    len: usize,
}

/// Holds a key that is not dead, or none at all.
#[derive(Clone, Debug, Default)]
struct Bucket {
    keys: Vec<Key>,
    /// How many of them are dead.
    dead: usize,
}

impl Default for Far {
    fn default() -> Self {
        Far {
            buckets: vec![Bucket::default(); LEVELS as usize * DIGITS],
            filled: [0; LEVELS as usize],
            filled_levels: 0,
            dead: Vec::new(),
            free: Vec::new(),
            len: 0,
        }
    }
}

/// The highest level at which two keys differ.
#[inline]
pub(super) fn level(one: Key, other: Key) -> u32 {
    level_of(one.difference(other))
}

#[inline]
fn level_of(difference: u128) -> u32 {
    (Key::BITS - 1 - (difference | 1).leading_zeros()) / DIGIT_BITS
}

#[inline]
pub(super) fn digit(key: Key, level: u32) -> usize {
    (key.bits() >> (level * DIGIT_BITS)) as usize % DIGITS
}

/// The last key that agrees with the given one above a level, and has that digit there.
#[inline]
pub(super) fn end_of(key: Key, level: u32, digit: usize) -> Key {
    let below = (1 << (level * DIGIT_BITS)) - 1;
    let here = ((DIGITS - 1) as u128) << (level * DIGIT_BITS);
    Key::from_bits(key.bits() & !here | (digit as u128) << (level * DIGIT_BITS) | below)
}

impl Far {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A key after the front's end.
    #[inline]
    pub(super) fn insert(&mut self, key: Key, end: Key) {
        self.len += 1;
        self.put(key, level(key, end));
    }

    /// Takes out a key that is in. Its slot may not be used for another until it comes back from
    /// [`free_slot`](Self::free_slot).
    #[inline]
    pub(super) fn remove(&mut self, key: Key, end: Key) {
        self.len -= 1;
        let level = level(key, end);
        let digit = digit(key, level);
        let (word, bit) = bit_of(key);
        if word >= self.dead.len() {
            self.dead.resize(word + 1, 0);
        }
        self.dead[word] |= bit;
        let bucket = &mut self.buckets[place(level, digit)];
        bucket.dead += 1;
        let live = bucket.live();
        if live == 0 || (bucket.dead > live && bucket.dead >= SWEPT) {
            self.sweep(level, digit);
        }
    }

    /// The slot of a key that was taken out and is gone by now.
    pub(super) fn free_slot(&mut self) -> Option<u32> {
        self.free.pop()
    }

    /// The bucket with the least keys: its level, its digit, and how many they are.
    #[inline]
    pub(super) fn nearest(&self) -> Option<(u32, usize, usize)> {
        if self.filled_levels == 0 {
            return None;
        }
        let level = self.filled_levels.trailing_zeros();
        let digit = self.filled[level as usize].trailing_zeros() as usize;
        Some((level, digit, self.buckets[place(level, digit)].live()))
    }

    /// The least key.
    pub(super) fn least(&self) -> Option<Key> {
        let (level, digit, _) = self.nearest()?;
        let keys = self.buckets[place(level, digit)].keys.iter();
        keys.filter(|&&key| !self.is_dead(key)).min().copied()
    }

    /// Marks the nearest bucket as empty; its keys are to be taken out.
    #[inline]
    pub(super) fn open(&mut self, level: u32, digit: usize) -> &mut Vec<Key> {
        if self.buckets[place(level, digit)].dead > 0 {
            self.sweep(level, digit);
        }
        self.unmark(level, digit);
        let bucket = &mut self.buckets[place(level, digit)];
        self.len -= bucket.keys.len();
        &mut bucket.keys
    }

    /// Spreads the keys of the nearest bucket over the level at which they first differ.
    ///
    /// The levels between are empty and stay so: whatever `end` the front gets next agrees with
    /// these keys above that level.
    pub(super) fn spread(&mut self, level: u32, digit: usize) {
        let keys = std::mem::take(self.open(level, digit));
        self.len += keys.len();
        let difference = keys
            .iter()
            .fold(0, |all, key| all | key.difference(keys[0]));
        let level = level_of(difference);
        for key in keys {
            self.put(key, level);
        }
    }

    pub(super) fn take_all(&mut self, into: &mut Vec<Key>) {
        while let Some((level, digit, _)) = self.nearest() {
            into.append(self.open(level, digit));
        }
    }

    /// What is always so.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let marked = self.dead.iter().map(|word| word.count_ones() as usize);
        let dead = self.buckets.iter().map(|bucket| bucket.dead);
        assert_eq!(
            dead.sum::<usize>(),
            marked.sum(),
            "marked as often as counted"
        );
        let live = self.buckets.iter().map(Bucket::live);
        assert_eq!(live.sum::<usize>(), self.len);
        for (place, bucket) in self.buckets.iter().enumerate() {
            let filled = self.filled[place / DIGITS] & 1 << (place % DIGITS) != 0;
            assert_eq!(filled, !bucket.keys.is_empty());
            assert_eq!(filled, bucket.live() > 0, "nothing but dead keys");
            assert!(bucket.dead <= bucket.live() || bucket.dead < SWEPT);
            let keys = bucket.keys.iter();
            let dead = keys.filter(|&&key| self.is_dead(key)).count();
            assert_eq!(dead, bucket.dead, "and not elsewhere");
        }
    }

    #[inline]
    fn put(&mut self, key: Key, level: u32) {
        let digit = digit(key, level);
        self.buckets[place(level, digit)].keys.push(key);
        self.filled[level as usize] |= 1 << digit;
        self.filled_levels |= 1 << level;
    }

    #[inline]
    fn is_dead(&self, key: Key) -> bool {
        let (word, bit) = bit_of(key);
        self.dead.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Drops the dead keys of a bucket that has some.
    ///
    /// Nobody can foretell which are: so every key is written to where the next live one belongs,
    /// and every slot to where the next free one does, and only the places depend on it.
    #[inline(never)]
    fn sweep(&mut self, level: u32, digit: usize) {
        let bucket = &mut self.buckets[place(level, digit)];
        let mut free = self.free.len();
        self.free.resize(free + bucket.dead + 1, 0);
        let mut live = 0;
        for index in 0..bucket.keys.len() {
            let key = bucket.keys[index];
            let (word, bit) = bit_of(key);
            // Short where no later slot has ever been marked.
            let is_dead = self.dead.get_mut(word).is_some_and(|word| {
                let is_dead = *word & bit != 0;
                *word &= !bit;
                is_dead
            });
            bucket.keys[live] = key;
            live += usize::from(!is_dead);
            self.free[free] = key.slot();
            free += usize::from(is_dead);
        }
        bucket.keys.truncate(live);
        bucket.dead = 0;
        self.free.truncate(free);
        if live == 0 {
            self.unmark(level, digit);
        }
    }

    #[inline]
    fn unmark(&mut self, level: u32, digit: usize) {
        let filled = &mut self.filled[level as usize];
        *filled &= !(1 << digit);
        if *filled == 0 {
            self.filled_levels &= !(1 << level);
        }
    }
}

#[inline]
fn place(level: u32, digit: usize) -> usize {
    level as usize * DIGITS + digit
}

/// Where a timer's bit is: the word, and the bit in it.
#[inline]
fn bit_of(key: Key) -> (usize, u64) {
    let slot = key.slot();
    ((slot / u64::BITS) as usize, 1 << (slot % u64::BITS))
}

impl Bucket {
    #[inline]
    fn live(&self) -> usize {
        self.keys.len() - self.dead
    }
}
