//! Who shares the state of a policy. Seen in a budget of one retry that nothing fills again: there are
//! as many retries as there are budgets.

use awaitlab_record::summary::Row;

use crate::shape::{run, scenario};

/// The row of the only cell.
fn row(parts: &str) -> Row {
    run(&scenario(parts)).summary.rows.remove(0)
}

/// Retries of four jobs, by turns of two clients, whose calls to two services fail and fail; in two
/// replications.
fn retries(scope: &str) -> u64 {
    let row = row(&format!(
        "replications = 2\nclient.count = 2\nworkload = {{ kind = \"burst\", jobs = 4 }}\n\
         job.call = [{{ downstream = \"a\" }}, {{ downstream = \"b\" }}]\n\
         downstream.a.latency = {{ kind = \"constant\", value = \"10ms\" }}\n\
         downstream.b.latency = {{ kind = \"constant\", value = \"10ms\" }}\n\
         fault = [{{ kind = \"error\" }}]\n\
         strategy = [{{ name = \"it\", kind = \"all-settled\", policies = [\
         {{ kind = \"retry\", attempts = 2, backoff = {{ kind = \"constant\", base = \"1ms\" }}, \
         scope = \"{scope}\", budget = {{ deposit = 0, max = 1 }} }}] }}]\n",
    ));
    assert_eq!(row.attempts.made, 2 * 4 * 2 + row.policies.retries);
    row.policies.retries
}

#[test]
fn every_service_has_its_own_state_and_so_has_every_job_or_client_or_nobody_else() {
    // In each of the two replications, for each of the two services.
    assert_eq!(retries("job"), 2 * 2 * 4);
    assert_eq!(retries("client"), 2 * 2 * 2);
    assert_eq!(retries("global"), 2 * 2);
}

#[test]
fn what_the_policies_of_a_process_knew_dies_with_it() {
    // A job every two seconds. Its second call fails at 20 ms, is retried, fails again while the first
    // is awaited, and the process ends; it is back before the next job.
    let row = row(
        "replications = 1\nanalysis = \"terminating\"\nclient = { unhandled-rejections = \"throw\", restart-after = \"1s\" }\n\
         workload = { kind = \"open\", arrivals = { kind = \"constant\", rate = \"0.5/s\" }, duration = \"6s\" }\n\
         job.calls = 2\n\
         downstream.api.latency = { kind = \"list\", values = [\"300ms\", \"20ms\"] }\n\
         fault = [{ kind = \"error\", calls = [1] }]\n\
         strategy = [{ name = \"it\", kind = \"eager-in-order\", policies = [\
         { kind = \"retry\", attempts = 2, backoff = { kind = \"constant\", base = \"1ms\" }, \
         budget = { deposit = 0, max = 1 } }] }]\n",
    );
    assert_eq!((row.client_deaths, row.never_settled), (3, 3));
    assert_eq!(row.policies.retries, 3, "one budget after another");
}
