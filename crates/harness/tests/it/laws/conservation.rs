//! Nothing is lost, nothing is counted twice, and no limit is passed: of single jobs, and of whole
//! runs with policies, faults, queues and clients.

use awaitlab_catalogue::Kind;
use awaitlab_core::{Fate, Status};
use awaitlab_record::JobRow;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::cases;
use super::scripts::{run, strategy};
use super::worlds::{Entry, ISOLATED, KINDS, World, worlds};

fn number(row: &Value, key: &str) -> u64 {
    let value = key.split('.').fold(row, |value, key| &value[key]);
    value.as_u64().unwrap_or_else(|| panic!("{key}: {value}"))
}

const FATES: [&str; 8] = [
    "useful",
    "failed",
    "rejected",
    "late",
    "duplicate",
    "orphaned",
    "cancelled",
    "unanswered",
];

/// Made = started + rejected = the sum of the fates.
fn conserved(attempts: &Value) -> Result<(), TestCaseError> {
    let made = number(attempts, "made");
    prop_assert_eq!(
        made,
        number(attempts, "started") + number(attempts, "rejected")
    );
    let fates = FATES.iter().map(|fate| number(attempts, fate));
    prop_assert_eq!(made, fates.sum::<u64>());
    Ok(())
}

fn jobs_of(jobs: &[JobRow], row: usize) -> impl Iterator<Item = &JobRow> {
    jobs.iter().filter(move |job| job.row as usize == row)
}

/// Milliseconds per job, back as nanoseconds of all of them.
fn total_ns(row: &Value, key: &str) -> f64 {
    row[key].as_f64().unwrap() * 1e6 * number(row, "jobs") as f64
}

