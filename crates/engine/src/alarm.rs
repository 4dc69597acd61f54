//! The alarm of virtual time.

use crate::executor::Handle;
use crate::timer::TimerId;

/// Holds an alarm. Dropping it takes the alarm out of the event queue, if it has not gone off.
#[derive(Debug)]
#[must_use = "an alarm that is dropped does not go off"]
pub struct Alarm {
    engine: Handle,
    timer: TimerId,
}

impl Alarm {
    #[inline]
    pub(crate) fn new(engine: Handle, timer: TimerId) -> Self {
        Alarm { engine, timer }
    }
}

impl Drop for Alarm {
    #[inline]
    fn drop(&mut self) {
        self.engine.forget_timer(self.timer);
    }
}
