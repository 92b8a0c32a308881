//! What crosses a thread, and nothing else: requests, replies, generations.
//!
//! The *generation* goes up when the question changes (another log, another scope): a reply of an older one is dropped.
//! Each seek also carries a rising *ticket*: of two states the one with the higher ticket is the newer answer.

use std::sync::Arc;

use crate::event::{Scope, StreamId, Time};
pub use crate::log::Fault;
use crate::log::{At, CategoryInfo, LogInfo, Snapshot, StreamInfo, StreamPage, Totals};
pub use crate::replay::density::Density;
pub use crate::replay::lines::{Change, Line, LineKind, StateLines};

/// Goes up when the question changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Generation(pub u64);

/// Goes up with each seek.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Ticket(pub u64);

/// What the window asks of the workers.
#[derive(Clone, Debug)]
pub enum Request {
    /// Open a log in every worker.
    Open {
        /// The question.
        generation: Generation,
        /// Path or address.
        locator: String,
    },
    /// Make the demo log with its live writer, then open it.
    OpenDemo {
        /// The question.
        generation: Generation,
    },
    /// Close the log: workers let go of its files.
    Close,
    /// The log's totals and categories, which may take a scan.
    Overview {
        /// The question.
        generation: Generation,
    },
    /// A page of streams.
    Streams {
        /// The question.
        generation: Generation,
        /// Which.
        page: StreamPage,
    },
    /// How many events the scope holds, and the time and density over it.
    Extent {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
    },
    /// Where an instant lies in a scope.
    Locate {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Which instant.
        at: At,
    },
    /// The density of a scope over time.
    Density {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
    },
    /// Rows of the event list.
    Rows {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Position (0-based row) of the first.
        first: u64,
        /// How many.
        count: u64,
    },
    /// One event in full.
    Detail {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Its 0-based row.
        row: u64,
    },
    /// The state after `position` events of the scope. In a scope of several streams it is the state of the stream of
    /// the event at the cursor.
    Seek {
        /// The question.
        generation: Generation,
        /// Rises.
        ticket: Ticket,
        /// Of what.
        scope: Scope,
        /// How many events are folded.
        position: u64,
    },
    /// What changed between two positions of a stream. A newer seek ends it without an answer.
    Diff {
        /// The question.
        generation: Generation,
        /// Of the newest seek.
        ticket: Ticket,
        /// Which stream.
        stream: StreamId,
        /// How many of its events are folded at A.
        from: u64,
        /// How many are folded at B.
        to: u64,
    },
    /// How many paths each event of these rows of a stream changes.
    Changes {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// The first 0-based row.
        first: u64,
        /// How many.
        count: u64,
    },
    /// Who set a value of a stream's state. A newer seek ends it without an answer.
    Blame {
        /// The question.
        generation: Generation,
        /// Of the newest seek.
        ticket: Ticket,
        /// Which stream.
        stream: StreamId,
        /// JSON pointer of the value.
        path: String,
    },
    /// Take a snapshot of a stream.
    Snapshot {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// At which version.
        version: i64,
        /// What to call it.
        name: Option<String>,
    },
    /// The snapshots of a stream.
    Snapshots {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
    },
    /// Ask for a file in the system's dialog.
    PickFile,
    /// Keep the settings for the next start.
    SaveSettings(Settings),
    /// Read the settings of the last start.
    LoadSettings,
}

