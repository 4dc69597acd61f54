//! Policies around the calls of simulated jobs: fates, counts, and who shares what.

use std::time::Duration;

use awaitlab_core::Fate;
use awaitlab_harness::{Contest, JobOutcome, RunError};
use awaitlab_record::summary::Row;

use crate::shape::{list_of_ms, run, scenario, stacked_job};

/// One job of calls that take so many milliseconds, under `strategy` with `policies`.
fn one_job(latencies: &[u64], strategy: &str, parts: &str) -> JobOutcome {
    let scenario = scenario(&format!(
        "replications = 1\njob.calls = {}\n\
         downstream.api.latency = {{ kind = \"list\", values = {} }}\n{parts}\n\
         strategy = [{{ name = \"it\", {strategy} }}]\n",
        latencies.len(),
        list_of_ms(latencies),
    ));
    stacked_job(&scenario)
}

/// The row of the only cell of a scenario.
fn only_row(parts: &str) -> Row {
    run(&scenario(parts)).summary.rows.remove(0)
}

fn fates(job: &JobOutcome) -> Vec<(Fate, u64)> {
    let counts = job.all_attempts();
    assert!(counts.conserved(), "{counts:?}");
    let counted = Fate::ALL.into_iter().map(|fate| (fate, counts[fate]));
    counted.filter(|(_, count)| *count > 0).collect()
}

const TIMEOUT: &str = "{ kind = \"timeout\", after = \"100ms\" }";
const TIMEOUT_THAT_LETS_RUN: &str = "{ kind = \"timeout\", after = \"100ms\", cancel = false }";

#[test]
fn what_a_timeout_gives_up_is_late_whether_it_stops_or_not() {
    let job = one_job(
        &[250, 50],
        "kind = \"all-settled\", policies = [{ kind = \"timeout\", after = \"100ms\" }]",
        "",
    );
    assert_eq!(fates(&job), [(Fate::Late, 1), (Fate::Useful, 1)]);
    assert_eq!(
        (job.settle_ns, job.drain_ns),
        (Some(100_000_000), Some(100_000_000))
    );
    assert_eq!((job.ends.cancelled, job.ends.succeeded), (1, 1));

    let policies = format!("kind = \"all-settled\", policies = [{TIMEOUT_THAT_LETS_RUN}]");
    let job = one_job(&[250, 50], &policies, "");
    assert_eq!(fates(&job), [(Fate::Late, 1), (Fate::Useful, 1)]);
    assert_eq!(
        (job.settle_ns, job.drain_ns),
        (Some(100_000_000), Some(250_000_000))
    );
    assert_eq!(
        (job.ends.cancelled, job.ends.succeeded),
        (0, 2),
        "it did answer"
    );
    assert_eq!(job.orphan_ns, 150_000_000, "after its job had settled");
}

#[test]
fn what_a_timeout_cancels_gives_its_connection_back() {
    let policies = format!("kind = \"bounded\", limit = 1, policies = [{TIMEOUT}]");
    let job = one_job(&[250, 50], &policies, "client.connections = 1");
    assert_eq!(fates(&job), [(Fate::Late, 1), (Fate::Useful, 1)]);
    assert_eq!(job.settle_ns, Some(150_000_000), "100 + 50");
}

#[test]
fn jitter_is_not_drawn_from_what_latencies_are_drawn_from() {
    // First attempts fail after U(0, 1 s), and are retried after U(0, 1 s): of one stream the two
    // would be equal.
    let job = stacked_job(&scenario(
        "replications = 1\njob.calls = 20\n\
         downstream.api.latency = { kind = \"uniform\", min = \"0ms\", max = \"1s\" }\n\
         fault = [{ kind = \"error\", attempts = [0] }]\n\
         strategy = [{ name = \"it\", kind = \"all-settled\", policies = [\
         { kind = \"retry\", attempts = 2, backoff = { kind = \"constant\", base = \"1s\" }, jitter = \"full\" }] }]\n",
    ));
    let bars = job.timeline.unwrap().bars;
    for call in 0..20 {
        let of_call = bars.iter().filter(|bar| bar.call == call);
        let [first, second] = of_call.collect::<Vec<_>>()[..] else {
            panic!("call {call} has not two attempts: {bars:?}");
        };
        let failed = first.end.unwrap();
        let latencies = [failed - first.start, second.end.unwrap() - second.start];
        let delay = second.start - failed;
        for latency in latencies {
            let apart = delay.abs_diff(latency);
            assert!(apart > Duration::from_micros(1), "call {call}: {delay:?}");
        }
    }
}

