//! "Did you mean …?"

use crate::printable;

/// The candidate nearest to what was written, if one is near, as a question.
///
/// Near: a Damerau-Levenshtein distance of at most a third of the length (a slip in a short word,
/// a few in a long one), or the same words in another case or with other separators.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(written, candidates).map(|word| format!("did you mean {}?", printable::quote(word)))
}

fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing is near to a text of this length, and distances cost its product with a candidate's.
    if written.len() > 100 {
        return None;
    }
    let plain = plain(written);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&plain, &self::plain(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance
                <= plain
                    .chars()
                    .count()
                    .max(candidate.chars().count())
                    .div_ceil(3)
                && *distance < candidate.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn plain(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '_' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 5] = ["calls", "deadline", "give-up", "call", "max"];

    #[test]
    fn a_slip_finds_its_word() {
        for (written, meant) in [
            ("cals", "calls"),
            ("give_up", "give-up"),
            ("Deadline", "deadline"),
            ("mx", "max"),
        ] {
            assert_eq!(nearest(written, KEYS), Some(meant), "{written}");
        }
    }

    #[test]
    fn nothing_is_suggested_for_another_word() {
        for written in ["", "workers", "q", "zzz"] {
            assert_eq!(nearest(written, KEYS), None, "{written}");
        }
    }
}
