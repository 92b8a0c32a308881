//! Rails Event Store: events in one table, and in another the streams that each of them is in. The first stream is the
//! one that it was written to; the others are links. A position may be missing; then the order of rows is the number.

use rusqlite::{Connection, OptionalExtension};

use super::super::fault::fault;
use super::super::schema::{Schema, Table, quoted};
use super::words::{before, behind_last, beside, separator, values};
use super::{Confidence, Map, Order, Recognised, TimeForm};
use crate::error::Result;

const EVENTS: &[&str] = &["id", "event_id", "event_type", "metadata", "data", "created_at"];
const LINKS: &[&str] = &["id", "stream", "position", "event_id"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(EVENTS) && table.row_number().is_some());
    let both = tables.filter_map(|table| Some((table, beside(schema, table, LINKS)?)));
    both.map(|(events, links)| recognised(connection, events, links)).collect()
}

fn recognised(connection: &Connection, events: &Table, links: &Table) -> Result<Recognised> {
    let (table, streams) = (quoted(&events.name), quoted(&links.name));
    let names = values(connection, &format!("{streams} s WHERE substr(s.stream, 1, 4) <> '$by_'"), "s.stream")?;
    let sign = separator(&names);
    let is_indexed = is_indexed_by_event(connection, links)?;
    // Without an index of events in streams the order is that of the links.
    let (from, key) = if is_indexed {
        (format!("{table} e CROSS JOIN {streams} s ON s.event_id = e.event_id"), "e.id")
    } else {
        (format!("{streams} s CROSS JOIN {table} e ON e.event_id = s.event_id"), "s.id")
    };
    let once = if is_indexed {
        format!("s.id = (SELECT min(l.id) FROM {streams} l WHERE l.event_id = e.event_id)")
    } else {
        "substr(s.stream, 1, 4) <> '$by_'".to_owned()
    };
    let evidence = vec![
        events.evidence(EVENTS),
        links.evidence(LINKS),
        format!("the first stream of an event in \"{}\" is its own; the others are links", links.name),
        "where a position is missing, the order in the stream is the version, from 0".to_owned(),
        "types are shown without the modules that they are in".to_owned(),
    ];
    Ok(Recognised {
        layout: "rails-event-store",
        title: "Rails Event Store (RubyGems ruby_event_store-active_record 2)",
        table: events.name.clone(),
        evidence,
        confidence: Confidence(95),
        map: Map {
            from,
            from_stream: Some(format!("{streams} s CROSS JOIN {table} e ON e.event_id = s.event_id")),
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
            id: Some("e.event_id".to_owned()),
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
