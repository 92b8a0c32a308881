//! Reading an archive: the events of a position, of a stream, of a category.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::chunk;
use super::writer::short_id;
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq};
use crate::limits::{NAME_BYTES_MAX, PAGE_BYTES_MAX, PAYLOAD_BYTES_MAX};
use crate::log::PageEnd;
use crate::store::seal::{NO_HASH, Range};
use crate::store::sqlite::fault::fault;

/// The mark in its header: `EVTA`.
const APPLICATION_ID: i64 = 0x4556_5441;
/// Bytes that the largest chunk unfolds to: one that was just not full, and one event of the largest size.
const CHUNK_BYTES_MAX: u64 = (PAGE_BYTES_MAX + 2 * PAYLOAD_BYTES_MAX + 4 * NAME_BYTES_MAX) as u64;

/// An archive, open to be read.
pub struct ArchiveFile {
    path: PathBuf,
    connection: Connection,
    /// The first and the last position.
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The hash of its last chunk.
    pub(crate) hash: Vec<u8>,
    /// The chunk that was unpacked last: first and last position, and its events.
    unpacked: Option<(i64, i64, Arc<EventBatch>)>,
}

impl ArchiveFile {
    /// Opens an archive.
    ///
    /// # Errors
    /// `Open` where it is missing or no archive.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Open(format!(
                "the archive {} is missing, and older events are in it (put it back, there or beside the log)",
                path.display()
            )));
        }
        let failed = |error| fault(error, &format!("open the archive {}", path.display()));
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(failed)?;
        let application_id: i64 =
            connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
        if application_id != APPLICATION_ID {
            return Err(Error::Open(format!("it is no archive of Eventscope: {}", path.display())));
        }
        let ends: Option<(i64, i64, Vec<u8>)> = connection
            .query_row(
                "SELECT (SELECT min(first_position) FROM chunks), last_position, hash FROM chunks
                  ORDER BY first_position DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .map_err(failed)?;
        let Some((first, last, hash)) = ends else {
            return Err(Error::Open(format!("the archive holds no events: {}", path.display())));
        };
        Ok(Self { path: path.to_owned(), connection, first, last, hash, unpacked: None })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The chunk that holds a position: its last position and its events.
    pub(crate) fn chunk(&mut self, position: i64) -> Result<(i64, Arc<EventBatch>)> {
        if let Some((first, last, batch)) = &self.unpacked
            && (*first..=*last).contains(&position)
        {
            return Ok((*last, Arc::clone(batch)));
        }
        let (first, last, data): (i64, i64, Vec<u8>) = self
            .connection
            .prepare_cached(
                "SELECT first_position, last_position, data FROM chunks WHERE first_position <= ?1
                  ORDER BY first_position DESC LIMIT 1",
            )
            .and_then(|mut find| find.query_row([position], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .map_err(|error| fault(error, "read the archive"))?;
        let batch = Arc::new(chunk::unpack(&data, CHUNK_BYTES_MAX)?);
        self.unpacked = Some((first, last, Arc::clone(&batch)));
        Ok((last, batch))
    }

    /// Recomputes the hashes of all chunks, and calls with every event.
    ///
    /// # Errors
    /// `Corrupt` where one does not hold; what `look` fails with.
    pub fn verify(&mut self, mut look: impl FnMut(&RawEvent<'_>) -> Result<()>) -> Result<()> {
        let (mut next, mut before) = (self.first, NO_HASH.to_vec());
        while next <= self.last {
            let (last, batch) = self.chunk(next)?;
            let mut range = Range::after(&before, next);
            for raw in batch.iter() {
                if raw.seq != Seq::Number(next) {
                    return Err(self.damaged(next));
                }
                range.push(&raw);
                look(&raw)?;
                next += 1;
            }
            let stored: Vec<u8> = self
                .connection
                .query_row("SELECT hash FROM chunks WHERE last_position = ?1", [last], |row| row.get(0))
                .map_err(|error| fault(error, "read the archive"))?;
            if next != last + 1 || stored != range.hash() {
                return Err(self.damaged(last));
            }
            before = stored;
        }
        if before == self.hash { Ok(()) } else { Err(self.damaged(self.last)) }
    }

    fn damaged(&self, position: i64) -> Error {
        Error::Corrupt(format!(
            "the archive {} does not hold what was sealed, up to position {position} (restore a copy of it)",
            self.path.display()
        ))
    }

    /// The event with this id, if it is here.
    pub(crate) fn find_id<T>(&mut self, id: &str, mut found: impl FnMut(&RawEvent<'_>) -> T) -> Result<Option<T>> {
        let positions: Vec<i64> = self
            .connection
            .prepare_cached("SELECT position FROM ids WHERE hash = ?1")
            .and_then(|mut find| find.query_map([short_id(id)], |row| row.get(0)).and_then(Iterator::collect))
            .map_err(|error| fault(error, "look up an event id in the archive"))?;
        for position in positions {
            let (_, batch) = self.chunk(position)?;
            if let Some(raw) = batch.iter().find(|raw| raw.seq == Seq::Number(position) && raw.id == Some(id)) {
                return Ok(Some(found(&raw)));
            }
        }
        Ok(None)
    }

    /// Where the chunks of a scope begin, from the one that may hold what follows `from` on: one at a time.
    fn next_chunk(&self, scope: &Scope, from: i64) -> Result<Option<i64>> {
        let find = |sql: &str, name: &str| {
            self.connection
                .prepare_cached(sql)
                .and_then(|mut find| find.query_row(params![name, from], |row| row.get(0)).optional())
                .map_err(|error| fault(error, "read the archive"))
        };
        match scope {
            Scope::Log => Ok((from <= self.last).then_some(from)),
            Scope::Stream(stream) => find(
                "SELECT first_position FROM chunk_streams WHERE stream = ?1 AND last_version >= ?2
                  ORDER BY first_version LIMIT 1",
                stream.as_str(),
            ),
            Scope::Category(category) => find(
                "SELECT c.first_position FROM chunk_categories c JOIN chunks k ON k.first_position = c.first_position
                  WHERE c.category = ?1 AND k.last_position >= ?2 ORDER BY c.first_position LIMIT 1",
                category,
            ),
        }
    }

    /// Reads the next events of a scope into `into`, behind what it holds; where the next page begins, or `None` where
    /// the archive holds none after `from`. `from` is a position, or a version in a stream.
    pub(crate) fn read(
        &mut self,
        scope: &Scope,
        mut from: i64,
        limit: usize,
        into: &mut EventBatch,
    ) -> Result<Option<PageEnd>> {
        let mut end = None;
        while let Some(at) = self.next_chunk(scope, from)? {
            let (last, batch) = self.chunk(at)?;
            for raw in batch.iter() {
                let position = raw.seq.number().unwrap_or_default();
                let (is_ours, key) = match scope {
                    Scope::Log => (true, position),
                    Scope::Category(category) => (crate::event::category_of(raw.stream) == category.as_ref(), position),
                    Scope::Stream(stream) => (raw.stream == stream.as_str(), raw.version.unwrap_or_default()),
                };
                if !is_ours || key < from {
                    continue;
                }
                if into.len() >= limit || into.bytes_total() >= PAGE_BYTES_MAX {
                    return Ok(end);
                }
                into.push(&raw);
                from = key + 1;
                let next = match scope {
                    Scope::Stream(_) => Resume::AfterVersion(key),
                    Scope::Log | Scope::Category(_) => Resume::After(Seq::Number(key)),
                };
                end = Some(PageEnd { next, at_end: false });
            }
            if !matches!(scope, Scope::Stream(_)) {
                from = from.max(last + 1);
            } else if end.is_none() {
                return Ok(None);
            }
        }
        Ok(end)
    }

    /// How many events of a category stand before the chunk that holds its event number `position`, and where that
    /// chunk begins; `None` where it holds fewer.
    pub(crate) fn locate_in_category(&self, category: &str, position: u64) -> Result<Option<(u64, i64)>> {
        let failed = |error| fault(error, "read the archive");
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT first_position, events FROM chunk_categories WHERE category = ?1 ORDER BY first_position",
            )
            .map_err(failed)?;
        let mut rows = select.query([category]).map_err(failed)?;
        let mut before = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let (first, events): (i64, i64) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            let after = before + u64::try_from(events).unwrap_or_default();
            if position < after {
                return Ok(Some((before, first)));
            }
            before = after;
        }
        Ok(None)
    }

    /// How many events of a category it holds.
    pub(crate) fn events_in_category(&self, category: &str) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT coalesce(sum(events), 0) FROM chunk_categories WHERE category = ?1")
            .and_then(|mut ask| ask.query_row([category], |row| row.get::<_, i64>(0)))
            .map(|events| u64::try_from(events).unwrap_or_default())
            .map_err(|error| fault(error, "read the archive"))
    }
}
