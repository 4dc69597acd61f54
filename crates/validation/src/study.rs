//! A scenario and what must come out of it.

use crate::figure::Figure;

/// Studies about one part of the lab.
pub struct Family {
    /// What they are about, in a word.
    pub name: &'static str,
    /// The same in a line.
    pub about: &'static str,
    /// In the order in which they are printed.
    pub studies: Vec<Study>,
}

/// A scenario and what must come out of it.
pub struct Study {
    /// What is simulated, as a reader would say it. No other study has this name.
    pub name: String,
    /// The scenario, all of it but its seed.
    pub scenario: String,
    /// What must come out.
    pub checks: Vec<Check>,
}

/// A figure of one strategy, and what theory says that it is.
pub struct Check {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// What is looked at.
    pub figure: Figure,
    /// The value, in the figure's unit.
    pub theory: f64,
    /// Where the value comes from: the formula, or how it follows.
    pub formula: &'static str,
}

/// One call a job, and nothing around it.
pub(crate) const ONE_CALL: &str = "job.calls = 1\nstrategy = [{ name = 'it', kind = 'all' }]\n";
/// The service's latency where nothing else is said.
pub(crate) const EXPONENTIAL: &str =
    "downstream.api.latency = { kind = 'exponential', mean = '1s' }\n";

/// One call a job with these policies around it.
pub(crate) fn one_call_with(policies: &str) -> String {
    format!(
        "job.calls = 1\nstrategy = [{{ name = 'it', kind = 'all', policies = [{policies}] }}]\n"
    )
}

impl Study {
    /// Jobs by themselves, so many a run.
    pub(crate) fn isolated(name: &str, jobs: u32, parts: &str) -> Study {
        Study::new(name, &format!("replications = {jobs}\n{parts}"))
    }

    /// Jobs that arrive at random.
    pub(crate) fn open(name: &str, rate_per_s: f64, seconds: u32, parts: &str) -> Study {
        Study::arriving(name, "poisson", rate_per_s, seconds, parts)
    }

    /// The same with another spread of arrivals.
    pub(crate) fn arriving(
        name: &str,
        arrivals: &str,
        rate_per_s: f64,
        seconds: u32,
        parts: &str,
    ) -> Study {
        let workload = format!(
            "kind = 'open', duration = '{seconds}s', \
             arrivals = {{ kind = '{arrivals}', rate = '{rate_per_s}/s' }}"
        );
        Study::in_time(name, &workload, parts)
    }

    /// Users who think, call and wait.
    pub(crate) fn closed(name: &str, users: u32, think: &str, seconds: u32, parts: &str) -> Study {
        let workload =
            format!("kind = 'closed', users = {users}, think = {think}, duration = '{seconds}s'");
        Study::in_time(name, &workload, parts)
    }

    fn in_time(name: &str, workload: &str, parts: &str) -> Study {
        let parts = format!(
            "replications = 1\nanalysis = 'steady-state'\nworkload = {{ {workload} }}\n{parts}"
        );
        Study::new(name, &parts)
    }

    /// A whole scenario but for its first lines.
    pub(crate) fn new(name: &str, parts: &str) -> Study {
        Study {
            name: name.to_owned(),
            scenario: format!("version = 1\ntitle = \"validation\"\n{parts}"),
            checks: Vec::new(),
        }
    }

    /// What a strategy must come to.
    pub(crate) fn check(
        mut self,
        strategy: &str,
        figure: Figure,
        theory: f64,
        formula: &'static str,
    ) -> Study {
        self.checks.push(Check {
            strategy: strategy.to_owned(),
            figure,
            theory,
            formula,
        });
        self
    }

    /// The same of the only strategy of most scenarios.
    pub(crate) fn gives(self, figure: Figure, theory: f64, formula: &'static str) -> Study {
        self.check("it", figure, theory, formula)
    }
}

impl Check {
    /// What is checked within its study: `all: mean, s`.
    pub fn name(&self) -> String {
        let Figure { label, unit, .. } = &self.figure;
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(", {unit}")
        };
        match self.strategy.as_str() {
            "it" => format!("{label}{unit}"),
            strategy => format!("{strategy}: {label}{unit}"),
        }
    }
}
