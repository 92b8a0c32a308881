//! Totals of a log whose library keeps none: from the index of streams and versions, a stream at a time.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, named_params};

use super::fault::fault;
use super::layouts::{Categories, Map};
use super::pages::{self, number_of, text_of};
use crate::error::Result;
use crate::event::{EventBatch, Scope, StreamId};
use crate::log::{CategoryInfo, StreamInfo, StreamPage, Totals};

/// All totals but the times; `events` were counted before.
pub(super) fn totals(connection: &Connection, map: &Map, events: u64) -> Result<Totals> {
    let failed = |error| fault(error, "sum up the log");
    let count =
        |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|n| u64::try_from(n).unwrap_or(0));
    let snapshots = match &map.snapshots {
        Some(snapshots) => count(&format!("SELECT count(*) FROM {}", snapshots.from)).map_err(failed)?,
        None => 0,
    };
    if let Some(directory) = &map.directory {
        let categories = directory.categories().len() as u64;
        return Ok(Totals { events, streams: directory.len(), categories, snapshots, ..Totals::default() });
    }
    let sql = format!("SELECT count(DISTINCT {}) FROM {}{}", map.stream, map.from, map.conditions(&Scope::Log, &[]));
    let categories = categories(connection, map)?.len() as u64;
    Ok(Totals { events, streams: count(&sql).map_err(failed)?, categories, snapshots, ..Totals::default() })
}

/// The kinds of streams. A stream is of the kind of its first event.
pub(super) fn categories(connection: &Connection, map: &Map) -> Result<Vec<CategoryInfo>> {
    if let Some(directory) = &map.directory {
        return Ok(directory.categories());
    }
    let failed = |error| fault(error, "list the categories");
    let (stream, from, conditions) = (&map.stream, &map.from, map.conditions(&Scope::Log, &[]));
    let category = match map.categories {
        Categories::Name | Categories::Column => map.category.clone(),
        Categories::Type => {
            let first = format!(
                "SELECT {} FROM {from}{} ORDER BY {} LIMIT 1",
                map.category,
                map.conditions(&Scope::Log, &[&map.of_stream.replace(":stream", "g.stream")]),
                map.version
            );
            format!("({first})")
        }
    };
    let sql = match map.categories {
        Categories::Name | Categories::Column => format!(
            "SELECT category, count(*), sum(events) FROM \
             (SELECT {category} AS category, count(*) AS events FROM {from}{conditions} GROUP BY {stream}) \
             GROUP BY category ORDER BY category"
        ),
        Categories::Type => format!(
            "SELECT category, count(*), sum(events) FROM (SELECT {category} AS category, g.events AS events FROM \
             (SELECT {stream} AS stream, count(*) AS events FROM {from}{conditions} GROUP BY {stream}) g) \
             GROUP BY category ORDER BY category"
        ),
    };
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let categories = statement
        .query_map([], |row| {
            let number = |index| row.get::<_, i64>(index).map(|count| u64::try_from(count).unwrap_or(0));
            Ok(CategoryInfo {
                category: Arc::from(&*text_of(row.get_ref(0)?)),
                streams: number(1)?,
                events: Some(number(2)?),
                last_time: None,
            })
        })
        .and_then(Iterator::collect);
    categories.map_err(failed)
}

/// A page of streams by stored name: from one to the next through the index, and counted only where they are shown.
pub(super) fn streams(connection: &Connection, map: &Map, page: &StreamPage) -> Result<Vec<StreamInfo>> {
    if let Some(directory) = &map.directory {
        return directory.streams(connection, map, page);
    }
    let contains = page.contains.as_deref().map(str::to_lowercase);
    // Names of a category lie together where it is the beginning of the name.
    let beginning = page.category.as_deref().filter(|_| map.categories == Categories::Name);
    let after = page.after.as_ref().map(|after| map.names.stored(after.as_str()));
    let mut steps = match (after, beginning) {
        (Some(after), _) if beginning.is_none_or(|beginning| after.as_str() >= beginning) => {
            Steps { connection, map, at: after.into_bytes(), comparison: ">" }
        }
        (_, beginning) => {
            Steps { connection, map, at: beginning.unwrap_or_default().as_bytes().to_vec(), comparison: ">=" }
        }
    };
    let mut streams = Vec::new();
    while streams.len() < page.limit as usize && steps.next()? {
        if beginning.is_some_and(|beginning| !steps.at.starts_with(beginning.as_bytes())) {
            break;
        }
        // A name that is no text cannot be asked for.
        let Ok(stored) = std::str::from_utf8(&steps.at) else { continue };
        let name = map.names.shown(stored);
        if contains.as_ref().is_some_and(|text| !name.to_lowercase().contains(text)) {
            continue;
        }
        if let Some(info) = stream(connection, map, &StreamId::new(&name), page.category.as_deref())? {
            streams.push(info);
        }
    }
    Ok(streams)
}

