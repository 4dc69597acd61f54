//! Crashes, restarts and changes of capacity, at the instants at which faults make them.

use std::rc::Rc;

use awaitlab_core::{EventClass, Faults, Latency, Ledger, Runtime};

use crate::service::Service;

/// Follows the condition of every replica, as long as it changes.
pub(crate) async fn follow<R, L, F, G>(service: Rc<Service<R, L, F, G>>)
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    while let Some(at) = service.faults.next_change(service.runtime.now()) {
        service.runtime.sleep_until(at, EventClass::Edge).await;
        apply(&service);
    }
}

/// Brings every replica into its condition of now.
pub(crate) fn apply<R, L, F, G>(service: &Service<R, L, F, G>)
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    let now = service.runtime.now();
    for replica in 0..service.spec.replicas.len() as u32 {
        let condition = service.faults.condition(replica, now);
        let thrown_out = service
            .floor
            .borrow_mut()
            .bring_into(condition, replica, now);
        for key in thrown_out {
            service.throw_out(key);
        }
        service.take_up(replica);
    }
}
