//! What is run beside it, on how many threads and in which order changes nothing.

use std::num::NonZeroUsize;

use awaitlab_harness::Contest;
use proptest::prelude::*;

use super::cases;
use super::told::{Told, same};
use super::worlds::worlds;
use crate::shape::scenario;

/// Words belong to a strategy over all variants that were run, so they may change with these.
const WORDS: [&str; 1] = ["words"];

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn another_order_of_strategies_changes_nothing_but_the_order(world in worlds()) {
        let backwards = world.but(|world| world.strategies.reverse());
        let (one, other) = (world.told(), backwards.told());
        for name in ["a", "b"] {
            same(&one.only(name), &other.only(name))?;
        }
    }

    #[test]
    fn a_strategy_alone_does_what_it_does_in_company(world in worlds()) {
        let together = world.told();
        for entry in &world.strategies {
            let alone = world.but(|world| world.strategies = vec![entry.clone()]);
            same(&alone.told(), &together.only(&entry.name))?;
        }
    }

    #[test]
    fn a_strategy_chosen_on_the_way_does_what_it_does_in_company(world in worlds()) {
        let scenario = scenario(&world.toml());
        let chosen = Contest::new(&scenario).only_strategies(|name| name == "b");
        same(
            &Told::of(chosen.keeping_jobs().run().unwrap()),
            &world.told().only("b"),
        )?;
    }

    #[test]
    fn a_variant_alone_is_what_it_is_in_company(world in worlds()) {
        let variants = [("as is", ""), ("no faults", "fault = []\n")];
        let of = |chosen: &[(&str, &str)]| {
            let variant =
                |(name, parts): &(&str, &str)| format!("[[variant]]\nname = \"{name}\"\n{parts}");
            let more: String = chosen.iter().map(variant).collect();
            world.but(|world| world.more = more).told().without(&WORDS)
        };
        let together = of(&variants);
        let mut rows = 0;
        for variant in variants {
            let alone = of(&[variant]);
            prop_assert_eq!(
                &alone.rows[..],
                &together.rows[rows..rows + alone.rows.len()]
            );
            rows += alone.rows.len();
        }
        prop_assert_eq!(rows, together.rows.len());
    }

    #[test]
    fn a_variant_that_replaces_nothing_is_the_scenario(world in worlds()) {
        let variant = world.but(|world| world.more = "[[variant]]\nname = \"base\"\n".to_owned());
        same(&variant.told(), &world.told())?;
    }

    #[test]
    fn any_number_of_threads_comes_to_the_same(world in worlds()) {
        // Isolated jobs go to threads in batches.
        let world = world.but(|world| world.replications *= 4);
        let scenario = scenario(&world.toml());
        let threads = |number| {
            let contest = Contest::new(&scenario).on_threads(NonZeroUsize::new(number).unwrap());
            let record = contest.keeping_jobs().run().unwrap();
            (record.summary.to_json().unwrap(), Told::of(record))
        };
        let ((one, told), (three, other)) = (threads(1), threads(3));
        prop_assert_eq!(one, three);
        same(&told, &other)?;
    }

    #[test]
    fn other_names_change_nothing_but_the_names(world in worlds()) {
        let text = world.toml();
        let renamed = text
            .replace("name = \"a\"", "name = \"<a>\"")
            .replace("downstream.api", "downstream.\"the api\"")
            .replace("downstream = \"api\"", "downstream = \"the api\"");
        let renamed = super::told::told(&renamed);
        prop_assert_eq!(&renamed.rows[0]["strategy"], "<a>");
        let tables = ["downstreams", "utilization"];
        for table in tables {
            for (row, other) in renamed.rows.iter().zip(&world.told().rows) {
                prop_assert_eq!(&row[table]["the api"], &other[table]["api"]);
            }
        }
        let names = ["strategy", tables[0], tables[1]];
        same(&renamed.without(&names), &world.told().without(&names))?;
    }
}
