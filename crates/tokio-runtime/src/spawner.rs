//! Where the tasks of a fan-out's calls run.

use std::future::Future;
use std::marker::PhantomData;
use std::rc::Rc;

use tokio::task::AbortHandle;

/// Takes a call in flight as a task of its own.
pub(crate) trait Spawner<W> {
    fn spawn(&self, work: W) -> AbortHandle;
}

/// On any thread of tokio's runtime.
pub(crate) struct AnyThread;

/// On the current `LocalSet`. Not `Send`, so that the work that holds it cannot leave that set even
/// where its calls could.
#[derive(Default)]
pub(crate) struct ThisThread(PhantomData<Rc<()>>);

impl<W: Future<Output = ()> + Send + 'static> Spawner<W> for AnyThread {
    fn spawn(&self, work: W) -> AbortHandle {
        tokio::spawn(work).abort_handle()
    }
}

impl<W: Future<Output = ()> + 'static> Spawner<W> for ThisThread {
    fn spawn(&self, work: W) -> AbortHandle {
        tokio::task::spawn_local(work).abort_handle()
    }
}
