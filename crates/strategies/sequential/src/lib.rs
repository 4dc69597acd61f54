//! The sequential strategy
