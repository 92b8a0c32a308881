//! States and what led to them, ready to be drawn.

use std::sync::Arc;

pub use crate::replay::align::Arrays;

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

/// A stream after so many of its events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffPlace {
    /// The stream.
    pub stream: StreamId,
    /// How many of its events are folded.
    pub position: u64,
}

/// What is compared, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffFor {
    /// A.
    pub from: DiffPlace,
    /// B.
    pub to: DiffPlace,
    /// Patterns of paths that are left out.
    pub ignore: Vec<String>,
    /// How the items of arrays are found again.
    pub arrays: Arrays,
}

/// What changed between two places.
#[derive(Clone, PartialEq, Debug)]
pub struct DiffAt {
    /// What was asked.
    pub asked: DiffFor,
    /// A's version; `None` before the first event.
    pub from_version: Option<i64>,
    /// When A's event was.
    pub from_time: Option<Time>,
    /// B's version; `None` before the first event.
    pub to_version: Option<i64>,
    /// When B's event was.
    pub to_time: Option<Time>,
    /// The state at B, with what changed since A marked; arrays whose items are known by a key stand as objects.
    pub lines: StateLines,
    /// The lines that changed, or hold one that did.
    pub changed: Vec<u32>,
    /// Leaves that differ and are left out.
    pub hidden: u64,
    /// Arrays whose items are known by a key: pointer in the lines, and the key.
    pub matched: Vec<(String, String)>,
    /// Items that stand elsewhere than before: pointer in the lines, index before and now.
    pub moved: Vec<(String, usize, usize)>,
    /// By line: the version that set the new value, where that is known.
    pub set_at: std::collections::BTreeMap<u32, i64>,
    /// The events between by type, the most frequent first; empty where that is not known.
    pub between: Vec<(Arc<str>, u64)>,
    /// The whole difference as RFC 6902, from A to B; `None` where it is longer than the window holds.
    pub patch: Option<String>,
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
