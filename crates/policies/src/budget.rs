//! What bounds the extra attempts of a retry or a hedge.

use thiserror::Error;

/// What bounds the extra attempts of all calls together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BudgetSpec {
    /// A bucket of tokens, full at the start. An extra attempt takes one.
    TokenBucket {
        /// Tokens that each first try puts in.
        deposit: f64,
        /// Tokens it holds at most.
        max: f64,
        /// Tokens that must be in it for an extra attempt: at least so many.
        needs: f64,
        /// Tokens that time puts in.
        per_second: f64,
    },
    /// No extra attempt while failures / first tries is above the ratio.
    FailureRatio {
        /// 0 to 1.
        ratio: f64,
    },
}

/// Why there is no such budget.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BudgetError {
    /// A number of tokens is negative or no number.
    #[error("tokens of a budget must be finite and not negative")]
    Tokens,
    /// The ratio is not from 0 to 1.
    #[error("the ratio of a budget must be from 0 to 1")]
    Ratio,
}
