//! Users who wait for their answer before they think again.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{mean_of, repairman};

pub(super) fn studies() -> Vec<Study> {
    vec![
        ten_users("exponentially", "kind = 'exponential', mean = '9s'", 1),
        ten_users(
            "for 6 to 12 s",
            "kind = 'uniform', min = '6s', max = '12s'",
            1,
        ),
        ten_users("exponentially", "kind = 'exponential', mean = '9s'", 2),
        engset(),
    ]
}

/// The machine repairman; how users think matters by its mean only (Baskett et al. 1975).
fn ten_users(how: &str, think: &str, workers: u32) -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}downstream.api.workers = {workers}");
    let number = repairman(10, 9.0, workers);
    let at_service = mean_of(&number);
    let throughput_per_s = (10.0 - at_service) / 9.0;
    let name = format!("ten users who think {how}, workers: {workers}");
    Study::closed(&name, 10, &format!("{{ {think} }}"), 40_000, &parts)
        .gives(throughput(), throughput_per_s, "X = sum p_n min(n, c) mu")
        .gives(mean(), 10.0 / throughput_per_s - 9.0, "N/X - Z")
        .gives(
            utilization("api"),
            throughput_per_s / f64::from(workers),
            "X/(c mu)",
        )
}

/// Who is refused thinks again. A user finds what the others leave: Engset's loss, with N - 1
/// (Engset 1918).
fn engset() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 2\ndownstream.api.queue.limit = 0"
    );
    // Five others, each with a = 1/2: C(5, n) a^n.
    let weights = [1.0, 5.0 * 0.5, 10.0 * 0.25];
    let found_full = weights[2] / weights.iter().sum::<f64>();
    let think = "{ kind = 'exponential', mean = '2s' }";
    Study::closed(
        "six users before two workers without a queue",
        6,
        think,
        15_000,
        &parts,
    )
    .gives(refused(), found_full, "C(N-1,c) a^c / sum C(N-1,n) a^n")
}
