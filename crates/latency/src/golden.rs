//! The first latencies of a fixed key. They hold stored reports to the numbers they were made from:
//! whoever moves one says why in the commit.

use awaitlab_core::{AttemptId, Latency, Purpose, Streams};

use crate::distribution::Distribution;
use crate::model::Model;

/// What the first four jobs' first attempts take under seed 1, in nanoseconds.
pub(crate) fn first_draws(latency: impl IntoModel) -> [u64; 4] {
    let model = latency.into_model();
    let stream = Streams::new(1, 0).stream(Purpose::Latency, 0);
    [0, 1, 2, 3].map(|job| {
        let attempt = AttemptId {
            job,
            call: 0,
            attempt: 0,
        };
        model.sample_ns(&attempt, &mut stream.draws(&attempt))
    })
}

/// A model, or a distribution to make one of.
pub(crate) trait IntoModel {
    fn into_model(self) -> Model;
}

impl IntoModel for Model {
    fn into_model(self) -> Model {
        self
    }
}

impl<D: Into<Distribution>> IntoModel for D {
    fn into_model(self) -> Model {
        Model::of(self).unwrap()
    }
}
