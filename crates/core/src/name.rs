//! Names as a user writes them, and the file names made from them.

/// The file name that stands for a name: lower-case ASCII letters and digits, words joined by
/// single hyphens. Letters of other scripts become their code points (`u65e5`), so that names in
/// them stay apart; a name without any letter or digit becomes the code points of its characters.
///
/// Never empty for a name that is not, never a path, never an option.
///
/// ```
/// use awaitlab_core::name::file_id;
///
/// assert_eq!(file_id("Promise.all()"), "promise-all");
/// assert_eq!(file_id("../x"), "x");
/// assert_eq!(file_id("!"), "u21");
/// ```
pub fn file_id(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().map(letter).collect())
        .collect();
    if words.is_empty() {
        name.chars().map(code_point).collect()
    } else {
        words.join("-")
    }
}

fn letter(c: char) -> String {
    if c.is_ascii() {
        c.to_ascii_lowercase().to_string()
    } else {
        code_point(c)
    }
}

fn code_point(c: char) -> String {
    format!("u{:x}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_id_is_never_a_path_an_option_or_empty() {
        for name in [
            "../../etc/passwd",
            "--help",
            ".",
            "..",
            "/",
            "<script>",
            "=cmd",
            "日本",
            "…",
        ] {
            let id = file_id(name);
            assert!(!id.is_empty(), "{name}");
            assert!(
                id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
                "{name}: {id}"
            );
            assert!(!id.starts_with('-'), "{name}: {id}");
        }
    }

    #[test]
    fn names_in_other_scripts_stay_apart() {
        assert_ne!(file_id("日"), file_id("本"));
    }
}
