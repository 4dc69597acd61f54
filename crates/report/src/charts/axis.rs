//! Axes: where a value lies, and which values are worth a label.

use super::style::{EDGE, GRID, HEAD, TICK};
use crate::figures::{self, Unit};
use crate::scene::{Anchor, Point, Rect, Scene};

/// Values along a length, from `low` to `high`: times in milliseconds, or plain numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    /// `None` for plain numbers.
    unit: Option<Unit>,
    step: f64,
    scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    Logarithmic,
    /// With so many decades that only they have labels.
    Decades,
}

/// From this ratio of the longest to the shortest time on, an axis of lines is logarithmic.
pub(crate) const WIDE: f64 = 60.0;
/// Steps of an axis as long as a page is wide, and of one that is as high as a strip of a page.
const STEPS: f64 = 6.0;
const FEW_STEPS: f64 = 4.0;

impl Axis {
    /// Times from 0 to the first round value at or above `high`.
    pub(super) fn from_zero(high: f64) -> Self {
        Axis::between(0.0, high)
    }

    /// Times from the last round value at or below `low` to the first at or above `high`.
    pub(super) fn between(low: f64, high: f64) -> Self {
        Axis::round(low, high, STEPS, |high| Some(Unit::for_ms(high)))
    }

    /// Times from 0, for an axis that is short.
    pub(super) fn short(high: f64) -> Self {
        Axis::round(0.0, high, FEW_STEPS, |high| Some(Unit::for_ms(high)))
    }

    /// Plain numbers from 0, for an axis that is short.
    pub(super) fn numbers(high: f64) -> Self {
        Axis::round(0.0, high, FEW_STEPS, |_| None)
    }

    /// Virtual time from 0 to `high` itself, in seconds where it is not much longer or shorter.
    pub(super) fn virtual_time(high: f64) -> Self {
        let unit = |high: f64| match Unit::for_ms(high) {
            Unit::Milliseconds if high >= 1000.0 => Some(Unit::Seconds),
            unit => Some(unit),
        };
        let axis = Axis::round(0.0, high, 2.0 * STEPS, unit);
        Axis {
            high: if high > 0.0 { high } else { axis.high },
            ..axis
        }
    }

    fn round(low: f64, high: f64, steps: f64, unit: impl Fn(f64) -> Option<Unit>) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let unit = unit(high);
        let one = unit.map_or(1.0, Unit::in_ms);
        let step = round_step((high - low) / one, steps) * one;
        // A hair's breadth of tolerance, so that rounding adds no step of its own.
        let low = (low / step + 1e-9).floor() * step;
        let high = (high / step - 1e-9).ceil() * step;
        Axis {
            low,
            high,
            unit,
            step,
            scale: Scale::Linear,
        }
    }

    /// Whole numbers from 0.
    pub(super) fn whole(high: f64) -> Self {
        let axis = Axis::round(0.0, high, 2.0 * STEPS, |_| None);
        let step = axis.step.max(1.0).ceil();
        Axis {
            high: (high / step - 1e-9).ceil() * step,
            step,
            ..axis
        }
    }

    /// Logarithmic, between positive numbers.
    pub(super) fn logarithmic_numbers(low: f64, high: f64) -> Self {
        Axis {
            unit: None,
            ..Axis::decades_wide(low, high, 500.0)
        }
    }

    /// Logarithmic, between positive times.
    pub(super) fn logarithmic(low: f64, high: f64) -> Self {
        Axis::decades_wide(low, high, 1e4)
    }

    /// Logarithmic, between positive times, for an axis that is short.
    pub(super) fn short_logarithmic(low: f64, high: f64) -> Self {
        Axis::decades_wide(low, high, 50.0)
    }

    /// Only decades have labels where one end is more than `wide` times the other.
    fn decades_wide(low: f64, high: f64, wide: f64) -> Self {
        let high = high.max(low * 2.0);
        let scale = if high / low > wide {
            Scale::Decades
        } else {
            Scale::Logarithmic
        };
        Axis {
            low,
            high,
            unit: Some(Unit::for_ms(high)),
            step: 0.0,
            scale,
        }
    }

    /// Whether equal lengths are equal ratios.
    pub(super) fn is_logarithmic(&self) -> bool {
        self.scale != Scale::Linear
    }

    /// The unit its labels are in; nothing for plain numbers.
    pub(super) fn unit(&self) -> &'static str {
        self.unit.map_or("", Unit::symbol)
    }

    /// A time in the unit of the labels.
    pub(super) fn in_unit(&self, ms: f64) -> f64 {
        ms / self.unit.map_or(1.0, Unit::in_ms)
    }

    /// Where on the axis a value lies: 0 to 1, beyond where it does.
    pub(super) fn share(&self, ms: f64) -> f64 {
        if self.scale != Scale::Linear {
            (ms.max(self.low * 1e-3) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (ms - self.low) / (self.high - self.low)
        }
    }

    /// Round values with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let label = |value: f64| match self.unit {
            None if value >= 10_000.0 => (value, figures::count(value.round() as u64)),
            _ => (value, figures::number(self.in_unit(value))),
        };
        if self.scale != Scale::Linear {
            return self.decades().into_iter().map(label).collect();
        }
        let steps = ((self.high - self.low) / self.step + 1e-9).floor() as usize;
        (0..=steps)
            .map(|index| label(self.low + index as f64 * self.step))
            .collect()
    }

    fn decades(&self) -> Vec<f64> {
        let (first, last) = (
            self.low.log10().floor() as i32,
            self.high.log10().ceil() as i32,
        );
        let within: &[f64] = match self.scale {
            Scale::Decades => &[1.0],
            Scale::Linear | Scale::Logarithmic => &[1.0, 2.0, 5.0],
        };
        (first..=last)
            .flat_map(|decade| within.iter().map(move |&digit| digit * 10_f64.powi(decade)))
            .filter(|&ms| ms >= self.low * 0.999 && ms <= self.high * 1.001)
            .collect()
    }

    /// Draws grid lines over a plot and labels under it.
    pub(super) fn draw_below(&self, scene: &mut Scene, plot: Rect, title: &str) {
        let mut lines = Vec::new();
        for (ms, label) in self.ticks() {
            let x = plot.x + self.share(ms) * plot.width;
            lines.push(vec![(x, plot.y), (x, plot.bottom())]);
            scene.text((x, plot.bottom() + 16.0), Anchor::Middle, TICK, &label);
        }
        scene.lines(GRID, 1.0, lines);
        let title = match self.unit() {
            "" => title.to_string(),
            unit => format!("{title}, {unit}"),
        };
        let middle = (plot.x + plot.width / 2.0, plot.bottom() + 34.0);
        scene.text(middle, Anchor::Middle, HEAD, &title);
    }

    /// Draws grid lines over a plot and labels at its left, for an axis that goes up.
    pub(super) fn draw_left(&self, scene: &mut Scene, plot: Rect) {
        let mut lines = Vec::new();
        for (ms, label) in self.ticks() {
            let y = plot.bottom() - self.share(ms) * plot.height;
            lines.push(vec![(plot.x, y), (plot.right(), y)]);
            scene.text((plot.x - 8.0, y + 4.0), Anchor::End, TICK, &label);
        }
        scene.lines(GRID, 1.0, lines);
    }
}

