//! The report as Markdown: the verdict first, then the tables, then what they rest on.

use awaitlab_record::Record;
use awaitlab_record::summary::{RunStatus, Summary};
use awaitlab_record::words::RULES;

use crate::blocks::{self, blocks};
use crate::charts::{Chart, Kind};
use crate::columns;
use crate::errors;
use crate::escape::markdown as inert;
use crate::figures;
use crate::measures;
use crate::policies;
use crate::precision;
use crate::services;
use crate::verdict;
use crate::words;

/// More charts than this make a page that nobody reads to its end.
const CHARTS_SHOWN: usize = 4;
/// Of those, so many over virtual time, so that there is place for what they sum up to.
const SERIES_SHOWN: usize = 2;

/// `report.md`. Of `charts`, at most four are shown, by links relative to the report's folder:
/// those of [`shown`].
pub fn markdown(record: &Record, charts: &[Chart]) -> String {
    let summary = &record.summary;
    let scenario = &summary.scenario;
    let mut out = format!("# {}\n", inert(&scenario.title));
    if let Some(question) = &scenario.question {
        out.push_str(&format!("\n> {}\n", inert(question)));
    }
    if summary.status == RunStatus::Interrupted {
        out.push_str(&format!(
            "\n**Interrupted**: the figures are those of the first {}.\n",
            figures::counted(scenario.replications, "replication", "replications")
        ));
    }
    if let Some(precision) = &summary.precision {
        let said = precision::said(summary, precision, inert);
        let said = if precision.reached {
            said
        } else {
            format!("**{said}**")
        };
        out.push_str(&format!("\n{said}.\n"));
    }
    push_verdict(&mut out, summary);
    push_missed(&mut out, summary);
    out.push_str("\n## Figures\n\n");
    out.push_str(&markdown_table(summary));
    out.push_str(
        "\nSettle: from the job's arrival to the caller's answer, its mean with half its 95 % \
         interval. Success: results delivered of results wanted. Amplification: attempts per call \
         started. Orphan time: attempt time after the answer, per job. \
         Attempts: made per job.",
    );
    if summary.rows.iter().any(columns::has_an_interval_of_p99) {
        out.push_str(" p99 with half its interval, too.");
    }
    if summary.rows.iter().any(columns::has_goodput) {
        out.push_str(
            " Goodput: jobs fulfilled, complete and within the deadline, per second of virtual time.",
        );
    }
    if summary.rows.iter().any(columns::has_utilization) {
        out.push_str(" Utilization: of the busiest service's workers.");
    }
    if summary.rows.iter().any(columns::has_recovery) {
        out.push_str(
            " Recovery: from the end of the last fault until goodput is back where it was.",
        );
    }
    if summary.rows.iter().any(columns::has_deaths) {
        out.push_str(" Deaths: client processes that an unhandled failure ended.");
    }
    if summary.rows.iter().any(columns::lacks_a_percentile) {
        out.push_str(" p99 is a dash where fewer than ten jobs lie beyond it, of each replication where jobs \
             share services.");
    }
    push_fates(&mut out, summary);
    out.push('\n');
    push_measures(&mut out, summary);
    push_policies(&mut out, summary);
    services::push(&mut out, summary);
    push_charts(&mut out, charts);
    push_words(&mut out, summary);
    push_run(&mut out, summary);
    out
}

