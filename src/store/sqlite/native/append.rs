//! Appending: expected versions, all or nothing, and the same append twice.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use uuid::Uuid;

use super::sealing::Sealing;
use super::trim::Cold;
use super::{Ids, Store, check};
use crate::error::{Error, Result};
use crate::event::{RawEvent, Seq, StreamId, Time, Value};
use crate::store::sqlite::fault::{fault, write_fault};

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

impl NewEvent {
    /// An event without metadata, which gets a new id and the time of its append.
    #[must_use]
    pub fn new(event_type: &str, data: impl Into<Vec<u8>>) -> Self {
        Self { id: None, event_type: event_type.to_owned(), time: None, data: data.into(), metadata: None }
    }
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
        self.write("append", |writing| appends.iter().map(|append| append_one(writing, append)).collect())
    }
}

/// One transaction that appends.
pub(super) struct Writing<'a> {
    pub(super) connection: &'a Connection,
    pub(super) sealing: &'a mut Sealing,
    ids: &'a mut Ids,
    cold: &'a mut Cold,
    path: &'a Path,
    /// The time of events that have none.
    now: Time,
}

impl Store {
    /// Appends batch after batch, however many there are, in one transaction: everything, or nothing. `appended` hears of
    /// each batch which of its appends were in the log already.
    ///
    /// # Errors
    /// What `next` fails with; as [`Store::append`].
    pub(crate) fn append_stream(
        &mut self,
        doing: &str,
        mut next: impl FnMut() -> Result<Vec<Append>>,
        mut appended: impl FnMut(&[Append], &[bool]),
    ) -> Result<()> {
        self.write(doing, |writing| {
            loop {
                let batch = next()?;
                if batch.is_empty() {
                    return Ok(());
                }
                check::appends(&batch)?;
                let mut repeated = Vec::with_capacity(batch.len());
                for append in &batch {
                    repeated.push(append_one(writing, append)?.repeated);
                }
                writing.sealing.seal_full(writing.connection)?;
                appended(&batch, &repeated);
            }
        })
    }

    /// Runs appends in one transaction. This connection runs no triggers: what they see to, [`append_one`] does, with
    /// fewer look-ups. Where the appends fail, nothing of them is kept.
    pub(super) fn write<T>(&mut self, doing: &str, appends: impl FnOnce(&mut Writing<'_>) -> Result<T>) -> Result<T> {
        self.wal.before_append(&self.connection)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| write_fault(error, doing, &self.path))?;
        self.wal.begun();
        let sealing = &mut self.sealing;
        let sealed_before = sealing.mark();
        if let Err(error) = sealing.catch_up(&transaction) {
            sealing.forget();
            return Err(error);
        }
        let mark = sealing.mark();
        let mut writing = Writing {
            connection: &transaction,
            sealing,
            ids: &mut self.ids,
            cold: &mut self.cold,
            path: &self.path,
            now: Time::now(),
        };
        let written = match appends(&mut writing) {
            Ok(written) => written,
            Err(error) => {
                // What was sealed is rolled back too.
                sealing.back_to(if sealing.has_sealed_since(sealed_before) { sealed_before } else { mark });
                return Err(error);
            }
        };
        let committed = sealing
            .seal_full(&transaction)
            .and_then(|()| transaction.commit().map_err(|error| write_fault(error, doing, &self.path)));
        match committed {
            Ok(()) => {
                self.wal.after_commit(&self.connection);
                Ok(written)
            }
            Err(error) => {
                sealing.forget();
                Err(error)
            }
        }
    }
}

/// One append inside the transaction. An error leaves what it wrote to the caller, who rolls back.
///
/// What contradicts the log (its version, an id) is found before anything is written.
pub(super) fn append_one(writing: &mut Writing<'_>, append: &Append) -> Result<Appended> {
    match repeated(writing, append)? {
        Some(appended) => Ok(appended),
        None => append_new(writing, &append.stream, append.expected, append.events.iter()),
    }
}

