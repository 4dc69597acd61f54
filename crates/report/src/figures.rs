//! Numbers as they are printed: as many digits as are worth reading, in a unit that suits them.

/// A unit of time that an axis or a cell is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
}

impl Unit {
    /// The unit for times up to `ms`. Milliseconds reach up to ten seconds, because the services
    /// of this trade are spoken of in milliseconds: 1500 ms stays 1500 ms.
    pub(crate) fn for_ms(ms: f64) -> Unit {
        match ms.abs() {
            ms if ms < 0.001 => Unit::Nanoseconds,
            ms if ms < 1.0 => Unit::Microseconds,
            ms if ms < 10_000.0 => Unit::Milliseconds,
            ms if ms < 600_000.0 => Unit::Seconds,
            ms if ms < 36_000_000.0 => Unit::Minutes,
            _ => Unit::Hours,
        }
    }

    /// Its symbol.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "ns",
            Unit::Microseconds => "µs",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Minutes => "min",
            Unit::Hours => "h",
        }
    }

    /// How many milliseconds one of it is.
    pub(crate) const fn in_ms(self) -> f64 {
        match self {
            Unit::Nanoseconds => 1e-6,
            Unit::Microseconds => 1e-3,
            Unit::Milliseconds => 1.0,
            Unit::Seconds => 1e3,
            Unit::Minutes => 6e4,
            Unit::Hours => 3.6e6,
        }
    }
}

/// What stands where a figure could not be computed.
pub(crate) const NONE: &str = "–";

/// A time in milliseconds, in the unit that suits it: `1500 ms`, `12.5 s`, `0 ms`.
pub(crate) fn time(ms: f64) -> String {
    let unit = if ms == 0.0 {
        Unit::Milliseconds
    } else {
        Unit::for_ms(ms)
    };
    format!("{} {}", number(ms / unit.in_ms()), unit.symbol())
}

/// A time that may not exist.
pub(crate) fn maybe_time(ms: Option<f64>) -> String {
    ms.map_or_else(|| NONE.into(), time)
}

/// A mean with half its 95 % interval, to the digits that the interval leaves it: `916.7 ±5.3 ms`.
/// An interval that vanishes beside its mean is left out.
pub(crate) fn mean_time(mean: Option<f64>, ci95: Option<[f64; 2]>) -> String {
    let Some(mean) = mean else { return NONE.into() };
    let Some([low, high]) = ci95 else {
        return time(mean);
    };
    let unit = Unit::for_ms(mean);
    let (value, half) = (mean / unit.in_ms(), (high - low) / 2.0 / unit.in_ms());
    // Two digits of the half-width, but no more than five of the mean.
    let decimals = decimals_for(half, 2).min(decimals_for(value, 5));
    let shown = fixed(half, decimals);
    if mean == 0.0 || !shown.chars().any(|c| ('1'..='9').contains(&c)) {
        return time(mean);
    }
    format!("{} ±{shown} {}", fixed(value, decimals), unit.symbol())
}

/// A number with four significant digits, or all digits before the point: `1500`, `916.7`, `0.05`.
pub(crate) fn number(value: f64) -> String {
    let text = fixed(value, decimals_for(value, 4));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

/// A share in percent. Never rounds to all or nothing what is not: `66.7 %`, `<0.1 %`, `>99.9 %`.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.05 {
        return "<0.1 %".into();
    }
    if (99.95..100.0).contains(&percent) {
        return ">99.9 %".into();
    }
    let text = fixed(percent, 1);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// A change in percent with half its 95 % interval, to the digits that the interval leaves it:
