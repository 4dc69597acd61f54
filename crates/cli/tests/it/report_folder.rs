//! Where a report may be written, and what happens to what is there.

use std::fs;

use crate::command::Place;

#[test]
fn a_report_has_all_its_files() {
    let place = Place::with_good();
    let (code, _, _) = place.says(&["run", "good.toml", "--jobs"]);
    assert_eq!(code, 0);
    let files = [
        "report.md",
        "summary.json",
        "table.csv",
        "jobs.csv",
        "scenario.toml",
        "base/sequential.hgrm",
        "base/all.hgrm",
        "charts/settle.svg",
        "charts/settle.png",
    ];
    for file in files {
        assert!(
            place.path(&format!("reports/good/{file}")).exists(),
            "{file}"
        );
    }
    assert_eq!(
        place.read("reports/good/scenario.toml"),
        place.read("good.toml")
    );
}

#[test]
fn a_second_run_removes_what_it_does_not_write_again_and_nothing_else() {
    let place = Place::with_good();
    place.says(&["run", "good.toml", "--jobs", "--out", "out"]);
    place.write("out/my-notes.txt", "mine");
    let (code, _, _) = place.says(&["run", "good.toml", "--no-charts", "--out", "out"]);
    assert_eq!(code, 0);
    assert!(!place.path("out/jobs.csv").exists() && !place.path("out/charts").exists());
    assert_eq!(place.read("out/my-notes.txt"), "mine");
}

#[test]
fn two_runs_leave_the_same_bytes() {
    let place = Place::with_good();
    let bytes = |out: &str| {
        assert_eq!(place.says(&["run", "good.toml", "--out", out]).0, 0);
        let files = [
            "summary.json",
            "report.md",
            "charts/timeline.png",
            "charts/settle.png",
        ];
        let read = files.map(|file| fs::read(place.path(&format!("{out}/{file}"))).ok());
        assert!(read.iter().filter(|bytes| bytes.is_some()).count() >= 3);
        read
    };
    assert!(bytes("one") == bytes("two"));
}

#[test]
fn places_that_are_not_the_labs_are_refused_before_anything_runs() {
    let place = Place::with_good();
    place.write("foreign/thesis.tex", "ten years of work");
    place.write("file", "in the way");
    place.write("almost/summary.json", "{ \"schema\": 1 }");
    let before = place.listing();
    for out in ["foreign", "file", "file/below", "almost"] {
        let (code, stdout, stderr) = place.says(&["run", "good.toml", "--out", out]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{out}: {stderr}");
        assert!(stderr.contains(out), "{stderr}");
    }
    assert_eq!(place.listing(), before);
}

#[test]
fn an_empty_folder_is_a_fine_place() {
    let place = Place::with_good();
    fs::create_dir(place.path("empty")).unwrap();
    assert_eq!(place.says(&["run", "good.toml", "--out", "empty"]).0, 0);
    assert!(place.path("empty/summary.json").exists());
}
