//! The sandbox: what is asked of the two lines, and how they compare.

use std::collections::BTreeMap;

use super::{StateLines, Ticket};
use crate::event::StreamId;
pub use crate::replay::whatif::{Compared, Did, Edit, Made};

/// What is asked of a sandbox.
#[derive(Clone, PartialEq, Debug)]
pub struct SandboxFor {
    /// The stream.
    pub stream: StreamId,
    /// The changes to its events.
    pub edits: Vec<Edit>,
    /// How many of its events are folded on the real line, where both states are wanted in full.
    pub position: u64,
    /// The path whose values are wanted on both lines.
    pub path: Option<String>,
}

/// Both lines beside each other.
#[derive(Clone, PartialEq, Debug)]
pub struct SandboxAt {
    /// Of the question.
    pub ticket: Ticket,
    /// What was asked.
    pub asked: SandboxFor,
    /// How the lines compare as a whole.
    pub compared: Compared,
    /// By real position: how many paths differ after it. At most [`crate::limits::SANDBOX_SLOTS_MAX`], the first ones.
    pub differing: BTreeMap<u64, u64>,
    /// The real state at the position beside the sandbox's; `None` where both are the same there.
    pub lines: Option<StateLines>,
    /// The path's values on the real line, by position.
    pub real: Vec<(f64, Option<f64>)>,
    /// The path's values in the sandbox, by the real position.
    pub sandbox: Vec<(f64, Option<f64>)>,
    /// Why the sandbox cannot be.
    pub refused: Option<String>,
    /// The reducer.
    pub reducer: String,
}
