//! A scenario file, read once, at the edge: TOML to a [`Scenario`] that cannot be invalid.

pub mod scenario;

pub use scenario::{
    Compare, Downstream, Entry, Expect, Job, JobPart, Scenario, Source, Variant, Workload,
};
