//! An aggregation service, measured on tokio beside what the lab predicts.
//!
//! Each request makes twelve calls to two dependencies. The scenario beside this file says how
//! (strategy and policies) and what they meet (latencies and faults), once, for two runs: the lab's,
//! in virtual time, and one on the real clock, where the same strategy and the same policies stand
//! before two TCP services. Those draw what becomes of an attempt from the lab's keyed random
//! numbers, so that both runs meet the same luck, attempt by attempt, and differ in nothing else
//! than in where they run.
//!
//! Run it with: cargo run --release --example aggregation_service
#![allow(clippy::print_stdout)] // An example talks to whoever runs it.

#[path = "aggregation_service/dependency.rs"]
mod dependency;
#[path = "aggregation_service/outcome.rs"]
mod outcome;

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::iter::repeat_n;
use std::net::SocketAddr;
use std::rc::Rc;

use awaitlab_catalogue::BuiltIn;
use awaitlab_core::{AttemptId, CallError, ErrorClass, Instant, Runtime, Streams};
use awaitlab_harness::Contest;
use awaitlab_policies::closure::attempts;
use awaitlab_policies::{Event, Stack};
use awaitlab_record::JobRow;
use awaitlab_scenario::Scenario;
use awaitlab_tokio_runtime::{Settled, TokioRuntime, fan_out_local, real};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::spawn_local;

use dependency::Dependency;
use outcome::{Outcome, Request, print};

const FILE: &str = "aggregation_service.toml";
const SCENARIO: &str = include_str!("aggregation_service.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let predicted = in_the_lab(&with_seed(1)?)?;
    // One more lies between the lowest and the highest of 39 with a probability of 38 / 40.
    let others: Result<Vec<_>, _> = (2..=40).map(|seed| in_the_lab(&with_seed(seed)?)).collect();
    let arrivals: Vec<Instant> = predicted.requests.iter().map(|r| r.arrival).collect();
    println!("{} requests: some 5 s on tokio.\n", arrivals.len());
    let measured = on_tokio(&with_seed(1)?, &arrivals)?;
    print(&measured, &predicted, &others?);
    Ok(())
}

fn with_seed(seed: u64) -> Result<Scenario, Box<dyn Error>> {
    let overrides = [("seed".to_owned(), seed.to_string())];
    Ok(Scenario::parse(FILE, SCENARIO.as_bytes(), &overrides)?)
}

fn in_the_lab(scenario: &Scenario) -> Result<Outcome, Box<dyn Error>> {
    let record = Contest::new(scenario).keeping_jobs().run()?;
    let mut jobs = record.jobs.unwrap_or_default();
    jobs.sort_by_key(|job| job.job);
    let request = |job: &JobRow| Request {
        arrival: Instant::from_nanos(job.arrival_ns),
        settled_after_ms: job.settle_ns.map_or(f64::INFINITY, |ns| ns as f64 / 1e6),
        attempts: job.started,
        delivered: job.delivered,
    };
    let row = &record.summary.rows[0];
    Ok(Outcome {
        requests: jobs.iter().map(request).collect(),
        calls: row.jobs * row.calls_per_job,
        retries: row.policies.retries,
        timeouts: row.policies.timeouts,
    })
}

/// The same requests on the real clock. All of it is one thread, as the policies' state is.
fn on_tokio(scenario: &Scenario, arrivals: &[Instant]) -> io::Result<Outcome> {
    real(|runtime| async move {
        let client = Rc::new(Client::new(scenario, &runtime).await?);
        let began = runtime.now();
        let mut running = Vec::new();
        for (job, arrival) in (0..).zip(arrivals) {
            let arrival = began + arrival.since(Instant::START);
            runtime.sleep(arrival - runtime.now()).await;
            running.push(runtime.spawn_joined(client.clone().request(job)));
        }
        let mut requests = Vec::new();
        for request in running {
            requests.extend(request.await);
        }
        Ok(Outcome {
            calls: (requests.len() * client.route.len()) as u64,
            requests,
            retries: client.retries.get(),
            timeouts: client.timeouts.get(),
        })
    })?
}

/// The aggregation service: what all of its requests share.
struct Client {
    runtime: TokioRuntime,
    streams: Streams,
    strategy: BuiltIn,
    /// By dependency: where it is, and the policies before it.
    dependencies: Vec<(SocketAddr, Stack)>,
    /// By call of a request: its dependency.
    route: Vec<usize>,
    retries: Cell<u64>,
    timeouts: Cell<u64>,
}

impl Client {
    /// Starts its dependencies too.
    async fn new(scenario: &Scenario, runtime: &TokioRuntime) -> io::Result<Self> {
        let (variant, entry) = (&scenario.variants[0], &scenario.strategies[0]);
        let streams = Streams::new(scenario.seed, 0);
        let mut dependencies = Vec::new();
        for number in 0..variant.downstreams.len() {
            let dependency = Dependency::new(runtime.clone(), streams, variant, number);
            dependencies.push((dependency.listen().await?, entry.policies.build()));
        }
        let parts = variant.job.parts.iter();
        let route = parts.flat_map(|part| repeat_n(part.downstream, part.count as usize));
        Ok(Client {
            runtime: runtime.clone(),
            streams,
            strategy: entry.strategy,
            dependencies,
            route: route.collect(),
            retries: Cell::new(0),
            timeouts: Cell::new(0),
        })
    }

    /// One request: its calls as the strategy says, each with the policies around it.
    async fn request(self: Rc<Self>, job: u64) -> Request {
        let arrival = self.runtime.now();
        let made = Rc::new(Cell::new(0));
        let calls = (0..).zip(&self.route).map(|(call, &dependency)| {
            let (address, stack) = self.dependencies[dependency].clone();
            let (client, made) = (self.clone(), made.clone());
            move || {
                let fetch = move |attempt| {
                    made.update(|made| made + 1);
                    fetch(address, AttemptId { job, call, attempt })
                };
                let (runtime, streams) = (client.runtime.clone(), client.streams);
                let attempts = attempts(runtime, streams, job, call, fetch);
                stack.call(attempts.observed_by(move |_layer, event| client.count(event)))
            }
        });
        let (work, reply) = fan_out_local(self.strategy, calls.collect());
        spawn_local(work);
        let delivered = match reply.await.settled {
            Settled::Fulfilled(results) => results.iter().flatten().flatten().count(),
            _ => 0,
        };
        Request {
            arrival,
            settled_after_ms: (self.runtime.now() - arrival).as_secs_f64() * 1e3,
            attempts: made.get(),
            delivered: delivered as u64,
        }
    }

    fn count(&self, event: Event) {
        match event {
            Event::Retried => self.retries.update(|count| count + 1),
            Event::TimedOut => self.timeouts.update(|count| count + 1),
            _ => {}
        }
    }
}

/// One attempt: a line there and a line back, on a connection of its own.
async fn fetch(address: SocketAddr, id: AttemptId) -> Result<(), CallError> {
    let ask = async {
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        let line = format!("{} {} {}\n", id.job, id.call, id.attempt);
        stream.write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let lost = CallError::of(ErrorClass::Connection);
    let answer = ask.await.map_err(|_| lost)?;
    match answer.trim_end().split_once(' ') {
        None if answer == "ok\n" => Ok(()),
        Some(("error", status)) => Err(status.parse().map_or(lost, CallError::status)),
        _ => Err(lost),
    }
}
