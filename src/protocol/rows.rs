//! Events, ready to be drawn.

use std::sync::Arc;

use super::StateLines;
use crate::event::{StreamId, Time};

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
    /// The payload as upcasters make it; none where none applies, else why one failed.
    pub upcast: Result<Option<StateLines>, String>,
    /// The first bytes as stored; none where something of payloads is masked.
    pub raw: Vec<u8>,
    /// True where something of payloads is masked.
    pub masked: bool,
    /// Why the payload cannot be decoded, where it cannot.
    pub fault: Option<String>,
    /// The metadata in lines.
    pub metadata: StateLines,
    /// The whole event as one JSON object, as the command line prints it.
    pub json: String,
}
