//! `awaitlab validate`.

use std::fmt::Write;
use std::num::NonZeroUsize;

use awaitlab_validation::page::{self, Count};
use awaitlab_validation::{BATCHES, Effort, FamilyOutcome, ValidationError, families, run};

use crate::args::{Page, ValidateArgs};
use crate::exit::Exit;
use crate::output;
use crate::progress::{self, Progress};

/// Runs all checks and prints them. One that fails makes the command fail.
pub(crate) fn validate(args: &ValidateArgs) -> anyhow::Result<Exit> {
    progress::obey_ctrl_c();
    let Some(outcomes) = under(args, args.seed)? else {
        return Ok(Exit::Interrupted);
    };
    let mut text = match args.format {
        Page::Table => page::text(&outcomes, args.seed),
        Page::Markdown => head(args, &outcomes) + &page::markdown(&outcomes, BATCHES),
    };
    if args.other_seeds > 0 {
        let Some(others) = other_seeds(args)? else {
            return Ok(Exit::Interrupted);
        };
        let _ = write!(
            text,
            "\n{}",
            page::other_seeds(args.format == Page::Markdown, &others)
        );
    }
    output::results(&text)?;
    // Under other seeds chance may have its one in a thousand.
    Ok(match Count::of(&outcomes).failed.as_slice() {
        [] => Exit::Done,
        _ => Exit::Failed,
    })
}

/// The outcomes under a seed; `None` when interrupted.
fn under(args: &ValidateArgs, seed: u64) -> anyhow::Result<Option<Vec<FamilyOutcome>>> {
    let families = families();
    let studies: usize = families.iter().map(|family| family.studies.len()).sum();
    let runs = studies as u64 * u64::from(BATCHES);
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let effort = Effort {
        seed,
        batches: BATCHES,
        threads: args.threads.unwrap_or(cores),
    };
    let watched = Progress::of(&format!("seed {seed}"), "runs", runs, args.quiet);
    match run(&families, effort, &watched) {
        Ok(outcomes) => Ok(Some(outcomes)),
        Err(ValidationError::Interrupted) => {
            output::diagnose("interrupted before all checks were run");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What failed under each of the seeds that follow.
fn other_seeds(args: &ValidateArgs) -> anyhow::Result<Option<Vec<(u64, Count)>>> {
    let mut counts = Vec::new();
    for further in 1..=u64::from(args.other_seeds) {
        let seed = args.seed.wrapping_add(further);
        let Some(outcomes) = under(args, seed)? else {
            return Ok(None);
        };
        counts.push((seed, Count::of(&outcomes)));
    }
    Ok(Some(counts))
}

fn head(args: &ValidateArgs, outcomes: &[FamilyOutcome]) -> String {
    let mut command = "awaitlab validate --format markdown".to_owned();
    if args.seed != crate::args::SEED {
        let _ = write!(command, " --seed {}", args.seed);
    }
    if args.other_seeds > 0 {
        let _ = write!(command, " --other-seeds {}", args.other_seeds);
    }
    page::head(&command, args.seed, BATCHES, &Count::of(outcomes))
}
