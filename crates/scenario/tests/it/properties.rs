//! What holds of any bytes.

use awaitlab_scenario::Scenario;
use awaitlab_scenario::value::{duration, failure, percent, rate, window};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::story::{POLICIES, STORY, WORLD, with_policies};

/// Reads bytes, and holds what is said of them to its limits.
fn read(bytes: &[u8], overrides: &[(String, String)]) {
    if let Err(errors) = Scenario::parse("story.toml", bytes, overrides) {
        let text = errors.to_string();
        assert!(text.len() <= 4096, "{} bytes: {text}", text.len());
        assert!(text.contains("story.toml"), "{text}");
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
        assert!(!errors.broken().is_empty());
        assert!(errors.broken().len() <= 20);
    }
}

/// A piece of TOML or of a scenario, or anything else.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(
            [STORY, WORLD, POLICIES[0], POLICIES[1]]
                .iter()
                .flat_map(|text| text.split_whitespace())
                .collect::<Vec<_>>()
        )
        .prop_map(str::to_owned),
        proptest::sample::select(vec![
            "nan",
            "inf",
            "-1",
            "1e400",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            "\"",
            "'''",
            "\n",
            "\\u202e",
            "99999999999999999999",
            "\"1s\"",
            "[]",
            "kind",
            "1979-05-27",
            "\u{1b}",
            "#",
            ".",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// A scenario with a stretch of it replaced.
fn mutated(text: impl Into<String>) -> impl Strategy<Value = String> {
    let text = text.into();
    (0..text.len(), 0..40_usize, piece()).prop_map(move |(from, length, piece)| {
        let to = (from + length).min(text.len());
        format!("{}{piece}{}", &text[..from], &text[to..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes, &[]);
    }

    #[test]
    fn no_change_to_a_good_scenario_makes_it_panic(text in mutated(STORY)) {
        read(text.as_bytes(), &[]);
    }

    #[test]
    fn no_change_to_a_world_under_load_makes_it_panic(text in mutated(WORLD)) {
        read(text.as_bytes(), &[]);
    }

    #[test]
    fn no_change_to_policies_makes_it_panic(text in mutated(with_policies(POLICIES[0]))) {
        read(text.as_bytes(), &[]);
    }

    #[test]
    fn no_change_to_other_policies_makes_it_panic(text in mutated(with_policies(POLICIES[1]))) {
        read(text.as_bytes(), &[]);
    }

    #[test]
    fn no_override_makes_it_panic(key in "[a-z.0-9\"]{0,20}|job|strategy|fault\\.0\\.[a-z]{4,5}", value in piece()) {
        read(STORY.as_bytes(), &[(key, value)]);
    }

    #[test]
    fn no_text_makes_a_value_panic(text in "[0-9.a-zµ%/-]{0,12}|\\PC{0,12}") {
        let _ = (duration::parse(&text), percent::parse(&text), window::parse(&text));
        let _ = (rate::parse(&text), failure::parse(&text));
    }

    #[test]
    fn a_duration_is_read_as_it_is_written(nanos in 0..duration::LONGEST.as_nanos() as u64) {
        let text = format!("{}ms{}ns", nanos / 1_000_000, nanos % 1_000_000);
        prop_assert_eq!(duration::parse(&text), Ok(std::time::Duration::from_nanos(nanos)));
    }

    #[test]
    fn a_window_lies_between_its_durations_in_order(a in 0_u64..100_000, b in 0_u64..100_000) {
        let read = window::parse(&format!("{a}us..{b}us"));
        prop_assert_eq!(read.is_ok(), a < b);
        if let Ok(window) = read {
            prop_assert_eq!((window.start().as_nanos(), window.end().as_nanos()), (a * 1000, b * 1000));
        }
    }
}
