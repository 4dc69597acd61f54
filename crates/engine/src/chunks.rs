//! A sequence that grows without being moved.

use std::ops::{Index, IndexMut};

/// Elements by number, in chunks. A vector that grows holds everything twice while it moves, and up
/// to half of it is empty after; of this, no more is ever held than what is in it and one chunk.
#[derive(Debug)]
pub(crate) struct Chunks<T> {
    chunks: Vec<Box<[T; CHUNK]>>,
    len: usize,
}

/// How many elements a chunk has: a power of two, so that the bits of a number say where it is.
const CHUNK: usize = 128;

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Chunks {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Chunks<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds one more, which is what `new` makes.
    pub(crate) fn grow(&mut self, new: impl Fn() -> T) {
        if self.len == self.chunks.len() * CHUNK {
            let chunk: Vec<T> = std::iter::repeat_with(new).take(CHUNK).collect();
            let chunk = chunk.into_boxed_slice().try_into();
            self.chunks.extend(chunk);
        }
        self.len += 1;
    }
}

impl<T> Index<u32> for Chunks<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: u32) -> &T {
        let index = index as usize;
        &self.chunks[index / CHUNK][index % CHUNK]
    }
}

impl<T> IndexMut<u32> for Chunks<T> {
    #[inline]
    fn index_mut(&mut self, index: u32) -> &mut T {
        let index = index as usize;
        &mut self.chunks[index / CHUNK][index % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_stays_where_it_is_while_more_comes() {
        let mut chunks = Chunks::default();
        let mut places = Vec::new();
        for n in 0..3 * CHUNK as u32 {
            assert_eq!(chunks.len(), n as usize);
            chunks.grow(|| 0);
            chunks[n] = n * n;
            places.push(std::ptr::from_ref(&chunks[n]));
        }
        for (n, place) in (0..).zip(places) {
            assert_eq!(chunks[n], n * n);
            assert_eq!(std::ptr::from_ref(&chunks[n]), place);
        }
    }
}
