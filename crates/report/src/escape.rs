//! Names and texts of a scenario, made harmless where they are shown.
//!
//! A name may hold anything but control characters when it comes from a scenario file, and
//! anything at all when it comes from a program. Whatever it holds, it must stay text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text without characters that act instead of being seen: control characters, and those that
/// turn or hide what follows. Each is replaced by its escape, so that its presence shows.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The text as Markdown that says just that: no markup, no HTML, no link, no cell border.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Viewers make links of bare addresses.
            ':' => out.push_str("&#58;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("www.", "www&#46;").replace("&#58; ", ": ")
}

/// The text in at most `width` terminal columns, its end replaced by an ellipsis where it is longer.
pub(crate) fn ellipsize(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Breaks a text into lines of at most `width` terminal columns. A word longer than a line is
/// ellipsized: names are, and everything else here is prose.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = ellipsize(word, width);
        // There is always a last line: the list starts with one and only grows.
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            *line = word;
        } else if line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_act_are_shown_instead() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(plain("Zürich 東京 ≤ 3"), "Zürich 東京 ≤ 3");
    }

    #[test]
    fn markdown_of_a_name_is_only_that_name() {
        assert_eq!(markdown("<script>"), "&lt;script&gt;");
        assert_eq!(markdown("a|b`c`"), "a\\|b\\`c\\`");
        assert_eq!(markdown("![x](http://e.org)"), "!\\[x\\](http&#58;//e.org)");
        assert_eq!(markdown("Promise.all()"), "Promise.all()");
        assert_eq!(markdown("as said: this"), "as said: this");
    }

    #[test]
    fn width_is_counted_in_columns() {
        assert_eq!(ellipsize("東京東京", 5), "東京…");
        assert_eq!(ellipsize("abcdef", 6), "abcdef");
        assert_eq!(ellipsize("abcdefg", 6), "abcde…");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 5), ["abcd…", "k"]);
    }
}