#[test]
fn what_is_given_up_and_never_ends_is_late_and_not_unanswered() {
    let hangs = "fault = [{ kind = \"hang\", calls = [0] }]";
    let policies = format!("kind = \"all-settled\", policies = [{TIMEOUT_THAT_LETS_RUN}]");
    let job = one_job(&[250, 50], &policies, hangs);
    assert_eq!(fates(&job), [(Fate::Late, 1), (Fate::Useful, 1)]);
    assert_eq!((job.settle_ns, job.drain_ns), (Some(100_000_000), None));
    assert_eq!(job.busy_ns, 50_000_000, "what never ends adds nothing");
    // Without a timeout nobody gave it up.
    let job = one_job(&[250, 50], "kind = \"all-settled\"", hangs);
    assert_eq!(fates(&job), [(Fate::Unanswered, 1), (Fate::Useful, 1)]);
}

#[test]
fn a_slot_frees_when_the_timeout_strikes_and_the_bound_breaks() {
    let latencies = [500, 520, 540, 560, 580, 600];
    let bounded = |policy: &str| {
        one_job(
            &latencies,
            &format!("kind = \"bounded\", limit = 2, policies = [{policy}]"),
            "",
        )
    };
    assert_eq!(bounded(TIMEOUT).peak_in_flight, 2);
    assert_eq!(bounded(TIMEOUT_THAT_LETS_RUN).peak_in_flight, 6);
}

#[test]
fn a_failed_attempt_that_is_tried_again_is_failed_and_its_call_succeeds() {
    let retry = "policies = [{ kind = \"retry\", attempts = 3, \
                 backoff = { kind = \"constant\", base = \"10ms\" } }]";
    let once = "fault = [{ kind = \"error\", attempts = [0], after = \"5ms\" }]";
    let job = one_job(&[30, 40], &format!("kind = \"all\", {retry}"), once);
    assert_eq!(fates(&job), [(Fate::Useful, 2), (Fate::Failed, 2)]);
    // 5 until the failure, 10 of backoff, then 40.
    assert_eq!(job.settle_ns, Some(55_000_000));
    assert_eq!((job.calls_started, job.delivered), (2, 2));
    assert_eq!(job.shape.calls_succeeded, 2);
}

#[test]
fn cancelling_the_rest_ends_calls_between_two_attempts() {
    // Call 0 fails at 5 and waits for its second attempt; call 1 fails for good at 20.
    let retry = "policies = [{ kind = \"retry\", attempts = 2, on = [\"error 503\"], \
                 backoff = { kind = \"constant\", base = \"1s\" } }]";
    let faults = "fault = [{ kind = \"error\", calls = [0], after = \"5ms\", status = 503 }, \
                  { kind = \"error\", calls = [1], after = \"20ms\" }]";
    let strategy = format!("kind = \"all\", rest = \"cancel\", {retry}");
    let job = one_job(&[30, 40], &strategy, faults);
    assert_eq!(
        (job.settle_ns, job.drain_ns),
        (Some(20_000_000), Some(20_000_000))
    );
    assert_eq!(fates(&job), [(Fate::Failed, 2)]);
    // As an orphan it would have been tried again.
    let job = one_job(&[30, 40], &format!("kind = \"all\", {retry}"), faults);
    assert_eq!(job.drain_ns, Some(1_010_000_000));
    assert_eq!(fates(&job), [(Fate::Orphaned, 1), (Fate::Failed, 2)]);
}

#[test]
fn a_cancelled_call_takes_an_attempt_along_that_a_timeout_would_have_let_run() {
    // The timeout has not struck yet: the attempt is the call's.
    let faults = "fault = [{ kind = \"error\", calls = [1], after = \"20ms\" }]";
    let strategy =
        format!("kind = \"all\", rest = \"cancel\", policies = [{TIMEOUT_THAT_LETS_RUN}]");
    let job = one_job(&[250, 40], &strategy, faults);
    assert_eq!(job.drain_ns, Some(20_000_000));
    assert_eq!(fates(&job), [(Fate::Cancelled, 1), (Fate::Failed, 1)]);
}

