//! What the public functions make of whole records.

mod changes;
mod curves;
mod drawings;
mod fixture;
mod guarded;
mod in_time;
mod names;
mod positions;
mod scenes;
mod tables;
