//! Running to a breakpoint: what is asked, how far it is, where it stopped.

use super::Ticket;
pub use crate::replay::breakpoints::{Breakpoint, Hit, Way, Why};

/// How far a run is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunWord {
    /// Of the run.
    pub ticket: Ticket,
    /// Events that it has passed.
    pub events: u64,
    /// Events that there are to pass.
    pub of: u64,
}

/// How a run ended.
#[derive(Clone, PartialEq, Debug)]
pub struct RunEnd {
    /// Of the run.
    pub ticket: Ticket,
    /// Where it stopped; `None` where nothing hit.
    pub hit: Option<Hit>,
    /// Events that it passed.
    pub events: u64,
    /// Events at which a condition itself failed, and the first of the reasons.
    pub failed: u64,
    /// Why.
    pub failure: Option<String>,
    /// Why it could not run, where it could not.
    pub refused: Option<String>,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}