#[test]
fn a_degraded_answer_fulfils_its_call_and_is_not_delivered() {
    let fallback = "kind = \"all\", policies = [{ kind = \"fallback\", latency = \"7ms\" }]";
    let faults = "fault = [{ kind = \"error\", calls = [1], after = \"20ms\" }]";
    let job = one_job(&[10, 40, 10], fallback, faults);
    assert_eq!(
        (job.status.name(), job.settle_ns),
        ("fulfilled", Some(27_000_000))
    );
    assert_eq!((job.delivered, job.degraded, job.lost), (2, 1, 0));
    assert_eq!(fates(&job), [(Fate::Useful, 2), (Fate::Failed, 1)]);
}

#[test]
fn a_timer_waits_for_the_event_loop_of_its_process() {
    // The answer of call 1 at 95 keeps the loop until 125: the timeout that strikes at 100 is heard
    // only then, and its own callback takes 30 more.
    let busy = "client.event-loop.per-call = \"30ms\"";
    let strategy = format!("kind = \"all-settled\", policies = [{TIMEOUT}]");
    let job = one_job(&[250, 95], &strategy, busy);
    assert_eq!(job.settle_ns, Some(155_000_000));
    assert_eq!(fates(&job), [(Fate::Late, 1), (Fate::Useful, 1)]);
}

#[test]
fn an_answer_that_waits_for_the_event_loop_can_be_too_late() {
    // Answers at 90 and 95: the second is taken up at 120, and its timeout at 100 is behind it.
    let busy = "client.event-loop.per-call = \"30ms\"";
    let strategy = format!("kind = \"all-settled\", policies = [{TIMEOUT}]");
    let job = one_job(&[90, 95], &strategy, busy);
    assert_eq!(fates(&job), [(Fate::Useful, 2)], "it was queued first");
    // Taken up at 120, done at 150.
    assert_eq!(job.settle_ns, Some(150_000_000));
}

const OPEN: &str = "analysis = \"terminating\"\nreplications = 2\njob.calls = 1\n\
    workload = { kind = \"open\", duration = \"2s\", arrivals = { kind = \"constant\", rate = \"10/s\" } }\n";

#[test]
fn what_policies_did_stands_in_the_row() {
    let row = only_row(&format!(
        "{OPEN}downstream.api.latency = {{ kind = \"constant\", value = \"150ms\" }}\n\
         fault = [{{ kind = \"error\", attempts = [0], after = \"10ms\", status = 503 }}]\n\
         strategy = [{{ name = \"it\", kind = \"all\", policies = [\
         {{ kind = \"fallback\" }},\
         {{ kind = \"retry\", attempts = 3, scope = \"global\", \
         budget = {{ deposit = 5, max = 10 }} }},\
         {{ kind = \"timeout\", after = \"100ms\" }}] }}]"
    ));
    // 20 jobs in each of 2 replications: an error, then two attempts that time out.
    assert_eq!((row.jobs, row.attempts.made), (40, 120));
    assert_eq!((row.attempts.failed, row.attempts.late), (40, 80));
    let policies = &row.policies;
    assert_eq!(
        (policies.retries, policies.timeouts, policies.degraded),
        (80, 80, 40)
    );
    assert_eq!(row.degraded_per_job, Some(1.0));
    assert_eq!(row.success_rate.value, Some(0.0));
    let layers: Vec<_> = row.layers.iter().map(|layer| layer.kind.as_str()).collect();
    assert_eq!(layers, ["fallback", "retry", "timeout"]);
    assert_eq!(row.layers[1].scope, "global");
    assert_eq!(
        (row.layers[1].counts.retries, row.layers[1].counts.timeouts),
        (80, 0)
    );
    assert_eq!(row.layers[2].counts.timeouts, 80);
    // Attempts bring errors, a timeout is its call's; a call that is degraded has no error.
    assert_eq!(
        (row.attempt_errors.error, row.attempt_errors.timeout),
        (40, 0)
    );
    assert_eq!(row.call_errors.timeout, 0);
    assert_eq!(row.amplification, Some(3.0));
}

#[test]
fn a_call_reports_its_last_error() {
    let row = only_row(&format!(
        "{OPEN}downstream.api.latency = {{ kind = \"constant\", value = \"150ms\" }}\n\
         fault = [{{ kind = \"error\", attempts = [0], after = \"10ms\" }}]\n\
         strategy = [{{ name = \"it\", kind = \"all\", policies = [\
         {{ kind = \"retry\", attempts = 2 }}, {{ kind = \"timeout\", after = \"100ms\" }}] }}]"
    ));
    assert_eq!((row.call_errors.error, row.call_errors.timeout), (0, 40));
    assert_eq!(row.attempt_errors.error, 40);
}

