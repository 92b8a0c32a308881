//! npm `@event-driven-io/emmett-sqlite`: one table of messages, JSON as text.
//!
//! `emt_streams.partition` may hold the text `[object Object]`, a slip of the library, so that table is not joined. A
//! stream that lies in several partitions, or was archived and begun anew, is several: then each is named in full.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::words::{ids_are_unique, with_column};
use super::{Categories, Confidence, Map, Recognised, TimeForm};
use crate::error::Result;

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
/// What tells streams of one name apart.
const APART: [&str; 2] = ["partition", "is_archived"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    // The order of the log is the row's own number: without that the positions could repeat.
    let fitting = schema.tables.iter().filter(|table| {
        table.has(COLUMNS)
            && table.has_rowid
            && table
                .column("global_position")
                .is_some_and(|column| column.key_place == 1 && column.declared == "INTEGER")
    });
    fitting.map(|table| recognised(schema, connection, table)).collect()
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table) -> Result<Recognised> {
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
    let map = Map {
        version: "e.stream_position".to_owned(),
        event_type: "e.message_type".to_owned(),
        time: table.column("created").map(|_| ("e.created".to_owned(), TimeForm::Text)),
        id: Some("e.message_id".to_owned()),
        data: "e.message_data".to_owned(),
        metadata: Some(metadata(table)),
        filter: Some("e.message_kind = 'E'".to_owned()),
        ..streams(connection, table, &mut evidence)?
    };
    Ok(Recognised {
        layout: "emmett",
        title: "Emmett for SQLite (npm @event-driven-io/emmett-sqlite 0.38 to 0.42)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map,
    })
}

/// The metadata, with what the columns say of an event that is archived.
fn metadata(table: &Table) -> String {
    let stored = match table.column("message_schema_version") {
        Some(_) => with_column("e.message_metadata", "e.message_schema_version", "'0', '1', ''"),
        None => "e.message_metadata".to_owned(),
    };
    if table.column("is_archived").is_none() {
        return stored;
    }
    format!(
        "CASE WHEN e.is_archived AND json_valid(e.message_metadata, 6) THEN \
         json_set({stored}, '$.is_archived', json('true')) ELSE {stored} END"
    )
}

/// Streams by their names, where no two have the same.
fn streams(connection: &Connection, table: &Table, evidence: &mut Vec<String>) -> Result<Map> {
    const CATEGORY: &str = "substr(e.stream_id, 1, instr(e.stream_id || '-', '-') - 1)";
    let apart: Vec<&str> = APART.into_iter().filter(|name| table.column(name).is_some()).collect();
    let full = ["e.stream_id".to_owned()].into_iter().chain(apart.iter().map(|name| match *name {
        "is_archived" => "CASE WHEN e.is_archived THEN ' (archived)' ELSE '' END".to_owned(),
        name => format!("' in ' || e.{name}"),
    }));
    let full = full.collect::<Vec<_>>().join(" || ");
    let of = Map::of(table, "e.global_position");
    if ids_are_unique(connection, table, "e.stream_id", &full)? {
        return Ok(Map {
            stream: "e.stream_id".to_owned(),
            of_stream: "e.stream_id = :stream".to_owned(),
            category: CATEGORY.to_owned(),
            of_category:
                "(substr(e.stream_id, 1, length(:category) + 1) = :category || '-' OR e.stream_id = :category)"
                    .to_owned(),
            categories: Categories::Name,
            ..of
        });
    }
    evidence.push(super::cqrs_es::naming(false, "stream_id", &apart.join(", ")));
    let own = quoted(&table.name);
    let same: Vec<String> = std::iter::once("stream_id")
        .chain(apart)
        .map(|name| format!("e.{name} IS (SELECT {name} FROM {own} WHERE global_position = :first)"))
        .collect();
    Ok(Map {
        stream: full,
        of_stream: same.join(" AND "),
        directory: Some(super::super::directory::Directory::default()),
        ..of.by_category(CATEGORY)
    })
}
