//! The service has another number of workers: some are gone, or some were added.

/// A number of workers of each replica that is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    workers: u32,
}

impl Capacity {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "capacity";

    /// So many workers; with none, what arrives waits until the window ends.
    pub const fn new(workers: u32) -> Self {
        Capacity { workers }
    }

    /// How many.
    pub const fn workers(self) -> u32 {
        self.workers
    }
}
