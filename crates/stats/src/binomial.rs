//! The probabilities of a binomial distribution that matter, from ratios of neighbours.
//!
//! Summing them directly costs some tens of standard deviations of multiplications, and holds for
//! any n, where continued fractions of the incomplete beta function need a number of terms that
//! grows with it. No logarithm is taken, so the bits are the same everywhere.

/// A binomial distribution.
pub(crate) struct Binomial {
    /// The value of the first probability.
    from: u64,
    probabilities: Vec<f64>,
}

impl Binomial {
    /// What is this much less likely than the mode adds nothing in double precision.
    const NEGLIGIBLE: f64 = 1e-20;

    /// `0 < p < 1`.
    pub(crate) fn around_its_mode(n: u64, p: f64) -> Binomial {
        let odds = p / (1.0 - p);
        let mode = (((n as f64 + 1.0) * p) as u64).min(n);
        let up = |k: u64| (n - k) as f64 / (k + 1) as f64 * odds;
        let mut below = Vec::new();
        let (mut k, mut weight) = (mode, 1.0);
        while k > 0 && weight > Self::NEGLIGIBLE {
            k -= 1;
            weight /= up(k);
            below.push(weight);
        }
        let from = k;
        let mut probabilities: Vec<f64> = below.into_iter().rev().collect();
        (k, weight) = (mode, 1.0);
        probabilities.push(weight);
        while k < n && weight > Self::NEGLIGIBLE {
            weight *= up(k);
            k += 1;
            probabilities.push(weight);
        }
        let total: f64 = probabilities.iter().sum();
        for probability in &mut probabilities {
            *probability /= total;
        }
        Binomial {
            from,
            probabilities,
        }
    }

    /// The largest k with `P(B < k) <= tail`.
    pub(crate) fn largest_with_less_below(&self, tail: f64) -> u64 {
        let mut below = 0.0;
        for (k, probability) in (self.from..).zip(&self.probabilities) {
            below += probability;
            if below > tail {
                return k;
            }
        }
        self.from
    }

    /// The smallest k with `P(B >= k) <= tail`.
    pub(crate) fn smallest_with_less_from(&self, tail: f64) -> u64 {
        let mut above = 0.0;
        let last = self.from + self.probabilities.len() as u64 - 1;
        for (steps, probability) in (0..).zip(self.probabilities.iter().rev()) {
            above += probability;
            if above > tail {
                return last - steps + 1;
            }
        }
        last
    }
}
