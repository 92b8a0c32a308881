//! States and what led to them, ready to be drawn.

use std::sync::Arc;

use super::{Fault, FoldedBy, StateLines};
use crate::event::{Scope, StreamId, Time};

/// The state at a position, labelled with that position.
#[derive(Clone, Debug)]
pub struct StateAt {
    /// Of what.
    pub scope: Scope,
    /// How many events of the scope are folded.
    pub position: u64,
    /// The stream whose state it is.
    pub stream: Option<StreamId>,
    /// How many events of that stream are folded.
    pub in_stream: u64,
    /// Its version there.
    pub version: Option<i64>,
    /// False where the entity does not exist there.
    pub exists: bool,
    /// The state, with what the event at the cursor changed marked.
    pub lines: StateLines,
    /// Leaf paths that the event at the cursor changed.
    pub changed: u64,
    /// Bytes of the state as JSON.
    pub bytes: u64,
    /// The reducer.
    pub reducer: String,
    /// What folded it.
    pub by: FoldedBy,
    /// Events before here that could not be folded, oldest first, at most [`crate::limits::FAULTS_KEPT_MAX`].
    pub faults: Vec<Fault>,
    /// How many there are in all.
    pub faults_total: u64,
    /// Events that were folded for this answer.
    pub folded: u64,
    /// The version of the kept state that the fold began from; `None`: from the start.
    pub from_version: Option<i64>,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// What changed between two positions of a stream.
#[derive(Clone, PartialEq, Debug)]
pub struct DiffAt {
    /// The stream.
    pub stream: StreamId,
    /// How many events are folded at A.
    pub from: u64,
    /// A's version; `None` before the first event.
    pub from_version: Option<i64>,
    /// How many events are folded at B.
    pub to: u64,
    /// B's version; `None` before the first event.
    pub to_version: Option<i64>,
    /// The state at B, with what changed since A marked.
    pub lines: StateLines,
    /// The lines that changed, or hold one that did.
    pub changed: Vec<u32>,
    /// The reducer.
    pub reducer: String,
    /// Events that were folded.
    pub folded: u64,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// Who set a value, in a whole stream.
#[derive(Clone, PartialEq, Debug)]
pub struct BlameAt {
    /// The stream.
    pub stream: StreamId,
    /// JSON pointer of the value.
    pub path: String,
    /// The reducer.
    pub reducer: String,
    /// The stream's newest version when it was read.
    pub last_version: Option<i64>,
    /// Newest first, at most [`crate::limits::BLAME_ROWS_MAX`].
    pub rows: Vec<BlameRow>,
    /// Older ones that are left out.
    pub left_out: u64,
    /// Events that were read.
    pub events: u64,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// An event that set a value.
#[derive(Clone, PartialEq, Debug)]
pub struct BlameRow {
    /// How many events of the stream are folded, this one included.
    pub position: u64,
    /// Its version.
    pub version: i64,
    /// The type's name.
    pub event_type: Arc<str>,
    /// When.
    pub time: Option<Time>,
    /// The value before, short; `None` where there was none.
    pub from: Option<String>,
    /// The value after, short; `None` where there is none any more.
    pub to: Option<String>,
    /// The value after it, where it is a number.
    pub number: Option<f64>,
    /// How far a number went, with its sign.
    pub delta: Option<String>,
}
