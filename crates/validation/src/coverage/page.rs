//! Coverage as Markdown.

use std::fmt::Write;

use super::alike::{MOST, Twins, Winners};
use super::{Bounds, Claim, Coverage, Measured, wilson};

/// What stands on the page.
pub struct Page<'a> {
    /// How it was made.
    pub command: &'a str,
    /// Of each world.
    pub studies: u64,
    /// Where intervals are valid.
    pub worlds: &'a [Measured],
    /// Where they are not.
    pub pitfalls: &'a [Measured],
    /// Ten alike.
    pub winners: &'a [(Twins, Winners)],
}

impl Page<'_> {
    /// What lies outside of its bounds, each named.
    pub fn failed(&self) -> Vec<String> {
        let mut failed = Vec::new();
        for measured in self.worlds {
            for (claim, coverage) in measured.rows() {
                if verdict(claim, coverage) == OUTSIDE {
                    failed.push(format!("{}: {}", measured.world.name, claim.label));
                }
            }
        }
        let won = self.winners.iter().filter(|(_, won)| !is_rare(won));
        failed.extend(won.map(|(twins, _)| twins.name.to_owned()));
        failed
    }

    /// The whole page.
    pub fn markdown(&self) -> String {
        let mut page = self.head();
        page.push_str(&table(self.worlds));
        page.push_str(
            "\n## False winners\n\n\
             Ten strategies that each make another call of the same job are alike in everything but \
             their luck. The lab compares nine with the first, adjusted by Holm; beside it what it \
             does not do: the nine without an adjustment, and all 45 pairs at 5 %, by Student's t on \
             what the replications measured. Jobs at the queue arrive at the same instants for all \
             ten; their service does not take the same time. Of p99 there are fewer studies, since \
             each takes long.\n\n\
             | world | studies | a verdict names a winner | at most | | without Holm | all pairs |\n\
             |---|--:|--:|--:|---|--:|--:|\n",
        );
        for (twins, winners) in self.winners {
            page.push_str(&winners_row(twins, winners));
        }
        page.push_str(PITFALLS);
        page.push_str(&table(self.pitfalls));
        page
    }

    fn head(&self) -> String {
        let rows = || self.worlds.iter().flat_map(Measured::rows);
        let judged = rows().count() + self.winners.len();
        let version = env!("CARGO_PKG_VERSION");
        let (command, studies) = (self.command, self.studies);
        let outside = self.failed().len();
        format!(
            "# What our intervals cover\n\n\
             {judged} figures, {outside} outside of their bounds.\n\n\
             Made by `{command}`, awaitlab {version}; do not edit.\n\n\
             Each world is a scenario of which theory knows the truth. It is run {studies} times as a \
             user runs it, each time with another seed, and of the 95 % intervals that stand in those \
             {studies} summaries it is counted how many hold the truth. In brackets is the 95 % \
             interval of the coverage itself (Wilson), since {studies} is not infinitely many. \
             Bounds: 93 to 97 % for means, shares and differences, 91 to 97.5 % for p99. ± is half \
             the width of an interval, on average; low and high count those that end below the truth \
             and begin above it. Studies whose summary has no interval (\"–\") are not counted as \
             misses, and are counted.\n\n\
             ## Where intervals are valid\n\n\
             The worlds in time are as long as they are because shorter ones fell short: M/M/1 at 0.8 \
             with 10 replications of 160 s for its p99, the retries at a queue with 20 s for their mean \
             and difference. Both stand [below](#where-they-are-not), with what they cover now.\n\n"
        )
    }
}

const PITFALLS: &str = "\n## Where they are not\n\n\
     Nothing here is judged. Rows \"as the lab has it\" are intervals that a report prints, from runs \
     that are too short, too few or cut wrongly; the others are intervals that the lab refuses to \
     make. A p99 of less than 1000 jobs a replication has no interval, and no value.\n\n\
     - Requests of one run are no independent observations: an interval made of them promises 95 % \
     and holds far less.\n\
     - Replications must be long beside the time in which a queue forgets, 1/(sqrt(mu) - \
     sqrt(lambda))^2: 0.1 s at load 0.5 and 0.9 s at load 0.8 here. Ten observations beyond a p99 are \
     enough where observations are independent; at load 0.8 they come in clumps, a replication's own \
     p99 is too low, and the spread of those p99 too small. So an interval about the p99 of all jobs is \
     wider on both sides by how far the mean of the replications' own lies from it; without, it would \
     cover 68 % with 20 replications of 20 s.\n\
     - A transient is no steady state, whatever its interval says.\n\
     - Student's t needs more than a finite variance where the tail is this heavy.\n\n";

impl Measured {
    fn rows(&self) -> impl Iterator<Item = (&Claim, &Coverage)> {
        self.world.claims.iter().zip(&self.coverages)
    }
}

