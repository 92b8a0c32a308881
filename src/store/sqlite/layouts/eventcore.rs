//! The Rust crate `eventcore-sqlite`: JSON as text, `event_type` the name of the enum, the event's own name in the payload.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::words::{before, beside, separator, values, where_json};
use super::{Confidence, Map, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] =
    &["event_id", "stream_id", "stream_version", "event_type", "event_data", "metadata", "created_at"];
const SNAPSHOTS: &[&str] = &["snapshot_id", "snapshot_data", "updated_at"];

/// The name of an enum's variant as serde writes it: the only key of an object, the text of a variant without fields,
/// or the value of `type`; else what the column says.
const TYPE: &str = "CASE WHEN NOT json_valid(e.event_data) THEN e.event_type
    WHEN json_type(e.event_data) = 'text' THEN e.event_data ->> '$'
    WHEN json_type(e.event_data) <> 'object' THEN e.event_type
    WHEN (SELECT count(*) FROM json_each(e.event_data)) = 1 THEN (SELECT key FROM json_each(e.event_data))
    WHEN json_type(e.event_data, '$.type') = 'text' THEN e.event_data ->> '$.type'
    ELSE e.event_type END";

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    let tables = tables.filter(|table| table.is_unique_by(&["stream_id", "stream_version"]));
    tables
        .filter_map(|table| Some((table, table.row_number()?)))
        .map(|(table, row)| recognised(schema, connection, table, row))
        .collect()
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table, row: &str) -> Result<Recognised> {
    let sign = separator(&values(connection, &quoted(&table.name), "stream_id")?);
    let mut evidence = vec![
        table.evidence(COLUMNS),
        "stream_id and stream_version are a unique key".to_owned(),
        "the type is the variant in event_data; event_type names the enum".to_owned(),
    ];
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    let of_first = |what: &str| {
        where_json(
            "n.snapshot_data",
            &format!("(SELECT {what} FROM json_each(n.snapshot_data, '$.stream_versions') LIMIT 1)"),
        )
    };
    let state = format!("coalesce({}, n.snapshot_data)", where_json("n.snapshot_data", "n.snapshot_data -> '$.state'"));
    Ok(Recognised {
        layout: "eventcore",
        title: "eventcore for SQLite (Rust crate eventcore-sqlite 2)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            stream: "e.stream_id".to_owned(),
            of_stream: "e.stream_id = :stream".to_owned(),
            version: "e.stream_version".to_owned(),
            event_type: TYPE.to_owned(),
            time: Some(("e.created_at".to_owned(), TimeForm::Text)),
            id: Some("e.event_id".to_owned()),
            data: "e.event_data".to_owned(),
            metadata: Some("e.metadata".to_owned()),
            snapshots: snapshots.map(|beside| SnapshotMap {
                stream: of_first("key"),
                name: Some("n.snapshot_id".to_owned()),
                time: Some(("n.updated_at".to_owned(), TimeForm::Text)),
                ..SnapshotMap::of(beside, &of_first("value"), &state, "eventcore")
            }),
            ..Map::of(table, &format!("e.{row}")).by_category(&before("e.stream_id", sign))
        },
    })
}
