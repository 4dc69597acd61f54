//! The checks themselves: that they are many, that they hold in a short form, and that they can fail.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use awaitlab_validation::page::{self, Count};
use awaitlab_validation::{Effort, Family, ValidationError, families, run};

/// Fewer runs than `awaitlab validate` makes: what is wrong by a few per cent still shows.
const SHORT: Effort = Effort {
    seed: 1,
    batches: 4,
    threads: NonZeroUsize::new(2).unwrap(),
};

/// Every `step`-th study of each family.
fn some(step: usize) -> Vec<Family> {
    let mut families = families();
    for family in &mut families {
        let studies = std::mem::take(&mut family.studies);
        family.studies = studies.into_iter().step_by(step).collect();
    }
    families
}

/// The studies of that name.
fn only(name: &str) -> Vec<Family> {
    let mut families = families();
    for family in &mut families {
        family.studies.retain(|study| study.name == name);
    }
    families.retain(|family| !family.studies.is_empty());
    families
}

#[test]
fn there_are_more_than_two_hundred_checks_and_no_two_have_one_name() {
    let families = families();
    let studies = families.iter().flat_map(|family| &family.studies);
    let names: Vec<String> = studies
        .flat_map(|study| {
            let of_checks = study.checks.iter();
            of_checks.map(|check| format!("{}: {}", study.name, check.name()))
        })
        .collect();
    let unique: BTreeSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    assert!(names.len() >= 200, "{}", names.len());
    for family in &families {
        let checks = family.studies.iter().map(|study| study.checks.len());
        assert!(checks.sum::<usize>() >= 50, "{}", family.name);
    }
}

#[test]
fn every_name_fits_its_column_and_every_formula_its_table() {
    for study in families().iter().flat_map(|family| &family.studies) {
        assert!(!study.checks.is_empty(), "{}", study.name);
        for check in &study.checks {
            let name = check.name();
            assert!(name.chars().count() <= 40, "{name}");
            assert!(
                !check.formula.is_empty() && !check.formula.contains('|'),
                "{name}"
            );
            assert!(check.theory.is_finite(), "{name}");
        }
    }
}

#[test]
fn a_fifth_of_the_checks_hold_in_a_short_form() {
    let outcomes = run(&some(5), SHORT, &()).unwrap();
    let count = Count::of(&outcomes);
    assert!(count.checks >= 40, "{}", count.checks);
    assert_eq!(
        count.failed,
        [""; 0],
        "{}",
        page::text(&outcomes, SHORT.seed)
    );
}

#[test]
fn a_theory_that_is_wrong_by_a_tenth_fails() {
    for name in ["four attempts, half of them fail", "a timeout at the mean"] {
        let mut families = only(name);
        for check in families
            .iter_mut()
            .flat_map(|family| &mut family.studies)
            .flat_map(|study| &mut study.checks)
        {
            check.theory *= 1.1;
        }
        // Four runs tell a variance from one that is a tenth larger only now and then.
        let effort = Effort {
            batches: 10,
            ..SHORT
        };
        let count = Count::of(&run(&families, effort, &()).unwrap());
        assert_eq!(count.failed.len(), count.checks, "{name}");
    }
}

#[test]
fn a_value_that_never_varies_must_be_exact() {
    let mut families = only("ten calls that never vary");
    assert_eq!(
        Count::of(&run(&families, SHORT, &()).unwrap()).failed,
        [""; 0]
    );
    families[0].studies[0].checks[0].theory += 1e-6;
    let failed = Count::of(&run(&families, SHORT, &()).unwrap()).failed;
    assert_eq!(failed, ["ten calls that never vary: sequential: mean, s"]);
}

#[test]
fn a_bug_of_the_world_is_found() {
    // Two workers where the study says one: the wait is not that of M/M/1.
    let mut families = only("M/M/1 at 0.5");
    let study = &mut families[0].studies[0];
    study.scenario = study.scenario.replace("workers = 1", "workers = 2");
    let failed = Count::of(&run(&families, SHORT, &()).unwrap()).failed;
    assert!(
        failed.contains(&"M/M/1 at 0.5: mean, s".to_owned()),
        "{failed:?}"
    );
}

#[test]
fn the_seed_decides_and_the_threads_do_not() {
    let families = only("a timeout at the mean");
    let text = |seed, threads| {
        let threads = NonZeroUsize::new(threads).unwrap();
        let effort = Effort {
            seed,
            threads,
            ..SHORT
        };
        page::markdown(&run(&families, effort, &()).unwrap(), effort.batches)
    };
    assert_eq!(text(1, 1), text(1, 3));
    assert_ne!(text(1, 1), text(2, 1));
}

#[test]
fn a_figure_that_a_run_does_not_have_is_told() {
    let mut families = only("ten calls that never vary");
    families[0].studies[0].checks[0].strategy = "nobody".to_owned();
    let error = run(&families, SHORT, &()).err().unwrap();
    assert!(matches!(error, ValidationError::NoValue { .. }), "{error}");
}

#[test]
fn a_scenario_that_is_none_is_told() {
    let mut families = only("ten calls that never vary");
    families[0].studies[0].scenario += "\nnonsense = 1";
    let error = run(&families, SHORT, &()).err().unwrap();
    assert!(matches!(error, ValidationError::Scenario { .. }), "{error}");
}

#[test]
fn whoever_interrupts_gets_no_outcome() {
    struct Impatient;
    impl awaitlab_validation::Observer for Impatient {
        fn interrupted(&self) -> bool {
            true
        }
    }
    let error = run(&families(), SHORT, &Impatient).err().unwrap();
    assert!(matches!(error, ValidationError::Interrupted), "{error}");
}
