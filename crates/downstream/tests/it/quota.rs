//! The quota, the network, and what a partition swallows.

use std::time::Duration;

use awaitlab_core::{Purpose, Streams};
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{QueueSpec, RateLimit};

use crate::lab::{Lab, Script, Times, attempt, constant, workers};

/// 8 a second, 5 at once.
const QUOTA: RateLimit = RateLimit {
    interval: Duration::from_millis(125),
    burst: 5,
    reject_latency: Duration::from_millis(5),
};

fn limited() -> ServiceSpec<Times> {
    ServiceSpec {
        rate_limit: Some(QUOTA),
        ..ServiceSpec::unlimited(constant(100))
    }
}

/// `bucket:burst_settled` of real Node: 5 of 20 are served, everything is over at 100 ms.
#[test]
fn of_twenty_at_once_the_bucket_lets_five_through() {
    let lab = Lab::new(limited());
    (0..20).for_each(|call| lab.send(0, call));
    let seen = lab.transcript();
    let count = |line: &str| seen.iter().filter(|seen| seen.ends_with(line)).count();
    assert_eq!(count("refused"), 15);
    assert_eq!(count("throttled 429, again in 125 ms"), 15);
    assert_eq!(seen[15], "5 c5 throttled 429, again in 125 ms");
    assert_eq!(
        seen[30..],
        [
            "100 c0 ok",
            "100 c1 ok",
            "100 c2 ok",
            "100 c3 ok",
            "100 c4 ok"
        ]
    );
}

#[test]
fn a_refusal_names_the_time_to_the_next_token_and_it_is_there_then() {
    let lab = Lab::new(limited());
    (0..5).for_each(|call| lab.send(0, call));
    // At 100 ms the next token is 25 ms away; at 125 ms it is there, once.
    lab.send(100, 5);
    lab.send(125, 6);
    lab.send(125, 7);
    let seen = lab.transcript();
    let of = |call: &str| {
        let own = |line: &&String| line.contains(call) && !line.contains("refused");
        seen.iter().find(own).cloned().unwrap()
    };
    assert_eq!(of("c5"), "105 c5 throttled 429, again in 25 ms");
    assert_eq!(of("c6"), "225 c6 ok");
    assert_eq!(of("c7"), "130 c7 throttled 429, again in 125 ms");
}

#[test]
fn every_message_takes_its_leg_and_a_refusal_takes_both() {
    let quota = RateLimit { burst: 1, ..QUOTA };
    let lab = Lab::new(ServiceSpec {
        network: Some(constant(20)),
        rate_limit: Some(quota),
        ..ServiceSpec::unlimited(constant(100))
    });
    lab.send(0, 0);
    lab.send(0, 1);
    assert_eq!(
        lab.transcript(),
        [
            "20 c1 refused",
            "45 c1 throttled 429, again in 125 ms", // 20 + 5 + 20
            "140 c0 ok"                             // 20 + 100 + 20
        ]
    );
}

#[test]
fn the_two_legs_are_drawn_apart() {
    let lab = Lab::new(ServiceSpec {
        network: Some(Times::Exponential(1e7)),
        ..workers(constant(100), 1, QueueSpec::default())
    });
    lab.send(0, 0);
    let seen = lab.transcript();
    let end: f64 = seen[0].split(' ').next().unwrap().parse().unwrap();
    let streams = Streams::new(1, 0);
    let leg = |purpose| {
        let mut draws = streams.stream(purpose, 0).draws(&attempt(0));
        (-1e7 * draws.uniform().ln()) as u64
    };
    let (there, back) = (leg(Purpose::RequestLeg), leg(Purpose::ResponseLeg));
    assert_ne!(there, back);
    assert_eq!(end, (there + 100_000_000 + back) as f64 / 1e6);
}

#[test]
fn a_message_sent_into_a_partition_never_arrives() {
    let faults = Script {
        lost: vec![(50, 60)],
        ..Script::default()
    };
    let spec = |network| ServiceSpec {
        network,
        ..ServiceSpec::unlimited(constant(40))
    };
    let sends = |lab: &Lab| {
        // Answered before it; sent in it; its answer is sent in it; sent as it ends.
        [(5, 0), (50, 1), (15, 2), (60, 3)]
            .into_iter()
            .for_each(|(at, call)| lab.send(at, call));
    };
    let lab = Lab::with_faults(spec(None), faults.clone());
    sends(&lab);
    assert_eq!(lab.transcript(), ["45 c0 ok", "100 c3 ok"]);
    // With 4 ms on the way call 0 is answered at 5 + 4 + 40 = 49 ms, and that answer is on its way
    // when the partition begins: it arrives.
    let lab = Lab::with_faults(spec(Some(constant(4))), faults);
    sends(&lab);
    assert_eq!(lab.transcript(), ["53 c0 ok", "108 c3 ok"]);
}

#[test]
fn quota_and_queue_stand_behind_each_other() {
    let quota = RateLimit { burst: 2, ..QUOTA };
    let queue = QueueSpec {
        limit: Some(0),
        ..QueueSpec::default()
    };
    let lab = Lab::new(ServiceSpec {
        rate_limit: Some(quota),
        ..workers(constant(100), 1, queue)
    });
    (0..3).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "0 c1 refused", // a token, but no place
            "0 c2 refused", // no token left
            "0 c1 unavailable 503",
            "5 c2 throttled 429, again in 125 ms",
            "100 c0 ok"
        ]
    );
}
