//! Rails Event Store: events in one table, and in another the streams that each of them is in. The first stream is the
//! one that it was written to; the others are links. A position may be missing; then the order of rows is the number.
//! Up to version 1 the events' own key is their id; before that, each event named its one stream.

use rusqlite::{Connection, OptionalExtension};

use super::super::fault::fault;
use super::super::schema::{Schema, Table, quoted};
use super::words::{before, behind_last, beside, order_by, separator, values};
use super::{Confidence, Map, Order, Recognised, TimeForm};
use crate::error::Result;

const EVENTS: &[&str] = &["id", "event_id", "event_type", "metadata", "data", "created_at"];
/// Of version 1: `id` is that of the event.
const OLDER: &[&str] = &["id", "event_type", "metadata", "data", "created_at"];
/// Before version 1: no table of streams.
const OLDEST: &[&str] = &["id", "stream", "event_type", "event_id", "metadata", "data", "created_at"];
const LINKS: &[&str] = &["id", "stream", "position", "event_id"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let mut found = Vec::new();
    for table in schema.tables.iter().filter(|table| table.has(OLDER) && table.row_number().is_some()) {
        match beside(schema, table, LINKS) {
            Some(links) => found.push(recognised(connection, table, links)?),
            None if table.has(OLDEST) && id_is_number(table) => found.push(oldest(connection, table)?),
            None => {}
        }
    }
    Ok(found)
}

fn id_is_number(table: &Table) -> bool {
    table.column("id").is_some_and(|id| id.key_place == 1 && id.declared == "INTEGER")
}

fn oldest(connection: &Connection, table: &Table) -> Result<Recognised> {
    let sign = separator(&values(connection, &quoted(&table.name), "stream")?);
    Ok(Recognised {
        layout: "rails-event-store",
        title: "Rails Event Store, the older table of one stream for each event (RubyGems rails_event_store 0)",
        table: table.name.clone(),
        evidence: vec![
            table.evidence(OLDEST),
            "no column holds a version: the order in the stream is that of id".to_owned(),
            "types are shown without the modules that they are in".to_owned(),
        ],
        confidence: Confidence(80),
        map: Map {
            stream: "e.stream".to_owned(),
            of_stream: "e.stream = :stream".to_owned(),
            directory: Some(super::super::directory::Directory::default()),
            in_stream: Order::Key,
            event_type: behind_last("e.event_type", &[':']),
            time: Some(("e.created_at".to_owned(), TimeForm::Text)),
            id: Some("e.event_id".to_owned()),
            data: "e.data".to_owned(),
            metadata: Some("e.metadata".to_owned()),
            ..Map::of(table, "e.id").by_category(&before("e.stream", sign))
        },
    })
}

fn recognised(connection: &Connection, events: &Table, links: &Table) -> Result<Recognised> {
    let (table, streams) = (quoted(&events.name), quoted(&links.name));
    let names = values(connection, &format!("{streams} s WHERE substr(s.stream, 1, 4) <> '$by_'"), "s.stream")?;
    let sign = separator(&names);
    let is_indexed = is_indexed_by_event(connection, links)?;
    let (columns, id) = if events.has(EVENTS) { (EVENTS, "event_id") } else { (OLDER, "id") };
    let number = order_by(events, if id == "id" { "" } else { "id" }).unwrap_or_else(|| "e.rowid".to_owned());
    // Without an index of events in streams the order is that of the links.
    let (from, key) = if is_indexed {
        (format!("{table} e CROSS JOIN {streams} s ON s.event_id = e.{id}"), number.as_str())
    } else {
        (format!("{streams} s CROSS JOIN {table} e ON e.{id} = s.event_id"), "s.id")
    };
    let once = if is_indexed {
        format!("s.id = (SELECT min(l.id) FROM {streams} l WHERE l.event_id = e.{id})")
    } else {
        "substr(s.stream, 1, 4) <> '$by_'".to_owned()
    };
    let evidence = vec![
        events.evidence(columns),
        links.evidence(LINKS),
        format!("the first stream of an event in \"{}\" is its own; the others are links", links.name),
        "where a position is missing, the order in the stream is the version, from 0".to_owned(),
        "types are shown without the modules that they are in".to_owned(),
    ];
    Ok(Recognised {
        layout: "rails-event-store",
        title: "Rails Event Store (RubyGems ruby_event_store-active_record 1 and 2)",
        table: events.name.clone(),
        evidence,
        confidence: Confidence(95),
        map: Map {
            from,
            from_stream: Some(format!("{streams} s CROSS JOIN {table} e ON e.{id} = s.event_id")),
            stream: "s.stream".to_owned(),
            of_stream: "s.stream = :stream".to_owned(),
            directory: Some(super::super::directory::Directory::default()),
            // The streams of all events of a type or a correlation are long, and counting would take too long.
            version: format!(
                "coalesce(s.position, CASE WHEN substr(s.stream, 1, 4) <> '$by_' THEN \
                 (SELECT count(*) FROM {streams} p WHERE p.stream = s.stream AND p.id < s.id) END)"
            ),
            in_stream: Order::Key,
            event_type: behind_last("e.event_type", &[':']),
            time: Some(("e.created_at".to_owned(), TimeForm::Text)),
            id: Some(format!("e.{id}")),
            data: "e.data".to_owned(),
            metadata: Some("e.metadata".to_owned()),
            once: Some(once),
            ..Map::of(events, key).by_category(&before("s.stream", sign))
        },
    })
}

fn is_indexed_by_event(connection: &Connection, links: &Table) -> Result<bool> {
    connection
        .query_row(
            "SELECT 1 FROM pragma_index_list(?1) i, pragma_index_info(i.name) c \
             WHERE c.seqno = 0 AND c.name = 'event_id' AND NOT i.partial",
            [&links.name],
            |_| Ok(()),
        )
        .optional()
        .map(|found| found.is_some())
        .map_err(|error| fault(error, "recognise its tables"))
}
