//! Every built-in strategy by name: the only crate that knows them all.
//!
//! A scenario file chooses its strategies by kind and parameters. [`build`] is where that choice
//! becomes a type: a [`BuiltIn`] is one of the nine, and runs as the one it is. [`Kind::ALL`] with
//! [`Kind::summary`] and [`Kind::parameters`] is what a list, a schema and an error message say
//! about them, from the same source.
//!
//! ```
//! use awaitlab_catalogue::{Kind, Parameters, build};
//!
//! let two_at_a_time = Parameters { limit: Some(2), ..Parameters::default() };
//! let strategy = build(Kind::Bounded, &two_at_a_time)?;
//! assert_eq!(strategy.kind().name(), "bounded");
//! # Ok::<(), awaitlab_catalogue::BuildError>(())
//! ```

mod build;
mod built_in;
mod kind;
mod parameter;

pub use build::{BuildError, Parameters, build};
pub use built_in::{BuiltIn, CallsError, StrategyVisitor};
pub use kind::Kind;
pub use parameter::{ParameterInfo, Values};
