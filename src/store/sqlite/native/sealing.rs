//! Sealing what is appended: the hashes of events that no seal covers yet, and the end of the chain.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::event::{RawEvent, Seq, Time};
use crate::limits::SEAL_EVENTS;
use crate::store::seal::{Hash, NO_HASH, Range};
use crate::store::sqlite::fault::fault;

/// Where the log stands, as this writer knows it, and what it has to seal.
///
/// Another writer may have appended or sealed since: [`Sealing::catch_up`] notices at the start of each transaction.
#[derive(Default)]
pub(super) struct Sealing {
    /// False where what stands below must be read anew.
    is_known: bool,
    last_position: i64,
    /// The end of the last seal in the log.
    sealed_to: i64,
    /// The end of the last range that is full, and its hash.
    chain: (i64, Hash),
    /// Full ranges that are not in the log yet.
    full: Vec<Full>,
    /// The events after those.
    open: Option<Range>,
}

struct Full {
    first: i64,
    last: i64,
    hash: Hash,
    marks: Vec<u8>,
}

/// A place to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    last_position: i64,
    sealed_to: i64,
}

impl Sealing {
    /// The position of the newest event.
    pub(super) fn last_position(&self) -> i64 {
        self.last_position
    }

    /// True where events wait for a seal, or may, since what was known of them was forgotten.
    pub(super) fn is_open(&self) -> bool {
        self.last_position > if self.is_known { self.sealed_to } else { 0 }
    }

    /// Begins a transaction: what others appended is hashed, and sealed where it fills a range.
    ///
    /// # Errors
    /// As every read, and every append where there is something to seal.
    pub(super) fn catch_up(&mut self, connection: &Connection) -> Result<()> {
        let failed = |error| fault(error, "read the end of the log");
        let (last, sealed_to): (i64, i64) = connection
            .prepare_cached(
                "SELECT coalesce((SELECT max(position) FROM events), 0),
                        coalesce((SELECT max(last_position) FROM seals), 0)",
            )
            .and_then(|mut ask| ask.query_row([], |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(failed)?;
        if self.is_known && (last, sealed_to) == (self.last_position, self.sealed_to) {
            return Ok(());
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
            *self = Self { last_position: sealed_to, sealed_to, chain: (sealed_to, chain), ..Self::default() };
        }
        self.hash_up_to_end(connection)?;
        self.is_known = true;
        Ok(())
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
                category: None,
                seq: Seq::Number(position),
                stream: &stream,
                version: Some(row.get(2).map_err(failed)?),
                event_type: &event_type,
                time: Some(Time(row.get(4).map_err(failed)?)),
                id: Some(&id),
                data: &data,
                metadata: metadata.as_deref(),
            });
            self.seal_full(connection)?;
        }
        Ok(())
    }

    /// Takes in one event that was just appended.
    pub(super) fn push(&mut self, event: &RawEvent<'_>) {
        self.last_position = event.seq.number().unwrap_or(self.last_position + 1);
        let (to, hash) = &self.chain;
        let open = self.open.get_or_insert_with(|| Range::after(hash, to + 1));
        open.push(event);
        if open.len() >= SEAL_EVENTS {
            self.close();
        }
    }

    /// Makes a full range of the open one.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let (first, last, hash) = (self.chain.0 + 1, self.last_position, open.hash());
        self.full.push(Full { first, last, hash, marks: open.marks().to_vec() });
        self.chain = (last, hash);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { last_position: self.last_position, sealed_to: self.sealed_to }
    }

    /// True where seals were written, or read anew, since a mark.
    pub(super) fn has_sealed_since(&self, mark: Mark) -> bool {
        self.sealed_to != mark.sealed_to
    }

    /// Forgets what was appended after a mark: it was rolled back.
    pub(super) fn back_to(&mut self, mark: Mark) {
        if mark.last_position != self.last_position || mark.sealed_to != self.sealed_to {
            // What is hashed cannot be taken out again: the next transaction reads the open events anew.
            self.forget();
        }
    }

    /// Forgets everything: it is read anew.
    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Writes the seals of all full ranges.
    ///
    /// # Errors
    /// As every append. What was sealed is then unknown: the caller rolls back and calls [`Sealing::forget`].
    pub(super) fn seal_full(&mut self, connection: &Connection) -> Result<()> {
        for Full { first, last, hash, marks } in self.full.drain(..) {
            connection
                .prepare_cached(
                    "INSERT INTO seals (last_position, first_position, hash, marks) VALUES (?1, ?2, ?3, ?4)",
                )
                .and_then(|mut insert| insert.execute(params![last, first, &hash[..], marks]))
                .map_err(|error| fault(error, "seal events"))?;
            self.sealed_to = last;
        }
        Ok(())
    }

    /// Seals everything.
    ///
    /// # Errors
    /// As [`Sealing::seal_full`].
    pub(super) fn seal_all(&mut self, connection: &Connection) -> Result<()> {
        self.close();
        self.seal_full(connection)
    }
}
