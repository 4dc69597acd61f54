//! The report folder, on a real file system.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use awaitlab_record::folder::{Folder, FolderError};
use awaitlab_record::summary::{RunStatus, SCHEMA, ScenarioInfo, Summary};
use awaitlab_record::{Record, write_record};
use tempfile::TempDir;

fn record() -> Record {
    Record {
        summary: Summary {
            schema: SCHEMA,
            awaitlab: "0.1.0".into(),
            status: RunStatus::Complete,
            scenario: ScenarioInfo {
                name: "empty".into(),
                title: "Nothing".into(),
                question: None,
                files: BTreeMap::new(),
                sha256: String::new(),
                seed: 1,
                replications: 0,
                overrides: BTreeMap::new(),
            },
            rows: Vec::new(),
            comparisons: Vec::new(),
            expectations: Vec::new(),
            precision: None,
            notes: Vec::new(),
        },
        cells: Vec::new(),
        jobs: None,
        scenario_toml: b"title = 'Nothing'\n".to_vec(),
    }
}

/// Every file below, with its bytes; a folder ends in a slash.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                found.insert(name + "/", Vec::new());
                todo.push(path);
            } else {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn names(root: &Path) -> Vec<String> {
    tree(root).into_keys().collect()
}

fn write_report(path: &Path) {
    let mut writer = Folder::open(path).unwrap().begin().unwrap();
    write_record(&mut writer, &record()).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_place_that_is_absent_is_created_with_all_above_it() {
    let temp = TempDir::new().unwrap();
    let place = temp.path().join("reports/three-requests");
    let folder = Folder::open(&place).unwrap();
    assert_eq!(names(temp.path()), [""; 0], "looking leaves nothing behind");
    let mut writer = folder.begin().unwrap();
    write_record(&mut writer, &record()).unwrap();
    writer.file("charts/settle.svg", "<svg/>").unwrap();
    writer.finish().unwrap();
    let expected = [
        "charts/",
        "charts/settle.svg",
        "scenario.toml",
        "summary.json",
        "table.csv",
    ];
    assert_eq!(names(&place), expected);
}

#[test]
fn the_same_record_leaves_the_same_bytes() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    write_report(one.path());
    write_report(two.path());
    assert_eq!(tree(one.path()), tree(two.path()));
    let before = tree(one.path());
    write_report(one.path());
    assert_eq!(tree(one.path()), before, "over itself, too");
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_left_alone() {
    for foreign in ["thesis.tex", "summary.json", "report.md"] {
        let temp = TempDir::new().unwrap();
        fs::write(
            temp.path().join(foreign),
            r#"{"schema": 1, "by": "another tool"}"#,
        )
        .unwrap();
        let before = tree(temp.path());
        let error = Folder::open(temp.path()).unwrap_err();
        assert!(
            matches!(&error, FolderError::Foreign { path } if path == temp.path()),
            "{error}"
        );
        assert!(
            error.to_string().contains("summary.json of awaitlab"),
            "{error}"
        );
        assert_eq!(tree(temp.path()), before);
    }
}

#[test]
fn a_file_in_the_way_is_refused() {
    let temp = TempDir::new().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(
        Folder::open(&file),
        Err(FolderError::NotAFolder { .. })
    ));
    for below in ["report", "deep/er/report"] {
        let error = Folder::open(file.join(below)).unwrap_err();
        assert!(
            matches!(&error, FolderError::NotUnderAFolder { above, .. } if *above == file),
            "{below}: {error}"
        );
    }
}

#[test]
fn a_place_that_would_be_another_once_it_is_there_is_refused() {
    let temp = TempDir::new().unwrap();
    fs::write(temp.path().join("thesis.tex"), "ten years of work").unwrap();
    for place in [
        "new/..",
        "new/../report",
        "new/../../elsewhere",
        "a/new/../..",
    ] {
        let error = Folder::open(temp.path().join(place)).unwrap_err();
        assert!(
            matches!(&error, FolderError::NotUnderAFolder { .. }),
            "{place}: {error}"
        );
    }
    assert_eq!(names(temp.path()), ["thesis.tex"]);
    // Up from a folder that is there leads where it says.
    fs::create_dir(temp.path().join("there")).unwrap();
    assert!(Folder::open(temp.path().join("there/../report")).is_ok());
    for place in ["report/.", "report//deep/", "./report"] {
        write_report(&temp.path().join(place));
    }
    assert!(temp.path().join("report/deep/summary.json").is_file());
}

#[cfg(unix)]
#[test]
fn a_folder_has_one_writer_at_a_time() {
    let temp = TempDir::new().unwrap();
    let place = temp.path().join("report");
    let folder = Folder::open(&place).unwrap();
    let mut first = folder.begin().unwrap();
    let error = folder.begin().unwrap_err();
    assert!(
        matches!(&error, FolderError::Busy { path } if *path == place),
        "{error}"
    );
    // Whoever was turned away took nothing with them.
    write_record(&mut first, &record()).unwrap();
    first.finish().unwrap();
    write_report(&place);
}

#[test]
fn a_name_with_control_characters_is_escaped_in_the_message() {
    let temp = TempDir::new().unwrap();
    let file = temp.path().join("\u{1b}[31m");
    fs::write(&file, "").unwrap();
    let message = Folder::open(&file).unwrap_err().to_string();
    assert!(!message.contains('\u{1b}'), "{message:?}");
}

#[test]
fn what_an_earlier_run_left_is_removed_and_what_others_put_there_is_not() {
    let temp = TempDir::new().unwrap();
    let root = temp.path();
    write_report(root);
    let stale = [
        "report.md",
        "jobs.csv",
        "series.csv",
        ".report.md.awaitlab-tmp",
        "charts/old.svg",
        "charts/old.png",
        "one-fails/all.hgrm",
        "one-fails/all.hlog",
        "healthy/.all.hgrm.awaitlab-tmp",
    ];
    let foreign = [
        "notes.md",
        "charts/notes.txt",
        "My Data/all.hgrm",
        "deep/er/all.hgrm",
        "empty/",
    ];
    for name in stale.iter().chain(&foreign) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::write(path, name).unwrap();
        }
    }
    write_report(root);
    let expected = [
        "My Data/",
        "My Data/all.hgrm",
        "charts/",
        "charts/notes.txt",
        "deep/",
        "deep/er/",
        "deep/er/all.hgrm",
        "empty/",
        "notes.md",
        "scenario.toml",
        "summary.json",
        "table.csv",
    ];
    assert_eq!(names(root), expected);
}

