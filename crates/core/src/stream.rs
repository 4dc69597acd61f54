//! Random numbers as a function of what they are for.
//!
//! A random number of the lab is never "the next one of a generator": it is a function of seed,
//! replication, purpose, entity, job, call and attempt. So a strategy that retries or hedges cannot
//! shift the latencies another strategy meets, every strategy and every variant of a scenario meets
//! the same world (common random numbers), and a fault that is added moves no latency.
//!
//! ```
//! use awaitlab_core::{AttemptId, Purpose, Streams};
//!
//! let latencies = Streams::new(1, 0).stream(Purpose::Latency, 0);
//! let attempt = AttemptId { job: 0, call: 2, attempt: 0 };
//! let first = latencies.draws(&attempt).uniform();
//! let again = latencies.draws(&attempt).uniform();
//! assert_eq!(first, again);
//! ```
//!
//! Each component is absorbed by an addition of its multiple of an odd constant and a 64-bit
//! finalizer; the numbers of one key then come from SplitMix64 (Steele, Lea and Flood 2014) begun
//! there. Setting up a key costs a few multiplications, where seeding a full generator for every
//! draw costs more than the draw itself.

use std::convert::Infallible;

use rand::TryRng;

use crate::attempt::AttemptId;

/// What a random number is for. Different purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// The service time of an attempt.
    Latency,
    /// Whether a fault rule strikes; the entity is the rule.
    Fault,
    /// When a fault's random windows lie; the entity is the rule.
    Schedule,
    /// When jobs arrive.
    Arrivals,
    /// How long a user thinks; the entity is the user.
    Think,
    /// Which client runs a job.
    ClientChoice,
    /// The way to a service; the entity is the service.
    RequestLeg,
    /// The way back.
    ResponseLeg,
    /// Extra latency shared by the calls of a job.
    Stall,
    /// The jitter of a backoff.
    Backoff,
    /// Which replica takes an attempt.
    Balancing,
    /// Ties.
    Ties,
    /// Messages of an attempt that a partition swallows; the entity is the rule.
    Partition,
}

/// All random numbers of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    key: u64,
}

impl Streams {
    /// The streams of replication `replication` of a scenario with `seed`.
    pub const fn new(seed: u64, replication: u64) -> Self {
        Streams {
            key: absorb(absorb(0x6177_6169_746c_6162, seed), replication),
        }
    }

    /// The stream of one purpose and entity (a service, a rule, a user; 0 where there is only one).
    #[inline]
    pub const fn stream(&self, purpose: Purpose, entity: u64) -> Stream {
        Stream {
            key: absorb(absorb(self.key, purpose as u64), entity),
        }
    }
}

/// The random numbers of one purpose and entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The numbers of one attempt.
    #[inline]
    pub const fn draws(&self, attempt: &AttemptId) -> Draws {
        let of_job = absorb(self.key, attempt.job);
        Draws {
            state: absorb(
                of_job,
                ((attempt.call as u64) << 32) | attempt.attempt as u64,
            ),
        }
    }

    /// The numbers of one index: an arrival, an iteration, a window.
    #[inline]
    pub const fn draws_at(&self, index: u64) -> Draws {
        Draws {
            state: absorb(self.key, index),
        }
    }
}

/// The random numbers of one key, one after another: SplitMix64.
///
/// A [`rand::Rng`], so distributions of other crates can draw from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draws {
    state: u64,
}

impl Draws {
    /// The next 64 random bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        finalize(self.state)
    }

    /// The next number of the open interval (0, 1), uniform on the odd multiples of 2^-53.
    ///
    /// Never 0 or 1, so that every quantile function is finite at it.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        // 52 bits, so that the half can be added without rounding: with 53 the largest becomes 1.
        const STEP: f64 = 1.0 / (1_u64 << 52) as f64;
        ((self.bits() >> 12) as f64 + 0.5) * STEP
    }

    /// True with this probability: never at 0, always at 1.
    #[inline]
    pub const fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// 2^64 divided by the golden ratio, made odd: SplitMix64's increment.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// A key that also stands for `component`. A bijection of `component` for each `key`, and of `key`
/// for each `component`: two different paths of equal length that differ in one place never meet.
#[inline]
const fn absorb(key: u64, component: u64) -> u64 {
    // A multiplier other than the increment, so that component n is not the n-th number of key.
    finalize(
        key.wrapping_add(component.wrapping_mul(0xd134_2543_de82_ef95))
            .wrapping_add(1),
    )
}

