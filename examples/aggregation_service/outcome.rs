//! What came of a run, and of two of them side by side.

use std::iter::zip;

use awaitlab_core::Instant;

/// What came of a run.
pub(crate) struct Outcome {
    /// In the order of their arrival.
    pub(crate) requests: Vec<Request>,
    /// Of all requests.
    pub(crate) calls: u64,
    pub(crate) retries: u64,
    pub(crate) timeouts: u64,
}

/// What came of a request.
pub(crate) struct Request {
    pub(crate) arrival: Instant,
    pub(crate) settled_after_ms: f64,
    pub(crate) attempts: u64,
    /// Calls that brought a result.
    pub(crate) delivered: u64,
}

impl Outcome {
    fn figures(&self) -> [(&'static str, f64); 7] {
        let settle_ms = sorted(self.requests.iter().map(|r| r.settled_after_ms));
        let sum = |of: fn(&Request) -> u64| self.requests.iter().map(of).sum::<u64>() as f64;
        let calls = self.calls as f64;
        [
            (
                "settle mean, ms",
                settle_ms.iter().sum::<f64>() / settle_ms.len() as f64,
            ),
            ("settle p50, ms", quantile(&settle_ms, 0.5)),
            ("settle p99, ms", quantile(&settle_ms, 0.99)),
            ("calls answered, %", 100.0 * sum(|r| r.delivered) / calls),
            ("attempts per call", sum(|r| r.attempts) / calls),
            ("retries", self.retries as f64),
            ("timeouts", self.timeouts as f64),
        ]
    }
}

/// Prints a run on tokio beside the lab's with the same luck, and the lab's with other luck.
pub(crate) fn print(measured: &Outcome, predicted: &Outcome, others: &[Outcome]) {
    let others: Vec<_> = others.iter().map(Outcome::figures).collect();
    println!(
        "{:18}{:>10}{:>11}{:>20}",
        "", "on tokio", "predicted", "with other seeds"
    );
    let pairs = zip(measured.figures(), predicted.figures());
    for (place, ((name, measured), (_, predicted))) in pairs.enumerate() {
        let other = sorted(others.iter().map(|figures| figures[place].1));
        let range = format!(
            "{:.2} to {:.2}",
            quantile(&other, 0.0),
            quantile(&other, 1.0)
        );
        println!("{name:18}{measured:10.2}{predicted:11.2}{range:>20}");
    }
    let pairs = || zip(&measured.requests, &predicted.requests);
    let alike = pairs().filter(|(real, lab)| real.attempts == lab.attempts);
    let longer = sorted(pairs().map(|(real, lab)| real.settled_after_ms - lab.settled_after_ms));
    println!("\nRequest by request, tokio against the prediction:");
    println!("  as many attempts: {} of {}", alike.count(), longer.len());
    println!(
        "  longer by {:.1} ms in the middle, nine of ten by {:.1} to {:.1}",
        quantile(&longer, 0.5),
        quantile(&longer, 0.05),
        quantile(&longer, 0.95),
    );
    println!(
        "tokio's timers tick in whole milliseconds and never ring early: each latency and each\n\
         backoff on a request's way is up to a tick or two longer, a connection costs its part,\n\
         and an attempt that makes its timeout by less than that may miss it."
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The smallest value that this share of all does not exceed.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}
