//! Durations: `"80ms"`, `"1.5s"`, `"1m30s"`.
//!
//! One or more numbers, each with its unit, added up. Decimals are taken exactly: a duration is a
//! whole number of nanoseconds, and what is finer is refused instead of rounded.

use std::time::Duration;

/// The longest duration of a scenario: 100 years of 365.25 days. It leaves room for additions on a
/// clock that counts nanoseconds in 64 bits (584 years).
pub const LONGEST: Duration = Duration::from_secs(100 * 31_557_600);

/// The grammar, as a regular expression for editors.
pub const PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+$";

/// Units with their nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
];

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It begins with a minus.
    #[error("a duration is never negative")]
    Negative,
    /// A number is missing where one must stand.
    #[error("a duration is a number with a unit, as in \"80ms\" or \"1m30s\"")]
    NoNumber,
    /// A number without its unit.
    #[error("a duration needs a unit (ns, us, ms, s, m, h or d), as in \"80ms\"")]
    NoUnit,
    /// A unit that there is not.
    #[error("a duration's unit is ns, us, ms, s, m, h or d")]
    UnknownUnit,
    /// It is not a whole number of nanoseconds.
    #[error("a duration is a whole number of nanoseconds: this one is finer")]
    TooFine,
    /// It is longer than [`LONGEST`].
    #[error("a duration is at most 100 years (36525d)")]
    TooLong,
}

/// Reads a duration.
///
/// # Errors
/// See [`DurationError`].
///
/// ```
/// use std::time::Duration;
/// use awaitlab_scenario::value::duration::parse;
///
/// assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
/// ```
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    if text.starts_with(['-', '−']) {
        return Err(DurationError::Negative);
    }
    let mut rest = text;
    let mut total: u128 = 0;
    loop {
        let (nanos, after) = term(rest)?;
        // A term is below 2^111 (64 bits times the nanoseconds of a day), and the sum is bounded.
        total += nanos;
        if total > LONGEST.as_nanos() {
            return Err(DurationError::TooLong);
        }
        if after.is_empty() {
            // At most LONGEST, which has room in 64 bits.
            return Ok(Duration::from_nanos(total as u64));
        }
        rest = after;
    }
}

/// A number with its unit, in nanoseconds, and what follows it.
fn term(text: &str) -> Result<(u128, &str), DurationError> {
    let (whole, rest) = digits(text);
    if whole.is_empty() {
        return Err(DurationError::NoNumber);
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("0", rest),
    };
    if fraction.is_empty() {
        return Err(DurationError::NoNumber);
    }
    let end = rest
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    if unit.is_empty() {
        return Err(DurationError::NoUnit);
    }
    let (_, nanos) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or(DurationError::UnknownUnit)?;
    Ok((exact(whole, fraction, *nanos)?, rest))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    )
}

/// `whole.fraction x nanos`, or why it is no whole number within bounds.
fn exact(whole: &str, fraction: &str, nanos: u64) -> Result<u128, DurationError> {
    let whole: u64 = whole.parse().map_err(|_| DurationError::TooLong)?;
    let fraction = fraction.trim_end_matches('0');
    // The finest decimal of a day that is whole in nanoseconds has 16 digits.
    if fraction.len() > 18 {
        return Err(DurationError::TooFine);
    }
    let scale = 10_u128.pow(fraction.len() as u32);
    // Empty after trimming: nothing but zeros.
    let parts = fraction.parse::<u128>().unwrap_or(0) * u128::from(nanos);
    if !parts.is_multiple_of(scale) {
        return Err(DurationError::TooFine);
    }
    Ok(u128::from(whole) * u128::from(nanos) + parts / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_sums_are_exact() {
        for (text, nanos) in [
            ("250us", 250_000),
            ("250µs", 250_000),
            ("80ms", 80_000_000),
            ("1.5s", 1_500_000_000),
            ("1m30s", 90_000_000_000),
            ("0.1ms0.2us", 100_200),
            ("0s", 0),
            ("1.000000001s", 1_000_000_001),
            ("0.50000000000000000000000s", 500_000_000),
            ("36525d", 3_155_760_000_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_for_its_reason() {
        use DurationError::*;
        for (text, error) in [
            ("", NoNumber),
            ("ms", NoNumber),
            (".5s", NoNumber),
            ("1.s", NoNumber),
            ("1s ", NoNumber),
            ("nan", NoNumber),
            ("inf", NoNumber),
            ("+1s", NoNumber),
            ("500", NoUnit),
            ("1m30", NoUnit),
            ("80 ms", NoUnit),
            ("1e3s", UnknownUnit),
            ("1sec", UnknownUnit),
            ("1MS", UnknownUnit),
            ("-1s", Negative),
            ("0.1ns", TooFine),
            ("1.0000000001s", TooFine),
            ("0.00000000000000000000001d", TooFine),
            ("36525d1ns", TooLong),
            ("99999999999999999999999999s", TooLong),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
