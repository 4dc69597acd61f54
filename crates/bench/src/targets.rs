//! What was hoped for, what was measured, and whether it is met.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use serde_json::{Map, Value, json};

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// A figure that is hoped for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// Its key in `--json`; `None` where it is for readers only.
    pub(crate) key: Option<&'static str>,
    pub(crate) what: &'static str,
    pub(crate) bound: Bound,
    /// Said of the figure.
    pub(crate) unit: &'static str,
}

use Bound::{AtLeast, AtMost};

const fn target(key: &'static str, what: &'static str, bound: Bound, unit: &'static str) -> Target {
    Target {
        key: Some(key),
        what,
        bound,
        unit,
    }
}

pub(crate) const FANOUT_VS_HAND: Target = target(
    "fanout_vs_hand",
    "fan-out of 100: the lab / a hand-written loop with the same accounts",
    AtMost(1.5),
    "x",
);
pub(crate) const MMC_VS_HAND: Target = target(
    "mmc_vs_hand",
    "M/M/4: the lab / a hand-written loop with the same accounts",
    AtMost(1.5),
    "x",
);
pub(crate) const MMC_VS_TOKIO_PAUSED: Target = target(
    "mmc_vs_tokio_paused",
    "M/M/4: tokio's paused clock / the lab",
    AtLeast(10.0),
    "x",
);
pub(crate) const MMC_VS_NEXOSIM: Target = target(
    "mmc_vs_nexosim",
    "M/M/4: nexosim / the lab",
    AtLeast(4.0),
    "x",
);
pub(crate) const MMC_VS_SIMPY: Target =
    target("mmc_vs_simpy", "M/M/4: SimPy / the lab", AtLeast(80.0), "x");
/// The same where the lab does no more than the peers do: a task for each request and a histogram.
pub(crate) const ALONE_VS_TOKIO_PAUSED: Target = Target {
    key: None,
    what: "M/M/4, a histogram only: tokio's paused clock / the engine alone",
    bound: AtLeast(10.0),
    unit: "x",
};
pub(crate) const ALONE_VS_NEXOSIM: Target = Target {
    key: None,
    what: "M/M/4, a histogram only: nexosim / the engine alone",
    bound: AtLeast(4.0),
    unit: "x",
};
pub(crate) const ALONE_VS_SIMPY: Target = Target {
    key: None,
    what: "M/M/4, a histogram only: SimPy / the engine alone",
    bound: AtLeast(80.0),
    unit: "x",
};
pub(crate) const FULL_STACK_VS_BARE: Target = target(
    "full_stack_vs_bare",
    "a call through timeout, retry, breaker and hedge / a bare one",
    AtMost(3.0),
    "x",
);
pub(crate) const MILLION_TIMERS_VS_THOUSAND: Target = target(
    "million_timers_vs_thousand",
    "an event among a million pending timers / among a thousand",
    AtMost(3.0),
    "x",
);
pub(crate) const TWO_CORES_VS_ONE: Target = target(
    "two_cores_vs_one",
    "20 replications on one thread / on two",
    AtLeast(1.8),
    "x",
);
pub(crate) const BYTES_PER_CALL_IN_FLIGHT: Target = target(
    "bytes_per_call_in_flight",
    "memory of a call in flight, of a million",
    AtMost(200.0),
    " bytes",
);
pub(crate) const TIMER_GARBAGE_VS_LIVE: Target = target(
    "timer_garbage_vs_live",
    "memory with 1.9 million cancelled timeouts / without them",
    AtMost(2.0),
    "x",
);
pub(crate) const STARTUP_S: Target = target(
    "startup_s",
    "awaitlab run scenarios/three-requests.toml, with charts",
    AtMost(0.3),
    " s",
);
/// Not the same: a longer run meets rarer and longer waits, and histograms reach up to them.
pub(crate) const MANY_REQUESTS_VS_FEW: Target = Target {
    key: None,
    what: "memory of many requests / of 100 000",
    bound: AtMost(1.25),
    unit: "x",
};

/// A target and what was measured; `None` where it could not be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) target: Target,
    pub(crate) value: Option<f64>,
}

impl Target {
    pub(crate) fn measured(self, value: impl Into<Option<f64>>) -> Measured {
        Measured {
            target: self,
            value: value.into(),
        }
    }
}

impl Measured {
    /// Whether the target is met; `None` where nobody knows.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.value.map(|value| match self.target.bound {
            AtMost(most) => value <= most,
            AtLeast(least) => value >= least,
        })
    }
}

/// All targets as a table.
pub(crate) fn table(measured: &[Measured]) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["figure", "measured", "target", "met"]);
    for of in measured {
        let unit = of.target.unit;
        let value = of.value.map_or("-".to_owned(), |value| figure(value, unit));
        let bound = match of.target.bound {
            AtMost(most) => format!("at most {most}{unit}"),
            AtLeast(least) => format!("at least {least}{unit}"),
        };
        let met = match of.is_met() {
            None => "not measured",
            Some(true) => "yes",
            Some(false) => "NO",
        };
        table.add_row([of.target.what, &value, &bound, met]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn figure(value: f64, unit: &str) -> String {
    let digits = if value.abs() < 100.0 { 2 } else { 0 };
    format!("{value:.digits$}{unit}")
}

/// The targets with keys, as other programs read them. Whoever asks has been told of no wrong answer.
pub(crate) fn json(measured: &[Measured]) -> Value {
    let ratio = |of: &Measured| Some((of.target.key?.to_owned(), json!(of.value)));
    let ratios: Map<String, Value> = measured.iter().filter_map(ratio).collect();
    json!({ "ratios": ratios, "answers": "ok" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_at_its_bound_and_unknown_without_a_figure() {
        assert_eq!(FANOUT_VS_HAND.measured(1.5).is_met(), Some(true));
        assert_eq!(FANOUT_VS_HAND.measured(1.51).is_met(), Some(false));
        assert_eq!(MMC_VS_NEXOSIM.measured(4.0).is_met(), Some(true));
        assert_eq!(MMC_VS_NEXOSIM.measured(3.9).is_met(), Some(false));
        assert_eq!(MMC_VS_SIMPY.measured(None).is_met(), None);
        assert_eq!(STARTUP_S.measured(f64::NAN).is_met(), Some(false));
    }

    #[test]
    fn json_has_the_figures_with_keys_and_null_for_what_was_not_measured() {
        let measured = [
            FANOUT_VS_HAND.measured(1.25),
            MMC_VS_SIMPY.measured(None),
            MANY_REQUESTS_VS_FEW.measured(1.0),
        ];
        assert_eq!(
            json(&measured).to_string(),
            r#"{"ratios":{"fanout_vs_hand":1.25,"mmc_vs_simpy":null},"answers":"ok"}"#
        );
    }

    #[test]
    fn the_table_says_what_is_met() {
        let measured = [
            BYTES_PER_CALL_IN_FLIGHT.measured(212.4),
            MMC_VS_NEXOSIM.measured(4.256),
            MMC_VS_SIMPY.measured(None),
        ];
        let table = table(&measured);
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[2].contains("212 bytes") && lines[2].ends_with("| NO           |"));
        assert!(lines[3].contains("4.26x | at least 4x") && lines[3].contains("yes"));
        assert!(lines[4].contains("not measured"), "{table}");
    }
}