proptest! {
    #![proptest_config(cases(300))]

    /// Attempts made = sum of fates, ends and fates agree, and time in flight adds up.
    #[test]
    fn nothing_is_lost_or_counted_twice(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        failing in prop::collection::btree_set(0_usize..20, 0..6),
        hanging in prop::option::of(0_usize..20),
        kind in select(Kind::ALL.to_vec()),
        number in 1_u64..6,
    ) {
        let calls = latencies.len();
        let strategy = strategy(kind, number);
        prop_assume!(strategy.check_calls(calls).is_ok());
        let failing: Vec<usize> = failing.into_iter().filter(|&call| call < calls).collect();
        let mut faults = Vec::new();
        if let Some(hanging) = hanging.filter(|&call| call < calls) {
            faults.push(format!("{{ kind = \"hang\", calls = [{hanging}] }}"));
        }
        if !failing.is_empty() {
            faults.push(format!("{{ kind = \"error\", calls = {failing:?} }}"));
        }
        let outcome = run(&latencies, &faults.join(", "), strategy);
        let counts = outcome.all_attempts();
        prop_assert!(counts.conserved());
        prop_assert_eq!(counts[Fate::Rejected] + counts.started, counts.made);
        let ended = outcome.ends.succeeded + outcome.ends.failed + outcome.ends.cancelled;
        prop_assert!(ended <= counts.made);
        prop_assert_eq!(outcome.drain_ns.is_some(), ended == counts.made);
        prop_assert!(outcome.delivered + outcome.lost <= outcome.ends.succeeded);
        prop_assert!(outcome.orphan_ns <= outcome.busy_ns);
        prop_assert!(outcome.started_at_settle <= counts.made);
        prop_assert!(outcome.peak_in_flight <= counts.made);
    }

    #[test]
    fn a_limit_is_reached_but_never_passed(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        limit in 1_u64..8,
    ) {
        let peak = |kind| run(&latencies, "", strategy(kind, limit)).peak_in_flight;
        let calls = latencies.len() as u64;
        prop_assert_eq!(peak(Kind::Bounded), limit.min(calls));
        prop_assert_eq!(peak(Kind::Chunked), limit.min(calls));
        prop_assert_eq!(peak(Kind::Sequential), 1);
        prop_assert_eq!(peak(Kind::All), calls);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn attempts_made_are_started_or_refused_and_have_one_fate_each(world in worlds()) {
        for row in &world.told().rows {
            conserved(&row["attempts"])?;
            conserved(&row["downstreams"]["api"]["attempts"])?;
            prop_assert_eq!(&row["attempts"], &row["downstreams"]["api"]["attempts"]);
            // What is cancelled brings none, and neither does a refusal that nobody waits for.
            let errors = row.get("attempt_errors").and_then(Value::as_object);
            let errors: u64 = errors.map_or(0, |errors| {
                errors.values().map(|n| n.as_u64().unwrap()).sum()
            });
            prop_assert!(errors <= number(row, "attempts.made"));
        }
    }

    #[test]
    fn a_row_is_the_sum_of_its_jobs(world in worlds()) {
        let told = world.told();
        for (place, row) in told.rows.iter().enumerate() {
            let sum = |of: fn(&JobRow) -> u64| jobs_of(&told.jobs, place).map(of).sum::<u64>();
            let count = |status| {
                jobs_of(&told.jobs, place)
                    .filter(|job| job.status == status)
                    .count() as u64
            };
            prop_assert_eq!(number(row, "jobs"), sum(|_| 1));
            prop_assert_eq!(number(row, "fulfilled"), count(Status::Fulfilled));
            prop_assert_eq!(number(row, "rejected"), count(Status::Rejected));
            prop_assert_eq!(number(row, "never_settled"), count(Status::NeverSettled));
            prop_assert_eq!(number(row, "attempts.started"), sum(|job| job.started));
            prop_assert_eq!(number(row, "calls.started"), sum(|job| job.started));
            prop_assert_eq!(number(row, "calls.succeeded"), sum(|job| job.succeeded));
            prop_assert_eq!(number(row, "calls.failed"), sum(|job| job.failed));
            prop_assert_eq!(number(row, "calls.cancelled"), sum(|job| job.cancelled));
            let close =
                |key: &str, ns: u64| (total_ns(row, key) - ns as f64).abs() <= 1e-9 * ns as f64;
            prop_assert!(close("busy_ms_per_job", sum(|job| job.busy_ns)));
            prop_assert!(close("orphan_ms_per_job", sum(|job| job.orphan_ns)));
            let peak = jobs_of(&told.jobs, place)
                .map(|job| job.peak_in_flight)
                .max();
            prop_assert_eq!(Some(number(row, "in_flight.peak")), peak);
        }
    }

    #[test]
    fn the_intervals_of_a_series_add_up_to_its_row(world in worlds()) {
        prop_assume!(!world.is_isolated());
        let told = world.told();
        for (place, row) in told.rows.iter().enumerate() {
            let sum = |column: usize| {
                told.series[place]
                    .iter()
                    .map(|interval| interval[column])
                    .sum::<u128>()
            };
            let settled = number(row, "fulfilled") + number(row, "rejected");
            prop_assert_eq!(sum(0), u128::from(number(row, "jobs")));
            prop_assert_eq!(sum(1), u128::from(settled));
            prop_assert_eq!(sum(3), u128::from(number(row, "rejected")));
            prop_assert_eq!(sum(5), u128::from(number(row, "attempts.made")));
            if let Some(amplification) = row["amplification"].as_f64() {
                prop_assert!((amplification - sum(5) as f64 / sum(4) as f64).abs() < 1e-12);
            }
            // What never ends adds no busy time to its job, but is in flight all the same.
            if jobs_of(&told.jobs, place).all(|job| job.drain_ns.is_some()) {
                let busy: u128 = jobs_of(&told.jobs, place)
                    .map(|job| u128::from(job.busy_ns))
                    .sum();
                // So is what was sent and is refused on arrival, until it is.
                prop_assert!(busy <= sum(6));
                prop_assert!(busy == sum(6) || number(row, "attempts.rejected") > 0);
            }
        }
    }

    #[test]
    fn a_job_keeps_within_its_own_numbers(world in worlds()) {
        for job in &world.told().jobs {
            prop_assert!(job.orphan_ns <= job.busy_ns, "{job:?}");
            prop_assert!(job.started_at_settle <= job.started, "{job:?}");
            prop_assert!(job.peak_in_flight <= job.started, "{job:?}");
            prop_assert!(job.delivered <= job.succeeded, "{job:?}");
            prop_assert!(
                job.succeeded + job.failed + job.cancelled <= job.started,
                "{job:?}"
            );
            prop_assert_eq!(job.settle_ns.is_none(), job.status == Status::NeverSettled);
            // At most `peak` in flight from the arrival to the last end.
            if let Some(drain) = job.drain_ns {
                prop_assert!(job.busy_ns <= job.peak_in_flight * drain, "{job:?}");
            }
        }
    }

    /// Every attempt beyond the first of a call was made by a retry or a hedge.
    #[test]
    fn attempts_are_calls_and_retries_and_hedges(world in worlds()) {
        let told = world.told();
        for (place, row) in told
            .rows
            .iter()
            .enumerate()
            .filter(|_| !world.is_isolated())
        {
            let calls = told.series[place]
                .iter()
                .map(|interval| interval[4])
                .sum::<u128>() as u64;
            let policies = row.get("policies").cloned().unwrap_or_default();
            let extra = ["retries", "hedges"].map(|key| policies[key].as_u64().unwrap_or(0));
            let made = number(row, "attempts.made");
            prop_assert!(made <= calls + extra.iter().sum::<u64>(), "{row}");
            let entry = &world.strategies[place % 2];
            // A call that is cancelled, or given up, while it waits at a door has made no attempt.
            let waits = ["bulkhead", "timeout"]
                .iter()
                .any(|kind| entry.policies.iter().any(|p| p.contains(kind)));
            let cancels = entry.kind.contains("cancel");
            if !waits && !cancels && !world.client.iter().any(|keys| keys.contains("connections")) {
                prop_assert_eq!(made, calls + extra.iter().sum::<u64>());
            }
        }
    }

    /// Under all-settled every call is over when its job settles, so no success is an orphan.
    #[test]
    fn every_result_that_is_delivered_is_one_useful_attempt(world in worlds()) {
        let world = world.that_answers().but(|world| {
            for entry in &mut world.strategies {
                entry.kind = "kind = \"all-settled\"".to_owned();
            }
        });
        let told = world.told();
        for (place, row) in told.rows.iter().enumerate() {
            let delivered: u64 = jobs_of(&told.jobs, place).map(|job| job.delivered).sum();
            prop_assert_eq!(number(row, "attempts.useful"), delivered);
        }
    }

    #[test]
    fn limits_hold_with_policies_and_faults_too(
        world in worlds(),
        limit in 1_u64..4,
        chunked in any::<bool>(),
    ) {
        // A hedge sends a second attempt from the same place, and behind a timeout that cancels
        // nothing an attempt runs on while its place is free again.
        let kind = if chunked {
            format!("chunked\", size = {limit}")
        } else {
            format!("bounded\", limit = {limit}")
        };
        let world = world.but(|world| {
            for entry in &mut world.strategies {
                entry.kind = format!("kind = \"{kind}");
                entry.policies.retain(|policy| {
                    !policy.contains("hedge") && !policy.contains("cancel = false")
                });
            }
        });
        for job in &world.told().jobs {
            prop_assert!(job.peak_in_flight <= limit, "{job:?}");
        }
        let hedged = world.under(&[Entry::of(
            &format!("kind = \"{kind}"),
            &["kind = \"hedge\", delay = \"5ms\", max-extra = 2"],
        )]);
        for job in &hedged.told().jobs {
            prop_assert!(job.peak_in_flight <= 3 * limit, "{job:?}");
        }
    }

    #[test]
    fn connections_and_bulkheads_are_limits_of_a_job_too(world in worlds(), limit in 1_u64..4) {
        let connections = world.but(|world| world.client = vec![format!("connections = {limit}")]);
        let bulkhead = format!("kind = \"bulkhead\", limit = {limit}, scope = \"job\"");
        let bulkhead = world.under(&[Entry::of("kind = \"all-settled\"", &[&bulkhead])]);
        for world in [connections, bulkhead] {
            for job in &world.told().jobs {
                prop_assert!(job.peak_in_flight <= limit, "{job:?}");
            }
        }
    }

    /// Cancelling what is left saves the orphan time, and nothing else, where the service has room:
    /// the answer is the same at the same instant.
    #[test]
    fn what_cancelling_saves_is_the_orphan_time(
        world in worlds(),
        kind in select(vec![
            "\"all\"", "\"any\"", "\"race\"", "\"quorum\", need = 1", "\"eager-in-order\"",
            "\"bounded\", limit = 2, on-error = \"stop\"",
            "\"chunked\", size = 2, on-error = \"stop\"",
        ]),
    ) {
        // What never ends has no busy time unless it is cancelled.
        let world = world.that_answers();
        let with =
            |rest: &str| alone(&world, &format!("kind = {kind}, rest = \"{rest}\""), &[]).jobs;
        for (orphan, cancel) in with("orphan").iter().zip(&with("cancel")) {
            prop_assert_eq!(
                (
                    cancel.status,
                    cancel.settle_ns,
                    cancel.delivered,
                    cancel.started
                ),
                (
                    orphan.status,
                    orphan.settle_ns,
                    orphan.delivered,
                    orphan.started
                )
            );
            prop_assert_eq!(
                (cancel.orphan_ns, cancel.busy_ns),
                (0, orphan.busy_ns - orphan.orphan_ns)
            );
            prop_assert!(cancel.drain_ns <= orphan.drain_ns);
        }
    }

    /// A timeout that cancels and one that does not give the caller the same.
    #[test]
    fn what_becomes_of_a_late_attempt_is_no_matter_to_its_job(
        world in worlds(),
        kind in select(KINDS.to_vec()),
        again in any::<bool>(),
    ) {
        let world = world.that_answers();
        let with = |cancel: bool| {
            let timeout = format!("kind = \"timeout\", after = \"35ms\", cancel = {cancel}");
            let retry =
                "kind = \"retry\", attempts = 2, backoff = { kind = \"constant\", base = \"3ms\" }";
            let policies: &[&str] = if again {
                &[retry, &timeout]
            } else {
                &[&timeout]
            };
            alone(&world, kind, policies).jobs
        };
        for (cut, left) in with(true).iter().zip(&with(false)) {
            prop_assert_eq!(
                (cut.status, cut.settle_ns, cut.delivered, cut.started),
                (left.status, left.settle_ns, left.delivered, left.started)
            );
            prop_assert!(cut.busy_ns <= left.busy_ns);
        }
    }
}

/// Isolated jobs of one strategy, at a service and a client without limits.
fn alone(world: &World, kind: &str, policies: &[&str]) -> super::told::Told {
    let world = world.but(|world| {
        world.workload = ISOLATED.to_owned();
        world.replications = 20;
        world.service.clear();
        world.client.clear();
    });
    world.under(&[Entry::of(kind, policies)]).told()
}
