//! Whatever is wrong with a scenario or a command line: the right exit code, a short message that
//! says where, no panic, and nothing touched.

use crate::command::{GOOD, Place};

/// A change to the good scenario, what the message must say, and on which line.
struct Bad {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static str,
    line: usize,
}

const fn bad(
    what: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static str,
    line: usize,
) -> Bad {
    Bad {
        what,
        from,
        to,
        says,
        line,
    }
}

const SCENARIOS: &[Bad] = &[
    bad(
        "unknown key",
        "replications = 20",
        "replicatons = 20",
        "replications",
        3,
    ),
    bad(
        "unknown key in a table",
        "calls = 3",
        "calls = 3\ncals = 4",
        "calls",
        7,
    ),
    bad("unknown table", "[job]", "[jobs]\n[job]", "job", 5),
    bad("NaN", "\"500ms\"", "nan", "duration", 9),
    bad("infinity", "\"500ms\"", "inf", "duration", 9),
    bad("negative duration", "\"500ms\"", "\"-5ms\"", "negative", 9),
    bad("unitless duration", "\"500ms\"", "500", "unit", 9),
    bad("unitless text", "\"500ms\"", "\"500\"", "unit", 9),
    bad("unknown unit", "\"500ms\"", "\"500 parsecs\"", "unit", 9),
    bad(
        "a duration that overflows",
        "\"500ms\"",
        "\"99999999999999999999h\"",
        "100 years",
        9,
    ),
    bad(
        "unknown latency kind",
        "\"constant\"",
        "\"konstant\"",
        "constant",
        9,
    ),
    bad(
        "missing latency parameter",
        ", value = \"500ms\"",
        "",
        "value",
        9,
    ),
    bad(
        "parameter of another kind",
        "value = \"500ms\"",
        "value = \"500ms\", alpha = 2.0",
        "alpha",
        9,
    ),
    bad(
        "heavy tail without a mean",
        "{ kind = \"constant\", value = \"500ms\" }",
        "{ kind = \"pareto\", minimum = \"1ms\", alpha = 0.9 }",
        "cap",
        9,
    ),
    bad(
        "minimum above maximum",
        "{ kind = \"constant\", value = \"500ms\" }",
        "{ kind = \"uniform\", min = \"2s\", max = \"1s\" }",
        "min",
        9,
    ),
    bad(
        "probability above 1",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"error\"\nprobability = 1.5\n\n[[strategy]]\nname = \"All\"",
        "1.5",
        17,
    ),
    bad(
        "negative probability",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"error\"\nprobability = -0.1\n\n[[strategy]]\nname = \"All\"",
        "0",
        17,
    ),
    bad(
        "fault for a call that is not there",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"error\"\ncalls = [3]\n\n[[strategy]]\nname = \"All\"",
        "3 calls",
        17,
    ),
    bad(
        "unknown fault",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"eror\"\n\n[[strategy]]\nname = \"All\"",
        "error",
        16,
    ),
    bad(
        "window that ends before it begins",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"error\"\nduring = [\"2s..1s\"]\n\n[[strategy]]\nname = \"All\"",
        "end",
        17,
    ),
    bad(
        "fault of an unknown service",
        "[[strategy]]\nname = \"All\"",
        "[[fault]]\nkind = \"error\"\ndownstream = \"db\"\n\n[[strategy]]\nname = \"All\"",
        "api",
        17,
    ),
    bad(
        "limit 0",
        "kind = \"all\"",
        "kind = \"bounded\"\nlimit = 0",
        "limit",
        18,
    ),
    bad(
        "missing limit",
        "kind = \"all\"",
        "kind = \"bounded\"",
        "limit",
        15,
    ),
    bad(
        "limit of a kind without",
        "kind = \"all\"",
        "kind = \"all\"\nlimit = 3",
        "limit",
        18,
    ),
    bad(
        "unknown strategy",
        "kind = \"all\"",
        "kind = \"al\"",
        "all",
        17,
    ),
    bad(
        "unknown on-error",
        "kind = \"all\"",
        "kind = \"sequential\"\non-error = \"panic\"",
        "isolate",
        18,
    ),
    bad(
        "contradiction",
        "kind = \"all\"",
        "kind = \"bounded\"\nlimit = 1\non-error = \"keep-starting\"\nrest = \"cancel\"",
        "rest",
        20,
    ),
    bad(
        "need above calls",
        "kind = \"all\"",
        "kind = \"quorum\"\nneed = 4",
        "4",
        18,
    ),
    bad(
        "race without calls",
        "calls = 3\n",
        "calls = 0\n\n[[variant]]\nname = \"v\"\n\n[[strategy]]\nname = \"r\"\nkind = \"race\"\n",
        "race",
        13,
    ),
    bad(
        "duplicate names",
        "name = \"All\"",
        "name = \"Sequential\"",
        "Sequential",
        16,
    ),
    bad(
        "names with one file name",
        "name = \"All\"",
        "name = \"sequential!\"",
        "sequential",
        16,
    ),
    bad(
        "escape character in a name",
        "name = \"All\"",
        "name = \"a\\u001b[31m\"",
        "control",
        16,
    ),
    bad(
        "direction override in a name",
        "name = \"All\"",
        "name = \"a\\u202Eb\"",
        "bidirectional",
        16,
    ),
    bad("empty name", "name = \"All\"", "name = \"\"", "name", 16),
    bad(
        "too many calls",
        "calls = 3",
        "calls = 1_000_000_000_000",
        "1000000",
        6,
    ),
    bad("negative calls", "calls = 3", "calls = -1", "calls", 6),
    bad(
        "calls as text",
        "calls = 3",
        "calls = \"three\"",
        "calls",
        6,
    ),
    bad("version 2", "version = 1", "version = 2", "version", 1),
    bad(
        "replications 0",
        "replications = 20",
        "replications = 0",
        "replications",
        3,
    ),
    bad(
        "too many replications",
        "replications = 20",
        "replications = 10_000_001",
        "10000000",
        3,
    ),
    bad("broken TOML", "calls = 3", "calls = = 3", "TOML", 6),
    bad(
        "a key twice",
        "calls = 3",
        "calls = 3\ncalls = 4",
        "calls",
        7,
    ),
    bad(
        "an open text",
        "title = \"Three requests\"",
        "title = \"Three requests",
        "",
        2,
    ),
    bad(
        "expectation of an unknown strategy",
        "[[strategy]]\nname = \"All\"",
        "[[expect]]\nstrategy = \"Al\"\nmetric = \"settle_ms.mean\"\nmax = 1\n\n[[strategy]]\nname = \"All\"",
        "All",
        16,
    ),
    bad(
        "expectation of an unknown figure",
        "[[strategy]]\nname = \"All\"",
        "[[expect]]\nstrategy = \"All\"\nmetric = \"settle_ms.p98\"\nmax = 1\n\n[[strategy]]\nname = \"All\"",
        "settle_ms.p9",
        17,
    ),
    bad(
        "expectation without bounds",
        "[[strategy]]\nname = \"All\"",
        "[[expect]]\nstrategy = \"All\"\nmetric = \"settle_ms.mean\"\n\n[[strategy]]\nname = \"All\"",
        "max",
        15,
    ),
    bad(
        "unknown baseline",
        "[job]",
        "[compare]\nbaseline = \"Most\"\n\n[job]",
        "baseline",
        6,
    ),
];

