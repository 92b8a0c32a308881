//! An audit of snapshots: each beside a fold from the first event, what it saves, and where the next one pays.

use super::{StateLines, Ticket};
use crate::event::StreamId;
pub use crate::replay::snapshots::Verdict;

/// An audit of the snapshots of a stream, in the order that they are listed in.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditAt {
    /// Of the question.
    pub ticket: Ticket,
    /// The stream.
    pub stream: StreamId,
    /// The reducer.
    pub reducer: String,
    /// One for each snapshot, oldest version first.
    pub rows: Vec<AuditRow>,
    /// Events of the stream.
    pub events: u64,
    /// Its newest version.
    pub last_version: Option<i64>,
    /// Microseconds that folding one thousand of its events takes, as measured.
    pub fold_us_per_thousand: u64,
    /// Microseconds that loading a state takes.
    pub load_us: u64,
    /// Events since the newest sound snapshot: what a load folds now.
    pub unsaved: u64,
    /// Microseconds that a snapshot at the newest version would save a load.
    pub would_save_us: u64,
    /// Events between two snapshots that keep a load quick.
    pub every: u64,
    /// Events that were folded.
    pub folded: u64,
    /// Microseconds that it took.
    pub elapsed_us: u64,
    /// Why there is no audit.
    pub refused: Option<String>,
}

/// What was found of one snapshot.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditRow {
    /// Its version.
    pub version: i64,
    /// Who wrote it.
    pub source: String,
    /// How many events it stands after.
    pub position: u64,
    /// What was found.
    pub verdict: Verdict,
    /// The snapshot's state with what the fold makes of it marked, where they differ.
    pub lines: Option<StateLines>,
    /// Events that a load folds less for it.
    pub saves: Option<u64>,
    /// Microseconds that a load is quicker for it.
    pub saves_us: Option<u64>,
}