/// Stafford's variant 13 of the MurmurHash3 finalizer, the one SplitMix64 uses.
#[inline]
const fn finalize(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(seed: u64, replication: u64, purpose: Purpose, attempt: AttemptId) -> f64 {
        Streams::new(seed, replication)
            .stream(purpose, 0)
            .draws(&attempt)
            .uniform()
    }

    const FIRST: AttemptId = AttemptId {
        job: 0,
        call: 0,
        attempt: 0,
    };

    #[test]
    fn numbers_are_the_same_in_every_build() {
        let mut draws = Streams::new(1, 0).stream(Purpose::Latency, 0).draws(&FIRST);
        let golden = [draws.bits(), draws.bits(), draws.bits()];
        assert_eq!(golden, GOLDEN, "every stored report depends on these");
    }
    const GOLDEN: [u64; 3] = [
        11_414_948_563_669_747_098,
        5_205_372_390_018_086_123,
        307_002_849_319_677_562,
    ];

    #[test]
    fn every_component_of_the_key_matters() {
        let base = uniform(1, 0, Purpose::Latency, FIRST);
        let others = [
            uniform(2, 0, Purpose::Latency, FIRST),
            uniform(1, 1, Purpose::Latency, FIRST),
            uniform(1, 0, Purpose::Fault, FIRST),
            uniform(1, 0, Purpose::Latency, AttemptId { job: 1, ..FIRST }),
            uniform(1, 0, Purpose::Latency, AttemptId { call: 1, ..FIRST }),
            uniform(
                1,
                0,
                Purpose::Latency,
                AttemptId {
                    attempt: 1,
                    ..FIRST
                },
            ),
        ];
        assert!(others.iter().all(|&other| other != base));
    }

    /// Chi-squared over the joint bins of numbers whose keys differ by one in one component: what
    /// correlated neighbours would fail. 255 degrees of freedom, 99.99 % point 347.7.
    #[test]
    fn neighbouring_keys_are_independent() {
        let at = |replication: u64, job: u64, call: u32, attempt: u32| {
            uniform(
                1,
                replication,
                Purpose::Latency,
                AttemptId { job, call, attempt },
            )
        };
        type Key = fn(u64) -> [u64; 4];
        let neighbours: [(&str, Key); 4] = [
            ("replication", |i| [i, 0, 0, 0]),
            ("job", |i| [0, i, 0, 0]),
            ("call", |i| [0, 0, i, 0]),
            ("attempt", |i| [0, 0, 0, i]),
        ];
        for (component, key) in neighbours {
            let draw = |i: u64| {
                let [replication, job, call, attempt] = key(i);
                at(replication, job, call as u32, attempt as u32)
            };
            let mut bins = [0_u32; 256];
            const PAIRS: u64 = 100_000;
            for i in 0..PAIRS {
                let (x, y) = (draw(2 * i), draw(2 * i + 1));
                bins[(x * 16.0) as usize * 16 + (y * 16.0) as usize] += 1;
            }
            let expected = PAIRS as f64 / 256.0;
            let chi_squared: f64 = bins
                .iter()
                .map(|&n| (f64::from(n) - expected).powi(2) / expected)
                .sum();
            assert!(chi_squared < 347.7, "{component}: {chi_squared}");
        }
    }

    /// The state from which the finalizer gives `bits`, one step before: to reach the extremes.
    fn draws_giving(bits: u64) -> Draws {
        let inverse = |odd: u64| {
            let newton = |x: u64| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x)));
            (0..6).fold(odd, |x, _| newton(x))
        };
        let unshift = |z: u64, by: u32| z ^ (z >> by) ^ (z >> (2 * by).min(63));
        let mut z = unshift(bits, 31);
        z = unshift(z.wrapping_mul(inverse(0x94d0_49bb_1331_11eb)), 27);
        z = unshift(z.wrapping_mul(inverse(0xbf58_476d_1ce4_e5b9)), 30);
        Draws {
            state: z.wrapping_sub(GOLDEN_GAMMA),
        }
    }

    #[test]
    fn the_extreme_bits_are_neither_zero_nor_one() {
        for (bits, uniform) in [(0, 2_f64.powi(-53)), (u64::MAX, 1.0 - 2_f64.powi(-53))] {
            assert_eq!(draws_giving(bits).bits(), bits);
            assert_eq!(draws_giving(bits).uniform(), uniform);
        }
    }

    #[test]
    fn a_chance_of_zero_never_strikes_and_of_one_always() {
        let stream = Streams::new(7, 0).stream(Purpose::Fault, 0);
        for index in 0..10_000 {
            assert!(!stream.draws_at(index).chance(0.0));
            assert!(stream.draws_at(index).chance(1.0));
        }
    }
}
