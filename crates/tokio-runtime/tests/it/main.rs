//! The strategies over tokio: the numbers of a fan-out that was measured on Node, laws that hold
//! on every sample path, a runtime of several threads, and calls that stay on one.

mod laws;
mod local;
mod threads;
mod two_of_twenty;
