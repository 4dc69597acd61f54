//! What got worse by more than somebody will have.

use serde::Serialize;

use super::{Changes, RowName};

/// What was asked of regressions, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailOver {
    /// The threshold, in percent of the first figure.
    pub percent: f64,
    /// Figures that are worse by more than that, and not by chance.
    pub regressions: Vec<Regression>,
    /// Figures that are worse by more than that, as far as a figure without an interval can say.
    pub unjudged: Vec<Regression>,
}

/// A figure that got worse.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// The metric.
    pub metric: String,
    /// The row.
    #[serde(flatten)]
    pub row: RowName,
    /// The change as a share of the first figure; `None` where that was 0.
    pub relative: Option<f64>,
}

impl Changes {
    /// Looks for regressions beyond `percent`, which is 0 or more.
    ///
    /// A figure is one when its change is worse by the metric's direction, is not explained by chance
    /// (its adjusted p value is below 5 %), and is itself larger than the threshold: the interval
    /// must leave out 0, and need not leave out the threshold. Whatever was 0 and got worse is
    /// beyond every threshold.
    #[must_use]
    pub fn failing_over(mut self, percent: f64) -> Changes {
        let (mut regressions, mut unjudged) = (Vec::new(), Vec::new());
        for of_metric in &self.metrics {
            for change in &of_metric.changes {
                let beyond = change
                    .relative
                    .is_none_or(|share| share.abs() * 100.0 > percent);
                let regression = || Regression {
                    metric: of_metric.metric.clone(),
                    row: change.row.clone(),
                    relative: change.relative,
                };
                if change.is_worse && beyond {
                    regressions.push(regression());
                } else if change.seems_worse(&of_metric.metric) && beyond {
                    unjudged.push(regression());
                }
            }
        }
        self.fail_over = Some(FailOver {
            percent,
            regressions,
            unjudged,
        });
        self
    }
}
