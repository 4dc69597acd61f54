//! Names: of strategies, variants, services, and of the scenario itself.
//!
//! Any text is a name, also `../x`, `<script>` and `=cmd`: whoever shows one escapes it, and files
//! are called by its id ([`awaitlab_core::name::file_id`]). What no escaping makes harmless is
//! refused: control characters, and those that turn the direction of writing.

use awaitlab_core::name::file_id;

use crate::printable;

/// The longest name and the longest id, in characters.
pub const LONGEST: usize = 64;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty, or nothing but spaces.
    #[error("a name cannot be blank")]
    Blank,
    /// It has a control character.
    #[error("a name cannot contain the control character {0}")]
    Control(String),
    /// It has a character that turns the direction of writing.
    #[error("a name cannot contain the bidirectional character {0}")]
    Bidirectional(String),
    /// It has more than [`LONGEST`] characters.
    #[error("a name has at most 64 characters, this one has {0}")]
    TooLong(usize),
    /// Its id has more than [`LONGEST`] characters.
    #[error("the file id of a name has at most 64 characters, that of this one has {0}")]
    IdTooLong(usize),
    /// It is to be a part of another name, and has a character that does not fit in.
    #[error("this name is made of letters from a to z, digits, - and _, and not of '{0}'")]
    NoIdentifier(String),
}

/// Whether a text may be a name.
///
/// # Errors
/// See [`NameError`].
pub fn check(text: &str) -> Result<(), NameError> {
    if text.trim().is_empty() {
        return Err(NameError::Blank);
    }
    if let Some(c) = text.chars().find(|&c| printable::is_control(c)) {
        return Err(NameError::Control(code_point(c)));
    }
    if let Some(c) = text.chars().find(|&c| printable::is_bidirectional(c)) {
        return Err(NameError::Bidirectional(code_point(c)));
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Err(NameError::TooLong(length));
    }
    let length = file_id(text).chars().count();
    if length > LONGEST {
        Err(NameError::IdTooLong(length))
    } else {
        Ok(())
    }
}

/// Whether a text may be a name that stands inside of others, as a measure's in `measures.NAME`: ASCII
/// letters, digits, `-` and `_`.
///
/// # Errors
/// See [`NameError`].
pub fn check_identifier(text: &str) -> Result<(), NameError> {
    check(text)?;
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match text.chars().find(|c| !fits(c)) {
        Some(c) => Err(NameError::NoIdentifier(c.to_string())),
        None => Ok(()),
    }
}

pub(crate) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_dangerous_is_a_legal_name() {
        for name in [
            "../x",
            "<script>",
            "=cmd",
            "--help",
            "Promise.all()",
            "日本",
            "🦀",
            "a b",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_no_escaping_makes_harmless_is_refused() {
        let control = |code: &str| Err(NameError::Control(code.to_owned()));
        assert_eq!(check("a\u{1b}[31m"), control("U+001B"));
        assert_eq!(check("a\nb"), control("U+000A"));
        assert_eq!(check("a\u{9b}b"), control("U+009B"));
        assert_eq!(
            check("a\u{202e}b"),
            Err(NameError::Bidirectional("U+202E".to_owned()))
        );
        assert_eq!(check(" \u{a0}"), Err(NameError::Blank));
    }

    #[test]
    fn an_identifier_is_plain() {
        for name in ["collapsed", "Over-4x_2", "-"] {
            assert_eq!(check_identifier(name), Ok(()), "{name}");
        }
        for (name, c) in [("a b", " "), ("a.b", "."), ("é", "é"), ("a/b", "/")] {
            let error = NameError::NoIdentifier(c.to_owned());
            assert_eq!(check_identifier(name), Err(error), "{name}");
        }
        assert_eq!(check_identifier(""), Err(NameError::Blank));
    }

    #[test]
    fn a_name_and_its_id_have_at_most_64_characters() {
        assert_eq!(check(&"x".repeat(64)), Ok(()));
        assert_eq!(check(&"x".repeat(65)), Err(NameError::TooLong(65)));
        // Each becomes "u65e5", 5 characters: 12 of them have 60, 13 have 65.
        assert_eq!(check(&"日".repeat(12)), Ok(()));
        assert_eq!(check(&"日".repeat(13)), Err(NameError::IdTooLong(65)));
    }
}
