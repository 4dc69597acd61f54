//! The network between client and service is cut: what is sent while it is, is lost, both ways.
//!
//! A request that is lost never reaches the service; an answer that is lost was worked for in vain.
//! The client sees neither: nothing but a timeout ends such an attempt. What is on its way when the
//! cut begins arrives. With a probability below 1 the cut takes some attempts only, all messages of
//! each.

/// Messages that never arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Partition;

impl Partition {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "partition";
}
