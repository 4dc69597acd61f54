//! A stack around a closure: policies as a library, in production.
//!
//! ```
//! use std::time::Duration;
//!
//! use awaitlab_core::{ErrorClass, Runtime, Streams};
//! use awaitlab_policies::closure::attempts;
//! use awaitlab_policies::retry::{Backoff, Growth, Jitter, RetryOn, RetrySpec};
//! use awaitlab_policies::timeout::Timeout;
//! use awaitlab_policies::{Failure, LayerSpec, PolicySpec, Reply, Scope, StackSpec};
//! use awaitlab_tokio_runtime::paused;
//!
//! /// What a fetch fails with: an error of the program's own.
//! #[derive(Clone, Debug, PartialEq)]
//! enum FetchError {
//!     Status(u16),
//!     Policy(ErrorClass),
//! }
//!
//! impl Failure for FetchError {
//!     fn class(&self) -> ErrorClass {
//!         match self {
//!             FetchError::Status(_) => ErrorClass::Error,
//!             FetchError::Policy(class) => *class,
//!         }
//!     }
//!     fn status(&self) -> Option<u16> {
//!         match self {
//!             FetchError::Status(status) => Some(*status),
//!             FetchError::Policy(_) => None,
//!         }
//!     }
//!     fn retry_after(&self) -> Option<Duration> {
//!         None
//!     }
//!     fn of(class: ErrorClass) -> Self {
//!         FetchError::Policy(class)
//!     }
//! }
//!
//! /// Hangs, fails, and succeeds.
//! async fn fetch(number: u32) -> Result<&'static str, FetchError> {
//!     match number {
//!         0 => std::future::pending().await,
//!         1 => Err(FetchError::Status(503)),
//!         _ => Ok("page"),
//!     }
//! }
//!
//! let ms = Duration::from_millis;
//! let layer = |policy| LayerSpec { policy, scope: Scope::Client };
//! let stack = StackSpec::new(vec![
//!     layer(PolicySpec::Retry(RetrySpec {
//!         attempts: Some(3),
//!         backoff: Backoff { base: ms(50), growth: Growth::Exponential { factor: 2.0 }, cap: None },
//!         jitter: Jitter::None,
//!         on: RetryOn::DEFAULT.to_vec(),
//!         honour_retry_after: true,
//!         budget: None,
//!     })),
//!     layer(PolicySpec::Timeout(Timeout::after(ms(200)))),
//! ])?
//! .build();
//!
//! // The paused clock makes the example quick and exact; `real` serves as well.
//! let (reply, after) = paused(|runtime| async move {
//!     let reply = stack.call(attempts(runtime.clone(), Streams::new(1, 0), 0, 0, fetch)).await;
//!     (reply, runtime.now())
//! });
//! assert_eq!(reply, Ok(Reply::Genuine("page")));
//! // Given up after 200, then 50 of backoff, failed, 100 of backoff, succeeded.
//! assert_eq!(after.as_nanos(), 350_000_000);
//! # Ok::<(), awaitlab_policies::StackError>(())
//! ```

use std::future::Future;

use awaitlab_core::{Runtime, Streams};

use crate::attempts::{Attempts, Failure};
use crate::context::Interest;
use crate::event::Event;

/// Attempts that a closure makes. Made by [`attempts`].
#[derive(Clone, Debug)]
pub struct ByClosure<R, M, O = fn(usize, Event)> {
    runtime: R,
    streams: Streams,
    job: u64,
    call: u32,
    make: M,
    observer: O,
}

/// Attempts of call `call` of job `job`, which `make` makes from their number, counted from 0: to be
/// given to [`Stack::call`](crate::Stack::call).
///
/// Whatever a policy walks away from is dropped, unless that policy lets it run on. `job` and `call`
/// key the random numbers of the policies: calls that go by the same pair have the same jitter, so
/// number them. A call that belongs to no job is a job of its own.
pub fn attempts<R, M, F, T, E>(
    runtime: R,
    streams: Streams,
    job: u64,
    call: u32,
    make: M,
) -> ByClosure<R, M>
where
    R: Runtime,
    M: Fn(u32) -> F + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: Failure,
{
    ByClosure {
        runtime,
        streams,
        job,
        call,
        make,
        observer: |_, _| (),
    }
}

