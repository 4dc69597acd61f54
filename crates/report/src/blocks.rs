//! Which rows are compared with each other, and so stand in one table and one chart.
//!
//! As a rule these are the strategies of a variant. Where a scenario has one strategy alone, its
//! variants are what it compares: they stand side by side, each under its own name.

use std::borrow::Cow;

use awaitlab_record::summary::{Row, Summary};

use crate::columns;

/// Rows that are compared with each other.
pub(crate) struct Block<'a> {
    /// Their variant, where the scenario has variants and they are all of one.
    pub(crate) title: Option<&'a str>,
    /// Whose comparisons belong to them; none are of the variant without a name.
    pub(crate) variant: &'a str,
    /// `strategy` is what a row is called.
    pub(crate) rows: Cow<'a, [Row]>,
}

/// The blocks of a summary, in the order of the scenario.
pub(crate) fn blocks(summary: &Summary) -> Vec<Block<'_>> {
    if let Some(rows) = side_by_side(summary) {
        return vec![Block {
            title: None,
            variant: "",
            rows: Cow::Owned(rows),
        }];
    }
    let named = columns::has_variants(summary);
    let blocks = columns::variants(summary).into_iter();
    blocks
        .map(|(variant, rows)| Block {
            title: named.then_some(variant),
            variant,
            rows: Cow::Borrowed(rows),
        })
        .collect()
}

/// What the rows of all blocks are.
pub(crate) fn head(summary: &Summary) -> &'static str {
    if is_side_by_side(summary) {
        "Variant"
    } else {
        "Strategy"
    }
}

/// The rows of several variants of one strategy, called by their variants; `None` where there is
/// more than one strategy to compare.
pub(crate) fn side_by_side(summary: &Summary) -> Option<Vec<Row>> {
    is_side_by_side(summary).then(|| {
        let rows = summary.rows.iter().cloned();
        rows.map(|row| Row {
            strategy: row.variant.clone(),
            ..row
        })
        .collect()
    })
}

fn is_side_by_side(summary: &Summary) -> bool {
    let variants = columns::variants(summary);
    variants.len() > 1
        && variants.iter().all(|(_, rows)| rows.len() == 1)
        && summary
            .rows
            .windows(2)
            .all(|pair| pair[0].strategy == pair[1].strategy)
}
