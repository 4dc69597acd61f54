//! From a checked latency to a model of it.

use std::fmt::Display;
use std::time::Duration;

use awaitlab_latency::{
    Constant, Distribution, Empirical, Erlang, Exponential, Gamma, List, LogNormal, Mixture, Model,
    ModelError, Normal, Pareto, Part, Point, Quantiles, Shape, Uniform, Weibull, quantiles,
};

use crate::document::{Node, Place, Table};
use crate::format::Builder;

use super::empirical;

/// The least share of draws that are drawn again of which a note is made.
const WORTH_A_NOTE: f64 = 1e-6;

/// A latency. `what` names it in notes; `calls` are those of the job, where it is
/// known.
pub(in crate::format) fn build(
    node: &Node,
    what: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<Model> {
    let model = model(node, what, calls, builder)?;
    if model.has_infinite_variance() {
        builder.note(format!(
            "{what}: its variance is infinite (a tail this heavy), so no interval for \
             a mean over it can be trusted"
        ));
    }
    Some(model)
}

fn model(node: &Node, what: &str, calls: Option<u32>, builder: &mut Builder<'_>) -> Option<Model> {
    let table = node.as_table()?;
    let distribution = distribution(node, table, what, calls, builder)?;
    if table.is_wrong("offset") || table.is_wrong("cap") {
        return None;
    }
    let offset = table.duration("offset").unwrap_or_default();
    Model::new(distribution, offset, table.duration("cap"))
        .map_err(|error| {
            let place = match error {
                ModelError::CapWithinOffset => table.get("cap").map_or(node.place, |cap| cap.place),
                ModelError::NoMean | ModelError::TooLong => node.place,
            };
            builder.problems.at(place, error.to_string());
        })
        .ok()
}

fn distribution(
    node: &Node,
    table: &Table,
    what: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<Distribution> {
    match table.text("kind")? {
        Mixture::NAME => {
            let model = |part: &Node| -> Option<Part> {
                let weight = part.as_table()?.number("weight");
                let model = model(part, what, calls, builder);
                Some(Part {
                    weight: weight?,
                    model: model?,
                })
            };
            // Every part is looked at, also after one that is wrong.
            let parts: Vec<Option<Part>> = table.get("parts")?.items()?.iter().map(model).collect();
            let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
            accepted(Mixture::new(parts), node.place, builder)
        }
        List::NAME => {
            let attempts = |value: &Node| -> Option<Vec<Duration>> {
                value.items()?.iter().map(Node::as_duration).collect()
            };
            let values: Option<Vec<Vec<Duration>>> =
                table.get("values")?.items()?.iter().map(attempts).collect();
            accepted(List::new(values?, calls.unwrap_or(1)), node.place, builder)
        }
        Quantiles::NAME => through_points(table, node, builder),
        Empirical::NAME => {
            let observed = empirical::observations(table, builder)?;
            let place = table.get("file").map_or(node.place, |file| file.place);
            accepted(Empirical::new(observed), place, builder)
        }
        Normal::NAME => {
            let law = normal(table)?
                .map_err(|error| builder.problems.at(node.place, error))
                .ok()?;
            note_drawn_again(&law, what, builder);
            Some(law.into())
        }
        kind => parametric(kind, table)?
            .map_err(|error| builder.problems.at(node.place, error))
            .ok(),
    }
}

/// The kinds that are a formula with a few numbers. `None`: a number is missing, which the check has
/// reported; an error is what the kind says of them.
fn parametric(kind: &str, table: &Table) -> Option<Result<Distribution, String>> {
    let time = |key| table.duration(key);
    let number = |key| table.number(key);
    let quantiles = time("median").zip(time("p99"));
    Some(match (kind, quantiles) {
        (Constant::NAME, _) => Ok(Constant::new(time("value")?).into()),
        (Uniform::NAME, Some((median, p99))) => said(Uniform::from_median_p99(median, p99)),
        (Uniform::NAME, None) => said(Uniform::new(time("min")?, time("max")?)),
        (Exponential::NAME, _) => match (time("mean"), time("median"), time("p99")) {
            (Some(mean), _, _) => said(Exponential::new(mean)),
            (_, Some(median), _) => said(Exponential::from_median(median)),
            (_, _, p99) => said(Exponential::from_p99(p99?)),
        },
        (LogNormal::NAME, Some((median, p99))) => said(LogNormal::from_median_p99(median, p99)),
        (LogNormal::NAME, None) => match time("median") {
            Some(median) => said(LogNormal::from_median_sigma(median, number("sigma")?)),
            None => said(LogNormal::from_mean_sigma(time("mean")?, number("sigma")?)),
        },
        (Gamma::NAME, Some((median, p99))) => said(Gamma::from_median_p99(median, p99)),
        (Gamma::NAME, None) => said(Gamma::new(time("mean")?, number("shape")?)),
        (Erlang::NAME, _) => said(Erlang::new(
            time("mean")?,
            table.integer("stages")?.try_into().ok()?,
        )),
        (Weibull::NAME, Some((median, p99))) => said(Weibull::from_median_p99(median, p99)),
        (Weibull::NAME, None) => match time("scale") {
            Some(scale) => said(Weibull::from_scale(scale, number("shape")?)),
            None => said(Weibull::from_mean(time("mean")?, number("shape")?)),
        },
        (Pareto::NAME, Some((median, p99))) => said(Pareto::from_median_p99(median, p99)),
        (Pareto::NAME, None) => said(Pareto::new(time("minimum")?, number("alpha")?)),
        _ => return None,
    })
}

fn normal(table: &Table) -> Option<Result<Normal, String>> {
    Some(match table.duration("median").zip(table.duration("p99")) {
        Some((median, p99)) => Normal::from_median_p99(median, p99).map_err(|e| e.to_string()),
        None => Normal::new(table.duration("mean")?, table.duration("sd")?)
            .map_err(|error| error.to_string()),
    })
}

fn note_drawn_again(law: &Normal, what: &str, builder: &mut Builder<'_>) {
    let share = law.share_drawn_again();
    if share >= WORTH_A_NOTE {
        let percent = share * 100.0;
        builder.note(format!(
            "{what}: negative draws of the normal are drawn again ({percent:.2} % of \
             them), which raises its mean"
        ));
    }
}

fn through_points(table: &Table, node: &Node, builder: &mut Builder<'_>) -> Option<Distribution> {
    let nodes = table.get("points")?.items()?;
    let point = |node: &Node| -> Option<Point> {
        let table = node.as_table()?;
        let shape = match table.text("shape") {
            Some("power") => Shape::Power,
            _ => Shape::Linear,
        };
        Some(Point {
            p: table.number("p")?,
            value: table.duration("value")?,
            shape,
        })
    };
    let points: Vec<Point> = nodes.iter().map(point).collect::<Option<_>>()?;
    let at = |point: usize| nodes.get(point).map_or(node.place, |point| point.place);
    let law = Quantiles::new(&points).map_err(|error| {
        let place = match error {
            quantiles::Error::NoPoints => node.place,
            quantiles::Error::Probability { point }
            | quantiles::Error::NotRising { point }
            | quantiles::Error::Falling { point }
            | quantiles::Error::PowerFromZero { point } => at(point),
        };
        builder.problems.at(place, error.to_string());
    });
    law.ok().map(Distribution::from)
}

/// What a constructor made, or what it said.
fn said<T: Into<Distribution>, E: Display>(made: Result<T, E>) -> Result<Distribution, String> {
    made.map(Into::into).map_err(|error| error.to_string())
}

/// What a constructor made; what it said is reported at `place`.
fn accepted<T: Into<Distribution>, E: Display>(
    made: Result<T, E>,
    place: Place,
    builder: &mut Builder<'_>,
) -> Option<Distribution> {
    said(made)
        .map_err(|error| builder.problems.at(place, error))
        .ok()
}
