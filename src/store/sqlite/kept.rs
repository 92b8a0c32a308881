//! Totals of a native log: its writer keeps them in the table of streams, so that a million streams need no scan.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use super::extents::Extent;
use super::fault::fault;
use super::pages::Path;
use crate::error::Result;
use crate::event::{Resume, Scope, Seq, StreamId, Time};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::{CategoryInfo, Place, Seal, StreamInfo, StreamPage, Totals};

const COLUMNS: &str = "name, category, events, last_version, last_time";

/// The first and the last position of the log.
pub(super) fn ends(connection: &Connection) -> Result<Option<(i64, i64)>> {
    let ends = connection
        .prepare_cached("SELECT (SELECT min(position) FROM events), (SELECT max(position) FROM events)")
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(|error| fault(error, "find the ends of the log"))?;
    Ok(match ends {
        (Some(first), Some(last)) => Some((first, last)),
        _ => None,
    })
}

/// How many events stand between the ends: positions have no gaps.
pub(super) fn events_between(ends: Option<(i64, i64)>) -> u64 {
    ends.map_or(0, |(first, last)| last.abs_diff(first) + 1)
}

/// The place at a position of the log or of a stream, which is a sum in both.
pub(super) fn place(scope: &Scope, first: i64, events: u64, position: u64) -> Place {
    let position = position.min(events);
    let before = i64::try_from(position).ok().and_then(|position| first.checked_add(position - 1));
    match (position, before) {
        (0, _) | (_, None) => Place { position: 0, resume: Resume::Start },
        (_, Some(before)) => Place {
            position,
            resume: match scope {
                Scope::Stream(_) => Resume::AfterVersion(before),
                Scope::Log | Scope::Category(_) => Resume::After(Seq::Number(before)),
            },
        },
    }
}

/// All totals but the times.
pub(super) fn totals(connection: &Connection) -> Result<Totals> {
    let failed = |error| fault(error, "sum up the log");
    let (streams, categories, snapshots) = connection
        .query_row(
            "SELECT (SELECT count(*) FROM streams WHERE events > 0),
                    (SELECT count(DISTINCT category) FROM streams WHERE events > 0),
                    (SELECT count(*) FROM snapshots)",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
        )
        .map_err(failed)?;
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(Totals {
        events: events_between(ends(connection)?),
        streams: number(streams),
        categories: number(categories),
        snapshots: number(snapshots),
        ..Totals::default()
    })
}

/// The kinds of streams.
pub(super) fn categories(connection: &Connection) -> Result<Vec<CategoryInfo>> {
    let failed = |error| fault(error, "list the categories");
    let mut statement = connection
        .prepare_cached(
            "SELECT category, count(*), sum(events), max(last_time) FROM streams WHERE events > 0 \
             GROUP BY category ORDER BY category",
        )
        .map_err(failed)?;
    let number = |row: &Row<'_>, index| row.get::<_, i64>(index).map(|count| u64::try_from(count).unwrap_or(0));
    let categories = statement
        .query_map([], |row| {
            Ok(CategoryInfo {
                category: Arc::from(row.get::<_, String>(0)?),
                streams: number(row, 1)?,
                events: Some(number(row, 2)?),
                last_time: row.get::<_, Option<i64>>(3)?.map(Time),
            })
        })
        .and_then(Iterator::collect);
    categories.map_err(failed)
}

/// A page of streams by name.
pub(super) fn streams(connection: &Connection, page: &StreamPage) -> Result<Vec<StreamInfo>> {
    let failed = |error| fault(error, "list the streams");
    let of_category = if page.category.is_some() { " AND category = :category" } else { "" };
    let after = if page.after.is_some() { " AND name > :after" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM streams WHERE events > 0{of_category}{after} ORDER BY name");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut parameters: Vec<(&str, &dyn rusqlite::ToSql)> = Vec::new();
    let after = page.after.as_ref().map(StreamId::as_str);
    if let Some(category) = &page.category {
        parameters.push((":category", category));
    }
    if let Some(after) = &after {
        parameters.push((":after", after));
    }
    let contains = page.contains.as_deref().map(str::to_lowercase);
    let mut rows = statement.query(parameters.as_slice()).map_err(failed)?;
    let mut streams = Vec::new();
    while streams.len() < page.limit as usize
        && let Some(row) = rows.next().map_err(failed)?
    {
        // A name that is no text cannot be asked for.
        let Ok(name) = row.get_ref(0).map_err(failed)?.as_str() else { continue };
        if contains.as_ref().is_none_or(|text| name.to_lowercase().contains(text)) {
            streams.push(info(row).map_err(failed)?);
        }
    }
    Ok(streams)
}

/// One stream, where it has events.
pub(super) fn stream(connection: &Connection, stream: &StreamId) -> Result<Option<StreamInfo>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM streams WHERE name = ?1 AND events > 0"))
        .and_then(|mut statement| statement.query_row([stream.as_str()], info).optional())
        .map_err(|error| fault(error, &format!("look up stream \"{stream}\"")))
}

