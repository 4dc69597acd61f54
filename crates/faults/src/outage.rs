//! The service cannot be reached: the connection fails.
//!
//! At once, as a closed port refuses; or after a while, as a connection to a dead address gives up.
//! No status comes back, for nothing answered.

use std::time::Duration;

use awaitlab_core::{ErrorClass, Verdict};

/// A connection that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outage {
    after: Duration,
}

impl Outage {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "outage";

    /// An outage noticed `after` this time; zero: at once.
    pub const fn new(after: Duration) -> Self {
        Outage { after }
    }

    /// What becomes of the attempt.
    #[inline]
    pub fn verdict(&self) -> Verdict {
        Verdict::Fail {
            after: Some(self.after),
            class: ErrorClass::Connection,
            status: None,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_fails_the_connection_at_once_and_without_a_status() {
        let refused = Verdict::Fail {
            after: Some(Duration::ZERO),
            class: ErrorClass::Connection,
            status: None,
            retry_after: None,
        };
        assert_eq!(Outage::default().verdict(), refused);
    }

    #[test]
    fn an_outage_may_take_its_time() {
        let after = Duration::from_secs(3);
        let Verdict::Fail {
            after: Some(noticed),
            ..
        } = Outage::new(after).verdict()
        else {
            panic!("an outage fails");
        };
        assert_eq!(noticed, after);
    }
}
