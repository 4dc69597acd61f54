//! Two ways to say the same.

use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::told::{Told, same, same_jobs};
use super::worlds::{Entry, ISOLATED, KINDS, LIST, STACKS, World, worlds};

/// Under each of these kinds in turn, with the same policies.
fn under_each(world: &World, kinds: &[String], policies: &[&str]) -> Vec<Told> {
    let under = |kind: &String| world.under(&[Entry::of(kind, policies)]).told();
    kinds.iter().map(under).collect()
}

fn all_the_same_jobs(told: &[Told]) -> Result<(), TestCaseError> {
    told.windows(2)
        .try_for_each(|two| same_jobs(&two[0], &two[1]))
}

fn texts(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|&kind| format!("kind = {kind}")).collect()
}

fn stacks() -> impl Strategy<Value = &'static [&'static str]> {
    select(STACKS.to_vec())
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn a_limit_above_the_calls_is_all_settled(world in worlds(), stack in stacks(), limit in 5..9) {
        let kinds = [
            "\"all-settled\"",
            &format!("\"bounded\", limit = {limit}"),
            &format!("\"chunked\", size = {limit}"),
        ];
        all_the_same_jobs(&under_each(&world, &texts(&kinds), stack))?;
    }

    #[test]
    fn a_limit_above_the_calls_that_stops_is_promise_all(world in worlds(), stack in stacks()) {
        let kinds = [
            "\"all\"",
            "\"bounded\", limit = 5, on-error = \"stop\"",
            "\"bounded\", limit = 5, on-error = \"clear-queue\"",
            "\"bounded\", limit = 5, on-error = \"lose-worker\"",
            "\"bounded\", limit = 5, on-error = \"keep-starting\"",
            "\"chunked\", size = 5, on-error = \"stop\"",
        ];
        all_the_same_jobs(&under_each(&world, &texts(&kinds), stack))?;
    }

    #[test]
    fn a_limit_of_one_is_sequential(world in worlds(), stack in stacks()) {
        let collect = [
            "\"sequential\"",
            "\"bounded\", limit = 1",
            "\"chunked\", size = 1",
        ];
        all_the_same_jobs(&under_each(&world, &texts(&collect), stack))?;
        let stop = [
            "\"sequential\", on-error = \"stop\"",
            "\"bounded\", limit = 1, on-error = \"stop\"",
            "\"bounded\", limit = 1, on-error = \"lose-worker\"",
            "\"chunked\", size = 1, on-error = \"stop\"",
        ];
        all_the_same_jobs(&under_each(&world, &texts(&stop), stack))?;
    }

    #[test]
    fn a_quorum_of_one_is_any_and_a_quorum_of_all_is_all(world in worlds(), stack in stacks()) {
        let one = ["\"any\"", "\"quorum\", need = 1"];
        all_the_same_jobs(&under_each(&world, &texts(&one), stack))?;
        let all = ["\"all\"", &format!("\"quorum\", need = {}", world.calls)];
        all_the_same_jobs(&under_each(&world, &texts(&all), stack))?;
    }

    #[test]
    fn of_a_single_call_there_is_one_way_to_collect_and_one_to_reject(
        world in worlds(),
        stack in stacks(),
    ) {
        let world = world.but(|world| world.calls = 1);
        let collect = [
            "\"sequential\"",
            "\"all-settled\"",
            "\"bounded\", limit = 2",
            "\"chunked\", size = 3",
        ];
        all_the_same_jobs(&under_each(&world, &texts(&collect), stack))?;
        let reject = [
            "\"all\"",
            "\"any\"",
            "\"race\"",
            "\"quorum\", need = 1",
            "\"eager-in-order\"",
            "\"sequential\", on-error = \"stop\"",
            "\"bounded\", limit = 2, on-error = \"reject-at-end\"",
        ];
        all_the_same_jobs(&under_each(&world, &texts(&reject), stack))?;
    }

    #[test]
    fn eager_in_order_is_promise_all_where_nothing_fails(world in worlds()) {
        let world = world.but(|world| {
            world.faults.retain(|fault| fault.contains("slow"));
            world.service.retain(|keys| keys.starts_with("network"));
            world
                .client
                .retain(|keys| !keys.contains("acquire-timeout"));
        });
        all_the_same_jobs(&under_each(
            &world,
            &texts(&["\"all\"", "\"eager-in-order\""]),
            &[],
        ))?;
    }

    #[test]
    fn a_policy_shared_by_all_clients_is_that_of_the_only_one(
        world in worlds(),
        stack in stateful(),
    ) {
        let world = world.but(|world| world.client.retain(|keys| !keys.contains("count")));
        let scoped = |scope: &str| scoped(&world, stack, scope).without(&["layers"]);
        same(&scoped("global"), &scoped("client"))?;
    }

    #[test]
    fn alone_a_job_shares_its_policies_with_nobody(world in worlds(), stack in stateful()) {
        let world = world.but(|world| world.workload = ISOLATED.to_owned());
        let scoped = |scope: &str| scoped(&world, stack, scope).without(&["layers"]);
        same(&scoped("job"), &scoped("client"))?;
        same(&scoped("job"), &scoped("global"))?;
    }

    #[test]
    fn calls_that_are_listed_one_by_one_are_those_that_are_counted(world in worlds()) {
        let text = world.toml();
        let counted = format!(
            "call = [{{ downstream = \"api\", count = {} }}]",
            world.calls
        );
        let one_by_one = vec!["{ downstream = \"api\" }"; world.calls].join(", ");
        let listed = text.replace(&counted, &format!("call = [{one_by_one}]"));
        prop_assert_ne!(&text, &listed);
        same(&super::told::told(&listed), &world.told())?;
        let short = text.replace(&counted, &format!("calls = {}", world.calls));
        same(&super::told::told(&short), &world.told())?;
    }

    /// Services are told apart by their place in the file, and their random numbers with them:
    /// what is moved to a service of its own keeps its latencies where they do not come from chance.
    #[test]
    fn two_services_that_are_alike_are_one(world in worlds(), second in 1_usize..5) {
        let split = world.but(|world| {
            world.calls = 5;
            world.latency = LIST.to_owned();
            world.service.clear();
            // Connections, and the state of a policy, are per service: where there are two of
            // them there is more of both.
            world.client.retain(|keys| !keys.contains("connections"));
            for entry in &mut world.strategies {
                entry
                    .policies
                    .retain(|policy| policy.contains("timeout") || policy.contains("fallback"));
            }
        });
        let whole = split.told();
        let text = split.toml();
        let one = "{ downstream = \"api\", count = 5 }";
        prop_assert!(text.contains(one));
        let two = format!(
            "{{ downstream = \"api\", count = {second} }}, {{ downstream = \"twin\", count = {} }}",
            5 - second
        );
        let text = text.replace(one, &two)
            + &format!("downstream.twin.latency = {{ {} }}\n", split.latency);
        let halves = super::told::told(&text);
        for (whole, halves) in whole.rows.iter().zip(&halves.rows) {
            let made = |row: &serde_json::Value, name: &str| {
                row["downstreams"][name]["attempts"]["made"]
                    .as_u64()
                    .unwrap()
            };
            prop_assert_eq!(
                made(whole, "api"),
                made(halves, "api") + made(halves, "twin")
            );
        }
        let tables = ["downstreams", "utilization"];
        same(&whole.without(&tables), &halves.without(&tables))?;
    }

    /// With random latencies the calls that stay keep theirs.
    #[test]
    fn calls_that_stay_with_their_service_keep_their_latencies(world in worlds()) {
        let world = world.but(|world| {
            world.calls = 4;
            world.service.clear();
            world.client.clear();
            world.faults.clear();
        });
        let world = world.under(&[Entry::of("kind = \"all-settled\"", &[])]);
        let one = "{ downstream = \"api\", count = 4 }";
        let two = "{ downstream = \"api\", count = 2 }, { downstream = \"twin\", count = 2 }";
        let text = world.toml().replace(one, two)
            + "downstream.twin.latency = { kind = \"exponential\", mean = \"1s\" }\n";
        let bars = |told: Told| {
            let mut bars = told.timelines[0].bars.clone();
            bars.retain(|bar| bar.call < 2);
            bars
        };
        prop_assert_eq!(bars(super::told::told(&text)), bars(world.told()));
    }

    #[test]
    fn a_window_around_everything_is_none(
        world in worlds(),
        fault in select(vec!["\"error\", probability = 0.3", "\"hang\"", "\"slow\", factor = 2.0"]),
    ) {
        let with = |window: &str| {
            let told = world
                .but(|world| world.faults.push(format!("kind = {fault}{window}")))
                .told();
            // Recovery counts from the end of a window.
            told.without(&["recover_ms"])
        };
        same(&with(""), &with(", during = [\"0s..10h\"]"))?;
        let every_call = format!(", calls = {:?}", (0..world.calls).collect::<Vec<_>>());
        same(&with(""), &with(&every_call))?;
    }

    #[test]
    fn backoffs_that_come_to_the_same_are_the_same(
        world in worlds(),
        kind in select(KINDS.to_vec()),
    ) {
        let with = |backoff: &str| {
            let retry = format!(
                "kind = \"retry\", attempts = 4, jitter = \"equal\", backoff = {{ {backoff} }}"
            );
            world.under(&[Entry::of(kind, &[&retry])]).told()
        };
        let constant = with("kind = \"constant\", base = \"8ms\"");
        same(
            &constant,
            &with("kind = \"exponential\", base = \"8ms\", factor = 1.0"),
        )?;
        same(
            &constant,
            &with("kind = \"linear\", base = \"8ms\", cap = \"8ms\""),
        )?;
    }

    #[test]
    fn so_many_failures_in_a_row_are_a_window_full_of_them(
        world in worlds(),
        kind in select(KINDS.to_vec()),
        count in 1_u32..5,
    ) {
        let with = |window: &str| {
            let breaker =
                format!("kind = \"circuit-breaker\", {window}, open = \"70ms\", probes = 2");
            world.under(&[Entry::of(kind, &[&breaker])]).told()
        };
        let full = format!("window = {count}, minimum = {count}, failure-ratio = 1.0");
        same(&with(&format!("consecutive = {count}")), &with(&full))?;
    }

    #[test]
    fn a_rate_that_does_not_change_is_one_stage(world in worlds()) {
        let open = |arrivals: &str, rest: &str| {
            world
                .but(|world| {
                    world.replications = 2;
                    world.workload =
                        format!("kind = \"open\", arrivals = {{ kind = {arrivals} }}, {rest}");
                })
                .told()
        };
        for kind in ["\"poisson\"", "\"constant\""] {
            let whole = open(&format!("{kind}, rate = \"16/s\""), "duration = \"1s\"");
            let stage = open(kind, "stages = [{ for = \"1s\", rate = \"16/s\" }]");
            same(&whole, &stage)?;
            let halves = "stages = [{ for = \"500ms\", rate = \"16/s\" }, \
                          { for = \"500ms\", rate = \"16/s\" }]";
            same(&whole, &open(kind, halves))?;
        }
    }
}

/// Policies with a state that somebody shares.
fn stateful() -> impl Strategy<Value = &'static str> {
    select(vec![
        "kind = \"circuit-breaker\", consecutive = 2, open = \"100ms\"",
        "kind = \"bulkhead\", limit = 2, queue = 1",
        "kind = \"rate-limit\", rate = \"50/s\", burst = 2",
        "kind = \"adaptive-limit\", algorithm = \"aimd\", initial = 2, min = 1",
        "kind = \"retry\", attempts = 3, budget = { deposit = 0.2, max = 2 }",
        "kind = \"hedge\", delay = \"30ms\", percentile = \"80%\", minimum-samples = 5",
    ])
}

fn scoped(world: &World, policy: &str, scope: &str) -> Told {
    let policy = format!("{policy}, scope = \"{scope}\"");
    world
        .under(&[Entry::of("kind = \"bounded\", limit = 3", &[&policy])])
        .told()
}
