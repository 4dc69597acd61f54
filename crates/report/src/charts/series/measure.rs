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
    Limit,
    OpenBreakers,
    Retries,
    Hedges,
    Timeouts,
    Refused,
}

impl Measure {
    /// What became of jobs and attempts.
    pub(super) const FLOW: [Measure; 5] = [
        Measure::Goodput,
        Measure::InFlight,
        Measure::Queued,
        Measure::P99,
        Measure::Amplification,
    ];
    /// What the policies did: first what they decided from, then what came of it.
    pub(super) const POLICIES: [Measure; 6] = [
        Measure::Limit,
        Measure::OpenBreakers,
        Measure::Retries,
        Measure::Hedges,
        Measure::Timeouts,
        Measure::Refused,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Measure::Goodput => "Goodput, jobs per second",
            Measure::InFlight => "Attempts in flight",
            Measure::Queued => "Attempts waiting in queues",
            Measure::P99 => "Settle time, p99",
            Measure::Amplification => "Attempts per call (amplification)",
            Measure::Limit => "Limit of adaptive limiters, calls at once",
            Measure::OpenBreakers => "Open breakers, the darker the more",
            Measure::Retries => "Retries per second",
            Measure::Hedges => "Hedges per second",
            Measure::Timeouts => "Timeouts per second",
            Measure::Refused => "Calls refused per second",
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
            Measure::Limit => "limit of adaptive limiters",
            Measure::OpenBreakers => "open breakers",
            Measure::Retries => "retries",
            Measure::Hedges => "hedges",
            Measure::Timeouts => "timeouts",
            Measure::Refused => "refused calls",
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
            Measure::Limit => figures.limit,
            Measure::OpenBreakers => Some(figures.open_breakers),
            Measure::Retries => Some(figures.retries_per_s),
            Measure::Hedges => Some(figures.hedges_per_s),
            Measure::Timeouts => Some(figures.timeouts_per_s),
            Measure::Refused => Some(figures.refused_per_s),
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

    /// Whether it says anything. Goodput always does: that there is none is the story then. What
    /// policies did is worth a strip where they did it at all.
    pub(super) fn moves(self, lines: &[&Line<'_>]) -> bool {
        let mut values = self.values(lines);
        match self {
            Measure::Goodput => true,
            _ if self.counts_policies() => values.any(|value| value > 0.0),
            Measure::Amplification if !self.goes_on(lines) => false,
            _ => {
                let first = values.next();
                values.any(|value| Some(value) != first)
            }
        }
    }

    /// Whether any line has more than a point: the calls of a burst all start in one interval, and
    /// there alone is something per call.
    fn goes_on(self, lines: &[&Line<'_>]) -> bool {
        let points = |line: &&Line<'_>| {
            line.figures
                .iter()
                .filter_map(|figures| self.of(figures))
                .count()
        };
        lines.iter().any(|line| points(line) > 1)
    }

    /// Whether a reader misses it where it is not drawn.
    pub(super) fn is_missed(self, lines: &[&Line<'_>]) -> bool {
        match self {
            Measure::Limit => self.values(lines).next().is_some(),
            _ => !self.counts_policies(),
        }
    }

    /// Whether it is something that a policy did or not.
    fn counts_policies(self) -> bool {
        self != Measure::Limit && Measure::POLICIES.contains(&self)
    }

    /// Those of the strategies that its strip shows: of policies only who has them.
    pub(super) fn concerned<'a>(self, lines: &'a [Line<'a>]) -> Vec<&'a Line<'a>> {
        let has = |line: &&Line<'_>| {
            let mut values = line.figures.iter().filter_map(|figures| self.of(figures));
            !Measure::POLICIES.contains(&self) || values.any(|value| value > 0.0)
        };
        lines.iter().filter(has).collect()
    }

    /// What it is all the time, where it does not move.
    pub(super) fn constant(self, lines: &[&Line<'_>]) -> String {
        match self.values(lines).next() {
            Some(_) if self == Measure::Amplification && !self.goes_on(lines) => {
                format!("{}, as all calls start at once", self.spoken())
            }
            Some(value) => format!("{}, always {}", self.spoken(), self.print(value)),
            None => format!("{}, of which there are none", self.spoken()),
        }
    }

    /// Its values in all intervals of all lines.
    pub(super) fn values<'a>(
        self,
        lines: &'a [&Line<'_>],
    ) -> impl Iterator<Item = f64> + Clone + 'a {
        lines
            .iter()
            .flat_map(|line| &line.figures)
            .filter_map(move |figures| self.of(figures))
    }
}
