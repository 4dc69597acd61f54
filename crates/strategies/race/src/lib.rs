//! The race strategy
