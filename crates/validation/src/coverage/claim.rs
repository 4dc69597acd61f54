//! An interval, and what it is to cover.

use awaitlab_record::Record;
use awaitlab_record::replications_csv::FIGURES;
use awaitlab_stats::{Confidence, NS_PER_MS, Sample};

/// An interval of one strategy, and the truth.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What it is of, as a reader would say it.
    pub label: String,
    /// The strategy's name.
    pub strategy: &'static str,
    /// Which interval is looked at.
    pub interval: Interval,
    /// The value that theory gives, in the interval's unit.
    pub truth: f64,
    /// Where it comes from.
    pub formula: &'static str,
    /// Whether it is to keep to the bounds of its interval.
    pub judged: bool,
}

/// Which interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Of the mean settle time, in the strategy's row.
    Mean,
    /// Of its 99th percentile, in the row.
    P99,
    /// Of the success rate, in the row.
    SuccessRate,
    /// Of the difference to the baseline, in the comparison.
    Difference,
    /// The same where p99 is compared.
    DifferenceOfP99,
    /// What the lab does not print: Student's over all jobs of all replications, as though each were
    /// independent of the others.
    OverRequests,
    /// What the lab does not print: Student's over the replications' own p99, about their mean.
    MeanOfP99,
}

/// The shares between which the coverage of a valid interval lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// At least.
    pub least: f64,
    /// At most.
    pub most: f64,
}

impl Interval {
    /// `None` for what the lab does not print.
    pub fn bounds(self) -> Option<Bounds> {
        match self {
            Interval::Mean | Interval::SuccessRate | Interval::Difference => Some(Bounds {
                least: 0.93,
                most: 0.97,
            }),
            Interval::P99 | Interval::DifferenceOfP99 => Some(Bounds {
                least: 0.91,
                most: 0.975,
            }),
            Interval::OverRequests | Interval::MeanOfP99 => None,
        }
    }

    /// Whether it is of a time, in milliseconds.
    pub(super) fn is_a_time(self) -> bool {
        self != Interval::SuccessRate
    }
}

impl Claim {
    /// The interval that stands in a record: `None` where it says nothing of the strategy,
    /// `Some(None)` where it says that there is no interval.
    pub(super) fn of(&self, record: &Record) -> Option<Option<[f64; 2]>> {
        let summary = &record.summary;
        let mut names = summary.rows.iter().map(|row| row.strategy.as_str());
        let index = names.position(|name| name == self.strategy)?;
        let (row, cell) = (&summary.rows[index], &record.cells[index]);
        let mut compared = summary.comparisons.iter();
        Some(match self.interval {
            Interval::Mean => row.settle_ms.ci95,
            Interval::P99 => row.settle_ms.p99_ci95,
            Interval::SuccessRate => row.success_rate.ci95,
            Interval::Difference | Interval::DifferenceOfP99 => {
                compared.find(|of| of.strategy == self.strategy)?.ci95
            }
            Interval::OverRequests => {
                let jobs = cell.settle.sample()?.per(NS_PER_MS);
                jobs.t_interval(Confidence::P95)
            }
            Interval::MeanOfP99 => {
                let place = FIGURES.iter().position(|name| *name == "settle_ms.p99")?;
                let own = cell.replications.iter().map(|of| of.figures[place]);
                let own = own.collect::<Option<Vec<f64>>>();
                own.and_then(|own| Sample::of(&own)?.t_interval(Confidence::P95))
            }
        })
    }
}
