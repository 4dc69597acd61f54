//! A layer as its file has it: the figures of its kind.
//!
//! All layers count the same things, and most of them most of the things never. What a kind can do
//! stands in the file also where it is 0; what it cannot do does not. A figure that is there all the
//! same is written whatever the kind: no figure is lost.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{LayerRow, Wait};

/// The keys of each kind of policy.
const FIGURES: [(&str, &[&str]); 8] = [
    ("timeout", &["timeouts"]),
    ("retry", &["retries", "budget_spent"]),
    ("hedge", &["hedges", "hedges_won", "budget_spent"]),
    ("circuit-breaker", &["openings", "open_ms", "refused"]),
    ("rate-limit", &["refused", "wait_ms"]),
    ("bulkhead", &["refused", "wait_ms"]),
    ("adaptive-limit", &["refused"]),
    ("fallback", &["degraded"]),
];

impl Serialize for LayerRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let figures = FIGURES.iter().find(|(kind, _)| *kind == self.kind);
        let figures = figures.map_or(&[][..], |(_, figures)| figures);
        let has = |figure: &str| figures.contains(&figure);
        let counts = &self.counts;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("scope", &self.scope)?;
        for (key, count) in [
            ("retries", counts.retries),
            ("budget_spent", counts.budget_spent),
            ("timeouts", counts.timeouts),
            ("hedges", counts.hedges),
            ("hedges_won", counts.hedges_won),
            ("openings", counts.openings),
        ] {
            if count > 0 || has(key) {
                map.serialize_entry(key, &count)?;
            }
        }
        if counts.open_ms.is_some() || has("open_ms") {
            map.serialize_entry("open_ms", &counts.open_ms)?;
        }
        for (key, count) in [("refused", counts.refused), ("degraded", counts.degraded)] {
            if count > 0 || has(key) {
                map.serialize_entry(key, &count)?;
            }
        }
        if self.wait_ms != Wait::default() || has("wait_ms") {
            map.serialize_entry("wait_ms", &self.wait_ms)?;
        }
        if let Some(limit) = &self.limit {
            map.serialize_entry("limit", limit)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::summary::{LimitRow, PolicyCounts};

    fn text(layer: &LayerRow) -> String {
        serde_json::to_string(layer).unwrap()
    }

    fn layer(kind: &str) -> LayerRow {
        LayerRow {
            kind: kind.into(),
            scope: "client".into(),
            ..LayerRow::default()
        }
    }

    #[test]
    fn a_layer_has_the_figures_of_its_kind_also_where_they_are_none() {
        assert_eq!(
            text(&layer("timeout")),
            r#"{"kind":"timeout","scope":"client","timeouts":0}"#
        );
        assert_eq!(
            text(&layer("circuit-breaker")),
            r#"{"kind":"circuit-breaker","scope":"client","openings":0,"open_ms":null,"refused":0}"#
        );
        assert_eq!(
            text(&layer("bulkhead")),
            r#"{"kind":"bulkhead","scope":"client","refused":0,"wait_ms":{"mean":null,"p99":null}}"#
        );
    }

    #[test]
    fn the_figures_of_a_kind_are_those_of_the_counts() {
        let full = serde_json::to_value(PolicyCounts::default()).unwrap();
        for (kind, figures) in FIGURES {
            for figure in figures {
                let known = full.get(figure).is_some() || *figure == "wait_ms";
                assert!(known, "{kind}: {figure}");
            }
        }
    }

    fn counts() -> impl Strategy<Value = PolicyCounts> {
        let open = prop::option::of(0.0..1e9);
        (prop::array::uniform8(0_u64..3), open).prop_map(|(n, open_ms)| PolicyCounts {
            retries: n[0],
            budget_spent: n[1],
            timeouts: n[2],
            hedges: n[3],
            hedges_won: n[4],
            openings: n[5],
            open_ms,
            refused: n[6],
            degraded: n[7],
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn whatever_a_layer_of_any_kind_counted_reads_back_the_same(
            counts in counts(),
            kind in 0..9_usize,
            mean in prop::option::of(0.0..1e9),
            limit in prop::option::of(1.0..1e3),
        ) {
            let kind = FIGURES.get(kind).map_or("of another version", |(kind, _)| kind);
            let limit = limit.map(|mean| LimitRow { mean: Some(mean), min: None, max: None });
            let wait_ms = Wait { mean, p99: None };
            let layer = LayerRow { counts, wait_ms, limit, ..layer(kind) };
            let back: LayerRow = serde_json::from_str(&text(&layer)).unwrap();
            prop_assert_eq!(back, layer);
        }
    }
}
