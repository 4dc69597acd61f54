//! The lab against what is known: real Node, closed forms, tokio, and its own laws.

mod clients;
mod closed_forms;
mod intervals;
mod laws;
mod node;
mod oracle;
mod policies;
mod policies_closed_forms;
mod precision;
mod queues;
mod runs;
mod scopes;
mod services;
mod shape;
mod steady_state;
