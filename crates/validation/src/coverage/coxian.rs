//! Phases one after another, each exponential, after each of which it may be over: Coxian laws.
//!
//! The largest of n exponentials is one (first n run, then n - 1, ...), and so are bounded
//! concurrency, calls that are tried again, and the way through a line of M/M/1 queues. Where the law
//! is needed at a point, its chain is uniformized: with q the largest rate, steps come as a Poisson
//! process of rate q, and a step leaves a phase of rate r with probability r / q. (A. Jensen, Markoff
//! chains as an aid in the study of Markoff processes, 1953.)

use crate::theory::root;

/// A phase: its rate, and the probability that another one follows.
#[derive(Clone, Copy, Debug)]
struct Phase {
    rate: f64,
    goes_on: f64,
}

/// A law of times, in units of the time that rates are counted in.
#[derive(Clone, Debug)]
pub(super) struct Coxian(Vec<Phase>);

impl Coxian {
    /// All of them, one after another.
    pub(super) fn of(rates: impl IntoIterator<Item = f64>) -> Coxian {
        let goes_on = 1.0;
        let phases = rates.into_iter().map(|rate| Phase { rate, goes_on });
        Coxian(phases.collect())
    }

    /// At most so many of rate 1, each followed by another with probability `goes_on`.
    pub(super) fn again(most: usize, goes_on: f64) -> Coxian {
        Coxian(vec![Phase { rate: 1.0, goes_on }; most])
    }

    /// `n` exponentials of mean 1, at most `limit` of them at a time.
    pub(super) fn bounded(n: u32, limit: u32) -> Coxian {
        Coxian::of((1..=n).rev().map(|left| f64::from(left.min(limit))))
    }

    pub(super) fn mean(&self) -> f64 {
        let mut reached = 1.0;
        let mut mean = 0.0;
        for phase in &self.0 {
            mean += reached / phase.rate;
            reached *= phase.goes_on;
        }
        mean
    }

    /// The p-quantile.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        // Markov: P(T > t) <= mean / t.
        let most = self.mean() / (1.0 - p);
        root(0.0, most, |t| 1.0 - p - self.above(t))
    }

    /// `P(T > t)`.
    fn above(&self, t: f64) -> f64 {
        let fastest = self
            .0
            .iter()
            .fold(0.0_f64, |most, phase| most.max(phase.rate));
        let steps = fastest * t;
        let mut in_phase = vec![0.0; self.0.len()];
        in_phase[0] = 1.0;
        // e^-steps would be 0 for many: its logarithm is not.
        let mut log_poisson = -steps;
        let (mut above, mut step) = (0.0, 0.0);
        while step < steps + 12.0 * steps.sqrt() + 40.0 {
            above += log_poisson.exp() * in_phase.iter().sum::<f64>();
            self.step(fastest, &mut in_phase);
            step += 1.0;
            log_poisson += (steps / step).ln();
        }
        above
    }

    fn step(&self, fastest: f64, in_phase: &mut [f64]) {
        let mut comes = 0.0;
        for (phase, probability) in self.0.iter().zip(in_phase) {
            let leaves = *probability * phase.rate / fastest;
            *probability += comes - leaves;
            comes = leaves * phase.goes_on;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64) {
        assert!(
            (value / expected - 1.0).abs() < 1e-9,
            "{value}, not {expected}"
        );
    }

    #[test]
    fn one_phase_is_exponential() {
        let law = Coxian::of([0.25]);
        near(law.mean(), 4.0);
        near(law.quantile(0.99), 4.0 * 100.0_f64.ln());
    }

    #[test]
    fn the_largest_of_ten_has_the_tenth_power_of_their_law() {
        let law = Coxian::bounded(10, 10);
        near(law.mean(), 7381.0 / 2520.0);
        near(law.quantile(0.99), -(1.0 - 0.99_f64.powf(0.1)).ln());
    }

    #[test]
    fn a_limit_keeps_all_but_the_last_at_its_rate() {
        // (n-k)/k + H_k = 6/4 + 25/12.
        near(Coxian::bounded(10, 4).mean(), 1.5 + 25.0 / 12.0);
    }

    #[test]
    fn without_end_a_geometric_sum_of_exponentials_is_exponential() {
        let law = Coxian::again(200, 0.5);
        near(law.mean(), 2.0);
        near(law.quantile(0.99), 2.0 * 100.0_f64.ln());
    }

    #[test]
    fn two_alike_are_erlangs() {
        // P(T > t) = (1 + t) e^-t.
        let t = Coxian::of([1.0, 1.0]).quantile(0.99);
        near((1.0 + t) * (-t).exp(), 0.01);
    }
}
