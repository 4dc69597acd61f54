//! `policies` of a strategy: what stands around each of its calls, outermost first.

mod adaptive;
mod build;
mod keys;
mod reach;
mod retry;

use awaitlab_policies::stack::MOST_LAYERS;
use awaitlab_policies::{Kind, Scope};
use awaitlab_workload::Workload;

use crate::scenario::Entry;
use crate::shape::{self, Choice, Key, Shape};

pub(super) use build::build;
pub(super) use reach::most_attempts;

use super::Builder;
use super::variant::Built;

/// What the builder and the description call by the same word.
mod words {
    pub(super) const UNLIMITED: &str = "unlimited";
    pub(super) const CONSTANT: &str = "constant";
    pub(super) const LINEAR: &str = "linear";
    pub(super) const EXPONENTIAL: &str = "exponential";
    pub(super) const FULL: &str = "full";
    pub(super) const EQUAL: &str = "equal";
    pub(super) const DECORRELATED: &str = "decorrelated";
    pub(super) const TOKEN_BUCKET: &str = "token-bucket";
    pub(super) const FAILURE_RATIO: &str = "failure-ratio";
    pub(super) const AIMD: &str = "aimd";
    pub(super) const VEGAS: &str = "vegas";
    pub(super) const GRADIENT2: &str = "gradient2";
    pub(super) const SCOPE: &str = "scope";
}

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, MOST_LAYERS, "policies")
}

fn shape() -> shape::Table {
    let doc = |scope| match scope {
        Scope::Job => "The calls of one job.",
        Scope::Client => "All jobs of a client process (the default).",
        Scope::Global => "All clients.",
    };
    let scopes = Scope::ALL.into_iter().map(|scope| Choice {
        word: scope.name(),
        doc: doc(scope),
    });
    // With every kind, so that one without state can say why it takes none.
    let scope = Key::optional(
        words::SCOPE,
        Shape::Choice(scopes.collect()),
        "who shares the policy's state; every downstream has its own",
    );
    let kinds = Kind::ALL.into_iter().map(|kind| shape::Kind {
        name: kind.name(),
        doc: kind.summary(),
        keys: keys::of(kind),
        forms: keys::forms(kind),
    });
    shape::Table {
        kinds: kinds.collect(),
        ..shape::Table::plain("policy", "What stands around a call.", vec![scope])
    }
}

/// Notes where state that jobs are to share is shared by none: an isolated job is alone.
pub(super) fn note_isolated(
    entries: &[Option<Entry>],
    worlds: &[Built<'_>],
    builder: &mut Builder<'_>,
) {
    let isolated = |world: &Built<'_>| world.workload.as_ref().is_some_and(Workload::is_isolated);
    if !worlds.iter().any(isolated) {
        return;
    }
    let layers = || {
        let stacks = entries
            .iter()
            .flatten()
            .map(|entry| entry.policies.layers());
        stacks.flatten()
    };
    let shared = |kind: &Kind| {
        layers().any(|layer| {
            layer.policy.kind() == *kind
                && layer.scope != Scope::Job
                && build::has_state(&layer.policy)
        })
    };
    let kinds: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(shared)
        .map(Kind::name)
        .collect();
    if !kinds.is_empty() {
        builder.note(format!(
            "in an isolated workload every job meets fresh state, whatever the scope: no two jobs \
             share that of {}",
            kinds.join(", ")
        ));
    }
}
