//! `[workload]`: when jobs arrive.

use awaitlab_latency::Model;
use awaitlab_workload::Workload;

use crate::shape::{self, Kind};

pub(super) fn shape() -> shape::Table {
    let isolated = Kind {
        name: "isolated",
        doc: "One job a replication, alone, at time 0.",
        keys: Vec::new(),
        forms: Vec::new(),
    };
    shape::Table {
        kinds: vec![isolated],
        default_kind: Some("isolated"),
        ..shape::Table::plain("workload", "When jobs arrive.", Vec::new())
    }
}

/// There is one kind, which takes no parameters.
pub(super) fn build() -> Workload<Model> {
    Workload::Isolated
}
