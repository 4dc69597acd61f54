//! Places that are filled again and again.

use std::ops::{Index, IndexMut};

/// Things of which many exist for a while, by number.
///
/// A place that is given up keeps what lies in it until it is claimed again, and places stay where they are
/// when there are more of them: nothing is ever moved, so a crowd takes no more memory than it fills. What
/// lies in a place must know by itself whether it is of account.
#[derive(Debug)]
pub(crate) struct Places<T> {
    chunks: Vec<Box<[T; CHUNK]>>,
    vacant: Vec<u32>,
}

/// Places of a chunk: a power of two, so that the bits of a number say where it is.
const CHUNK: usize = 128;

impl<T: Default> Places<T> {
    pub(crate) fn new() -> Self {
        Places {
            chunks: Vec::new(),
            vacant: Vec::new(),
        }
    }

    /// The place that was given up last, or a new one.
    #[inline]
    pub(crate) fn claim(&mut self) -> u32 {
        loop {
            match self.vacant.pop() {
                Some(key) => return key,
                None => self.add(),
            }
        }
    }

    /// Adds a chunk of vacant places.
    #[cold]
    fn add(&mut self) {
        let first = (self.chunks.len() * CHUNK) as u32;
        let chunk: Vec<T> = std::iter::repeat_with(T::default).take(CHUNK).collect();
        self.chunks.extend(chunk.into_boxed_slice().try_into());
        self.vacant.extend((first..first + CHUNK as u32).rev());
    }

    /// Gives a place up that has been claimed.
    #[inline]
    pub(crate) fn give_up(&mut self, key: u32) {
        self.vacant.push(key);
    }

    /// Gives every place up, and hands out all of them, where not all are vacant as it is.
    pub(crate) fn give_all_up(&mut self) -> impl Iterator<Item = &mut T> {
        let places = self.chunks.len() * CHUNK;
        let any = self.vacant.len() < places;
        if any {
            self.vacant.clear();
            self.vacant.extend((0..places as u32).rev());
        }
        let chunks = if any {
            self.chunks.as_mut_slice()
        } else {
            &mut []
        };
        chunks.iter_mut().flat_map(|chunk| chunk.iter_mut())
    }

    /// The places by number, those included that are vacant.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(self.chunks.iter().flat_map(|chunk| chunk.iter()))
    }

    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&T> {
        let chunk = self.chunks.get(key as usize / CHUNK)?;
        Some(&chunk[key as usize % CHUNK])
    }
}

impl<T> Index<u32> for Places<T> {
    type Output = T;

    #[inline]
    fn index(&self, key: u32) -> &T {
        &self.chunks[key as usize / CHUNK][key as usize % CHUNK]
    }
}

impl<T> IndexMut<u32> for Places<T> {
    #[inline]
    fn index_mut(&mut self, key: u32) -> &mut T {
        &mut self.chunks[key as usize / CHUNK][key as usize % CHUNK]
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
    fn places_are_claimed_by_number_and_more_are_made_when_they_run_out() {
        let mut places = Places::new();
        for key in 0..1_000 {
            assert_eq!(places.claim(), key);
            places[key] = key;
        }
        assert!(places.iter().take(1_000).all(|(key, &place)| place == key));
        assert_eq!(places.get(5_000), None);
    }

    #[test]
    fn all_are_nothing_to_go_through_where_all_are_vacant() {
        let mut places: Places<char> = Places::new();
        assert_eq!(places.give_all_up().count(), 0);
        let key = places.claim();
        assert_eq!(places.give_all_up().count(), CHUNK);
        assert_eq!(places.give_all_up().count(), 0);
        assert_eq!(places.claim(), key);
    }
}
