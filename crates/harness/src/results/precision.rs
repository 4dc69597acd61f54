//! Whether intervals are as narrow as was asked for.
//!
//! Asked is for half the 95 % interval over the value, of the metric of `[compare]`, in every variant
//! under every strategy: of the values, not of the differences. A difference that is nothing has no
//! size to be relative to; and since both strategies meet the same world, it is mostly known better
//! than the values are.
//!
//! A figure that is the same in every repetition is known exactly. Of a share of 0, which nothing is
//! relative to, the bound itself must be within what is asked.

use awaitlab_record::summary::{Precision, Row};
use awaitlab_scenario::Variant;
use awaitlab_stats::{Confidence, Sample};

use crate::contest::run::CellResult;
use crate::count::paired::Paired;
use crate::results::compare::is_a_quantile;

/// What the intervals of a run are like.
pub(crate) struct Assessment {
    pub(crate) precision: Precision,
    /// Some interval will never be there, however many replications are run.
    pub(crate) is_hopeless: bool,
}

/// One variant under one strategy.
pub(crate) struct Assessed<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) row: &'a Row,
    pub(crate) cell: &'a CellResult,
}

/// Looks at all cells.
pub(crate) fn assess<'a>(
    asked: f64,
    metric: &str,
    cells: impl Iterator<Item = Assessed<'a>>,
) -> Assessment {
    let mut assessment = Assessment {
        precision: Precision {
            asked,
            metric: metric.to_owned(),
            reached: true,
            widest: Some(0.0),
            variant: String::new(),
            strategy: String::new(),
        },
        is_hopeless: false,
    };
    let worst = &mut assessment.precision;
    for cell in cells {
        let width = relative_half_width(metric, &cell);
        worst.reached &= width.is_some_and(|width| width <= asked);
        assessment.is_hopeless |= width.is_none() && is_hopeless(metric, &cell);
        // What has no interval is worse than what has a wide one.
        let is_worse = match (worst.widest, width) {
            (Some(widest), Some(width)) => width > widest || worst.strategy.is_empty(),
            (widest, width) => widest.is_some() && width.is_none(),
        };
        if is_worse {
            worst.widest = width;
            worst.variant = cell.row.variant.clone();
            worst.strategy = cell.row.strategy.clone();
        }
    }
    assessment
}

fn relative_half_width(metric: &str, cell: &Assessed<'_>) -> Option<f64> {
    let (value, [low, high]) = match cell.row.interval(metric) {
        Some(interval) => (cell.row.metric(metric)??, interval?),
        None => {
            let sample = repeated(metric, cell).filter(|_| !is_heavy_tailed(metric, cell))?;
            (sample.mean, sample.t_interval(Confidence::P95)?)
        }
    };
    Some(match value.abs() {
        0.0 => high - low,
        size => (high - low) / 2.0 / size,
    })
}

/// What repetitions measured, of a figure that has no interval in its row. In the unit of the
/// values, whatever that is.
fn repeated(metric: &str, cell: &Assessed<'_>) -> Option<Sample> {
    match &cell.cell.tally.time {
        Some(in_time) => in_time.sample(|of| of.compared),
        None => {
            let values = &cell.cell.values;
            let sample = values.moments.sample().filter(|_| values.missing == 0);
            sample.filter(|_| Paired::named(metric).is_some())
        }
    }
}

fn is_heavy_tailed(metric: &str, cell: &Assessed<'_>) -> bool {
    metric.contains("_ms") && !is_a_quantile(metric) && cell.variant.has_infinite_variance()
}

/// More replications do not give a value to those that had none.
fn is_hopeless(metric: &str, cell: &Assessed<'_>) -> bool {
    let unknown = match &cell.cell.tally.time {
        Some(in_time) => in_time.values(|of| of.compared).is_none(),
        None => cell.cell.values.missing > 0 || Paired::named(metric).is_none(),
    };
    unknown || is_heavy_tailed(metric, cell)
}
