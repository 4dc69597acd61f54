//! What the strips of a chart over time measure.

use awaitlab_record::series::Figures;

use super::strip::Line;
use crate::figures;

/// What a strip shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Goodput,
    InFlight,
    Queued,
    P99,
    Amplification,
}

impl Measure {
    pub(super) const ALL: [Measure; 5] = [
        Measure::Goodput,
        Measure::InFlight,
        Measure::Queued,
        Measure::P99,
        Measure::Amplification,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Measure::Goodput => "Goodput, jobs per second",
            Measure::InFlight => "Attempts in flight",
            Measure::Queued => "Attempts waiting in queues",
            Measure::P99 => "Settle time, p99",
            Measure::Amplification => "Attempts per call (amplification)",
        }
    }

    /// Its name within a sentence.
    const fn spoken(self) -> &'static str {
        match self {
            Measure::Goodput => "goodput",
            Measure::InFlight => "attempts in flight",
            Measure::Queued => "attempts waiting in queues",
            Measure::P99 => "p99 of the settle time",
            Measure::Amplification => "attempts per call",
        }
    }

    /// Which figure stands beside each line.
    pub(super) const fn beside(self) -> &'static str {
        match self {
            Measure::Goodput => "mean",
            Measure::P99 => "longest",
            _ => "highest",
        }
    }

    /// Its value in an interval, times in milliseconds.
    pub(super) fn of(self, figures: &Figures) -> Option<f64> {
        match self {
            Measure::Goodput => Some(figures.good_per_s),
            Measure::InFlight => Some(figures.in_flight),
            Measure::Queued => Some(figures.queued),
            Measure::P99 => figures.p99_ns.map(|ns| ns as f64 / 1e6),
            Measure::Amplification => figures.amplification,
        }
    }

    /// A value as it is written.
    pub(super) fn print(self, value: f64) -> String {
        match self {
            Measure::P99 => figures::time(value),
            _ if value >= 100.0 => figures::count(value.round() as u64),
            // Three digits are enough beside a line.
            _ if value >= 10.0 => figures::number((value * 10.0).round() / 10.0),
            _ => figures::number((value * 100.0).round() / 100.0),
        }
    }

    /// Whether it says anything. Goodput always does: that there is none is the story then.
    pub(super) fn moves(self, lines: &[Line<'_>]) -> bool {
        let mut values = self.values(lines);
        let first = values.next();
        self == Measure::Goodput || values.any(|value| Some(value) != first)
    }

    /// What it is all the time, where it does not move.
    pub(super) fn constant(self, lines: &[Line<'_>]) -> String {
        match self.values(lines).next() {
            Some(value) => format!("{}, always {}", self.spoken(), self.print(value)),
            None => format!("{}, of which there are none", self.spoken()),
        }
    }

    /// Its values in all intervals of all lines.
    pub(super) fn values<'a>(
        self,
        lines: &'a [Line<'_>],
    ) -> impl Iterator<Item = f64> + Clone + 'a {
        lines
            .iter()
            .flat_map(|line| &line.figures)
            .filter_map(move |figures| self.of(figures))
    }
}
