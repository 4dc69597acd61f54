//! The eager-in-order strategy
