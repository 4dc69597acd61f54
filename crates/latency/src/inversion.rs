//! Quantiles of laws whose distribution function has no closed inverse: by bisection, which needs
//! nothing of the function but that it rises, and gives the same bits everywhere.

/// The smallest x within `low` and `high` where `reached` holds, to the last bit. It must hold at
/// `high`, and from some x on.
pub(crate) fn bisect(mut low: f64, mut high: f64, reached: impl Fn(f64) -> bool) -> f64 {
    if reached(low) {
        return low;
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

/// The smallest positive x where `reached` holds, wherever it lies; `near` begins the search.
pub(crate) fn search(near: f64, reached: impl Fn(f64) -> bool) -> f64 {
    let mut high = near;
    while !reached(high) {
        high *= 2.0;
    }
    let mut low = high / 2.0;
    while low > 0.0 && reached(low) {
        high = low;
        low /= 2.0;
    }
    bisect(low, high, reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_to_the_last_bit_wherever_it_lies() {
        for root in [1e-200, 0.3, 1.0, 7.7, 1e200] {
            for near in [1e-3, 1.0, 1e3] {
                assert_eq!(search(near, |x| x >= root), root);
            }
        }
        assert_eq!(
            bisect(2.0, 5.0, |x| x >= 1.0),
            2.0,
            "it holds from the start"
        );
    }
}
