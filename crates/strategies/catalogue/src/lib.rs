//! Every built-in strategy by name: the only crate that knows them all.

/// A built-in strategy with its parameters.
#[derive(Clone, Debug)]
pub struct BuiltIn;
