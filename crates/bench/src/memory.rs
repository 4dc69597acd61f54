//! Memory, as the most that a process ever held: each run is a process of its own, this program again,
//! which tells its peak when it ends.

use std::num::NonZeroUsize;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use awaitlab_all::All;
use awaitlab_core::Rest;
use awaitlab_engine::Engine;
use awaitlab_harness::{JobRun, World};
use awaitlab_policies::StackSpec;

use crate::lab::{self, Policies, SEED};
use crate::models::{FanOut, Queue};

/// What a process of its own does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    /// One job of so many calls, all in flight at once.
    InFlight,
    /// Calls of 10 ms under a timeout of 30 s, ten million a second, for so many milliseconds.
    Timeouts,
    /// Fan-outs of 100 with so many calls in all.
    FanOuts,
    /// So many requests, one after another, in one replication of the queue.
    Requests,
}

/// Does it, and gives the most memory that this process has held so far, in bytes.
///
/// # Errors
/// When the run is not what it should be, or the system does not tell.
pub(crate) fn run(case: Case, size: u64) -> anyhow::Result<u64> {
    match case {
        Case::InFlight => in_flight(size)?,
        Case::Timeouts => timeouts(size)?,
        Case::FanOuts => {
            let model = FanOut {
                calls: 100,
                replications: size.div_ceil(100),
            };
            let record = lab::run(&lab::fan_out(&model, Policies::None)?, NonZeroUsize::MIN)?;
            ensure!(record.summary.rows[0].jobs == model.replications);
        }
        Case::Requests => {
            let model = Queue {
                seconds: size / u64::from(Queue::PER_S),
                replications: 1,
            };
            let record = lab::run(&lab::queue(&model)?, NonZeroUsize::MIN)?;
            ensure!(record.summary.rows[0].jobs > model.requests() / 2);
        }
    }
    peak_bytes()
}

/// A bare job of many calls. The lab draws the first job of a contest, attempt by attempt, which is not
/// what is asked for here; so the job is run in a world without a contest around it.
///
/// What a call in flight holds is then: its attempt at the service, with what the service writes of it; its
/// timer, and that timer's place in the event queue; its state in the job's books, and the place that its
/// end will take. What grows by doubling is in it as it is.
fn in_flight(calls: u64) -> anyhow::Result<()> {
    let calls = u32::try_from(calls).context("a job has fewer calls")?;
    let model = FanOut {
        calls,
        replications: 1,
    };
    let scenario = lab::fan_out(&model, Policies::None)?;
    let engine = Engine::new();
    let policies = StackSpec::default();
    let world = World::new(engine.handle().clone(), &scenario.variants[0], &policies);
    world.begin_replication(SEED, 0);
    let run = JobRun::new(world);
    run.begin(0, All::default(), Rest::Orphan);
    engine.run();
    let outcome = run.close();
    ensure!(outcome.peak_in_flight == u64::from(calls) && outcome.delivered == u64::from(calls));
    engine.reset();
    Ok(())
}

/// Jobs of a hundred calls, a hundred thousand of them a second: 1000 jobs are in flight at a time, and
/// with them 100 000 calls and as many timeouts. Each timeout would be pending for 30 s.
fn timeouts(ms: u64) -> anyhow::Result<()> {
    let scenario = lab::read(&format!(
        "version = 1
         title = \"Timeouts that never strike\"
         seed = {SEED}
         replications = 1
         analysis = \"terminating\"
         job.calls = 100
         downstream.api.latency = {{ kind = \"constant\", value = \"10ms\" }}
         [workload]
         kind = \"open\"
         arrivals = {{ kind = \"constant\", rate = \"100000/s\" }}
         duration = \"{ms}ms\"
         [[strategy]]
         name = \"all\"
         kind = \"all\"
         policies = [{{ kind = \"timeout\", after = \"30s\" }}]"
    ))?;
    let record = lab::run(&scenario, NonZeroUsize::MIN)?;
    let row = &record.summary.rows[0];
    ensure!(row.jobs == ms * 100 && row.fulfilled == row.jobs);
    ensure!(row.settle_ms.max == Some(10.0));
    Ok(())
}

/// The most memory that this process has held so far.
fn peak_bytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")
        .context("peak memory is measured where the system tells it in /proc (Linux)")?;
    peak_in(&status).context("/proc/self/status has no VmHWM")
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The same of a new process.
///
/// # Errors
/// When it fails.
pub(crate) fn of_process(case: Case, size: u64) -> anyhow::Result<f64> {
    let value = clap::ValueEnum::to_possible_value(&case).context("every case has a name")?;
    let output = Command::new(std::env::current_exe()?)
        .args(["memory", value.get_name(), &size.to_string()])
        .output()
        .context("this program cannot run itself")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} {size} fails: {said}", value.get_name());
    }
    let bytes = String::from_utf8_lossy(&output.stdout);
    Ok(bytes.trim().parse::<u64>()? as f64)
}

/// Bytes for each of a million calls in flight.
///
/// # Errors
/// When a process fails.
pub(crate) fn bytes_per_call_in_flight() -> anyhow::Result<f64> {
    bytes_of_each_in_flight(1_000_000)
}

/// Bytes for each of so many calls in flight, what a process holds with a thousand taken off.
///
/// # Errors
/// When a process fails.
pub(crate) fn bytes_of_each_in_flight(calls: u64) -> anyhow::Result<f64> {
    const FEW: u64 = 1_000;
    ensure!(calls > FEW, "{calls} calls are too few to be told apart");
    let bytes = of_process(Case::InFlight, calls)? - of_process(Case::InFlight, FEW)?;
    Ok(bytes / (calls - FEW) as f64)
}

/// The memory of 2 million calls, of which 100 000 are in flight at a time and the others have left
/// their timeouts behind, over that of those 100 000 alone. Of both, what the process holds anyway is
/// taken off.
///
/// # Errors
/// When a process fails.
pub(crate) fn timer_garbage_vs_live() -> anyhow::Result<f64> {
    // A job, as each replication needs a whole one: 1 ms are 100 jobs of which ten are 1 % of the live.
    let live = of_process(Case::Timeouts, 10)?;
    let all = of_process(Case::Timeouts, 200)?;
    let anyway = of_process(Case::FanOuts, 100)?;
    Ok((all - anyway) / (live - anyway))
}

/// The memory of many requests over that of 100 000: of fan-outs and of the queue, whichever is more.
///
/// # Errors
/// When a process fails.
pub(crate) fn many_requests_vs_few(requests: u64) -> anyhow::Result<f64> {
    const FEW: u64 = 100_000;
    let ratio = |case| anyhow::Ok(of_process(case, requests)? / of_process(case, FEW)?);
    Ok(ratio(Case::FanOuts)?.max(ratio(Case::Requests)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        let status = "Name:\tbench\nVmPeak:\t   99 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 7 kB\n";
        assert_eq!(peak_in(status), Some(1234 * 1024));
        assert_eq!(peak_in("VmHWM: many"), None);
    }

    #[test]
    fn every_case_runs_and_finds_what_it_should() {
        in_flight(50).unwrap();
        timeouts(1).unwrap();
        for case in [Case::FanOuts, Case::Requests] {
            run(case, 1000).unwrap();
        }
    }
}
