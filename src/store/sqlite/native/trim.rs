//! Archives of this log: the pointers to them, and removing what they hold.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::Store;
use crate::error::{Error, Result};
use crate::event::Time;
use crate::store::archive::{ArchiveFile, open_all};
use crate::store::sqlite::fault::fault;

/// Where a part of the log is that was archived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pointer {
    /// The first position in it.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// Its file: a bare name beside the log, or an absolute path.
    pub file: String,
    /// The hash of its last chunk.
    pub hash: Vec<u8>,
}

/// The archives of a log, oldest first.
pub(crate) fn pointers(connection: &Connection) -> Result<Vec<Pointer>> {
    let failed = |error| fault(error, "find the archives of the log");
    let mut select = connection
        .prepare_cached("SELECT first_position, last_position, file, hash FROM archives ORDER BY last_position")
        .map_err(failed)?;
    let pointers = select
        .query_map([], |row| {
            Ok(Pointer { first: row.get(0)?, last: row.get(1)?, file: row.get(2)?, hash: row.get(3)? })
        })
        .and_then(Iterator::collect);
    pointers.map_err(failed)
}

/// The last position that was archived; 0 where none was.
pub(crate) fn archived_to(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(last_position), 0) FROM archives")
        .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
        .map_err(|error| fault(error, "find the archives of the log"))
}

/// The archives of this store, opened when they are first needed.
#[derive(Default)]
pub(super) struct Cold {
    to: i64,
    files: Vec<ArchiveFile>,
}

impl Cold {
    /// The archives that there are now, oldest first.
    pub(super) fn files(&mut self, connection: &Connection, log: &Path) -> Result<&mut [ArchiveFile]> {
        let to = archived_to(connection)?;
        if to != self.to {
            self.files = open_all(log, &pointers(connection)?)?;
            self.to = to;
        }
        Ok(&mut self.files)
    }
}

impl Store {
    /// The position of the oldest event that is not archived.
    ///
    /// # Errors
    /// As every read.
    pub fn first_position(&self) -> Result<i64> {
        archived_to(&self.connection).map(|last| last + 1)
    }

    /// Removes the events that an archive holds, which the caller has verified, and points to it: one transaction. How
    /// many it removed.
    ///
    /// # Errors
    /// `Input` where the archive does not follow the one before, or holds the newest event; as every append.
    pub(crate) fn trim(&mut self, pointer: &Pointer) -> Result<u64> {
        let failed = |error| fault(error, "remove archived events");
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let (first, last, sealed): (Option<i64>, Option<i64>, Option<i64>) = transaction
            .query_row(
                "SELECT (SELECT min(position) FROM events), (SELECT max(position) FROM events),
                        (SELECT max(last_position) FROM seals)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .map_err(failed)?
            .unwrap_or_default();
        let follows = archived_to(&transaction)? + 1 == pointer.first && first == Some(pointer.first);
        if !follows || last.is_none_or(|last| pointer.last >= last) || sealed.is_none_or(|sealed| pointer.last > sealed)
        {
            return Err(Error::Input(format!(
                "positions {} to {} cannot be removed: they are not the oldest of this log, or not all sealed",
                pointer.first, pointer.last
            )));
        }
        transaction
            .execute(
                "INSERT INTO archives (last_position, first_position, file, hash, time) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![pointer.last, pointer.first, pointer.file, pointer.hash, Time::now().0],
            )
            .map_err(failed)?;
        transaction
            .execute(
                "UPDATE streams SET archived = archived + n
                   FROM (SELECT stream_id AS s, count(*) AS n FROM events WHERE position <= ?1 GROUP BY stream_id)
                  WHERE stream_id = s",
                [pointer.last],
            )
            .map_err(failed)?;
        let removed = transaction.execute("DELETE FROM events WHERE position <= ?1", [pointer.last]).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        // Gives the space back. Where readers are in the way it is kept for what is appended next.
        let _ = self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(removed as u64)
    }
}
