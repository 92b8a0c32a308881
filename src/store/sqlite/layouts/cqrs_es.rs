//! The Rust crate `cqrs-es` with `sqlite-es`: streams of a type and an id, JSON as text, and no time and no position: the
//! order of the log is that of the rows. The tables may have any name.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::words::{beside, ids_are_unique, where_json, with_column};
use super::{Confidence, Map, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] =
    &["aggregate_type", "aggregate_id", "sequence", "event_type", "event_version", "payload", "metadata"];
const SNAPSHOTS: &[&str] = &["aggregate_type", "aggregate_id", "last_sequence", "current_snapshot", "payload"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    tables
        .filter_map(|table| Some((table, table.row_number()?)))
        .map(|(table, row)| recognised(schema, connection, table, row))
        .collect()
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table, row: &str) -> Result<Recognised> {
    let name = |of: char| (format!("{of}.aggregate_id"), format!("{of}.aggregate_type || '-' || {of}.aggregate_id"));
    let ((id, full), (snapshot_id, snapshot_full)) = (name('e'), name('n'));
    let is_alone = ids_are_unique(connection, table, &id, &full)?;
    let pick = |short: String, full: String| if is_alone { (short, Some(full)) } else { (full, None) };
    let mut evidence = vec![table.evidence(COLUMNS), format!("rows of \"{}\" are in the order of commits", table.name)];
    if table.is_unique_by(&["aggregate_type", "aggregate_id", "sequence"]) {
        evidence.push("aggregate_type, aggregate_id and sequence are a unique key".to_owned());
    }
    evidence.push(naming(is_alone, "aggregate_id", "aggregate_type"));
    let time = time_in_metadata(connection, table, &mut evidence)?;
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    let (stream, full_stream) = pick(id, full);
    let (snapshot_stream, snapshot_full) = pick(snapshot_id, snapshot_full);
    let own = quoted(&table.name);
    let first = |column: &str| format!("(SELECT {column} FROM {own} WHERE {row} = :first)");
    Ok(Recognised {
        layout: "cqrs-es",
        title: "cqrs-es for SQLite (Rust crate sqlite-es 0.4 and 0.5)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            stream,
            full_stream,
            of_stream: format!(
                "e.aggregate_type = {} AND e.aggregate_id = {}",
                first("aggregate_type"),
                first("aggregate_id")
            ),
            directory: Some(super::super::directory::Directory::default()),
            version: "e.sequence".to_owned(),
            event_type: "e.event_type".to_owned(),
            time,
            data: "e.payload".to_owned(),
            metadata: Some(with_column("e.metadata", "e.event_version", "'1.0', '1', ''")),
            snapshots: snapshots.map(|beside| SnapshotMap {
                stream: snapshot_stream,
                full_stream: snapshot_full,
                ..SnapshotMap::of(beside, "n.last_sequence", "n.payload", "cqrs-es")
            }),
            ..Map::of(table, &format!("e.{row}")).by_category("e.aggregate_type")
        },
    })
}

/// The sentence that says how streams are named.
pub(super) fn naming(is_alone: bool, id: &str, kind: &str) -> String {
    if is_alone {
        format!("a stream is named by its {id}: no two of them are alike")
    } else {
        format!("a stream is named by {kind} and {id}: the same {id} stands under several")
    }
}

/// The library keeps no time; where the application put one into the metadata, that is it.
fn time_in_metadata(
    connection: &Connection,
    table: &Table,
    evidence: &mut Vec<String>,
) -> Result<Option<(String, TimeForm)>> {
    let column = where_json("e.metadata", "e.metadata ->> '$.time'");
    let values = super::words::values(connection, &format!("{} e", quoted(&table.name)), &column)?;
    let times = values.iter().filter(|value| crate::event::Time::parse(value).is_some()).count();
    if times == 0 || times + 1 < values.len() {
        evidence.push("no column holds a time".to_owned());
        return Ok(None);
    }
    evidence.push("\"time\" in the metadata is taken as the time".to_owned());
    Ok(Some((column, TimeForm::Text)))
}
