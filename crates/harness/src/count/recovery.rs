//! How long it takes until a service is itself again after a fault.

use awaitlab_core::Instant;

/// Jobs by the second of virtual time in which they arrived, and how many of them were good.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cohorts {
    seconds: Vec<Cohort>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cohort {
    arrived: u64,
    good: u64,
}

const NS_PER_S: u64 = 1_000_000_000;
/// A service is itself again when so many percent of arrivals become good jobs.
const WELL_PERCENT: u64 = 95;

impl Cohorts {
    pub(crate) fn arrived(&mut self, at: Instant) {
        self.second_of(at).arrived += 1;
    }

    /// A job that arrived then was good.
    pub(crate) fn was_good(&mut self, arrival: Instant) {
        self.second_of(arrival).good += 1;
    }

    fn second_of(&mut self, at: Instant) -> &mut Cohort {
        let second = (at.as_nanos() / NS_PER_S) as usize;
        if second >= self.seconds.len() {
            self.seconds.resize(second + 1, Cohort::default());
        }
        &mut self.seconds[second]
    }

    /// Nanoseconds from `end`, at which a fault has ended, until the first whole second from which on
    /// 95 % of the jobs that arrive in each second are good. `None` where that never comes.
    pub(crate) fn recovery_ns(&self, end: Instant) -> Option<u64> {
        let first = end.as_nanos().div_ceil(NS_PER_S) as usize;
        let well = |cohort: &Cohort| cohort.good * 100 >= cohort.arrived * WELL_PERCENT;
        let after = self.seconds.get(first..).unwrap_or_default();
        let last_unwell = after.iter().rposition(|cohort| !well(cohort));
        let recovered = first + last_unwell.map_or(0, |place| place + 1);
        // With nobody arriving any more nobody can tell.
        (recovered < self.seconds.len())
            .then(|| (recovered as u64 * NS_PER_S).saturating_sub(end.as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> Instant {
        Instant::from_nanos(n * NS_PER_S)
    }

    /// Twenty jobs a second, of which so many are good.
    fn cohorts(good: &[u64]) -> Cohorts {
        let mut cohorts = Cohorts::default();
        for (at, &good) in (0..).map(second).zip(good) {
            (0..20).for_each(|_| cohorts.arrived(at));
            (0..good).for_each(|_| cohorts.was_good(at));
        }
        cohorts
    }

    #[test]
    fn recovery_ends_with_the_last_second_below_95_percent() {
        // 19 of 20 is 95 %. The fault ends at 2 s; second 4 is the last bad one.
        let cohorts = cohorts(&[20, 0, 0, 19, 18, 20, 19]);
        assert_eq!(cohorts.recovery_ns(second(2)), Some(3 * NS_PER_S));
        assert_eq!(cohorts.recovery_ns(second(5)), Some(0), "well at once");
    }

    #[test]
    fn the_second_in_which_a_fault_ends_is_neither_well_nor_unwell() {
        // It ends at 2.5 s, in a good second: the first that tells anything begins at 3.
        let end = Instant::from_nanos(5 * NS_PER_S / 2);
        let recovery = cohorts(&[20, 0, 20, 20]).recovery_ns(end);
        assert_eq!(recovery, Some(NS_PER_S / 2));
    }

    #[test]
    fn who_is_bad_to_the_end_never_recovers() {
        assert_eq!(cohorts(&[20, 0, 0, 5]).recovery_ns(second(1)), None);
        assert_eq!(
            cohorts(&[20, 0]).recovery_ns(second(2)),
            None,
            "nobody arrives after it"
        );
    }
}
