//! Services that push back and work that keeps arriving, as they are meant.

use std::time::Duration;

use awaitlab_client::{ClientSpec, UnhandledRejections};
use awaitlab_downstream::spec::{
    Balance, Discipline, OnCancel, QueueSpec, RateLimit, Sees, ServiceSpec, Slowdown,
};
use awaitlab_faults::Kind;
use awaitlab_latency::Model;
use awaitlab_scenario::{Analysis, Scenario};
use awaitlab_workload::{Arrivals, Stage, Workload};

use crate::story::{all, parse, with};

const LATENCY: &str = r#"latency = { kind = "constant", value = "500ms" }"#;
const SECOND: Duration = Duration::from_secs(1);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The story with these lines in the place of its replications, and more keys of its service.
#[track_caller]
fn read(top: &str, service: &str) -> Scenario {
    let text = with("replications = 100", top).replace(LATENCY, &format!("{LATENCY}\n{service}"));
    parse(&text).unwrap_or_else(|errors| panic!("{}", all(&errors)))
}

#[track_caller]
fn service(keys: &str) -> ServiceSpec<Model> {
    let scenario = read("seed = 1", keys);
    scenario.variants[0].downstreams[0].service.clone()
}

#[test]
fn a_service_without_limits_is_unlimited() {
    let plain = service("");
    assert_eq!(
        plain,
        ServiceSpec::unlimited(plain.replicas[0].latency.clone())
    );
}

#[test]
fn every_limit_of_a_service_is_read() {
    let api = service(
        r#"workers = 8
        queue = { limit = 100, discipline = "lifo", expire = "1s" }
        network = { kind = "exponential", mean = "2ms" }
        slowdown = { kind = "linear", at = 50, factor = 2.0 }
        rate-limit = { rate = "100/s", burst = 20, reject-latency = "5ms" }
        in-flight-limit = 100
        on-cancel = "stop"
        item = "versioned""#,
    );
    let [replica] = &api.replicas[..] else {
        panic!("one replica")
    };
    assert_eq!(replica.workers, Some(8));
    let queue = QueueSpec {
        limit: Some(100),
        discipline: Discipline::Lifo,
        expire: Some(SECOND),
    };
    assert_eq!(replica.queue, queue);
    assert_eq!(
        replica.slowdown,
        Some(Slowdown::Linear {
            at: 50,
            factor: 2.0
        })
    );
    assert_eq!(api.network.as_ref().unwrap().mean(), ms(2));
    let quota = RateLimit {
        interval: ms(10),
        burst: 20,
        reject_latency: ms(5),
    };
    assert_eq!(api.rate_limit, Some(quota));
    assert_eq!(api.in_flight_limit, Some(100));
    assert_eq!(api.on_cancel, OnCancel::Stop);
    assert!(api.versioned_item);
}

/// 0.8/s is a token every 1.25 s; 3/s, one every third of a second, to the nanosecond.
#[test]
fn a_quota_holds_one_token_and_refuses_at_once_unless_it_says_otherwise() {
    for (rate, nanos) in [
        ("0.8/s", 1_250_000_000),
        ("3/s", 333_333_333),
        ("6/m", 10_000_000_000),
    ] {
        let quota = RateLimit {
            interval: Duration::from_nanos(nanos),
            burst: 1,
            reject_latency: Duration::ZERO,
        };
        let api = service(&format!("rate-limit = {{ rate = \"{rate}\" }}"));
        assert_eq!(api.rate_limit, Some(quota), "{rate}");
    }
}

#[test]
fn a_replica_has_its_own_keys_and_the_others_of_its_service() {
    let api = service(
        r#"workers = 4
        queue = { limit = 10 }
        slowdown = { kind = "knee", at = 3, beyond = 5 }
        replicas = 3
        balance = "power-of-two"
        sees = "client"
        [downstream.api.replica.2]
        latency = { kind = "constant", value = "5s" }
        workers = 1
        [downstream.api.replica.0]
        queue = { discipline = "lifo" }"#,
    );
    assert_eq!((api.balance, api.sees), (Balance::PowerOfTwo, Sees::Client));
    let means: Vec<Duration> = api.replicas.iter().map(|r| r.latency.mean()).collect();
    assert_eq!(means, [ms(500), ms(500), ms(5000)]);
    let workers: Vec<_> = api.replicas.iter().map(|r| r.workers.unwrap()).collect();
    assert_eq!(workers, [4, 4, 1]);
    // A queue of its own is a whole one: it has no limit.
    let limits: Vec<_> = api.replicas.iter().map(|r| r.queue.limit).collect();
    assert_eq!(limits, [None, Some(10), Some(10)]);
    let knee = Some(Slowdown::Knee { at: 3, beyond: 5.0 });
    assert!(api.replicas.iter().all(|replica| replica.slowdown == knee));
}

