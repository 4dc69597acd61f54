//! The strategies over tokio: the numbers of a fan-out that was measured on Node, laws that hold
//! on every sample path, and a runtime of several threads.

mod laws;
mod threads;
mod two_of_twenty;
