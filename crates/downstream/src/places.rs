//! Places that are filled again and again.

use std::ops::{Index, IndexMut};

/// Things of which many exist for a while, by number.
///
/// A place that is given up keeps what lies in it until it is claimed again, so nothing is ever moved:
/// what lies there must know by itself that it is of no account.
#[derive(Debug)]
pub(crate) struct Places<T> {
    places: Vec<T>,
    vacant: Vec<u32>,
}

impl<T: Default> Places<T> {
    pub(crate) fn new() -> Self {
        Places {
            places: Vec::new(),
            vacant: Vec::new(),
        }
    }

    /// The place that was given up last, or a new one.
    #[inline]
    pub(crate) fn claim(&mut self) -> u32 {
        match self.vacant.pop() {
            Some(key) => key,
            None => self.add(),
        }
    }

    #[cold]
    fn add(&mut self) -> u32 {
        self.places.push(T::default());
        (self.places.len() - 1) as u32
    }

    /// Gives a place up that has been claimed.
    #[inline]
    pub(crate) fn give_up(&mut self, key: u32) {
        self.vacant.push(key);
    }

    /// All places, those included that are vacant; none, where all are.
    pub(crate) fn all_if_any(&mut self) -> &mut [T] {
        if self.vacant.len() == self.places.len() {
            &mut []
        } else {
            &mut self.places
        }
    }

    /// Gives every place up.
    pub(crate) fn give_all_up(&mut self) {
        self.vacant.clear();
        self.vacant.extend((0..self.places.len() as u32).rev());
    }

    /// The places by number, those included that are vacant.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.places)
    }

    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&T> {
        self.places.get(key as usize)
    }
}

impl<T> Index<u32> for Places<T> {
    type Output = T;

    #[inline]
    fn index(&self, key: u32) -> &T {
        &self.places[key as usize]
    }
}

impl<T> IndexMut<u32> for Places<T> {
    #[inline]
    fn index_mut(&mut self, key: u32) -> &mut T {
        &mut self.places[key as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_given_up_is_claimed_again_as_it_is() {
        let mut places = Places::new();
        let [first, second] = [places.claim(), places.claim()];
        (places[first], places[second]) = ('a', 'b');
        places.give_up(first);
        assert_eq!(places.claim(), first);
        assert_eq!((places[first], places[second]), ('a', 'b'));
    }

    #[test]
    fn all_are_nothing_to_go_through_where_all_are_vacant() {
        let mut places: Places<char> = Places::new();
        let key = places.claim();
        assert_eq!(places.all_if_any().len(), 1);
        places.give_up(key);
        assert!(places.all_if_any().is_empty());
        places.claim();
        places.claim();
        places.give_all_up();
        assert!(places.all_if_any().is_empty());
        assert_eq!(places.claim(), 0);
    }
}
