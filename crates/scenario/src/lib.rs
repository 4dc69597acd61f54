//! A scenario file, read once, at the edge: TOML to a [`Scenario`] that cannot be invalid.
//!
//! What a file may say stands in one place, as data: each module of [`mod@format`] describes its
//! table and builds a domain type from it. The check holds a file against the description and
//! collects everything that breaks it; [`schema()`] prints the same description as a JSON Schema, so
//! that an editor knows exactly what the reader accepts.
//!
//! ```
//! use awaitlab_scenario::Scenario;
//!
//! let file = r#"
//! version = 1
//! title = "Three requests"
//! job.calls = 3
//! downstream.api.latency = { kind = "constant", value = "500ms" }
//! strategy = [{ name = "Promise.all()", kind = "all" }]
//! "#;
//! let scenario = Scenario::parse("three.toml", file.as_bytes(), &[])?;
//! assert_eq!(scenario.variants[0].job.calls(), 3);
//!
//! let errors = Scenario::parse("three.toml", b"versoin = 1", &[]).unwrap_err();
//! assert!(errors.to_string().contains("did you mean \"version\"?"));
//! # Ok::<(), awaitlab_scenario::ScenarioErrors>(())
//! ```

mod check;
mod document;
pub mod errors;
pub mod format;
pub mod name;
mod overrides;
mod printable;
mod problem;
mod read;
pub mod scenario;
mod schema;
mod shape;
mod suggest;
mod text;
pub mod value;

pub use errors::{Broken, Position, ScenarioErrors, Unreadable};
pub use scenario::{
    Analysis, Compare, Downstream, Entry, Expect, Job, JobPart, Measure, Scenario, Source, Variant,
};
pub use schema::schema;
pub use text::LARGEST_FILE;
