//! Memory asked for before it is needed.

/// Has the first lines of something brought into the cache, if the machine can be asked to.
#[inline]
pub(crate) fn prefetch<T: ?Sized>(what: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        let first = std::ptr::from_ref(what).cast::<i8>();
        let lines = size_of_val(what).min(MOST).div_ceil(LINE);
        for line in 0..lines {
            // SAFETY: a prefetch is a hint: it changes nothing that a program can see, and cannot
            // fault at any address.
            #[allow(unsafe_code)]
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(line * LINE));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = what;
}

/// Bytes that come at once.
const LINE: usize = 64;
/// Bytes asked for at most.
const MOST: usize = 4 * LINE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leaves_everything_as_it_is_whatever_its_size() {
        let bytes = vec![7_u8; 4 * MOST];
        for size in 0..bytes.len() {
            // To the very end of what was allocated, and not a byte beyond.
            prefetch(&bytes[bytes.len() - size..]);
            prefetch(&bytes[..size]);
        }
        prefetch(&());
        assert!(bytes.iter().all(|&byte| byte == 7));
    }
}
