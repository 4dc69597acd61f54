//! Whom a rule strikes.

use awaitlab_core::AttemptId;

use crate::windows::Windows;

/// Whom a rule strikes: an attempt that every condition here admits. The default admits all.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The service, by its place in the file; `None`: every one.
    pub downstream: Option<usize>,
    /// The replica of a service, numbered from 0; `None`: every one.
    pub replica: Option<u32>,
    /// Calls of the job, numbered from 0; `None`: every one.
    pub calls: Option<Vec<u32>>,
    /// Attempts of the call, numbered from 0; `None`: every one.
    pub attempts: Option<Vec<u32>>,
    /// The share of the attempts admitted otherwise that is struck, 0 to 1.
    pub probability: f64,
    /// When the attempt reaches the service; `None`: whenever.
    pub during: Option<Windows>,
}

impl Scope {
    /// Whether the rule is about that replica.
    #[inline]
    pub(crate) fn admits_replica(&self, replica: u32) -> bool {
        self.replica.is_none_or(|only| only == replica)
    }

    /// Whether everything but chance and time lets the rule strike.
    #[inline]
    pub(crate) fn admits(&self, attempt: &AttemptId, replica: u32) -> bool {
        let listed = |list: &Option<Vec<u32>>, number: u32| {
            list.as_ref()
                .is_none_or(|numbers| numbers.contains(&number))
        };
        self.admits_replica(replica)
            && listed(&self.calls, attempt.call)
            && listed(&self.attempts, attempt.attempt)
    }
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            downstream: None,
            replica: None,
            calls: None,
            attempts: None,
            probability: 1.0,
            during: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(call: u32, attempt: u32) -> AttemptId {
        AttemptId {
            job: 9,
            call,
            attempt,
        }
    }

    #[test]
    fn the_default_scope_admits_everybody_for_certain() {
        let scope = Scope::default();
        assert!(scope.admits(&attempt(0, 0), 0) && scope.admits(&attempt(8, 7), 6));
        assert_eq!((scope.probability, scope.during), (1.0, None));
    }

    #[test]
    fn a_scope_admits_only_who_meets_all_of_its_conditions() {
        let scope = Scope {
            replica: Some(3),
            calls: Some(vec![1]),
            attempts: Some(vec![2]),
            ..Scope::default()
        };
        assert!(scope.admits(&attempt(1, 2), 3));
        assert!(!scope.admits(&attempt(0, 2), 3), "another call");
        assert!(!scope.admits(&attempt(1, 0), 3), "another attempt");
        assert!(!scope.admits(&attempt(1, 2), 0), "another replica");
    }
}
