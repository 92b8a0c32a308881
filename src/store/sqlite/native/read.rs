//! Reading one's own store: a stream, the whole log, and what is new.

use rusqlite::{Connection, Row, ToSql, params};

use super::Store;
use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Scope, StreamId, Time};
use crate::store::sqlite::fault::fault;
use crate::store::sqlite::pages::{bytes_of, text_of};

/// An event as the log holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    /// Its place in the log, from 1 without gaps.
    pub position: i64,
    /// The stream.
    pub stream: StreamId,
    /// Its place in the stream, from 1 without gaps.
    pub version: i64,
    /// The type's name.
    pub event_type: String,
    /// When.
    pub time: Time,
    /// The id, unique in the log.
    pub id: String,
    /// The payload: JSON text.
    pub data: Vec<u8>,
    /// The metadata: JSON text.
    pub metadata: Option<Vec<u8>>,
}

/// What follows a position, as it arrives. Made by [`Store::subscribe`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subscription {
    after: i64,
}

impl Subscription {
    /// The position of the last event that was given out: keep it, to go on from there another day.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.after
    }

    /// The next events, at most `limit`; none where nothing is new. Call it as often as you like: an idle call costs
    /// some microseconds.
    ///
    /// Positions are given out inside of the one write transaction that the log allows at a time, so no event can appear
    /// later with a position that was passed.
    ///
    /// # Errors
    /// As [`Store::read_all`]; the same events come again then.
    pub fn poll(&mut self, store: &mut Store, limit: u32) -> Result<Vec<StoredEvent>> {
        let events = store.read_all(self.after, limit)?;
        if let Some(last) = events.last() {
            self.after = last.position;
        }
        Ok(events)
    }
}

const COLUMNS: &str = "e.position, s.name, e.version, e.type, e.time, e.id, e.data, e.metadata";

impl Store {
    /// Events of one stream after a version (0: from the first on), at most `limit`, in order.
    ///
    /// # Errors
    /// `Corrupt` where the file is damaged, `Other`.
    pub fn read_stream(&mut self, stream: &StreamId, after_version: i64, limit: u32) -> Result<Vec<StoredEvent>> {
        let mut events = self.read_archived(&Scope::Stream(stream.clone()), after_version, limit)?;
        let after_version = events.last().map_or(after_version, |event| event.version);
        let limit = limit.saturating_sub(u32::try_from(events.len()).unwrap_or(limit));
        let sql = format!(
            "SELECT {COLUMNS} FROM events e CROSS JOIN streams s ON s.stream_id = e.stream_id
              WHERE e.stream_id = (SELECT stream_id FROM streams WHERE name = ?1) AND e.version > ?2
              ORDER BY e.version LIMIT ?3"
        );
        read(&self.connection, &sql, params![stream.as_str(), after_version, limit], &mut events)?;
        Ok(events)
    }

    /// Events of the log after a position (0: from the first on), at most `limit`, in order.
    ///
    /// # Errors
    /// As [`Store::read_stream`].
    pub fn read_all(&mut self, after_position: i64, limit: u32) -> Result<Vec<StoredEvent>> {
        let mut events = self.read_archived(&Scope::Log, after_position, limit)?;
        let after_position = events.last().map_or(after_position, |event| event.position);
        let limit = limit.saturating_sub(u32::try_from(events.len()).unwrap_or(limit));
        let sql = format!(
            "SELECT {COLUMNS} FROM events e CROSS JOIN streams s ON s.stream_id = e.stream_id
              WHERE e.position > ?1 ORDER BY e.position LIMIT ?2"
        );
        read(&self.connection, &sql, params![after_position, limit], &mut events)?;
        Ok(events)
    }

    /// The part of a page that is in archives.
    fn read_archived(&mut self, scope: &Scope, after: i64, limit: u32) -> Result<Vec<StoredEvent>> {
        let mut batch = EventBatch::new();
        for file in self.cold.files(&self.connection, &self.path)? {
            let next = match (batch.get(batch.len().saturating_sub(1)), scope) {
                (None, _) => after.saturating_add(1),
                (Some(last), Scope::Stream(_)) => last.version.unwrap_or_default() + 1,
                (Some(last), _) => last.seq.number().unwrap_or_default() + 1,
            };
            file.read(scope, next, limit as usize, &mut batch)?;
        }
        let event = |raw: RawEvent<'_>| StoredEvent {
            position: raw.seq.number().unwrap_or_default(),
            stream: StreamId::new(raw.stream),
            version: raw.version.unwrap_or_default(),
            event_type: raw.event_type.to_owned(),
            time: raw.time.unwrap_or(Time(0)),
            id: raw.id.unwrap_or_default().to_owned(),
            data: raw.data.to_vec(),
            metadata: raw.metadata.map(<[u8]>::to_vec),
        };
        Ok(batch.iter().map(event).collect())
    }

    /// Everything after a position, as it arrives.
    #[must_use]
    pub fn subscribe(&self, after_position: i64) -> Subscription {
        Subscription { after: after_position }
    }

    /// The position of the newest event; 0 where there is none.
    ///
    /// # Errors
    /// As [`Store::read_stream`].
    pub fn last_position(&self) -> Result<i64> {
        self.connection
            .prepare_cached("SELECT coalesce(max(position), 0) FROM events")
            .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
            .map_err(|error| fault(error, "find the end of the log"))
    }
}

fn read(connection: &Connection, sql: &str, parameters: &[&dyn ToSql], into: &mut Vec<StoredEvent>) -> Result<()> {
    let failed = |error| fault(error, "read events");
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(parameters).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        into.push(event(row).map_err(failed)?);
    }
    Ok(())
}

fn event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    let metadata = match row.get_ref(7)? {
        rusqlite::types::ValueRef::Null => None,
        value => Some(bytes_of(value).into_owned()),
    };
    Ok(StoredEvent {
        position: row.get(0)?,
        stream: StreamId::new(&text_of(row.get_ref(1)?)),
        version: row.get(2)?,
        event_type: text_of(row.get_ref(3)?).into_owned(),
        time: Time(row.get(4)?),
        id: text_of(row.get_ref(5)?).into_owned(),
        data: bytes_of(row.get_ref(6)?).into_owned(),
        metadata,
    })
}