/// The comparison as Markdown tables: the figures of each variant, then the words.
pub fn markdown_table(summary: &Summary) -> String {
    let mut out = String::new();
    for block in blocks(summary) {
        if let Some(variant) = block.title {
            out.push_str(&format!("**{}**\n\n", inert(variant)));
        }
        let all = columns::columns(summary);
        let heads: Vec<&str> = all.iter().map(|column| column.head).collect();
        out.push_str(&format!(
            "| {} | {} |\n|---|{}\n",
            blocks::head(summary),
            heads.join(" | "),
            "--:|".repeat(heads.len())
        ));
        for row in block.rows.iter() {
            let cells: Vec<String> = all.iter().map(|column| column.cell(row)).collect();
            out.push_str(&format!(
                "| {} | {} |\n",
                inert(&row.strategy),
                cells.join(" | ")
            ));
        }
        out.push('\n');
    }
    if !words::are_said(summary) {
        out.truncate(out.trim_end().len());
        out.push('\n');
        return out;
    }
    out.push_str("| Strategy | Error resilience | Resource utilization | Failure mode |\n");
    out.push_str("|---|---|---|---|\n");
    for row in columns::strategies(summary) {
        let words = &row.words;
        let cells = [
            &row.strategy,
            &words.error_resilience,
            &words.resource_utilization,
            &words.failure_mode,
        ]
        .map(|text| inert(text));
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

/// The charts a report shows, in their order there. What happened over time, of the last variants,
/// or of the last one with what its policies did; the spread of settle times, what became of jobs and attempts, then percentiles where times vary
/// most (if at all), and timelines for the rest, the last variant's first: the worlds of a scenario
/// get worse from variant to variant.
pub fn shown(charts: &[Chart]) -> Vec<&Chart> {
    let of = |kind: Kind| charts.iter().filter(move |chart| chart.kind == kind);
    let policies = of(Kind::Policies).next_back();
    let series_shown = SERIES_SHOWN - usize::from(policies.is_some());
    let unshown = of(Kind::Series).count().saturating_sub(series_shown);
    let fixed = [of(Kind::Settle).next(), of(Kind::Outcomes).next()];
    let percentiles = of(Kind::Percentiles).filter(|chart| chart.spread > 1.0);
    let percentiles = percentiles.reduce(|a, b| if b.spread > a.spread { b } else { a });
    let timelines = of(Kind::Timeline).rev();
    let shown = of(Kind::Series)
        .skip(unshown)
        .chain(policies)
        .chain(fixed.into_iter().flatten())
        .chain(percentiles)
        .chain(timelines);
    shown.take(CHARTS_SHOWN).collect()
}

fn push_verdict(out: &mut String, summary: &Summary) {
    out.push_str("\n## Verdict\n\n");
    for block in blocks(summary) {
        let said = verdict::sentences(summary, &block, emphasised).join(" ");
        if let Some(variant) = block.title {
            out.push_str(&format!("- **{}**: {said}\n", inert(variant)));
        } else {
            out.push_str(&format!("{said}\n"));
        }
    }
}

/// A strategy's name within a sentence.
fn emphasised(name: &str) -> String {
    format!("*{}*", inert(name))
}

fn push_missed(out: &mut String, summary: &Summary) {
    if summary.expectations.iter().all(|e| e.held) {
        return;
    }
    out.push_str("\n**Expected, but not found:**\n\n");
    for miss in summary.expectations.iter().filter(|e| !e.held) {
        out.push_str(&format!(
            "- {} / {}: {}, found {}\n",
            inert(&miss.variant),
            inert(&miss.strategy),
            inert(&columns::expected(miss)),
            columns::found(miss)
        ));
    }
}

/// What some attempts have in common that need a word, where there are any.
fn push_fates(out: &mut String, summary: &Summary) {
    let rows = &summary.rows;
    let late = rows.iter().any(|row| row.attempts.late > 0);
    let duplicate = rows.iter().any(|row| row.attempts.duplicate > 0);
    out.push_str(match (late, duplicate) {
        (true, true) => {
            " Of the attempts some were given up by a timeout (late), or beaten by another attempt \
             of their call (duplicate): their services may have worked on for nobody."
        }
        (true, false) => {
            " Of the attempts some were given up by a timeout (late): their services may have worked \
             on for nobody."
        }
        (false, true) => {
            " Of the attempts some were beaten by another attempt of their call (duplicate): their \
             services may have worked on for nobody."
        }
        (false, false) => "",
    });
}

/// A heading of the third level, with the variant it is about.
fn heading(title: &str, variant: Option<&str>) -> String {
    let named = variant.map_or_else(String::new, |variant| format!(" – {}", inert(variant)));
    format!("\n### {title}{named}\n\n")
}

fn push_measures(out: &mut String, summary: &Summary) {
    for block in blocks(summary) {
        if !measures::names(&block.rows).is_empty() {
            out.push_str(&heading("Measures", block.title));
            measures::push(out, blocks::head(summary), &block.rows);
        }
    }
}

fn push_policies(out: &mut String, summary: &Summary) {
    let head = blocks::head(summary);
    for block in blocks(summary) {
        if let Some(table) = policies::Table::of(summary, &block) {
            out.push_str(&heading("What the policies did", block.title));
            let heads: Vec<&str> = table.columns.iter().map(|column| column.head).collect();
            out.push_str(&format!(
                "| {head} | {} |\n|---|{}\n",
                heads.join(" | "),
                "--:|".repeat(heads.len())
            ));
            for row in &table.rows {
                let cells = [&[inert(&row[0])], &row[1..]].concat();
                out.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
            let counts = format!("\nCounts {}. {}", table.per(), table.said());
            out.push_str(counts.trim_end());
            out.push('\n');
            policies::push_stacks(out, &block.rows, summary.scenario.replications);
        }
        if errors::are_told(&block.rows) {
            out.push_str(&heading("Errors", block.title));
            errors::push(out, head, &block.rows);
        }
    }
}

fn push_charts(out: &mut String, charts: &[Chart]) {
    let shown = shown(charts);
    if shown.is_empty() {
        return;
    }
    out.push_str("\n## Charts\n");
    for chart in shown {
        out.push_str(&format!(
            "\n![{}](charts/{}.svg)\n",
            inert(&chart.title),
            chart.name
        ));
    }
}

fn push_words(out: &mut String, summary: &Summary) {
    if !words::are_said(summary) {
        return;
    }
    out.push_str("\n## Where the words come from\n\n");
    out.push_str(
        "The words belong to a strategy over all variants. *Partial failures* are the jobs with at \
         least one failed and one successful call.\n\n",
    );
    out.push_str("| Strategy | Load | Partial failures |\n|---|---|---|\n");
    let evidence = words::evidence(summary);
    for evidence in &evidence {
        let name = inert(&evidence.row.strategy);
        let (load, failures) = (evidence.load(), evidence.partial_failures());
        out.push_str(&format!("| {name} | {load} | {failures} |\n"));
    }
    out.push_str("\nThe rules, of which the first that holds speaks:\n\n");
    for (column, rules) in RULES {
        let rules: Vec<String> = rules
            .iter()
            .map(|rule| format!("{}: {}", rule.when, rule.words))
            .collect();
        out.push_str(&format!(
            "- **{}**: {}.\n",
            column.title(),
            rules.join("; ")
        ));
    }
}

fn push_run(out: &mut String, summary: &Summary) {
    let scenario = &summary.scenario;
    out.push_str("\n## What was run\n\n");
    out.push_str(&format!(
        "{} of `{}`, seed {}, awaitlab {}.\n",
        figures::counted(scenario.replications, "replication", "replications"),
        code(&scenario.name),
        scenario.seed,
        inert(&summary.awaitlab)
    ));
    if !scenario.overrides.is_empty() {
        out.push_str("\nReplaced on the command line:\n\n");
        for (key, value) in &scenario.overrides {
            out.push_str(&format!("- {} = {}\n", inert(key), inert(value)));
        }
    }
    let held = summary.expectations.iter().filter(|e| e.held).count();
    if held > 0 {
        out.push_str("\nExpected, and found:\n\n");
        for expectation in summary.expectations.iter().filter(|e| e.held) {
            out.push_str(&format!(
                "- {} / {}: {}, found {}\n",
                inert(&expectation.variant),
                inert(&expectation.strategy),
                inert(&columns::expected(expectation)),
                columns::found(expectation)
            ));
        }
    }
    if !summary.notes.is_empty() {
        out.push_str("\nNotes:\n\n");
        for note in &summary.notes {
            out.push_str(&format!("- {}\n", inert(note)));
        }
    }
    if let Some(gain) = gain_of_pairing(summary) {
        out.push_str(&gain);
    }
    let sets: String = scenario
        .overrides
        .iter()
        .map(|(key, value)| format!(" --set '{}={}'", code(key), code(value)))
        .collect();
    out.push_str(&format!(
        "\nTo see it again:\n\n```sh\nawaitlab run scenarios/{}.toml{sets}\n```\n",
        code(&scenario.name)
    ));
}

/// What it is worth that all strategies meet the same world.
fn gain_of_pairing(summary: &Summary) -> Option<String> {
    let gains = || summary.comparisons.iter().filter_map(|c| c.gain_of_pairing);
    let (least, most) = (gains().reduce(f64::min)?, gains().reduce(f64::max)?);
    let times = match (figures::number(least), figures::number(most)) {
        (least, most) if least == most => least,
        (least, most) => format!("{least} to {most}"),
    };
    Some(format!(
        "\nAll strategies met the same latencies and failures: had each met its own, the same \
         certainty about their differences would take {times} times the replications.\n"
    ))
}

/// A text inside of backticks and of a shell's quotes, where no escape works.
fn code(name: &str) -> String {
    crate::escape::plain(name).replace(['`', '\''], "’")
}
