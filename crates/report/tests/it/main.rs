//! What the public functions make of whole records.

mod drawings;
mod fixture;
mod names;
mod scenes;
mod tables;
