//! Do the draws of a law follow its distribution function?
//!
//! D is the largest distance between the share of draws up to x and P(X <= x), over all x. For n
//! draws of the right law sqrt(n) D exceeds t in a share of 2 e^(-2 t^2) of all samples
//! (Kolmogorov), and in less where the law has atoms. At t = 2.3 that is 5 in 100 000.

use awaitlab_core::{AttemptId, Purpose, Streams};

use crate::law::Law;

const LIMIT: f64 = 2.3;
const DRAWS: usize = 20_000;

/// Fails when 20 000 draws under a fixed seed do not follow the law.
pub(crate) fn assert_fits(law: &dyn Law) {
    let distance = scaled_distance(law, law);
    assert!(distance < LIMIT, "sqrt(n) D = {distance}");
}

/// sqrt(n) D between draws of one law and the distribution function of another.
fn scaled_distance(drawn: &dyn Law, expected: &dyn Law) -> f64 {
    let stream = Streams::new(1, 0).stream(Purpose::Latency, 0);
    let mut sample: Vec<f64> = (0..DRAWS as u64)
        .map(|job| {
            drawn.draw_ns(&mut stream.draws(&AttemptId {
                job,
                call: 0,
                attempt: 0,
            }))
        })
        .collect();
    sample.sort_by(f64::total_cmp);
    let n = DRAWS as f64;
    let distance =
        sample
            .chunk_by(|a, b| a == b)
            .fold((0_usize, 0.0_f64), |(before, most), ties| {
                let up_to = before + ties.len();
                let at = 1.0 - expected.survival(ties[0]);
                let just_below = 1.0 - expected.survival(ties[0].next_down());
                let above = (up_to as f64 / n - at).abs();
                let below = (just_below - before as f64 / n).abs();
                (up_to, most.max(above).max(below))
            });
    distance.1 * n.sqrt()
}

mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Constant, Exponential};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Means 7 % apart: |e^-x - e^-1.07x| is at most 0.025, times sqrt(20 000) 3.5.
    #[test]
    fn draws_of_another_law_do_not_fit() {
        let drawn = Exponential::new(ms(107)).unwrap();
        let expected = Exponential::new(ms(100)).unwrap();
        assert!(scaled_distance(&drawn, &expected) > LIMIT);
    }

    #[test]
    fn a_misplaced_atom_does_not_fit() {
        let distance = scaled_distance(&Constant::new(ms(100)), &Constant::new(ms(101)));
        assert!(distance > LIMIT);
    }
}