/// What the workers answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The log is open.
    Opened {
        /// The question.
        generation: Generation,
        /// What it is.
        info: Arc<LogInfo>,
        /// True for the demo log.
        demo: bool,
        /// When, by the worker's clock.
        time: Time,
    },
    /// Something worth looking at in this log.
    Hint {
        /// The question.
        generation: Generation,
        /// What, in a sentence.
        text: String,
        /// In which stream.
        stream: StreamId,
        /// After how many of its events.
        position: u64,
    },
    /// The log cannot be opened.
    OpenFailed {
        /// The question.
        generation: Generation,
        /// Path or address.
        locator: String,
        /// Why, and what to do.
        message: String,
    },
    /// Totals and categories.
    Overview {
        /// The question.
        generation: Generation,
        /// All of the log.
        totals: Totals,
        /// By kind.
        categories: Vec<CategoryInfo>,
        /// Milliseconds that it took to find out.
        elapsed_ms: u64,
    },
    /// A page of streams.
    Streams {
        /// The question.
        generation: Generation,
        /// Which were asked for.
        page: StreamPage,
        /// They.
        streams: Vec<StreamInfo>,
    },
    /// How many events the scope holds.
    Extent {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Events.
        events: u64,
    },
    /// Where an instant lies.
    Located {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// How many events stand at or before it.
        position: u64,
    },
    /// The density of a scope.
    Density {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// It.
        density: Arc<Density>,
    },
    /// Rows of the event list.
    Rows {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Position (0-based row) of the first.
        first: u64,
        /// They; fewer than asked for at the end of the scope.
        rows: Vec<EventRow>,
    },
    /// One event in full.
    Detail {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// It.
        detail: Arc<EventDetail>,
    },
    /// A state.
    State {
        /// The question.
        generation: Generation,
        /// Of the seek that it answers.
        ticket: Ticket,
        /// It.
        state: Arc<StateAt>,
    },
    /// What changed between two positions.
    Diff {
        /// The question.
        generation: Generation,
        /// It.
        diff: Arc<DiffAt>,
    },
    /// How many paths each event of a stream changes.
    Changes {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// The first 0-based row.
        first: u64,
        /// For each row what it did; fewer than asked for where that took too long.
        changes: Vec<RowChange>,
    },
    /// Who set a value.
    Blame {
        /// The question.
        generation: Generation,
        /// It.
        blame: Arc<BlameAt>,
    },
    /// A snapshot was taken.
    SnapshotTaken {
        /// The question.
        generation: Generation,
        /// It.
        snapshot: Snapshot,
        /// The file that it was written to.
        stored_in: String,
    },
    /// The snapshots of a stream.
    Snapshots {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// They, oldest version first.
        snapshots: Vec<Snapshot>,
    },
    /// The log grew: seen by the next look at its head.
    Grew {
        /// The question.
        generation: Generation,
    },
    /// A sample of the live throughput, four a second.
    Sample {
        /// The question.
        generation: Generation,
        /// It.
        sample: Sample,
    },
    /// The log holds other history than before: what was read is out of date.
    Replaced {
        /// The question.
        generation: Generation,
    },
    /// The settings of the last start.
    Settings(Settings),
    /// The user chose a file, or none.
    Picked(Option<String>),
    /// Something that was asked for failed; the rest goes on.
    Failed {
        /// The question.
        generation: Generation,
        /// Why, and what to do.
        message: String,
    },
    /// A worker ended on a bug. The window stays usable.
    WorkerEnded {
        /// Its name.
        worker: &'static str,
        /// What it said last.
        message: String,
    },
}

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// A log that was opened before.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct RecentLog {
    /// Path or address.
    pub locator: String,
    /// What it was: `eventsourcing 9.x layout`.
    pub layout: String,
    /// Events when it was open last.
    pub events: u64,
    /// Bytes then.
    pub bytes: u64,
    /// When: microseconds since 1970.
    pub opened_us: i64,
}

/// What is kept from one start to the next.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Newest first.
    pub recent: Vec<RecentLog>,
}

/// What an event did to the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowChange {
    /// It changed so many leaf paths.
    Paths(u64),
    /// It could not be folded, and why.
    Fault(String),
}

/// One row of the event list, ready to be drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct EventRow {
    /// The log's own key, as text.
    pub seq: String,
    /// The stream.
    pub stream: StreamId,
    /// The number in the stream.
    pub version: Option<i64>,
    /// The type's name.
    pub event_type: Arc<str>,
    /// When.
    pub time: Option<Time>,
    /// `key value` pairs of the payload, at most [`crate::limits::ROW_PAYLOAD_CHARS_MAX`] characters.
    pub payload: Vec<(String, String)>,
    /// Why the payload cannot be shown, where it cannot.
    pub fault: Option<String>,
}

/// One event in full, ready to be drawn.
#[derive(Clone, Debug)]
pub struct EventDetail {
    /// Its 0-based row in the scope.
    pub row: u64,
    /// The log's own key, as text.
    pub seq: String,
    /// The stream.
    pub stream: StreamId,
    /// The number in the stream.
    pub version: Option<i64>,
    /// The type's name.
    pub event_type: Arc<str>,
    /// When.
    pub time: Option<Time>,
    /// The event's id.
    pub id: Option<String>,
    /// Bytes as stored.
    pub bytes: u64,
    /// What decoding did: `JSON`, `zlib, JSON`.
    pub decoded_by: String,
    /// The payload in lines; empty where it cannot be decoded.
    pub data: StateLines,
    /// The first bytes as stored, for the hex view.
    pub raw: Vec<u8>,
    /// Why the payload cannot be decoded, where it cannot.
    pub fault: Option<String>,
    /// The metadata in lines.
    pub metadata: StateLines,
    /// The whole event as one JSON object, as the command line prints it.
    pub json: String,
}

/// The state at a position, labelled with that position.
#[derive(Clone, Debug)]
pub struct StateAt {
    /// Of what.
    pub scope: Scope,
    /// How many events of the scope are folded.
    pub position: u64,
    /// The stream whose state it is.
    pub stream: Option<StreamId>,
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
}

/// What arrived in one sample of time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sample {
    /// When it ended: milliseconds since 1970.
    pub at_ms: i64,
    /// How long it was.
    pub span_ms: u64,
    /// Events.
    pub events: u64,
    /// Bytes of payloads and metadata.
    pub bytes: u64,
    /// By type, the most frequent first.
    pub by_type: Vec<(Arc<str>, u64)>,
    /// Commits that Eventscope itself made in this time: how many, p50 and p99 in microseconds.
    pub commits: Option<(u64, u64, u64)>,
    /// Milliseconds from the newest event's own time to the look that saw it, where the log has times.
    pub lag_ms: Option<i64>,
    /// Events in the log after it.
    pub events_total: u64,
    /// Bytes of the log's files.
    pub bytes_total: u64,
}
