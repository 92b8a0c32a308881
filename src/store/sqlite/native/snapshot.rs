//! Snapshots that the user asked to keep, in the log itself.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, check};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time, Value};
use crate::limits::SNAPSHOT_COMPRESS_BYTES;
use crate::log::snapshot_seal;
use crate::store::sqlite::fault::fault;

/// A state to keep.
#[derive(Clone, PartialEq, Debug)]
pub struct NewSnapshot {
    /// The stream.
    pub stream: StreamId,
    /// The version that the state stands after, from 1.
    pub version: i64,
    /// What the user called it.
    pub name: Option<String>,
    /// The reducer that made the state.
    pub reducer: String,
    /// The BLAKE3 hash of the event that it stands after.
    pub event_hash: Option<[u8; 32]>,
    /// The state.
    pub state: Value,
}

/// Whether a snapshot says for itself that it is what was folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// It is kept as it is given.
    Bare,
    /// Every event up to there was folded into this state, just now.
    Sealed,
}

impl NewSnapshot {
    /// What is stored of the event that it stands after: its hash, and behind it the seal where there is one.
    pub(crate) fn mark(&self, kept: Kept) -> Option<Vec<u8>> {
        let hash = self.event_hash?;
        let mut mark = hash.to_vec();
        if kept == Kept::Sealed {
            mark.extend_from_slice(&snapshot_seal(&self.reducer, &hash, &self.state));
        }
        Some(mark)
    }

    /// Checks the names and the version, whatever keeps the snapshot.
    pub(crate) fn check(&self) -> Result<()> {
        check::stream_name(&self.stream)?;
        check::name("reducer", &self.reducer)?;
        if let Some(name) = &self.name {
            check::name("snapshot name", name)?;
        }
        if self.version < 0 {
            return Err(Error::Input(format!("a snapshot stands after a version, and {} is none", self.version)));
        }
        Ok(())
    }
}

impl Store {
    /// Keeps a snapshot in the log.
    ///
    /// # Errors
    /// `Input` where the stream has no such version; `Busy` where another writer holds the log for too long.
    pub fn snapshot(&mut self, snapshot: &NewSnapshot) -> Result<()> {
        self.keep_snapshot(snapshot, Kept::Bare)
    }

    /// Keeps a snapshot in the log, as it was folded.
    pub(crate) fn keep_snapshot(&mut self, snapshot: &NewSnapshot, kept: Kept) -> Result<()> {
        let doing = format!("keep a snapshot of stream \"{}\"", snapshot.stream);
        let failed = |error| fault(error, &doing);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        keep(&transaction, snapshot, kept)?;
        transaction.commit().map_err(failed)?;
        self.wal.after_commit(&self.connection);
        Ok(())
    }

    /// The streams for which the policy "a snapshot every `every` events" wants a new one, by name after `after`, at most
    /// `limit`: each with the version to take it at, the last multiple of `every` that the stream has passed.
    ///
    /// # Errors
    /// `Input` where `every` is 0; as every read.
    pub fn snapshots_due(
        &self,
        every: u32,
        reducer: &str,
        after: Option<&StreamId>,
        limit: u32,
    ) -> Result<Vec<(StreamId, i64)>> {
        if every == 0 {
            return Err(Error::Input("a snapshot every 0 events is none (give 1 or more)".to_owned()));
        }
        let failed = |error| fault(error, "find the snapshots that are due");
        let mut find = self
            .connection
            .prepare_cached(
                "SELECT name, last_version / ?1 * ?1 FROM streams s
                  WHERE name > ?3 AND last_version >= ?1
                    AND NOT EXISTS (SELECT 1 FROM snapshots n WHERE n.stream_id = s.stream_id
                                       AND n.version >= s.last_version / ?1 * ?1 AND n.reducer = ?2)
                  ORDER BY name LIMIT ?4",
            )
            .map_err(failed)?;
        let due = find
            .query_map(params![every, reducer, after.map_or("", StreamId::as_str), limit], |row| {
                Ok((StreamId::new(&row.get::<_, String>(0)?), row.get(1)?))
            })
            .and_then(Iterator::collect);
        due.map_err(failed)
    }
}

/// The hash of the event that a snapshot stands after, and its seal, as [`NewSnapshot::mark`] put them together.
pub(crate) fn marks(stored: &[u8]) -> (Option<[u8; 32]>, Option<[u8; 32]>) {
    let part = |range: std::ops::Range<usize>| stored.get(range).and_then(|bytes| bytes.try_into().ok());
    match stored.len() {
        32 => (part(0..32), None),
        64 => (part(0..32), part(32..64)),
        _ => (None, None),
    }
}

/// Keeps a snapshot, in the transaction of the caller.
pub(super) fn keep(connection: &Connection, snapshot: &NewSnapshot, kept: Kept) -> Result<()> {
    snapshot.check()?;
    let doing = format!("keep a snapshot of stream \"{}\"", snapshot.stream);
    let failed = |error| fault(error, &doing);
    // Versions have no gaps; the event itself may be archived.
    let stream_id: Option<i64> = connection
        .prepare_cached("SELECT stream_id FROM streams WHERE name = ?1 AND ?2 BETWEEN 1 AND last_version")
        .and_then(|mut find| {
            find.query_row(params![snapshot.stream.as_str(), snapshot.version], |row| row.get(0)).optional()
        })
        .map_err(failed)?;
    let Some(stream_id) = stream_id else {
        return Err(Error::Input(format!(
            "stream \"{}\" has no version {}: no snapshot was kept",
            snapshot.stream, snapshot.version
        )));
    };
    connection
        .prepare_cached(
            "INSERT INTO snapshots (stream_id, version, name, reducer, event_hash, time, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                stream_id,
                snapshot.version,
                snapshot.name,
                snapshot.reducer,
                snapshot.mark(kept),
                Time::now().0,
                stored(&snapshot.state)
            ])
        })
        .map(|_| ())
        .map_err(failed)
}

/// A state as it is stored: JSON text, and behind zlib where that is smaller.
fn stored(state: &Value) -> Stored {
    let json = state.to_string();
    if json.len() >= SNAPSHOT_COMPRESS_BYTES {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        // Writing into memory cannot fail.
        let compressed = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish());
        if let Ok(compressed) = compressed
            && compressed.len() < json.len()
        {
            return Stored::Blob(compressed);
        }
    }
    Stored::Text(json)
}
