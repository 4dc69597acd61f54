//! Times with exact count, sum, minimum and maximum, and quantiles to three significant digits.

/// Placeholder until the real one lands in this same work.
#[derive(Clone, Debug)]
pub struct Histogram;
