//! What a call through a stack weighs: a lab holds millions of them at once.

use std::future::Future;
use std::mem::size_of_val;
use std::time::Duration;

use awaitlab_core::{CallError, Runtime, Streams};
use awaitlab_engine::{Engine, Handle};
use awaitlab_policies::timeout::Timeout;
use awaitlab_policies::{Attempts, Interest, Outcome, PolicySpec, Visit};

use crate::script::spec;

/// Attempts whose future is a sleep and nothing else.
struct Sleeps(Handle);

impl Attempts for Sleeps {
    type Runtime = Handle;
    type Value = ();
    type Error = CallError;

    fn runtime(&self) -> &Handle {
        &self.0
    }

    fn streams(&self) -> (Streams, u64, u32) {
        (Streams::new(1, 0), 0, 0)
    }

    fn attempt(
        &self,
        _number: u32,
        _interest: Interest,
    ) -> impl Future<Output = Result<(), CallError>> + use<> + 'static {
        let sleep = self.0.sleep(Duration::from_secs(1));
        async move {
            sleep.await;
            Ok(())
        }
    }
}

struct Size;

impl Visit<Sleeps> for Size {
    type Output = usize;

    fn visit<F>(self, call: impl FnOnce() -> F + 'static) -> usize
    where
        F: Future<Output = Outcome<Sleeps>> + 'static,
    {
        size_of_val(&call())
    }
}

/// Bytes of a call's future. Only the depth of a stack matters: a layer has room for any policy.
fn size_at(depth: usize) -> usize {
    let engine = Engine::new();
    let timeout = PolicySpec::Timeout(Timeout::after(Duration::from_secs(1)));
    let stack = spec(vec![timeout; depth]).build();
    stack.call_with(Sleeps(engine.handle().clone()), Size)
}

#[test]
fn a_layer_costs_a_call_little() {
    let sizes = [0, 1, 4, 8].map(size_at);
    let bare = sizes[0];
    assert!(bare <= 128, "{sizes:?}");
    for (depth, size) in [1, 4, 8].into_iter().zip(&sizes[1..]) {
        // The layers share a frame of the widest policy's size.
        assert!(*size <= bare + 128 + depth * 96, "{sizes:?}");
    }
}
