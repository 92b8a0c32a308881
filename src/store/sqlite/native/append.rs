//! Appending: expected versions, all or nothing, and the same append twice.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use uuid::Uuid;

use super::{Store, check};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time, Value};
use crate::store::sqlite::fault::fault;

/// Where the writer believes the stream stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Anywhere.
    Any,
    /// It has no events yet.
    None,
    /// At this version; 0 is no events.
    Version(i64),
}

/// An event to append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// The id; a new UUID (version 7) where there is none. The same id again is the same event, not a second one.
    pub id: Option<String>,
    /// The type's name, 1 to [`crate::limits::NAME_BYTES_MAX`] bytes.
    pub event_type: String,
    /// When; the time of the append where there is none.
    pub time: Option<Time>,
    /// The payload: JSON text, kept as it is.
    pub data: Vec<u8>,
    /// The metadata: JSON text, kept as it is.
    pub metadata: Option<Vec<u8>>,
}

/// Events for one stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// The stream, which comes to be with its first event.
    pub stream: StreamId,
    /// Where it must stand.
    pub expected: Expected,
    /// One or more.
    pub events: Vec<NewEvent>,
}

/// Where the events of one append stand in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The stream.
    pub stream: StreamId,
    /// The version of the first event, from 1.
    pub first_version: i64,
    /// The version of the last event.
    pub last_version: i64,
    /// The position of the first event in the log, from 1.
    pub first_position: i64,
    /// The position of the last event.
    pub last_position: i64,
    /// True where the events were in the log already, and nothing was written.
    pub repeated: bool,
}

impl Store {
    /// Appends events to one stream: all of them, or none.
    ///
    /// Events whose ids are in the log already, with the same stream and content, are the same append: its versions
    /// are returned once more, even where the expected version no longer holds.
    ///
    /// # Errors
    /// `Conflict` where the stream does not stand where it was expected, or an id is taken by another event; `Input`
    /// where a name, a payload or the size is not allowed; `Busy` where another writer holds the log for too long.
    pub fn append(&mut self, stream: &StreamId, expected: Expected, events: &[NewEvent]) -> Result<Appended> {
        let append = Append { stream: stream.clone(), expected, events: events.to_vec() };
        let mut appended = self.append_all(std::slice::from_ref(&append))?;
        appended.pop().ok_or_else(|| Error::Input("no events to append".to_owned()))
    }

    /// Appends to several streams in one transaction: everything, or nothing.
    ///
    /// Expected versions hold at their place in the list: the second append to a stream sees the first.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_all(&mut self, appends: &[Append]) -> Result<Vec<Appended>> {
        check::appends(appends)?;
        let now = Time::now();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| fault(error, "append"))?;
        let appended =
            appends.iter().map(|append| append_one(&transaction, append, now)).collect::<Result<Vec<_>>>()?;
        transaction.commit().map_err(|error| fault(error, "append"))?;
        Ok(appended)
    }
}

