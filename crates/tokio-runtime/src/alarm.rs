//! An alarm on tokio's clock: a task that sleeps and then calls.

use std::fmt;
use std::rc::Weak;

use awaitlab_core::OnAlarm;

use crate::task::TokioTask;

/// Somebody whom alarms of a [`TokioRuntime`](crate::TokioRuntime) call.
#[derive(Clone)]
pub struct TokioCallee(pub(crate) Weak<dyn OnAlarm>);

/// Names an alarm of a [`TokioRuntime`](crate::TokioRuntime).
#[derive(Debug)]
pub struct TokioAlarm(pub(crate) TokioTask);

impl fmt::Debug for TokioCallee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokioCallee")
    }
}