/// The seals that end after a position.
pub(super) fn seals(connection: &Connection, after: i64, limit: u32) -> Result<Vec<Seal>> {
    let failed = |error| fault(error, "read the seals");
    let mut statement = connection
        .prepare_cached(
            "SELECT first_position, last_position, hash, marks FROM seals WHERE last_position > ?1
              ORDER BY last_position LIMIT ?2",
        )
        .map_err(failed)?;
    let seals = statement
        .query_map((after, limit), |row| {
            Ok(Seal {
                first: row.get(0)?,
                last: row.get(1)?,
                hash: super::pages::bytes_of(row.get_ref(2)?).into_owned(),
                marks: super::pages::bytes_of(row.get_ref(3)?).into_owned(),
            })
        })
        .and_then(Iterator::collect);
    seals.map_err(failed)
}

/// The first version of a stream that is not archived, and how many there are from it on.
pub(super) fn hot_versions(connection: &Connection, stream: &StreamId) -> Result<(i64, u64)> {
    connection
        .prepare_cached("SELECT last_version - events + archived + 1, events - archived FROM streams WHERE name = ?1")
        .and_then(|mut ask| ask.query_row([stream.as_str()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional())
        .map(|found| found.map_or((1, 0), |(first, count)| (first, u64::try_from(count).unwrap_or(0))))
        .map_err(|error| fault(error, "count events"))
}

/// How many events of a stream or a category are in archives.
pub(super) fn archived(connection: &Connection, scope: &Scope) -> Result<u64> {
    let (sql, name) = match scope {
        Scope::Log => ("SELECT coalesce(max(last_position), 0) FROM archives WHERE ?1 = ''", ""),
        Scope::Stream(stream) => ("SELECT coalesce(sum(archived), 0) FROM streams WHERE name = ?1", stream.as_str()),
        Scope::Category(category) => {
            ("SELECT coalesce(sum(archived), 0) FROM streams WHERE category = ?1", category.as_ref())
        }
    };
    connection
        .prepare_cached(sql)
        .and_then(|mut ask| ask.query_row([name], |row| row.get::<_, i64>(0)))
        .map(|count| u64::try_from(count).unwrap_or(0))
        .map_err(|error| fault(error, "count archived events"))
}

/// What a category holds: a sum over its streams, and the shorter way to its events.
pub(super) fn category_extent(connection: &Connection, category: &str) -> Result<Extent> {
    // One statement, so that all numbers are of one moment.
    let (events, upto, first, last): (i64, Option<i64>, Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT coalesce(sum(events - archived), 0), max(last_position), (SELECT min(position) FROM events),
                    (SELECT max(position) FROM events)
               FROM streams WHERE category = ?1 AND events > 0",
        )
        .and_then(|mut statement| {
            statement.query_row([category], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        })
        .map_err(|error| fault(error, "count the events of a category"))?;
    let events = u64::try_from(events).unwrap_or(0);
    let mut extent = Extent::known(events, upto, (first, last));
    // Along the log a page costs about `page × log ÷ category` rows; through the streams, all of the category's keys.
    let log = events_between(first.zip(last));
    if events.saturating_mul(events) < log.saturating_mul(u64::from(PAGE_EVENTS_MAX)) {
        extent.path = Path::ThroughStreams;
    }
    Ok(extent)
}

fn info(row: &Row<'_>) -> rusqlite::Result<StreamInfo> {
    let events = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
    let last_version: i64 = row.get(3)?;
    Ok(StreamInfo {
        stream: StreamId::new(&super::pages::text_of(row.get_ref(0)?)),
        category: Arc::from(&*super::pages::text_of(row.get_ref(1)?)),
        events,
        // Versions have no gaps.
        first_version: i64::try_from(events).ok().map(|events| last_version - events + 1),
        last_version: Some(last_version),
        last_time: row.get::<_, Option<i64>>(4)?.map(Time),
    })
}
