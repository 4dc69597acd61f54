//! The reader, from outside: what it accepts, what it refuses, and how it says so.

mod bad;
mod bundled;
mod good;
mod hostile;
mod in_time;
mod json_schema;
mod limits;
mod look;
mod overrides;
mod policies;
mod properties;
mod story;