/// `+10.0 ±0.4 %`; an interval that is much longer on one side with both: `+3 −1/+45 %`. A share of
/// 0.1 is 10 %.
pub(crate) fn change(share: f64, ci95: Option<[f64; 2]>) -> String {
    let percent = share * 100.0;
    let sign = if percent > 0.0 { "+" } else { "" };
    let [low, high] = ci95.map_or([percent; 2], |ci95| ci95.map(|bound| bound * 100.0));
    let (half, below, above) = ((high - low) / 2.0, percent - low, high - percent);
    let decimals = decimals_for(half, 2).min(decimals_for(percent, 5).max(1));
    let [point, half, below, above] = [percent, half, below, above].map(|of| fixed(of, decimals));
    if !half.chars().any(|c| ('1'..='9').contains(&c)) {
        return format!("{sign}{} %", number(percent));
    }
    if (high - percent).max(percent - low) > LOPSIDED * (high - percent).min(percent - low) {
        return format!("{sign}{point} −{below}/+{above} %");
    }
    format!("{sign}{point} ±{half} %")
}

/// From here on half an interval would mislead about its ends.
const LOPSIDED: f64 = 3.0;

/// A count with its thousands apart: `10 000`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A number of things, said in words: `1 call`, `3 calls`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// How many decimals show `digits` significant digits of `value`.
fn decimals_for(value: f64, digits: i32) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let magnitude = value.abs().log10().floor() as i32;
    (digits - 1 - magnitude).clamp(0, 9) as usize
}

/// A typographer's minus, and no minus before a zero.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().any(|c| ('1'..='9').contains(&c)) => format!("−{rest}"),
        Some(rest) => rest.to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_the_unit_that_suits_it() {
        let written: Vec<String> = [
            0.0,
            0.0005,
            0.25,
            1.0,
            500.000_000_01,
            916.666_7,
            1500.0,
            12_345.6,
            7.2e6,
            -1000.0,
        ]
        .map(time)
        .into();
        assert_eq!(
            written,
            [
                "0 ms",
                "500 ns",
                "250 µs",
                "1 ms",
                "500 ms",
                "916.7 ms",
                "1500 ms",
                "12.35 s",
                "120 min",
                "−1000 ms"
            ]
        );
    }

    #[test]
    fn a_mean_has_the_digits_its_interval_leaves_it() {
        assert_eq!(
            mean_time(Some(916.666), Some([911.4, 922.0])),
            "916.7 ±5.3 ms"
        );
        assert_eq!(
            mean_time(Some(916.666), Some([800.0, 1030.0])),
            "917 ±115 ms"
        );
        assert_eq!(mean_time(Some(1500.0), Some([1500.0, 1500.0])), "1500 ms");
        assert_eq!(
            mean_time(Some(1500.0), Some([1_499.999_999, 1_500.000_001])),
            "1500 ms"
        );
        assert_eq!(mean_time(Some(500.0), None), "500 ms");
        assert_eq!(mean_time(None, None), "–");
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        let written: Vec<String> = [0.0, 0.000_1, 2.0 / 3.0, 0.999_9, 1.0].map(percent).into();
        assert_eq!(written, ["0 %", "<0.1 %", "66.7 %", ">99.9 %", "100 %"]);
    }

    #[test]
    fn a_change_has_a_sign_and_the_digits_its_interval_leaves_it() {
        assert_eq!(change(0.1, Some([0.095_9, 0.104_1])), "+10.00 ±0.41 %");
        assert_eq!(change(-0.5, Some([-0.62, -0.38])), "−50 ±12 %");
        assert_eq!(change(0.000_01, Some([-0.02, 0.02])), "+0.0 ±2.0 %");
        assert_eq!(change(2.0, None), "+200 %");
        assert_eq!(change(2.0, Some([2.0, 2.0])), "+200 %");
        assert_eq!(change(0.1, None), "+10 %");
        assert_eq!(change(0.03, Some([0.001_2, 0.46])), "+3 −3/+43 %");
        assert_eq!(change(0.0, Some([-0.3, 0.3])), "0 ±30 %");
    }

    #[test]
    fn thousands_stand_apart_from_five_digits_on() {
        assert_eq!(
            [999, 1500, 10_000, 1_234_567].map(count),
            ["999", "1500", "10 000", "1 234 567"]
        );
    }
}
