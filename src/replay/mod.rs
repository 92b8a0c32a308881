//! Any position of any stream, fast.

pub mod density;
pub mod lines;
