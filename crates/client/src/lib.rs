//! The process that runs jobs: its connections, its event loop, its death.
//!
//! | module | holds |
//! |---|---|
//! | [`spec`] | what a scenario says of it |
//! | [`connections`] | a pool of [`Connections`] to one service |
//! | [`event_loop`] | the one thread, an [`EventLoop`] |
//!
//! What its death does to its jobs is the business of who runs them.

pub mod connections;
pub mod event_loop;
pub mod spec;

pub use connections::{Connections, NoConnection, Permit};
pub use event_loop::{EventLoop, LoopStats, Turn};
pub use spec::{ClientSpec, UnhandledRejections};
