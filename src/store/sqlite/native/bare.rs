//! The limit that the bench measures this store against: a bare loop that inserts the same rows into the same tables,
//! as any program with a SQLite driver can, and a bare scan that reads them.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};

use super::SCHEMA;
use crate::error::{Error, Result};
use crate::limits::WRITER_CACHE_KIB;
use crate::store::sqlite::fault::fault;

/// A row of the table of events, ready to be inserted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BareRow {
    /// The number of the stream, from 1.
    pub stream_id: i64,
    /// The version in it.
    pub version: i64,
    /// The type's name.
    pub event_type: String,
    /// Microseconds since 1970.
    pub time: i64,
    /// The id.
    pub id: String,
    /// The payload.
    pub data: String,
}

/// A connection to a log with the native tables, and nothing of [`super::Store`].
pub struct Bare {
    connection: Connection,
    triggers: Triggers,
}

/// Who keeps the totals of the streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Triggers {
    /// The triggers of the log, which check each row too: what every program gets.
    On,
    /// The loop itself, once for each run of rows of one stream; nothing is checked.
    Off,
}

impl Bare {
    /// Creates a log with streams `name(1)` to `name(streams)`.
    ///
    /// # Errors
    /// `Other`.
    pub fn create(path: &Path, streams: i64, name: impl Fn(i64) -> String) -> Result<()> {
        let failed = |error| fault(error, "create the log of the bare loop");
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.execute_batch(SCHEMA).map_err(failed)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(failed)?;
        let transaction = connection.transaction().map_err(failed)?;
        for number in 1..=streams {
            transaction.execute("INSERT INTO streams (name) VALUES (?1)", [name(number)]).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    /// Opens it: a checkpoint every `checkpoint_pages` (SQLite's default is 1,000), `synchronous=FULL`, and as much cache
    /// as [`super::Store`] has.
    ///
    /// # Errors
    /// `Other`.
    pub fn open(path: &Path, checkpoint_pages: u32, triggers: Triggers) -> Result<Self> {
        let failed = |error| fault(error, "open the log of the bare loop");
        let connection = Connection::open(path).map_err(failed)?;
        let setup = || -> rusqlite::Result<()> {
            connection.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.busy_timeout(Duration::from_mins(1))?;
            if triggers == Triggers::Off {
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
                connection.pragma_update(None, "foreign_keys", false)?;
            }
            connection.pragma_update_and_check(None, "wal_autocheckpoint", checkpoint_pages, |_| Ok(()))
        };
        setup().map_err(failed)?;
        Ok(Self { connection, triggers })
    }

    /// Inserts rows in one transaction.
    ///
    /// # Errors
    /// `Other`.
    pub fn insert(&mut self, rows: &[BareRow]) -> Result<()> {
        let failed = |error| fault(error, "insert rows");
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO events (stream_id, version, type, time, id, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )
                .map_err(failed)?;
            let mut total = transaction
                .prepare_cached(
                    "UPDATE streams SET events = events + ?2, last_version = ?3, last_position = ?4, last_time = ?5
                      WHERE stream_id = ?1",
                )
                .map_err(failed)?;
            for run in rows.chunk_by(|one, next| one.stream_id == next.stream_id) {
                for row in run {
                    insert
                        .execute(params![row.stream_id, row.version, row.event_type, row.time, row.id, row.data])
                        .map_err(failed)?;
                }
                if let (Triggers::Off, Some(last)) = (self.triggers, run.last()) {
                    let position = transaction.last_insert_rowid();
                    let events = i64::try_from(run.len()).unwrap_or(i64::MAX);
                    total
                        .execute(params![last.stream_id, events, last.version, position, last.time])
                        .map_err(failed)?;
                }
            }
        }
        transaction.commit().map_err(failed)
    }
}

impl Bare {
    /// Appends one event at the end of its stream, in one transaction: one of many connections to the same log.
    ///
    /// # Errors
    /// `Busy` where the others held the lock for too long, `Other`.
    pub fn append_next(&mut self, stream_id: i64, event_type: &str, time: i64, id: &str, data: &str) -> Result<()> {
        let failed = |error| fault(error, "insert a row");
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction
            .prepare_cached(
                "INSERT INTO events (stream_id, version, type, time, id, data)
                 SELECT stream_id, last_version + 1, ?2, ?3, ?4, ?5 FROM streams WHERE stream_id = ?1",
            )
            .and_then(|mut insert| insert.execute(params![stream_id, event_type, time, id, data]))
            .map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}

/// Reads every column of every event in order, with the stream's name, and gives events and bytes.
///
/// # Errors
/// `Other`.
pub fn bare_scan(path: &Path) -> Result<(u64, u64)> {
    let failed = |error| fault(error, "scan the log");
    let connection = Connection::open(path).map_err(failed)?;
    let mut select = connection
        .prepare(
            "SELECT e.position, s.name, e.version, e.type, e.time, e.id, e.data, e.metadata
               FROM events e CROSS JOIN streams s ON s.stream_id = e.stream_id ORDER BY e.position",
        )
        .map_err(failed)?;
    let mut rows = select.query([]).map_err(failed)?;
    let (mut events, mut bytes) = (0, 0);
    while let Some(row) = rows.next().map_err(failed)? {
        let read = || -> rusqlite::Result<u64> {
            let (position, version, time): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(4)?);
            let mut bytes = u64::from(position < 0) + u64::from(version < 0) + u64::from(time < 0);
            for column in [1, 3, 5, 6, 7] {
                bytes += row.get_ref(column)?.as_bytes_or_null().ok().flatten().map_or(0, |bytes| bytes.len() as u64);
            }
            Ok(bytes)
        };
        bytes += read().map_err(failed)?;
        events += 1;
    }
    Ok((events, bytes))
}

/// Reads what a fold needs of all events in the order of their stream, and skips over the JSON of each payload without
/// making anything of it. Gives how many held sound JSON.
///
/// # Errors
/// `Other`.
pub fn bare_skip(path: &Path) -> Result<u64> {
    let failed = |error| fault(error, "scan the log");
    let connection = Connection::open(path).map_err(failed)?;
    let mut select = connection
        .prepare("SELECT version, type, time, data FROM events WHERE stream_id = 1 ORDER BY version")
        .map_err(failed)?;
    let mut rows = select.query([]).map_err(failed)?;
    let mut sound = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        let skip = || -> rusqlite::Result<bool> {
            let (version, time): (i64, i64) = (row.get(0)?, row.get(2)?);
            let named = row.get_ref(1)?.as_bytes_or_null().ok().flatten().is_some();
            let data = row.get_ref(3)?;
            let text = data.as_bytes_or_null().ok().flatten().unwrap_or_default();
            let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
            Ok(named && version >= 0 && time >= 0 && parsed)
        };
        sound += u64::from(skip().map_err(failed)?);
    }
    Ok(sound)
}

