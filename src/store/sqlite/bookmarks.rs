//! Bookmarks in the companion file, from its schema version 2 on.

use rusqlite::{Connection, Row, params};

use super::fault::fault;
use crate::error::Result;
use crate::event::{StreamId, Time};
use crate::limits::BOOKMARKS_MAX;
use crate::log::Bookmark;

/// The bookmarks, in the order in which they were set.
///
/// # Errors
/// As every read.
pub(super) fn all(connection: &Connection) -> Result<Vec<Bookmark>> {
    let failed = |error| fault(error, "read the bookmarks");
    let mut select = connection
        .prepare_cached(
            "SELECT stream, version, seq, event_type, time, note FROM bookmarks ORDER BY bookmark_id LIMIT ?1",
        )
        .map_err(failed)?;
    let most = i64::try_from(BOOKMARKS_MAX).unwrap_or(i64::MAX);
    let rows = select.query_map([most], bookmark).map_err(failed)?;
    rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failed)
}

/// Keeps a bookmark, or its new note.
///
/// # Errors
/// As every write.
pub(super) fn keep(connection: &Connection, mark: &Bookmark) -> Result<()> {
    connection
        .execute(
            "INSERT INTO bookmarks (stream, version, seq, event_type, time, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (stream, seq) DO UPDATE SET note = excluded.note",
            params![
                mark.stream.as_str(),
                mark.version,
                mark.seq,
                mark.event_type,
                mark.time.map(|time| time.0),
                mark.note
            ],
        )
        .map_err(|error| fault(error, "keep a bookmark"))?;
    Ok(())
}

/// Takes a bookmark away.
///
/// # Errors
/// As every write.
pub(super) fn remove(connection: &Connection, mark: &Bookmark) -> Result<()> {
    connection
        .execute("DELETE FROM bookmarks WHERE stream = ?1 AND seq = ?2", params![mark.stream.as_str(), mark.seq])
        .map_err(|error| fault(error, "remove a bookmark"))?;
    Ok(())
}

fn bookmark(row: &Row<'_>) -> rusqlite::Result<Bookmark> {
    let stream: String = row.get(0)?;
    Ok(Bookmark {
        stream: StreamId::new(&stream),
        version: row.get(1)?,
        seq: row.get(2)?,
        event_type: row.get(3)?,
        time: row.get::<_, Option<i64>>(4)?.map(Time),
        note: row.get(5)?,
    })
}