#[test]
fn a_client_is_one_process_without_limits_unless_it_says_otherwise() {
    let client = |table: &str| read(table, "").variants[0].client;
    assert_eq!(client("client = {}"), ClientSpec::default());
    let given = client(
        r#"client = { count = 3, connections = 10, acquire-timeout = "250ms", event-loop = { per-call = "2ms" }, unhandled-rejections = "throw", restart-after = "1s" }"#,
    );
    let expected = ClientSpec {
        count: 3,
        connections: Some(10),
        acquire_timeout: Some(ms(250)),
        per_call: Some(ms(2)),
        unhandled_rejections: UnhandledRejections::Throw,
        restart_after: Some(SECOND),
    };
    assert_eq!(given, expected);
}

#[test]
fn a_ramp_begins_at_the_rate_before_it() {
    let scenario = read(
        r#"workload = { kind = "open", arrivals = { kind = "constant" }, stages = [{ for = "10s", to = "40/s" }, { for = "20s", rate = "40/s" }, { for = "5s", rate = "80/s" }, { for = "1m", to = "0/s" }] }"#,
        "",
    );
    let Workload::Open { arrivals, stages } = &scenario.variants[0].workload else {
        panic!("an open one")
    };
    assert_eq!(*arrivals, Arrivals::Constant);
    let stage = |s: u32, from_per_s: f64, to_per_s: f64| Stage {
        lasts: s * SECOND,
        from_per_s,
        to_per_s,
    };
    let expected = [
        stage(10, 0.0, 40.0),
        stage(20, 40.0, 40.0),
        stage(5, 80.0, 80.0),
        stage(60, 80.0, 0.0),
    ];
    assert_eq!(stages, &expected);
}