impl<R, M, O> ByClosure<R, M, O> {
    /// Tells `observer` what happens, and at which layer of the stack, numbered from the outermost.
    /// It is called in the midst of the policies: it may count and write down, and that is all.
    #[must_use]
    pub fn observed_by<N: Fn(usize, Event) + 'static>(self, observer: N) -> ByClosure<R, M, N> {
        ByClosure {
            runtime: self.runtime,
            streams: self.streams,
            job: self.job,
            call: self.call,
            make: self.make,
            observer,
        }
    }
}

impl<R, M, O, F, T, E> Attempts for ByClosure<R, M, O>
where
    R: Runtime,
    M: Fn(u32) -> F + 'static,
    O: Fn(usize, Event) + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: Failure,
{
    type Runtime = R;
    type Value = T;
    type Error = E;

    fn runtime(&self) -> &R {
        &self.runtime
    }

    fn streams(&self) -> (Streams, u64, u32) {
        (self.streams, self.job, self.call)
    }

    fn attempt(
        &self,
        number: u32,
        _interest: Interest,
    ) -> impl Future<Output = Result<T, E>> + use<R, M, O, F, T, E> + 'static {
        (self.make)(number)
    }

    fn happened(&self, layer: usize, event: Event) {
        (self.observer)(layer, event);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::future::pending;
    use std::rc::Rc;
    use std::time::Duration;

    use awaitlab_core::{CallError, ErrorClass, Instant};
    use awaitlab_engine::Engine;

    use super::*;
    use crate::attempts::Reply;
    use crate::retry::{Backoff, Growth, Jitter, RetryOn, RetrySpec};
    use crate::timeout::Timeout;
    use crate::{LayerSpec, PolicySpec, Scope, Stack, StackSpec};

    const MS: Duration = Duration::from_millis(1);

    /// Two attempts of 10 ms each, and a backoff of up to 100 ms between them.
    fn retried_timeout() -> Stack {
        let retry = RetrySpec {
            attempts: Some(2),
            backoff: Backoff {
                base: 100 * MS,
                growth: Growth::Constant,
                cap: None,
            },
            jitter: Jitter::Full,
            on: RetryOn::DEFAULT.to_vec(),
            honour_retry_after: false,
            budget: None,
        };
        let policies = [
            PolicySpec::Retry(retry),
            PolicySpec::Timeout(Timeout::after(10 * MS)),
        ];
        let layer = |policy| LayerSpec {
            policy,
            scope: Scope::Client,
        };
        StackSpec::new(policies.map(layer).into()).unwrap().build()
    }

    #[test]
    fn what_a_timeout_gives_up_is_dropped_and_the_observer_hears_of_it() {
        let engine = Engine::new();
        let runtime = engine.handle().clone();
        let (alive, heard) = (Rc::new(()), Rc::new(RefCell::new(Vec::new())));
        let (held, hears) = (alive.clone(), heard.clone());
        let calls = attempts(runtime.clone(), Streams::new(1, 0), 0, 0, move |number| {
            let held = held.clone();
            async move {
                let _held = held;
                match number {
                    0 => pending().await,
                    _ => Ok::<_, CallError>(number),
                }
            }
        })
        .observed_by(move |layer, event| hears.borrow_mut().push((layer, event)));
        let end = Rc::new(Cell::new(None));
        let (ended, stack) = (end.clone(), retried_timeout());
        runtime.spawn(async move { ended.set(Some(stack.call(calls).await)) });
        engine.run();
        assert_eq!(end.get(), Some(Ok(Reply::Genuine(1))));
        assert_eq!(heard.take(), [(1, Event::TimedOut), (0, Event::Retried)]);
        assert_eq!(Rc::strong_count(&alive), 1, "the first attempt is gone");
    }

    /// When a call that fails at once, and is tried again, has failed for good.
    fn failed_at(job: u64, call: u32) -> Instant {
        let engine = Engine::new();
        let runtime = engine.handle().clone();
        let fails = |_| std::future::ready(Err::<(), _>(CallError::of(ErrorClass::Connection)));
        let calls = attempts(runtime.clone(), Streams::new(1, 0), job, call, fails);
        let stack = retried_timeout();
        runtime.spawn(async move {
            let end = stack.call(calls).await;
            assert_eq!(end, Err(CallError::of(ErrorClass::Connection)));
        });
        engine.run();
        engine.handle().now()
    }

    #[test]
    fn jitter_is_a_function_of_job_and_call() {
        assert_eq!(failed_at(3, 1), failed_at(3, 1));
        assert_ne!(failed_at(3, 1), failed_at(3, 2));
        assert_ne!(failed_at(3, 1), failed_at(4, 1));
    }
}
