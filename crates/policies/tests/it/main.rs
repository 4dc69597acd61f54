//! Policies as transcripts: what was sent when, and what came of it.

mod adaptive;
mod breaker;
mod bulkhead;
mod load;
mod rate_limit;
mod script;
mod size;
mod timeout;