#[test]
fn every_kind_of_workload_is_read() {
    let workload = |table: &str| {
        read(&format!("workload = {table}"), "").variants[0]
            .workload
            .clone()
    };
    assert_eq!(workload("{}"), Workload::Isolated);
    assert_eq!(
        workload(r#"{ kind = "burst", jobs = 1000 }"#),
        Workload::Burst { jobs: 1000 }
    );
    let open = workload(
        r#"{ kind = "open", arrivals = { kind = "poisson", rate = "200/s" }, duration = "60s" }"#,
    );
    let stages = vec![Stage {
        lasts: 60 * SECOND,
        from_per_s: 200.0,
        to_per_s: 200.0,
    }];
    let arrivals = Arrivals::Poisson;
    assert_eq!(open, Workload::Open { arrivals, stages });
    let closed = workload(
        r#"{ kind = "closed", users = 50, think = { kind = "exponential", mean = "1s" }, duration = "60s" }"#,
    );
    let Workload::Closed {
        users,
        think,
        duration,
    } = closed
    else {
        panic!("a closed one")
    };
    assert_eq!((users, think.mean(), duration), (50, SECOND, 60 * SECOND));
}

#[test]
fn a_variant_brings_a_workload_and_a_client_of_its_own() {
    let text = with(
        "name = \"one fails\"",
        "name = \"one fails\"\nclient = { count = 2 }\nworkload = { kind = \"burst\", jobs = 9 }",
    )
    .replace("replications = 100", "client = { connections = 5 }");
    let scenario = parse(&text).unwrap();
    let [healthy, fails] = &scenario.variants[..] else {
        panic!("two variants")
    };
    assert_eq!(healthy.client.connections, Some(5));
    assert_eq!((fails.client.connections, fails.client.count), (None, 2));
    assert_eq!(healthy.workload, Workload::Isolated);
    assert_eq!(fails.workload, Workload::Burst { jobs: 9 });
    // Some of its replications are many jobs.
    assert_eq!(scenario.replications, 20);
}

#[test]
fn every_kind_of_fault_is_read() {
    let kinds = |faults: &str| -> Vec<String> {
        let text = with("[[fault]]\nkind = \"error\"\ncalls = [1]\n", faults);
        let scenario = parse(&text).unwrap_or_else(|errors| panic!("{}", all(&errors)));
        let faults = &scenario.variants[1].faults;
        faults
            .iter()
            .map(|rule| rule.kind().name().to_owned())
            .collect()
    };
    let read = kinds(
        r#"
        [[fault]]
        kind = "error"
        status = 503
        retry-after = "2s"
        during = { on = "200ms", off = "10s" }
        [[fault]]
        kind = "crash"
        restart = "5s"
        during = ["10s..20s"]
        [[fault]]
        kind = "pause"
        replica = 0
        during = { every = "30s", for = "200ms" }
        [[fault]]
        kind = "partition"
        probability = 0.5
        calls = [1]
        [[fault]]
        kind = "capacity"
        workers = 0
        downstream = "api"
        during = ["1s..2s"]
        [[fault]]
        kind = "stall"
        probability = 0.1
        latency = { kind = "exponential", mean = "1s" }
        "#,
    );
    assert_eq!(
        read,
        ["error", "crash", "pause", "partition", "capacity", "stall"]
    );
    let stall = with(
        "kind = \"error\"\ncalls = [1]",
        "kind = \"stall\"\nlatency = { kind = \"constant\", value = \"3s\" }",
    );
    let scenario = parse(&stall).unwrap();
    let Kind::Stall(stall) = scenario.variants[1].faults[0].kind() else {
        panic!("a stall")
    };
    assert_eq!(stall.add().mean(), 3 * SECOND);
}

const POISSON: &str = r#"workload = { kind = "open", arrivals = { kind = "poisson", rate = "2/s" }, duration = "60s" }"#;

/// What the last variant is analysed as, and the notes.
fn analysis(top: &str, service: &str) -> (Analysis, Vec<String>) {
    // The story's fault has no windows; its job makes 3 calls of 500 ms.
    let scenario = read(top, service);
    (scenario.variants[1].analysis, scenario.notes)
}

#[test]
fn a_stationary_workload_below_its_capacity_is_a_steady_state() {
    let (of, notes) = analysis(POISSON, "");
    assert_eq!(of, Analysis::SteadyState { warm_up: 0.2 });
    let note = "steady-state: jobs arriving in the first 20 % of 60 s are left out";
    assert_eq!(notes, [note]);
    let (of, notes) = analysis(&format!("warm-up = \"7%\"\n{POISSON}"), "");
    assert_eq!(of, Analysis::SteadyState { warm_up: 0.07 });
    assert!(notes[0].contains("first 7 % of 60 s"), "{notes:?}");
    let closed = r#"workload = { kind = "closed", users = 9, think = { kind = "constant", value = "1s" }, duration = "60s" }"#;
    assert_eq!(
        analysis(closed, "workers = 1").0,
        Analysis::SteadyState { warm_up: 0.2 }
    );
}

/// 2 jobs/s x 3 calls x 0.5 s = 3 busy workers.
#[test]
fn a_load_of_1_or_more_has_no_steady_state() {
    let steady = Analysis::SteadyState { warm_up: 0.2 };
    assert_eq!(analysis(POISSON, "workers = 4").0, steady);
    let (of, notes) = analysis(POISSON, "workers = 3");
    assert_eq!(of, Analysis::Terminating);
    let note = "terminating, nothing is left out: the load of \"api\" is 1.00";
    assert_eq!(notes, [note]);
    assert_eq!(analysis(POISSON, "workers = 2\nreplicas = 2").0, steady);
    // Half of the calls, 1.5 busy workers, go to the replica that has one.
    let uneven = "workers = 9\nreplicas = 2\nreplica.1 = { workers = 1 }";
    let (of, notes) = analysis(POISSON, uneven);
    assert_eq!(of, Analysis::Terminating);
    assert!(notes[0].ends_with("is 1.50"), "{notes:?}");
    let balanced = format!("{uneven}\nbalance = \"least-in-flight\"");
    assert_eq!(analysis(POISSON, &balanced).0, steady);
}

/// 6 calls/s of 0.5 s.
#[test]
fn what_makes_a_service_slower_counts() {
    let load = |service: &str| {
        let (of, notes) = analysis(POISSON, service);
        assert_eq!(of, Analysis::Terminating, "{service}");
        notes[0].rsplit(' ').next().unwrap().to_owned()
    };
    // All 4 busy at twice the time: 3 x 2 / 4.
    let linear = "slowdown = { kind = \"linear\", at = 4, factor = 2 }";
    assert_eq!(load(&format!("workers = 4\n{linear}")), "1.50");
    let knee = "slowdown = { kind = \"knee\", at = 2, beyond = 2 }";
    assert_eq!(load(&format!("workers = 4\n{knee}")), "1.50");
    // A read and a write each.
    assert_eq!(load("workers = 4\nitem = \"versioned\""), "1.50");
    // Without workers: at most 2 / (0.5 s x (2 - 1)) = 4 per second.
    let unlimited = "slowdown = { kind = \"linear\", at = 2, factor = 2 }";
    assert_eq!(load(unlimited), "1.50");
    let steady = Analysis::SteadyState { warm_up: 0.2 };
    let harmless = "slowdown = { kind = \"knee\", at = 2, beyond = 9 }";
    assert_eq!(analysis(POISSON, harmless).0, steady);
}

/// In the second variant: one of three calls is struck.
#[test]
fn faults_that_always_hold_count() {
    let load = |fault: &str| {
        let text = with("replications = 100", POISSON)
            .replace(LATENCY, &format!("{LATENCY}\nworkers = 4"))
            .replace("kind = \"error\"\ncalls = [1]", fault);
        let scenario = parse(&text).unwrap_or_else(|errors| panic!("{}", all(&errors)));
        scenario
            .notes
            .last()
            .unwrap()
            .rsplit(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    // 6/s x (2/3 x 0.5 s + 1/3 x 2 s) = 6 busy of 4.
    let slow = "kind = \"slow\"\nfactor = 2\nadd = \"1s\"\ncalls = [1]";
    assert_eq!(load(slow), "1.50");
    // 6/s x (0.5 s + half of 1 s) = 6 busy of 4.
    let stall =
        "kind = \"stall\"\nprobability = 0.5\nlatency = { kind = \"exponential\", mean = \"1s\" }";
    assert_eq!(load(stall), "1.50");
    // Each takes a worker with it.
    assert_eq!(load("kind = \"hang\"\nprobability = 0.001"), "ever");
    assert_eq!(load("kind = \"hang\"\nprobability = 0"), "out");
}

/// 6 calls/s: 3 connections are held all the time, and a loop that takes 1/6 s for each is busy.
#[test]
fn the_client_can_be_overloaded_too() {
    let with_client = |client: &str| analysis(&format!("{POISSON}\nclient = {client}"), "");
    let steady = Analysis::SteadyState { warm_up: 0.2 };
    assert_eq!(with_client("{ connections = 4 }").0, steady);
    assert_eq!(with_client("{ connections = 2, count = 2 }").0, steady);
    let (of, notes) = with_client("{ connections = 2 }");
    assert_eq!(of, Analysis::Terminating);
    assert!(
        notes[0].contains("connections to \"api\" is 1.50"),
        "{notes:?}"
    );
    let (of, notes) = with_client("{ event-loop = { per-call = \"200ms\" } }");
    assert_eq!(of, Analysis::Terminating);
    assert!(notes[0].contains("event loop is 1.20"), "{notes:?}");
}

#[test]
fn what_varies_in_time_is_terminating_unless_the_scenario_says_otherwise() {
    let ramp = r#"workload = { kind = "open", arrivals = { kind = "poisson" }, stages = [{ for = "10s", rate = "1/s" }, { for = "10s", to = "2/s" }] }"#;
    let (of, notes) = analysis(ramp, "");
    assert_eq!(of, Analysis::Terminating);
    assert!(
        notes[0].ends_with("the rate of arrivals changes"),
        "{notes:?}"
    );
    let level = ramp.replace("to = \"2/s\"", "rate = \"1/s\"");
    assert_eq!(
        analysis(&level, "").0,
        Analysis::SteadyState { warm_up: 0.2 }
    );
    let asked = format!("analysis = \"steady-state\"\n{ramp}");
    assert_eq!(
        analysis(&asked, "").0,
        Analysis::SteadyState { warm_up: 0.2 }
    );
    let asked = format!("analysis = \"terminating\"\n{POISSON}");
    assert_eq!(analysis(&asked, "").0, Analysis::Terminating);
    let burst = "workload = { kind = \"burst\", jobs = 9 }";
    assert_eq!(analysis(burst, "").0, Analysis::Terminating);
}

#[test]
fn variants_that_differ_are_noted_one_by_one() {
    let text = with("replications = 100", POISSON)
        .replace("calls = [1]", "during = { on = \"1s\", off = \"9s\" }");
    let scenario = parse(&text).unwrap();
    let analyses: Vec<Analysis> = scenario.variants.iter().map(|v| v.analysis).collect();
    assert_eq!(
        analyses,
        [
            Analysis::SteadyState { warm_up: 0.2 },
            Analysis::Terminating
        ]
    );
    let [healthy, fails] = &scenario.notes[..] else {
        panic!("{:?}", scenario.notes)
    };
    assert!(
        healthy.starts_with("\"healthy\": steady-state"),
        "{healthy}"
    );
    assert!(
        fails.starts_with("\"one fails\": terminating")
            && fails.ends_with("a fault comes and goes"),
        "{fails}"
    );
}

#[test]
fn a_precision_makes_of_replications_their_maximum() {
    let read = |top: &str| parse(&with("replications = 100", top)).unwrap();
    let plain = read("replications = 100");
    assert_eq!((plain.precision, plain.replications), (None, 100));
    let bounded = read("replications = 100\nprecision = \"2%\"");
    assert_eq!((bounded.precision, bounded.replications), (Some(0.02), 100));
    assert_eq!(read("precision = \"2%\"").replications, 1_000_000);
    let open = "precision = \"2.5%\"\nworkload = { kind = \"open\", duration = \"10s\", \
                arrivals = { kind = \"poisson\", rate = \"10/s\" } }";
    assert_eq!(read(open).replications, 1_000);
    // 10^9 jobs at most: two variants x two strategies x 10^6 jobs leave room for 250.
    let long = open.replace("10s", "100000s");
    assert_eq!(read(&long).replications, 250);
}

/// Ten a second at a worker who takes 50 ms: a load of 0.5, before anything is tried again.
fn retried(error: &str, policies: &str) -> Scenario {
    let top = "workload = { kind = \"open\", duration = \"60s\", \
               arrivals = { kind = \"poisson\", rate = \"10/s\" } }";
    let text = with("replications = 100", top)
        .replace("500ms", "50ms")
        .replace(LATENCY, "")
        .replace("job = { calls = 3 }", "job = { calls = 1 }")
        .replace("calls = [1]", error)
        .replace(
            "latency = { kind = \"constant\", value = \"50ms\" }",
            "latency = { kind = \"constant\", value = \"50ms\" }\nworkers = 1",
        )
        .replace(
            "kind = \"bounded\"\nlimit = 2",
            &format!("kind = \"all\"\npolicies = [{policies}]"),
        );
    parse(&text).unwrap_or_else(|errors| panic!("{}", all(&errors)))
}

#[test]
fn the_load_of_retries_decides_where_it_is_known_and_is_doubted_where_it_is_not() {
    let retry =
        r#"{ kind = "retry", attempts = 4, backoff = { kind = "constant", base = "1ms" } }"#;
    // Nothing fails in "healthy". 60 % fail: 1 + 0.6 + 0.36 + 0.216 attempts, a load of 1.09.
    let failing = retried("probability = 0.6", retry);
    let analyses: Vec<Analysis> = failing.variants.iter().map(|v| v.analysis).collect();
    assert_eq!(analyses[0], Analysis::SteadyState { warm_up: 0.2 });
    assert_eq!(analyses[1], Analysis::Terminating);
    let why = "with the retries of \"Two at a time\" the load of \"api\" is 1.09";
    assert!(failing.notes[1].contains(why), "{:?}", failing.notes);
    let doubt = "; the load of \"api\" is 0.50 before retries and hedges, and those of \"Two at a \
                 time\" could take it to 1 and beyond";
    assert!(failing.notes[0].ends_with(doubt), "{:?}", failing.notes);
    // 30 %: 1 + 0.3 + 0.09 + 0.027, a load of 0.71. Twice at most: 1.0, which some time would be.
    let seldom = retried("probability = 0.3", retry);
    assert_eq!(seldom.variants[1].analysis, analyses[0]);
    let once = retried(
        "probability = 0.3",
        "{ kind = \"timeout\", after = \"1s\" }",
    );
    assert!(once.notes[0].ends_with("left out"), "{:?}", once.notes);
}
