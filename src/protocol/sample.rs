//! The live throughput.

use std::sync::Arc;

use crate::event::StreamId;

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
    /// Events and bytes by stream, the busiest first.
    pub by_stream: Vec<(StreamId, u64, u64)>,
    /// Commits that Eventscope itself made in this time: how many, p50 and p99 in microseconds.
    pub commits: Option<(u64, u64, u64)>,
    /// Milliseconds from the newest event's own time to the look that saw it, where the log has times.
    pub lag_ms: Option<i64>,
    /// Events in the log after it.
    pub events_total: u64,
    /// Bytes of the log's files.
    pub bytes_total: u64,
}
