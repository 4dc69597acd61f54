//! Text and numbers as cells of a CSV file.

use std::borrow::Cow;

/// A name as a cell. A spreadsheet evaluates what begins with one of `= + - @`, a tab or a carriage
/// return; an apostrophe before it makes it text.
pub(crate) fn text(name: &str) -> Cow<'_, str> {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{name}"))
    } else {
        Cow::Borrowed(name)
    }
}

/// A figure as a plain decimal, never with an exponent; empty where there is none.
pub(crate) fn figure(figure: Option<f64>) -> String {
    figure.map_or_else(String::new, |figure| figure.to_string())
}

/// Nanoseconds as exact milliseconds: at most six digits after the point, no trailing zeros.
pub(crate) fn ms(ns: u64) -> String {
    in_units(ns, 6)
}

/// Nanoseconds as exact seconds: at most nine digits after the point, no trailing zeros.
pub(crate) fn seconds(ns: u64) -> String {
    in_units(ns, 9)
}

/// Nanoseconds in units of 10^`digits` of them.
fn in_units(ns: u64, digits: usize) -> String {
    let unit = 10_u64.pow(digits as u32);
    let (whole, rest) = (ns / unit, ns % unit);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:0digits$}")
        .trim_end_matches('0')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_evaluate_becomes_text() {
        for dangerous in ["=cmd", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(text(dangerous), format!("'{dangerous}"));
        }
        for harmless in ["all", "a=b", "", "'quoted"] {
            assert_eq!(text(harmless), harmless);
        }
    }

    #[test]
    fn nanoseconds_are_exact_milliseconds_and_seconds() {
        assert_eq!(ms(0), "0");
        assert_eq!(ms(1), "0.000001");
        assert_eq!(ms(500_000), "0.5");
        assert_eq!(ms(1_500_000_000), "1500");
        assert_eq!(ms(1_500_000_010), "1500.00001");
        assert_eq!(ms(u64::MAX), "18446744073709.551615");
        assert_eq!(seconds(1_500_000_000), "1.5");
        assert_eq!(seconds(60_000_000_000), "60");
        assert_eq!(seconds(1), "0.000000001");
    }

    #[test]
    fn a_figure_has_no_exponent_and_a_missing_one_no_text() {
        assert_eq!(figure(Some(1e-9)), "0.000000001");
        assert_eq!(figure(Some(1e21)), "1000000000000000000000");
        assert_eq!(figure(Some(1500.0)), "1500");
        assert_eq!(figure(None), "");
    }
}
