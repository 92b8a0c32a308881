//! Eventscope's own log: `native.sql`.

use rusqlite::Connection;

use super::super::native::{APPLICATION_ID, SCHEMA_VERSION};
use super::super::schema::Schema;
use super::{Categories, Confidence, Map, Names, Order, Recognised, SnapshotMap, TimeForm, TotalsFrom};
use crate::error::{Error, Result};
use crate::payload::Decoder;

const STREAMS: &[&str] =
    &["stream_id", "name", "category", "events", "last_version", "last_position", "last_time", "archived"];
const EVENTS: &[&str] = &["position", "stream_id", "version", "type", "time", "id", "data", "metadata"];
const SNAPSHOTS: &[&str] = &["snapshot_id", "stream_id", "version", "name", "reducer", "event_hash", "time", "state"];
const SEALS: &[&str] = &["last_position", "first_position", "hash", "marks"];
const ARCHIVES: &[&str] = &["last_position", "first_position", "file", "hash", "time"];

pub(super) fn recognise(schema: &Schema, _: &Connection) -> Result<Vec<Recognised>> {
    if schema.application_id != APPLICATION_ID {
        return Ok(Vec::new());
    }
    if schema.user_version > SCHEMA_VERSION {
        return Err(Error::Open(format!(
            "it was written by a newer Eventscope: its schema has version {}, this one reads up to {SCHEMA_VERSION} (update \
             Eventscope)",
            schema.user_version
        )));
    }
    let mut evidence = vec![format!(
        "application id {APPLICATION_ID} and schema version {} are those of Eventscope",
        schema.user_version
    )];
    let tables =
        [("streams", STREAMS), ("events", EVENTS), ("snapshots", SNAPSHOTS), ("seals", SEALS), ("archives", ARCHIVES)];
    for (name, columns) in tables {
        match schema.table(name) {
            Some(table) if table.has(columns) => evidence.push(table.evidence(columns)),
            _ => return Ok(Vec::new()),
        }
    }
    Ok(vec![Recognised {
        layout: "native",
        title: "Eventscope's own log, schema version 1",
        table: "events".to_owned(),
        evidence,
        confidence: Confidence(100),
        map: map(),
    }])
}

fn map() -> Map {
    Map {
        // CROSS JOIN keeps the order: events outside, each finding its stream by number.
        from: "events e CROSS JOIN streams s ON s.stream_id = e.stream_id".to_owned(),
        key: "e.position".to_owned(),
        stream: "s.name".to_owned(),
        full_stream: None,
        directory: None,
        from_stream: None,
        places: None,
        in_stream: Order::Version,
        once: None,
        of_stream: "e.stream_id = (SELECT stream_id FROM streams WHERE name = :stream)".to_owned(),
        names: Names::Plain,
        version: "e.version".to_owned(),
        event_type: "e.type".to_owned(),
        category: "s.category".to_owned(),
        of_category: "s.category = :category".to_owned(),
        categories: Categories::Name,
        time: Some(("e.time".to_owned(), TimeForm::Microseconds)),
        id: Some("e.id".to_owned()),
        data: "e.data".to_owned(),
        metadata: Some("e.metadata".to_owned()),
        filter: None,
        totals: TotalsFrom::StreamsTable,
        snapshots: Some(SnapshotMap {
            from: "snapshots n CROSS JOIN streams s ON s.stream_id = n.stream_id".to_owned(),
            stream: "s.name".to_owned(),
            full_stream: None,
            version_of_event: None,
            version: "n.version".to_owned(),
            name: Some("n.name".to_owned()),
            reducer: Some("n.reducer"),
            event_hash: Some("n.event_hash"),
            time: Some(("n.time".to_owned(), TimeForm::Microseconds)),
            state: "n.state".to_owned(),
            source: "eventscope",
        }),
        decoder: Decoder::json(),
    }
}
