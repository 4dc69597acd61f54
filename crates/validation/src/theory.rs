//! Formulas that several checks share, and the little numerics behind the others.

/// `1 + 1/2 + ... + 1/n`: the mean of the largest of n exponentials of mean 1. The first of n takes
/// 1/n, then n - 1 are left, without memory.
pub fn harmonic(n: u32) -> f64 {
    (1..=n).map(|i| 1.0 / f64::from(i)).sum()
}

/// `1 + 1/4 + ... + 1/n^2`: the variance of the same.
pub fn harmonic_squares(n: u32) -> f64 {
    (1..=n).map(|i| 1.0 / f64::from(i).powi(2)).sum()
}

/// Erlang's loss formula: the share refused by `servers` without a queue, at an offered load of
/// `load` erlangs. `B_k = a B_(k-1) / (k + a B_(k-1))`.
pub fn erlang_b(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| {
        load * blocked / (f64::from(k) + load * blocked)
    })
}

/// Erlang's delay formula: the share that waits for one of `servers` (Erlang 1917).
pub fn erlang_c(load: f64, servers: u32) -> f64 {
    let (blocked, rho) = (erlang_b(load, servers), load / f64::from(servers));
    blocked / (1.0 - rho * (1.0 - blocked))
}

/// Mean wait of M/M/c with a service of mean 1: `C / (c - lambda)`.
pub fn mmc_wait(lambda: f64, servers: u32) -> f64 {
    erlang_c(lambda, servers) / (f64::from(servers) - lambda)
}

/// `P(response > t)` of M/M/c with a service of mean 1, for a spare capacity other than 1: service
/// plus, with Erlang's probability, an exponential wait of rate `c - lambda`.
pub fn mmc_response_above(lambda: f64, servers: u32, t: f64) -> f64 {
    let (waits, spare) = (erlang_c(lambda, servers), f64::from(servers) - lambda);
    let convolved = (spare * (-t).exp() - (-spare * t).exp()) / (spare - 1.0);
    (1.0 - waits) * (-t).exp() + waits * convolved
}