/// Scans the payloads of all events for a text with SQLite's own substring test, and gives how many hold it.
///
/// # Errors
/// `Other`.
pub fn bare_substring_scan(path: &Path, text: &str) -> Result<u64> {
    let failed = |error| fault(error, "scan the log");
    let connection = Connection::open(path).map_err(failed)?;
    let mut select = connection.prepare("SELECT position FROM events WHERE instr(data, ?1)").map_err(failed)?;
    let mut rows = select.query([text]).map_err(failed)?;
    let mut hits = 0;
    while rows.next().map_err(failed)?.is_some() {
        hits += 1;
    }
    Ok(hits)
}

/// The same rows through [`super::Store`], so that both logs can be told to hold the same: events and bytes of payload.
///
/// # Errors
/// `Corrupt` where they differ.
pub fn same_events(store: &Path, bare: &Path) -> Result<()> {
    let count = |path: &Path| -> Result<(i64, i64, i64)> {
        let failed = |error| fault(error, "compare both logs");
        Connection::open(path)
            .and_then(|connection| {
                connection.query_row(
                    "SELECT count(*), sum(length(data)), (SELECT sum(events * stream_id) FROM streams) FROM events",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
            })
            .map_err(failed)
    };
    if count(store)? == count(bare)? {
        Ok(())
    } else {
        Err(Error::Corrupt("the bench compared two logs that do not hold the same events".to_owned()))
    }
}
