//! The service accepts and never answers: a black hole.
//!
//! Nothing but a timeout, a give-up or a strategy that stops waiting ends such an attempt.

use awaitlab_core::Verdict;

/// No answer, ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hang;

impl Hang {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "hang";

    /// What becomes of the attempt.
    #[inline]
    pub fn verdict(&self) -> Verdict {
        Verdict::Hang
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hanging_service_never_answers() {
        assert_eq!(Hang.verdict(), Verdict::Hang);
    }
}
