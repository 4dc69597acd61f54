//! What came of checks.

use awaitlab_stats::{Confidence, Sample};

use crate::study::{Check, Study};

/// How sure a check is before it fails: a right simulator fails one in a thousand.
const LEVEL: f64 = 0.999;
/// How far a value that never varies may be from theory, relatively: the last digits of a double.
const ROUNDING: f64 = 1e-9;

/// Outcomes of the studies of one family.
pub struct FamilyOutcome {
    /// The family's name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// In its order.
    pub studies: Vec<StudyOutcome>,
}

/// Outcomes of the checks of one study.
pub struct StudyOutcome {
    /// The study's name.
    pub name: String,
    /// In its order.
    pub outcomes: Vec<Outcome>,
}

/// Theory beside simulation.
pub struct Outcome {
    /// What was checked, within its study.
    pub name: String,
    /// Where theory's value comes from.
    pub formula: &'static str,
    /// Theory's value.
    pub theory: f64,
    /// The mean over the runs.
    pub simulated: f64,
    /// Its standard error; 0 where every run gave the same.
    pub standard_error: f64,
    /// Whether simulation and theory agree.
    pub ok: bool,
}

impl FamilyOutcome {
    /// All outcomes, each with the name of its study.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.studies.iter().flat_map(|study| {
            let outcomes = study.outcomes.iter();
            outcomes.map(|outcome| (study.name.as_str(), outcome))
        })
    }
}

impl StudyOutcome {
    /// `values` holds one row a run, one value a check.
    pub(crate) fn of(study: &Study, values: &[Vec<f64>]) -> StudyOutcome {
        let outcome = |(index, check): (usize, &Check)| {
            let of_runs: Vec<f64> = values.iter().map(|run| run[index]).collect();
            Outcome::of(check, &of_runs)
        };
        StudyOutcome {
            name: study.name.clone(),
            outcomes: study.checks.iter().enumerate().map(outcome).collect(),
        }
    }
}

impl Outcome {
    /// Judges a check by what each run gave.
    pub fn of(check: &Check, values: &[f64]) -> Outcome {
        let theory = check.theory;
        let sample = Sample::of(values);
        let simulated = sample.map_or(f64::NAN, |sample| sample.mean);
        let variance = sample.and_then(|sample| sample.variance);
        let standard_error = (variance.unwrap_or(f64::NAN) / values.len() as f64).sqrt();
        let off = (simulated - theory).abs();
        let ok = if standard_error > 0.0 {
            off < standard_error * critical(values.len())
        } else {
            off <= ROUNDING * theory.abs().max(1.0)
        };
        Outcome {
            name: check.name(),
            formula: check.formula,
            theory,
            simulated,
            standard_error,
            ok,
        }
    }

    /// The distance in standard errors; `None` where nothing varies.
    pub fn z(&self) -> Option<f64> {
        (self.standard_error > 0.0).then(|| (self.simulated - self.theory) / self.standard_error)
    }
}

/// How many standard errors a mean of that many runs may be off.
pub fn critical(runs: usize) -> f64 {
    // A constant between 0 and 1 is a confidence.
    let level = Confidence::new(LEVEL).unwrap_or(Confidence::P95);
    level.t(runs.saturating_sub(1) as u64)
}
