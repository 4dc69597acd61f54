//! The tables and the report, as people see them. The goldens are plain text; look at them before
//! accepting a change.

use awaitlab_report::{charts, markdown, markdown_table, terminal};
use unicode_width::UnicodeWidthStr;

use crate::{guarded, in_time, scenes};

#[test]
fn a_terminal_of_80_columns_shows_every_column() {
    let record = scenes::three_requests();
    insta::assert_snapshot!("three_requests_80", terminal(&record.summary, 80, false));
}

#[test]
fn a_narrow_terminal_loses_columns_but_no_words() {
    let record = scenes::three_requests();
    insta::assert_snapshot!("three_requests_50", terminal(&record.summary, 50, false));
}

#[test]
fn figures_that_do_not_exist_are_dashes() {
    let record = scenes::black_hole();
    insta::assert_snapshot!("black_hole_80", terminal(&record.summary, 80, false));
}

#[test]
fn a_report_says_its_verdict_first() {
    let record = scenes::three_requests();
    let charts = charts(&record).unwrap();
    insta::assert_snapshot!("three_requests_report", markdown(&record, &charts));
}

#[test]
fn a_verdict_says_who_delivers_and_who_never_answers() {
    let verdict = |record| {
        let report = markdown(&record, &[]);
        let (_, rest) = report.split_once("## Verdict\n\n").unwrap();
        rest.split_once("\n\n").unwrap().0.replace(". ", ".\n")
    };
    insta::assert_snapshot!(
        "two_of_twenty_verdict",
        verdict(scenes::two_of_twenty_fail())
    );
    insta::assert_snapshot!("black_hole_verdict", verdict(scenes::black_hole()));
    insta::assert_snapshot!("exponential_verdict", verdict(scenes::twelve_strategies()));
}

#[test]
fn work_in_time_is_told_by_goodput_recovery_and_deaths() {
    let report = markdown(&in_time::metastable(), &[]);
    let (_, rest) = report.split_once("## Verdict\n\n").unwrap();
    let (told, _) = rest.split_once("\n## What was run").unwrap();
    insta::assert_snapshot!("metastable_told", told.replace(". ", ".\n"));
}

#[test]
fn goodput_stands_beside_success_where_jobs_came_in_time() {
    let record = in_time::overload_spike();
    insta::assert_snapshot!("overload_spike_100", terminal(&record.summary, 100, false));
}

#[test]
fn goodput_that_is_all_of_the_load_is_said_once() {
    let mut record = in_time::saturated_queue();
    for row in &mut record.summary.rows {
        row.goodput_per_s = row.offered_per_s;
    }
    let report = markdown(&record, &[]);
    let load = record.summary.rows[0].offered_per_s.unwrap();
    let said = format!("All of the {load:.1} jobs offered per second are good ones in the end.");
    assert!(report.contains(&said), "{said}");
}

#[test]
fn what_happened_over_time_comes_first_in_a_report() {
    let record = in_time::overload_spike();
    let charts = charts(&record).unwrap();
    let names: Vec<&str> = awaitlab_report::shown(&charts)
        .iter()
        .map(|chart| chart.name.as_str())
        .collect();
    assert_eq!(names, ["series", "settle", "outcomes", "percentiles"]);
}

#[test]
fn services_and_clients_have_tables_only_where_they_had_an_influence() {
    let alone = markdown(&scenes::three_requests(), &[]);
    assert!(!alone.contains("### Services") && !alone.contains("### Clients"));
    let mut record = in_time::saturated_queue();
    record.summary.rows[1].client_deaths = 0;
    let report = markdown(&record, &[]);
    assert!(report.contains("### Services") && !report.contains("### Clients"));
}

#[test]
fn the_variants_of_one_strategy_share_a_table_and_a_verdict() {
    let record = in_time::two_worlds();
    let report = markdown(&record, &[]);
    let (_, rest) = report.split_once("## Verdict\n\n").unwrap();
    let (verdict, _) = rest.split_once("\n\n").unwrap();
    assert!(verdict.contains("with *random*") && verdict.contains("*in turn* settles first"));
    assert!(!report.contains("**random**") && report.contains("### Services\n"));
    assert_eq!(
        report.matches("| Variant |").count(),
        3,
        "figures, services, clients"
    );
    assert!(terminal(&record.summary, 80, false).contains("\nVariant "));
}

#[test]
fn words_that_say_nothing_are_not_explained() {
    let told = |record| markdown(&record, &[]).contains("## Where the words come from");
    assert!(told(scenes::three_requests()));
    assert!(
        !told(in_time::two_worlds()),
        "a single call has no partial failures"
    );
}

#[test]
fn a_strategy_alone_is_told_by_its_time_and_what_it_delivers() {
    let mut record = scenes::black_hole();
    record.summary.rows.truncate(1);
    record.summary.comparisons.clear();
    record.summary.rows[0].settle_ms.mean = Some(600.0);
    record.summary.rows[0].success_rate.value = Some(0.5);
    let report = markdown(&record, &[]);
    assert!(
        report
            .contains("* settles after 600 ms on average and delivers 50 % of the results wanted."),
        "{report}"
    );
}

