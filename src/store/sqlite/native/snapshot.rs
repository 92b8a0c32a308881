//! Snapshots that the user asked to keep, in the log itself.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Store, check};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time, Value};
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

impl NewSnapshot {
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
    pub fn keep_snapshot(&mut self, snapshot: &NewSnapshot) -> Result<()> {
        snapshot.check()?;
        let doing = format!("keep a snapshot of stream \"{}\"", snapshot.stream);
        let failed = |error| fault(error, &doing);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let stream_id: Option<i64> = transaction
            .prepare_cached(
                "SELECT stream_id FROM events JOIN streams USING (stream_id) WHERE name = ?1 AND version = ?2",
            )
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
        transaction
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
                    snapshot.event_hash.as_ref().map(<[u8; 32]>::as_slice),
                    Time::now().0,
                    snapshot.state.to_string()
                ])
            })
            .map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}
