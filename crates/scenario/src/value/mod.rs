//! Values that are written as text: each with its grammar, its reader and its errors.

pub mod duration;
pub mod failure;
pub mod percent;
pub mod rate;
pub mod window;