/// The stationary distribution of a birth-and-death process on `0..=up.len()`: up from i at rate
/// `up[i]`, down from i + 1 at `down[i]`.
pub fn birth_and_death(up: &[f64], down: &[f64]) -> Vec<f64> {
    let mut weights = vec![1.0];
    for (up, down) in up.iter().zip(down) {
        let last = weights.last().copied().unwrap_or(1.0);
        weights.push(last * up / down);
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// M/M/c/K with a service of mean 1: the probabilities of 0 to K in the system.
pub fn mmck(lambda: f64, servers: u32, places: u32) -> Vec<f64> {
    let up = vec![lambda; places as usize];
    let down: Vec<f64> = (1..=places).map(|n| f64::from(n.min(servers))).collect();
    birth_and_death(&up, &down)
}

/// N users who think for `think_s` on average and `servers` servers of mean 1: the machine repairman,
/// as probabilities of 0 to N at the servers.
pub fn repairman(users: u32, think_s: f64, servers: u32) -> Vec<f64> {
    let up: Vec<f64> = (0..users).map(|n| f64::from(users - n) / think_s).collect();
    let down: Vec<f64> = (1..=users).map(|n| f64::from(n.min(servers))).collect();
    birth_and_death(&up, &down)
}

/// The mean of a distribution on 0, 1, 2, ...
pub fn mean_of(probabilities: &[f64]) -> f64 {
    let terms = probabilities.iter().zip(0_u32..);
    terms.map(|(p, n)| p * f64::from(n)).sum()
}

/// Mean wait in M/G/1: `lambda E[S^2] / (2 (1 - rho))` (Pollaczek 1930, Khinchine 1932).
pub fn mg1_wait(lambda: f64, mean: f64, second: f64) -> f64 {
    lambda * second / (2.0 * (1.0 - lambda * mean))
}

/// Variance of the wait in M/G/1: `Wq^2 + lambda E[S^3] / (3 (1 - rho))` (Takacs 1962).
pub fn mg1_wait_variance(lambda: f64, mean: f64, second: f64, third: f64) -> f64 {
    mg1_wait(lambda, mean, second).powi(2) + lambda * third / (3.0 * (1.0 - lambda * mean))
}

/// The share that a token bucket refuses of Poisson arrivals. With D = 1/rate and `rho = lambda D` it
/// is the loss of M/D/1 with a bounded workload of (b - 1) D: `1 - U / (1 + rho U)`, where
/// `U = sum_(k < b) (lambda (k D - t))^k / k! e^(-lambda (k D - t))` and `t = (b - 1) D`.
pub fn token_bucket_refuses(lambda: f64, rate: f64, burst: u32) -> f64 {
    let d = 1.0 / rate;
    let t = f64::from(burst - 1) * d;
    let mut factorial = 1.0;
    let mut u = 0.0;
    for k in 0..burst {
        if k > 0 {
            factorial *= f64::from(k);
        }
        let x = lambda * (f64::from(k) * d - t);
        u += x.powi(k as i32) / factorial * (-x).exp();
    }
    1.0 - u / (1.0 + lambda * d * u)
}

/// Who finds a longer wait than `patience_s` in M/M/1 leaves: the share that does. The virtual wait
/// has density `lambda P0 e^(-(mu - lambda) x)` up to the patience and falls as `e^(-mu x)` beyond,
/// where nobody joins (Barrer 1957). Service of mean 1.
pub fn mm1_impatient(lambda: f64, patience_s: f64) -> f64 {
    let still = (-(1.0 - lambda) * patience_s).exp();
    let idle = 1.0 / (1.0 + lambda * (1.0 - still) / (1.0 - lambda) + lambda * still);
    idle * lambda * still
}

/// `P(N = n)` of a Poisson number with that mean, for n from 0 up to but not at `end`.
pub fn poisson(mean: f64, end: u32) -> Vec<f64> {
    let mut terms = vec![(-mean).exp()];
    for n in 1..end {
        let last = terms.last().copied().unwrap_or(0.0);
        terms.push(last * mean / f64::from(n));
    }
    terms
}

/// The distribution function of the standard normal law.
pub fn normal_cdf(x: f64) -> f64 {
    libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

/// `integral of f from a to b` by Simpson's rule on 20 000 pieces: exact to ten digits for what is
/// smooth.
pub fn integral(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    const PIECES: u32 = 20_000;
    let step = (b - a) / f64::from(PIECES);
    let weight = |i: u32| match i {
        0 | PIECES => 1.0,
        odd if odd % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let terms = (0..=PIECES).map(|i| weight(i) * f(a + f64::from(i) * step));
    terms.sum::<f64>() * step / 3.0
}

/// Where f, which rises from below 0 at `a` to above it at `b`, is 0.
pub fn root(mut a: f64, mut b: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = (a + b) / 2.0;
        if f(middle) < 0.0 {
            a = middle;
        } else {
            b = middle;
        }
    }
    (a + b) / 2.0
}

/// Mean number in two servers of mean 1 whose shorter line each arrival joins, ties at random: the
/// balance equations, solved by iteration. Lines are cut off at 30, which none reaches at loads
/// of a half.
pub fn join_the_shorter(lambda: f64) -> f64 {
    const MOST: usize = 30;
    // By symmetry only (longer, shorter): an arrival joins the shorter one.
    let mut p = vec![vec![0.0_f64; MOST + 1]; MOST + 1];
    p[0][0] = 1.0;
    for _ in 0..3_000 {
        let mut next = vec![vec![0.0_f64; MOST + 1]; MOST + 1];
        // Steps of a chain that moves at rate lambda + 2 (uniformisation).
        let total = lambda + 2.0;
        for long in 0..=MOST {
            for short in 0..=long {
                let here = p[long][short] / total;
                let (l, s) = if short == long {
                    (long + 1, short)
                } else {
                    (long, short + 1)
                };
                let (l, s) = if l > MOST { (long, short) } else { (l, s) };
                next[l][s] += here * lambda;
                let (l, s) = match (long, short) {
                    (0, _) => (0, 0),
                    _ if long == short => (long, short - 1),
                    _ => (long - 1, short),
                };
                next[l][s] += here;
                next[long][short.saturating_sub(1)] += here;
            }
        }
        p = next;
    }
    let terms = p.iter().enumerate().flat_map(|(long, row)| {
        let of_row = row.iter().enumerate();
        of_row.map(move |(short, p)| p * (long + short) as f64)
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(value: f64, printed: f64) {
        assert!((value - printed).abs() < 1e-6, "{value}, not {printed}");
    }

    #[test]
    fn formulas_give_the_values_of_printed_tables() {
        near(harmonic(3), 1.833_333_333);
        near(erlang_c(3.2, 4), 0.596_432_472);
        near(1.0 + mmc_wait(3.2, 4), 1.745_540_590);
        near(mmck(0.8, 1, 5)[5], 0.088_819_7);
        near(mg1_wait(0.8, 1.0, 1.0), 2.0);
        near(token_bucket_refuses(0.8, 1.0, 1), 0.444_444_444);
        near(token_bucket_refuses(0.8, 1.0, 2), 0.199_569_6);
        near(normal_cdf(1.959_963_985), 0.975);
    }

    #[test]
    fn one_user_more_than_servers_waits_as_the_repairman_says() {
        // N 10, Z 9, S 1: X = (1 - p0) = 0.832037, R = N / X - Z = 3.0187.
        let busy = 1.0 - repairman(10, 9.0, 1)[0];
        near((busy * 1e6).round() / 1e6, 0.832_037);
        near(((10.0 / busy - 9.0) * 1e4).round() / 1e4, 3.0187);
    }

    #[test]
    fn a_line_without_end_is_the_limit_of_patience() {
        // Nobody leaves; and without patience it is Erlang's loss.
        assert!(mm1_impatient(0.8, 1e3) < 1e-9);
        near(mm1_impatient(0.8, 0.0), erlang_b(0.8, 1));
    }

    #[test]
    fn numerics_are_numerics() {
        near(integral(0.0, 50.0, |t| (-t).exp()), 1.0);
        near(root(0.0, 2.0, |x| x * x - 2.0), std::f64::consts::SQRT_2);
        // Between one server of twice the speed and two lines joined at random.
        let number = join_the_shorter(1.0);
        assert!(number > 1.0 && number < 2.0, "{number}");
    }
}
