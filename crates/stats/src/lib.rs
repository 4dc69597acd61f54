//! Pure arithmetic on observations: histograms with exact moments, quantiles, intervals and
//! comparisons. Everything merges exactly, so the order of merging reaches no result.

pub mod histogram;

pub use histogram::Histogram;
