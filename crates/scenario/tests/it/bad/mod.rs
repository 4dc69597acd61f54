//! Scenarios with one mistake each: where it is pointed at, and what is said.

mod client;
mod fault;
mod job;
mod latency;
mod measure;
mod outcome;
mod policy;
mod service;
mod strategy;
mod workload;

use crate::story::{STORY, WORLD, all, parse, with};

/// Reads texts that break one rule each; says which of them are not refused as they should be.
#[track_caller]
fn all_refused<'a>(cases: impl IntoIterator<Item = (String, &'a str, &'a str)>) {
    let mismatch = |(text, position, fragment): (String, &str, &str)| {
        let said = parse(&text).map_or_else(|errors| all(&errors), |_| "accepted".to_owned());
        let right = said.lines().count() == 1
            && said.split(' ').next() == Some(position)
            && said.contains(fragment);
        (!right).then(|| format!("expected {position} … {fragment}\n{said}\n"))
    };
    let wrong: Vec<String> = cases.into_iter().filter_map(mismatch).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads a text that breaks one rule.
#[track_caller]
fn refused(text: &str, position: &str, fragment: &str) {
    all_refused([(text.to_owned(), position, fragment)]);
}

#[test]
fn the_stories_themselves_are_in_order() {
    assert_eq!(parse(WORLD).unwrap().variants.len(), 2);
    assert_eq!(parse(STORY).unwrap().strategies.len(), 2);
}

#[test]
fn the_head_of_the_file() {
    let cases = [
        (
            "version = 1\n",
            "",
            "1:1",
            r#"the key "version" is missing"#,
        ),
        ("version = 1", "version = 2", "1:11", "must be 1, not 2"),
        (
            "version = 1",
            "version = \"1\"",
            "1:11",
            "must be 1, not \"1\"",
        ),
        (
            "title = \"Three requests\"\n",
            "",
            "1:1",
            r#"the key "title" is missing"#,
        ),
        ("\"Three requests\"", "\" \"", "2:9", "must not be blank"),
        (
            "\"Three requests\"",
            "\"a\\e[31m\"",
            "2:9",
            "must not contain the character U+001B",
        ),
        (
            "\"Three requests\"",
            "\"a\\u202E\"",
            "2:9",
            "must not contain the character U+202E",
        ),
        ("\"Three requests\"", "3", "2:9", "must be a text, not 3"),
        (
            "replications = 100",
            "replications = 0",
            "3:16",
            "from 1 to 10000000, not 0",
        ),
        ("replications = 100", "replications = -5", "3:16", "not -5"),
        (
            "replications = 100",
            "replications = 1.5",
            "3:16",
            "not 1.5",
        ),
        (
            "replications = 100",
            "replications = 0xffffffffffffffffffffffffffffffffff",
            "3:16",
            "an integer of that size",
        ),
        (
            "replications = 100",
            "seed = -1",
            "3:8",
            "from 0 to 18446744073709551615, not -1",
        ),
        (
            "replications = 100",
            "precision = \"0%\"",
            "3:13",
            "can never be reached: an interval has a width where anything varies",
        ),
        (
            "replications = 100",
            "precision = \"100%\"",
            "3:13",
            "a percentage below 100%",
        ),
        (
            "replications = 100",
            "replications = 9\nprecision = \"2%\"",
            "4:13",
            "it takes at least 10 replications, and there are at most 9",
        ),
        (
            "replications = 100",
            "replication = 100",
            "3:1",
            r#"did you mean "replications"?"#,
        ),
        (
            "replications = 100",
            "workload = { kind = \"opne\" }",
            "3:21",
            r#"there is no workload "opne""#,
        ),
        (
            "replications = 100",
            "workload = { users = 3 }",
            "3:14",
            r#"no key of workload "isolated" (it is a key of "closed")"#,
        ),
        (
            "replications = 100",
            "question = true",
            "3:12",
            "must be a text, not true",
        ),
        (
            "replications = 100",
            "title = \"again\"",
            "3:1",
            "duplicate key",
        ),
    ];
    all_refused(cases.map(|(piece, by, position, says)| (with(piece, by), position, says)));
}

#[test]
fn what_is_no_toml() {
    for (by, position, says) in [
        ("replications = ", "3:16", "not TOML"),
        ("replications", "3:13", "not TOML"),
        ("replications = 1 0", "3:16", "not TOML"),
        ("replications = \"1", "3:18", "not TOML"),
        ("= 3", "3:1", "not TOML"),
        ("[job]\ncalls = 3\n[job]", "5:2", "duplicate key"),
    ] {
        let errors = parse(&with("replications = 100", by)).unwrap_err();
        let said = all(&errors);
        let first = said.lines().next().unwrap();
        let place = first.split(' ').next().unwrap();
        assert!(
            place == position && first.contains(says),
            "{position} {says}\n{said}"
        );
    }
}
