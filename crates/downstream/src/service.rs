//! One service: latency, faults, and the random streams of the replication it is in.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{
    AttemptId, CallError, CallResult, EventClass, Faults, Instant, Latency, Purpose, Runtime,
    Stream, Streams, Verdict,
};

/// A service without limit.
#[derive(Debug)]
pub struct Service<L, F> {
    latency: L,
    faults: F,
    number: u64,
    latencies: Cell<Stream>,
}

/// When an attempt is answered, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reply {
    /// `None`: never.
    at: Option<Instant>,
    result: CallResult,
}

impl<L: Latency, F: Faults> Service<L, F> {
    /// The service with this number among those of a scenario. Its randomness is keyed by that
    /// number, so services do not share latencies, and those of one do not depend on the others.
    pub fn new(number: u64, latency: L, faults: F) -> Self {
        let streams = Streams::new(0, 0);
        let latencies = streams.stream(Purpose::Latency, number);
        Service {
            latency,
            faults,
            number,
            latencies: latencies.into(),
        }
    }

    /// Begins a replication: everything drawn from here on belongs to it.
    pub fn begin_replication(&self, streams: Streams) {
        self.faults.begin_replication(streams);
        self.latencies
            .set(streams.stream(Purpose::Latency, self.number));
    }

    /// Serves an attempt that arrives now. The answer is decided when this returns; the future is
    /// the wait for it. Dropping it cancels the attempt.
    #[inline]
    pub fn serve<R: Runtime>(
        &self,
        runtime: &R,
        attempt: &AttemptId,
    ) -> impl Future<Output = CallResult> + use<R, L, F> {
        let reply = self.reply(runtime.now(), attempt);
        let wait = reply
            .at
            .map(|at| runtime.sleep_until(at, EventClass::Answer));
        async move {
            match wait {
                Some(wait) => wait.await,
                None => std::future::pending().await,
            }
            reply.result
        }
    }

    #[inline]
    fn reply(&self, now: Instant, attempt: &AttemptId) -> Reply {
        let own_latency = || {
            self.latency
                .sample_ns(attempt, &mut self.latencies.get().draws(attempt))
        };
        match self.faults.judge(attempt, 0, now) {
            Verdict::Serve => Reply {
                at: Some(now.after_nanos(own_latency())),
                result: Ok(()),
            },
            Verdict::Hang => Reply {
                at: None,
                result: Ok(()),
            },
            Verdict::Slow { factor, add } => {
                let slowed = slowed(own_latency(), factor, add);
                Reply {
                    at: Some(now.after_nanos(slowed)),
                    result: Ok(()),
                }
            }
            Verdict::Fail {
                after,
                class,
                status,
                retry_after,
            } => {
                let after = after.map_or_else(own_latency, nanos);
                let error = CallError {
                    class,
                    status,
                    retry_after,
                };
                Reply {
                    at: Some(now.after_nanos(after)),
                    result: Err(error),
                }
            }
        }
    }
}

/// `latency_ns` x `factor` + `add`, rounded to the nearest nanosecond.
fn slowed(latency_ns: u64, factor: f64, add: Duration) -> u64 {
    // A cast from float to integer saturates, and the rules admit no NaN.
    ((latency_ns as f64 * factor).round() as u64).saturating_add(nanos(add))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use awaitlab_core::service::NoFaults;
    use awaitlab_core::{Draws, ErrorClass};
    use awaitlab_engine::Engine;

    use super::*;

    /// 100 ms, and one more for every call number.
    #[derive(Debug)]
    struct Steps;

    impl Latency for Steps {
        fn sample_ns(&self, attempt: &AttemptId, _: &mut Draws) -> u64 {
            (100 + u64::from(attempt.call)) * 1_000_000
        }
    }

    /// The same verdict for every attempt.
    #[derive(Debug)]
    struct Always(Verdict);

    impl Faults for Always {
        fn begin_replication(&self, _: Streams) {}

        fn judge(&self, _: &AttemptId, _: u32, _: Instant) -> Verdict {
            self.0
        }
    }

    /// When, in ms, and with what a call 5 made at 1000 ms is answered.
    fn answer(faults: impl Faults + 'static) -> Option<(u64, CallResult)> {
        let engine = Engine::new();
        let service = Service::new(0, Steps, faults);
        let seen = Rc::new(RefCell::new(None));
        let (runtime, note) = (engine.handle().clone(), seen.clone());
        engine.handle().spawn(async move {
            runtime.sleep(Duration::from_millis(1000)).await;
            let attempt = AttemptId {
                job: 0,
                call: 5,
                attempt: 0,
            };
            let result = service.serve(&runtime, &attempt).await;
            *note.borrow_mut() = Some((runtime.now().as_nanos() / 1_000_000, result));
        });
        engine.run();
        let seen = seen.borrow();
        *seen
    }

    #[test]
    fn an_attempt_is_answered_after_its_own_latency() {
        assert_eq!(answer(NoFaults), Some((1105, Ok(()))));
    }

    #[test]
    fn an_error_takes_its_own_time_or_the_latency_of_the_attempt() {
        let (class, status) = (ErrorClass::Error, Some(503));
        let error = CallError {
            class,
            status,
            retry_after: None,
        };
        let after = Some(Duration::from_millis(7));
        let fast = answer(Always(Verdict::Fail {
            after,
            class,
            status,
            retry_after: None,
        }));
        assert_eq!(fast, Some((1007, Err(error))));
        let slow = answer(Always(Verdict::Fail {
            after: None,
            class,
            status,
            retry_after: None,
        }));
        assert_eq!(slow, Some((1105, Err(error))));
    }

    #[test]
    fn a_hanging_attempt_is_never_answered() {
        assert_eq!(answer(Always(Verdict::Hang)), None);
    }

    #[test]
    fn slowness_multiplies_first_and_adds_then() {
        let slow = Verdict::Slow {
            factor: 2.0,
            add: Duration::from_millis(3),
        };
        assert_eq!(answer(Always(slow)), Some((1000 + 2 * 105 + 3, Ok(()))));
        let absurd = Verdict::Slow {
            factor: f64::MAX,
            add: Duration::MAX,
        };
        assert_eq!(
            answer(Always(absurd)),
            Some((u64::MAX / 1_000_000, Ok(()))),
            "saturates"
        );
    }
}
