//! Policies in order, and who shares their state.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Inside;
use crate::spec::{Policy, PolicySpec};
use crate::walk::walk;

/// Policies at most of a stack.
pub const MOST_LAYERS: usize = 8;

/// Policies around a call, outermost first, without their state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackSpec {
    layers: Vec<LayerSpec>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    /// What it does.
    pub policy: PolicySpec,
    /// Who shares its state. Of no meaning for a policy without state.
    pub scope: Scope,
}

/// Who shares the state of a policy. Whatever the scope, every service has its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The calls of one job.
    Job,
    /// All jobs of a client process.
    #[default]
    Client,
    /// All clients.
    Global,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 3] = [Scope::Job, Scope::Client, Scope::Global];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Job => "job",
            Scope::Client => "client",
            Scope::Global => "global",
        }
    }
}

/// Why there is no such stack.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StackError {
    /// More than [`MOST_LAYERS`].
    #[error("a stack has at most {MOST_LAYERS} policies, not {0}")]
    TooMany(usize),
    /// A policy has no meaning.
    #[error("policy {}: {rule}", .layer + 1)]
    Layer {
        /// Which one, from 0.
        layer: usize,
        /// What is wrong with it.
        rule: RuleBroken,
    },
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Error)]
#[error(transparent)]
pub enum RuleBroken {
    /// A retry.
    Retry(#[from] crate::retry::RetryError),
    /// A budget.
    Budget(#[from] crate::budget::BudgetError),
    /// A hedge.
    Hedge(#[from] crate::hedge::HedgeError),
    /// A breaker.
    CircuitBreaker(#[from] crate::breaker::BreakerError),
    /// A rate limit.
    RateLimit(#[from] crate::rate_limit::RateLimitError),
    /// A bulkhead.
    Bulkhead(#[from] crate::bulkhead::BulkheadError),
    /// An adaptive limit.
    AdaptiveLimit(#[from] crate::adaptive::AdaptiveError),
}

/// Policies with their state. A clone is the same stack: who holds one shares its state.
#[derive(Clone)]
pub struct Stack {
    layers: Rc<[Rc<Policy>]>,
}

impl StackSpec {
    /// A stack, if every policy of it has a meaning.
    ///
    /// # Errors
    /// See [`StackError`].
    pub fn new(layers: Vec<LayerSpec>) -> Result<Self, StackError> {
        if layers.len() > MOST_LAYERS {
            return Err(StackError::TooMany(layers.len()));
        }
        for (layer, spec) in layers.iter().enumerate() {
            if let Err(rule) = spec.policy.build() {
                return Err(StackError::Layer { layer, rule });
            }
        }
        Ok(StackSpec { layers })
    }

    /// Its policies, outermost first.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Whether there is nothing around a call.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The stack with fresh state.
    pub fn build(&self) -> Stack {
        Stack {
            layers: self.layers.iter().map(fresh).collect(),
        }
    }

    /// The stack with fresh state, but for the layers of these scopes, whose state it shares with
    /// `other`, a stack of the same spec.
    pub fn build_sharing(&self, other: &Stack, shared: impl Fn(Scope) -> bool) -> Stack {
        let layer = |(spec, theirs): (&LayerSpec, &Rc<Policy>)| {
            if shared(spec.scope) {
                theirs.clone()
            } else {
                fresh(spec)
            }
        };
        let layers = self.layers.iter().zip(other.layers.iter());
        Stack {
            layers: layers.map(layer).collect(),
        }
    }

    /// Whether some policy's state is of one job only.
    pub fn has_state_of_a_job(&self) -> bool {
        self.layers.iter().any(|layer| layer.scope == Scope::Job)
    }
}

fn fresh(spec: &LayerSpec) -> Rc<Policy> {
    let policy = spec.policy.build();
    Rc::new(policy.unwrap_or_else(|rule| unreachable!("it was built once before: {rule}")))
}

impl Stack {
    /// Makes a call: as many attempts as the policies make of it. Begins when it is first polled.
    pub async fn call<A: Attempts>(self, attempts: A) -> Outcome<A> {
        self.call_with(attempts, Boxed).await
    }

    /// The same for who spawns the call: hands its future out as it is, no larger than this stack
    /// needs.
    #[inline]
    pub fn call_with<A: Attempts, V: Visit<A>>(self, attempts: A, visit: V) -> V::Output {
        walk(Inside::all(attempts, self), visit)
    }

    #[inline]
    pub(crate) fn layers(&self) -> &[Rc<Policy>] {
        &self.layers
    }
}

/// Puts a call's future into a box.
pub(crate) struct Boxed;

impl<A: Attempts> Visit<A> for Boxed {
    type Output = Pin<Box<dyn Future<Output = Outcome<A>>>>;

    fn visit<F>(self, call: impl FnOnce() -> F + 'static) -> Self::Output
    where
        F: Future<Output = Outcome<A>> + 'static,
    {
        Box::pin(call())
    }
}

/// Takes a call's future, whatever its type.
pub trait Visit<A: Attempts> {
    /// What becomes of it.
    type Output;

    /// Takes it; `call` makes it, so that it can be made where it will be awaited.
    fn visit<F>(self, call: impl FnOnce() -> F + 'static) -> Self::Output
    where
        F: Future<Output = Outcome<A>> + 'static;
}
