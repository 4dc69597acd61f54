//! Services in virtual time: transcripts of every rule, and laws.

mod balancing;
mod cancelling;
mod conditions;
mod item;
mod lab;
mod laws;
mod oracle;
mod plain;
mod queueing;
mod quota;
