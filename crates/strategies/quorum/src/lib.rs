//! The quorum strategy
