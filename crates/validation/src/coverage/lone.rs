//! One call of the job, and no other.
//!
//! Every call draws from streams of its own, so strategies that each make another call of the same
//! job are alike in everything but their luck. And beside strategies that make all calls, the first
//! call alone is the job without a fan-out.

use awaitlab_core::{Answer, Job, Strategy};

/// Makes the call of that number, and settles with what it brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lone(pub(super) usize);

/// What [`Lone`] is called where it makes the first call.
pub(super) const NAME: &str = "call 0";

impl Lone {
    pub(super) fn name(self) -> String {
        format!("call {}", self.0)
    }
}

impl Strategy for Lone {
    async fn run<J: Job>(&self, job: &mut J) {
        job.start(self.0);
        match job.next_settled().await {
            Some((_, Err(error))) => job.settle(Answer::Rejected(error)),
            _ => job.settle(Answer::Fulfilled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_has_the_name_that_claims_know_it_by() {
        assert_eq!(Lone(0).name(), NAME);
    }
}
