//! Percentages: `"5%"`.

/// The grammar, as a regular expression for editors.
pub const PATTERN: &str = r"^[0-9]+(\.[0-9]+)?%$";

/// Why a text is no percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// It is not a decimal number of at least 0 followed by `%`.
    #[error("a percentage is a number and a percent sign, as in \"5%\"")]
    Malformed,
    /// It is too large for a floating-point number.
    #[error("this percentage is too large")]
    TooLarge,
}

/// Reads a percentage, as a share of one.
///
/// # Errors
/// See [`PercentError`].
///
/// ```
/// assert_eq!(awaitlab_scenario::value::percent::parse("5%"), Ok(0.05));
/// ```
pub fn parse(text: &str) -> Result<f64, PercentError> {
    let number = text.strip_suffix('%').ok_or(PercentError::Malformed)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(PercentError::Malformed);
    }
    let percent: f64 = number.parse().map_err(|_| PercentError::Malformed)?;
    if percent.is_finite() {
        Ok(percent / 100.0)
    } else {
        Err(PercentError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_a_plain_decimal_with_its_sign() {
        assert_eq!(parse("2.5%"), Ok(0.025));
        assert_eq!(parse("0%"), Ok(0.0));
        for text in [
            "", "%", "5", "-5%", "+5%", "nan%", "inf%", "1e3%", ".5%", "5.%", "5 %",
        ] {
            assert_eq!(parse(text), Err(PercentError::Malformed), "{text}");
        }
        assert_eq!(
            parse(&format!("{}%", "9".repeat(400))),
            Err(PercentError::TooLarge)
        );
    }
}
