//! The regularized incomplete gamma functions, at every x: what gamma, Erlang and (for its mean
//! under a cap) Weibull are made of. The series are statrs's.

use statrs::function::gamma::{gamma_lr, gamma_ur};

use crate::inversion;

/// P(a, x): the distribution function of a gamma law of shape `a` and scale 1.
pub(crate) fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        1.0
    } else {
        gamma_lr(a, x)
    }
}

/// Q(a, x) = 1 - P(a, x), without the cancellation in the tail.
pub(crate) fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else {
        gamma_ur(a, x)
    }
}

/// The x with P(a, x) = p.
pub(crate) fn inverse(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        f64::INFINITY
    } else if p < 0.5 {
        inversion::search(a, |x| lower(a, x) >= p)
    } else {
        inversion::search(a, |x| upper(a, x) <= 1.0 - p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(1, x) = 1 - e^-x, and P(2, x) = 1 - (1 + x) e^-x.
    #[test]
    fn whole_shapes_are_sums_of_exponentials() {
        for x in [0.01, 0.5, 1.0, 3.0, 20.0] {
            let e = libm::exp(-x);
            assert!((upper(1.0, x) - e).abs() < 1e-14);
            assert!((lower(2.0, x) - (1.0 - (1.0 + x) * e)).abs() < 1e-14);
        }
        assert!((inverse(1.0, 0.5) - std::f64::consts::LN_2).abs() < 1e-14);
    }

    #[test]
    fn the_ends_are_0_and_1() {
        assert_eq!((lower(0.7, 0.0), lower(0.7, f64::INFINITY)), (0.0, 1.0));
        assert_eq!((upper(0.7, 0.0), upper(0.7, f64::INFINITY)), (1.0, 0.0));
        assert_eq!((inverse(0.7, 0.0), inverse(0.7, 1.0)), (0.0, f64::INFINITY));
    }

    #[test]
    fn the_inverse_holds_from_tiny_to_huge_shapes() {
        for a in [0.01, 0.4, 1.0, 30.0, 1e6] {
            for p in [0.02, 0.5, 0.99] {
                let x = inverse(a, p);
                assert!((lower(a, x) - p).abs() < 1e-9, "P({a}, {x}) is not {p}");
            }
        }
    }
}
