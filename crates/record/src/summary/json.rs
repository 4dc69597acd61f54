//! The text of `summary.json`.

use super::{SCHEMA, Summary};

impl Summary {
    /// The text of `summary.json`: indented, ending in a line break.
    ///
    /// # Errors
    /// [`SummaryError::NotFinite`] when a figure is infinite or no number, which JSON cannot hold
    /// and no figure may be.
    pub fn to_json(&self) -> Result<String, SummaryError> {
        let text = serde_json::to_string_pretty(self).map_err(|_| SummaryError::NotFinite)?;
        // A number that JSON cannot hold is written as null without complaint, and reads back as no
        // figure at all.
        match serde_json::from_str::<Summary>(&text) {
            Ok(back) if back == *self => Ok(text + "\n"),
            _ => Err(SummaryError::NotFinite),
        }
    }

    /// Reads the text of a `summary.json`. Keys that this version does not know are ignored.
    ///
    /// # Errors
    /// When it is no JSON, no summary of the lab, one of another schema, or one with a key missing
    /// or of the wrong kind.
    pub fn from_json(text: &str) -> Result<Summary, SummaryError> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(SummaryError::NotJson)?;
        match signature(&value) {
            None => Err(SummaryError::NotOurs),
            Some(schema) if schema != u64::from(SCHEMA) => {
                Err(SummaryError::OtherSchema { found: schema })
            }
            // From the text again, because its errors name a line.
            Some(_) => serde_json::from_str(text).map_err(SummaryError::Malformed),
        }
    }
}

/// The schema of a summary that the lab wrote; `None` for any other JSON.
pub(crate) fn signature(value: &serde_json::Value) -> Option<u64> {
    value.get("awaitlab")?.as_str()?;
    value.get("schema")?.as_u64()
}

/// Why a summary cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// A figure is infinite or no number.
    #[error("a figure of the summary is not a finite number")]
    NotFinite,
    /// It is no JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// It has no `schema` and `awaitlab`.
    #[error("not a summary of awaitlab: it needs the keys `schema` and `awaitlab`")]
    NotOurs,
    /// Another version of the format.
    #[error("a summary of schema {found}; this version of awaitlab reads schema {SCHEMA}")]
    OtherSchema {
        /// The schema it says it has.
        found: u64,
    },
    /// A key is missing, or its value of another kind.
    #[error("not a whole summary: {0}")]
    Malformed(serde_json::Error),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::sample;
    use crate::summary::Row;

    #[test]
    fn the_text_is_indented_in_the_order_of_the_fields_and_ends_in_a_line_break() {
        let mut summary = sample::summary();
        summary.rows.truncate(1);
        assert_eq!(
            summary.to_json().unwrap(),
            include_str!("../../tests/summary.golden.json")
        );
    }

    #[test]
    fn a_figure_that_could_not_be_computed_is_null() {
        let mut summary = sample::summary();
        summary.rows = vec![Row::default()];
        let text = summary.to_json().unwrap();
        assert!(text.contains("\"goodput_per_s\": null"), "{text}");
        assert_eq!(Summary::from_json(&text).unwrap(), summary);
    }

    #[test]
    fn of_policies_that_are_not_there_the_file_says_nothing() {
        let mut summary = sample::summary();
        summary.rows = vec![Row::default()];
        let text = summary.to_json().unwrap();
        for key in [
            "policies",
            "layers",
            "attempt_errors",
            "call_errors",
            "measures",
        ] {
            assert!(!text.contains(key), "{key}");
        }
        assert_eq!(Summary::from_json(&text).unwrap(), summary);
    }

    #[test]
    fn no_figure_may_be_infinite_or_nan() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut summary = sample::summary();
            summary.rows[1].amplification = Some(wrong);
            assert!(
                matches!(summary.to_json(), Err(SummaryError::NotFinite)),
                "{wrong}"
            );
            let mut summary = sample::summary();
            summary.rows[0].settle_ms.ci95 = Some([0.0, wrong]);
            assert!(
                matches!(summary.to_json(), Err(SummaryError::NotFinite)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_is_no_summary_is_refused_with_its_reason() {
        let read = |text: &str| Summary::from_json(text).unwrap_err();
        assert!(matches!(read("{"), SummaryError::NotJson(_)));
        assert!(matches!(
            read(&"[".repeat(100_000)),
            SummaryError::NotJson(_)
        ));
        for foreign in [
            "[]",
            "null",
            "{}",
            r#"{"schema": 1}"#,
            r#"{"schema": "1", "awaitlab": "0"}"#,
        ] {
            assert!(matches!(read(foreign), SummaryError::NotOurs), "{foreign}");
        }
        let newer = r#"{"schema": 2, "awaitlab": "9.0.0"}"#;
        assert!(matches!(
            read(newer),
            SummaryError::OtherSchema { found: 2 }
        ));
        let cut = "{\n\"schema\": 1,\n\"awaitlab\": \"0.1.0\",\n\"status\": \"done\"}";
        let message = read(cut).to_string();
        assert!(
            message.contains("`done`") && message.contains("line 4"),
            "{message}"
        );
    }

    #[test]
    fn keys_of_a_later_version_are_ignored() {
        let text = sample::summary()
            .to_json()
            .unwrap()
            .replacen('{', "{ \"idle_ms\": 3,", 1);
        assert_eq!(Summary::from_json(&text).unwrap(), sample::summary());
    }

    fn figure() -> impl Strategy<Value = Option<f64>> {
        prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_written_reads_back_the_same_and_writes_the_same_bytes(
            figures in prop::array::uniform4(figure()),
            name in any::<String>(),
            seed in any::<u64>(),
        ) {
            let mut summary = sample::summary();
            summary.scenario.seed = seed;
            summary.rows[0].strategy = name.clone();
            summary.rows[0].utilization.insert(name, figures[0]);
            summary.rows[0].settle_ms.mean = figures[1];
            summary.rows[1].success_rate.ci95 = figures[2].zip(figures[3]).map(|(a, b)| [a, b]);
            let text = summary.to_json().unwrap();
            let back = Summary::from_json(&text).unwrap();
            prop_assert_eq!(&back, &summary);
            prop_assert_eq!(back.to_json().unwrap(), text);
        }
    }
}
