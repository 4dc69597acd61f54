//! What can be said on the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  awaitlab run scenarios/three-requests.toml      the comparison, and reports/three-requests/
  awaitlab run my.toml --no-report                the table alone
  awaitlab run my.toml --set job.calls=50         the same with another value
  awaitlab run scenarios/*.toml --out results     several, one folder each
  awaitlab compare reports/before reports/after   what changed, and is it real?
  awaitlab check my.toml                          is it right?
  awaitlab validate                               does the simulation agree with theory?
  awaitlab list                                   what a scenario can say
";

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the run failed (input or output, a foreign folder in the way)
  2    bad usage or a bad scenario; nothing was run, nothing was written
  99   an [[expect]] of a scenario was missed, or compare found a regression
  130  interrupted; what was finished is kept and marked
";

/// Which way of running many asynchronous calls should I use, and what does it cost when things
/// fail?
#[derive(Debug, Parser)]
#[command(
    name = "awaitlab",
    version,
    arg_required_else_help = true,
    before_help = EXAMPLES,
    after_help = EXIT_CODES,
    subcommand_required = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios, print the comparison, and write the report
    Run(RunArgs),
    /// Read scenarios and say what is wrong with them
    Check(CheckArgs),
    /// Show what changed between two report folders, and whether it is real
    Compare(CompareArgs),
    /// Hold the simulation against closed forms: joins, policies, queues
    Validate(ValidateArgs),
    /// Show strategies, latency and fault kinds, and the scenarios in scenarios/
    List,
    /// Print the JSON Schema of the scenario format
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What to run, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Folder of the report; with several scenarios, of their folders [default: reports/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Seed of all randomness, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How often each cell is repeated, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) replications: Option<u64>,
    /// Add replications until half the interval is at most this part of the value, such as 2%;
    /// --replications is then their maximum
    #[arg(long, value_name = "PERCENT")]
    pub(crate) precision: Option<String>,
    /// Threads; the results are the same for any number [default: one per core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Run only this strategy (may be repeated)
    #[arg(long = "strategy", value_name = "NAME")]
    pub(crate) strategies: Vec<String>,
    /// Run only this variant (may be repeated)
    #[arg(long = "variant", value_name = "NAME")]
    pub(crate) variants: Vec<String>,
    /// Replace a value of the scenario, such as job.calls=50 (may be repeated)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write jobs.csv too: one row per job
    #[arg(long)]
    pub(crate) jobs: bool,
    /// Write jobs.csv even if it has more than 2 million rows
    #[arg(long)]
    pub(crate) many_jobs: bool,
    /// Write data files only
    #[arg(long)]
    pub(crate) no_charts: bool,
    /// Write nothing
    #[arg(long)]
    pub(crate) no_report: bool,
    /// No progress and no remarks; errors only
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Replace a value of the scenario, such as job.calls=50 (may be repeated)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
}

/// The seed of `validate` where none is given.
pub(crate) const SEED: u64 = 1;

/// How the simulation is validated.
#[derive(Debug, clap::Args)]
pub(crate) struct ValidateArgs {
    /// Seed of all randomness
    #[arg(long, value_name = "N", default_value_t = SEED)]
    pub(crate) seed: u64,
    /// Also count what fails under so many seeds that follow
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) other_seeds: u32,
    /// Threads; the results are the same for any number [default: one per core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Page::Table)]
    pub(crate) format: Page,
    /// No progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How checks are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Page {
    /// One line a check
    Table,
    /// A page with formulas and standard errors
    Markdown,
}

/// What to compare, and by what.
#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// A report folder
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// Another one: changes are from A to B
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Exit with 99 where a figure is worse by more than this part of A's, such as 5%, and not by
    /// chance
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) fail_over: Option<f64>,
    /// Compare this figure, such as settle_ms.p99 (may be repeated) [default: mean and p99 of the
    /// settle time, success rate, amplification, goodput]
    #[arg(long = "metric", value_name = "NAME")]
    pub(crate) metrics: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = ChangesFormat::Table)]
    pub(crate) format: ChangesFormat,
}

/// How changes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangesFormat {
    /// Tables for people
    Table,
    /// Tables as Markdown
    Markdown,
    /// Everything, as JSON
    Json,
    /// A row per figure
    Csv,
}

/// How the comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Table,
    /// summary.json
    Json,
    /// table.csv
    Csv,
    /// The table as Markdown
    Markdown,
}

impl RunArgs {
    /// Everything that replaces a value of the scenario, in order.
    pub(crate) fn overrides(&self) -> Vec<(String, String)> {
        let number = |key: &str, value: Option<u64>| value.map(|n| (key.to_owned(), n.to_string()));
        let mut overrides = self.set.clone();
        overrides.extend(number("seed", self.seed));
        overrides.extend(number("replications", self.replications));
        let precision = self.precision.as_ref();
        overrides.extend(precision.map(|p| ("precision".to_owned(), p.clone())));
        overrides
    }
}

/// More threads than any machine has cores for a run: beyond it the system spends minutes on
/// starting them, or ends in the middle.
const MOST_THREADS: usize = 1024;

fn threads(argument: &str) -> Result<NonZeroUsize, String> {
    let number = argument.parse::<NonZeroUsize>().ok();
    number
        .filter(|number| number.get() <= MOST_THREADS)
        .ok_or_else(|| format!("must be a whole number from 1 to {MOST_THREADS}"))
}

fn percent(argument: &str) -> Result<f64, String> {
    let number = argument.trim().trim_end_matches('%').trim_end();
    let percent = number.parse::<f64>().ok();
    percent
        .filter(|percent| percent.is_finite() && *percent >= 0.0)
        .ok_or_else(|| "must be a percentage of 0 or more, such as 5%".to_owned())
}

fn key_and_value(argument: &str) -> Result<(String, String), String> {
    match argument.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("say it as KEY=VALUE, such as job.calls=50".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn threads_are_as_many_as_a_machine_can_start() {
        assert_eq!(threads("1024").map(NonZeroUsize::get), Ok(1024));
        for wrong in ["0", "1025", "-1", "many", "99999999999999999999"] {
            assert!(threads(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_percentage_is_a_number_with_or_without_its_sign() {
        assert_eq!(
            ["5", "5%", "2.5 %", "0"].map(percent),
            [5.0, 5.0, 2.5, 0.0].map(Ok)
        );
        for wrong in ["-1", "", "%", "five", "inf", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_override_is_a_key_and_a_value_that_may_contain_anything() {
        let parsed = key_and_value("title=a = b").unwrap();
        assert_eq!(parsed, ("title".to_owned(), "a = b".to_owned()));
        assert!(key_and_value("job.calls").is_err());
        assert!(key_and_value("=3").is_err());
    }
}
