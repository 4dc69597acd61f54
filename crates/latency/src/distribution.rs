//! Every kind of distribution, as one type.

use awaitlab_core::{AttemptId, Draws};

use crate::constant::Constant;
use crate::empirical::Empirical;
use crate::erlang::Erlang;
use crate::exponential::Exponential;
use crate::gamma::Gamma;
use crate::law::Law;
use crate::list::List;
use crate::log_normal::LogNormal;
use crate::mixture::Mixture;
use crate::nanoseconds;
use crate::normal::Normal;
use crate::pareto::Pareto;
use crate::quantiles::Quantiles;
use crate::uniform::Uniform;
use crate::weibull::Weibull;

/// Every kind of latency, as a scenario names it, with a line about it.
pub const KINDS: &[(&str, &str)] = &[
    (Constant::NAME, "always `value`"),
    (Uniform::NAME, "equally likely from `min` to `max`"),
    (Exponential::NAME, "memoryless, with `mean`"),
    (
        Normal::NAME,
        "`mean` and `sd`; negative draws are drawn again",
    ),
    (
        LogNormal::NAME,
        "skewed, by `median` and `p99`, `median` and `sigma`, or `mean` and `sigma`",
    ),
    (
        Gamma::NAME,
        "`mean` and `shape`: 1 is exponential, more is steadier",
    ),
    (
        Erlang::NAME,
        "the sum of `stages` exponential stages, with `mean` in all",
    ),
    (
        Weibull::NAME,
        "`mean` or `scale`, and `shape`: below 1 the slow get slower",
    ),
    (
        Pareto::NAME,
        "a power-law tail from `minimum` on, with exponent `alpha`",
    ),
    (Mixture::NAME, "one of `parts`, by weight"),
    (List::NAME, "`values` in order, call by call"),
    (
        Quantiles::NAME,
        "a curve through `points` such as p50, p90 and p99",
    ),
    (Empirical::NAME, "one observation of a `file` at random"),
];

/// A distribution of one of the kinds.
///
/// A closed enum, so that a draw is a jump and not a call through a pointer.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Constant),
    /// Equally likely between two bounds.
    Uniform(Uniform),
    /// Memoryless.
    Exponential(Exponential),
    /// Normal, without its negative part.
    Normal(Normal),
    /// With a normal logarithm.
    LogNormal(LogNormal),
    /// A sum of exponential stages, not necessarily a whole number of them.
    Gamma(Gamma),
    /// A sum of exponential stages.
    Erlang(Erlang),
    /// A power of an exponential number.
    Weibull(Weibull),
    /// With a power-law tail.
    Pareto(Pareto),
    /// One of several.
    Mixture(Mixture),
    /// Given values in order.
    List(List),
    /// Through points of the quantile function.
    Quantiles(Quantiles),
    /// One observation at random.
    Empirical(Empirical),
}

impl Distribution {
    /// The word for its kind in a scenario.
    pub const fn kind(&self) -> &'static str {
        match self {
            Distribution::Constant(_) => Constant::NAME,
            Distribution::Uniform(_) => Uniform::NAME,
            Distribution::Exponential(_) => Exponential::NAME,
            Distribution::Normal(_) => Normal::NAME,
            Distribution::LogNormal(_) => LogNormal::NAME,
            Distribution::Gamma(_) => Gamma::NAME,
            Distribution::Erlang(_) => Erlang::NAME,
            Distribution::Weibull(_) => Weibull::NAME,
            Distribution::Pareto(_) => Pareto::NAME,
            Distribution::Mixture(_) => Mixture::NAME,
            Distribution::List(_) => List::NAME,
            Distribution::Quantiles(_) => Quantiles::NAME,
            Distribution::Empirical(_) => Empirical::NAME,
        }
    }

    /// What is known of it without drawing. Of a list: the law of a value of the list, each as often
    /// as it stands there, on first attempts.
    pub fn law(&self) -> &dyn Law {
        match self {
            Distribution::Constant(law) => law,
            Distribution::Uniform(law) => law,
            Distribution::Exponential(law) => law,
            Distribution::Normal(law) => law,
            Distribution::LogNormal(law) => law,
            Distribution::Gamma(law) => law,
            Distribution::Erlang(law) => law,
            Distribution::Weibull(law) => law,
            Distribution::Pareto(law) => law,
            Distribution::Mixture(law) => law,
            Distribution::List(list) => list.first_attempts(),
            Distribution::Quantiles(law) => law,
            Distribution::Empirical(law) => law,
        }
    }

    /// The latency of an attempt in whole nanoseconds: exact for what is written down, else the
    /// nearest.
    #[inline]
    pub(crate) fn sample_ns(&self, attempt: &AttemptId, draws: &mut Draws) -> u64 {
        match self {
            Distribution::Constant(constant) => constant.value_ns,
            Distribution::Uniform(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Exponential(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Normal(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::LogNormal(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Gamma(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Erlang(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Weibull(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Pareto(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Mixture(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::List(list) => list.value_ns(attempt),
            Distribution::Quantiles(law) => nanoseconds::round(law.draw_ns(draws)),
            Distribution::Empirical(observed) => observed.draw(draws),
        }
    }
}

macro_rules! from_kind {
    ($($kind:ident),* $(,)?) => {$(
        impl From<$kind> for Distribution {
            fn from(kind: $kind) -> Self {
                Distribution::$kind(kind)
            }
        }
    )*};
}

from_kind!(
    Constant,
    Uniform,
    Exponential,
    Normal,
    LogNormal,
    Gamma,
    Erlang,
    Weibull,
    Pareto,
    Mixture,
    List,
    Quantiles,
    Empirical,
);
