//! Which strategy settles before which, on the same calls. The orders of waiting for more hold with
//! failures too, as long as they are collected; those of waiting for less hold without.

use awaitlab_catalogue::Kind;
use awaitlab_core::Status;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::scripts::{calls, run_as, run_failing, settle, strategy, with_on_error};
use super::worlds::{Entry, worlds};

proptest! {
    #![proptest_config(cases(200))]

    /// all = all-settled <= bounded(k) <= chunked(k) <= sequential, without failures.
    #[test]
    fn waiting_for_more_is_never_quicker(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        limit in 1_u64..20,
    ) {
        let all = settle(&latencies, strategy(Kind::All, 0));
        let all_settled = settle(&latencies, strategy(Kind::AllSettled, 0));
        let bounded = settle(&latencies, strategy(Kind::Bounded, limit));
        let chunked = settle(&latencies, strategy(Kind::Chunked, limit));
        let sequential = settle(&latencies, strategy(Kind::Sequential, 0));
        prop_assert_eq!(all, all_settled);
        prop_assert!(all <= bounded && bounded <= chunked && chunked <= sequential);
        prop_assert_eq!(sequential, latencies.iter().sum::<u64>() * 1_000_000);
    }

    #[test]
    fn who_collects_failures_differs_in_time_only(
        (latencies, failing) in calls(),
        limit in 1_u64..8,
    ) {
        let run = |strategy| run_failing(&latencies, &failing, strategy);
        let kinds = [
            Kind::AllSettled,
            Kind::Bounded,
            Kind::Chunked,
            Kind::Sequential,
        ];
        let jobs = kinds.map(|kind| run(strategy(kind, limit)));
        prop_assert!(jobs.is_sorted_by_key(|job| job.settle_ns));
        for job in &jobs {
            prop_assert_eq!(job.status, Status::Fulfilled);
            prop_assert_eq!(job.settle_ns, job.drain_ns);
            prop_assert_eq!((job.delivered, job.lost), (jobs[0].delivered, 0));
            prop_assert_eq!((job.busy_ns, job.orphan_ns), (jobs[0].busy_ns, 0));
            prop_assert_eq!(job.all_attempts(), jobs[0].all_attempts());
        }
    }

    /// A call's policies do not look at other calls, so a call still takes what it takes.
    #[test]
    fn policies_around_each_call_leave_the_order(
        (latencies, failing) in calls(),
        limit in 1_u64..8,
        policies in select(vec![
            "{ kind = \"timeout\", after = \"400ms\" }",
            "{ kind = \"retry\", attempts = 2, backoff = { kind = \"constant\", base = \"70ms\" } }",
            "{ kind = \"retry\", attempts = 2 }, { kind = \"timeout\", after = \"300ms\" }",
            "{ kind = \"hedge\", delay = \"100ms\" }",
            "{ kind = \"fallback\", latency = \"30ms\" }",
        ]),
    ) {
        let failing: Vec<usize> = (0..latencies.len()).filter(|&call| failing[call]).collect();
        let fault = match failing.as_slice() {
            [] => String::new(),
            calls => {
                format!("fault = [{{ kind = \"error\", calls = {calls:?}, after = \"20ms\" }}]")
            }
        };
        let kinds = [
            "kind = \"all-settled\"".to_owned(),
            format!("kind = \"bounded\", limit = {limit}"),
            format!("kind = \"chunked\", size = {limit}"),
            "kind = \"sequential\"".to_owned(),
        ];
        let jobs = kinds.map(|kind| {
            run_as(
                &latencies,
                &format!("{kind}, policies = [{policies}]"),
                &fault,
            )
        });
        prop_assert!(jobs.is_sorted_by_key(|job| job.settle_ns));
        for job in &jobs {
            prop_assert_eq!(
                (job.delivered, job.degraded),
                (jobs[0].delivered, jobs[0].degraded)
            );
            prop_assert_eq!(
                (job.busy_ns, job.all_attempts()),
                (jobs[0].busy_ns, jobs[0].all_attempts())
            );
        }
    }

    /// race = any = quorum(1) <= quorum(2) <= … <= quorum(n) = all, without failures.
    #[test]
    fn the_answers_wanted_come_one_after_another(
        latencies in prop::collection::vec(1_u64..1000, 1..16),
    ) {
        let needs = 1..=latencies.len() as u64;
        let quorums: Vec<u64> = needs
            .map(|need| settle(&latencies, strategy(Kind::Quorum, need)))
            .collect();
        let mut in_order: Vec<u64> = latencies.iter().map(|ms| ms * 1_000_000).collect();
        in_order.sort_unstable();
        prop_assert_eq!(&quorums, &in_order, "the k-th answer settles a quorum of k");
        prop_assert_eq!(quorums[0], settle(&latencies, strategy(Kind::Race, 0)));
        prop_assert_eq!(quorums[0], settle(&latencies, strategy(Kind::Any, 0)));
        prop_assert_eq!(
            quorums.last(),
            Some(&settle(&latencies, strategy(Kind::All, 0)))
        );
    }

    /// race <= any <= all-settled, and race <= all <= eager-in-order <= all-settled.
    #[test]
    fn who_stops_at_a_failure_never_settles_behind_who_collects(
        (latencies, failing) in calls(),
        limit in 1_u64..8,
    ) {
        let settle = |strategy| {
            run_failing(&latencies, &failing, strategy)
                .settle_ns
                .unwrap()
        };
        let of = |kind| settle(strategy(kind, limit));
        prop_assert!(of(Kind::Race) <= of(Kind::Any) && of(Kind::Any) <= of(Kind::AllSettled));
        prop_assert!(of(Kind::Race) <= of(Kind::All) && of(Kind::All) <= of(Kind::EagerInOrder));
        prop_assert!(of(Kind::EagerInOrder) <= of(Kind::AllSettled));
        let bounded = |word| settle(with_on_error(Kind::Bounded, limit, Some(word)));
        prop_assert!(bounded("stop") <= bounded("collect"));
        // Four ways to reject at once, and one to reject in the end.
        for word in ["clear-queue", "lose-worker", "keep-starting"] {
            prop_assert_eq!(bounded(word), bounded("stop"));
        }
        prop_assert_eq!(bounded("reject-at-end"), bounded("collect"));
    }

    /// And last come, first served, with everybody there from the start, in the other order.
    #[test]
    fn first_come_first_served(world in worlds(), jobs in 3_u64..12) {
        let settled = |workload: &str, discipline: &str| {
            let alone = world.but(|world| {
                world.calls = 1;
                world.replications = 1;
                world.service = vec![format!(
                    "workers = 1, queue = {{ discipline = \"{discipline}\" }}"
                )];
                world.faults.clear();
                world.client.clear();
                world.workload = workload.to_owned();
            });
            let jobs = alone.under(&[Entry::of("kind = \"all\"", &[])]).told().jobs;
            let settled = jobs
                .iter()
                .map(|job| job.arrival_ns + job.settle_ns.unwrap());
            settled.collect::<Vec<u64>>()
        };
        let open = "kind = \"open\", arrivals = { kind = \"poisson\", rate = \"20/s\" }, \
                    duration = \"1s\"";
        prop_assert!(settled(open, "fifo").is_sorted());
        let burst = format!("kind = \"burst\", jobs = {jobs}");
        prop_assert!(settled(&burst, "fifo").is_sorted());
        // The first was taken up before there was a second.
        prop_assert!(settled(&burst, "lifo")[1..].iter().rev().is_sorted());
    }

    /// The six ways of a bounded pool, by what they let start: stop <= clear-queue <=
    /// keep-starting, and stop <= lose-worker <= keep-starting.
    #[test]
    fn who_stops_sooner_starts_less((latencies, failing) in calls(), limit in 1_u64..8) {
        let started = |word| {
            let strategy = with_on_error(Kind::Bounded, limit, Some(word));
            let job = run_failing(&latencies, &failing, strategy);
            (job.all_attempts().started, job.busy_ns)
        };
        let least = started("stop");
        let most = started("keep-starting");
        for word in ["clear-queue", "lose-worker"] {
            let between = started(word);
            prop_assert!(least.0 <= between.0 && between.0 <= most.0, "{word}");
            prop_assert!(least.1 <= between.1 && between.1 <= most.1, "{word}");
        }
        prop_assert_eq!(most, started("collect"));
        prop_assert_eq!(most, started("reject-at-end"));
    }
}
