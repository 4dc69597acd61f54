//! Files that nobody wrote in good faith, and files that are none.

use awaitlab_scenario::{Scenario, ScenarioErrors, Unreadable};

use crate::story::{STORY, all, parse, with};

/// Reads bytes, and holds the message to what every message keeps.
fn said(bytes: &[u8]) -> String {
    let errors = Scenario::parse("story.toml", bytes, &[]).unwrap_err();
    let text = errors.to_string();
    assert!(text.len() <= 4096, "{} bytes", text.len());
    assert!(text.contains("story.toml"), "{text}");
    let raw = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(raw), "{text:?}");
    all(&errors)
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!(
            "version = 1\na = {}{}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let said = said(deep.as_bytes());
        assert!(
            said.starts_with("2:") && said.contains("at most 80 levels"),
            "{said}"
        );
    }
    for deep in [
        format!("a{} = 1", ".a".repeat(100_000)),
        format!("[a{}]", ".a".repeat(100_000)),
    ] {
        let said = said(format!("version = 1\n{deep}").as_bytes());
        assert!(
            said.starts_with("2:1") && said.contains("at most 80 levels"),
            "{said}"
        );
    }
}

#[test]
fn nesting_up_to_the_parsers_depth_is_walked() {
    let latency = (0..35).fold(
        "{ kind = \"constant\", value = \"1s\" }".to_owned(),
        |inner, _| {
            format!(
                "{{ kind = \"mixture\", parts = [{{ weight = 1, {}] }}",
                &inner[1..]
            )
        },
    );
    let text = with("{ kind = \"constant\", value = \"500ms\" }", &latency);
    assert!(parse(&text).is_ok(), "{}", parse(&text).unwrap_err());
}

#[test]
fn a_huge_list_is_read_and_a_megabyte_of_mistakes_counted() {
    let calls = format!("calls = [{}1]", "1,".repeat(400_000));
    assert!(parse(&with("calls = [1]", &calls)).is_ok());
    let calls = format!("calls = [{}1]", "x,".repeat(400_000));
    assert!(said(with("calls = [1]", &calls).as_bytes()).contains("20:"));
    let unknown: String = (0..100_000).map(|n| format!("k{n}=1\n")).collect();
    assert!(said(unknown.as_bytes()).contains("unknown key"));
}

#[test]
fn control_and_bidirectional_characters_are_never_shown_raw() {
    for bytes in [
        "\u{1b}[2J",
        "a\u{1b}[31m = 1",
        "# \u{9b}31m \u{202e}\nversion = \u{202e}x",
    ] {
        said(bytes.as_bytes());
    }
    for title in ["\\u009b2J", "\\u202e", "\\u0000", "\\r"] {
        said(with("Three requests", title).as_bytes());
    }
    said(with("title =", "\"\\e[31m\\u202e\" = 1\ntitle =").as_bytes());
    // A comment of combining characters on the line that is shown: no width, much length.
    said(
        with(
            "version = 1",
            &format!("version = 2 # {}", "\u{301}".repeat(5_000)),
        )
        .as_bytes(),
    );
}

#[test]
fn what_is_not_utf_8_is_named_with_its_place() {
    let mut bytes = with("Three requests", "日?").into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'?').unwrap();
    bytes[at] = 0xff;
    assert_eq!(
        said(&bytes),
        "2:11 : not UTF-8: the byte 0xFF cannot stand here"
    );
    assert!(said(&[0xff, 0xfe, 0x00]).starts_with("1:1 "));
    assert!(
        said(
            "version = 1"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
                .as_slice()
        )
        .contains(':')
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_taken() {
    assert!(parse(&format!("\u{feff}{STORY}")).is_ok());
    assert!(parse(&STORY.replace('\n', "\r\n")).is_ok());
    let broken = with("version = 1", "version = 2").replace('\n', "\r\n");
    assert!(said(format!("\u{feff}{broken}").as_bytes()).starts_with("1:11 version"));
    assert!(!said(STORY.replace('\n', "\r").as_bytes()).is_empty());
}

#[test]
fn an_empty_file_misses_everything_at_its_first_line() {
    for empty in ["", "\n", "# nothing", "\u{feff}"] {
        let said = said(empty.as_bytes());
        assert_eq!(said.matches("is missing").count(), 5, "{said}");
        assert!(said.lines().all(|line| line.starts_with("1:1 ")), "{said}");
    }
}

#[test]
fn an_absent_file_and_a_folder_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Scenario::read(&folder.path().join("no.toml"), &[]).unwrap_err();
    assert!(matches!(
        &absent,
        ScenarioErrors::Unreadable {
            reason: Unreadable::Absent,
            ..
        }
    ));
    assert!(
        absent
            .to_string()
            .contains("no.toml: there is no such file"),
        "{absent}"
    );
    let folder = Scenario::read(folder.path(), &[]).unwrap_err();
    assert!(matches!(
        &folder,
        ScenarioErrors::Unreadable {
            reason: Unreadable::Folder,
            ..
        }
    ));
}

#[test]
fn a_file_that_never_ends_is_left_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.toml");
    std::fs::write(&path, vec![b'#'; 2 << 20]).unwrap();
    let errors = Scenario::read(&path, &[]).unwrap_err();
    assert!(errors.to_string().contains("at most 1 MiB"), "{errors}");
}

#[test]
fn dangerous_looking_names_are_legal() {
    for name in [
        "../x",
        "<script>alert(1)</script>",
        "=cmd",
        "--help",
        "@SUM",
        "日本",
    ] {
        let scenario = parse(&with("Two at a time", name)).unwrap();
        assert_eq!(scenario.strategies[1].name, name);
    }
}
