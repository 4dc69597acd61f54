//! Names that try to be more than names stay names.

use awaitlab_report::{charts, markdown, markdown_table, terminal};

use crate::scenes;

#[test]
fn no_name_reaches_the_terminal_as_a_command() {
    let shown = terminal(&scenes::hostile().summary, 80, false);
    assert!(
        !shown.contains('\u{1b}'),
        "an escape sequence was passed on"
    );
    assert!(
        !shown.contains('\u{202e}'),
        "the direction of writing was turned"
    );
    assert!(
        shown.contains("esc \\u{1b}[31mred"),
        "it is shown for what it is"
    );
}

#[test]
fn no_name_becomes_markup_in_markdown() {
    let record = scenes::hostile();
    let report = markdown(&record, &charts(&record).unwrap());
    for markup in [
        "<script", "<b>", "[x](", "`code`", " *bold*", "http://", "\u{1b}", "\u{202e}",
    ] {
        assert!(!report.contains(markup), "{markup}");
    }
    let table = markdown_table(&record.summary);
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    for line in table.lines().filter(|line| line.starts_with('|')) {
        assert!(
            [5, 8].contains(&columns(line)),
            "a name opened a cell of its own: {line}"
        );
    }
}

#[test]
fn no_name_becomes_markup_or_a_path_in_a_chart() {
    for chart in charts(&scenes::hostile()).unwrap() {
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(
            !chart.name.is_empty() && chart.name.chars().all(safe),
            "{}",
            chart.name
        );
        let svg = chart.svg();
        let document = roxmltree::Document::parse(&svg).expect("well-formed");
        for node in document.descendants().filter(|node| node.is_element()) {
            let tag = node.tag_name().name();
            assert!(
                ["svg", "title", "rect", "path", "text"].contains(&tag),
                "{tag}"
            );
            let refers =
                |name: &str| ["href", "src", "style"].contains(&name) || name.starts_with("on");
            assert!(!node.attributes().any(|attribute| refers(attribute.name())));
        }
    }
}
