//! The reader, from outside: what it accepts, what it refuses, and how it says so.

mod bundled;
