//! Rates: `"200/s"`, `"0.8/s"`, `"90/m"`.

/// The highest rate of a scenario, per second: the clock counts nanoseconds, and what comes oftener
/// than once in each cannot be told apart.
pub const HIGHEST_PER_S: f64 = 1e9;

/// The grammar, as a regular expression for editors.
pub const PATTERN: &str = r"^[0-9]+(\.[0-9]+)?/(ms|s|m|h|d)$";

/// Units with how many of them are in a second.
const UNITS: [(&str, f64); 5] = [
    ("ms", 1_000.0),
    ("s", 1.0),
    ("m", 1.0 / 60.0),
    ("h", 1.0 / 3_600.0),
    ("d", 1.0 / 86_400.0),
];

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// It is not a decimal number of at least 0, a slash and a unit.
    #[error("a rate is a number per time, as in \"200/s\" or \"0.8/s\"")]
    Malformed,
    /// A unit that there is not.
    #[error("a rate is per ms, s, m, h or d, as in \"200/s\"")]
    UnknownUnit,
    /// It is above [`HIGHEST_PER_S`].
    #[error("a rate is at most 1000000000/s")]
    TooHigh,
}

/// Reads a rate, per second.
///
/// # Errors
/// See [`RateError`].
///
/// ```
/// assert_eq!(awaitlab_scenario::value::rate::parse("90/m"), Ok(1.5));
/// ```
pub fn parse(text: &str) -> Result<f64, RateError> {
    let (number, unit) = text.split_once('/').ok_or(RateError::Malformed)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(RateError::Malformed);
    }
    let (_, per_s) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(RateError::UnknownUnit)?;
    let number: f64 = number.parse().map_err(|_| RateError::Malformed)?;
    let rate = number * per_s;
    // Digits make no NaN; what is too large for a floating-point number is infinite.
    if rate > HIGHEST_PER_S {
        return Err(RateError::TooHigh);
    }
    Ok(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_per_second() {
        for (text, per_s) in [
            ("200/s", 200.0),
            ("0.8/s", 0.8),
            ("0/s", 0.0),
            ("2/ms", 2_000.0),
            ("30/m", 0.5),
            ("7200/h", 2.0),
            ("86400/d", 1.0),
            ("1000000000/s", 1e9),
        ] {
            assert_eq!(parse(text), Ok(per_s), "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused_for_its_reason() {
        use RateError::*;
        for (text, error) in [
            ("", Malformed),
            ("200", Malformed),
            ("/s", Malformed),
            ("-1/s", Malformed),
            ("nan/s", Malformed),
            ("inf/s", Malformed),
            ("1e3/s", Malformed),
            ("1 /s", Malformed),
            ("1/", UnknownUnit),
            ("1/second", UnknownUnit),
            ("1/min", UnknownUnit),
            ("1/s/s", UnknownUnit),
            ("1000000001/s", TooHigh),
            ("1000001/ms", TooHigh),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert_eq!(parse(&format!("{}/s", "9".repeat(400))), Err(TooHigh));
    }
}
