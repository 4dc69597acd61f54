//! Failure injection: rules that make a service, or the way to it, fail.
//!
//! A fault is a rule with a verdict. A rule says *whom* it strikes (its [`Scope`]: calls, attempts, a
//! probability, windows of time) and *what* then happens (its [`Kind`]: one file each). The rules of a
//! service are judged once per attempt, when it reaches the service; in the order of the scenario
//! file, the first that matches decides, and no other is asked.
//!
//! Chance is a coin per rule and attempt: a function of seed, replication, the rule's place in the
//! file, and the attempt. So every strategy meets the same failures, a retry meets its own, and a
//! rule that is added after the others leaves their coins as they fell.
//!
//! | module | holds |
//! |---|---|
//! | [`rule`] | [`Rule`]: a [`Kind`] and a [`Scope`] |
//! | [`rules`] | the [`Rules`] of one service |
//! | [`windows`] | [`Windows`] of time, each [start, end) |
//! | [`error`] | the service answers with an error |
//! | [`hang`] | it accepts and never answers |
//! | [`slow`] | it serves, but slower |
//! | [`outage`] | it cannot be reached |

pub mod error;
pub mod hang;
pub mod outage;
pub mod rule;
pub mod rules;
pub mod slow;
pub mod windows;

pub use error::{Error, StatusError};
pub use hang::Hang;
pub use outage::Outage;
pub use rule::{Kind, Rule, Scope, ScopeError};
pub use rules::Rules;
pub use slow::{Slow, SlowError};
pub use windows::{ListError, RepeatError, Window, WindowError, Windows};

/// Every kind of fault, as a scenario names it, with a line about it.
pub const KINDS: &[(&str, &str)] = &[
    (
        Error::NAME,
        "answers with an error, after its own latency or `after`",
    ),
    (Hang::NAME, "accepts and never answers"),
    (Slow::NAME, "serves, but slower: latency x `factor` + `add`"),
    (
        Outage::NAME,
        "cannot be reached: the connection fails at once, or `after`",
    ),
];
