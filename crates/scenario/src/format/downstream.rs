//! `[downstream.NAME]`: a service that is called.

use crate::shape::{self, Key, Shape};

use super::latency;

pub(super) fn shape() -> shape::Table {
    let keys = vec![Key::required(
        "latency",
        Shape::Table(latency::shape),
        "how long it works on an attempt",
    )];
    shape::Table::plain("downstream", "A service that is called.", keys)
}
