//! How errors look.

use crate::story::{parse, with};

#[test]
fn an_error_names_place_key_and_rule_and_shows_the_line() {
    let text = with("limit = 2", "limt = 2");
    let look = r#"error: strategy.1: the key "limit" is missing: calls in flight at most
  --> story.toml:13:1
   |
13 | [[strategy]]
   | ^^^^^^^^^^^^

error: strategy.1.limt: unknown key of strategy
  --> story.toml:16:1
   |
16 | limt = 2
   | ^^^^
   |
   = help: did you mean "limit"?"#;
    assert_eq!(parse(&text).unwrap_err().to_string(), look);
}

#[test]
fn a_long_line_is_cut_around_what_is_wrong() {
    let long = format!(
        "title = \"{}\\u202e{}\"",
        "x".repeat(1000),
        "y".repeat(1000)
    );
    let text = with("title = \"Three requests\"", &long);
    let look = r#"error: title: must not contain the character U+202E
 --> story.toml:2:9
  |
"#;
    let said = parse(&text).unwrap_err().to_string();
    assert!(said.starts_with(look), "{said}");
    let widest = said.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 120), "{said}");
}

#[test]
fn twenty_errors_are_shown_and_the_rest_counted() {
    let many: String = (0..25).map(|n| format!("x{n} = 1\n")).collect();
    let said = parse(&with(
        "job = { calls = 3 }",
        &format!("{many}job = {{ calls = 3 }}"),
    ))
    .unwrap_err();
    assert_eq!(said.broken().len(), 20);
    let text = said.to_string();
    let shown = text.matches("error: ").count();
    assert!(
        text.ends_with(&format!("… and {} more", 25 - shown)),
        "{text}"
    );
    assert!(text.len() <= 4096, "{}", text.len());
}

#[test]
fn columns_count_characters() {
    let text = with("\"Three requests\"", "\"日本 é\"; 3");
    // Ten characters before the semicolon's place: title = "日本 é" ends at 14.
    let said = parse(&text).unwrap_err().to_string();
    assert!(said.contains("story.toml:2:15"), "{said}");
}
