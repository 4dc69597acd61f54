//! The lab from outside: its command, its files, and the house it is built as.

mod arrows;
mod bad_input;
mod command;
mod compare;
mod docs;
mod names;
mod report_folder;
mod run;
mod stories;