/// The streams' stored names, one after the other, byte by byte as they are stored.
struct Steps<'a> {
    connection: &'a Connection,
    map: &'a Map,
    at: Vec<u8>,
    comparison: &'static str,
}

impl Steps<'_> {
    /// Goes to the next name; false where there is none.
    fn next(&mut self) -> Result<bool> {
        let (stream, from) = (&self.map.stream, &self.map.from);
        let condition = format!("{stream} {} CAST(:at AS TEXT) AND typeof({stream}) = 'text'", self.comparison);
        let conditions = self.map.conditions(&Scope::Log, &[&condition]);
        let sql = format!("SELECT {stream} FROM {from}{conditions} ORDER BY {stream} LIMIT 1");
        let next = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_row(named_params! {":at": self.at}, |row| Ok(pages::bytes_of(row.get_ref(0)?).into_owned()))
                    .optional()
            })
            .map_err(|error| fault(error, "list the streams"))?;
        self.comparison = ">";
        match next {
            Some(name) => {
                self.at = name;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// One stream, where it has events, and is of the category where one is given.
pub(super) fn stream(
    connection: &Connection,
    map: &Map,
    stream: &StreamId,
    category: Option<&str>,
) -> Result<Option<StreamInfo>> {
    if let Some(directory) = &map.directory
        && let Some(info) = directory.stream(connection, map, stream)?
    {
        return Ok(Some(info).filter(|info| category.is_none_or(|category| category == &*info.category)));
    }
    let scope = Scope::Stream(stream.clone());
    let of_stream = match map.categories {
        Categories::Name => crate::event::category_of(stream.as_str()).to_owned(),
        Categories::Type | Categories::Column => match first_category(connection, map, &scope)? {
            Some(category) => category,
            None => return Ok(None),
        },
    };
    if category.is_some_and(|category| category != of_stream) {
        return Ok(None);
    }
    let version = &map.version;
    let sql = format!(
        "SELECT count(*), min({version}), max({version}) FROM {}{}",
        map.source_of(&scope),
        map.conditions(&scope, &[])
    );
    let (events, first_version, last_version) = super::extents::with_scope(map, &scope, Vec::new(), |parameters| {
        connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            Ok((row.get::<_, i64>(0)?, number_of(row.get_ref(1)?), number_of(row.get_ref(2)?)))
        })
    })
    .map_err(|error| fault(error, &format!("look up stream \"{stream}\"")))?;
    if events == 0 {
        return Ok(None);
    }
    let mut last = EventBatch::new();
    pages::read_last(connection, map, &scope, &mut last)?;
    Ok(Some(StreamInfo {
        stream: stream.clone(),
        category: Arc::from(of_stream),
        events: u64::try_from(events).unwrap_or(0),
        first_version,
        last_version,
        last_time: last.get(0).and_then(|event| map.decoder.time(&event)),
    }))
}

fn first_category(connection: &Connection, map: &Map, scope: &Scope) -> Result<Option<String>> {
    let sql = format!(
        "SELECT {} FROM {}{} ORDER BY {} LIMIT 1",
        map.category,
        map.source_of(scope),
        map.conditions(scope, &[]),
        map.ordering(scope)
    );
    super::extents::with_scope(map, scope, Vec::new(), |parameters| {
        connection
            .prepare_cached(&sql)?
            .query_row(parameters, |row| Ok(text_of(row.get_ref(0)?).into_owned()))
            .optional()
    })
    .map_err(|error| fault(error, "find the category of a stream"))
}
