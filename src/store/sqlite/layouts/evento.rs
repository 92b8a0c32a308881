//! The Rust crate `evento`: payloads in bitcode or bincode, which only the application's own types can read. Ids are ULIDs, and several
//! of one millisecond are not in the order of commits: that is the order of rows.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::cqrs_es::naming;
use super::words::{beside, ids_are_unique};
use super::{Confidence, Map, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;
use crate::payload::Decoder;

const COLUMNS: &[&str] =
    &["id", "name", "aggregator_type", "aggregator_id", "version", "data", "metadata", "timestamp"];
const SNAPSHOTS: &[&str] = &["id", "type", "cursor", "data"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    tables
        .filter_map(|table| Some((table, table.row_number()?)))
        .map(|(table, row)| recognised(schema, connection, table, row))
        .collect()
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table, row: &str) -> Result<Recognised> {
    let has_tenant = table.column("tenant").is_some();
    let tenant = if has_tenant { "CASE WHEN e.tenant = '' THEN '' ELSE e.tenant || '-' END || " } else { "" };
    let full = format!("{tenant}e.aggregator_type || '-' || e.aggregator_id");
    let is_alone = ids_are_unique(connection, table, "e.aggregator_id", &full)?;
    let mut evidence = vec![
        table.evidence(COLUMNS),
        naming(is_alone, "aggregator_id", if has_tenant { "tenant, aggregator_type" } else { "aggregator_type" }),
        "payloads are bitcode (bincode before 2.0), which is shown as bytes".to_owned(),
        "the order of rows is that of commits; that of ids is not".to_owned(),
    ];
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    let own = quoted(&table.name);
    let mut keys = vec!["aggregator_type", "aggregator_id"];
    keys.extend(has_tenant.then_some("tenant"));
    let same = |key: &&str| format!("e.{key} = (SELECT {key} FROM {own} WHERE {row} = :first)");
    let of_stream: Vec<String> = keys.iter().map(same).collect();
    let (stream, full_stream) = if is_alone { ("e.aggregator_id".to_owned(), Some(full)) } else { (full, None) };
    let part = if table.column("timestamp_subsec").is_some() { " + e.timestamp_subsec" } else { "" };
    Ok(Recognised {
        layout: "evento",
        title: "evento for SQLite (Rust crate evento 1 and 2)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            stream,
            full_stream,
            of_stream: of_stream.join(" AND "),
            directory: Some(super::super::directory::Directory::default()),
            version: "e.version".to_owned(),
            event_type: "e.name".to_owned(),
            time: Some((format!("e.timestamp * 1000{part}"), TimeForm::Milliseconds)),
            id: Some("e.id".to_owned()),
            data: "e.data".to_owned(),
            metadata: Some("e.metadata".to_owned()),
            snapshots: snapshots.map(|beside| SnapshotMap {
                stream: "n.id".to_owned(),
                name: beside.column("projection").map(|_| "n.projection".to_owned()),
                time: beside
                    .column("updated_at")
                    .map(|_| ("coalesce(n.updated_at, n.created_at)".to_owned(), TimeForm::Text)),
                version_of_event: Some(format!("SELECT version FROM {own} WHERE id = :id")),
                ..SnapshotMap::of(beside, "n.cursor", "n.data", "evento")
            }),
            decoder: Decoder::opaque("bitcode or bincode, which only the application's own types can read"),
            ..Map::of(table, &format!("e.{row}")).by_category("e.aggregator_type")
        },
    })
}
