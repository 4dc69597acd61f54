//! Services and their faults, from scenario files to figures that can be worked out by hand.

use awaitlab_record::summary::Row;

use crate::shape::{run, scenario};

/// One strategy in one variant, one replication.
fn row(parts: &str) -> Row {
    let scenario = scenario(&format!("replications = 1\n{parts}"));
    run(&scenario).summary.rows.remove(0)
}

const ALL: &str = "strategy = [{ name = \"it\", kind = \"all\" }]";

/// Jobs of one call, `count` of them every `every_ms`, at a service of one worker and 100 ms.
fn one_worker(service: &str, more: &str) -> Row {
    row(&format!(
        "job.calls = 1\n{ALL}\n\
         downstream.api = {{ latency = {{ kind = \"constant\", value = \"100ms\" }}, workers = 1{service} }}\n\
         {more}"
    ))
}

#[test]
fn work_that_nobody_waits_for_is_abandoned_until_it_is_done() {
    // Calls of 80 ms one after another at one worker; the caller leaves at 100 ms.
    let given_up = |on_cancel: &str, rest: &str| {
        row(&format!(
            "job.calls = 3\njob.give-up = \"100ms\"\nworkload = {{ kind = \"burst\", jobs = 1 }}\n\
             strategy = [{{ name = \"it\", kind = \"all\", rest = \"{rest}\" }}]\n\
             downstream.api = {{ latency = {{ kind = \"constant\", value = \"80ms\" }}, workers = 1, \
             on-cancel = \"{on_cancel}\" }}"
        ))
    };
    // The second has 60 ms to go and the third, still queued, all its 80.
    let goes_on = given_up("keep-working", "cancel");
    assert_eq!(goes_on.abandoned_ms_per_job, Some(140.0));
    assert_eq!(goes_on.busy_ms_per_job, Some(80.0 + 100.0 + 100.0));
    assert_eq!(goes_on.drain_ms.mean, Some(100.0), "of the client");
    assert_eq!(goes_on.utilization["api"], Some(1.0), "until 240 ms");
    assert_eq!(
        (goes_on.attempts.useful, goes_on.attempts.cancelled),
        (1, 2)
    );
    // Waits of 0, 80 and, cut short, 100 ms.
    assert_eq!(goes_on.wait_ms.mean, Some(60.0));

    let stops = given_up("stop", "cancel");
    assert_eq!(stops.abandoned_ms_per_job, Some(0.0));
    assert_eq!(stops.utilization["api"], Some(1.0), "until 100 ms");

    let runs_on = given_up("keep-working", "orphan");
    assert_eq!(runs_on.abandoned_ms_per_job, Some(0.0));
    // Ends at 160 and 240.
    assert_eq!(runs_on.orphan_ms_per_job, Some(60.0 + 140.0));
    assert_eq!(runs_on.drain_ms.mean, Some(240.0));
}

#[test]
fn work_abandoned_in_the_warm_up_is_not_charged_to_the_jobs_after_it() {
    // A hundred jobs, the first twenty cut: each leaves two calls of 300 ms after 100.
    let row = row(
        "analysis = \"steady-state\"\njob.calls = 2\njob.give-up = \"100ms\"\n\
         strategy = [{ name = \"it\", kind = \"all\", rest = \"cancel\" }]\n\
         downstream.api = { latency = { kind = \"constant\", value = \"300ms\" }, workers = 100 }\n\
         [workload]\nkind = \"open\"\nduration = \"10s\"\n\
         arrivals = { kind = \"constant\", rate = \"10/s\" }",
    );
    assert_eq!(row.jobs, 80);
    assert_eq!(row.abandoned_ms_per_job, Some(2.0 * 200.0));
    assert_eq!(row.busy_ms_per_job, Some(2.0 * 100.0));
    assert_eq!(row.throughput_per_s, Some(10.0), "80 in 8 s");
}

