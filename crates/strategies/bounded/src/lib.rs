//! The bounded strategy
