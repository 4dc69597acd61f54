//! What a client process is, before it is run.

use std::time::Duration;

/// The processes that run a scenario's jobs; all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSpec {
    /// How many there are; at least 1.
    pub count: u32,
    /// Connections of a process to each service; `None`: any number.
    pub connections: Option<u32>,
    /// How long an attempt waits for a connection; `None`: for ever.
    pub acquire_timeout: Option<Duration>,
    /// CPU time that taking up an answer or a timer costs in the process's one thread; `None`: none.
    pub per_call: Option<Duration>,
    /// What a failure does that nobody awaits.
    pub unhandled_rejections: UnhandledRejections,
    /// Time from a process's death until it takes jobs again; `None`: never.
    pub restart_after: Option<Duration>,
}

/// What a failure does that nobody awaits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnhandledRejections {
    /// It is counted.
    #[default]
    Warn,
    /// It ends the process, with all jobs in flight (Node from version 15 on).
    Throw,
}

impl Default for ClientSpec {
    /// One process without any limit.
    fn default() -> Self {
        ClientSpec {
            count: 1,
            connections: None,
            acquire_timeout: None,
            per_call: None,
            unhandled_rejections: UnhandledRejections::default(),
            restart_after: None,
        }
    }
}
