//! How often the intervals of a report hold the truth, as a page of Markdown.
//!
//! Run it with: cargo run --release -p awaitlab-validation --example coverage
//!
//! Takes `--studies N` (1000 when absent), `--threads N` (one per core) and `--only TEXT` (the worlds
//! with this in their names). The page is the same for any number of threads. It goes to standard output, progress to standard error; the exit code is
//! 1 where something lies outside of its bounds.
#![allow(clippy::print_stdout, clippy::print_stderr)] // An example talks to whoever runs it.

use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use awaitlab_validation::coverage::alike::{twins, winners};
use awaitlab_validation::coverage::page::Page;
use awaitlab_validation::coverage::{Effort, World, measure, pitfalls, worlds};

const STUDIES: u64 = 1000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Asked {
        effort,
        only,
        command,
    } = asked()?;
    let measured = |worlds: Vec<World>| {
        let worlds = worlds.into_iter();
        let worlds = worlds.filter(|world| world.name.contains(&only));
        let measured = worlds.map(|world| {
            let name = world.name.clone();
            let progress = Progress::of(&name, effort.studies);
            measure(world, effort, &|| progress.study_done())
        });
        measured.collect::<Result<Vec<_>, _>>()
    };
    let (worlds, pitfalls) = (measured(worlds())?, measured(pitfalls())?);
    let twins = twins().into_iter();
    let twins = twins.filter(|twins| twins.name.contains(&only));
    let winners = twins.map(|twins| {
        let progress = Progress::of(twins.name, twins.effort(effort).studies);
        let winners = winners(&twins, effort, &|| progress.study_done())?;
        Ok((twins, winners))
    });
    let winners = winners.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let page = Page {
        command: &command,
        studies: effort.studies,
        worlds: &worlds,
        pitfalls: &pitfalls,
        winners: &winners,
    };
    print!("{}", page.markdown());
    let failed = page.failed();
    for figure in &failed {
        eprintln!("outside of its bounds: {figure}");
    }
    Ok(ExitCode::from(u8::from(!failed.is_empty())))
}

/// What the command line asks for.
struct Asked {
    effort: Effort,
    /// Part of the names of worlds.
    only: String,
    /// The command that says so.
    command: String,
}

fn asked() -> Result<Asked, Box<dyn Error>> {
    let mut effort = Effort {
        studies: STUDIES,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    };
    let mut only = String::new();
    let mut command = "scripts/study-coverage".to_owned();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        match word.as_str() {
            "--threads" => effort.threads = value.parse()?,
            "--studies" => {
                effort.studies = value.parse::<NonZeroUsize>()?.get() as u64;
                command.push_str(&format!(" --studies {value}"));
            }
            "--only" => {
                command.push_str(&format!(" --only {value:?}"));
                only = value;
            }
            _ => {
                let known = "--studies N, --threads N and --only TEXT";
                return Err(format!("{word:?}: there are {known}").into());
            }
        }
    }
    Ok(Asked {
        effort,
        only,
        command,
    })
}

/// Says on standard error how far a world is, in tenths.
struct Progress<'a> {
    name: &'a str,
    studies: u64,
    done: AtomicU64,
}

impl<'a> Progress<'a> {
    fn of(name: &'a str, studies: u64) -> Progress<'a> {
        let done = AtomicU64::new(0);
        Progress {
            name,
            studies,
            done,
        }
    }

    fn study_done(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(self.studies.div_ceil(10)) || done == self.studies {
            eprintln!("{}: {done} of {} studies", self.name, self.studies);
        }
    }
}
