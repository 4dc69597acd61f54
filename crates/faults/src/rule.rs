//! A rule: what happens, and to whom.

use crate::capacity::Capacity;
use crate::crash::Crash;
use crate::error::Error;
use crate::hang::Hang;
use crate::outage::Outage;
use crate::partition::Partition;
use crate::pause::Pause;
use crate::scope::Scope;
use crate::slow::Slow;
use crate::stall::{NeverStalls, Stall};

/// A rule that makes a service or its network fail: what happens, and to whom. Generic over the law
/// of stalls, which this crate samples and does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule<L = NeverStalls> {
    kind: Kind<L>,
    scope: Scope,
}

/// What happens where a rule strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind<L = NeverStalls> {
    /// The service answers with an error.
    Error(Error),
    /// It accepts and never answers.
    Hang(Hang),
    /// It serves, but slower.
    Slow(Slow),
    /// It cannot be reached.
    Outage(Outage),
    /// It loses everything and is away for a while.
    Crash(Crash),
    /// It stands still.
    Pause(Pause),
    /// Messages to and from it are lost.
    Partition(Partition),
    /// It has another number of workers.
    Capacity(Capacity),
    /// It serves what a job sends at once, but all of it later.
    Stall(Stall<L>),
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
    /// A fault of the service that names calls. The kind.
    #[error("a {0} strikes the service, not single calls: `calls` makes no sense here")]
    CallsOfService(&'static str),
    /// A fault of the service that names attempts. The kind.
    #[error("a {0} strikes the service, not single attempts: `attempts` makes no sense here")]
    AttemptsOfService(&'static str),
    /// A fault of the service with a probability other than 1. The kind.
    #[error(
        "a {0} strikes the service, not a share of its attempts: `probability` makes no sense here"
    )]
    ProbabilityOfService(&'static str),
    /// A fault of the service without windows. The kind.
    #[error("a {0} needs `during`: when it strikes")]
    NoWindows(&'static str),
}

impl<L> Rule<L> {
    /// A rule that does this to those.
    ///
    /// # Errors
    /// When the probability is none, or a list is empty. When a fault of the service (crash, pause,
    /// capacity) names calls, attempts or a probability, or says not when it strikes.
    pub fn new(kind: Kind<L>, scope: Scope) -> Result<Self, ScopeError> {
        if !(0.0..=1.0).contains(&scope.probability) {
            return Err(ScopeError::Probability(scope.probability));
        }
        if scope.calls.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoCalls);
        }
        if scope.attempts.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoAttempts);
        }
        if kind.is_of_service() {
            check_scope_of_service(kind.name(), &scope)?;
        }
        Ok(Rule { kind, scope })
    }

    /// What happens.
    pub const fn kind(&self) -> &Kind<L> {
        &self.kind
    }

    /// To whom.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn applies_to(&self, downstream: usize) -> bool {
        self.scope.downstream.is_none_or(|only| only == downstream)
    }
}

fn check_scope_of_service(kind: &'static str, scope: &Scope) -> Result<(), ScopeError> {
    if scope.calls.is_some() {
        return Err(ScopeError::CallsOfService(kind));
    }
    if scope.attempts.is_some() {
        return Err(ScopeError::AttemptsOfService(kind));
    }
    if scope.probability < 1.0 {
        return Err(ScopeError::ProbabilityOfService(kind));
    }
    if scope.during.is_none() {
        return Err(ScopeError::NoWindows(kind));
    }
    Ok(())
}

impl<L> Kind<L> {
    /// The word for it in a scenario.
    pub const fn name(&self) -> &'static str {
        match self {
            Kind::Error(_) => Error::NAME,
            Kind::Hang(_) => Hang::NAME,
            Kind::Slow(_) => Slow::NAME,
            Kind::Outage(_) => Outage::NAME,
            Kind::Crash(_) => Crash::NAME,
            Kind::Pause(_) => Pause::NAME,
            Kind::Partition(_) => Partition::NAME,
            Kind::Capacity(_) => Capacity::NAME,
            Kind::Stall(_) => Stall::<L>::NAME,
        }
    }

    /// Whether it strikes the service as a whole, and not the attempts that reach it: such a rule
    /// says when, and names neither calls nor attempts nor a probability.
    pub const fn is_of_service(&self) -> bool {
        matches!(self, Kind::Crash(_) | Kind::Pause(_) | Kind::Capacity(_))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::windows::Windows;

    const HANG: Kind = Kind::Hang(Hang);

    fn with_probability(probability: f64) -> Scope {
        Scope {
            probability,
            ..Scope::default()
        }
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

    #[test]
    fn a_fault_of_the_service_says_when_and_nothing_of_attempts() {
        let second = Duration::from_secs(1);
        let during = Some(Windows::repeating(3 * second, second).unwrap());
        let whole = Scope {
            replica: Some(1),
            downstream: Some(0),
            during,
            ..Scope::default()
        };
        let kinds: [Kind; 3] = [
            Kind::Crash(Crash::new(second).unwrap()),
            Kind::Pause(Pause),
            Kind::Capacity(Capacity::new(1)),
        ];
        for kind in kinds {
            let name = kind.name();
            assert!(Rule::new(kind, whole.clone()).is_ok(), "{name}");
            let refused = |scope| Rule::new(kind, scope).unwrap_err();
            let calls = Scope {
                calls: Some(vec![0]),
                ..whole.clone()
            };
            assert_eq!(refused(calls), ScopeError::CallsOfService(name));
            let attempts = Scope {
                attempts: Some(vec![0]),
                ..whole.clone()
            };
            assert_eq!(refused(attempts), ScopeError::AttemptsOfService(name));
            let probability = Scope {
                probability: 0.5,
                ..whole.clone()
            };
            assert_eq!(refused(probability), ScopeError::ProbabilityOfService(name));
            assert_eq!(refused(Scope::default()), ScopeError::NoWindows(name));
        }
    }
}
