//! Crashes, restarts and changes of capacity, at the instants at which faults make them.

use std::rc::Rc;

use awaitlab_core::{EventClass, Faults, Latency, Runtime};

use crate::service::Service;

/// Follows the condition of every replica, as long as it changes.
pub(crate) async fn follow<R, L, F>(service: Rc<Service<R, L, F>>)
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    while let Some(at) = service.faults.next_change(service.runtime.now()) {
        service.runtime.sleep_until(at, EventClass::Edge).await;
        apply(&service);
    }
}

/// Brings every replica into its condition of now.
pub(crate) fn apply<R, L, F>(service: &Service<R, L, F>)
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    let now = service.runtime.now();
    for replica in 0..service.spec.replicas.len() as u32 {
        let condition = service.faults.condition(replica, now);
        let woken = service
            .floor
            .borrow_mut()
            .bring_into(condition, replica, now);
        for waker in woken {
            waker.wake();
        }
        service.take_up(replica);
    }
}
