//! What the scenario expects, against what came out.

use awaitlab_record::summary::{Expectation, Row};
use awaitlab_scenario::{Expect, Scenario};

/// Judges every expectation in every variant that it speaks of and that was run.
pub(crate) fn judge(scenario: &Scenario, rows: &[Row]) -> Vec<Expectation> {
    let judged = scenario.expects.iter().flat_map(|expect| {
        let strategy = &scenario.strategies[expect.strategy].name;
        let variant = expect.variant.map(|index| &scenario.variants[index].name);
        rows.iter()
            .filter(move |row| {
                row.strategy == *strategy && variant.is_none_or(|v| row.variant == *v)
            })
            .map(|row| expectation(expect, row))
    });
    judged.collect()
}

fn expectation(expect: &Expect, row: &Row) -> Expectation {
    let value = row.metric(&expect.metric).flatten();
    let held = value.is_some_and(|value| {
        expect.min.is_none_or(|min| value >= min)
            && expect.max.is_none_or(|max| value <= max)
            && expect.equals.is_none_or(|equals| same(value, equals))
    });
    Expectation {
        variant: row.variant.clone(),
        strategy: row.strategy.clone(),
        metric: expect.metric.clone(),
        min: expect.min,
        max: expect.max,
        equals: expect.equals,
        value,
        held,
    }
}

/// Equal but for the last digits: milliseconds are nanoseconds divided, and written by hand in the
/// scenario.
fn same(value: f64, expected: f64) -> bool {
    (value - expected).abs() <= 1e-9 * expected.abs()
}
