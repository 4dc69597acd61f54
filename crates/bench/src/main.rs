//! The lab against hand-written event loops and against its peers, in one run.
//!
//! `cargo run --release -p awaitlab-bench` prints the table of targets, `--json` the same for programs.
//! A speed is printed only if every answer was right; a wrong one ends the run with exit code 1.

#![forbid(unsafe_code)]

mod alone;
mod books;
mod growth;
mod hand;
mod instructions;
mod lab;
mod measure;
mod memory;
mod models;
mod nexo;
mod paused;
mod simpy;
mod size;
mod speed;
mod startup;
mod targets;
mod timers;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::instructions::Work;
use crate::measure::Timing;
use crate::memory::Case;
use crate::simpy::Python;
use crate::size::Size;
use crate::targets::Measured;

// The one of the awaitlab command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The lab against hand-written event loops and against its peers, in one run
#[derive(Debug, Parser)]
#[command(
    name = "awaitlab-bench",
    version,
    args_conflicts_with_subcommands = true
)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the ratios for other programs, and nothing else, on stdout
    #[arg(long)]
    json: bool,
    /// Small sizes: to see that everything works; the figures mean little
    #[arg(long)]
    quick: bool,
    /// Requests of the long run whose memory is measured
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    requests: u64,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Count instructions per call under callgrind, beside the recorded counts
    Instructions {
        /// Record them
        #[arg(long)]
        record: bool,
    },
    /// Measure how costs grow with timers, calls in flight, replications and threads, and write a page
    Growth {
        /// The folder of growth.md and of its charts' folder
        #[arg(long, value_name = "DIR", default_value = "reports/studies")]
        out: PathBuf,
        /// Small sizes: to see that everything works; the figures mean little
        #[arg(long)]
        quick: bool,
    },
    /// Run something once and print the peak of this process's memory
    #[command(hide = true)]
    Memory { case: Case, size: u64 },
    /// Run something once, to be counted
    #[command(hide = true)]
    Work { what: Work, calls: u64 },
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        None => {
            let measured = measure(args)?;
            if args.json {
                return print(&targets::json(&measured).to_string());
            }
            print(&targets::table(&measured))
        }
        Some(Command::Instructions { record }) => print(&instructions::count(*record)?),
        Some(Command::Growth { out, quick }) => growth::study(out, *quick),
        Some(Command::Memory { case, size }) => print(&memory::run(*case, *size)?.to_string()),
        Some(Command::Work { what, calls }) => what.run(*calls),
    }
}

/// Everything, in the order of the targets.
fn measure(args: &Args) -> anyhow::Result<Vec<Measured>> {
    if cfg!(debug_assertions) {
        say("built without --release: the figures mean nothing");
    }
    let size = if args.quick {
        Size::quick()
    } else {
        Size::full(args.requests)
    };
    let mut measured = speeds(&size)?;
    say("memory");
    let bytes = memory::bytes_per_call_in_flight()?;
    measured.push(targets::BYTES_PER_CALL_IN_FLIGHT.measured(bytes));
    measured.push(targets::TIMER_GARBAGE_VS_LIVE.measured(memory::timer_garbage_vs_live()?));
    say(&format!("memory of {} requests", size.requests));
    let growth = memory::many_requests_vs_few(size.requests)?;
    say("start");
    measured.push(targets::STARTUP_S.measured(startup::seconds(size.rounds)?));
    measured.push(targets::MANY_REQUESTS_VS_FEW.measured(growth));
    Ok(measured)
}

fn speeds(size: &Size) -> anyhow::Result<Vec<Measured>> {
    let python = Python::find();
    if python.is_none() {
        say("SKIPPED: SimPy; no Python has it (pip install simpy, or name one in AWAITLAB_PYTHON)");
    }
    let mut measured = Vec::new();
    let fan_out = speed::fan_out(size, 100)?;
    tell("fan-out of 100", &fan_out);
    measured.push(targets::FANOUT_VS_HAND.measured(fan_out[0].over(&fan_out[1])));
    tell("fan-out of 3", &speed::fan_out(size, 3)?);
    let queue = speed::queue(size, python.as_ref())?;
    tell("M/M/4", &queue);
    let [lab, by_hand, _, alone, ..] = queue.as_slice() else {
        anyhow::bail!("somebody did not run");
    };
    let peers = |than: &Timing| [4, 5, 6].map(|peer| Some(queue.get(peer)?.over(than)));
    measured.push(targets::MMC_VS_HAND.measured(lab.over(by_hand)));
    let [tokio, nexosim, simpy] = peers(lab);
    measured.push(targets::MMC_VS_TOKIO_PAUSED.measured(tokio));
    measured.push(targets::MMC_VS_NEXOSIM.measured(nexosim));
    measured.push(targets::MMC_VS_SIMPY.measured(simpy));
    let [tokio, nexosim, simpy] = peers(alone);
    measured.push(targets::ALONE_VS_TOKIO_PAUSED.measured(tokio));
    measured.push(targets::ALONE_VS_NEXOSIM.measured(nexosim));
    measured.push(targets::ALONE_VS_SIMPY.measured(simpy));
    let stack = speed::full_stack(size)?;
    tell("policies", &stack);
    measured.push(targets::FULL_STACK_VS_BARE.measured(stack[0].over(&stack[1])));
    let hold = timers::hold(size)?;
    tell("an event at the engine's queue", &hold);
    measured.push(targets::MILLION_TIMERS_VS_THOUSAND.measured(hold[0].over(&hold[1])));
    let cores = speed::cores(size)?;
    match &cores {
        Some(cores) => tell("20 replications", cores),
        None => say("SKIPPED: two cores against one; there is one"),
    }
    let gain = cores.map(|cores| cores[0].over(&cores[1]));
    measured.push(targets::TWO_CORES_VS_ONE.measured(gain));
    Ok(measured)
}

/// Says what each took.
fn tell(what: &str, timings: &[Timing]) {
    say(&format!("{what}, ns a call:"));
    for timing in timings {
        say(&format!("  {:28} {:8.0}", timing.name, timing.ns_per_call));
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout().lock(), "{}", text.trim_end())?)
}

/// Says something that is no result. Where even that cannot be written, nobody can be told.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
