//! Client processes: what a death costs, what waits at the door, and runs that never end.

use std::num::NonZeroUsize;

use awaitlab_core::{Job, Strategy};
use awaitlab_harness::{Contest, RunError};

use crate::shape::{run, scenario};

const DYING: &str = r#"
    replications = 1
    analysis = "terminating"
    job = { calls = 3, deadline = "350ms" }
    downstream.api.latency = { kind = "list", values = ["300ms", "20ms", "40ms"] }
    client = { unhandled-rejections = "throw", restart-after = "2s" }
    fault = [{ kind = "error", calls = [1], during = ["500ms..540ms"] }]
    strategy = [
      { name = "in order", kind = "eager-in-order" },
      { name = "all", kind = "all" },
    ]
    workload = { kind = "open", arrivals = { kind = "constant", rate = "10/s" }, duration = "4s" }
"#;

#[test]
fn a_death_takes_the_jobs_in_flight_and_refuses_arrivals_until_the_restart() {
    let record = run(&scenario(DYING));
    let dies = &record.summary.rows[0];
    // The job of 500 ms fails at 520 while its first call is awaited. Those of 300 and 400 go with
    // it; arrivals of 600 to 2500 are refused; 2600 is after the restart, at 2520.
    assert_eq!((dies.unhandled, dies.client_deaths), (1, 1));
    assert_eq!(
        (dies.never_settled, dies.rejected, dies.fulfilled),
        (3, 20, 17)
    );
    // In flight at 520: the long call of each of the three, and one of 40 ms.
    assert_eq!((dies.attempts.made, dies.attempts.cancelled), (60, 4));
    // 17 whole jobs of 360 ms; 220 + 60, 120 + 60, 20 + 20 + 20 of the others.
    let busy = 17.0 * 360.0 + 280.0 + 180.0 + 60.0;
    assert_eq!(dies.busy_ms_per_job, Some(busy / 40.0));
    // The service works on what was cancelled: 80 + 180 + 280 + 20.
    assert_eq!(dies.abandoned_ms_per_job, Some(560.0 / 40.0));
    assert_eq!(dies.goodput_per_s, Some(17.0 / 4.0));
    // The last job ends at 3900 + 300.
    assert_eq!(dies.in_flight.mean, Some(busy / 4200.0));
    let lives = &record.summary.rows[1];
    assert_eq!(
        (lives.client_deaths, lives.fulfilled, lives.rejected),
        (0, 39, 1)
    );
}

#[test]
fn a_run_ends_with_its_last_job_and_not_with_a_restart_that_nobody_needs() {
    let text = DYING.replace("restart-after = \"2s\"", "restart-after = \"1h\"");
    let record = run(&scenario(&text));
    let row = &record.summary.rows[0];
    // 600 to 3900 are refused. What the service goes on with ends at 500 + 300.
    assert_eq!((row.fulfilled, row.rejected), (3, 34));
    let busy = 3.0 * 360.0 + 280.0 + 180.0 + 60.0;
    assert_eq!(row.in_flight.mean, Some(busy / 3900.0));
}

#[test]
fn an_answer_waits_for_the_loop_and_a_call_for_its_connection() {
    let record = run(&scenario(
        r#"
        replications = 1
        job.calls = 4
        downstream.api.latency = { kind = "constant", value = "100ms" }
        client = { connections = 3, acquire-timeout = "50ms", event-loop = { per-call = "10ms" } }
        strategy = [{ name = "it", kind = "all-settled" }]
        "#,
    ));
    let row = &record.summary.rows[0];
    // The fourth has no connection at 50 and its callback 10 ms of CPU. Answers at 100 are taken up
    // at 100, 110 and 120, which is when their attempts end.
    assert_eq!((row.attempts.rejected, row.attempts.useful), (1, 3));
    assert_eq!(row.busy_ms_per_job, Some(100.0 + 110.0 + 120.0));
    assert_eq!(
        (row.settle_ms.mean, row.drain_ms.mean),
        (Some(130.0), Some(120.0))
    );
    assert_eq!(row.client_wait_ms.mean, Some(50.0 / 4.0));
    assert_eq!(row.loop_lag_ms.mean, Some((10.0 + 20.0) / 4.0));
    assert_eq!(row.client_idle_share, Some(1.0 - 40.0 / 130.0));
}

#[test]
fn a_workload_in_time_is_the_same_for_any_number_of_threads() {
    let scenario = scenario(
        r#"
        replications = 6
        job.calls = 4
        downstream.api = { latency = { kind = "exponential", mean = "100ms" }, workers = 4 }
        [client]
        count = 3
        connections = 3
        acquire-timeout = "500ms"
        event-loop = { per-call = "10ms" }
        unhandled-rejections = "throw"
        restart-after = "300ms"
        [workload]
        kind = "closed"
        users = 30
        think = { kind = "exponential", mean = "1s" }
        duration = "5s"
        [[fault]]
        kind = "error"
        probability = 0.05
        [[fault]]
        kind = "hang"
        probability = 0.01
        [[fault]]
        kind = "crash"
        restart = "500ms"
        during = { on = "1s", off = "4s" }
        [[strategy]]
        name = "settled"
        kind = "all-settled"
        [[strategy]]
        name = "in order"
        kind = "eager-in-order"
        "#,
    );
    let record = |threads| {
        let contest = Contest::new(&scenario).on_threads(NonZeroUsize::new(threads).unwrap());
        let record = contest.keeping_jobs().run().unwrap();
        let series: Vec<_> = record
            .cells
            .iter()
            .map(|cell| format!("{:?}", cell.series))
            .collect();
        (record.summary.to_json().unwrap(), record.jobs, series)
    };
    let one = record(1);
    assert!(one == record(2));
    assert!(one == record(8));
}

#[test]
fn a_user_without_pause_at_a_service_without_delay_is_a_loop_and_named() {
    let scenario = scenario(
        r#"
        replications = 4
        job.calls = 1
        downstream.api.latency = { kind = "constant", value = "0ms" }
        strategy = [{ name = "busy", kind = "all" }]
        [workload]
        kind = "closed"
        users = 1
        think = { kind = "constant", value = "0ms" }
        duration = "10ms"
        [[variant]]
        name = "hurries"
        "#,
    );
    let error = Contest::new(&scenario)
        .on_threads(NonZeroUsize::new(2).unwrap())
        .run()
        .unwrap_err();
    assert!(
        matches!(&error, RunError::Overrun { replication: 0, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("variant \"hurries\", strategy \"busy\""),
        "{error}"
    );
    assert!(
        error.to_string().contains("at 0ns of virtual time"),
        "{error}"
    );
}

/// Awaits one call after another; of calls that take no time a million are a loop without delay.
#[derive(Clone)]
struct Restless;

impl Strategy for Restless {
    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
            job.next_settled().await;
        }
    }
}

#[test]
fn an_isolated_job_may_not_go_on_without_time_passing_either() {
    // Two and a half million events at 0, each caused by the one before.
    let scenario = scenario(
        r#"
        replications = 1
        job.calls = 1000000
        downstream.api = { latency = { kind = "constant", value = "0ms" }, workers = 1, network = { kind = "constant", value = "0ms" } }
        strategy = [{ name = "bounded", kind = "bounded", limit = 1 }]
        "#,
    );
    let error = Contest::new(&scenario)
        .only_strategies(|_| false)
        .with("restless", Restless)
        .run()
        .unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("strategy \"restless\", replication 0: a loop without delay"),
        "{told}"
    );
}