#[test]
fn the_table_alone_is_the_one_of_the_report() {
    let record = scenes::twelve_strategies();
    let table = markdown_table(&record.summary);
    assert!(
        table.starts_with("| Strategy |"),
        "no variant, no name above the table"
    );
    assert!(markdown(&record, &[]).contains(&table));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for record in [
        scenes::three_requests(),
        scenes::twelve_strategies(),
        scenes::hostile(),
    ] {
        for width in [40, 50, 64, 80, 100, 200] {
            for line in terminal(&record.summary, width, false).lines() {
                assert!(line.width() <= width, "{} of {width}: {line}", line.width());
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let record = scenes::three_requests();
    let plain = terminal(&record.summary, 80, false);
    let mut colored = terminal(&record.summary, 80, true);
    assert_ne!(plain, colored);
    for code in ["0", "1", "2", "31", "32"] {
        colored = colored.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, colored);
}

#[test]
fn a_report_shows_at_most_four_charts_and_only_such_as_exist() {
    for record in [
        scenes::three_requests(),
        scenes::twelve_strategies(),
        scenes::hostile(),
    ] {
        let charts = charts(&record).unwrap();
        let report = markdown(&record, &charts);
        let links: Vec<&str> = report
            .lines()
            .filter_map(|l| l.split("](charts/").nth(1))
            .collect();
        assert!((1..=4).contains(&links.len()), "{links:?}");
        for link in links {
            let name = link.strip_suffix(".svg)").unwrap();
            assert!(charts.iter().any(|chart| chart.name == name), "{name}");
        }
    }
}

#[test]
fn a_record_without_rows_has_a_report_and_no_charts() {
    let record = crate::fixture::record("empty", "Nothing", Vec::new());
    let charts = charts(&record).unwrap();
    assert!(charts.is_empty());
    assert!(markdown(&record, &charts).starts_with("# Nothing\n"));
    assert!(terminal(&record.summary, 80, false).starts_with("empty: Nothing\n"));
}

#[test]
fn what_policies_did_stands_below_the_table_and_loses_no_column() {
    let record = guarded::storm();
    insta::assert_snapshot!("storm_80", terminal(&record.summary, 80, false));
    for width in [40, 60, 80, 120] {
        let shown = terminal(&record.summary, width, false);
        for head in [
            "Retries", "Spent", "Openings", "Wait p99", "Limit", "Degraded",
        ] {
            assert!(shown.contains(head), "{head} at {width}");
        }
        for line in shown.lines() {
            assert!(line.width() <= width, "{} of {width}: {line}", line.width());
        }
    }
}

#[test]
fn a_report_tells_policies_as_a_sum_and_layer_by_layer() {
    let report = markdown(&guarded::storm(), &[]);
    let (_, rest) = report.split_once("### Measures").unwrap();
    let (told, _) = rest.split_once("### Services").unwrap();
    insta::assert_snapshot!("storm_policies", told);
    let report = markdown(&guarded::aggregation(), &[]);
    let (_, rest) = report.split_once("### What the policies did").unwrap();
    let (told, _) = rest.split_once("## Where the words").unwrap();
    insta::assert_snapshot!("aggregation_policies", told);
}

#[test]
fn a_verdict_says_for_whose_results_a_fallback_stands_in() {
    let report = markdown(&guarded::aggregation(), &[]);
    let said = "as a share of those wanted: *Retry in breaker, fallback* (25 %).";
    assert!(report.contains(said), "{report}");
}

#[test]
fn without_policies_nothing_is_said_of_them() {
    for record in [scenes::three_requests(), in_time::saturated_queue()] {
        let report = markdown(&record, &[]);
        let shown = terminal(&record.summary, 80, false);
        for word in [
            "olicies",
            "degraded",
            "(duplicate)",
            "### Errors",
            "### Measures",
        ] {
            assert!(!report.contains(word) && !shown.contains(word), "{word}");
        }
    }
}

#[test]
fn attempts_that_were_given_up_or_beaten_are_explained_where_there_are_any() {
    let mut record = scenes::three_requests();
    let said = |record: &awaitlab_record::Record| {
        let report = markdown(record, &[]);
        [report.contains("(late)"), report.contains("(duplicate)")]
    };
    assert_eq!(said(&record), [false, false]);
    record.summary.rows[1].attempts.late = 1;
    assert_eq!(said(&record), [true, false]);
    record.summary.rows[2].attempts.duplicate = 1;
    assert_eq!(said(&record), [true, true]);
    record.summary.rows[1].attempts.late = 0;
    assert_eq!(said(&record), [false, true]);
}

#[test]
fn plain_errors_of_calls_without_policies_are_not_told_by_class() {
    let mut record = scenes::three_requests();
    let told = |record: &awaitlab_record::Record| markdown(record, &[]).contains("### Errors");
    record.summary.rows[1].call_errors.error = 7;
    assert!(
        !told(&record),
        "each failure is one, and the table has them"
    );
    record.summary.rows[1].call_errors.connection = 1;
    assert!(told(&record));
}

#[test]
fn what_policies_did_over_time_is_shown_beside_what_became_of_it() {
    let charts = charts(&guarded::storm()).unwrap();
    let names: Vec<&str> = awaitlab_report::shown(&charts)
        .iter()
        .map(|chart| chart.name.as_str())
        .collect();
    assert_eq!(names, ["series", "policies", "settle", "outcomes"]);
}
