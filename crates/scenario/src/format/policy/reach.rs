//! What reaches a policy: which failures come out of those inside of it, and how many attempts a call
//! makes.

use awaitlab_core::ErrorClass;
use awaitlab_policies::rate_limit::WhenExceeded;
use awaitlab_policies::retry::RetryOn;
use awaitlab_policies::{LayerSpec, PolicySpec, StackSpec};

use crate::document::Node;
use crate::problem::Problems;

/// The failures that can come out.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Failures {
    /// What services, networks and connections do: any of it, as faults may bring it about.
    service: bool,
    timeout: bool,
    refused: bool,
}

const NONE: Failures = Failures {
    service: false,
    timeout: false,
    refused: false,
};

impl Failures {
    fn include(self, failure: RetryOn) -> bool {
        match failure {
            RetryOn::Class(ErrorClass::Timeout) => self.timeout,
            RetryOn::Class(ErrorClass::Refused) => self.refused,
            // Who cancels does not wait for the outcome.
            RetryOn::Class(ErrorClass::Cancelled) => false,
            RetryOn::Class(_) | RetryOn::Status(_) => self.service,
        }
    }
}

/// Reports policies that answer to failures of which none can come from inside of them.
pub(super) fn check(nodes: &[Node], layers: &[LayerSpec], problems: &mut Problems) {
    let mut inside = Failures {
        service: true,
        ..NONE
    };
    for (node, layer) in nodes.iter().zip(layers).rev() {
        let idle = match &layer.policy {
            PolicySpec::Retry(retry) => !retry.on.iter().any(|on| inside.include(*on)),
            // Refusals count neither way.
            PolicySpec::CircuitBreaker(_) => !inside.service && !inside.timeout,
            PolicySpec::Fallback(_) => inside == NONE,
            _ => false,
        };
        if idle {
            let on = node.as_table().and_then(|table| table.get("on"));
            let rule = match on {
                Some(_) => "never applies: nothing inside of the retry fails like that",
                None => "never applies: nothing inside of it fails",
            };
            problems.at(on.unwrap_or(node).place, rule);
        }
        inside = outside(&layer.policy, inside);
    }
}

/// What comes out of a policy when this comes out of what is inside of it.
fn outside(policy: &PolicySpec, inside: Failures) -> Failures {
    let refuses = match policy {
        PolicySpec::Timeout(_) => {
            return Failures {
                timeout: true,
                ..inside
            };
        }
        PolicySpec::Fallback(_) => return NONE,
        PolicySpec::Retry(_) | PolicySpec::Hedge(_) => false,
        PolicySpec::RateLimit(limit) => limit.when_exceeded == WhenExceeded::Reject,
        PolicySpec::Bulkhead(bulkhead) => bulkhead.queue.is_some() || bulkhead.max_wait.is_some(),
        PolicySpec::CircuitBreaker(_) | PolicySpec::AdaptiveLimit(_) => true,
    };
    Failures {
        refused: inside.refused || refuses,
        ..inside
    }
}

/// How many attempts a call makes at most; as many as can be counted where nothing bounds them.
pub(in crate::format) fn most_attempts(stack: &StackSpec) -> u32 {
    let of_one = |layer: &LayerSpec| match &layer.policy {
        PolicySpec::Retry(retry) => retry.attempts.unwrap_or(u32::MAX),
        PolicySpec::Hedge(hedge) => hedge.max_extra.saturating_add(1),
        _ => 1,
    };
    stack
        .layers()
        .iter()
        .map(of_one)
        .fold(1, u32::saturating_mul)
}
