//! Where a report may be written, and what happens to what is there.

use std::fs;

use crate::command::{GOOD, Place};

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

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_is_known_before_anything_runs() {
    let place = Place::with_good();
    // Nobody can create anything in there, not even root.
    let (code, stdout, stderr) = place.says(&["run", "good.toml", "--out", "/proc/awaitlab"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert_eq!(
        stderr,
        "error: cannot create \"/proc/awaitlab\": No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_report_that_fails_costs_the_report_and_not_the_table() {
    let place = Place::with_good();
    place.says(&["run", "good.toml", "--no-charts", "--out", "out"]);
    place.write("out/charts", "a file where a folder belongs");
    let (code, stdout, stderr) = place.says(&["run", "good.toml", "--out", "out"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("is in the way"), "{stderr}");
    assert!(stdout.contains("1500 ms"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_was_finished_and_exits_130() {
    let place = Place::with_good();
    // Minutes of work, of which the first batch is done at once.
    let long = GOOD.replace("replications = 20", "replications = 10_000_000");
    place.write("long.toml", long);
    let arguments = ["run", "good.toml", "long.toml", "--out", "out", "--quiet"];
    let mut child = place
        .command(&arguments)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // The first scenario is written: the second runs.
    while !place.path("out/good/report.md").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(place.read("out/good/summary.json").contains("\"complete\""));
    // Whether the first batch was done is up to the machine.
    if place.path("out/long").exists() {
        let summary = place.read("out/long/summary.json");
        assert!(summary.contains("\"status\": \"interrupted\""), "{summary}");
        assert!(!summary.contains("\"replications\": 10000000"), "{summary}");
        assert!(place.read("out/long/report.md").contains("**Interrupted**"));
    }
}
