//! The wait for an answer.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use awaitlab_core::{CallResult, Faults, Latency, Ledger, Runtime};

use crate::service::Service;

/// The wait for an attempt's answer. Dropping it before the answer is there cancels the attempt.
///
/// It need not be polled: the attempt goes its way by itself, and its ledger hears of the answer.
#[must_use = "dropping it cancels the attempt"]
pub struct Answer<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    service: Rc<Service<R, L, F, G>>,
    key: u32,
    /// It has brought its result.
    over: bool,
}

impl<R, L, F, G> Answer<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    #[inline]
    pub(crate) fn new(service: Rc<Service<R, L, F, G>>, key: u32) -> Self {
        Answer {
            service,
            key,
            over: false,
        }
    }
}

impl<R, L, F, G> Future for Answer<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    type Output = CallResult;

    /// Pending for ever once it has brought its result.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CallResult> {
        if self.over {
            return Poll::Pending;
        }
        let polled = self.service.poll(self.key, cx.waker());
        self.over = polled.is_ready();
        polled
    }
}

impl<R, L, F, G> Drop for Answer<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    #[inline]
    fn drop(&mut self) {
        if !self.over {
            self.service.leave(self.key);
        }
    }
}
