//! The any strategy
