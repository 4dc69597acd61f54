//! What a workload is, before it is run.

use std::time::Duration;

use crate::stage::Stage;

/// When jobs arrive. Generic over the law of thinking times.
#[derive(Clone, Debug, PartialEq)]
pub enum Workload<L> {
    /// One job a replication, alone, at time 0.
    Isolated,
    /// Jobs arrive by themselves, at rates given by stages.
    Open {
        /// How they are spread at a given rate.
        arrivals: Arrivals,
        /// One after another; at least one.
        stages: Vec<Stage>,
    },
    /// Each user thinks, starts a job, waits for it to settle, and thinks again; nothing is started
    /// after `duration`.
    Closed {
        /// How many.
        users: u32,
        /// How long each thinks each time.
        think: L,
        /// Until when jobs are started.
        duration: Duration,
    },
    /// All at time 0.
    Burst {
        /// How many.
        jobs: u64,
    },
}

/// How arrivals are spread at a given rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly: the i-th when the rate has summed up to i, the first at 0.
    Constant,
    /// At random: a Poisson process of that rate.
    Poisson,
}

/// Why there is no such open workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no stage.
    #[error("without a stage nothing can arrive")]
    NoStages,
    /// Every rate of every stage is 0.
    #[error("all rates are 0: nothing ever arrives")]
    NothingArrives,
}

/// Why there is no such closed workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClosedError {
    /// `users == 0`.
    #[error("without a user nothing is ever started")]
    NoUsers,
    /// `duration == 0`.
    #[error("in no time nothing is started: the duration must be longer than 0")]
    NoTime,
}

/// Why there is no such burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BurstError {
    /// `jobs == 0`.
    #[error("a burst has at least one job")]
    NoJobs,
}

impl<L> Workload<L> {
    /// Jobs that arrive by themselves, at the rates of these stages, one after another.
    ///
    /// # Errors
    /// When there is no stage, or no stage in which anything arrives.
    pub fn open(arrivals: Arrivals, stages: Vec<Stage>) -> Result<Self, OpenError> {
        if stages.is_empty() {
            return Err(OpenError::NoStages);
        }
        if stages.iter().all(|stage| stage.jobs() == 0.0) {
            return Err(OpenError::NothingArrives);
        }
        Ok(Workload::Open { arrivals, stages })
    }

    /// So many users, who think by this law, and start jobs until just before `duration`.
    ///
    /// # Errors
    /// When there is no user, or no time.
    pub fn closed(users: u32, think: L, duration: Duration) -> Result<Self, ClosedError> {
        if users == 0 {
            return Err(ClosedError::NoUsers);
        }
        if duration.is_zero() {
            return Err(ClosedError::NoTime);
        }
        Ok(Workload::Closed {
            users,
            think,
            duration,
        })
    }

    /// So many jobs at time 0.
    ///
    /// # Errors
    /// When there is none.
    pub fn burst(jobs: u64) -> Result<Self, BurstError> {
        if jobs == 0 {
            return Err(BurstError::NoJobs);
        }
        Ok(Workload::Burst { jobs })
    }

    /// The word for it in a scenario.
    pub const fn name(&self) -> &'static str {
        match self {
            Workload::Isolated => ISOLATED,
            Workload::Open { .. } => OPEN,
            Workload::Closed { .. } => CLOSED,
            Workload::Burst { .. } => BURST,
        }
    }

    /// Whether every replication is one job.
    pub fn is_isolated(&self) -> bool {
        matches!(self, Workload::Isolated)
    }

    /// Until when jobs are started: the sum of the stages, or the duration; zero for a burst and an
    /// isolated job.
    pub fn horizon(&self) -> Duration {
        match self {
            Workload::Isolated | Workload::Burst { .. } => Duration::ZERO,
            Workload::Open { stages, .. } => stages
                .iter()
                .fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.lasts)),
            Workload::Closed { duration, .. } => *duration,
        }
    }
}

/// The word for [`Workload::Isolated`] in a scenario.
pub const ISOLATED: &str = "isolated";
/// The word for [`Workload::Open`] in a scenario.
pub const OPEN: &str = "open";
/// The word for [`Workload::Closed`] in a scenario.
pub const CLOSED: &str = "closed";
/// The word for [`Workload::Burst`] in a scenario.
pub const BURST: &str = "burst";

impl Arrivals {
    /// Every way.
    pub const ALL: [Arrivals; 2] = [Arrivals::Constant, Arrivals::Poisson];

    /// The word for it in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Arrivals::Constant => "constant",
            Arrivals::Poisson => "poisson",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    type Any = Workload<()>;

    #[test]
    fn a_workload_in_which_nothing_is_ever_started_is_refused() {
        let rates = |rate| vec![Stage::steady(SECOND, rate).unwrap(); 2];
        let open = |stages| Any::open(Arrivals::Poisson, stages);
        assert_eq!(open(vec![]), Err(OpenError::NoStages));
        assert_eq!(open(rates(0.0)), Err(OpenError::NothingArrives));
        assert!(open(rates(0.1)).is_ok());
        assert_eq!(Any::closed(0, (), SECOND), Err(ClosedError::NoUsers));
        assert_eq!(Any::closed(1, (), Duration::ZERO), Err(ClosedError::NoTime));
        assert!(Any::closed(1, (), SECOND).is_ok());
        assert_eq!(Any::burst(0), Err(BurstError::NoJobs));
        assert!(Any::burst(1).is_ok());
    }

    #[test]
    fn the_horizon_is_when_the_last_job_may_be_started() {
        let stage = Stage::ramp(20 * SECOND, 0.0, 5.0).unwrap();
        let open = Any::open(Arrivals::Constant, vec![stage; 3]).unwrap();
        assert_eq!(open.horizon(), 60 * SECOND);
        assert_eq!(Any::closed(9, (), SECOND).unwrap().horizon(), SECOND);
        assert_eq!(Any::burst(9).unwrap().horizon(), Duration::ZERO);
        assert_eq!(Any::Isolated.horizon(), Duration::ZERO);
    }
}
