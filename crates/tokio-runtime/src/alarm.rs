//! An alarm on tokio's clock: a task that sleeps and then calls.

use crate::task::TokioTask;

/// Holds an alarm of a [`TokioRuntime`](crate::TokioRuntime). Dropping it takes the alarm back.
#[derive(Debug)]
#[must_use = "an alarm that is dropped does not go off"]
pub struct TokioAlarm(pub(crate) TokioTask);

impl Drop for TokioAlarm {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
