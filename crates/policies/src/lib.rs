//! What a call does around its attempts: retry, time out, hedge, break, limit.
//!
//! A [`StackSpec`] says which policies stand around a call, outermost first; the order *is* the
//! meaning: a timeout outside a retry bounds the whole call, inside it every attempt. A [`Stack`] is
//! a spec with the state of its policies; who shares a stack, shares that state. What stands at the
//! bottom of it, and makes an attempt, is the caller's: a simulated service in the lab, a real
//! request on tokio. Policies see a runtime (the time, a sleep, a task) and a stream of randomness,
//! nothing else, so they run unchanged in virtual time and in production.
//!
//! | module | holds |
//! |---|---|
//! | [`attempts`] | [`Attempts`], the bottom of a stack, and [`Failure`], what an error must say of itself |
//! | [`context`] | [`Context`], what a policy sees of its call; [`Interest`], whether anybody still waits |
//! | [`event`] | [`Event`], what a policy tells whoever counts |
//! | [`stack`] | [`StackSpec`], [`Stack`], [`Scope`] |
//! | [`spec`] | [`PolicySpec`], a policy of any kind |
//! | [`timeout`], [`retry`], [`hedge`], [`breaker`], [`rate_limit`], [`bulkhead`], [`adaptive`], [`fallback`] | a policy each |
//! | [`closure`] | a stack around a closure of a program's own |
//! | [`budget`] | what bounds the extra attempts of a retry or a hedge |

pub mod adaptive;
mod apart;
pub mod attempts;
pub mod breaker;
pub mod budget;
pub mod bulkhead;
pub mod closure;
pub mod context;
pub mod event;
pub mod fallback;
mod frame;
pub mod hedge;
mod line;
pub mod rate_limit;
pub mod retry;
pub mod spec;
pub mod stack;
pub mod timeout;
mod walk;

pub use attempts::{Attempts, Failure, Outcome, Reply};
pub use context::{Context, Given, Interest};
pub use event::Event;
pub use spec::{Kind, PolicySpec};
pub use stack::{LayerSpec, Scope, Stack, StackError, StackSpec, Visit};
