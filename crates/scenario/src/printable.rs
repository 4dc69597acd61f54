//! Text from a file, made fit for a terminal.
//!
//! A scenario may come from anywhere, and its errors quote it. What could move a cursor, change a
//! colour or turn the direction of writing is never written raw: control characters (of both sets,
//! C1 too: U+009B begins an escape sequence as well as ESC does), line and paragraph separators,
//! and the bidirectional controls of Unicode's UAX 9.

/// Characters of a rule in a message.
pub(crate) const RULE: usize = 240;
/// Characters of a value that a rule quotes.
pub(crate) const VALUE: usize = 40;

/// Whether a character is a control character or a separator that acts as one.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a character changes the direction of writing.
pub(crate) fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text on one line, escaped where it must be and cut to `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for c in text.chars() {
        let shown = shown(c);
        length += shown.chars().count();
        if length > most {
            out.push('…');
            break;
        }
        out.push_str(&shown);
    }
    out
}

/// The end of a text, escaped and cut: of a path the file's name says most.
pub(crate) fn tail(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return line(text, most);
    }
    let kept: String = text.chars().skip(count - most).collect();
    format!("…{}", line(&kept, most))
}

/// A source line of as many characters as it had, each that would act replaced.
pub(crate) fn source_line(text: &str) -> String {
    let hidden = |c: char| c != '\t' && (is_control(c) || is_bidirectional(c));
    text.chars()
        .map(|c| {
            if hidden(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// A value as a message quotes it.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", line(text, VALUE))
}

fn shown(c: char) -> String {
    if is_control(c) || is_bidirectional(c) {
        c.escape_unicode().to_string()
    } else {
        c.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_is_left() {
        let text = "a\u{1b}[31m\u{9b}2J\u{202e}b\u{2066}\u{2028}\n\u{85}\u{61c}";
        for out in [
            line(text, 1000),
            source_line(text),
            quote(text),
            tail(text, 3),
        ] {
            assert!(
                !out.chars().any(|c| is_control(c) || is_bidirectional(c)),
                "{out:?}"
            );
        }
    }

    #[test]
    fn a_line_is_cut_at_its_limit_and_says_so() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcdef…");
        assert_eq!(tail("abcdefg", 6), "…bcdefg");
    }

    #[test]
    fn a_source_line_keeps_its_number_of_characters() {
        let text = "x\u{1b}y\u{202e}\u{200f}z日";
        assert_eq!(source_line(text).chars().count(), text.chars().count());
    }
}
