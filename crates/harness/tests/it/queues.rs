//! Workloads in time against queueing theory: means within 2 % or four standard errors, whichever is
//! more, from scenario files alone.

use std::num::NonZeroUsize;

use awaitlab_harness::Contest;
use awaitlab_record::Record;
use awaitlab_record::summary::Row;

use crate::shape::scenario;

fn run(parts: &str) -> Record {
    let scenario = scenario(parts);
    Contest::new(&scenario)
        .on_threads(NonZeroUsize::new(2).unwrap())
        .run()
        .unwrap()
}

/// One service, single-call jobs.
fn station(replications: u64, rate: &str, duration: &str, service: &str) -> Record {
    run(&format!(
        "replications = {replications}\njob.calls = 1\n\
         strategy = [{{ name = \"it\", kind = \"all\" }}]\n\
         [downstream.api]\n{service}\n\
         [workload]\nkind = \"open\"\nduration = \"{duration}\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"{rate}\" }}\n"
    ))
}

const EXPONENTIAL: &str = "latency = { kind = \"exponential\", mean = \"1s\" }";

#[track_caller]
fn settles(row: &Row, theory_ms: f64) {
    let (mean, [low, high]) = (row.settle_ms.mean.unwrap(), row.settle_ms.ci95.unwrap());
    // Twenty replications: half a 95 % interval is 2.09 standard errors.
    let allowed = (0.02 * theory_ms).max(4.0 * (high - low) / 2.0 / 2.09);
    assert!(
        (mean - theory_ms).abs() <= allowed,
        "{mean} instead of {theory_ms} ± {allowed}"
    );
}

/// Within 3 %: of figures without an interval of their own, on long runs.
#[track_caller]
fn near(measured: Option<f64>, theory: f64) {
    let measured = measured.unwrap();
    assert!(
        (measured - theory).abs() <= 0.03 * theory,
        "{measured} instead of {theory}"
    );
}

#[test]
fn one_worker() {
    // M/M/1 at 0.8: W = 1 / (1 - 0.8) = 5 s, p99 23.03 s; utilization 0.8.
    let service = format!("{EXPONENTIAL}\nworkers = 1");
    let record = station(20, "0.8/s", "20000s", &service);
    let row = &record.summary.rows[0];
    settles(row, 5000.0);
    let p99 = row.settle_ms.p99.unwrap();
    assert!((p99 / 23_025.85 - 1.0).abs() < 0.1, "{p99}");
    near(row.downstreams["api"].utilization, 0.8);
    // Wq = W - 1.
    let waited = row.wait_ms.mean.unwrap();
    assert!(
        (waited - (row.settle_ms.mean.unwrap() - 1000.0)).abs() < 20.0,
        "{waited}"
    );
}

#[test]
fn several_workers() {
    // Erlang C: c 4 at 0.8 W = 1.745540 s; c 10, lambda 8: Wq = 0.204590 s.
    let four = station(
        20,
        "3.2/s",
        "10000s",
        &format!("{EXPONENTIAL}\nworkers = 4"),
    );
    settles(&four.summary.rows[0], 1745.540);
    let ten = station(20, "8/s", "4000s", &format!("{EXPONENTIAL}\nworkers = 10"));
    settles(&ten.summary.rows[0], 1204.590);
}

#[test]
fn a_queue_with_an_end_loses_what_it_should() {
    // M/M/1/5 at 0.8 (one worker, four places): loss 0.088820.
    let service = format!("{EXPONENTIAL}\nworkers = 1\nqueue = {{ limit = 4 }}");
    let record = station(20, "0.8/s", "10000s", &service);
    let attempts = record.summary.rows[0].attempts;
    near(
        Some(attempts.rejected as f64 / attempts.made as f64),
        0.088_820,
    );
}

#[test]
fn service_times_that_do_not_vary_or_vary_more() {
    // Pollaczek-Khinchine at 0.8: Wq 2 s constant; log-normal with sigma 1: 5.436564 s.
    let constant = "latency = { kind = \"constant\", value = \"1s\" }\nworkers = 1";
    settles(
        &station(20, "0.8/s", "10000s", constant).summary.rows[0],
        3000.0,
    );
    let log_normal = "latency = { kind = \"log-normal\", mean = \"1s\", sigma = 1.0 }\nworkers = 1";
    settles(
        &station(20, "0.8/s", "30000s", log_normal).summary.rows[0],
        6436.564,
    );
}

#[test]
fn a_closed_loop_of_ten_users() {
    // Machine repairman, N 10, Z 9 s, S 1 s: X 0.832037 / s, R 3.0187 s.
    let record = run(&format!(
        "replications = 20\njob.calls = 1\nstrategy = [{{ name = \"it\", kind = \"all\" }}]\n\
         [downstream.api]\n{EXPONENTIAL}\nworkers = 1\n\
         [workload]\nkind = \"closed\"\nusers = 10\nduration = \"10000s\"\n\
         think = {{ kind = \"exponential\", mean = \"9s\" }}\n"
    ));
    let row = &record.summary.rows[0];
    settles(row, 3018.7);
    near(row.throughput_per_s, 0.832_037);
}

