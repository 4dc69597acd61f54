//! When the jobs of an open workload arrive.
//!
//! Both kinds come from one line of levels: job i arrives when the rate has summed up to level i.
//! Evenly spread, the levels are 0, 1, 2, ...; at random, they are the arrivals of a Poisson process
//! of rate 1, whose gaps are exponential: -ln u. Stretched by the inverse of the summed rate those
//! are a Poisson process of that rate, exactly, through steps and ramps (inversion; Cinlar 1975).
//!
//! Gap i is a function of seed, replication and i alone. So two variants of a scenario that differ in
//! their rates meet the same gaps, stretched.

use awaitlab_core::{Instant, Purpose, Stream, Streams};

use crate::spec::Arrivals;
use crate::stage::Stage;

/// The instants at which jobs arrive, one after another, from 0 to just before the end of the stages.
#[derive(Clone, Debug)]
pub struct ArrivalTimes {
    gaps: Gaps,
    /// The one that is under way, and those that follow it.
    stage: Option<Stage>,
    following: std::vec::IntoIter<Stage>,
    /// When the one under way began.
    began: Instant,
    /// What the rate must have summed up to since then for the next job to arrive.
    level: f64,
}

/// The distances of levels.
#[derive(Clone, Debug)]
enum Gaps {
    One,
    Exponential {
        stream: Stream,
        /// The number of the next gap.
        next: u64,
    },
}

impl ArrivalTimes {
    /// The arrivals of a replication with these streams.
    pub fn new(stages: &[Stage], arrivals: Arrivals, streams: &Streams) -> Self {
        let mut gaps = match arrivals {
            Arrivals::Constant => Gaps::One,
            Arrivals::Poisson => Gaps::Exponential {
                stream: streams.stream(Purpose::Arrivals, 0),
                next: 0,
            },
        };
        let level = match arrivals {
            Arrivals::Constant => 0.0,
            Arrivals::Poisson => gaps.next(),
        };
        let mut following = Vec::from(stages).into_iter();
        ArrivalTimes {
            gaps,
            stage: following.next(),
            following,
            began: Instant::START,
            level,
        }
    }
}

impl Iterator for ArrivalTimes {
    type Item = Instant;

    #[inline]
    fn next(&mut self) -> Option<Instant> {
        loop {
            let stage = self.stage.as_ref()?;
            if let Some(ns) = stage.reaches_ns(self.level) {
                self.level += self.gaps.next();
                return Some(self.began.after_nanos(ns));
            }
            // Not below 0: a level that rounding puts just before the stage's end is at its end.
            self.level = (self.level - stage.jobs()).max(0.0);
            self.began = self.began.after_nanos(stage.lasts_ns());
            self.stage = self.following.next();
        }
    }
}

impl Gaps {
    #[inline]
    fn next(&mut self) -> f64 {
        match self {
            Gaps::One => 1.0,
            Gaps::Exponential { stream, next } => {
                let u = stream.draws_at(*next).uniform();
                *next += 1;
                -libm::log(u)
            }
        }
    }
}