#[test]
fn jobs_of_the_warm_up_are_not_good_though_they_settle_after_it_but_are_in_flight() {
    // A job a second, of 1.5 s each: that of 1 s settles at 2.5, after the warm-up of 2 s.
    let row = row("analysis = \"steady-state\"\njob.calls = 1\n\
         strategy = [{ name = \"it\", kind = \"all\" }]\n\
         downstream.api.latency = { kind = \"constant\", value = \"1500ms\" }\n\
         [workload]\nkind = \"open\"\nduration = \"10s\"\n\
         arrivals = { kind = \"constant\", rate = \"1/s\" }");
    assert_eq!((row.jobs, row.goodput_per_s), (8, Some(1.0)), "8 in 8 s");
    // All ten, until the last ends at 9 + 1.5.
    assert_eq!(row.in_flight.mean, Some(15.0 / 10.5));
}

#[test]
fn last_in_first_out_lets_the_first_expire() {
    // Arrivals at 0, 10, .., 50 ms; three may wait, so those of 40 and 50 are refused.
    let row = one_worker(
        ", queue = { discipline = \"lifo\", limit = 3, expire = \"250ms\" }",
        "workload = { kind = \"open\", duration = \"60ms\", \
         arrivals = { kind = \"constant\", rate = \"100/s\" } }",
    );
    assert_eq!((row.attempts.made, row.attempts.rejected), (6, 2));
    // 0 is done at 100, 30 at 200, 20 at 300; then that of 10 has waited for 290.
    assert_eq!((row.attempts.useful, row.attempts.failed), (3, 1));
    let settled = [100.0, 170.0, 280.0, 290.0, 0.0, 0.0];
    assert_eq!(row.settle_ms.mean, Some(settled.iter().sum::<f64>() / 6.0));
    let waits = [0.0, 70.0, 180.0, 290.0];
    assert_eq!(row.wait_ms.mean, Some(waits.iter().sum::<f64>() / 4.0));
    assert_eq!(row.downstreams["api"].queue_peak, 3);
}

#[test]
fn a_crash_loses_queue_and_work_and_refuses_until_the_restart() {
    // Every 50 ms, legs of 10 ms; down from 250 to 1250.
    let row = one_worker(
        ", network = { kind = \"constant\", value = \"10ms\" }",
        "fault = [{ kind = \"crash\", restart = \"1s\", during = [\"250ms..260ms\"] }]\n\
         workload = { kind = \"open\", duration = \"2s\", \
         arrivals = { kind = \"constant\", rate = \"20/s\" } }",
    );
    // Done before: at 110 and 210. One in service and two in the queue fail at 250.
    let before = [120.0, 170.0];
    let struck = [160.0, 110.0, 60.0];
    // Sent from 250 to 1200 and met by nobody; that of 1250 arrives at 1260.
    let refused = 20.0 * 20.0;
    // The k-th of fifteen is served until 1260 + 100 (k + 1).
    let after: f64 = (0..15).map(|k| 120.0 + 50.0 * f64::from(k)).sum();
    let all = before.iter().chain(&struck).sum::<f64>() + refused + after;
    assert_eq!(row.settle_ms.mean, Some(all / 40.0));
    assert_eq!((row.attempts.useful, row.attempts.failed), (17, 23));
    // In service for 2 x 100, 40 until the crash, 15 x 100; the last answer is there at 2770.
    assert_eq!(row.utilization["api"], Some(1740.0 / 2770.0));
    assert_eq!(row.in_flight.mean, Some(all / 2770.0));
}

#[test]
fn a_pause_holds_what_is_in_service_and_goodput_comes_back_with_the_queue_gone() {
    // Ten jobs a second of 100 ms at ten workers, nothing moves from 2.3 s to 3.3 s.
    let row = row(&format!(
        "job.calls = 1\njob.deadline = \"150ms\"\n{ALL}\n\
         downstream.api = {{ latency = {{ kind = \"constant\", value = \"100ms\" }}, workers = 20 }}\n\
         fault = [{{ kind = \"pause\", during = [\"2350ms..3350ms\"] }}]\n\
         workload = {{ kind = \"open\", duration = \"10s\", \
         arrivals = {{ kind = \"constant\", rate = \"10/s\" }} }}"
    ));
    // Those of 2.3 to 3.3 s: the first is held with 50 ms to go, the others, one every 100 ms, are
    // done at 3450. That of 3300 takes 150, which is within the deadline.
    let held = 1100.0
        + (2400..=3300)
            .step_by(100)
            .map(|at| f64::from(3450 - at))
            .sum::<f64>();
    assert_eq!(row.settle_ms.mean, Some((89.0 * 100.0 + held) / 100.0));
    assert_eq!(row.goodput_per_s, Some(9.0), "ten of a hundred are late");
    assert_eq!(row.fulfilled, 100, "late is not lost");
    // All that arrive in second 4 are good; of second 3 three are not.
    assert_eq!(row.recover_ms, Some(4000.0 - 3350.0));
}

