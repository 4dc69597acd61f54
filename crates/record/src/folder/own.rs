//! What in a folder is the lab's own.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use awaitlab_core::name::file_id;

use crate::summary::signature;

/// The file that makes a folder the lab's.
pub(super) const SUMMARY: &str = "summary.json";

/// What a file is called while it is being written.
pub(super) const TEMPORARY: &str = ".awaitlab-tmp";

/// Files at the top that a run writes, or another run may have written.
const FILES: [&str; 7] = [
    SUMMARY,
    "report.md",
    "table.csv",
    "jobs.csv",
    "replications.csv",
    "series.csv",
    "scenario.toml",
];

/// Whether a folder may be written into: it is empty, or a report, or what is left of one that was
/// interrupted before its first file.
pub(super) fn is_ours(folder: &Path) -> io::Result<bool> {
    let mut only_temporary = true;
    for entry in fs::read_dir(folder)? {
        only_temporary &= is_temporary(&entry?.file_name());
    }
    Ok(only_temporary || has_our_summary(folder))
}

fn has_our_summary(folder: &Path) -> bool {
    let path = folder.join(SUMMARY);
    // Not through a link, and not a pipe, which would be waited for.
    let is_file = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
    let Ok(bytes) = (if is_file {
        fs::read(&path)
    } else {
        Ok(Vec::new())
    }) else {
        return false;
    };
    serde_json::from_slice(&bytes).is_ok_and(|value| signature(&value).is_some())
}

/// Whether a file of that name at the top of a report is the lab's.
pub(super) fn is_top_file(name: &OsStr) -> bool {
    is_temporary(name) || name.to_str().is_some_and(|name| FILES.contains(&name))
}

/// Whether a file of that name in a folder of that name is the lab's: `charts/settle.svg`,
/// `healthy/all.hgrm`.
pub(super) fn is_sub_file(folder: &OsStr, name: &OsStr) -> bool {
    let (Some(folder), Some(name)) = (folder.to_str(), name.to_str()) else {
        return false;
    };
    if !is_file_id(folder) {
        return false;
    }
    match name.rsplit_once('.') {
        _ if is_temporary(OsStr::new(name)) => true,
        Some((stem, "svg" | "png")) => folder == "charts" && is_file_id(stem),
        Some((stem, "hgrm" | "hlog")) => is_file_id(stem),
        _ => false,
    }
}

fn is_temporary(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with('.') && name.ends_with(TEMPORARY))
}

fn is_file_id(name: &str) -> bool {
    !name.is_empty() && file_id(name) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_lab_would_write_is_its_own() {
        let top = |name: &str| is_top_file(OsStr::new(name));
        assert!(top("report.md") && top("series.csv") && top(".report.md.awaitlab-tmp"));
        assert!(!top("notes.md") && !top("report.md.bak") && !top("awaitlab-tmp"));
        let sub = |folder: &str, name: &str| is_sub_file(OsStr::new(folder), OsStr::new(name));
        assert!(sub("charts", "settle-time.svg") && sub("charts", "settle-time.png"));
        assert!(sub("healthy", "promise-all.hgrm") && sub("healthy", "promise-all.hlog"));
        assert!(sub("healthy", ".promise-all.hgrm.awaitlab-tmp"));
        assert!(
            !sub("healthy", "settle-time.svg"),
            "charts are in their own folder"
        );
        assert!(!sub("My Data", "all.hgrm") && !sub("healthy", "My Data.hgrm"));
        assert!(!sub("charts", "notes.txt") && !sub("..", "all.hgrm"));
    }
}
