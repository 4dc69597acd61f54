//! The page and its charts in their folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The page's name without extension, and its charts' folder beside it.
pub(super) const NAME: &str = "growth";

/// A folder of studies that can be written.
#[derive(Debug)]
pub(super) struct Files {
    studies: PathBuf,
    charts: PathBuf,
}

impl Files {
    /// Makes the folder where there is none.
    ///
    /// # Errors
    /// When it cannot be made, or nothing can be written into it.
    pub(super) fn open(studies: &Path) -> anyhow::Result<Self> {
        let charts = studies.join(NAME);
        fs::create_dir_all(&charts).with_context(|| format!("cannot make {}", charts.display()))?;
        let files = Files {
            studies: studies.to_owned(),
            charts,
        };
        let probe = files.charts.join("probe.tmp");
        fs::write(&probe, "").with_context(|| format!("cannot write {}", probe.display()))?;
        fs::remove_file(&probe).with_context(|| format!("cannot remove {}", probe.display()))?;
        Ok(files)
    }

    /// Writes a chart.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn chart(&self, name: &str, svg: &str) -> anyhow::Result<()> {
        write(&self.charts.join(name).with_extension("svg"), svg)
    }

    /// Writes the page, and says where.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn page(&self, markdown: &str) -> anyhow::Result<PathBuf> {
        let path = self.studies.join(NAME).with_extension("md");
        write(&path, markdown)?;
        Ok(path)
    }
}

/// Beside its place first, so that what is there is whole or not touched.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let temporary = path.with_extension("tmp");
    let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lies_beside_the_folder_of_its_charts_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&folder.path().join("studies")).unwrap();
        files.chart("in-flight", "<svg/>").unwrap();
        let page = files.page("# Growth").unwrap();
        assert_eq!(page, folder.path().join("studies/growth.md"));
        let names = |of: &Path| -> Vec<String> {
            let entries = fs::read_dir(of).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut names: Vec<String> = names.collect();
            names.sort();
            names
        };
        assert_eq!(
            names(&folder.path().join("studies")),
            ["growth", "growth.md"]
        );
        assert_eq!(
            names(&folder.path().join("studies/growth")),
            ["in-flight.svg"]
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told_before_anything_is_measured() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Files::open(&file).unwrap_err().to_string();
        assert!(error.starts_with("cannot make "), "{error}");
    }
}
