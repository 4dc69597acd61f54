//! wip
mod books;
mod hand;
mod lab;
mod models;
fn main() {}
