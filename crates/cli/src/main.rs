//! The `awaitlab` command.
//!
//! The only place that knows the machine: its arguments, its terminal, its clock, its signals.
//! Results go to stdout, everything else to stderr.

mod args;
mod check;
mod compare;
mod completions;
mod exit;
mod list;
mod output;
mod progress;
mod run;
mod schema;
mod select;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let exit = match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Validate(args) => validate::validate(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::List => list::list(),
        Command::Schema => schema::schema(),
        Command::Completions { shell } => completions::completions(shell),
    };
    exit.unwrap_or_else(|error| exit::report(&error)).into()
}
