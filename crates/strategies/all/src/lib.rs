//! The all strategy
