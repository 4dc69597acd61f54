//! Which replica an attempt goes to.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_core::{AttemptId, Faults, Instant, Ledger, Runtime, Streams, Verdict};
use awaitlab_downstream::spec::{Balance, QueueSpec, ReplicaSpec, Sees};
use awaitlab_downstream::{Service, ServiceSpec};
use awaitlab_engine::Engine;

use crate::lab::{Lab, Times, attempt, constant, ms, workers};

/// Replicas told apart by their latency in ms.
fn service(balance: Balance, sees: Sees, latencies: &[u64]) -> ServiceSpec<Times> {
    ServiceSpec {
        replicas: latencies
            .iter()
            .map(|&latency| ReplicaSpec::unlimited(constant(latency)))
            .collect(),
        balance,
        sees,
        ..ServiceSpec::unlimited(constant(0))
    }
}

/// Instants in ms at which the calls were answered, by call.
fn answered(seen: &[String]) -> Vec<u64> {
    let mut by_call: Vec<(u32, u64)> = seen
        .iter()
        .map(|line| {
            let mut words = line.split(' ');
            let at = words.next().unwrap().parse().unwrap();
            (words.next().unwrap()[1..].parse().unwrap(), at)
        })
        .collect();
    by_call.sort_unstable();
    by_call.into_iter().map(|(_, at)| at).collect()
}

#[test]
fn round_robin_goes_round_for_the_service_or_for_each_client() {
    let clients = |sees| {
        let lab = Lab::new(service(Balance::RoundRobin, sees, &[100, 200, 300]));
        for call in 0..4 {
            lab.send_from(0, 0, call);
        }
        for call in 4..6 {
            lab.send_from(1, 0, call);
        }
        answered(&lab.transcript())
    };
    assert_eq!(clients(Sees::Service), [100, 200, 300, 100, 200, 300]);
    assert_eq!(
        clients(Sees::Client),
        [100, 200, 300, 100, 200, 300],
        "client 1 begins at the second replica"
    );
}

#[test]
fn least_in_flight_counts_all_clients_or_its_own() {
    let seen_by_client_1 = |sees| {
        let lab = Lab::new(service(Balance::LeastInFlight, sees, &[100, 200]));
        // Client 0 has one attempt at each replica, and the fast one is answered at 100 ms.
        lab.send_from(0, 0, 0);
        lab.send_from(0, 0, 1);
        // From then on only the slow one is in flight: two more.
        lab.send_from(1, 110, 2);
        lab.send_from(1, 111, 3);
        let at = answered(&lab.transcript());
        assert_eq!(at[0].min(at[1]), 100, "one at each");
        assert_eq!(at[0].max(at[1]), 200);
        (at[2], at[3])
    };
    // All: fast 0, slow 1, so fast; then a tie of 1 and 1.
    let (first, second) = seen_by_client_1(Sees::Service);
    assert_eq!(first, 210);
    assert!([211, 311].contains(&second));
    // Its own: a tie of 0 and 0, then the other one.
    let (first, second) = seen_by_client_1(Sees::Client);
    let other = if first == 210 { 311 } else { 211 };
    assert_eq!(second, other);
}

#[test]
fn a_refused_attempt_is_in_flight_no_more_before_its_answer_is_back() {
    let queue = QueueSpec {
        limit: Some(0),
        ..QueueSpec::default()
    };
    let one = workers(constant(1000), 1, queue).replicas.remove(0);
    let spec = ServiceSpec {
        replicas: vec![one.clone(), one],
        network: Some(constant(10)),
        balance: Balance::LeastInFlight,
        ..ServiceSpec::unlimited(constant(0))
    };
    // Calls 0 and 1 take both replicas. Call 2, sent at 100 ms, is refused at 110 ms. When call 3 is
    // sent at 115 ms that answer is still on its way; were it counted, call 3 would always go to the
    // other replica. So it goes to either.
    let to_same_replica = |seed: &u64| {
        let sends = [(0, 0), (0, 1), (100, 2), (115, 3)];
        let replicas = chosen(spec.clone(), *seed, &sends);
        replicas[2] == replicas[3]
    };
    let same = (0..200).filter(to_same_replica).count();
    // Standard deviation: sqrt(200 / 4) = 7.
    assert!((70..130).contains(&same), "{same} of 200");
}

/// Notes where attempts arrive.
#[derive(Clone, Default)]
struct Judged(Rc<RefCell<Vec<u32>>>);

impl Faults for Judged {
    fn begin_replication(&self, _: Streams) {}

    fn judge(&self, _: &AttemptId, replica: u32, _: Instant) -> Verdict {
        self.0.borrow_mut().push(replica);
        Verdict::Serve
    }
}

#[derive(Clone)]
struct Silent;

impl Ledger for Silent {
    fn refused(&self) {}

    fn queued_for(&self, _: u64) {}
}

/// The replica of each call, of calls sent at these instants in ms.
fn chosen(spec: ServiceSpec<Times>, seed: u64, sends: &[(u64, u32)]) -> Vec<u32> {
    let engine = Engine::new();
    let faults = Judged::default();
    let replicas = faults.0.clone();
    let service = Service::new(engine.handle().clone(), 0, 1, spec, faults);
    service.begin_replication(Streams::new(seed, 0));
    for &(send_ms, call) in sends {
        let (runtime, service) = (engine.handle().clone(), service.clone());
        engine.handle().spawn(async move {
            runtime.sleep(ms(send_ms)).await;
            let _ = service.serve(attempt(call), 0, Silent).await;
        });
    }
    engine.run();
    replicas.take()
}

#[test]
fn an_idle_service_is_used_evenly_by_every_balancing() {
    let shares = |balance| {
        let spec = service(balance, Sees::Service, &[1, 1, 1]);
        // Each is answered before the next is sent.
        let sends: Vec<_> = (0..3000).map(|call| (u64::from(call) * 2, call)).collect();
        let chosen = chosen(spec, 1, &sends);
        [0, 1, 2].map(|replica| chosen.iter().filter(|&&of| of == replica).count())
    };
    assert_eq!(shares(Balance::RoundRobin), [1000; 3]);
    // Standard deviation of a share: sqrt(3000 x 1/3 x 2/3) = 26.
    for balance in [Balance::Random, Balance::LeastInFlight, Balance::PowerOfTwo] {
        let shares = shares(balance);
        let even = shares.iter().all(|share| (900..1100).contains(share));
        assert!(even, "{balance:?}: {shares:?}");
    }
}

#[test]
fn the_two_of_power_of_two_are_different_and_the_emptier_is_taken() {
    let spec = service(Balance::PowerOfTwo, Sees::Service, &[1000, 1000]);
    let sends: Vec<_> = (0..100).map(|call| (0, call)).collect();
    // Of two replicas they are always both: after every second attempt the two are even.
    for pair in chosen(spec, 1, &sends).chunks(2) {
        assert_ne!(pair[0], pair[1]);
    }
}
