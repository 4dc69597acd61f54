//! Failure injection: rules that make a service, or the way to it, fail.
//!
//! A fault is a rule with a verdict. A rule says *whom* it strikes (its [`Scope`]: service, replica,
//! calls, attempts, a probability, windows of time) and *what* then happens (its [`Kind`]: one file
//! each). The rules of a service are judged once per attempt, when it reaches the service; in the
//! order of the scenario file, the first that matches decides, and no other is asked. A partition is
//! asked for every message instead; a crash, a pause and a capacity strike the service as a whole.
//!
//! Chance is a coin per rule and attempt: a function of seed, replication, the rule's place in the
//! file, and the attempt. So every strategy meets the same failures, a retry meets its own, and a
//! rule that is added after the others leaves their coins as they fell. Windows of random lengths
//! are a function of seed, replication and the rule's place, too.
//!
//! | module | holds |
//! |---|---|
//! | [`rule`] | [`Rule`]: a [`Kind`] and a [`Scope`] |
//! | [`scope`] | whom a rule strikes |
//! | [`windows`] | [`Windows`] of time, each [start, end) |
//! | [`rules`] | the [`Rules`] of one service, in a replication |
//! | [`shade`] | when they hold, for charts |
//! | [`error`] | the service answers with an error |
//! | [`hang`] | it accepts and never answers |
//! | [`slow`] | it serves, but slower |
//! | [`outage`] | it cannot be reached |
//! | [`crash`] | it loses everything and is away for a while |
//! | [`pause`] | it stands still |
//! | [`partition`] | messages to and from it are lost |
//! | [`capacity`] | it has another number of workers |
//! | [`stall`] | what a job sends at once is slow together |

mod calendar;
pub mod capacity;
pub mod crash;
mod drawn;
pub mod error;
pub mod hang;
pub mod outage;
pub mod partition;
pub mod pause;
mod placed;
pub mod rule;
pub mod rules;
pub mod scope;
pub mod shade;
pub mod slow;
pub mod stall;
pub mod windows;

pub use capacity::Capacity;
pub use crash::{Crash, CrashError};
pub use error::{Error, StatusError};
pub use hang::Hang;
pub use outage::Outage;
pub use partition::Partition;
pub use pause::Pause;
pub use rule::{Kind, Rule, ScopeError};
pub use rules::Rules;
pub use scope::Scope;
pub use shade::{MOST_SHADES, Shade};
pub use slow::{Slow, SlowError};
pub use stall::{NeverStalls, Stall};
pub use windows::{ListError, RandomError, RepeatError, Window, WindowError, Windows};

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
    (
        Crash::NAME,
        "crashes when a window begins: queue and work are lost, back after `restart`",
    ),
    (Pause::NAME, "stands still in the window; queued work waits"),
    (
        Partition::NAME,
        "messages sent in the window are lost, both ways",
    ),
    (Capacity::NAME, "has `workers` in the window"),
    (
        Stall::<NeverStalls>::NAME,
        "all calls of a job that arrive together are later by one draw of `latency`",
    ),
];
