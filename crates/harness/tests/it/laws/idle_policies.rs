//! A policy that never strikes changes nothing, wherever in a stack it stands.
//!
//! Where it is put matters in one way only: the jitter of a retry is drawn for its place in the
//! stack, so what is put before it gives it other numbers. Stacks with jitter take it behind.

use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::told::{Told, same};
use super::worlds::{Entry, KINDS, STACKS, World, worlds};

/// Says what its layers did, and what it waited for at them (which a policy that lets everybody in
/// says as well: 0).
fn but_for_layers(told: Told) -> Told {
    told.without(&["layers", "client_wait_ms", "policies"])
}

/// The world under each of these policies, put into the stacks of its strategies.
fn inserted(world: &World, policy: &str, place: usize) -> World {
    world.but(|world| {
        for entry in &mut world.strategies {
            // Around a fallback nothing fails, and what answers failures is refused there.
            let first = entry
                .policies
                .iter()
                .rposition(|policy| policy.contains("jitter") || policy.contains("fallback"));
            let first = first.map_or(0, |at| at + 1);
            let place = first + place % (entry.policies.len() + 1 - first);
            entry.policies.insert(place, policy.to_owned());
        }
    })
}

fn never_strikes(world: &World, policy: &str, place: usize) -> Result<(), TestCaseError> {
    let with = inserted(world, policy, place).told();
    for row in &with.rows {
        let layers = row["layers"].as_array().unwrap();
        prop_assert!(!layers.is_empty());
    }
    same(&but_for_layers(with), &but_for_layers(world.told()))
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn a_retry_of_one_attempt_is_none(world in worlds(), place in 0_usize..3) {
        never_strikes(&world, "kind = \"retry\", attempts = 1", place)?;
    }

    #[test]
    fn a_hedge_that_outlasts_every_call_is_none(world in worlds(), place in 0_usize..3) {
        never_strikes(
            &world.that_answers(),
            "kind = \"hedge\", delay = \"1h\"",
            place,
        )?;
    }

    #[test]
    fn a_timeout_that_outlasts_every_call_is_none(
        world in worlds(),
        place in 0_usize..3,
        cancel in any::<bool>(),
        clock in select(vec!["attempt", "call"]),
    ) {
        let timeout =
            format!("kind = \"timeout\", after = \"1h\", cancel = {cancel}, clock = \"{clock}\"");
        never_strikes(&world.that_answers(), &timeout, place)?;
    }

    #[test]
    fn a_breaker_that_never_has_enough_calls_is_none(world in worlds(), place in 0_usize..3) {
        let breaker = "kind = \"circuit-breaker\", window = 100000, minimum = 100000";
        never_strikes(&world, breaker, place)?;
    }

    #[test]
    fn a_bulkhead_as_large_as_all_calls_is_none(
        world in worlds(),
        place in 0_usize..3,
        keys in select(vec!["", ", queue = 0", ", max-wait = \"1ms\"", ", scope = \"global\""]),
    ) {
        never_strikes(
            &world,
            &format!("kind = \"bulkhead\", limit = 100000{keys}"),
            place,
        )?;
    }

    #[test]
    fn a_rate_limit_that_never_binds_is_none(
        world in worlds(),
        place in 0_usize..3,
        keys in select(vec![
            "rate = \"1000000/s\", burst = 100000",
            "limit = 100000, window = \"10ms\"",
        ]),
        exceeded in select(vec!["wait", "reject"]),
    ) {
        let limit = format!("kind = \"rate-limit\", {keys}, when-exceeded = \"{exceeded}\"");
        never_strikes(&world, &limit, place)?;
    }

    #[test]
    fn an_adaptive_limit_that_cannot_come_down_is_none(world in worlds(), place in 0_usize..3) {
        let limit = "kind = \"adaptive-limit\", algorithm = \"aimd\", initial = 100000, \
                     min = 100000, max = 100000";
        // The series of a burst has the intervals that its run needs, and a limit has a line to
        // the end of it.
        let in_time = !world.workload.contains("burst");
        prop_assume!(in_time);
        never_strikes(&world, limit, place)?;
    }

    /// Nothing fails, so whatever waits for a failure waits in vain.
    #[test]
    fn what_answers_failures_is_none_without_them(
        world in worlds(),
        kinds in prop::collection::vec(select(KINDS.to_vec()), 2),
        policy in select(vec![
            "kind = \"fallback\", latency = \"5ms\"",
            "kind = \"retry\", attempts = 9, jitter = \"full\", \
             backoff = { kind = \"constant\", base = \"1ms\" }",
            "kind = \"retry\", attempts = \"unlimited\", budget = { deposit = 0, max = 1 }",
            "kind = \"circuit-breaker\", consecutive = 1",
            "kind = \"circuit-breaker\", window = \"1s\", minimum = 1, failure-ratio = 0.001",
        ]),
    ) {
        let world = world.but(|world| {
            world.faults.clear();
            world
                .client
                .retain(|keys| !keys.contains("acquire-timeout"));
            world
                .service
                .retain(|keys| keys == "workers = 2" || keys.contains("network"));
        });
        let bare: Vec<Entry> = kinds.iter().map(|kind| Entry::of(kind, &[])).collect();
        never_strikes(&world.under(&bare), policy, 0)?;
    }

    #[test]
    fn a_retry_of_other_failures_is_none(world in worlds(), place in 0_usize..3) {
        // Nothing here answers with this status.
        never_strikes(
            &world,
            "kind = \"retry\", attempts = 3, on = [\"error 418\"]",
            place,
        )?;
    }

    #[test]
    fn a_budget_that_is_never_spent_is_none(world in worlds(), kind in select(KINDS.to_vec())) {
        let with = |budget: &str| {
            let retry = format!(
                "kind = \"retry\", attempts = 3, \
                 backoff = {{ kind = \"linear\", base = \"4ms\" }}{budget}"
            );
            but_for_layers(world.under(&[Entry::of(kind, &[&retry])]).told())
        };
        same(&with(""), &with(", budget = { deposit = 1, max = 100000 }"))?;
    }

    #[test]
    fn a_cap_that_is_never_reached_is_none(world in worlds(), stack in 0_usize..STACKS.len() - 1) {
        // All but the last, in which a fallback leaves nothing to be tried again.
        let with = |cap: &str| {
            let retry = format!(
                "kind = \"retry\", attempts = 3, jitter = \"equal\", \
                 backoff = {{ kind = \"exponential\", base = \"4ms\"{cap} }}"
            );
            let policies: Vec<&str> = [&[retry.as_str()], STACKS[stack]].concat();
            world
                .under(&[Entry::of("kind = \"all\"", &policies)])
                .told()
        };
        same(&with(""), &with(", cap = \"16ms\""))?;
    }

    #[test]
    fn jitter_of_no_backoff_is_none(
        world in worlds(),
        jitter in select(vec!["full", "equal"]),
        kind in select(KINDS.to_vec()),
    ) {
        let with = |jitter: &str| {
            let retry = format!(
                "kind = \"retry\", attempts = 3, jitter = \"{jitter}\", \
                 backoff = {{ kind = \"exponential\", base = \"0ms\" }}"
            );
            world.under(&[Entry::of(kind, &[&retry])]).told()
        };
        same(&with("none"), &with(jitter))?;
    }

    #[test]
    fn a_timeout_around_a_shorter_one_is_none(world in worlds(), kind in select(KINDS.to_vec())) {
        let inner = "kind = \"timeout\", after = \"50ms\"";
        let outer = "kind = \"timeout\", after = \"51ms\"";
        let one = world.under(&[Entry::of(kind, &[inner])]).told();
        let two = world.under(&[Entry::of(kind, &[outer, inner])]).told();
        same(&but_for_layers(one), &but_for_layers(two))?;
    }
}