#[test]
fn a_run_that_writes_nothing_leaves_no_folder() {
    let temp = TempDir::new().unwrap();
    drop(
        Folder::open(temp.path().join("a/b"))
            .unwrap()
            .begin()
            .unwrap(),
    );
    assert_eq!(names(temp.path()), [""; 0]);
    // One that was there stays.
    drop(Folder::open(temp.path()).unwrap().begin().unwrap());
    assert!(temp.path().is_dir());
}

#[test]
fn an_interrupted_run_leaves_a_folder_that_is_still_the_labs() {
    let temp = TempDir::new().unwrap();
    fs::write(temp.path().join(".summary.json.awaitlab-tmp"), "{\"sche").unwrap();
    assert!(Folder::open(temp.path()).is_ok(), "before its first file");
    let mut writer = Folder::open(temp.path()).unwrap().begin().unwrap();
    writer
        .file("summary.json", record().summary.to_json().unwrap())
        .unwrap();
    drop(writer);
    write_report(temp.path());
    assert_eq!(
        names(temp.path()),
        ["scenario.toml", "summary.json", "table.csv"]
    );
}

#[test]
fn a_failed_file_leaves_the_old_one_and_no_temporary_one() {
    let temp = TempDir::new().unwrap();
    write_report(temp.path());
    let before = tree(temp.path());
    let mut writer = Folder::open(temp.path()).unwrap().begin().unwrap();
    let full = |_: &mut dyn std::io::Write| Err(std::io::ErrorKind::StorageFull.into());
    let error = writer.stream("table.csv", full).unwrap_err();
    assert!(
        matches!(&error, FolderError::Io { source, .. }
            if source.kind() == std::io::ErrorKind::StorageFull),
        "{error}"
    );
    assert_eq!(tree(temp.path()), before);
}

#[test]
fn names_stay_within_the_folder_and_are_written_once() {
    let temp = TempDir::new().unwrap();
    let mut writer = Folder::open(temp.path().join("report"))
        .unwrap()
        .begin()
        .unwrap();
    for outside in ["../x", "/x/y", "", "a/../../x", "."] {
        let error = writer.file(outside, "").unwrap_err();
        assert!(
            matches!(&error, FolderError::Name { name } if name == outside),
            "{error}"
        );
    }
    writer.file("report.md", "").unwrap();
    assert!(matches!(
        writer.file("report.md", ""),
        Err(FolderError::Name { .. })
    ));
}

#[test]
fn a_folder_where_a_file_belongs_and_the_other_way_round_are_in_the_way() {
    let temp = TempDir::new().unwrap();
    write_report(temp.path());
    fs::create_dir(temp.path().join("report.md")).unwrap();
    fs::write(temp.path().join("charts"), "mine").unwrap();
    let mut writer = Folder::open(temp.path()).unwrap().begin().unwrap();
    for name in ["report.md", "charts/settle.svg"] {
        let error = writer.file(name, "").unwrap_err();
        assert!(matches!(&error, FolderError::InTheWay { .. }), "{error}");
    }
    writer.finish().unwrap();
    assert_eq!(fs::read(temp.path().join("charts")).unwrap(), b"mine");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_followed_and_one_within_the_report_is_not() {
    use std::os::unix::fs::symlink;
    let temp = TempDir::new().unwrap();
    let (real, link, elsewhere) = (
        temp.path().join("real"),
        temp.path().join("link"),
        temp.path().join("elsewhere"),
    );
    fs::create_dir_all(&real).unwrap();
    fs::create_dir_all(&elsewhere).unwrap();
    fs::write(elsewhere.join("old.svg"), "mine").unwrap();
    symlink(&real, &link).unwrap();
    write_report(&link);
    assert_eq!(names(&real), ["scenario.toml", "summary.json", "table.csv"]);

    symlink(&elsewhere, real.join("charts")).unwrap();
    let mut writer = Folder::open(&link).unwrap().begin().unwrap();
    write_record(&mut writer, &record()).unwrap();
    let error = writer.file("charts/settle.svg", "").unwrap_err();
    assert!(matches!(&error, FolderError::InTheWay { .. }), "{error}");
    writer.finish().unwrap();
    assert_eq!(names(&elsewhere), ["old.svg"]);

    symlink(temp.path().join("nowhere"), temp.path().join("dangling")).unwrap();
    let dangling = Folder::open(temp.path().join("dangling"));
    assert!(matches!(dangling, Err(FolderError::NotAFolder { .. })));
    let below = Folder::open(temp.path().join("dangling/report"));
    assert!(matches!(below, Err(FolderError::NotUnderAFolder { .. })));
}