/// Appends events to one stream that are not in the log yet.
pub(super) fn append_new<'a>(
    writing: &mut Writing<'_>,
    to: &StreamId,
    expected: Expected,
    events: impl Iterator<Item = &'a NewEvent>,
) -> Result<Appended> {
    let connection = writing.connection;
    let stream = to.as_str();
    let failed = |error| fault(error, &format!("append to stream \"{stream}\""));
    let standing = connection
        .prepare_cached("SELECT stream_id, last_version FROM streams WHERE name = ?1")
        .and_then(|mut find| {
            find.query_row([stream], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()
        })
        .map_err(failed)?;
    let at_version = standing.map_or(0, |(_, last_version)| last_version);
    expect(to, expected, at_version)?;
    let stream_id = match standing {
        Some((stream_id, _)) => stream_id,
        None => connection
            .prepare_cached("INSERT INTO streams (name) VALUES (?1)")
            .and_then(|mut insert| insert.insert([stream]))
            .map_err(failed)?,
    };
    let mut insert = connection
        .prepare_cached(
            "INSERT INTO events (position, stream_id, version, type, time, id, data, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .map_err(failed)?;
    let first_position = writing.sealing.last_position() + 1;
    let (mut version, mut position, mut last_time) = (at_version, first_position - 1, writing.now);
    let mut made = Uuid::encode_buffer();
    for event in events {
        (version, position) = (version + 1, position + 1);
        let id = match &event.id {
            Some(id) => id.as_str(),
            None => writing.ids.make().hyphenated().encode_lower(&mut made),
        };
        let data = text(&event.data)?;
        let metadata = event.metadata.as_deref().map(text).transpose()?;
        last_time = event.time.unwrap_or(writing.now);
        insert
            .execute(params![position, stream_id, version, event.event_type, last_time.0, id, data, metadata])
            .map_err(failed)?;
        writing.sealing.push(&RawEvent {
            category: None,
            seq: Seq::Number(position),
            stream,
            version: Some(version),
            event_type: &event.event_type,
            time: Some(last_time),
            id: Some(id),
            data: &event.data,
            metadata: event.metadata.as_deref(),
        });
    }
    let count = version - at_version;
    connection
        .prepare_cached(
            "UPDATE streams SET events = events + ?2, last_version = ?3, last_position = ?4, last_time = ?5
              WHERE stream_id = ?1",
        )
        .and_then(|mut update| update.execute(params![stream_id, count, version, position, last_time.0]))
        .map_err(failed)?;
    Ok(Appended {
        stream: to.clone(),
        first_version: at_version + 1,
        last_version: version,
        first_position,
        last_position: position,
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
fn repeated(writing: &mut Writing<'_>, append: &Append) -> Result<Option<Appended>> {
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
        let Some(known) = find(writing, id)? else { continue };
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

fn find(writing: &mut Writing<'_>, id: &str) -> Result<Option<Known>> {
    let connection = writing.connection;
    let sql = "SELECT position, version, name, type, time, CAST(data AS BLOB), CAST(metadata AS BLOB)
                 FROM events JOIN streams USING (stream_id) WHERE id = ?1";
    let hot = connection
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
        .map_err(|error| fault(error, "look up an event id"))?;
    if hot.is_some() {
        return Ok(hot);
    }
    for file in writing.cold.files(connection, writing.path)? {
        let known = file.find_id(id, |raw| Known {
            position: raw.seq.number().unwrap_or_default(),
            version: raw.version.unwrap_or_default(),
            stream: raw.stream.to_owned(),
            event_type: raw.event_type.to_owned(),
            time: raw.time.map_or(0, |time| time.0),
            data: raw.data.to_vec(),
            metadata: raw.metadata.map(<[u8]>::to_vec),
        })?;
        if known.is_some() {
            return Ok(known);
        }
    }
    Ok(None)
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
