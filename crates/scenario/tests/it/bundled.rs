//! The scenarios of the repository.

use std::path::{Path, PathBuf};

use awaitlab_scenario::Scenario;

pub(crate) fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_bundled_scenario_is_read() {
    let paths = scenarios();
    assert!(!paths.is_empty());
    for path in paths {
        if let Err(errors) = Scenario::read(&path, &[]) {
            panic!("{errors}");
        }
    }
}
