//! What a reader of the results must know about their intervals, once they are there: why one is not.

use awaitlab_record::summary::{Distribution, Row};
use awaitlab_stats::Confidence;

use crate::count::paired::Paired;
use crate::results::compare::{Terms, World, all_alike};

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
    notes.extend(alike(terms, worlds));
    if rows().any(lacks_an_interval_of_a_quantile) {
        notes.push(
            "a quantile of the settle time without an interval has fewer than ten jobs beyond it \
             in some replication"
                .to_owned(),
        );
    }
    let light = in_time
        .clone()
        .filter(|world| !world.variant.has_infinite_variance());
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

/// Where repetitions all differ by the same, but so few that a coin would do so too: it falls n times on
/// one side with a probability of 2^(1-n), which is more than 5 % up to n = 5. Whether they *could* have
/// come out otherwise is more than the figures tell.
fn alike(terms: &Terms<'_>, worlds: &[World<'_>]) -> Option<String> {
    let of_chance = |n: &u64| 0.5_f64.powi(*n as i32 - 1) > Confidence::P95.error();
    let repetitions = worlds.iter().flat_map(|world| all_alike(terms, world));
    let fewest = repetitions.filter(of_chance).min()?;
    Some(format!(
        "where {fewest} repetitions all differ by the same, a verdict is certain only if nothing varies \
         by chance"
    ))
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
