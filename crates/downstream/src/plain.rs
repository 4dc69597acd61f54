//! The short way: a service in which no attempt feels another.
//!
//! One replica without workers, slowdown, network or quota: what becomes of an attempt is known when
//! it is sent. A reply computed at once and one sleep are all it takes.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use awaitlab_core::{AttemptId, CallResult, EventClass, Faults, Instant, Latency, Runtime};

use crate::service::Service;
use crate::slowdown::times;
use crate::spec::{OnCancel, ServiceSpec};
use crate::visit::Work;

use awaitlab_core::time::nanos;

/// The wait for a reply that is known.
pub(crate) struct Plain<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    service: Rc<Service<R, L, F>>,
    /// `None`: it is never answered, or has been.
    sleep: Option<R::Sleep>,
    /// When the work on it is done; the start where nobody works on it.
    work_until: Instant,
    result: CallResult,
}

/// What such a service counts, ahead: the work on an attempt is certain when it begins.
#[derive(Debug, Default)]
pub(crate) struct PlainCounts {
    pub(crate) busy_ns: Cell<u128>,
    pub(crate) abandoned_ns: Cell<u128>,
}

impl PlainCounts {
    pub(crate) fn reset(&self) {
        self.busy_ns.set(0);
        self.abandoned_ns.set(0);
    }
}

impl<L> ServiceSpec<L> {
    /// Whether no attempt feels another, and none takes time on its way.
    pub(crate) fn is_plain(&self) -> bool {
        let unlimited = match self.replicas.as_slice() {
            [only] => only.workers.is_none() && only.slowdown.is_none(),
            _ => false,
        };
        unlimited
            && self.network.is_none()
            && self.rate_limit.is_none()
            && self.in_flight_limit.is_none()
            && !self.versioned_item
    }
}

impl<R, L, F> Service<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    #[inline]
    pub(crate) fn serve_plain(self: &Rc<Self>, attempt: &AttemptId) -> Plain<R, L, F> {
        let now = self.runtime.now();
        let mut plain = Plain {
            service: self.clone(),
            sleep: None,
            work_until: Instant::START,
            result: Ok(()),
        };
        if self.faults.loses(attempt, 0, now) {
            return plain;
        }
        let answered_at = match Work::of(self.faults.judge(attempt, 0, now)) {
            Ok(Work::Hang) => return plain,
            Ok(work) => {
                let mut draws = self.streams.get().latency.draws(attempt);
                let mut work_ns = self.spec.replicas[0].latency.sample_ns(attempt, &mut draws);
                match work {
                    Work::Slow { factor, add } => {
                        work_ns = times(work_ns, factor).saturating_add(nanos(add));
                    }
                    Work::Fail(error) => plain.result = Err(error),
                    Work::Serve | Work::Hang => {}
                }
                plain.work_until = self.faults.finishes(0, now, work_ns);
                let busy_ns = &self.plain_counts.busy_ns;
                busy_ns.set(busy_ns.get() + u128::from(plain.work_until.nanos_since(now)));
                plain.work_until
            }
            Err((error, after)) => {
                plain.result = Err(error);
                self.faults.finishes(0, now, nanos(after))
            }
        };
        if !self.faults.loses(attempt, 0, answered_at) {
            let sleep = self.runtime.sleep_until(answered_at, EventClass::Answer);
            plain.sleep = Some(sleep);
        }
        plain
    }
}

impl<R, L, F> Future for Plain<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    type Output = CallResult;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CallResult> {
        let Some(sleep) = &mut self.sleep else {
            return Poll::Pending;
        };
        ready!(Pin::new(sleep).poll(cx));
        self.sleep = None;
        self.work_until = Instant::START;
        Poll::Ready(self.result)
    }
}

impl<R, L, F> Drop for Plain<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    #[inline]
    fn drop(&mut self) {
        if self.work_until == Instant::START {
            return;
        }
        let left_ns = u128::from(self.work_until.nanos_since(self.service.runtime.now()));
        let PlainCounts {
            busy_ns,
            abandoned_ns,
        } = &self.service.plain_counts;
        match self.service.spec.on_cancel {
            OnCancel::KeepWorking => abandoned_ns.set(abandoned_ns.get() + left_ns),
            OnCancel::Stop => busy_ns.set(busy_ns.get().saturating_sub(left_ns)),
        }
    }
}
