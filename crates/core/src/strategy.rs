//! How a job's calls are started and joined.

use crate::job::Job;

/// A way of running the calls of a job: the control flow, and nothing else.
///
/// ```
/// use awaitlab_core::{Answer, Job, Strategy};
///
/// /// Starts everything, and is content with whatever came first.
/// struct FirstEnd;
///
/// impl Strategy for FirstEnd {
///     fn wanted(&self, _calls: usize) -> usize {
///         1
///     }
///
///     async fn run<J: Job>(&self, job: &mut J) {
///         for call in 0..job.calls() {
///             job.start(call);
///         }
///         match job.next_settled().await {
///             Some((_, Err(error))) => job.settle(Answer::Rejected(error)),
///             Some((_, Ok(()))) => job.settle(Answer::Fulfilled),
///             None => {}
///         }
///     }
/// }
/// ```
// As for `Job`: the strategy's future is `Send` where its job is.
#[allow(async_fn_in_trait)]
pub trait Strategy {
    /// How many results a fulfilled answer of a job of `calls` calls carries when nothing fails:
    /// every call unless the strategy is content with fewer.
    fn wanted(&self, calls: usize) -> usize {
        calls
    }

    /// Runs one job. The job is settled through [`Job::settle`]; what happens between that and the
    /// end of this future happens behind the caller's back.
    async fn run<J: Job>(&self, job: &mut J);
}

impl<S: Strategy + ?Sized> Strategy for &S {
    fn wanted(&self, calls: usize) -> usize {
        (**self).wanted(calls)
    }

    async fn run<J: Job>(&self, job: &mut J) {
        (**self).run(job).await;
    }
}

/// What becomes of the calls still in flight when a job settles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rest {
    /// They run on, and nobody looks at what they bring (JavaScript).
    #[default]
    Orphan,
    /// They are cancelled before the job settles (an `AbortController`; what dropping Rust futures
    /// does).
    Cancel,
}

impl Rest {
    /// Every choice, the default first.
    pub const ALL: [Rest; 2] = [Rest::Orphan, Rest::Cancel];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Rest::Orphan => "orphan",
            Rest::Cancel => "cancel",
        }
    }
}
