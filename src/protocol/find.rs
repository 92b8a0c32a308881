//! Where a condition held: what is asked of a search, and what it has found so far.

use std::sync::Arc;

use super::Ticket;
use crate::event::{Scope, StreamId, Time};

/// A search for all intervals in which a condition held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindFor {
    /// In one stream, or in every stream of a category or of the log.
    pub scope: Scope,
    /// An expression over `event`, `state` and `before`.
    pub condition: String,
}

/// Versions of a stream in a row at which the condition held.
#[derive(Clone, PartialEq, Debug)]
pub struct IntervalAt {
    /// The stream.
    pub stream: StreamId,
    /// How many events are folded after the first event at which it held.
    pub from_position: u64,
    /// That event's version.
    pub from_version: i64,
    /// Its type.
    pub event_type: Arc<str>,
    /// When.
    pub time: Option<Time>,
    /// How many events are folded after the last event at which it held.
    pub to_position: u64,
    /// That event's version.
    pub to_version: i64,
    /// True where it holds still at the end of the stream.
    pub still: bool,
    /// When the event after it was; for one that holds still, when the newest event was.
    pub until: Option<Time>,
    /// The value of the number that the condition compares where it was farthest beyond, as stored.
    pub extreme: Option<String>,
}

/// What a search has found since its last word.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FoundPart {
    /// Of the search.
    pub ticket: Ticket,
    /// Intervals, in order.
    pub intervals: Vec<IntervalAt>,
    /// Intervals in all, also those that are not listed.
    pub intervals_total: u64,
    /// Events that it has looked at.
    pub scanned: u64,
    /// Events that there are to look at.
    pub of: u64,
    /// Versions at which the condition held.
    pub versions: u64,
    /// Events at which the condition itself failed, and the first of the reasons.
    pub failed: u64,
    /// Why.
    pub failure: Option<String>,
    /// Microseconds so far.
    pub elapsed_us: u64,
    /// How it ended; `None` while it goes on.
    pub ended: Option<FindEnd>,
}

/// How a search ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FindEnd {
    /// It looked at everything.
    Whole,
    /// It was stopped.
    Stopped,
    /// It cannot be: the condition is none, or the log cannot be read.
    Refused(String),
}
