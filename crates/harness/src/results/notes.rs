//! What a reader of the results must know about their intervals, once they are there: why one is not.

use awaitlab_record::summary::{Distribution, Row};

use crate::count::paired::Paired;
use crate::results::compare::{Terms, World};
use crate::results::rows::has_infinite_variance;

/// The notes of a run of so many replications.
pub(crate) fn notes(terms: &Terms<'_>, worlds: &[World<'_>], replications: u64) -> Vec<String> {
    if replications == 1 {
        let note = "one replication: nothing has an interval, and no difference a verdict";
        return vec![note.to_owned()];
    }
    let mut notes = Vec::new();
    let in_time = worlds
        .iter()
        .filter(|world| !world.variant.workload.is_isolated());
    let rows = || in_time.clone().flat_map(|world| world.rows);
    notes.extend(unpaired(terms, worlds, replications));
    if rows().any(lacks_an_interval_of_a_quantile) {
        notes.push(
            "a quantile of the settle time without an interval has fewer than ten jobs beyond it \
             in some replication"
                .to_owned(),
        );
    }
    let light = in_time
        .clone()
        .filter(|world| !has_infinite_variance(world.variant));
    if light
        .flat_map(|world| world.rows)
        .any(lacks_an_interval_of_the_mean)
    {
        notes.push(
            "a mean settle time without an interval is one that some replication does not have: no \
             job settled in it"
                .to_owned(),
        );
    }
    notes
}

/// Why nothing isolated is compared.
fn unpaired(terms: &Terms<'_>, worlds: &[World<'_>], replications: u64) -> Option<String> {
    let mut isolated = worlds
        .iter()
        .filter(|world| world.variant.workload.is_isolated());
    if terms.entrants.len() < 2 || isolated.next().is_none() {
        return None;
    }
    let metric = terms.metric;
    match Paired::named(metric) {
        None => Some(format!(
            "{metric} has no value of a single isolated job or of a section of them, so it gets no \
             verdict"
        )),
        Some(paired) if paired.section() * 2 > replications => {
            let section = paired.section();
            Some(format!(
                "{metric} is compared by sections of {section} isolated jobs: below {} replications \
                 there is no verdict",
                2 * section
            ))
        }
        Some(_) => None,
    }
}

fn lacks_an_interval_of_a_quantile(row: &Row) -> bool {
    let Distribution {
        p50,
        p50_ci95,
        p90,
        p90_ci95,
        p99,
        p99_ci95,
        p999,
        p999_ci95,
        ..
    } = row.settle_ms;
    [
        (p50, p50_ci95),
        (p90, p90_ci95),
        (p99, p99_ci95),
        (p999, p999_ci95),
    ]
    .iter()
    .any(|(value, interval)| value.is_some() && interval.is_none())
}

fn lacks_an_interval_of_the_mean(row: &Row) -> bool {
    row.settle_ms.mean.is_some() && row.settle_ms.ci95.is_none()
}
