//! Latency distributions, one file each.

/// A latency distribution with its offset and cap: min(offset + draw, cap).
#[derive(Clone, Debug)]
pub struct Model;
