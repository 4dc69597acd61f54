//! Writes the charts and tables of the tests' records into a folder, to be looked at.
//!
//! `cargo run -p awaitlab-report --example gallery -- FOLDER`

#[path = "../tests/it/fixture.rs"]
mod fixture;
#[path = "../tests/it/guarded.rs"]
mod guarded;
#[path = "../tests/it/in_time.rs"]
mod in_time;
#[path = "../tests/it/scenes.rs"]
mod scenes;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args().nth(1).ok_or("which folder?")?.into();
    let records = [
        scenes::three_requests(),
        scenes::twelve_strategies(),
        scenes::black_hole(),
        scenes::two_of_twenty_fail(),
        scenes::hostile(),
        scenes::extremes(),
        in_time::overload_spike(),
        in_time::metastable(),
        in_time::saturated_queue(),
        in_time::two_worlds(),
        in_time::crowd(),
        in_time::restless(),
        guarded::storm(),
        guarded::aggregation(),
        guarded::frenzy(),
    ];
    for record in &records {
        let own = folder.join(&record.summary.scenario.name);
        fs::create_dir_all(own.join("charts"))?;
        let charts = awaitlab_report::charts(record)?;
        for (chart, png) in charts.iter().zip(awaitlab_report::pngs(&charts)?) {
            fs::write(own.join(format!("charts/{}.svg", chart.name)), chart.svg())?;
            fs::write(own.join(format!("charts/{}.png", chart.name)), png)?;
        }
        fs::write(
            own.join("report.md"),
            awaitlab_report::markdown(record, &charts),
        )?;
        fs::write(
            own.join("table.txt"),
            awaitlab_report::terminal(&record.summary, 80, false),
        )?;
        fs::write(
            own.join("narrow.txt"),
            awaitlab_report::terminal(&record.summary, 50, false),
        )?;
    }
    Ok(())
}