/// A row for each claim.
pub fn table(measured: &[Measured]) -> String {
    let mut table =
        "| world | figure | formula | truth | ± | low | high | no interval | coverage | |\n\
                     |---|---|---|--:|--:|--:|--:|--:|--:|---|\n"
            .to_owned();
    for of in measured {
        // Said once a world: the table is read downwards.
        let mut name = format!("**{}**: {}", of.world.name, of.world.about);
        for (claim, coverage) in of.rows() {
            let _ = writeln!(table, "| {name} {}", cells(claim, coverage));
            name.clear();
        }
    }
    table
}

fn cells(claim: &Claim, coverage: &Coverage) -> String {
    let unit = if claim.interval.is_a_time() {
        " ms"
    } else {
        ""
    };
    let (truth, off) = (digits(claim.truth), digits(coverage.half_width));
    let (half, share) = match coverage.share() {
        Some(_) => (off, share(coverage.hold, coverage.intervals())),
        None => ("–".to_owned(), "–".to_owned()),
    };
    let Coverage {
        studies,
        below,
        above,
        ..
    } = *coverage;
    let none = studies - coverage.intervals();
    let (label, formula) = (&claim.label, claim.formula);
    let verdict = verdict(claim, coverage);
    format!(
        "| {label} | {formula} | {truth}{unit} | {half} | {below} | {above} | {none} | {share} \
         | {verdict} |"
    )
}

const OUTSIDE: &str = "**outside**";

/// Whether the coverage lies within its bounds; nothing of what is not judged.
fn verdict(claim: &Claim, coverage: &Coverage) -> &'static str {
    let Some(Bounds { least, most }) = claim.interval.bounds().filter(|_| claim.judged) else {
        return "";
    };
    match coverage.share() {
        Some(share) if (least..=most).contains(&share) => "ok",
        _ => OUTSIDE,
    }
}

fn is_rare(winners: &Winners) -> bool {
    winners.by_verdict as f64 <= MOST * winners.studies as f64
}

fn winners_row(twins: &Twins, winners: &Winners) -> String {
    let of = |seen| share(seen, winners.studies);
    let Winners {
        studies,
        by_verdict,
        unadjusted,
        of_all_pairs,
    } = *winners;
    let (won, unadjusted, pairs) = (of(by_verdict), of(unadjusted), of(of_all_pairs));
    let (most, name) = (100.0 * MOST, twins.name);
    let ok = if is_rare(winners) { "ok" } else { OUTSIDE };
    format!("| {name} | {studies} | {won} | {most:.1} % | {ok} | {unadjusted} | {pairs} |\n")
}

/// `95.0 % (93.5 to 96.2)`.
fn share(seen: u64, of: u64) -> String {
    let [low, high] = wilson(seen, of).map(|bound| 100.0 * bound);
    let share = 100.0 * seen as f64 / of as f64;
    format!("{share:.1} % ({low:.1} to {high:.1})")
}

/// Four significant digits.
fn digits(value: f64) -> String {
    let magnitude = value.abs().max(1e-9).log10().floor();
    let decimals = (3.0 - magnitude).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::worlds;

    fn measured(hold: u64) -> Measured {
        let world = worlds().remove(0);
        let coverage = Coverage {
            studies: 1000,
            hold,
            below: 1000 - hold,
            above: 0,
            half_width: 1.5,
        };
        Measured {
            coverages: vec![coverage; world.claims.len()],
            world,
        }
    }

    fn page(worlds: &[Measured]) -> Page<'_> {
        let (command, studies) = ("it", 1000);
        Page {
            command,
            studies,
            worlds,
            pitfalls: &[],
            winners: &[],
        }
    }

    #[test]
    fn what_covers_too_little_or_too_much_is_named() {
        let claims = measured(950).world.claims.len();
        for (hold, failed) in [(930, 0), (970, 0), (909, claims), (976, claims)] {
            let worlds = [measured(hold)];
            assert_eq!(page(&worlds).failed().len(), failed, "{hold}");
            let text = page(&worlds).markdown();
            assert_eq!(text.matches(OUTSIDE).count(), failed, "{text}");
        }
    }

    #[test]
    fn a_share_stands_with_its_own_interval() {
        assert_eq!(share(950, 1000), "95.0 % (93.5 to 96.2)");
        assert_eq!(digits(230.2585), "230.3");
        assert_eq!(digits(0.973), "0.9730");
        assert_eq!(digits(-65.4365), "-65.44");
    }

    #[test]
    fn where_no_study_has_an_interval_there_is_no_coverage() {
        let mut without = measured(0);
        for coverage in &mut without.coverages {
            (coverage.hold, coverage.below) = (0, 0);
        }
        let text = page(&[without]).markdown();
        assert!(
            text.contains("| – | 0 | 0 | 1000 | – | **outside** |"),
            "{text}"
        );
    }
}
