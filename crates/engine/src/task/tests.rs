//! Slots and what may be put into them.

use std::cell::Cell;
use std::rc::Rc;

use super::*;

/// A future of its own type, which says when it is dropped and checks what was put in.
struct Heavy<const N: usize>([u8; N], Rc<Cell<u32>>);

impl<const N: usize> Future for Heavy<N> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        assert!(self.0.iter().all(|&byte| byte == 7), "what was put in");
        Poll::Ready(())
    }
}

impl<const N: usize> Drop for Heavy<N> {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
    }
}

#[test]
fn a_slot_takes_only_futures_of_its_own_type() {
    let dropped = Rc::new(Cell::new(0));
    let heavy = |dropped: &Rc<Cell<u32>>| Heavy([7; 64], dropped.clone());
    let mut slot: BoxedSlot = Box::pin(None::<Heavy<64>>);
    assert!(fill(slot.as_mut(), Heavy([0; 63], dropped.clone())).is_err());
    assert_eq!(dropped.get(), 1, "it came back");
    assert!(fill(slot.as_mut(), heavy(&dropped)).is_ok());
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(slot.as_mut().poll(&mut cx).is_ready());
    // Filled again, what was in it is dropped; once.
    assert!(fill(slot.as_mut(), heavy(&dropped)).is_ok());
    assert_eq!(dropped.get(), 2);
    drop(slot);
    assert_eq!(dropped.get(), 3);
}