/// One append inside the transaction. An error ends the transaction, and with it everything that it wrote.
fn append_one(connection: &Connection, append: &Append, now: Time) -> Result<Appended> {
    if let Some(appended) = repeated(connection, append)? {
        return Ok(appended);
    }
    let doing = format!("append to stream \"{}\"", append.stream);
    let failed = |error| fault(error, &doing);
    let standing = connection
        .prepare_cached("SELECT stream_id, last_version FROM streams WHERE name = ?1")
        .and_then(|mut find| {
            find.query_row([append.stream.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                .optional()
        })
        .map_err(failed)?;
    let at_version = standing.map_or(0, |(_, last_version)| last_version);
    expect(&append.stream, append.expected, at_version)?;
    let stream_id = match standing {
        Some((stream_id, _)) => stream_id,
        None => connection
            .prepare_cached("INSERT INTO streams (name) VALUES (?1)")
            .and_then(|mut insert| insert.insert([append.stream.as_str()]))
            .map_err(failed)?,
    };
    let mut insert = connection
        .prepare_cached(
            "INSERT INTO events (stream_id, version, type, time, id, data, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .map_err(failed)?;
    let (mut version, mut last_position) = (at_version, 0);
    for event in &append.events {
        version += 1;
        let made;
        let id = if let Some(id) = &event.id {
            id.as_str()
        } else {
            made = Uuid::now_v7().to_string();
            made.as_str()
        };
        let data = text(&event.data)?;
        let metadata = event.metadata.as_deref().map(text).transpose()?;
        let time = event.time.unwrap_or(now).0;
        last_position =
            insert.insert(params![stream_id, version, event.event_type, time, id, data, metadata]).map_err(failed)?;
    }
    let count = version - at_version;
    Ok(Appended {
        stream: append.stream.clone(),
        first_version: at_version + 1,
        last_version: version,
        first_position: last_position + 1 - count,
        last_position,
        repeated: false,
    })
}

fn expect(stream: &StreamId, expected: Expected, at_version: i64) -> Result<()> {
    let conflict = match expected {
        Expected::Any => return Ok(()),
        Expected::None | Expected::Version(0) if at_version == 0 => return Ok(()),
        Expected::Version(version) if version == at_version => return Ok(()),
        Expected::None => format!("stream \"{stream}\" already has events, up to version {at_version}"),
        Expected::Version(version) if at_version == 0 => {
            format!("stream \"{stream}\" has no events, so it is not at version {version}")
        }
        Expected::Version(version) => format!("stream \"{stream}\" is at version {at_version}, not {version}"),
    };
    Err(Error::Conflict(format!("{conflict}: nothing was appended")))
}

/// An event that the log holds under an id.
struct Known {
    position: i64,
    version: i64,
    stream: String,
    event_type: String,
    time: i64,
    data: Vec<u8>,
    metadata: Option<Vec<u8>>,
}

/// Where the events of this append stand, if they are in the log already; `None` where none of them is.
fn repeated(connection: &Connection, append: &Append) -> Result<Option<Appended>> {
    let stream = &append.stream;
    let mut ids = HashSet::new();
    let mut places: Vec<(i64, i64)> = Vec::new();
    let mut first_known: Option<&str> = None;
    for event in &append.events {
        let Some(id) = event.id.as_deref() else { continue };
        if !ids.insert(id) {
            return Err(Error::Conflict(format!(
                "two events for stream \"{stream}\" have the id \"{id}\": nothing was appended"
            )));
        }
        let Some(known) = find(connection, id)? else { continue };
        if known.stream != stream.as_str() || !same(event, &known) {
            return Err(Error::Conflict(format!(
                "the id \"{id}\" belongs to another event, version {} of stream \"{}\": nothing was appended",
                known.version, known.stream
            )));
        }
        first_known.get_or_insert(id);
        places.push((known.version, known.position));
    }
    let (Some(id), Some(first), Some(last)) = (first_known, places.first(), places.last()) else { return Ok(None) };
    let in_order = places.windows(2).all(|pair| matches!(pair, [one, next] if one.0 + 1 == next.0));
    if places.len() != append.events.len() || !in_order {
        return Err(Error::Conflict(format!(
            "the log holds the event \"{id}\" for stream \"{stream}\" already, but not all of this append in this \
             order: nothing was appended"
        )));
    }
    Ok(Some(Appended {
        stream: stream.clone(),
        first_version: first.0,
        last_version: last.0,
        first_position: first.1,
        last_position: last.1,
        repeated: true,
    }))
}

fn find(connection: &Connection, id: &str) -> Result<Option<Known>> {
    let sql = "SELECT position, version, name, type, time, CAST(data AS BLOB), CAST(metadata AS BLOB)
                 FROM events JOIN streams USING (stream_id) WHERE id = ?1";
    connection
        .prepare_cached(sql)
        .and_then(|mut find| {
            find.query_row([id], |row| {
                Ok(Known {
                    position: row.get(0)?,
                    version: row.get(1)?,
                    stream: row.get(2)?,
                    event_type: row.get(3)?,
                    time: row.get(4)?,
                    data: row.get(5)?,
                    metadata: row.get(6)?,
                })
            })
            .optional()
        })
        .map_err(|error| fault(error, "look up an event id"))
}

/// The same type, payload and metadata, as JSON; and the same time where the writer gave one.
fn same(event: &NewEvent, known: &Known) -> bool {
    event.event_type == known.event_type
        && event.time.is_none_or(|time| time.0 == known.time)
        && same_json(&event.data, &known.data)
        && match (&event.metadata, &known.metadata) {
            (None, None) => true,
            (Some(one), Some(other)) => same_json(one, other),
            _ => false,
        }
}

fn same_json(one: &[u8], other: &[u8]) -> bool {
    // Bytes first: deep payloads, which the parser refuses by default, are the same only byte by byte.
    one == other
        || match (serde_json::from_slice::<Value>(one), serde_json::from_slice::<Value>(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

fn text(json: &[u8]) -> Result<&str> {
    std::str::from_utf8(json).map_err(|error| Error::Input(format!("JSON is not UTF-8: {error}")))
}
