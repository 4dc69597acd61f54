//! A record as people read it: the terminal's table, the Markdown report, and charts.
//!
//! Everything here is a pure function of an [`awaitlab_record::Record`], or of what changed between
//! two; nothing is run, read or written. Equal records give equal bytes.
//!
//! | function | gives |
//! |---|---|
//! | [`terminal`] | the comparison as it is printed, as wide as it is told |
//! | [`markdown_table`] | the same as Markdown, alone |
//! | [`markdown`] | `report.md`: the verdict, the tables, what was run and how |
//! | [`charts`] | the charts, as SVG and PNG |
//! | [`pngs`] | the PNG files of all of them at once |
//! | [`shown`] | those of them that `report.md` shows |
//! | [`changes`], [`changes_markdown`] | what changed between two runs |
//! | [`Curves`] | a chart of a study, which no record is behind |

mod blocks;
mod changes;
mod charts;
mod columns;
mod errors;
mod escape;
mod figures;
mod font;
mod markdown;
mod measures;
mod png;
mod policies;
mod precision;
mod scene;
mod services;
mod svg;
mod terminal;
mod verdict;
mod words;

pub use changes::{changes, changes_markdown};
pub use charts::{Chart, ChartError, Curve, Curves, Reading, Span, charts, pngs};
pub use markdown::{markdown, markdown_table, shown};
pub use terminal::terminal;
