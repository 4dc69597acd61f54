//! Which replica an attempt goes to, decided when it is sent.
//!
//! In flight is what has been sent and has not ended: been answered, refused or cancelled. Each
//! client counts its own attempts, or all share one count.

use awaitlab_core::Draws;

use crate::spec::{Balance, Sees};

/// The counts of a service with several replicas.
#[derive(Debug)]
pub(crate) struct Balancer {
    balance: Balance,
    sees: Sees,
    replicas: u32,
    /// By row (a client, or all of them) and replica.
    in_flight: Vec<u32>,
    /// By row: whose turn it is.
    turn: Vec<u32>,
}

/// Where an attempt is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted(u32);

/// The random numbers of a choice.
pub(crate) struct Chance {
    /// Purpose `Balancing`.
    pub(crate) candidates: Draws,
    /// Purpose `Ties`.
    pub(crate) ties: Draws,
}

impl Balancer {
    pub(crate) fn new(balance: Balance, sees: Sees, replicas: u32, clients: u32) -> Self {
        let rows = match sees {
            Sees::Client => clients,
            Sees::Service => 1,
        };
        Balancer {
            balance,
            sees,
            replicas,
            in_flight: vec![0; rows as usize * replicas as usize],
            turn: Self::first_turns(rows, replicas),
        }
    }

    /// Nothing is in flight, and turns begin anew.
    pub(crate) fn clear(&mut self) {
        self.in_flight.fill(0);
        self.turn = Self::first_turns(self.turn.len() as u32, self.replicas);
    }

    /// Clients that all began at the first replica would move as one.
    fn first_turns(rows: u32, replicas: u32) -> Vec<u32> {
        (0..rows).map(|row| row % replicas).collect()
    }

    /// Chooses the replica of an attempt that `client` sends, and counts it there.
    ///
    /// # Panics
    /// When each client has its own count and there is no such client.
    pub(crate) fn send(&mut self, client: u32, chance: &mut Chance) -> (u32, Counted) {
        let row = match self.sees {
            Sees::Client => client,
            Sees::Service => 0,
        };
        let first = row * self.replicas;
        let replica = match self.balance {
            Balance::RoundRobin => self.in_turn(row),
            Balance::Random => below(&mut chance.candidates, self.replicas),
            Balance::LeastInFlight => {
                let row = &self.in_flight[first as usize..][..self.replicas as usize];
                least(row, &mut chance.ties)
            }
            Balance::PowerOfTwo => self.better_of_two(first, chance),
        };
        let counted = Counted(first + replica);
        self.in_flight[counted.0 as usize] += 1;
        (replica, counted)
    }

    /// An attempt has ended.
    pub(crate) fn ended(&mut self, Counted(index): Counted) {
        self.in_flight[index as usize] -= 1;
    }

    fn in_turn(&mut self, row: u32) -> u32 {
        let turn = &mut self.turn[row as usize];
        let replica = *turn;
        *turn = (replica + 1) % self.replicas;
        replica
    }

    fn better_of_two(&self, first: u32, chance: &mut Chance) -> u32 {
        let one = below(&mut chance.candidates, self.replicas);
        let other = {
            let other = below(&mut chance.candidates, self.replicas - 1);
            other + u32::from(other >= one)
        };
        let load = |replica: u32| self.in_flight[(first + replica) as usize];
        match load(one).cmp(&load(other)) {
            std::cmp::Ordering::Less => one,
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Equal => [one, other][below(&mut chance.ties, 2) as usize],
        }
    }
}

/// The place of a least entry, any of them as likely.
fn least(loads: &[u32], ties: &mut Draws) -> u32 {
    let Some(least) = loads.iter().min() else {
        return 0;
    };
    let tied = loads.iter().filter(|&load| load == least).count() as u32;
    let chosen = if tied == 1 { 0 } else { below(ties, tied) };
    let mut places = (0..).zip(loads).filter(|(_, load)| *load == least);
    places.nth(chosen as usize).map_or(0, |(place, _)| place)
}

/// A number from 0 to `n` - 1. The bias is below n / 2^64.
fn below(draws: &mut Draws, n: u32) -> u32 {
    ((u128::from(draws.bits()) * u128::from(n)) >> 64) as u32
}
