//! A service under load
