//! The command in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A scenario that is right, to be broken by tests.
pub(crate) const GOOD: &str = r#"version = 1
title = "Three requests"
replications = 20

[job]
calls = 3

[downstream.api]
latency = { kind = "constant", value = "500ms" }

[[strategy]]
name = "Sequential"
kind = "sequential"

[[strategy]]
name = "All"
kind = "all"
"#;

/// An empty folder, and the command in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Place {
            folder: TempDir::new().unwrap(),
        }
    }

    /// With a good scenario in `good.toml`.
    pub(crate) fn with_good() -> Self {
        let place = Place::new();
        place.write("good.toml", GOOD);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Everything below, files with a checksum of sorts: to see that nothing was touched.
    pub(crate) fn listing(&self) -> Vec<String> {
        listing(self.folder.path())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("awaitlab"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs and gives exit code, stdout and stderr.
    pub(crate) fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}

pub(crate) fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.push(format!("{}/", path.display()));
                open.push(path);
            } else {
                let length = fs::metadata(&path).unwrap().len();
                found.push(format!("{} {length}", path.display()));
            }
        }
    }
    found.sort();
    found
}
