//! Outcomes as text: one line a check, or a Markdown table.

use std::fmt::Write;

use crate::outcome::{FamilyOutcome, Outcome, critical};

/// How many checks there were, and what failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// All checks.
    pub checks: usize,
    /// `study: check` of those that failed.
    pub failed: Vec<String>,
}

impl Count {
    /// Counts.
    pub fn of(families: &[FamilyOutcome]) -> Count {
        let all = || families.iter().flat_map(FamilyOutcome::outcomes);
        let failed = all().filter(|(_, outcome)| !outcome.ok);
        let failed = failed.map(|(study, outcome)| format!("{study}: {}", outcome.name));
        Count {
            checks: all().count(),
            failed: failed.collect(),
        }
    }
}

/// One line a check, in at most 80 columns, and a summary.
pub fn text(families: &[FamilyOutcome], seed: u64) -> String {
    let mut text = String::new();
    for family in families {
        let _ = writeln!(text, "{}: {}", family.name, family.about);
        let [theory, simulated] = ["theory", "simulated"];
        let _ = writeln!(text, "{:44} {theory:>11} {simulated:>11} {:>6}", "", "z");
        for study in &family.studies {
            let _ = writeln!(text, "  {}", study.name);
            for outcome in &study.outcomes {
                let _ = writeln!(text, "{}", line(outcome));
            }
        }
        text.push('\n');
    }
    let Count { checks, failed } = Count::of(families);
    let _ = match failed.len() {
        0 => writeln!(text, "{checks} checks with seed {seed}: all ok"),
        failed => writeln!(text, "{checks} checks with seed {seed}: {failed} FAILED"),
    };
    text
}

fn line(outcome: &Outcome) -> String {
    let Outcome {
        name,
        theory,
        simulated,
        ..
    } = outcome;
    let z = outcome
        .z()
        .map_or("exact".to_owned(), |z| format!("{z:.2}"));
    let verdict = if outcome.ok { "ok" } else { "FAIL" };
    let (theory, simulated) = (digits(*theory), digits(*simulated));
    format!("    {name:40} {theory:>11} {simulated:>11} {z:>6} {verdict}")
}

/// The beginning of a page: what was done, by which command and version.
pub fn head(command: &str, seed: u64, runs: u32, count: &Count) -> String {
    let Count { checks, failed } = count;
    let failed = failed.len();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "# Simulation against theory\n\n\
         {checks} checks with seed {seed}: {failed} failed.\n\n\
         Made by `{command}`, awaitlab {version}; do not edit.\n\n\
         Each study is a scenario that is run {runs} times with seeds of its own. ± is the standard \
         error of the mean of the runs, z the distance from theory in standard errors. Service has a \
         mean of 1 s where nothing else is said: mu. What makes a check honest, and how scenarios \
         are said, is in `crates/validation`.\n\n"
    )
}

/// What failed under other seeds, each named.
pub fn other_seeds(is_markdown: bool, counts: &[(u64, Count)]) -> String {
    let checks: usize = counts.iter().map(|(_, count)| count.checks).sum();
    let failed: usize = counts.iter().map(|(_, count)| count.failed.len()).sum();
    let [first, last] = [counts.first(), counts.last()].map(|of| of.map_or(0, |(seed, _)| *seed));
    let mut text = if is_markdown {
        "## Other seeds\n\n".to_owned()
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "Seeds {first} to {last}: {failed} of {checks} checks failed; chance would have {:.1}. Checks of \
         one world meet the same random numbers, so those of one seed may fail together.",
        checks as f64 / 1000.0
    );
    for (seed, count) in counts {
        for (index, check) in count.failed.iter().enumerate() {
            let gap = if index == 0 && is_markdown { "\n" } else { "" };
            let _ = writeln!(text, "{gap}- seed {seed}: {check}");
        }
    }
    text
}

/// A section for each family with a table: theory beside simulation.
pub fn markdown(families: &[FamilyOutcome], runs: u32) -> String {
    let mut page = String::new();
    for family in families {
        let _ = writeln!(page, "## {}\n\n{}.\n", family.name, capital(family.about));
        page.push_str("| study | figure | formula | theory | simulation | z | |\n");
        page.push_str("|---|---|---|--:|--:|--:|---|\n");
        for study in &family.studies {
            let mut name = study.name.as_str();
            for outcome in &study.outcomes {
                let _ = writeln!(page, "| {name} {}", cells(outcome));
                // Said once a study: the table is read downwards.
                name = "";
            }
        }
        page.push('\n');
    }
    let all = || families.iter().flat_map(FamilyOutcome::outcomes);
    let exact = all().filter(|(_, outcome)| outcome.z().is_none()).count();
    let beyond = |limit: f64| {
        let z = all().filter_map(|(_, outcome)| outcome.z());
        z.filter(|z| z.abs() > limit).count()
    };
    let varying = Count::of(families).checks - exact;
    let _ = writeln!(
        page,
        "{exact} values do not vary and are exact. Of the {varying} others {} lie more than one \
         standard error from theory, {} more than two; Student's t with {} degrees of freedom would \
         have {:.0} and {:.0}. A check fails beyond {:.2}.",
        beyond(1.0),
        beyond(2.0),
        runs - 1,
        expected(varying, 1.0, runs),
        expected(varying, 2.0, runs),
        critical(runs as usize),
    );
    page
}

/// How many of so many checks chance puts beyond `t` standard errors.
fn expected(checks: usize, t: f64, runs: u32) -> f64 {
    checks as f64 * awaitlab_stats::student::two_sided_p(t, u64::from(runs) - 1)
}

fn cells(outcome: &Outcome) -> String {
    let Outcome {
        name,
        formula,
        theory,
        simulated,
        standard_error,
        ..
    } = outcome;
    let (theory, simulated) = (digits(*theory), digits(*simulated));
    let (simulated, z) = match outcome.z() {
        Some(z) => {
            let off = format!("{standard_error:.1e}")
                .parse()
                .unwrap_or(*standard_error);
            (format!("{simulated} ± {off}"), format!("{z:.2}"))
        }
        None => (simulated, "exact".to_owned()),
    };
    let verdict = if outcome.ok { "ok" } else { "**FAIL**" };
    format!("| {name} | {formula} | {theory} | {simulated} | {z} | {verdict} |")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A number with six significant digits, without zeros at its end.
pub(crate) fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = (5 - magnitude).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits_and_no_zeros_behind() {
        assert_eq!(digits(1.833_333_333), "1.83333");
        assert_eq!(digits(0.000_123_456_7), "0.000123457");
        assert_eq!(digits(23_025.85), "23025.8");
        assert_eq!(digits(243.0), "243");
        assert_eq!(digits(0.0), "0");
        assert_eq!(digits(-0.5), "-0.5");
    }

    #[test]
    fn a_line_has_eighty_columns() {
        let outcome = Outcome {
            name: "n".repeat(40),
            formula: "",
            theory: 0.000_123_456_7,
            simulated: 12_345.6,
            standard_error: 1_000.0,
            ok: false,
        };
        assert!(
            line(&outcome).chars().count() <= 80 + 1,
            "{}",
            line(&outcome)
        );
    }
}
