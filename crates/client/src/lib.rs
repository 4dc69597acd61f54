//! The process that runs jobs: its connections, its event loop, its death.

pub mod spec;

pub use spec::{ClientSpec, UnhandledRejections};
