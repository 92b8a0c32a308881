//! Events over time by type: what the time strip draws.

use std::sync::Arc;

use crate::event::Time;

/// Buckets over a span of time, each with its events by type.
#[derive(Clone, Debug, Default)]
pub struct Density {
    /// The start of the first bucket.
    pub first: Option<Time>,
    /// The end of the last bucket.
    pub last: Option<Time>,
    /// The most frequent types, at most four; the last entry of each bucket counts all others.
    pub types: Vec<Arc<str>>,
    /// For each bucket: events of each of `types`, then of all others.
    pub buckets: Vec<Vec<f32>>,
    /// Known (position, time) pairs in rising order, at most a few hundred: they map the cursor to time and back.
    pub times: Vec<(u64, Time)>,
    /// False where the counts are estimated from samples.
    pub exact: bool,
    /// All types of the scope with their counts, the most frequent first; estimated as `exact` says.
    pub by_type: Vec<(Arc<str>, u64)>,
}
