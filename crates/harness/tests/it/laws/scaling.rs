//! Nothing in the lab has a time of its own: all times multiplied by the same are all results
//! multiplied by it, and no count changes.

use awaitlab_record::JobRow;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::told::{Told, told};

/// A job's counts, and its times.
fn counts_and_times(job: &JobRow) -> ([u64; 9], [Option<u64>; 5]) {
    let counts = [
        u64::from(job.row),
        job.replication,
        job.job,
        job.started,
        job.started_at_settle,
        job.succeeded,
        job.failed,
        job.cancelled,
        job.delivered,
    ];
    let [arrival, orphan, busy] = [job.arrival_ns, job.orphan_ns, job.busy_ns].map(Some);
    (counts, [arrival, job.settle_ns, job.drain_ns, orphan, busy])
}

/// With every `@5@` five times the unit, and `#rate#` 20 a second where that is a millisecond and
/// so much less where it is more.
fn in_units(text: &str, unit_us: u64) -> Told {
    let mut scaled = String::new();
    for (place, part) in text.split('@').enumerate() {
        match place % 2 {
            0 => scaled.push_str(part),
            _ => scaled.push_str(&format!("\"{}us\"", part.parse::<u64>().unwrap() * unit_us)),
        }
    }
    told(&scaled.replace("#rate#", &format!("{}/m", 1_200_000 / unit_us)))
}

fn world() -> impl Strategy<Value = String> {
    let latency = select(vec![
        "kind = \"list\", values = [@31@, @7@, [@120@, @3@], @59@, @5@]",
        "kind = \"constant\", value = @50@",
    ]);
    let service = select(vec![
        "",
        ", workers = 2, queue = { limit = 3, expire = @80@ }",
        ", network = { kind = \"constant\", value = @2@ }",
    ]);
    let policies = select(vec![
        "",
        "{ kind = \"timeout\", after = @90@ }",
        "{ kind = \"retry\", attempts = 3, \
         backoff = { kind = \"exponential\", base = @10@, cap = @15@ } }, \
         { kind = \"timeout\", after = @45@ }",
        "{ kind = \"hedge\", delay = @20@, max-extra = 2 }",
        "{ kind = \"circuit-breaker\", window = @300@, minimum = 2, open = @150@, probes = 1 }",
        "{ kind = \"rate-limit\", limit = 2, window = @100@ }",
        "{ kind = \"bulkhead\", limit = 2, max-wait = @30@ }",
    ]);
    let workload = select(vec![
        "kind = \"isolated\"",
        "kind = \"burst\", jobs = 9",
        "kind = \"open\", arrivals = { kind = \"constant\", rate = \"#rate#\" }, duration = @1000@",
        "kind = \"closed\", users = 3, think = { kind = \"constant\", value = @40@ }, \
         duration = @700@",
    ]);
    let client = select(vec![
        "",
        "connections = 2, acquire-timeout = @35@",
        "event-loop = { per-call = @3@ }",
    ]);
    (latency, service, policies, workload, client).prop_map(
        |(latency, service, policies, workload, client)| {
            format!(
                "replications = 2\njob = {{ calls = 4, give-up = @400@ }}\n\
                 downstream.api = {{ latency = {{ {latency} }}{service} }}\n\
                 client = {{ {client} }}\nworkload = {{ {workload} }}\n\
                 fault = [{{ kind = \"error\", probability = 0.2, after = @4@ }}, \
                 {{ kind = \"slow\", add = @11@, during = {{ every = @100@, for = @30@ }} }}]\n\
                 strategy = [{{ name = \"a\", kind = \"all\", policies = [{policies}] }}, \
                 {{ name = \"b\", kind = \"bounded\", limit = 2, policies = [{policies}] }}]\n"
            )
        },
    )
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn all_times_multiplied_are_all_results_multiplied(
        world in world(),
        times in select(vec![2_u64, 3, 5, 8, 10]),
    ) {
        let (one, many) = (in_units(&world, 1000), in_units(&world, 1000 * times));
        prop_assert_eq!(one.jobs.len(), many.jobs.len());
        for (one, many) in one.jobs.iter().zip(&many.jobs) {
            let ((counts, short), (same_counts, long)) =
                (counts_and_times(one), counts_and_times(many));
            prop_assert_eq!((counts, one.status), (same_counts, many.status));
            prop_assert_eq!(short.map(|ns| ns.map(|ns| ns * times)), long);
        }
        for (one, many) in one.rows.iter().zip(&many.rows) {
            for same in [
                "attempts",
                "calls",
                "success_rate",
                "traits",
                "call_errors",
                "amplification",
                "utilization",
            ] {
                prop_assert_eq!(&one[same], &many[same]);
            }
        }
    }

    /// Random latencies are rounded to nanoseconds after they have been scaled: a few of them in
    /// each job, a nanosecond each.
    #[test]
    fn random_times_multiplied_are_results_multiplied_but_for_rounding(
        latency in select(vec![
            "kind = \"exponential\", mean = @40@",
            "kind = \"log-normal\", median = @30@, p99 = @300@",
            "kind = \"uniform\", min = @10@, max = @90@",
            "kind = \"weibull\", scale = @50@, shape = 0.7",
            "kind = \"pareto\", minimum = @30@, alpha = 2.5",
            "kind = \"erlang\", mean = @50@, stages = 3",
        ]),
        times in 2_u64..9,
        seed in 0_u64..1000,
    ) {
        let text = format!(
            "seed = {seed}\nreplications = 20\njob.calls = 4\n\
             downstream.api = {{ latency = {{ {latency} }} }}\n\
             fault = [{{ kind = \"error\", probability = 0.2 }}]\n\
             strategy = [{{ name = \"a\", kind = \"bounded\", limit = 2, policies = [\
             {{ kind = \"retry\", attempts = 2, jitter = \"full\", \
             backoff = {{ kind = \"constant\", base = @10@ }} }}] }}]\n"
        );
        let (one, many) = (in_units(&text, 1000), in_units(&text, 1000 * times));
        for (one, many) in one.jobs.iter().zip(&many.jobs) {
            let ((counts, short), (same_counts, long)) =
                (counts_and_times(one), counts_and_times(many));
            prop_assert_eq!((counts, one.status), (same_counts, many.status));
            for (short, long) in short.into_iter().zip(long) {
                let off = short.unwrap() * times;
                prop_assert!(
                    off.abs_diff(long.unwrap()) <= 16 * times,
                    "{one:?} and {many:?}"
                );
            }
        }
    }
}
