//! Policies as transcripts: what was sent when, and what came of it.

mod script;
mod timeout;
