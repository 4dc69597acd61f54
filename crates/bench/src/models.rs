//! The two models that everything is measured on, and what theory says of them.
//!
//! **Fan-out.** n calls of exponential latency at once, joined by waiting for all of them. The join
//! takes the longest of n latencies, whose mean is `H_n / rate` with the harmonic number H_n (Renyi
//! 1953) and whose variance is `sum 1/k^2 / rate^2`.
//!
//! **M/M/c.** Poisson arrivals at a service of c workers with exponential work and a first-come
//! queue. With the offered load a = arrival rate / service rate an arrival waits with Erlang's
//! probability
//!
//! ```text
//! C = (a^c / c!) (c / (c - a)) / (sum_{k<c} a^k / k! + (a^c / c!) (c / (c - a)))
//! ```
//!
//! and stays `1 / service rate + C / (c service rate - arrival rate)` on average (Erlang 1917).

use std::time::Duration;

/// Mean latency, and mean time of work, in both models.
pub(crate) const MEAN: Duration = Duration::from_millis(10);
const MEAN_MS: f64 = 10.0;

/// Fan-outs, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FanOut {
    /// Calls of each.
    pub(crate) calls: u32,
    /// How many fan-outs.
    pub(crate) replications: u64,
}

/// Replications of a queue with four workers under a load of 0.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    /// Virtual time in which requests arrive, in whole seconds.
    pub(crate) seconds: u64,
    /// How often.
    pub(crate) replications: u64,
}

/// A mean as theory has it, and what a mean of simulated times may be off by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Theory {
    /// In milliseconds.
    pub(crate) mean_ms: f64,
    /// In milliseconds.
    pub(crate) tolerance_ms: f64,
}

/// Standard errors that an answer may be off by. Seeds are fixed, so an answer is right or wrong for
/// ever; with this many a right one is refused in one of 16 000 seeds.
const ERRORS: f64 = 4.0;

impl FanOut {
    /// All calls of all fan-outs.
    pub(crate) fn all_calls(&self) -> u64 {
        u64::from(self.calls) * self.replications
    }

    /// The mean time of the join.
    pub(crate) fn theory(&self) -> Theory {
        let over = |power: i32| -> f64 {
            let terms = (1..=self.calls).map(|k| f64::from(k).powi(-power));
            terms.sum()
        };
        let deviation_ms = MEAN_MS * over(2).sqrt();
        Theory {
            mean_ms: MEAN_MS * over(1),
            tolerance_ms: ERRORS * deviation_ms / (self.replications as f64).sqrt(),
        }
    }
}

impl Queue {
    /// Workers.
    pub(crate) const WORKERS: u32 = 4;
    /// Requests that arrive in a second, on average: 0.8 x 4 workers / 10 ms.
    pub(crate) const PER_S: u32 = 320;

    /// About how many requests arrive in all.
    pub(crate) fn requests(&self) -> u64 {
        self.seconds * u64::from(Self::PER_S) * self.replications
    }

    /// The mean time from arrival to answer, as a mean over about so many requests.
    ///
    /// Times of neighbours are alike, so a mean of n of them is worth fewer. How much it is off was
    /// measured: the standard deviation was 6.3 means / sqrt(n) over 400 seeds of 20 000 requests, and
    /// 6.8 over 80 of 100 000.
    pub(crate) fn theory(requests: f64) -> Theory {
        const SPREAD: f64 = 6.8;
        let (workers, load) = (f64::from(Self::WORKERS), 0.8 * f64::from(Self::WORKERS));
        let mut term = 1.0;
        let mut fewer = 0.0;
        for k in 0..Self::WORKERS {
            fewer += term;
            term *= load / f64::from(k + 1);
        }
        let all_busy = term * workers / (workers - load);
        let waits = all_busy / (fewer + all_busy);
        let mean_ms = MEAN_MS * (1.0 + waits / (workers - load));
        Theory {
            mean_ms,
            tolerance_ms: ERRORS * SPREAD * mean_ms / requests.sqrt(),
        }
    }
}

impl Theory {
    /// # Errors
    /// When the mean is not what theory says; in words.
    pub(crate) fn check(&self, who: &str, mean_ms: f64) -> Result<(), String> {
        let Theory {
            mean_ms: expected,
            tolerance_ms,
        } = self;
        let off = (mean_ms - expected).abs();
        // Written so that a mean that is no number is wrong.
        if off <= *tolerance_ms {
            return Ok(());
        }
        Err(format!(
            "{who}: a mean of {mean_ms:.4} ms, where theory says {expected:.4} ± {tolerance_ms:.4}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H_3 = 1 + 1/2 + 1/3, and H_100 = 5.187378.
    #[test]
    fn a_join_takes_a_harmonic_number_of_means() {
        let mean_ms = |calls| {
            let replications = 1;
            FanOut {
                calls,
                replications,
            }
            .theory()
            .mean_ms
        };
        assert!((mean_ms(3) - 10.0 * (1.0 + 0.5 + 1.0 / 3.0)).abs() < 1e-12);
        assert!((mean_ms(100) - 51.873_775_2).abs() < 1e-6);
    }

    /// C(4, 3.2) = 0.59640 (tables of Erlang's formula), so 10 + 5.9640 / 0.8 ms.
    #[test]
    fn a_queue_is_waited_in_as_erlang_says() {
        let mean_ms = Queue::theory(1.0).mean_ms;
        assert!((mean_ms - 17.455).abs() < 5e-4, "{mean_ms}");
    }

    #[test]
    fn what_is_no_number_is_a_wrong_answer() {
        let theory = Theory {
            mean_ms: 1.0,
            tolerance_ms: 0.5,
        };
        assert_eq!(theory.check("x", 1.4), Ok(()));
        assert!(theory.check("x", 1.6).is_err());
        assert!(theory.check("x", f64::NAN).is_err());
    }
}
