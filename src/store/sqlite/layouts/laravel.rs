//! spatie's `laravel-event-sourcing`: JSON as PHP writes it, classes as types, and events without a stream.

use rusqlite::Connection;

use super::super::schema::{Schema, Table};
use super::words::{behind_last, beside, upto_last, where_json, with_column};
use super::{Confidence, Map, Order, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] =
    &["id", "aggregate_uuid", "aggregate_version", "event_class", "event_properties", "meta_data", "created_at"];
/// Before version 4 of the package.
const OLDER: &[&str] = &["id", "aggregate_uuid", "event_class", "event_properties", "meta_data", "created_at"];
const SNAPSHOTS: &[&str] = &["aggregate_uuid", "aggregate_version", "state"];

#[expect(clippy::unnecessary_wraps, reason = "one form for all layouts: others ask the file")]
pub(super) fn recognise(schema: &Schema, _: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(OLDER));
    let ordered = tables.filter(|table| {
        table.has_rowid && table.column("id").is_some_and(|id| id.key_place == 1 && id.declared == "INTEGER")
    });
    Ok(ordered.map(|table| recognised(schema, table)).collect())
}

fn recognised(schema: &Schema, table: &Table) -> Recognised {
    let mut evidence = vec![
        table.evidence(if table.has(COLUMNS) { COLUMNS } else { OLDER }),
        "rows without aggregate_uuid are events without a stream".to_owned(),
        "types are shown without the namespaces that they are in".to_owned(),
    ];
    let has_versions = table.column("aggregate_version").is_some();
    if !has_versions {
        evidence
            .push("no column holds a version, as before version 4 of the package: the order is that of id".to_owned());
    }
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    // The part of the namespace before the class, without a last part that says Events.
    let namespace = format!("rtrim({}, '\\')", upto_last("e.event_class", &['\\']));
    let kind = format!(
        "CASE WHEN {namespace} LIKE '%\\Events' THEN substr({namespace}, 1, length({namespace}) - 7) ELSE {namespace} END"
    );
    let finer = where_json("e.meta_data", "e.meta_data ->> '$.\"created-at\"'");
    Recognised {
        layout: "laravel",
        title: "Laravel event sourcing (Packagist spatie/laravel-event-sourcing 1 to 7)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            stream: "coalesce(e.aggregate_uuid, '')".to_owned(),
            of_stream: "e.aggregate_uuid IS nullif(:stream, '')".to_owned(),
            directory: Some(super::super::directory::Directory::default()),
            version: if has_versions { "e.aggregate_version" } else { "NULL" }.to_owned(),
            in_stream: Order::Key,
            event_type: behind_last("e.event_class", &['\\']),
            time: Some((format!("coalesce({finer}, e.created_at)"), TimeForm::Text)),
            data: "e.event_properties".to_owned(),
            metadata: Some(match table.column("event_version") {
                Some(_) => with_column("e.meta_data", "e.event_version", "1, '1', ''"),
                None => "e.meta_data".to_owned(),
            }),
            snapshots: snapshots.map(|beside| SnapshotMap {
                stream: "n.aggregate_uuid".to_owned(),
                time: beside.column("created_at").map(|_| ("n.created_at".to_owned(), TimeForm::Text)),
                ..SnapshotMap::of(beside, "n.aggregate_version", "n.state", "laravel")
            }),
            ..Map::of(table, "e.id").by_category(&behind_last(&format!("({kind})"), &['\\']))
        },
    }
}
