//! A rule: what happens, and to whom.

use awaitlab_core::{AttemptId, Instant, Verdict};

use crate::error::Error;
use crate::hang::Hang;
use crate::outage::Outage;
use crate::slow::Slow;
use crate::windows::Windows;

/// A rule that makes a service or its network fail: what happens, and to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    kind: Kind,
    scope: Scope,
}

/// What happens to an attempt that a rule strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// The service answers with an error.
    Error(Error),
    /// It accepts and never answers.
    Hang(Hang),
    /// It serves, but slower.
    Slow(Slow),
    /// It cannot be reached.
    Outage(Outage),
}

/// Whom a rule strikes: an attempt that every condition here admits. The default admits all.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The service, by its place in the file; `None`: every one.
    pub downstream: Option<usize>,
    /// Calls of the job, numbered from 0; `None`: every one.
    pub calls: Option<Vec<u32>>,
    /// Attempts of the call, numbered from 0; `None`: every one.
    pub attempts: Option<Vec<u32>>,
    /// The share of the attempts admitted otherwise that is struck, 0 to 1.
    pub probability: f64,
    /// When the attempt reaches the service; `None`: whenever.
    pub during: Option<Windows>,
}

/// Why a rule cannot have such a scope.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ScopeError {
    /// `!(0 <= probability <= 1)`.
    #[error("a probability lies within 0 and 1, {0} does not")]
    Probability(f64),
    /// A list of calls without a call.
    #[error("without a call the rule can never strike")]
    NoCalls,
    /// A list of attempts without an attempt.
    #[error("without an attempt the rule can never strike")]
    NoAttempts,
}

impl Rule {
    /// A rule that does this to those.
    ///
    /// # Errors
    /// When the probability is none, or a list is empty.
    pub fn new(kind: Kind, scope: Scope) -> Result<Self, ScopeError> {
        if !(0.0..=1.0).contains(&scope.probability) {
            return Err(ScopeError::Probability(scope.probability));
        }
        if scope.calls.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoCalls);
        }
        if scope.attempts.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoAttempts);
        }
        Ok(Rule { kind, scope })
    }

    /// What happens.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// To whom.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn applies_to(&self, downstream: usize) -> bool {
        self.scope.downstream.is_none_or(|only| only == downstream)
    }
}

impl Kind {
    /// The word for it in a scenario.
    pub const fn name(&self) -> &'static str {
        match self {
            Kind::Error(_) => Error::NAME,
            Kind::Hang(_) => Hang::NAME,
            Kind::Slow(_) => Slow::NAME,
            Kind::Outage(_) => Outage::NAME,
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Kind::Error(error) => error.verdict(),
            Kind::Hang(hang) => hang.verdict(),
            Kind::Slow(slow) => slow.verdict(),
            Kind::Outage(outage) => outage.verdict(),
        }
    }
}

impl Scope {
    /// Whether everything but chance lets the rule strike.
    pub(crate) fn admits(&self, attempt: &AttemptId, now: Instant) -> bool {
        let listed = |list: &Option<Vec<u32>>, number: u32| {
            list.as_ref()
                .is_none_or(|numbers| numbers.contains(&number))
        };
        listed(&self.calls, attempt.call)
            && listed(&self.attempts, attempt.attempt)
            && self
                .during
                .as_ref()
                .is_none_or(|windows| windows.contains(now))
    }
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            downstream: None,
            calls: None,
            attempts: None,
            probability: 1.0,
            during: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::windows::Window;

    const HANG: Kind = Kind::Hang(Hang);
    const FIRST: AttemptId = AttemptId {
        job: 0,
        call: 0,
        attempt: 0,
    };

    fn with_probability(probability: f64) -> Scope {
        Scope {
            probability,
            ..Scope::default()
        }
    }

    #[test]
    fn the_default_scope_admits_everybody_for_certain() {
        let scope = Scope::default();
        assert!(scope.admits(&FIRST, Instant::START));
        assert!(scope.admits(
            &AttemptId {
                job: 9,
                call: 8,
                attempt: 7
            },
            Instant::FAR_FUTURE
        ));
        assert_eq!(scope.probability, 1.0);
    }

    #[test]
    fn a_scope_admits_only_who_meets_all_of_its_conditions() {
        let window = Window::new(Duration::from_nanos(10), Duration::from_nanos(20)).unwrap();
        let scope = Scope {
            calls: Some(vec![1]),
            attempts: Some(vec![2]),
            during: Some(Windows::listed(vec![window]).unwrap()),
            ..Scope::default()
        };
        let admits = |call, attempt, ns| {
            scope.admits(
                &AttemptId {
                    job: 0,
                    call,
                    attempt,
                },
                Instant::from_nanos(ns),
            )
        };
        assert!(admits(1, 2, 10));
        assert!(!admits(0, 2, 10) && !admits(1, 0, 10) && !admits(1, 2, 20));
    }

    #[test]
    fn a_scope_that_admits_nobody_is_refused() {
        let refused = |scope| Rule::new(HANG, scope).unwrap_err();
        for probability in [-0.001, 1.001, f64::INFINITY] {
            let error = refused(with_probability(probability));
            assert_eq!(error, ScopeError::Probability(probability));
        }
        assert!(matches!(
            refused(with_probability(f64::NAN)),
            ScopeError::Probability(_)
        ));
        let calls = Scope {
            calls: Some(vec![]),
            ..Scope::default()
        };
        assert_eq!(refused(calls), ScopeError::NoCalls);
        let attempts = Scope {
            attempts: Some(vec![]),
            ..Scope::default()
        };
        assert_eq!(refused(attempts), ScopeError::NoAttempts);
    }
}
