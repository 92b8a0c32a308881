//! Pekko and Akka persistence-jdbc: payloads as one of many serialisers wrote them, and logically deleted events, which
//! are shown as what they are. The older table `journal` holds a serialised envelope.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::words::{before, behind_last, beside, order_by, separator, values};
use super::{Confidence, Map, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;
use crate::payload::Decoder;

const COLUMNS: &[&str] = &[
    "ordering",
    "deleted",
    "persistence_id",
    "sequence_number",
    "write_timestamp",
    "event_payload",
    "event_ser_id",
    "event_ser_manifest",
];
const SNAPSHOTS: &[&str] = &["persistence_id", "sequence_number", "created", "snapshot_payload"];
const OLDER: &[&str] = &["ordering", "persistence_id", "sequence_number", "deleted", "message"];
const OLDER_SNAPSHOTS: &[&str] = &["persistence_id", "sequence_number", "created", "snapshot"];

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let mut found = Vec::new();
    for table in &schema.tables {
        let is_ordered = order_by(table, "ordering").is_some();
        if is_ordered && table.has(COLUMNS) {
            found.push(recognised(schema, connection, table)?);
        } else if is_ordered && table.has(OLDER) {
            found.push(older(schema, connection, table)?);
        }
    }
    Ok(found)
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table) -> Result<Recognised> {
    let mut evidence = vec![
        table.evidence(COLUMNS),
        "the type is the last part of event_ser_manifest".to_owned(),
        "rows with deleted = 1 are logically deleted; they are shown, and their metadata says so".to_owned(),
    ];
    let tags = tags(schema, table, &mut evidence);
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    let metadata = format!(
        "json_object('deleted', json(CASE WHEN e.deleted THEN 'true' ELSE 'false' END), 'serializer', e.event_ser_id, \
         'manifest', e.event_ser_manifest, 'tags', json({tags}))"
    );
    let event_type = format!(
        "CASE WHEN e.event_ser_manifest = '' THEN 'serializer ' || e.event_ser_id ELSE {} END",
        behind_last("e.event_ser_manifest", &['.', '$'])
    );
    let map = Map {
        event_type,
        time: Some(("e.write_timestamp".to_owned(), TimeForm::Milliseconds)),
        data: "e.event_payload".to_owned(),
        metadata: Some(metadata),
        snapshots: snapshots.map(|beside| of_snapshots(beside, "n.snapshot_payload")),
        ..of_streams(connection, table)?
    };
    Ok(Recognised {
        layout: "pekko",
        title: "Pekko or Akka persistence-jdbc (Maven pekko-persistence-jdbc 1, akka-persistence-jdbc 5)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(95),
        map,
    })
}

/// The tags of an event: kept by its number, since newer versions by its stream and version.
fn tags(schema: &Schema, table: &Table, evidence: &mut Vec<String>) -> String {
    const BY_VERSION: &[&str] = &["persistence_id", "sequence_number", "tag"];
    const BY_NUMBER: &[&str] = &["event_id", "tag"];
    let by_version = beside(schema, table, BY_VERSION);
    let (tags, columns, of_event) = match (by_version, beside(schema, table, BY_NUMBER)) {
        (Some(tags), _) if tags.is_unique_by(&BY_VERSION[..2]) || tags.column("event_id").is_none() => {
            (tags, BY_VERSION, "t.persistence_id = e.persistence_id AND t.sequence_number = e.sequence_number")
        }
        (_, Some(tags)) => (tags, BY_NUMBER, "t.event_id = e.ordering"),
        _ => return "json('[]')".to_owned(),
    };
    evidence.push(tags.evidence(columns));
    format!("(SELECT json_group_array(t.tag) FROM {} t WHERE {of_event})", quoted(&tags.name))
}

fn older(schema: &Schema, connection: &Connection, table: &Table) -> Result<Recognised> {
    let snapshots = beside(schema, table, OLDER_SNAPSHOTS);
    let mut evidence =
        vec![table.evidence(OLDER), "message holds a serialised envelope, which is shown as bytes".to_owned()];
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(OLDER_SNAPSHOTS));
    }
    let map = Map {
        event_type: "'PersistentRepr'".to_owned(),
        data: "e.message".to_owned(),
        metadata: Some("json_object('deleted', json(CASE WHEN e.deleted THEN 'true' ELSE 'false' END))".to_owned()),
        snapshots: snapshots.map(|beside| of_snapshots(beside, "n.snapshot")),
        decoder: Decoder::opaque("a serialised envelope"),
        ..of_streams(connection, table)?
    };
    Ok(Recognised {
        layout: "pekko-journal",
        title: "Akka persistence-jdbc, the older journal (Maven akka-persistence-jdbc 3 and 4)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(85),
        map,
    })
}

fn of_streams(connection: &Connection, table: &Table) -> Result<Map> {
    let sign = separator(&values(connection, &quoted(&table.name), "persistence_id")?);
    Ok(Map {
        stream: "e.persistence_id".to_owned(),
        of_stream: "e.persistence_id = :stream".to_owned(),
        version: "e.sequence_number".to_owned(),
        ..Map::of(table, &order_by(table, "ordering").unwrap_or_else(|| "e.ordering".to_owned()))
            .by_category(&before("e.persistence_id", sign))
    })
}

fn of_snapshots(beside: &Table, state: &str) -> SnapshotMap {
    SnapshotMap {
        stream: "n.persistence_id".to_owned(),
        time: Some(("n.created".to_owned(), TimeForm::Milliseconds)),
        ..SnapshotMap::of(beside, "n.sequence_number", state, "pekko")
    }
}
