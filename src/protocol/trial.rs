//! A reducer's text while it is edited: read, tried beside the saved one, saved.

use std::sync::Arc;

use super::{StateLines, Ticket};
use crate::event::StreamId;
use crate::log::Fault;

/// What is to be tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrialFor {
    /// The reducer's file: its ending says of what kind the text is.
    pub file: String,
    /// The text as it is edited.
    pub text: String,
    /// The stream that is folded.
    pub stream: StreamId,
    /// How many of its events.
    pub position: u64,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct TrialAt {
    /// Of the question.
    pub ticket: Ticket,
    /// Why the text cannot be used, where it cannot.
    pub refused: Option<String>,
    /// The saved reducer's state beside the edited one's.
    pub lines: StateLines,
    /// The first events that could not be folded.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub faults_total: u64,
    /// The first lines that the script printed, each with the position and the version of its event.
    pub console: Vec<(u64, i64, String)>,
    /// How many there are.
    pub console_total: u64,
    /// The first event after which the two states differ: position, version, type.
    pub parts_at: Option<(u64, i64, Arc<str>)>,
    /// Versions after which they differ.
    pub differing: u64,
    /// Events that were folded, by each.
    pub events: u64,
    /// Microseconds that folding with the edited text took.
    pub elapsed_us: u64,
}

/// A reducer's text as it is saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReducerText {
    /// Its file.
    pub file: String,
    /// Its text; empty where there is no such file yet.
    pub text: String,
    /// True where there is such a file.
    pub exists: bool,
}
