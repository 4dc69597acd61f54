//! Instructions per call, counted by callgrind: the same on a busy machine as on an idle one, so a
//! change can be judged where times cannot.
//!
//! A run is counted at two sizes; the difference, over the difference of calls, is what a call costs
//! without what every process costs. The counts are kept in `instructions.json`.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use crate::hand;
use crate::lab::{self, Policies, SEED};
use crate::models::{FanOut, Queue};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Work {
    FanOut,
    FanOutByHand,
    FanOutFullStack,
    Queue,
    QueueByHand,
}

impl Work {
    const ALL: [Work; 5] = [
        Work::FanOut,
        Work::FanOutByHand,
        Work::FanOutFullStack,
        Work::Queue,
        Work::QueueByHand,
    ];

    fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Does it once, with about so many calls.
    ///
    /// # Errors
    /// When the lab does not run it.
    pub(crate) fn run(self, calls: u64) -> anyhow::Result<()> {
        let fan_out = FanOut {
            calls: 100,
            replications: calls / 100,
        };
        let queue = Queue {
            seconds: calls / u64::from(Queue::PER_S),
            replications: 1,
        };
        let scenario = match self {
            Work::FanOutByHand => {
                std::hint::black_box(hand::fan_out::run(&fan_out, SEED));
                return Ok(());
            }
            Work::QueueByHand => {
                std::hint::black_box(hand::queue::run(&queue, SEED));
                return Ok(());
            }
            Work::FanOut => lab::fan_out(&fan_out, Policies::None)?,
            Work::FanOutFullStack => lab::fan_out(&fan_out, Policies::Idle)?,
            Work::Queue => lab::queue(&queue)?,
        };
        std::hint::black_box(lab::run(&scenario, NonZeroUsize::MIN)?);
        Ok(())
    }
}

/// Counts everything and says what it was before; writes it down where that is wanted.
///
/// # Errors
/// When valgrind fails, or the file cannot be read or written.
pub(crate) fn count(record: bool) -> anyhow::Result<String> {
    const FEWER: u64 = 32_000;
    const MORE: u64 = 96_000;
    let recorded = read()?;
    let mut said = String::new();
    let mut counted = Vec::new();
    for work in Work::ALL {
        let more = instructions(work, MORE)? as f64;
        let per_call = (more - instructions(work, FEWER)? as f64) / (MORE - FEWER) as f64;
        let name = work.name();
        let before = recorded.get(&name).and_then(Value::as_f64);
        let before = match before {
            Some(before) => {
                let change = 100.0 * (per_call / before - 1.0);
                format!("{before:.1} recorded, {change:+.1} %")
            }
            None => "none recorded".to_owned(),
        };
        writeln!(
            said,
            "{name:20} {per_call:8.1} instructions a call ({before})"
        )?;
        counted.push((name, per_call));
    }
    if record {
        std::fs::write(file(), written(&counted)).context("cannot write instructions.json")?;
    }
    Ok(said)
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

fn read() -> anyhow::Result<Value> {
    match std::fs::read_to_string(file()) {
        Ok(text) => serde_json::from_str(&text).context("instructions.json is no JSON"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Null),
        Err(error) => Err(error).context("cannot read instructions.json"),
    }
}

fn written(counted: &[(String, f64)]) -> String {
    let rounded = |per_call: f64| (per_call * 10.0).round() / 10.0;
    let counts = counted
        .iter()
        .map(|(name, of)| (name.clone(), json!(rounded(*of))));
    let counts: Map<String, Value> = counts.collect();
    format!("{:#}\n", Value::Object(counts))
}

fn instructions(work: Work, calls: u64) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["work", &work.name(), &calls.to_string()])
        .output()
        .context("cannot run valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind fails: {said}");
    }
    collected(&said).with_context(|| format!("callgrind tells no count: {said}"))
}

fn collected(said: &str) -> Option<u64> {
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    count?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said = "==7== Callgrind, a call-graph\n==7== \n==7== Collected : 123456\n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("==7== nothing"), None);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let text = written(&[("queue".to_owned(), 1234.56), ("fan-out".to_owned(), 7.0)]);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["queue"].as_f64(), Some(1234.6));
        assert_eq!(read["fan-out"].as_f64(), Some(7.0));
    }

    #[test]
    fn all_work_runs() {
        for work in Work::ALL {
            work.run(3200).unwrap();
        }
    }
}
