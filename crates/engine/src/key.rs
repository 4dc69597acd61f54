//! What orders events, in one number.

use awaitlab_core::{EventClass, Instant};

/// When an event is due, its class, the number of its timer, and the timer's slot, from the highest
/// bits to the lowest: 64, 2, 36, 26.
///
/// So two keys compare as one pair of words, and no two are equal. The slot is last and decides
/// nothing, since numbers differ; standing here it needs no place of its own, and four keys fill a
/// cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u128);

impl Key {
    pub(crate) const BITS: u32 = u128::BITS;
    pub(crate) const MAX: Key = Key(u128::MAX);
    /// 6.7 x 10^7 timers at once.
    pub(crate) const SLOT_BITS: u32 = 26;
    /// At ten million timers a second, two hours; after that they are numbered anew.
    pub(crate) const NUMBER_BITS: u32 = 36;

    #[inline]
    pub(crate) fn new(at: Instant, class: EventClass, number: u64, slot: u32) -> Self {
        let class = (class as u64) << (Self::NUMBER_BITS + Self::SLOT_BITS);
        let low = class | number << Self::SLOT_BITS | u64::from(slot);
        Key(u128::from(at.as_nanos()) << 64 | u128::from(low))
    }

    #[inline]
    pub(crate) fn at(self) -> Instant {
        Instant::from_nanos((self.0 >> 64) as u64)
    }

    /// Not after any key of that instant.
    #[inline]
    pub(crate) fn begin_of_instant(at: Instant) -> Self {
        Key(u128::from(at.as_nanos()) << 64)
    }

    #[inline]
    pub(crate) fn is_edge(self) -> bool {
        self.0 as u64 >> (Self::NUMBER_BITS + Self::SLOT_BITS) == EventClass::Edge as u64
    }

    #[inline]
    pub(crate) fn slot(self) -> u32 {
        self.0 as u32 & ((1 << Self::SLOT_BITS) - 1)
    }

    /// The same event under another number.
    pub(crate) fn renumbered(self, number: u64) -> Self {
        let numbers = ((1 << Self::NUMBER_BITS) - 1) << Self::SLOT_BITS;
        Key(self.0 & !numbers | u128::from(number) << Self::SLOT_BITS)
    }

    /// The bits in which two keys differ.
    #[inline]
    pub(crate) fn difference(self, other: Key) -> u128 {
        self.0 ^ other.0
    }

    /// The key in words, the higher one first.
    #[inline]
    pub(crate) fn halves(self) -> [u64; 2] {
        [(self.0 >> 64) as u64, self.0 as u64]
    }

    #[inline]
    pub(crate) fn from_halves([high, low]: [u64; 2]) -> Self {
        Key(u128::from(high) << 64 | u128::from(low))
    }

    #[inline]
    pub(crate) fn bits(self) -> u128 {
        self.0
    }

    #[inline]
    pub(crate) fn from_bits(bits: u128) -> Self {
        Key(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_by_time_then_class_then_number() {
        let at = Instant::from_nanos;
        let ascending = [
            Key::new(at(1), EventClass::Arrival, 9, 9),
            Key::new(at(2), EventClass::Edge, 8, 8),
            Key::new(at(2), EventClass::Answer, 4, 7),
            Key::new(at(2), EventClass::Answer, 5, 0),
            Key::new(at(2), EventClass::Timer, 3, 0),
            Key::new(Instant::FAR_FUTURE, EventClass::Edge, 0, 0),
        ];
        assert!(ascending.is_sorted());
    }

    #[test]
    fn a_key_holds_the_largest_of_each_part() {
        let (number, slot) = ((1 << Key::NUMBER_BITS) - 1, (1 << Key::SLOT_BITS) - 1);
        let key = Key::new(Instant::FAR_FUTURE, EventClass::Arrival, number, slot);
        assert_eq!((key.at(), key.slot()), (Instant::FAR_FUTURE, slot));
        assert!(!key.is_edge());
        assert_eq!(Key::from_halves(key.halves()), key);
        let first = Key::new(Instant::FAR_FUTURE, EventClass::Arrival, 1, slot);
        assert_eq!(key.renumbered(1), first);
    }
}
