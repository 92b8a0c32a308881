//! What a log says about itself, as plain data: layer 0, so that the session and the window can hold it.

use std::sync::Arc;

use crate::event::{Resume, Seq, StreamId, Time, Value};

/// How a log was opened. The window shows it at all times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Nobody has it open; read as an unchanging file, no lock taken, no file made.
    AtRest,
    /// Nobody has it open and events stand in its `-wal`; read with a private index, no file made.
    AtRestWithWal,
    /// Somebody writes to it; read with ordinary locks, only reader marks in the `-shm` move.
    Live,
}

impl Access {
    /// A sentence for the status bar and for `info`.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AtRest => "opened at rest: read as an unchanging file, nothing written",
            Self::AtRestWithWal => "opened at rest with its -wal: read with a private index, nothing written",
            Self::Live => "opened while in use: query only, nothing written",
        }
    }
}

/// What an engine or layout offers beyond reading. A missing one is shown, never a silent gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts that are shown one by one")]
pub struct Capabilities {
    /// Events carry an id.
    pub event_ids: bool,
    /// The log knows when an event was stored.
    pub times: bool,
    /// Events carry metadata.
    pub metadata: bool,
    /// Snapshots may be stored in the log itself.
    pub stores_snapshots: bool,
}

/// What was opened and how.
#[derive(Clone, Debug)]
pub struct LogInfo {
    /// The locator as the user gave it.
    pub locator: String,
    /// The short name: the file's name.
    pub name: String,
    /// The engine: `sqlite`.
    pub engine: &'static str,
    /// The layout: `native`, `emmett`, `eventsourcing`, …
    pub layout: String,
    /// The layout in words, with the library's version range.
    pub layout_title: String,
    /// What it was recognised by, one fact each.
    pub evidence: Vec<String>,
    /// How it was opened.
    pub access: Access,
    /// True where Eventscope did not create it and therefore never writes to it.
    pub read_only: bool,
    /// The journal mode: `wal` or `delete`.
    pub journal: &'static str,
    /// Bytes of the log's files.
    pub bytes_total: u64,
    /// What it offers.
    pub capabilities: Capabilities,
}

/// The end of a log, cheap enough to be asked twenty times a second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// The newest event's key, if there is any event.
    pub last: Option<Seq>,
    /// Goes up when what was read before no longer holds: the file was replaced, truncated or restored.
    pub epoch: u64,
}

/// The log's totals. Some layouts need a scan for them.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// All events.
    pub events: u64,
    /// Streams with at least one event.
    pub streams: u64,
    /// Kinds of streams.
    pub categories: u64,
    /// Snapshots that the log itself holds.
    pub snapshots: u64,
    /// Time of the oldest event.
    pub first_time: Option<Time>,
    /// Time of the newest event.
    pub last_time: Option<Time>,
}

/// One stream's totals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamInfo {
    /// The stream.
    pub stream: StreamId,
    /// Its category, by the layout's rule.
    pub category: Arc<str>,
    /// How many events it holds.
    pub events: u64,
    /// The oldest version.
    pub first_version: Option<i64>,
    /// The newest version.
    pub last_version: Option<i64>,
    /// The time of its newest event.
    pub last_time: Option<Time>,
}

/// One category's totals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryInfo {
    /// The category.
    pub category: Arc<str>,
    /// How many streams it holds.
    pub streams: u64,
    /// How many events its streams hold, where that is known without a scan of the log.
    pub events: Option<u64>,
    /// The time of its newest event, where known.
    pub last_time: Option<Time>,
}

/// Which streams to list: a keyset page, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StreamPage {
    /// Only this category.
    pub category: Option<String>,
    /// Only names that contain this text, whatever the case.
    pub contains: Option<String>,
    /// Names after this one.
    pub after: Option<StreamId>,
    /// At most this many.
    pub limit: u32,
}

/// A known place in a scope: reading on from `resume` gives the event at `position` (0-based) first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// How many events of the scope stand before.
    pub position: u64,
    /// Where reading goes on.
    pub resume: Resume,
}

/// An instant in a scope, as a user names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// After the event with this version.
    Version(i64),
    /// After all events up to and at this time.
    Time(Time),
    /// After all events up to and with this key.
    Seq(Seq),
}

/// How a page ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageEnd {
    /// Where the next page begins.
    pub next: Resume,
    /// True where the scope held no more when this page was read.
    pub at_end: bool,
}

/// How looking for events on one page ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sifted {
    /// How the page ended.
    pub page: PageEnd,
    /// Events that were looked at.
    pub looked_at: u64,
}

/// What a log grew by since a place.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    /// Where the next growth begins.
    pub next: Resume,
    /// Events.
    pub events: u64,
    /// Bytes of their payloads and metadata.
    pub bytes: u64,
    /// Events by type, the most frequent first.
    pub by_type: Vec<(Arc<str>, u64)>,
    /// Events and bytes by stream, the busiest first, at most [`crate::limits::GROWTH_STREAMS_MAX`]; empty where the log
    /// has no streams.
    pub by_stream: Vec<(StreamId, u64, u64)>,
}

/// A state that the user, or the log's own writer, asked to keep.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The stream.
    pub stream: StreamId,
    /// The version that it stands after.
    pub version: i64,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The reducer that made it; `None` for a library's own.
    pub reducer: Option<String>,
    /// Who wrote it: `eventscope`, or the library's name.
    pub source: String,
    /// When.
    pub time: Option<Time>,
    /// Size as stored.
    pub bytes: u64,
    /// Hash of the event that it stands after, where it was kept.
    pub event_hash: Option<[u8; 32]>,
    /// What binds state, reducer and event to each other, where every event up to there was folded: [`snapshot_seal`].
    pub seal: Option<[u8; 32]>,
    /// The state, or why it cannot be decoded.
    pub state: std::result::Result<Value, String>,
}

/// BLAKE3 over a reducer's id, the hash of an event, and the state after it as JSON text, each with its length before it. A
/// snapshot that carries it was not altered since it was taken.
#[must_use]
pub fn snapshot_seal(reducer: &str, event_hash: &[u8; 32], state: &Value) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in [reducer.as_bytes(), event_hash, state.to_string().as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// A hash over a range of events, as a native log holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seal {
    /// The position of the first event, one more than the last of the seal before.
    pub first: i64,
    /// The position of the last event.
    pub last: i64,
    /// The hash as stored: 32 bytes where nobody has damaged it.
    pub hash: Vec<u8>,
    /// 4 bytes for each event, so that the first that differs can be named.
    pub marks: Vec<u8>,
}

/// An event that could not be folded.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Fault {
    /// How many events of the stream stand before it.
    pub position: u64,
    /// Its version.
    pub version: Option<i64>,
    /// Why.
    pub message: String,
}

/// A place in a log that the person wants to find again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bookmark {
    /// The stream.
    pub stream: StreamId,
    /// The event's number in it, where it has one.
    pub version: Option<i64>,
    /// The log's own key, as text.
    pub seq: String,
    /// The type of the event.
    pub event_type: String,
    /// When it happened.
    pub time: Option<Time>,
    /// What the person wrote to it; may be empty.
    pub note: String,
}

impl Bookmark {
    /// True where both stand at the same event.
    #[must_use]
    pub fn is_at(&self, other: &Self) -> bool {
        self.stream == other.stream && self.seq == other.seq
    }
}
