//! Names that look like something else stay names: in files, tables, pages and charts.

use std::fs;

use crate::command::{GOOD, Place};

const NAMES: [&str; 5] = [
    "../x",
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A0",
    "a | b `c`",
    "日本",
];

fn scenario() -> String {
    let strategies: String = NAMES
        .iter()
        .map(|name| format!("\n[[strategy]]\nname = {name:?}\nkind = \"all\"\n"))
        .collect();
    format!("{GOOD}{strategies}\n[[variant]]\nname = \"../../up <b>\"\n")
}

#[test]
fn names_never_leave_the_report_folder() {
    let place = Place::new();
    place.write("in/here/names.toml", scenario());
    let (code, _, stderr) = place.says(&["run", "in/here/names.toml", "--out", "in/here/out"]);
    assert_eq!(code, 0, "{stderr}");
    let listing = place.listing();
    let outside = listing.iter().filter(|path| !path.contains("/in/"));
    assert_eq!(outside.count(), 0, "{listing:#?}");
    assert!(
        place.path("in/here/out/up-b/x.hgrm").exists(),
        "{listing:#?}"
    );
}

#[test]
fn names_are_inert_in_every_format() {
    let place = Place::new();
    place.write("names.toml", scenario());
    let (code, table, _) = place.says(&["run", "names.toml", "--out", "out"]);
    assert_eq!(code, 0);
    assert!(
        table.contains("../x") && table.contains("<script>"),
        "plain text shows them: {table}"
    );
    let csv = place.read("out/table.csv");
    assert!(!csv.contains(",=cmd") && csv.contains("'=cmd"), "{csv}");
    let page = place.read("out/report.md");
    assert!(
        !page.contains("<script>") && !page.contains("<b>"),
        "{page}"
    );
    for entry in fs::read_dir(place.path("out/charts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            let svg = fs::read_to_string(&path).unwrap();
            assert!(
                !svg.contains("<script") && !svg.contains("<b>"),
                "{}",
                path.display()
            );
        }
    }
}
