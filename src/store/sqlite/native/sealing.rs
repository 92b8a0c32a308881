//! Sealing what is appended: the hashes of events that no seal covers yet, and the end of the chain.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::event::{RawEvent, Seq, Time};
use crate::limits::SEAL_EVENTS;
use crate::store::seal::{Hash, NO_HASH, event_hash, marks, range_hash};
use crate::store::sqlite::fault::fault;

/// Where the log stands, as this writer knows it, and what it has to seal.
///
/// Another writer may have appended or sealed since: [`Sealing::catch_up`] notices at the start of each transaction.
#[derive(Default)]
pub(super) struct Sealing {
    /// False where what stands below must be read anew.
    is_known: bool,
    last_position: i64,
    sealed_to: i64,
    chain: Hash,
    /// The hashes of the events after `sealed_to`.
    open: Vec<Hash>,
}

/// A place to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    last_position: i64,
    open: usize,
}

impl Sealing {
    /// The position of the newest event.
    pub(super) fn last_position(&self) -> i64 {
        self.last_position
    }

    /// Events that no seal covers yet.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Begins a transaction: what others appended is hashed, and sealed where it fills a range. True where it was.
    ///
    /// # Errors
    /// As every read, and every append where there is something to seal.
    pub(super) fn catch_up(&mut self, connection: &Connection) -> Result<bool> {
        let failed = |error| fault(error, "read the end of the log");
        let (last, sealed_to): (i64, i64) = connection
            .prepare_cached(
                "SELECT coalesce((SELECT max(position) FROM events), 0),
                        coalesce((SELECT max(last_position) FROM seals), 0)",
            )
            .and_then(|mut ask| ask.query_row([], |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(failed)?;
        if self.is_known && (last, sealed_to) == (self.last_position, self.sealed_to) {
            return Ok(false);
        }
        if !self.is_known || sealed_to != self.sealed_to || last < self.last_position {
            let chain: Option<Vec<u8>> = connection
                .query_row("SELECT hash FROM seals WHERE last_position = ?1", [sealed_to], |row| row.get(0))
                .optional()
                .map_err(failed)?;
            let chain = chain.map_or(Ok(NO_HASH), |chain| {
                chain.try_into().map_err(|_| {
                    Error::Corrupt(format!(
                        "the seal up to position {sealed_to} is damaged (eventscope verify says more)"
                    ))
                })
            })?;
            *self = Self { is_known: false, last_position: sealed_to, sealed_to, chain, open: Vec::new() };
        }
        self.hash_up_to_end(connection)?;
        self.is_known = true;
        Ok(self.sealed_to != sealed_to)
    }

    /// Hashes the events after the last known one, and seals full ranges on the way.
    fn hash_up_to_end(&mut self, connection: &Connection) -> Result<()> {
        let failed = |error| fault(error, "read events to seal them");
        let mut read = connection
            .prepare_cached(
                "SELECT e.position, s.name, e.version, e.type, e.time, e.id, e.data, e.metadata
                   FROM events e CROSS JOIN streams s ON s.stream_id = e.stream_id
                  WHERE e.position > ?1 ORDER BY e.position",
            )
            .map_err(failed)?;
        let mut rows = read.query([self.last_position]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let bytes = |index| -> rusqlite::Result<_> { Ok(super::super::pages::bytes_of(row.get_ref(index)?)) };
            let text = |index| -> rusqlite::Result<_> { Ok(super::super::pages::text_of(row.get_ref(index)?)) };
            let position: i64 = row.get(0).map_err(failed)?;
            if position != self.last_position + 1 {
                return Err(Error::Corrupt(format!(
                    "the log has no event at position {} (eventscope verify says more)",
                    self.last_position + 1
                )));
            }
            let (stream, event_type, id) =
                (text(1).map_err(failed)?, text(3).map_err(failed)?, text(5).map_err(failed)?);
            let data = bytes(6).map_err(failed)?;
            let is_null = row.get_ref(7).map_err(failed)? == rusqlite::types::ValueRef::Null;
            let metadata = if is_null { None } else { Some(bytes(7).map_err(failed)?) };
            self.push(&RawEvent {
                seq: Seq::Number(position),
                stream: &stream,
                version: Some(row.get(2).map_err(failed)?),
                event_type: &event_type,
                time: Some(Time(row.get(4).map_err(failed)?)),
                id: Some(&id),
                data: &data,
                metadata: metadata.as_deref(),
            });
            if self.open.len() >= SEAL_EVENTS {
                self.seal(connection, SEAL_EVENTS)?;
            }
        }
        Ok(())
    }

    /// Takes in one event that was just appended.
    pub(super) fn push(&mut self, event: &RawEvent<'_>) {
        self.last_position = event.seq.number().unwrap_or(self.last_position + 1);
        self.open.push(event_hash(event));
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { last_position: self.last_position, open: self.open.len() }
    }

    /// Forgets what was appended after a mark, where nothing was sealed since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.last_position = mark.last_position;
        self.open.truncate(mark.open);
    }

    /// Forgets everything: it is read anew.
    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Seals all full ranges.
    ///
    /// # Errors
    /// As every append. What was sealed is then unknown: the caller rolls back and calls [`Sealing::forget`].
    pub(super) fn seal_full(&mut self, connection: &Connection) -> Result<()> {
        while self.open.len() >= SEAL_EVENTS {
            self.seal(connection, SEAL_EVENTS)?;
        }
        Ok(())
    }

    /// Seals everything.
    ///
    /// # Errors
    /// As [`Sealing::seal_full`].
    pub(super) fn seal_all(&mut self, connection: &Connection) -> Result<()> {
        self.seal_full(connection)?;
        if self.open.is_empty() { Ok(()) } else { self.seal(connection, self.open.len()) }
    }

    fn seal(&mut self, connection: &Connection, count: usize) -> Result<()> {
        let Some(events) = self.open.get(..count) else { return Ok(()) };
        let first = self.sealed_to + 1;
        let last = self.sealed_to + i64::try_from(count).unwrap_or_default();
        let hash = range_hash(&self.chain, first, last, events);
        connection
            .prepare_cached("INSERT INTO seals (last_position, first_position, hash, marks) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| insert.execute(params![last, first, &hash[..], marks(events)]))
            .map_err(|error| fault(error, "seal events"))?;
        self.open.drain(..count);
        (self.sealed_to, self.chain) = (last, hash);
        Ok(())
    }
}