#[test]
fn every_refusal_of_a_service_stands_under_its_own_class() {
    // Two tokens: one call is served, one finds the queue full; the other two have no token.
    let row = only_row(
        "replications = 1\njob.calls = 4\n\
         strategy = [{ name = \"it\", kind = \"all-settled\" }]\n\
         [downstream.api]\nlatency = { kind = \"constant\", value = \"10ms\" }\nworkers = 1\n\
         queue = { limit = 0 }\nrate-limit = { rate = \"1/s\", burst = 2 }\n",
    );
    let (attempts, calls) = (&row.attempt_errors, &row.call_errors);
    assert_eq!((attempts.unavailable, attempts.throttled), (1, 2));
    assert_eq!((calls.unavailable, calls.throttled), (1, 2));
}

#[test]
fn the_open_time_of_a_breaker_is_told_in_milliseconds_of_a_replication() {
    // Its first failure, at 10 ms, opens it for 30 ms; the run goes on to 100.
    let row = only_row(
        "replications = 2\njob.calls = 2\nworkload = { kind = \"burst\", jobs = 1 }\n\
         downstream.api.latency = { kind = \"list\", values = [\"10ms\", \"100ms\"] }\n\
         fault = [{ kind = \"error\", calls = [0] }]\n\
         strategy = [{ name = \"it\", kind = \"all-settled\", policies = [\
         { kind = \"circuit-breaker\", window = 1, minimum = 1, open = \"30ms\" }] }]\n",
    );
    assert_eq!(
        (row.policies.openings, row.policies.open_ms),
        (2, Some(30.0))
    );
}

#[test]
fn a_measure_is_the_share_of_replications_in_which_it_held() {
    let record = run(&scenario(
        "replications = 400\njob.calls = 1\n\
         downstream.api.latency = { kind = \"constant\", value = \"10ms\" }\n\
         fault = [{ kind = \"slow\", factor = 3.0, probability = 0.25 }]\n\
         measure = [{ name = \"slow\", metric = \"settle_ms.max\", above = 20 }]\n\
         strategy = [{ name = \"it\", kind = \"all\" }]",
    ));
    let row = &record.summary.rows[0];
    let slow = record.jobs.unwrap();
    let slow = slow.iter().filter(|job| job.settle_ns == Some(30_000_000));
    let share = slow.count() as f64 / 400.0;
    assert!(share > 0.15 && share < 0.35, "{share}");
    let measured = row.measures["slow"];
    assert_eq!(measured.value, Some(share));
    let [low, high] = measured.ci95.unwrap();
    assert!(low < share && share < high && high - low < 0.1);
}

#[test]
fn a_retry_without_delay_is_found_and_named() {
    let loop_ = scenario(
        "replications = 1\njob.calls = 1\n\
         downstream.api.latency = { kind = \"constant\", value = \"10ms\" }\n\
         fault = [{ kind = \"outage\" }]\n\
         strategy = [{ name = \"on and on\", kind = \"all\", policies = [\
         { kind = \"retry\", attempts = \"unlimited\" }] }]",
    );
    let error = Contest::new(&loop_).run().unwrap_err();
    assert!(matches!(error, RunError::Overrun { .. }));
    let message = error.to_string();
    assert!(message.contains("\"on and on\""), "{message}");
    assert!(message.contains("loop without delay"), "{message}");
    assert!(message.contains("retry waits for nothing"), "{message}");
}

#[test]
fn a_storm_of_retries_ends_in_bounded_memory() {
    // Twice what the service can take, four attempts each, a timeout and a bounded queue: what is in
    // flight never exceeds arrivals x timeout.
    let row = only_row(
        "replications = 1\njob.calls = 1\n\
         downstream.api = { latency = { kind = \"constant\", value = \"100ms\" }, workers = 10 }\n\
         workload = { kind = \"open\", duration = \"120s\", \
         arrivals = { kind = \"poisson\", rate = \"200/s\" } }\n\
         strategy = [{ name = \"it\", kind = \"all\", policies = [\
         { kind = \"retry\", attempts = 4 }, { kind = \"timeout\", after = \"500ms\" }] }]",
    );
    assert_eq!(row.never_settled, 0);
    assert!(row.amplification.unwrap() > 3.0);
    let in_flight = row.in_flight.mean.unwrap();
    assert!(in_flight < 200.0 * 4.0 * 0.5 * 1.1, "{in_flight}");
}