#[test]
fn a_bad_scenario_is_refused_with_its_line() {
    let place = Place::new();
    let mut wrong = Vec::new();
    for Bad {
        what,
        from,
        to,
        says,
        line,
    } in SCENARIOS
    {
        assert!(
            GOOD.contains(from),
            "{what}: the good scenario has no {from:?}"
        );
        let at = GOOD.rfind(from).unwrap();
        let scenario = format!("{}{to}{}", &GOOD[..at], &GOOD[at + from.len()..]);
        place.write("bad.toml", &scenario);
        let before = place.listing();
        let (code, stdout, stderr) = place.says(&["run", "bad.toml"]);
        let position = format!("bad.toml:{line}:");
        let right = code == 2
            && stdout.is_empty()
            && stderr.contains(&position)
            && stderr
                .to_lowercase()
                .replace(['_', ' '], "")
                .contains(&says.to_lowercase().replace(['_', ' '], ""))
            && is_short_and_clean(&stderr)
            && place.listing() == before;
        if !right {
            wrong.push(format!(
                "{what}: expected {position} and {says:?}, code {code}\n{stderr}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        SCENARIOS.len(),
        wrong.join("\n")
    );
}

/// At most 4 KiB, no panic, and nothing that a terminal would obey.
fn is_short_and_clean(message: &str) -> bool {
    let obeyed = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    !message.is_empty()
        && message.len() <= 4096
        && !message.contains("panicked")
        && !message.chars().any(obeyed)
}

#[test]
fn a_file_that_is_no_scenario_is_refused() {
    let place = Place::new();
    let strategies: String = (0..257)
        .map(|n| format!("[[strategy]]\nname = \"s{n}\"\nkind = \"all\"\n"))
        .collect();
    let files: &[(&str, Vec<u8>, &str)] = &[
        ("empty.toml", Vec::new(), "version"),
        (
            "latin-1.toml",
            b"version = 1\ntitle = \"caf\xe9\"\n".to_vec(),
            "latin-1.toml:2",
        ),
        ("large.toml", vec![b'#'; 2 << 20], "1 MiB"),
        (
            "deep.toml",
            format!("a = {}", "[".repeat(100_000)).into_bytes(),
            "deep.toml:1",
        ),
        (
            "deep-tables.toml",
            format!("a = {}", "{b=".repeat(100_000)).into_bytes(),
            "deep-tables.toml:1",
        ),
        (
            "dotted.toml",
            format!("{}a = 1", "a.".repeat(100_000)).into_bytes(),
            "dotted.toml",
        ),
        (
            "long-line.toml",
            format!("title = {}", "x".repeat(900_000)).into_bytes(),
            "long-line.toml:1",
        ),
        (
            "escape.toml",
            b"version = 1\n\x1b[31m = 2\n".to_vec(),
            "escape.toml:2",
        ),
        (
            "many.toml",
            format!("{}{strategies}", GOOD.split("[[strategy]]").next().unwrap()).into_bytes(),
            "256",
        ),
        (
            "none.toml",
            GOOD.split("[[strategy]]")
                .next()
                .unwrap()
                .as_bytes()
                .to_vec(),
            "strategy",
        ),
        ("many-errors.toml", b"wrong = 1\n".to_vec(), "wrong"),
        ("binary.toml", (0..=255).collect(), "binary.toml"),
    ];
    for (name, content, says) in files {
        place.write(name, content);
        let before = place.listing();
        let (code, stdout, stderr) = place.says(&["run", name]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}: {stderr}");
        assert!(stderr.contains(says), "{name}: {stderr}");
        assert!(
            is_short_and_clean(&stderr),
            "{name}: {} bytes: {stderr}",
            stderr.len()
        );
        assert_eq!(place.listing(), before, "{name}");
    }
}

#[test]
fn many_errors_are_cut_short() {
    let place = Place::new();
    let keys: String = (0..500).map(|n| format!("key-{n} = {n}\n")).collect();
    place.write("wrong.toml", keys);
    let (code, _, stderr) = place.says(&["run", "wrong.toml"]);
    assert_eq!(code, 2);
    assert!(
        is_short_and_clean(&stderr) && stderr.contains("more"),
        "{stderr}"
    );
}

#[test]
fn a_bad_command_line_is_refused() {
    let place = Place::with_good();
    place.write("folder.toml/inside", "");
    place.write("other/good.toml", GOOD);
    let before = place.listing();
    let lines: &[(&[&str], &str)] = &[
        (&["run"], "scenarios/three-requests.toml"),
        (&["check"], "scenario"),
        (&["frobnicate"], "frobnicate"),
        (&["run", "absent.toml"], "absent.toml"),
        (&["run", "folder.toml"], "folder"),
        (&["run", "good.toml", "--frobnicate"], "--frobnicate"),
        (&["run", "good.toml", "--threads", "0"], "0"),
        (&["run", "good.toml", "--threads", "many"], "many"),
        (&["run", "good.toml", "--threads", "100000"], "1024"),
        (&["run", "good.toml", "--seed", "-1"], "-1"),
        (&["run", "good.toml", "--replications", "0"], "replications"),
        (&["run", "good.toml", "--strategy", "Most"], "Most"),
        (&["run", "good.toml", "--variant", "healthy"], "healthy"),
        (&["run", "good.toml", "--set", "job.calls"], "KEY=VALUE"),
        (&["run", "good.toml", "--set", "job.cals=3"], "job.cals"),
        (&["run", "good.toml", "--set", "job.calls=-3"], "job.calls"),
        (&["run", "good.toml", "--format", "xml"], "xml"),
        (&["run", "good.toml", "other/good.toml"], "two scenarios"),
        (&["run", "good.toml", "absent.toml"], "absent.toml"),
        (
            &["run", "good.toml", "--jobs", "--replications", "2000000"],
            "--many-jobs",
        ),
        (&["completions", "tcsh-9"], "tcsh-9"),
    ];
    for (arguments, says) in lines {
        let (code, stdout, stderr) = place.says(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains(says) && stderr.len() <= 4096,
            "{arguments:?}: {stderr}"
        );
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    assert_eq!(place.listing(), before);
}
