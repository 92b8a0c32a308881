//! npm `@event-driven-io/emmett-sqlite`: one table of messages, JSON as text.
//!
//! `emt_streams.partition` may hold the text `[object Object]`, a slip of the library, so that table is not joined.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::{Categories, Confidence, Map, Names, Order, Recognised, TimeForm, TotalsFrom};
use crate::error::Result;
use crate::payload::Decoder;

const COLUMNS: &[&str] = &[
    "stream_id",
    "stream_position",
    "message_kind",
    "message_data",
    "message_metadata",
    "message_type",
    "message_id",
    "global_position",
];

#[expect(clippy::unnecessary_wraps, reason = "one form for all layouts: others ask the file")]
pub(super) fn recognise(schema: &Schema, _: &Connection) -> Result<Vec<Recognised>> {
    // The order of the log is the row's own number: without that the positions could repeat.
    let fitting = schema.tables.iter().filter(|table| {
        table.has(COLUMNS)
            && table.has_rowid
            && table
                .column("global_position")
                .is_some_and(|column| column.key_place == 1 && column.declared == "INTEGER")
    });
    Ok(fitting.map(|table| recognised(schema, table)).collect())
}

fn recognised(schema: &Schema, table: &Table) -> Recognised {
    let mut evidence = vec![
        table.evidence(COLUMNS),
        format!("\"global_position\" is the primary key of \"{}\"", table.name),
        "rows with message_kind 'E' are the events".to_owned(),
    ];
    if table.is_unique_by(&["stream_id", "stream_position"]) {
        evidence.push("stream_id and stream_position begin a unique key".to_owned());
    }
    if schema.table("emt_streams").is_some() {
        evidence.push("table \"emt_streams\" stands beside it".to_owned());
    }
    let time = table.column("created").map(|_| ("e.created".to_owned(), TimeForm::Text));
    Recognised {
        layout: "emmett",
        title: "Emmett for SQLite (npm @event-driven-io/emmett-sqlite 0.42)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            from: format!("{} e", quoted(&table.name)),
            key: "e.global_position".to_owned(),
            stream: "e.stream_id".to_owned(),
            full_stream: None,
            directory: None,
            from_stream: None,
            places: None,
            in_stream: Order::Version,
            once: None,
            of_stream: "e.stream_id = :stream".to_owned(),
            names: Names::Plain,
            version: "e.stream_position".to_owned(),
            event_type: "e.message_type".to_owned(),
            category: "substr(e.stream_id, 1, instr(e.stream_id || '-', '-') - 1)".to_owned(),
            of_category:
                "(substr(e.stream_id, 1, length(:category) + 1) = :category || '-' OR e.stream_id = :category)"
                    .to_owned(),
            categories: Categories::Name,
            time,
            id: Some("e.message_id".to_owned()),
            data: "e.message_data".to_owned(),
            metadata: Some("e.message_metadata".to_owned()),
            filter: Some("e.message_kind = 'E'".to_owned()),
            totals: TotalsFrom::Counting,
            snapshots: None,
            decoder: Decoder::json(),
        },
    }
}
