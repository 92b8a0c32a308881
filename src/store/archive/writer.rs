//! Writing an archive: chunk by chunk, under another name until it is whole.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};

use super::chunk;
use crate::error::Result;
use crate::event::{RawEvent, category_of};
use crate::limits::{PAGE_BYTES_MAX, WRITER_CACHE_KIB};
use crate::store::seal::{Hash, NO_HASH, Range};
use crate::store::sqlite::fault::fault;

const SCHEMA: &str = include_str!("archive.sql");
/// Events in one chunk: what one look into the archive has to unpack.
const CHUNK_EVENTS: usize = 1_024;

/// The first bytes of an id's hash.
pub(super) fn short_id(id: &str) -> i64 {
    let hash = blake3::hash(id.as_bytes());
    hash.as_bytes().first_chunk::<8>().map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

pub(super) struct Writer {
    connection: Connection,
    hash: Hash,
    range: Option<Range>,
    bytes: Vec<u8>,
    first: i64,
    last: i64,
    streams: BTreeMap<String, (i64, i64)>,
    categories: BTreeMap<String, i64>,
}

impl Writer {
    /// Begins an archive in a file that nobody needs yet: it is written without a journal, and synced at the end.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let failed = |error| fault(error, &format!("create the archive {}", path.display()));
        let connection = Connection::open(path).map_err(failed)?;
        let setup = || -> rusqlite::Result<()> {
            connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            connection.pragma_update(None, "foreign_keys", false)?;
            connection.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
            connection.execute_batch(SCHEMA)?;
            connection.execute_batch("BEGIN")
        };
        setup().map_err(failed)?;
        Ok(Self {
            connection,
            hash: NO_HASH,
            range: None,
            bytes: Vec::new(),
            first: 0,
            last: 0,
            streams: BTreeMap::new(),
            categories: BTreeMap::new(),
        })
    }

    pub(super) fn push(&mut self, raw: &RawEvent<'_>) -> Result<()> {
        let position = raw.seq.number().unwrap_or_default();
        let version = raw.version.unwrap_or_default();
        if self.range.is_none() {
            self.first = position;
        }
        let range = self.range.get_or_insert_with(|| Range::after(&self.hash, position));
        range.push(raw);
        chunk::add(&mut self.bytes, raw);
        self.last = position;
        self.streams.entry(raw.stream.to_owned()).or_insert((version, version)).1 = version;
        *self.categories.entry(category_of(raw.stream).to_owned()).or_default() += 1;
        self.connection
            .prepare_cached("INSERT INTO ids (hash, position) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute((short_id(raw.id.unwrap_or_default()), position)))
            .map_err(|error| fault(error, "write the archive"))?;
        if range.len() >= CHUNK_EVENTS || self.bytes.len() >= PAGE_BYTES_MAX {
            self.end_chunk()?;
        }
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<()> {
        let failed = |error| fault(error, "write the archive");
        let Some(range) = self.range.take() else { return Ok(()) };
        self.hash = range.hash();
        let packed = chunk::pack(&self.bytes)?;
        self.bytes.clear();
        let write = || -> rusqlite::Result<()> {
            self.connection
                .prepare_cached(
                    "INSERT INTO chunks (first_position, last_position, hash, data) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![self.first, self.last, &self.hash[..], packed])?;
            let mut stream = self.connection.prepare_cached(
                "INSERT INTO chunk_streams (stream, first_version, last_version, first_position) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (name, (first, last)) in &self.streams {
                stream.execute(params![name, first, last, self.first])?;
            }
            let mut category = self.connection.prepare_cached(
                "INSERT INTO chunk_categories (category, first_position, events) VALUES (?1, ?2, ?3)",
            )?;
            for (name, events) in &self.categories {
                category.execute(params![name, self.first, events])?;
            }
            Ok(())
        };
        write().map_err(failed)?;
        self.streams.clear();
        self.categories.clear();
        Ok(())
    }

    /// Ends the archive and puts it on the disk.
    pub(super) fn finish(mut self, path: &Path) -> Result<()> {
        self.end_chunk()?;
        self.connection.execute_batch("COMMIT").map_err(|error| fault(error, "write the archive"))?;
        drop(self.connection);
        std::fs::File::options().read(true).write(true).open(path)?.sync_all()?;
        Ok(())
    }
}
