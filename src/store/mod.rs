//! Where events live: the seam [`EventLog`], and what opens a locator. Only this module says SQL.
//!
//! Every log is read a page at a time by key: there is no OFFSET and no "load everything". A log that Eventscope did
//! not create is never written, and that is true by type: `EventLog` has no method that writes.

use std::sync::Arc;

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, StreamId};
use crate::log::{
    At, CategoryInfo, Growth, Head, LogInfo, PageEnd, Place, Seal, Sifted, Snapshot, StreamInfo, StreamPage, Totals,
};
use crate::payload::Decoder;

pub mod anchor;
pub mod archive;
pub mod bundle;
pub mod cache;
pub mod exchange;
mod name;
pub mod seal;
pub mod sqlite;
pub mod verify;

pub use name::stream_named;
pub use sqlite::native;

/// Stops a running query of one log from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<dyn Fn() + Send + Sync>);

impl Stopper {
    /// A stopper that calls this.
    #[must_use]
    pub fn new(stop: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(stop))
    }

    /// Stops what runs now; what is asked later runs.
    pub fn stop(&self) {
        (self.0)();
    }
}

/// A log of events that can be read in order, a page at a time.
///
/// One object belongs to one thread. Reads are short: none holds a transaction between two calls.
///
/// # Errors
/// Every method that asks the engine fails with `Busy` where a lock was held for too long, `Corrupt` where the data
/// contradicts itself, `Stopped` where its [`Stopper`] was used, and `Other` for the rest.
#[expect(clippy::missing_errors_doc, reason = "the trait's own text says it for all of them")]
pub trait EventLog: Send {
    /// What was opened and how.
    fn info(&self) -> &LogInfo;

    /// How payloads of this log become JSON.
    fn decoder(&self) -> Decoder;

    /// The newest event's key; notices a log that became live or was replaced, and opens it anew.
    fn head(&mut self) -> Result<Head>;

    /// All totals. May scan: not for a frame.
    fn totals(&mut self) -> Result<Totals>;

    /// How many events a scope holds. For a category, and for a log whose key has gaps, this may scan.
    fn extent(&mut self, scope: &Scope) -> Result<u64>;

    /// The kinds of streams, by name.
    fn categories(&mut self) -> Result<Vec<CategoryInfo>>;

    /// A page of streams, by name.
    fn streams(&mut self, page: &StreamPage) -> Result<Vec<StreamInfo>>;

    /// One stream's totals, `None` where it has no event.
    fn stream(&mut self, stream: &StreamId) -> Result<Option<StreamInfo>>;

    /// The nearest known place at or before a position. Reading on from it reaches the position; where the key has
    /// no gaps it *is* the position.
    fn locate(&mut self, scope: &Scope, position: u64) -> Result<Place>;

    /// How many events of the scope stand at or before an instant.
    fn position_of(&mut self, scope: &Scope, at: &At) -> Result<u64>;

    /// Reads the next events of a scope into `into`, which is cleared first: at most `limit` events (1 to
    /// [`crate::limits::PAGE_EVENTS_MAX`]) and about [`crate::limits::PAGE_BYTES_MAX`] bytes, but always one event if
    /// there is one.
    fn read(&mut self, scope: &Scope, from: &Resume, limit: u32, into: &mut EventBatch) -> Result<PageEnd>;

    /// Looks at the next events of a scope as [`EventLog::read`] reads them, and puts only those that are wanted into
    /// `into`, which is cleared first.
    fn sift(
        &mut self,
        scope: &Scope,
        from: &Resume,
        limit: u32,
        is_wanted: &mut dyn FnMut(&RawEvent<'_>) -> bool,
        into: &mut EventBatch,
    ) -> Result<Sifted> {
        let page = self.read(scope, from, limit, into)?;
        let looked_at = into.len() as u64;
        into.retain(is_wanted);
        Ok(Sifted { page, looked_at })
    }

    /// What the log grew by since `after`; by type only where it grew by few events.
    fn growth(&mut self, after: &Resume) -> Result<Growth>;

    /// Where the log ends now: growth is counted from here.
    fn end(&mut self) -> Result<Resume>;

    /// The snapshots that the log itself holds, oldest version first: of one stream, or of all.
    fn snapshots(&mut self, stream: Option<&StreamId>) -> Result<Vec<Snapshot>>;

    /// The seals that end after a position, in order, at most `limit`: none where the log has no seals.
    fn seals(&mut self, after: i64, limit: u32) -> Result<Vec<Seal>> {
        let _ = (after, limit);
        Ok(Vec::new())
    }

    /// Stops a running query from another thread.
    fn stopper(&self) -> Stopper;
}

/// Opens a log to read it: a path to a SQLite file, or to a repro bundle.
///
/// # Errors
/// `Open` with what to do, where there is no such file, it cannot be read, or it holds no event log.
pub fn open(locator: &str) -> Result<Box<dyn EventLog>> {
    let place = crate::locator::Locator::parse(locator);
    // A log that is open here is no bundle, and a look at it by hand would drop the locks of its writer.
    if !sqlite::is_in_use(place.file()) && bundle::is_bundle(place.file()) {
        return Ok(Box::new(bundle::BundleLog::open(place.file())?));
    }
    sqlite::open(locator)
}