#[test]
fn two_queues_to_wait_for() {
    // Fork-join of two M/M/1 at 0.5: (12 - rho) / 8 / (mu - lambda) = 2.875 s.
    let record = run(&format!(
        "replications = 20\nstrategy = [{{ name = \"it\", kind = \"all\" }}]\n\
         [[job.call]]\ndownstream = \"a\"\n[[job.call]]\ndownstream = \"b\"\n\
         [downstream.a]\n{EXPONENTIAL}\nworkers = 1\n[downstream.b]\n{EXPONENTIAL}\nworkers = 1\n\
         [workload]\nkind = \"open\"\nduration = \"10000s\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"0.5/s\" }}\n"
    ));
    settles(&record.summary.rows[0], 2875.0);
}

#[test]
fn the_better_of_two_replicas_out_of_a_hundred() {
    // Mitzenmacher at 0.9: 2.614 s for infinitely many, 2.656 s for a hundred.
    let service = format!("{EXPONENTIAL}\nworkers = 1\nreplicas = 100\nbalance = \"power-of-two\"");
    let record = station(10, "90/s", "600s", &service);
    near(
        record.summary.rows[0].settle_ms.mean.map(|ms| ms / 1000.0),
        2.656,
    );
}

#[test]
fn a_token_bucket_refuses_what_it_should() {
    // Rate 1, lambda 0.8: burst 1 refuses 0.444444, burst 2 0.199570.
    for (burst, refused) in [(1, 0.444_444), (2, 0.199_570)] {
        let service = format!(
            "latency = {{ kind = \"constant\", value = \"1ms\" }}\n\
             rate-limit = {{ rate = \"1/s\", burst = {burst} }}"
        );
        let record = station(20, "0.8/s", "10000s", &service);
        let attempts = record.summary.rows[0].attempts;
        near(
            Some(attempts.rejected as f64 / attempts.made as f64),
            refused,
        );
    }
}

#[test]
fn littles_law_and_utilization_are_identities() {
    let scenario = scenario(
        r#"
        replications = 5
        analysis = "terminating"
        job.calls = 3
        strategy = [{ name = "it", kind = "bounded", limit = 2 }]
        [downstream.api]
        latency = { kind = "exponential", mean = "100ms" }
        workers = 4
        [workload]
        kind = "open"
        duration = "60s"
        arrivals = { kind = "poisson", rate = "8/s" }
        "#,
    );
    let record = Contest::new(&scenario).keeping_jobs().run().unwrap();
    let row = &record.summary.rows[0];
    let jobs = record.jobs.unwrap();
    // Every run ends with its last attempt.
    let end_of = |replication| {
        let of = jobs.iter().filter(|job| job.replication == replication);
        of.map(|job| job.arrival_ns + job.drain_ns.unwrap())
            .max()
            .unwrap()
    };
    let time_ns: u64 = (0..5).map(end_of).sum();
    let busy_ns: u64 = jobs.iter().map(|job| job.busy_ns).sum();
    // L = (time in flight) / time: Little's law with both sides counted apart.
    let in_flight = row.in_flight.mean.unwrap();
    assert!(
        (in_flight - busy_ns as f64 / time_ns as f64).abs() < 1e-9,
        "{in_flight}"
    );
    // X S / c = (busy - waited) / (c x time).
    let waited_ns = row.wait_ms.mean.unwrap() * 1e6 * row.attempts.started as f64;
    let utilization = (busy_ns as f64 - waited_ns) / (4.0 * time_ns as f64);
    let measured = row.downstreams["api"].utilization.unwrap();
    assert!(
        (measured - utilization).abs() < 1e-9,
        "{measured} and {utilization}"
    );
}

#[test]
fn an_overload_of_an_hour_ends_with_an_answer() {
    let record = station(
        2,
        "20/s",
        "3600s",
        "latency = { kind = \"exponential\", mean = \"100ms\" }\nworkers = 1\nqueue = { limit = 100 }",
    );
    let attempts = record.summary.rows[0].attempts;
    near(Some(attempts.rejected as f64 / attempts.made as f64), 0.5);
}

#[test]
fn the_simplest_possible_case_of_dialogue() {
    // Published 0.7858 s; an independent re-implementation 0.7863 s, spread of one run 0.0011 s.
    // Mean of 20 runs: 3.3 standard errors of both are 0.0037 s.
    let record = run(r#"
        replications = 20
        analysis = "terminating"
        job.calls = 1
        client.count = 10
        strategy = [{ name = "it", kind = "all" }]
        [downstream.api]
        latency = { kind = "constant", value = "600ms" }
        replicas = 3
        balance = "least-in-flight"
        sees = "client"
        [downstream.api.replica.1]
        latency = { kind = "constant", value = "800ms" }
        [downstream.api.replica.2]
        latency = { kind = "constant", value = "1s" }
        [workload]
        kind = "open"
        duration = "20m"
        arrivals = { kind = "constant", rate = "11/s" }
        "#);
    let mean = record.summary.rows[0].settle_ms.mean.unwrap();
    assert!((mean - 785.8).abs() < 3.7, "{mean}");
}
