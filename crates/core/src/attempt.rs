//! Attempts: who they are, and what becomes of them.

use std::ops::{AddAssign, Index, IndexMut};

/// Which attempt this is, within one replication: the key of everything drawn for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId {
    /// The job, numbered from 0. In an isolated workload the replication's own number.
    pub job: u64,
    /// The call within the job, numbered from 0.
    pub call: u32,
    /// The try of that call, numbered from 0.
    pub attempt: u32,
}

/// What became of an attempt: the first thing that made its answer unwanted, or what it brought.
///
/// The order of the variants is the order in which they are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Refused at a door: breaker, bulkhead, limiter, full queue, quota, no connection in time.
    Rejected,
    /// Given up by a timeout, whether that cancelled it or not.
    Late,
    /// Beaten by a sibling (a hedge), whether that cancelled it or not.
    Duplicate,
    /// Stopped by its strategy, by the job's give-up or by the death of its client.
    Cancelled,
    /// Its job had settled without it.
    Orphaned,
    /// Never ended, and nobody timed it out.
    Unanswered,
    /// Its success reached its call.
    Useful,
    /// Its error reached its call.
    Failed,
}

impl Fate {
    /// Every fate, in the order in which they are tested.
    pub const ALL: [Fate; 8] = [
        Fate::Rejected,
        Fate::Late,
        Fate::Duplicate,
        Fate::Cancelled,
        Fate::Orphaned,
        Fate::Unanswered,
        Fate::Useful,
        Fate::Failed,
    ];

    /// The word for it, as in `summary.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Rejected => "rejected",
            Fate::Late => "late",
            Fate::Duplicate => "duplicate",
            Fate::Cancelled => "cancelled",
            Fate::Orphaned => "orphaned",
            Fate::Unanswered => "unanswered",
            Fate::Useful => "useful",
            Fate::Failed => "failed",
        }
    }
}

/// Attempts by fate, beside how many were made and started: the two sides of the conservation law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptCounts {
    /// Attempts that left the strategy or a policy.
    pub made: u64,
    /// Attempts that reached a service.
    pub started: u64,
    by_fate: [u64; 8],
}

impl AttemptCounts {
    /// Whether `made = started + rejected = sum of fates`.
    pub fn conserved(&self) -> bool {
        self.made == self.started + self[Fate::Rejected]
            && self.made == self.by_fate.iter().sum::<u64>()
    }
}

impl Index<Fate> for AttemptCounts {
    type Output = u64;

    #[inline]
    fn index(&self, fate: Fate) -> &u64 {
        &self.by_fate[fate as usize]
    }
}

impl IndexMut<Fate> for AttemptCounts {
    #[inline]
    fn index_mut(&mut self, fate: Fate) -> &mut u64 {
        &mut self.by_fate[fate as usize]
    }
}

impl AddAssign<&AttemptCounts> for AttemptCounts {
    fn add_assign(&mut self, other: &AttemptCounts) {
        self.made += other.made;
        self.started += other.started;
        for fate in Fate::ALL {
            self[fate] += other[fate];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_conserved_only_when_both_sides_agree() {
        let mut counts = AttemptCounts {
            made: 3,
            started: 2,
            ..AttemptCounts::default()
        };
        counts[Fate::Rejected] = 1;
        counts[Fate::Useful] = 1;
        assert!(!counts.conserved(), "3 made, 2 accounted for");
        counts[Fate::Failed] = 1;
        assert!(counts.conserved());
        counts.started = 3;
        assert!(
            !counts.conserved(),
            "a rejected attempt was counted as started"
        );
    }

    #[test]
    fn a_fate_indexes_its_own_count() {
        let mut counts = AttemptCounts::default();
        for (expected, fate) in (1..).zip(Fate::ALL) {
            counts[fate] = expected;
        }
        let read: Vec<u64> = Fate::ALL.iter().map(|&fate| counts[fate]).collect();
        assert_eq!(read, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
