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
    let mut slot: BoxedSlot = Box::pin(None::<Heavy<64>>);
    assert!(slot_for::<Heavy<63>>(slot.as_mut()).is_none());
    let fill = |slot: &mut BoxedSlot| {
        let mut slot = slot_for::<Heavy<64>>(slot.as_mut()).expect("its own type");
        slot.set(Some(Heavy([7; 64], dropped.clone())));
    };
    fill(&mut slot);
    assert!(slot_for::<Heavy<63>>(slot.as_mut()).is_none());
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(slot.as_mut().poll(&mut cx).is_ready());
    assert_eq!(dropped.get(), 0, "it stays until it is told to go");
    // Filled again, what was in it is dropped; once.
    fill(&mut slot);
    assert_eq!(dropped.get(), 1);
    slot.as_mut().empty();
    assert_eq!(dropped.get(), 2);
    fill(&mut slot);
    drop(slot);
    assert_eq!(dropped.get(), 3);
}
