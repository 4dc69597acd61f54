//! The lab from outside: its command, its files, and the house it is built as.

mod arrows;
