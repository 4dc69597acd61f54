//! Who stands behind which policies: the stacks of clients, jobs and services.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_policies::{Scope, Stack, StackSpec};

/// The stacks of a world, with the state of a replication.
pub(crate) struct Stacks {
    spec: StackSpec,
    services: usize,
    /// Of all clients, by service: what is global stands here.
    global: RefCell<Rc<[Stack]>>,
    /// By client, then by service. Empty where there are no policies.
    clients: RefCell<Vec<Rc<[Stack]>>>,
}

impl Stacks {
    pub(crate) fn new(spec: StackSpec, clients: u32, services: usize) -> Self {
        let clients = if spec.is_empty() { 0 } else { clients as usize };
        let none: Rc<[Stack]> = Rc::new([]);
        Stacks {
            spec,
            services,
            global: none.clone().into(),
            clients: vec![none; clients].into(),
        }
    }

    /// All state is as at the start.
    pub(crate) fn begin_replication(&self) {
        let clients = self.clients.borrow().len();
        if clients == 0 {
            return;
        }
        let fresh = (0..self.services).map(|_| self.spec.build());
        *self.global.borrow_mut() = fresh.collect();
        (0..clients).for_each(|client| self.forget(client as u32));
    }

    /// What a client's policies knew is gone, but for what all clients share.
    pub(crate) fn forget(&self, client: u32) {
        if let Some(stacks) = self.clients.borrow_mut().get_mut(client as usize) {
            *stacks = self.sharing(&self.global.borrow(), |scope| scope == Scope::Global);
        }
    }

    /// What stands around the calls of a job, by service; `None`: nothing.
    #[inline]
    pub(crate) fn for_job(&self, client: u32) -> Option<Rc<[Stack]>> {
        let clients = self.clients.borrow();
        let of_client = clients.get(client as usize)?;
        Some(if self.spec.has_state_of_a_job() {
            self.sharing(of_client, |scope| scope != Scope::Job)
        } else {
            of_client.clone()
        })
    }

    fn sharing(&self, others: &[Stack], shared: impl Fn(Scope) -> bool) -> Rc<[Stack]> {
        let stack = |other| self.spec.build_sharing(other, &shared);
        others.iter().map(stack).collect()
    }
}
