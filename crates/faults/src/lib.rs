//! Failure injection, one file each.

/// A rule that makes a service or its network fail.
#[derive(Clone, Debug)]
pub struct Rule;
