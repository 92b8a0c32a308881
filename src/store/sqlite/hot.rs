//! The whole of a native log in order, as fast as its table can be scanned: names of streams are looked up once, not
//! joined to each event.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::fault::fault;
use super::pages::{bytes_of, number_of, text_of};
use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Seq, Time};
use crate::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use crate::log::{PageEnd, Sifted};

/// Names that are kept: some MB of them.
const NAMES_MAX: usize = 50_000;

/// The names of streams by their numbers: they never change.
#[derive(Default)]
pub(super) struct Names {
    kept: Vec<Box<str>>,
    places: HashMap<i64, usize>,
    /// The stream of the event before, and its place: events of one stream often follow one another.
    last: Option<(i64, usize)>,
}

impl Names {
    #[inline]
    fn get(&mut self, connection: &Connection, stream_id: i64) -> rusqlite::Result<&str> {
        let place = match self.last {
            Some((last, place)) if last == stream_id => place,
            _ => self.find(connection, stream_id)?,
        };
        self.last = Some((stream_id, place));
        Ok(self.kept.get(place).map_or("", |name| name))
    }

    fn find(&mut self, connection: &Connection, stream_id: i64) -> rusqlite::Result<usize> {
        if let Some(place) = self.places.get(&stream_id) {
            return Ok(*place);
        }
        let name = connection
            .prepare_cached("SELECT name FROM streams WHERE stream_id = ?1")?
            .query_row([stream_id], |row| Ok(Box::from(&*text_of(row.get_ref(0)?))))?;
        if self.kept.len() >= NAMES_MAX {
            *self = Self::default();
        }
        self.kept.push(name);
        self.places.insert(stream_id, self.kept.len() - 1);
        Ok(self.kept.len() - 1)
    }
}

/// Looks at one page after a position and puts what is wanted into the batch: the others are never copied.
pub(super) fn sift(
    connection: &Connection,
    names: &mut Names,
    (after, limit): (i64, u32),
    mut is_wanted: impl FnMut(&RawEvent<'_>) -> bool,
    into: &mut EventBatch,
) -> Result<Sifted> {
    into.clear();
    let failed = |error| fault(error, "read events");
    let limit = limit.clamp(1, PAGE_EVENTS_MAX);
    let mut select = connection
        .prepare_cached(
            "SELECT position, stream_id, version, type, time, id, data, metadata FROM events WHERE position > ?1
              ORDER BY position LIMIT ?2",
        )
        .map_err(failed)?;
    // One more than asked for tells whether the log goes on.
    let mut rows = select.query((after, i64::from(limit) + 1)).map_err(failed)?;
    let (mut last, mut looked_at) = (after, 0);
    while let Some(row) = rows.next().map_err(failed)? {
        if looked_at >= u64::from(limit) || into.bytes_total() >= PAGE_BYTES_MAX {
            let page = PageEnd { next: Resume::After(Seq::Number(last)), at_end: false };
            return Ok(Sifted { page, looked_at });
        }
        last = with_event(row, connection, names, |event| {
            if is_wanted(event) {
                into.push(event);
            }
        })
        .map_err(failed)?;
        looked_at += 1;
    }
    let next = if looked_at == 0 && after == i64::MIN { Resume::Start } else { Resume::After(Seq::Number(last)) };
    Ok(Sifted { page: PageEnd { next, at_end: true }, looked_at })
}

/// Shows the event of a row, and gives its position.
#[inline]
fn with_event(
    row: &Row<'_>,
    connection: &Connection,
    names: &mut Names,
    see: impl FnOnce(&RawEvent<'_>),
) -> rusqlite::Result<i64> {
    let position = row.get(0)?;
    let (event_type, id, data) = (text_of(row.get_ref(3)?), text_of(row.get_ref(5)?), bytes_of(row.get_ref(6)?));
    let metadata = match row.get_ref(7)? {
        ValueRef::Null => None,
        value => Some(bytes_of(value)),
    };
    see(&RawEvent {
        category: None,
        seq: Seq::Number(position),
        stream: names.get(connection, row.get(1)?)?,
        version: number_of(row.get_ref(2)?),
        event_type: &event_type,
        time: number_of(row.get_ref(4)?).map(Time),
        id: Some(&id),
        data: &data,
        metadata: metadata.as_deref(),
    });
    Ok(position)
}
