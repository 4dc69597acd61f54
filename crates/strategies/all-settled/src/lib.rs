//! The all-settled strategy
