//! The queue with accounts: jobs of one call at a service of a few workers.

use std::collections::VecDeque;

use awaitlab_core::{AttemptId, Draws, Purpose, Stream, Streams};
use awaitlab_record::series::Interval;
use awaitlab_stats::{Histogram, Quantile};

use crate::hand::account::{Account, Tally};
use crate::hand::events::{Class, Events};
use crate::hand::exponential_ns;
use crate::hand::series::Series;
use crate::models::Queue;

/// What the replications leave.
#[derive(Default)]
pub(crate) struct Left {
    /// Of jobs that arrive after the warm-up.
    pub(crate) tally: Tally,
    /// The same of each replication by itself: what intervals are made of.
    pub(crate) figures: Vec<Figures>,
    pub(crate) offered: u64,
    pub(crate) good: u64,
    /// Attempt time in flight of all jobs.
    pub(crate) busy_of_all_ns: u128,
    /// Time in the queue, of requests of jobs that count.
    pub(crate) waits: Histogram,
    pub(crate) queue_peak: u64,
    /// Time of workers in use and to be had.
    pub(crate) work_ns: u128,
    pub(crate) capacity_ns: u128,
    /// Until the last jobs were over.
    pub(crate) until_end_ns: u128,
    /// In which jobs that count arrive.
    pub(crate) measured_ns: u128,
    pub(crate) intervals: Vec<Interval>,
}

/// One replication's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Mean and quantiles of the times until jobs settled, in nanoseconds.
    pub(crate) mean: Option<f64>,
    pub(crate) p99: Option<u64>,
}

/// A job in the service. It has one call.
#[derive(Clone, Copy)]
struct Job {
    account: Account,
    number: u64,
    sent: u64,
    /// When a worker took it up.
    begun: u64,
    /// It arrived after the warm-up.
    counts: bool,
}

/// Everything that the loop goes around.
struct World {
    horizon: u64,
    counted_from: u64,
    latency: Stream,
    events: Events,
    jobs: Vec<Job>,
    /// Places in `jobs` whose job is over.
    free: Vec<u32>,
    waiting: VecDeque<u32>,
    working: u32,
    in_flight: u64,
    series: Series,
    /// Of this replication.
    tally: Tally,
    left: Left,
}

const ONE_CALL: u32 = 1;
const NS_PER_S: u64 = 1_000_000_000;

/// Runs all replications.
pub(crate) fn run(model: &Queue, seed: u64) -> Left {
    let horizon = model.seconds * NS_PER_S;
    let counted_from = horizon / 5;
    let mut world = World {
        horizon,
        counted_from,
        latency: Streams::new(seed, 0).stream(Purpose::Latency, 0),
        events: Events::default(),
        jobs: Vec::new(),
        free: Vec::new(),
        waiting: VecDeque::new(),
        working: 0,
        in_flight: 0,
        series: Series::new(horizon),
        tally: Tally::default(),
        left: Left::default(),
    };
    for replication in 0..model.replications {
        world.run(Streams::new(seed, replication));
    }
    let mut left = world.left;
    left.measured_ns = u128::from(horizon - counted_from) * u128::from(model.replications);
    left.intervals = world.series.intervals;
    assert!(left.tally.is_conserved());
    left
}

impl World {
    fn run(&mut self, streams: Streams) {
        self.latency = streams.stream(Purpose::Latency, 0);
        let mut arrivals = Arrivals::new(&streams, self.horizon);
        let mut arriving = 0;
        let mut now = 0;
        if let Some(at) = arrivals.next() {
            self.events.push(at, Class::Arrival, 0);
        }
        while let Some(event) = self.events.pop() {
            now = event.at;
            match event.class() {
                Class::Answer => self.answered(event.whom, now),
                Class::Arrival => {
                    self.arrives(arriving, now);
                    arriving += 1;
                    if let Some(at) = arrivals.next() {
                        self.events.push(at, Class::Arrival, 0);
                    }
                }
            }
        }
        self.series.end_replication(now);
        let tally = std::mem::take(&mut self.tally);
        let left = &mut self.left;
        left.capacity_ns += u128::from(Queue::WORKERS) * u128::from(now);
        left.until_end_ns += u128::from(now);
        left.figures.push(Figures {
            mean: tally.settle.mean(),
            p99: tally.settle.quantile(Quantile::P99),
        });
        left.tally.merge(&tally);
    }

    #[inline]
    fn arrives(&mut self, number: u64, now: u64) {
        let counts = now >= self.counted_from;
        self.left.offered += u64::from(counts);
        let mut account = Account::new(now);
        account.sent();
        let job = Job {
            account,
            number,
            sent: now,
            begun: now,
            counts,
        };
        let place = match self.free.pop() {
            Some(place) => {
                self.jobs[place as usize] = job;
                place
            }
            None => {
                self.jobs.push(job);
                (self.jobs.len() - 1) as u32
            }
        };
        let interval = self.series.at(now);
        interval.offered += 1;
        interval.calls += 1;
        interval.attempts += 1;
        self.in_flight += 1;
        self.series.in_flight(self.in_flight, now);
        if self.working < Queue::WORKERS {
            self.working += 1;
            self.begin_work(place, now);
        } else {
            self.waiting.push_back(place);
            self.left.queue_peak = self.left.queue_peak.max(self.waiting.len() as u64);
        }
    }

    #[inline]
    fn begin_work(&mut self, place: u32, now: u64) {
        let job = &mut self.jobs[place as usize];
        job.begun = now;
        let waited = now - job.sent;
        self.series.queued(waited, now);
        if job.counts {
            self.left.waits.record(waited);
        }
        let attempt = AttemptId {
            job: job.number,
            call: 0,
            attempt: 0,
        };
        let takes_ns = exponential_ns(&mut self.latency.draws(&attempt));
        self.events.push(now + takes_ns, Class::Answer, place);
    }

    #[inline]
    fn answered(&mut self, place: u32, now: u64) {
        let job = &mut self.jobs[place as usize];
        self.left.work_ns += u128::from(now - job.begun);
        self.in_flight -= 1;
        self.series.in_flight(self.in_flight, now);
        job.account.answered(job.sent, now);
        if job.account.settle_when_all_are_in(ONE_CALL, now) {
            let interval = self.series.at(now);
            interval.settled += 1;
            interval.good += 1;
            interval.settle.record(now - job.account.arrival);
            self.left.good += u64::from(job.counts);
        }
        self.left.busy_of_all_ns += u128::from(job.account.busy_ns());
        if job.counts {
            self.tally.add(&job.account);
        }
        self.free.push(place);
        match self.waiting.pop_front() {
            Some(next) => self.begin_work(next, now),
            None => self.working -= 1,
        }
    }
}

/// Poisson arrivals: a unit-rate process, stretched.
struct Arrivals {
    gaps: Stream,
    next_gap: u64,
    level: f64,
    horizon: u64,
}

impl Arrivals {
    fn new(streams: &Streams, horizon: u64) -> Self {
        let mut arrivals = Arrivals {
            gaps: streams.stream(Purpose::Arrivals, 0),
            next_gap: 0,
            level: 0.0,
            horizon,
        };
        arrivals.level += arrivals.gap();
        arrivals
    }

    #[inline]
    fn gap(&mut self) -> f64 {
        let mut draws: Draws = self.gaps.draws_at(self.next_gap);
        self.next_gap += 1;
        -libm::log(draws.uniform())
    }

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let at = (self.level * 1e9 / f64::from(Queue::PER_S)).round() as u64;
        self.level += self.gap();
        (at < self.horizon).then_some(at)
    }
}
