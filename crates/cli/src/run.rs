//! `awaitlab run`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use awaitlab_harness::{Contest, RunError};
use awaitlab_record::summary::RunStatus;
use awaitlab_record::{Folder, Record, Writer, table_csv, write_record};
use awaitlab_scenario::Scenario;

use crate::args::{Format, RunArgs};
use crate::exit::{BadUsage, Exit};
use crate::progress::{self, Progress};
use crate::{output, select};

/// Rows of `jobs.csv` that nobody gets by accident.
const MANY_JOBS: u64 = 2_000_000;

/// Runs every scenario that is named. All are read, and all places for their reports are looked at
/// and then taken, before the first is run: nobody waits an hour for a folder that is read-only.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let scenarios = select::read(&args.scenarios, &args.overrides())?;
    for scenario in &scenarios {
        check(args, scenario)?;
    }
    let places = places(args, &scenarios)?;
    // Taking a place leaves a trace, which an interruption must know to remove.
    progress::obey_ctrl_c();
    let writers: Vec<Option<Writer>> = places
        .iter()
        .map(|place| place.as_ref().map(Folder::begin).transpose())
        .collect::<Result<_, _>>()?;
    let mut exit = Exit::Done;
    for (scenario, writer) in scenarios.iter().zip(writers) {
        match run_one(args, scenario, writer)? {
            Exit::Done => {}
            Exit::Interrupted => return Ok(Exit::Interrupted),
            other => exit = other,
        }
    }
    Ok(exit)
}

/// What the arguments say of a scenario must fit it.
fn check(args: &RunArgs, scenario: &Scenario) -> anyhow::Result<()> {
    let strategies = scenario
        .strategies
        .iter()
        .map(|strategy| strategy.name.as_str());
    select::check_chosen("strategy", &args.strategies, strategies)?;
    let variants = scenario
        .variants
        .iter()
        .map(|variant| variant.name.as_str());
    select::check_chosen("variant", &args.variants, variants)?;
    let jobs = contest(args, scenario).jobs();
    if args.jobs && jobs > MANY_JOBS && !args.many_jobs {
        let name = &scenario.name;
        return Err(BadUsage(format!(
            "jobs.csv of {name} would have {jobs} rows; --many-jobs writes it all the same"
        ))
        .into());
    }
    Ok(())
}

/// Where each report goes; `None` where none is wanted.
fn places(args: &RunArgs, scenarios: &[Scenario]) -> anyhow::Result<Vec<Option<Folder>>> {
    if args.no_report {
        return Ok(scenarios.iter().map(|_| None).collect());
    }
    let folder = |scenario: &Scenario| match &args.out {
        Some(out) if scenarios.len() == 1 => out.clone(),
        Some(out) => out.join(&scenario.name),
        None => Path::new("reports").join(&scenario.name),
    };
    let folders: Vec<PathBuf> = scenarios.iter().map(folder).collect();
    for (index, path) in folders.iter().enumerate() {
        if folders[..index].contains(path) {
            let path = path.display();
            return Err(BadUsage(format!("two scenarios would be written to {path}")).into());
        }
    }
    folders
        .iter()
        .map(|path| Ok(Some(Folder::open(path)?)))
        .collect()
}

fn contest<'a>(args: &'a RunArgs, scenario: &'a Scenario) -> Contest<'a> {
    let chosen = |names: &'a [String]| {
        move |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name)
    };
    let contest = Contest::new(scenario)
        .only_strategies(chosen(&args.strategies))
        .only_variants(chosen(&args.variants));
    if args.jobs {
        contest.keeping_jobs()
    } else {
        contest
    }
}

fn run_one(args: &RunArgs, scenario: &Scenario, writer: Option<Writer>) -> anyhow::Result<Exit> {
    let record = {
        let contest = contest(args, scenario);
        let progress = Progress::new(&scenario.name, contest.replications(), args.quiet);
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        contest
            .on_threads(args.threads.unwrap_or(cores))
            .observed_by(&progress)
            .run()
    };
    let record = match record {
        Ok(record) => record,
        Err(RunError::NothingRun) => {
            output::diagnose(&format!("{}: {}", scenario.name, RunError::NothingRun));
            return Ok(Exit::Interrupted);
        }
        Err(error) => return Err(error).with_context(|| scenario.name.clone()),
    };
    // The report first: whoever pipes the table into `head` still gets it. And the table whatever
    // became of the report: the run may have taken long.
    let written = writer.map(|writer| write_report(&record, writer, !args.no_charts));
    let printed = print(args.format, &record);
    let written = written.transpose()?;
    printed?;
    if let Some(path) = written.filter(|_| !args.quiet) {
        output::diagnose(&format!("report: {}", path.join("report.md").display()));
    }
    Ok(exit(&record))
}

fn exit(record: &Record) -> Exit {
    let summary = &record.summary;
    if summary.status == RunStatus::Interrupted {
        let run = summary.scenario.replications;
        output::diagnose(&format!(
            "interrupted: the figures are of the first {run} replications"
        ));
        Exit::Interrupted
    } else if summary
        .expectations
        .iter()
        .all(|expectation| expectation.held)
    {
        Exit::Done
    } else {
        Exit::Missed
    }
}

fn print(format: Format, record: &Record) -> anyhow::Result<()> {
    let summary = &record.summary;
    let text = match format {
        Format::Table => awaitlab_report::terminal(summary, output::width(), output::color()),
        Format::Json => summary.to_json()?,
        Format::Markdown => awaitlab_report::markdown_table(summary),
        Format::Csv => {
            let mut csv = Vec::new();
            table_csv::write(summary, &mut csv)?;
            String::from_utf8_lossy(&csv).into_owned()
        }
    };
    output::results(&text)
}

fn write_report(record: &Record, mut writer: Writer, with_charts: bool) -> anyhow::Result<PathBuf> {
    let path = writer.path().to_owned();
    let charts = if with_charts {
        awaitlab_report::charts(record)?
    } else {
        Vec::new()
    };
    write_record(&mut writer, record)?;
    writer.file("report.md", awaitlab_report::markdown(record, &charts))?;
    for (chart, png) in charts.iter().zip(awaitlab_report::pngs(&charts)?) {
        writer.file(&format!("charts/{}.svg", chart.name), chart.svg())?;
        writer.file(&format!("charts/{}.png", chart.name), png)?;
    }
    writer.finish()?;
    Ok(path)
}
