//! What is due later, in buckets.

use crate::key::Key;

/// Bits of a digit: more of them make fewer moves per event and more buckets.
const DIGIT_BITS: u32 = 4;
const DIGITS: usize = 1 << DIGIT_BITS;
/// How many digits a key has.
pub(super) const LEVELS: u32 = Key::BITS / DIGIT_BITS;

/// Keys by the highest digit in which they differ from the front's end: its level, and its value.
///
/// All keys of a bucket agree in the digits above. Those of a lower level are before those of a
/// higher one, and within a level the digit decides.
#[derive(Debug)]
pub(super) struct Far {
    /// By level and digit.
    buckets: Vec<Vec<Key>>,
    /// Which of a level's buckets hold keys, a bit for each.
    filled: [u16; LEVELS as usize],
    /// Which levels do.
    filled_levels: u32,
    /// Where in its bucket a timer's key is, by the timer's slot.
    indices: Vec<u32>,
    len: usize,
}

impl Default for Far {
    fn default() -> Self {
        Far {
            buckets: vec![Vec::new(); LEVELS as usize * DIGITS],
            filled: [0; LEVELS as usize],
            filled_levels: 0,
            indices: Vec::new(),
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

    /// Takes out a key that is in.
    #[inline]
    pub(super) fn remove(&mut self, key: Key, end: Key) {
        let level = level(key, end);
        let digit = digit(key, level);
        let index = self.indices[key.slot() as usize];
        let bucket = &mut self.buckets[place(level, digit)];
        let removed = bucket.swap_remove(index as usize);
        debug_assert_eq!(removed, key);
        if let Some(moved) = bucket.get(index as usize) {
            self.indices[moved.slot() as usize] = index;
        }
        if bucket.is_empty() {
            self.unmark(level, digit);
        }
        self.len -= 1;
    }

    /// The bucket with the least keys: its level, its digit, and how many they are.
    #[inline]
    pub(super) fn nearest(&self) -> Option<(u32, usize, usize)> {
        if self.filled_levels == 0 {
            return None;
        }
        let level = self.filled_levels.trailing_zeros();
        let digit = self.filled[level as usize].trailing_zeros() as usize;
        Some((level, digit, self.buckets[place(level, digit)].len()))
    }

    /// The least key.
    pub(super) fn least(&self) -> Option<Key> {
        let (level, digit, _) = self.nearest()?;
        self.buckets[place(level, digit)].iter().min().copied()
    }

    /// Marks the nearest bucket as empty; its keys are to be taken out.
    pub(super) fn open(&mut self, level: u32, digit: usize) -> &mut Vec<Key> {
        self.unmark(level, digit);
        let bucket = &mut self.buckets[place(level, digit)];
        self.len -= bucket.len();
        bucket
    }

    /// Spreads the keys of the nearest bucket over the level at which they first differ.
    ///
    /// The levels between are empty and stay so: whatever `end` the front gets next agrees with
    /// these keys above that level.
    pub(super) fn spread(&mut self, level: u32, digit: usize) {
        self.unmark(level, digit);
        let keys = std::mem::take(&mut self.buckets[place(level, digit)]);
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

    #[inline]
    fn put(&mut self, key: Key, level: u32) {
        let digit = digit(key, level);
        let bucket = &mut self.buckets[place(level, digit)];
        let slot = key.slot() as usize;
        if slot >= self.indices.len() {
            self.indices.resize(slot + 1, 0);
        }
        self.indices[slot] = bucket.len() as u32;
        bucket.push(key);
        self.filled[level as usize] |= 1 << digit;
        self.filled_levels |= 1 << level;
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
