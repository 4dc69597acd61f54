//! Time, taken fairly: contenders run in turn (A B A B ...), the median run of each counts.
//!
//! What runs on one thread is measured by the time that the processor spent on this process, so that a
//! machine that is busy with other things disturbs less. Only what is about several cores, or about a
//! user who waits, is measured by the clock on the wall.

use cpu_time::ProcessTime;

/// How long some work took, in seconds, and over how many calls (or events) that is spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) calls: u64,
}

/// Who is measured.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<Run> + 'a>,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) name: &'static str,
    /// Of the median run.
    pub(crate) ns_per_call: f64,
}

impl<'a> Contender<'a> {
    /// Somebody whose runs are right: who finds a wrong answer gives an error instead of a time.
    pub(crate) fn new(name: &'static str, run: impl FnMut() -> anyhow::Result<Run> + 'a) -> Self {
        Contender {
            name,
            run: Box::new(run),
        }
    }
}

impl Timing {
    /// How many times as long this takes as the other.
    pub(crate) fn over(&self, other: &Timing) -> f64 {
        self.ns_per_call / other.ns_per_call
    }
}

/// Runs each once to warm up, then all in turn, so often; gives the median run of each.
///
/// # Errors
/// The first error of any of them.
pub(crate) fn interleaved(
    rounds: usize,
    mut contenders: Vec<Contender<'_>>,
) -> anyhow::Result<Vec<Timing>> {
    let runs = turns(rounds, &mut contenders)?;
    let timing = |(contender, runs): (&Contender<'_>, Vec<f64>)| Timing {
        name: contender.name,
        ns_per_call: median(runs),
    };
    Ok(contenders.iter().zip(runs).map(timing).collect())
}

/// Runs each once to warm up, then all in turn, so often; gives the nanoseconds of a call in every run
/// of each.
///
/// # Errors
/// The first error of any of them.
pub(crate) fn turns(
    rounds: usize,
    contenders: &mut [Contender<'_>],
) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut runs = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..=rounds {
        for (contender, runs) in contenders.iter_mut().zip(&mut runs) {
            let run = (contender.run)()?;
            if round > 0 {
                runs.push(run.seconds * 1e9 / run.calls as f64);
            }
        }
    }
    Ok(runs)
}

/// The middle one, or the mean of the two in the middle; no number where there is none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Does some work, and gives the processor's seconds.
pub(crate) fn on_processor<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = ProcessTime::now();
    let result = work();
    (result, began.elapsed().as_secs_f64())
}

/// Does some work, and gives the seconds that somebody waited for it.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is a binary, and measures the time that passes outside"
)]
pub(crate) fn on_the_wall<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = std::time::Instant::now();
    let result = work();
    (result, began.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median(vec![3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), 3.0, "of 2 and 4");
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn contenders_take_turns_and_the_first_turn_does_not_count() {
        let turns = RefCell::new(String::new());
        let contender = |name, seconds: [f64; 4]| {
            let (turns, mut seconds) = (&turns, seconds.into_iter());
            Contender::new(name, move || {
                turns.borrow_mut().push_str(name);
                let seconds = seconds.next().unwrap();
                Ok(Run { seconds, calls: 2 })
            })
        };
        let contenders = vec![
            contender("A", [900.0, 1.0, 9.0, 3.0]),
            contender("B", [1.0, 12.0, 12.0, 12.0]),
        ];
        let timings = interleaved(3, contenders).unwrap();
        assert_eq!(*turns.borrow(), "ABABABAB");
        assert_eq!(timings[0].ns_per_call, 1.5e9, "3 s over 2 calls");
        assert_eq!(timings[1].over(&timings[0]), 4.0);
    }

    #[test]
    fn who_is_wrong_gets_no_time() {
        let wrong = Contender::new("A", || anyhow::bail!("wrong"));
        assert!(interleaved(3, vec![wrong]).is_err());
    }
}
