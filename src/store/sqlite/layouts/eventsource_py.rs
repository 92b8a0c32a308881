//! Python `eventsource-py`: streams of a type and an id, JSON as text that holds the library's own fields beside the
//! event's. `event_outbox` looks much like it and holds what is still to be sent.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::cqrs_es::naming;
use super::words::{beside, ids_are_unique, where_json};
use super::{Confidence, Map, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] =
    &["event_id", "aggregate_id", "aggregate_type", "event_type", "version", "timestamp", "payload", "created_at"];
const SNAPSHOTS: &[&str] = &["aggregate_id", "aggregate_type", "version", "schema_version", "state", "created_at"];

const METADATA: &str = "json_patch('{}', json_object('correlation_id', e.payload ->> '$.correlation_id',
    'causation_id', e.payload ->> '$.causation_id', 'actor_id', e.payload ->> '$.actor_id',
    'tenant_id', e.payload ->> '$.tenant_id', 'metadata', json(e.payload -> '$.metadata')))";

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    let ordered = tables.filter_map(|table| Some((table, key(table)?)));
    ordered.map(|(table, key)| recognised(schema, connection, table, key)).collect()
}

/// The column of the log's order: `global_position` since 0.3, `id` before, where the other columns of that time must be
/// there too.
fn key(table: &Table) -> Option<&'static str> {
    let is_key = |name: &&str| table.column(name).is_some_and(|column| column.key_place == 1);
    let is_old = table.has(&["tenant_id", "actor_id"]);
    ["global_position"].into_iter().chain(is_old.then_some("id")).find(is_key)
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table, key: &str) -> Result<Recognised> {
    let name = |of: char| (format!("{of}.aggregate_id"), format!("{of}.aggregate_type || '-' || {of}.aggregate_id"));
    let ((id, full), (snapshot_id, snapshot_full)) = (name('e'), name('n'));
    let is_alone = ids_are_unique(connection, table, &id, &full)?;
    let pick = |short: String, full: String| if is_alone { (short, Some(full)) } else { (full, None) };
    let columns: Vec<&str> = std::iter::once(key).chain(COLUMNS.iter().copied()).collect();
    let mut evidence = vec![
        table.evidence(&columns),
        format!("\"{key}\" is the primary key of \"{}\"", table.name),
        naming(is_alone, "aggregate_id", "aggregate_type"),
        "\"timestamp\", when it occurred, is the time; created_at, when it was stored, is another".to_owned(),
    ];
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    if let Some(outbox) = beside(schema, table, &["event_type", "aggregate_id", "event_data"]) {
        evidence.push(format!("table \"{}\" has events too, but no versions: it is no log", outbox.name));
    }
    let (stream, full_stream) = pick(id, full);
    let (snapshot_stream, snapshot_full) = pick(snapshot_id, snapshot_full);
    let own = quoted(&table.name);
    let first = |column: &str| format!("(SELECT {column} FROM {own} WHERE {key} = :first)");
    Ok(Recognised {
        layout: "eventsource-py",
        title: "eventsource-py for SQLite (PyPI eventsource-py 0.1 to 0.8)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            stream,
            full_stream,
            of_stream: format!(
                "e.aggregate_id = {} AND e.aggregate_type = {}",
                first("aggregate_id"),
                first("aggregate_type")
            ),
            directory: Some(super::super::directory::Directory::default()),
            version: "e.version".to_owned(),
            event_type: "e.event_type".to_owned(),
            time: Some(("e.timestamp".to_owned(), TimeForm::Text)),
            id: Some("e.event_id".to_owned()),
            data: "e.payload".to_owned(),
            metadata: Some(where_json("e.payload", METADATA)),
            snapshots: snapshots.map(|beside| SnapshotMap {
                stream: snapshot_stream,
                full_stream: snapshot_full,
                time: Some(("n.created_at".to_owned(), TimeForm::Text)),
                ..SnapshotMap::of(beside, "n.version", "n.state", "eventsource-py")
            }),
            ..Map::of(table, &format!("e.{key}")).by_category("e.aggregate_type")
        },
    })
}
