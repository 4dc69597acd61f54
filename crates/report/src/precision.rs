//! What came of the precision that was asked for.

use awaitlab_record::summary::{Precision, Summary};

use crate::columns;
use crate::figures;

/// `Precision of ±2 % asked for, mean settle time: reached, at most ±1.9 % (A)`. `name` writes a name.
pub(crate) fn said(
    summary: &Summary,
    precision: &Precision,
    name: impl Fn(&str) -> String,
) -> String {
    let within = if columns::has_variants(summary) {
        format!(" in {}", name(&precision.variant))
    } else {
        String::new()
    };
    let whose = format!("{}{within}", name(&precision.strategy));
    let replications = summary.scenario.replications;
    let run = format!(
        "with {}",
        figures::counted(replications, "replication", "replications")
    );
    let outcome = match (precision.reached, precision.widest) {
        (true, Some(widest)) => {
            format!("reached, at most ±{} ({whose})", figures::percent(widest))
        }
        (_, Some(widest)) => {
            format!("NOT reached {run}, ±{} ({whose})", figures::percent(widest))
        }
        (_, None) => format!("NOT reached {run}, {whose} has no interval"),
    };
    format!(
        "Precision of ±{} asked for, {}: {outcome}",
        figures::percent(precision.asked),
        columns::spoken(&precision.metric)
    )
}

#[cfg(test)]
mod tests {
    use awaitlab_record::summary::{Row, RunStatus, ScenarioInfo};

    use super::*;

    fn text(reached: bool, widest: Option<f64>) -> String {
        let precision = Precision {
            asked: 0.02,
            metric: "settle_ms.mean".into(),
            reached,
            widest,
            variant: "base".into(),
            strategy: "A".into(),
        };
        let summary = Summary {
            schema: 1,
            awaitlab: String::new(),
            status: RunStatus::Complete,
            scenario: ScenarioInfo {
                name: String::new(),
                title: String::new(),
                question: None,
                sha256: String::new(),
                files: Default::default(),
                seed: 1,
                replications: 1000,
                overrides: Default::default(),
            },
            rows: vec![Row {
                variant: "base".into(),
                ..Row::default()
            }],
            comparisons: Vec::new(),
            expectations: Vec::new(),
            precision: None,
            notes: Vec::new(),
        };
        said(&summary, &precision, str::to_owned)
    }

    #[test]
    fn what_was_not_reached_is_said_with_the_widest_and_how_many_it_took() {
        let asked = "Precision of ±2 % asked for, mean settle time: ";
        let reached = format!("{asked}reached, at most ±1.9 % (A)");
        assert_eq!(text(true, Some(0.019)), reached);
        let wide = format!("{asked}NOT reached with 1000 replications, ±3.6 % (A)");
        assert_eq!(text(false, Some(0.036)), wide);
        let none = format!("{asked}NOT reached with 1000 replications, A has no interval");
        assert_eq!(text(false, None), none);
    }
}
