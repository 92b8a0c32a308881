//! What a log grew by, and the snapshots that it holds.

use std::sync::Arc;

use rusqlite::{Connection, ToSql};

use super::fault::fault;
use super::layouts::{Map, SnapshotMap};
use super::pages::{bytes_of, no_place, number_of, text_of, time_of};
use crate::error::Result;
use crate::event::{Resume, Scope, Seq, StreamId};
use crate::limits::{GROWTH_EVENTS_MAX, GROWTH_STREAMS_MAX};
use crate::log::{Growth, Snapshot};

/// The newest event's key.
pub(super) fn last_key(connection: &Connection, map: &Map) -> Result<Option<i64>> {
    use rusqlite::OptionalExtension;
    let (key, conditions) = (&map.key, map.conditions(&Scope::Log, &[]));
    connection
        .prepare_cached(&format!("SELECT {key} FROM {}{conditions} ORDER BY {} LIMIT 1", map.from, map.by_key(" DESC")))
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(|error| fault(error, "find the end of the log"))
}

/// What lies after a place: its types and bytes only where it is not too much.
pub(super) fn growth(connection: &Connection, map: &Map, after: &Resume) -> Result<Growth> {
    let after_key = match after {
        Resume::Start => None,
        Resume::After(Seq::Number(number)) => Some(*number),
        other => return Err(no_place(other)),
    };
    let Some(upto) = last_key(connection, map)?.filter(|last| after_key.is_none_or(|after| *last > after)) else {
        return Ok(Growth { next: after.clone(), ..Growth::default() });
    };
    let next = Resume::After(Seq::Number(upto));
    let failed = |error| fault(error, "measure what is new");
    let (above, below) = (map.key_is(">", ":after"), map.key_is("<=", ":upto"));
    let mut more = vec![below.as_str()];
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":upto", &upto)];
    if let Some(after_key) = &after_key {
        more.push(&above);
        parameters.push((":after", after_key));
    }
    let (from, conditions) = (&map.from, map.conditions(&Scope::Log, &more));
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let few: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {from}{conditions} LIMIT {})",
            GROWTH_EVENTS_MAX + 1
        ))
        .and_then(|mut statement| statement.query_row(parameters.as_slice(), |row| row.get(0)))
        .map_err(failed)?;
    if number(few) > GROWTH_EVENTS_MAX {
        let events: i64 = connection
            .prepare_cached(&format!("SELECT count(*) FROM {from}{conditions}"))
            .and_then(|mut statement| statement.query_row(parameters.as_slice(), |row| row.get(0)))
            .map_err(failed)?;
        return Ok(Growth { next, events: number(events), ..Growth::default() });
    }
    let metadata =
        map.metadata.as_ref().map_or_else(String::new, |column| format!(" + coalesce(octet_length({column}), 0)"));
    let sql = format!(
        "SELECT {}, count(*), sum(coalesce(octet_length({}), 0){metadata}) FROM {from}{conditions} GROUP BY 1 ORDER BY 2 DESC, 1",
        map.event_type, map.data
    );
    let mut growth = Growth { next, ..Growth::default() };
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut rows = statement.query(parameters.as_slice()).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let events = number(row.get(1).map_err(failed)?);
        growth.events += events;
        growth.bytes += number(row.get(2).map_err(failed)?);
        growth.by_type.push((Arc::from(&*text_of(row.get_ref(0).map_err(failed)?)), events));
    }
    let sql = format!(
        "SELECT {}, count(*), sum(coalesce(octet_length({}), 0){metadata}) FROM {from}{conditions} \
          GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {GROWTH_STREAMS_MAX}",
        map.stream, map.data
    );
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut rows = statement.query(parameters.as_slice()).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let stream = StreamId::new(&map.names.shown(&text_of(row.get_ref(0).map_err(failed)?)));
        let (events, bytes) = (number(row.get(1).map_err(failed)?), number(row.get(2).map_err(failed)?));
        growth.by_stream.push((stream, events, bytes));
    }
    Ok(growth)
}

/// The snapshots that the log holds, of one stream or of all, oldest version first.
pub(super) fn snapshots(
    connection: &Connection,
    map: &Map,
    layout: &SnapshotMap,
    stream: Option<&StreamId>,
) -> Result<Vec<Snapshot>> {
    let failed = |error| fault(error, "list the snapshots");
    let or_null = |column: Option<&'static str>| column.unwrap_or("NULL");
    let time = layout.time.as_ref();
    let condition = if stream.is_some() { format!(" WHERE {} = :stream", layout.stream) } else { String::new() };
    let sql = format!(
        "SELECT {stream}, {version}, {}, {}, {}, {}, {} FROM {}{condition} ORDER BY {version}, {stream}",
        layout.name.as_deref().unwrap_or("NULL"),
        or_null(layout.reducer),
        or_null(layout.event_hash),
        time.map_or("NULL", |(column, _)| column.as_str()),
        layout.state,
        layout.from,
        stream = layout.stream,
        version = layout.version,
    );
    let stored = stream.map(|stream| map.names.stored(stream.as_str()));
    let parameters: Vec<(&str, &dyn ToSql)> = stored.iter().map(|stored| (":stream", stored as &dyn ToSql)).collect();
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let snapshots = statement
        .query_map(parameters.as_slice(), |row| {
            let text = |index| {
                row.get_ref(index).map(|value| match value {
                    rusqlite::types::ValueRef::Null => None,
                    other => Some(text_of(other).into_owned()),
                })
            };
            let state = bytes_of(row.get_ref(6)?);
            let (state_value, inner_time) = match map.decoder.snapshot(&state) {
                Ok((value, time)) => (Ok(value), time),
                Err(fault) => (Err(fault), None),
            };
            let (event_hash, seal) = super::native::marks(&bytes_of(row.get_ref(4)?));
            Ok(Snapshot {
                stream: StreamId::new(&map.names.shown(&text_of(row.get_ref(0)?))),
                version: match &layout.version_of_event {
                    Some(sql) => version_at_cursor(connection, sql, &text_of(row.get_ref(1)?))?.unwrap_or(0),
                    None => number_of(row.get_ref(1)?).unwrap_or(0),
                },
                name: text(2)?,
                reducer: text(3)?,
                source: layout.source.to_owned(),
                time: time
                    .map(|(_, form)| row.get_ref(5).map(|value| time_of(value, *form)))
                    .transpose()?
                    .flatten()
                    .or(inner_time),
                bytes: state.len() as u64,
                event_hash,
                seal,
                state: state_value,
            })
        })
        .and_then(Iterator::collect);
    let mut snapshots: Vec<Snapshot> = snapshots.map_err(failed)?;
    // A version that comes out of a cursor was not there to sort by.
    snapshots.sort_by_key(|snapshot| snapshot.version);
    Ok(snapshots)
}

/// The version of the event whose id begins a cursor: 27 bytes in base64, a length of 26 and the ULID.
fn version_at_cursor(connection: &Connection, sql: &str, cursor: &str) -> rusqlite::Result<Option<i64>> {
    use rusqlite::OptionalExtension;
    let bytes = base64(cursor);
    let Some(id) = bytes.split_first().and_then(|(len, rest)| rest.get(..usize::from(*len))) else { return Ok(None) };
    let id = String::from_utf8_lossy(id);
    let version = connection.prepare_cached(sql)?.query_row([id.as_ref()], |row| row.get(0)).optional()?;
    Ok(version.flatten())
}

/// The bytes of base64, up to where it is none; both alphabets.
fn base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() * 3 / 4), 0_u32, 0);
    for letter in text.bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        (bits, held) = ((bits << 6) | u32::from(six), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap_or(0));
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
