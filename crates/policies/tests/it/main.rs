//! Policies as transcripts: what was sent when, and what came of it.

mod adaptive;
mod breaker;
mod bulkhead;
mod fallback;
mod hedge;
mod load;
mod order;
mod rate_limit;
mod retry;
mod script;
mod size;
mod timeout;
mod tokio;