#[test]
fn a_service_without_workers_starts_again_when_they_are_back() {
    let row = row(&format!(
        "job.calls = 1\n{ALL}\nworkload = {{ kind = \"burst\", jobs = 4 }}\n\
         downstream.api = {{ latency = {{ kind = \"constant\", value = \"100ms\" }}, workers = 2 }}\n\
         fault = [{{ kind = \"capacity\", workers = 0, during = [\"50ms..1s\"] }}]"
    ));
    // Two are finished at 100, two are taken up at 1000.
    assert_eq!(row.settle_ms.mean, Some((2.0 * 100.0 + 2.0 * 1100.0) / 4.0));
    assert_eq!(row.wait_ms.mean, Some(500.0));
}

#[test]
fn messages_of_a_partition_are_lost_both_ways() {
    // Every 10 ms; legs of 10 and 30 ms of work, so answers leave after 40.
    let row = row(&format!(
        "job.calls = 1\n{ALL}\n\
         downstream.api = {{ latency = {{ kind = \"constant\", value = \"30ms\" }}, \
         network = {{ kind = \"constant\", value = \"10ms\" }} }}\n\
         fault = [{{ kind = \"partition\", during = [\"100ms..200ms\"] }}]\n\
         workload = {{ kind = \"open\", duration = \"1s\", \
         arrivals = {{ kind = \"constant\", rate = \"100/s\" }} }}"
    ));
    // Requests of 100 to 190, answers of 60 to 90.
    assert_eq!((row.attempts.unanswered, row.never_settled), (14, 14));
    assert_eq!(row.attempts.useful, 86);
    assert_eq!(row.settle_ms.mean, Some(50.0));
}

#[test]
fn of_two_writers_of_one_version_the_second_has_a_conflict() {
    let row = row(
        "job.calls = 2\nstrategy = [{ name = \"it\", kind = \"all-settled\" }]\n\
         downstream.api = { latency = { kind = \"constant\", value = \"30ms\" }, \
         item = \"versioned\", network = { kind = \"constant\", value = \"10ms\" } }",
    );
    // A read and a write of 10 + 30 + 10 each.
    assert_eq!(row.settle_ms.mean, Some(100.0));
    assert_eq!((row.attempts.useful, row.attempts.failed), (1, 1));
}

#[test]
fn nobody_waits_for_a_fault_that_comes_back_for_ever_and_helps_nobody() {
    // Both workers hang: neither less capacity nor the return of all of it takes the third call up.
    let hangs = |fault: &str| {
        one_worker(
            "",
            &format!(
                "workload = {{ kind = \"burst\", jobs = 2 }}\n\
                 fault = [{{ kind = \"hang\" }}, {fault}]"
            ),
        )
    };
    let every = "during = { every = \"1s\", for = \"100ms\" }";
    let row = hangs(&format!("{{ kind = \"capacity\", workers = 0, {every} }}"));
    assert_eq!((row.never_settled, row.attempts.unanswered), (2, 2));
    // Another worker would take it up, but it hangs as well; then nothing is left to wait for.
    let row = hangs("{ kind = \"capacity\", workers = 2, during = [\"1s..2s\"] }");
    assert_eq!((row.never_settled, row.wait_ms.mean), (2, Some(500.0)));
    // A crash ends all.
    let row = hangs("{ kind = \"crash\", restart = \"1s\", during = [\"3s..4s\"] }");
    assert_eq!((row.rejected, row.settle_ms.mean), (2, Some(3000.0)));
}
