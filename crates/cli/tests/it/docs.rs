//! The examples of `docs/scenario-format.md` are scenarios that the reader accepts.

use std::fs;
use std::path::Path;

use awaitlab_scenario::Scenario;

/// What a fragment is completed with where it leaves it out: a table, and how it is given.
const REQUIRED: [(&str, &str); 3] = [
    ("job", "job.calls = 3\n"),
    (
        "downstream",
        "downstream.api.latency = { kind = \"exponential\", mean = \"20ms\" }\n",
    ),
    (
        "strategy",
        "strategy = [{ name = \"Promise.all()\", kind = \"all\" }]\n",
    ),
];

/// A block of TOML, as the page has it.
struct Example {
    /// The line of the page above its first.
    line: usize,
    /// Marked as a few tables of a scenario, and not as a whole one.
    is_fragment: bool,
    text: String,
}

#[test]
fn every_example_of_the_format_is_a_valid_scenario() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenario-format.md");
    let page = fs::read_to_string(page).unwrap();
    let examples = examples(&page);
    assert_eq!(
        examples.len(),
        page.matches("```toml").count(),
        "a block is marked in another way, or never ends"
    );
    let (fragments, whole) = examples.iter().partition::<Vec<_>, _>(|e| e.is_fragment);
    assert!(!fragments.is_empty() && !whole.is_empty());

    let folder = tempfile::tempdir().unwrap();
    // What the example of an empirical latency names.
    fs::write(folder.path().join("latencies.csv"), "took\n12\n15.5\n").unwrap();
    for example in &examples {
        let path = folder.path().join("example.toml");
        fs::write(&path, example.scenario()).unwrap();
        let read = Scenario::read(&path, &[]);
        let line = example.line;
        assert!(
            read.is_ok(),
            "the example below line {line}:\n{}",
            read.unwrap_err()
        );
    }
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for (line, text) in (1..).zip(page.lines()) {
        match (&mut open, text) {
            (None, "```toml" | "```toml fragment") => {
                open = Some(Example {
                    line,
                    is_fragment: text.ends_with("fragment"),
                    text: String::new(),
                });
            }
            (Some(_), "```") => examples.extend(open.take()),
            (Some(example), text) => example.text += &format!("{text}\n"),
            (None, _) => {}
        }
    }
    examples
}

impl Example {
    /// The example as a scenario.
    fn scenario(&self) -> String {
        if !self.is_fragment {
            return self.text.clone();
        }
        let mut scenario = "version = 1\ntitle = \"An example\"\n".to_owned();
        for (table, given) in REQUIRED {
            let headers = [format!("[{table}"), format!("[[{table}")];
            let has = |line: &str| headers.iter().any(|header| line.starts_with(header));
            if !self.text.lines().any(has) {
                scenario += given;
            }
        }
        scenario + &self.text
    }
}