/// Space under a plot for labels and title of its axis.
pub(super) const BELOW: f64 = 40.0;

/// Draws the line on which things stand.
pub(super) fn baseline(scene: &mut Scene, from: Point, to: Point) {
    scene.line(EDGE, 1.0, &[from, to]);
}

/// The round number (1, 2, 2.5 or 5 of a decade) nearest above a span's share of `steps`.
fn round_step(span: f64, steps: f64) -> f64 {
    let raw = span / steps;
    let decade = 10_f64.powf(raw.log10().floor());
    let digits = [1.0, 2.0, 2.5, 5.0, 10.0];
    digits
        .into_iter()
        .map(|digit| digit * decade)
        .find(|&step| step >= raw * 0.999)
        .unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn an_axis_ends_at_a_round_value() {
        assert_eq!(
            labels(Axis::from_zero(1500.0)),
            ["0", "250", "500", "750", "1000", "1250", "1500"]
        );
        assert_eq!(
            labels(Axis::from_zero(3944.0)),
            ["0", "1000", "2000", "3000", "4000"]
        );
        assert_eq!(Axis::from_zero(0.25).unit(), "µs");
        assert_eq!(
            labels(Axis::from_zero(60_000.0)),
            ["0", "10", "20", "30", "40", "50", "60"]
        );
    }

    #[test]
    fn virtual_time_ends_where_the_run_does() {
        let axis = Axis::virtual_time(61_500.0);
        assert_eq!((axis.high, axis.unit()), (61_500.0, "s"));
        assert_eq!(labels(axis).last().map(String::as_str), Some("60"));
        assert_eq!(Axis::virtual_time(5000.0).unit(), "s");
        assert_eq!(Axis::virtual_time(300.0).unit(), "ms");
        assert_eq!(Axis::virtual_time(3.6e6).unit(), "min");
    }

    #[test]
    fn a_short_axis_has_few_labels() {
        assert_eq!(labels(Axis::numbers(97.0)), ["0", "25", "50", "75", "100"]);
        assert_eq!(
            labels(Axis::short(380.0)),
            ["0", "100", "200", "300", "400"]
        );
    }

    #[test]
    fn whole_numbers_have_no_fractions_between_them() {
        assert_eq!(labels(Axis::whole(2.0)), ["0", "1", "2"]);
        assert_eq!(
            labels(Axis::whole(3.0)).last().map(String::as_str),
            Some("3")
        );
        assert_eq!(labels(Axis::whole(64.0))[..3], ["0", "10", "20"]);
    }

    #[test]
    fn an_axis_of_nothing_still_has_a_length() {
        let axis = Axis::from_zero(0.0);
        assert!(axis.high > axis.low);
        assert!(axis.ticks().len() > 1);
    }

    #[test]
    fn a_logarithmic_axis_gives_each_decade_the_same_length() {
        let axis = Axis::logarithmic(1.0, 1000.0);
        let shares = [1.0, 10.0, 100.0, 1000.0].map(|ms| (axis.share(ms) * 30.0).round());
        assert_eq!(shares, [0.0, 10.0, 20.0, 30.0]);
    }
}
