//! The warm-up that is left out by default is enough, and is needed.

use std::num::NonZeroUsize;

use awaitlab_harness::Contest;
use awaitlab_record::summary::{Analysis, Row};

use crate::shape::scenario;

/// M/M/1 at 0.8, where jobs take W = 1 / (1 - 0.8) = 5 s in the long run. It forgets its start with
/// 1 / (1 - sqrt 0.8)^2 = 90 s, so a run of 600 s of which 120 are cut begins a little late.
fn one_worker(more: &str) -> Row {
    let scenario = scenario(&format!(
        "replications = 3000\njob.calls = 1\n{more}\n\
         strategy = [{{ name = \"it\", kind = \"all\" }}]\n\
         downstream.api.workers = 1\n\
         downstream.api.latency = {{ kind = \"exponential\", mean = \"1s\" }}\n\
         [workload]\nkind = \"open\"\nduration = \"600s\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"0.8/s\" }}\n"
    ));
    let contest = Contest::new(&scenario).on_threads(NonZeroUsize::new(2).unwrap());
    contest.run().unwrap().summary.rows.remove(0)
}

#[test]
fn from_empty_a_mean_is_too_low_and_without_its_warm_up_it_is_right() {
    // From empty the workload lacks rho / (1 - rho)^3 = 100 s^2 in all: over 600 s, 0.17 s on average.
    let uncut = one_worker("analysis = \"terminating\"");
    let [_, high] = uncut.settle_ms.ci95.unwrap();
    assert!(
        high < 5000.0,
        "{high} does not see that the start is missing"
    );
    let cut = one_worker("");
    assert_eq!(cut.analysis, Some(Analysis::SteadyState));
    let [low, high] = cut.settle_ms.ci95.unwrap();
    assert!(low < 5000.0 && 5000.0 < high, "5000 not in {low} to {high}");
    assert!(high - low < 200.0, "{low} to {high} says nothing");
}
