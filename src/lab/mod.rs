//! The lab: logs made to measure. Reproducible, so that a measurement or a bug can be repeated.

pub mod bench;
pub mod generate;
pub mod wallet;

mod seeded;
