//! Faults, services and clients that never matter change nothing.

use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::told::{Told, same};
use super::worlds::{ISOLATED, World, worlds};

/// The same without and with these keys of the service, which had none but its workers.
fn with_service(world: &World, keys: &str) -> (Told, Told) {
    let bare = world.but(|world| world.service.retain(|keys| keys == "workers = 2"));
    let with = bare.but(|world| world.service.push(keys.to_owned()));
    (bare.told(), with.told())
}

/// The same without and with these keys of the client, which had none.
fn with_client(world: &World, keys: &str) -> (Told, Told) {
    let bare = world.but(|world| world.client.clear());
    let with = bare.but(|world| world.client.push(keys.to_owned()));
    (bare.told(), with.told())
}

proptest! {
    #![proptest_config(cases(30))]

    /// Behind the others: services are told apart by their place in the file, and one that is put
    /// before another takes its random numbers.
    #[test]
    fn a_service_that_nobody_calls_changes_nothing(world in worlds()) {
        let unused = "downstream.unused = \
                      { latency = { kind = \"exponential\", mean = \"9ms\" }, workers = 1 }\n";
        let with = world.but(|world| world.more.push_str(unused)).told();
        for row in &with.rows {
            prop_assert_eq!(&row["downstreams"]["unused"]["attempts"]["made"], 0);
        }
        same(&with.without_service("unused"), &world.told())?;
    }

    #[test]
    fn a_fault_that_never_strikes_changes_nothing(
        world in worlds(),
        fault in select(vec![
            "kind = \"hang\", probability = 0.0",
            "kind = \"error\", during = [\"10h..11h\"]",
            "kind = \"outage\", during = [\"10h..11h\"], probability = 0.5",
            "kind = \"stall\", probability = 0.0, latency = { kind = \"constant\", value = \"1s\" }",
            "kind = \"partition\", probability = 0.0",
        ]),
        first in any::<bool>(),
    ) {
        // Put first it moves the coins of those behind it, which go by their place.
        let world = world.but(|world| world.faults.truncate(if first { 0 } else { 2 }));
        let with = world.but(|world| world.faults.push(fault.to_owned()));
        same(&with.told(), &world.told())?;
    }

    #[test]
    fn a_fault_behind_one_that_always_decides_changes_nothing(world in worlds()) {
        let world =
            world.but(|world| world.faults = vec!["kind = \"error\", after = \"5ms\"".to_owned()]);
        let with = world.but(|world| world.faults.push("kind = \"hang\"".to_owned()));
        same(&with.told(), &world.told())?;
    }

    #[test]
    fn a_fault_without_effect_changes_nothing(
        world in worlds(),
        fault in select(vec![
            "kind = \"slow\", factor = 1.0",
            "kind = \"slow\", add = \"0ms\"",
            "kind = \"stall\", latency = { kind = \"constant\", value = \"0ms\" }",
        ]),
    ) {
        let with = world.but(|world| world.faults.push(fault.to_owned()));
        same(&with.told(), &world.told())?;
    }

    #[test]
    fn a_deadline_changes_nothing_but_goodput(world in worlds(), deadline_ms in 1_u64..200) {
        let with = world.but(|world| world.job.push(format!("deadline = \"{deadline_ms}ms\"")));
        let (mut plain, mut with) = (world.told(), with.told());
        for series in plain.series.iter_mut().chain(&mut with.series).flatten() {
            series[2] = 0;
        }
        for (one, other) in plain.rows.iter().zip(&with.rows) {
            let goodput = |row: &serde_json::Value| row["goodput_per_s"].as_f64();
            prop_assert!(goodput(other) <= goodput(one));
        }
        let judged = ["goodput_per_s", "recover_ms"];
        same(&plain.without(&judged), &with.without(&judged))?;
    }

    #[test]
    fn a_patience_that_outlasts_every_job_changes_nothing(world in worlds()) {
        let world = world.that_answers();
        let with = world.but(|world| world.job.push("give-up = \"1h\"".to_owned()));
        same(&with.told(), &world.told())?;
    }

    #[test]
    fn what_a_service_has_too_much_of_changes_nothing(
        world in worlds(),
        keys in select(vec![
            "slowdown = { kind = \"linear\", at = 5, factor = 1.0 }",
            "slowdown = { kind = \"knee\", at = 5, beyond = 1.0 }",
            "rate-limit = { rate = \"1000000/s\", burst = 100000 }",
            "in-flight-limit = 100000",
            "network = { kind = \"constant\", value = \"0ms\" }",
            "replicas = 1, balance = \"least-in-flight\", sees = \"client\"",
            "replicas = 1, balance = \"random\"",
        ]),
    ) {
        let (bare, with) = with_service(&world, keys);
        same(&bare, &with)?;
    }

    #[test]
    fn a_replica_that_is_like_the_others_need_not_be_described(world in worlds()) {
        let replicas = "replicas = 3, balance = \"power-of-two\", workers = 2";
        let world = world.but(|world| world.service = vec![replicas.to_owned()]);
        let with = world.but(|world| {
            let alike = format!(
                "replica.1 = {{ workers = 2, latency = {{ {} }} }}",
                world.latency
            );
            world.service.push(alike);
        });
        same(&with.told(), &world.told())?;
    }

    #[test]
    fn a_queue_that_is_never_full_is_one_without_an_end(
        world in worlds(),
        keys in select(vec!["queue = { limit = 100000 }", "queue = { expire = \"1h\" }"]),
    ) {
        let world = world.but(|world| world.service = vec!["workers = 2".to_owned()]);
        let (bare, with) = with_service(&world, keys);
        same(&bare, &with)?;
    }

    #[test]
    fn as_many_workers_as_attempts_are_no_limit(world in worlds()) {
        let world = world.but(|world| world.service.clear());
        let (bare, with) = with_service(&world, "workers = 100000");
        let measured = ["utilization", "downstreams", "wait_ms"];
        for row in &with.rows {
            // Nobody waited; without workers there is nothing to wait for, and no mean of it.
            prop_assert!([None, Some(0.0)].contains(&row["wait_ms"]["mean"].as_f64()));
        }
        same(&bare.without(&measured), &with.without(&measured))?;
    }

    #[test]
    fn as_many_connections_as_attempts_are_no_limit(
        world in worlds(),
        timeout in select(vec!["", ", acquire-timeout = \"1ms\""]),
    ) {
        let (bare, with) = with_client(&world, &format!("connections = 100000{timeout}"));
        // Who need not wait waits for 0 there.
        let measured = ["client_wait_ms"];
        same(&bare.without(&measured), &with.without(&measured))?;
    }

    #[test]
    fn processes_that_get_no_job_change_nothing(world in worlds()) {
        // A job that is alone is run by the first.
        let world = world.but(|world| {
            world.workload = ISOLATED.to_owned();
            world.replications = 20;
        });
        let (bare, with) = with_client(&world, "count = 7");
        same(&bare, &with)?;
    }

    #[test]
    fn a_process_that_could_die_of_failures_lives_without_them(world in worlds()) {
        let world = world.but(|world| {
            world.faults.clear();
            // Only this kind leaves failures to nobody, and there are others than the service's.
            world
                .strategies
                .retain(|entry| !entry.kind.contains("eager"));
            let plain = super::worlds::Entry::of("kind = \"eager-in-order\"", &[]);
            world.strategies.push(plain);
            world.service.retain(|keys| keys == "workers = 2");
        });
        let (bare, with) = with_client(&world, "unhandled-rejections = \"throw\"");
        same(&bare, &with)?;
    }
}
