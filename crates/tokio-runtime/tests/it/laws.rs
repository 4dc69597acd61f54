//! What holds between strategies on every sample path, whatever the latencies.

use std::collections::BTreeSet;

use awaitlab_all::All;
use awaitlab_all_settled::AllSettled;
use awaitlab_any::Any;
use awaitlab_bounded::{Bounded, OnError};
use awaitlab_chunked::Chunked;
use awaitlab_core::{Answer, Rest, Strategy};
use awaitlab_eager_in_order::EagerInOrder;
use awaitlab_quorum::Quorum;
use awaitlab_race::Race;
use awaitlab_sequential::Sequential;
use awaitlab_tokio_runtime::script::{Call, Event, Transcript, fails, succeeds, transcript};
use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 100,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

fn latencies() -> impl Generator<Value = Vec<u64>> {
    prop::collection::vec(1..200_u64, 1..12)
}

/// Latencies of which no two sums are equal, so that nothing ends at one instant with another.
fn calls() -> impl Generator<Value = Vec<Call>> {
    let outcomes = prop::collection::vec(any::<bool>(), 1..8);
    outcomes.prop_flat_map(|outcomes| {
        let order = Just((0..outcomes.len() as u32).collect::<Vec<u32>>()).prop_shuffle();
        order.prop_map(move |order| {
            let call = |(power, &ok): (u32, &bool)| {
                let latency_ms = 1000 + (1 << power);
                if ok {
                    succeeds(latency_ms)
                } else {
                    fails(latency_ms)
                }
            };
            order.into_iter().zip(&outcomes).map(call).collect()
        })
    })
}

fn settle_ms(strategy: impl Strategy + 'static, calls: &[Call]) -> u64 {
    let Transcript(events) = transcript(strategy, calls);
    let settled = events
        .iter()
        .find(|(_, event)| matches!(event, Event::Settled(_)));
    settled.expect("an answer").0
}

fn bounded(limit: usize) -> Bounded {
    Bounded::new(limit, OnError::Collect, Rest::Orphan).unwrap()
}

fn chunked(size: usize) -> Chunked {
    Chunked::new(size, awaitlab_chunked::OnError::Collect, Rest::Orphan).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn all_beats_bounded_beats_chunked_beats_sequential(latencies in latencies(), k in 1..6_usize) {
        let calls: Vec<Call> = latencies.iter().map(|&ms| succeeds(ms)).collect();
        let all = settle_ms(All::default(), &calls);
        prop_assert_eq!(all, *latencies.iter().max().unwrap());
        prop_assert_eq!(all, settle_ms(AllSettled, &calls));
        prop_assert_eq!(all, settle_ms(EagerInOrder::default(), &calls));
        let (pool, slices) = (settle_ms(bounded(k), &calls), settle_ms(chunked(k), &calls));
        let sequential = settle_ms(Sequential::default(), &calls);
        prop_assert_eq!(sequential, latencies.iter().sum::<u64>());
        prop_assert!(all <= pool && pool <= slices && slices <= sequential);
    }

    #[test]
    fn one_more_place_never_makes_a_pool_slower(latencies in latencies(), k in 1..6_usize) {
        let calls: Vec<Call> = latencies.iter().map(|&ms| succeeds(ms)).collect();
        prop_assert!(settle_ms(bounded(k + 1), &calls) <= settle_ms(bounded(k), &calls));
    }

    #[test]
    fn at_its_ends_one_strategy_is_another(calls in calls()) {
        for rest in Rest::ALL {
            let first = Quorum::new(1, rest).unwrap();
            prop_assert_eq!(transcript(first, &calls), transcript(Any { rest }, &calls));

            let wide = Bounded::new(calls.len(), OnError::Stop, rest).unwrap();
            prop_assert_eq!(transcript(wide, &calls), transcript(All { rest }, &calls));

            let whole = Chunked::new(calls.len(), awaitlab_chunked::OnError::Stop, rest).unwrap();
            prop_assert_eq!(transcript(whole, &calls), transcript(All { rest }, &calls));
        }
        let one_by_one = transcript(Sequential::default(), &calls);
        prop_assert_eq!(transcript(bounded(1), &calls), one_by_one.clone());
        prop_assert_eq!(transcript(chunked(1), &calls), one_by_one);
        let stops = Sequential { on_error: awaitlab_sequential::OnError::Stop };
        let stops_too = Bounded::new(1, OnError::Stop, Rest::Orphan).unwrap();
        prop_assert_eq!(transcript(stops_too, &calls), transcript(stops, &calls));
    }

    #[test]
    fn what_cancels_leaves_nothing_behind_its_answer(calls in calls(), need in 1..8_usize) {
        let rest = Rest::Cancel;
        let need = need.min(calls.len());
        let cut = awaitlab_chunked::OnError::Stop;
        let transcripts = [
            transcript(All { rest }, &calls),
            transcript(Any { rest }, &calls),
            transcript(Race { rest }, &calls),
            transcript(EagerInOrder { rest }, &calls),
            transcript(Quorum::new(need, rest).unwrap(), &calls),
            transcript(Chunked::new(3, cut, rest).unwrap(), &calls),
            transcript(Bounded::new(3, OnError::Stop, rest).unwrap(), &calls),
            transcript(Bounded::new(3, OnError::ClearQueue, rest).unwrap(), &calls),
        ];
        for Transcript(events) in transcripts {
            let answered = matches!(events.last(), Some((_, Event::Settled(_))));
            prop_assert!(answered, "{events:?}");
        }
    }

    #[test]
    fn a_job_settles_once_and_every_start_has_one_end(calls in calls(), k in 1..4_usize) {
        for on_error in OnError::ALL {
            let Transcript(events) =
                transcript(Bounded::new(k, on_error, Rest::Orphan).unwrap(), &calls);
            let mut in_flight = BTreeSet::new();
            let mut answers = Vec::new();
            for (_, event) in events {
                match event {
                    Event::Started(call) => prop_assert!(in_flight.insert(call)),
                    Event::Succeeded(call) | Event::Failed(call) => {
                        prop_assert!(in_flight.remove(&call));
                    }
                    Event::Settled(answer) => answers.push(answer),
                    Event::Cancelled(_) | Event::Unhandled(_) => prop_assert!(false, "{event:?}"),
                }
                prop_assert!(in_flight.len() <= k);
            }
            prop_assert!(in_flight.is_empty());
            let clean = calls.iter().all(|call| call.succeeds());
            let fulfils = clean || on_error == OnError::Collect;
            prop_assert_eq!(answers.len(), 1);
            prop_assert_eq!(answers[0] == Answer::Fulfilled, fulfils);
        }
    }
}
