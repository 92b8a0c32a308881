//! Python `aett-sqlite`, after the schema of `NEventStore`: a row is a commit of several events. `StreamRevision` is the
//! version of its last event and `Items` says how many it holds; the payload is a JSON array of them.

use rusqlite::Connection;

use super::super::schema::{Schema, Table, quoted};
use super::words::{behind_last, beside, ids_are_unique, upto_last};
use super::{Confidence, Map, Places, Recognised, SnapshotMap, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] = &[
    "StreamId",
    "StreamRevision",
    "Items",
    "CommitId",
    "CommitSequence",
    "CommitStamp",
    "CheckpointNumber",
    "Headers",
    "Payload",
];
const SNAPSHOTS: &[&str] = &["StreamId", "StreamRevision", "Payload"];

/// More events than a commit holds. A decimal number, so that people can read commit and place in a position.
const EVENTS_IN_COMMIT: u32 = 1_000_000;

/// An array of as many zeros as the commit has events: whatever the payload is, they are all there.
const ITEMS: &str = "json_each('[' || substr(replace(hex(zeroblob(min(e.Items, 999999))), '00', ',0'), 2) || ']') i";

/// The commit's payload, where it is JSON.
const PAYLOAD: &str = "CASE WHEN json_valid(CAST(e.Payload AS TEXT)) THEN CAST(e.Payload AS TEXT) END";

/// The GUID as people write it: its first three fields are stored with the lowest byte first.
const COMMIT: &str = "(SELECT lower(substr(h, 7, 2) || substr(h, 5, 2) || substr(h, 3, 2) || substr(h, 1, 2) || '-' ||
    substr(h, 11, 2) || substr(h, 9, 2) || '-' || substr(h, 15, 2) || substr(h, 13, 2) || '-' || substr(h, 17, 4) || '-'
    || substr(h, 21)) FROM (SELECT hex(e.CommitId) AS h))";

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    let ordered = tables.filter(|table| {
        table.has_rowid
            && table
                .column("CheckpointNumber")
                .is_some_and(|column| column.key_place == 1 && column.declared == "INTEGER")
    });
    ordered.map(|table| recognised(schema, connection, table)).collect()
}

fn recognised(schema: &Schema, connection: &Connection, table: &Table) -> Result<Recognised> {
    let tenant = ["TenantId", "BucketId"].into_iter().find(|name| table.column(name).is_some());
    let id = if table.column("StreamIdOriginal").is_some() { "StreamIdOriginal" } else { "StreamId" };
    let full = tenant.map_or_else(|| format!("e.{id}"), |tenant| format!("e.{tenant} || '-' || e.{id}"));
    let is_alone = ids_are_unique(connection, table, &format!("e.{id}"), &full)?;
    let mut evidence = vec![
        table.evidence(COLUMNS),
        "a row is a commit of as many events as Items says, the last of them with the version StreamRevision"
            .to_owned(),
        format!("a position is the commit's number times {EVENTS_IN_COMMIT} and the event's place in it"),
        super::cqrs_es::naming(is_alone, id, tenant.unwrap_or("nothing else")),
    ];
    let own = quoted(&table.name);
    let mut keys = vec!["StreamId"];
    keys.extend(tenant);
    let commit = format!("(SELECT {{}} FROM {own} WHERE CheckpointNumber = :first / {EVENTS_IN_COMMIT})");
    let of_stream: Vec<String> = keys.iter().map(|key| format!("e.{key} = {}", commit.replace("{}", key))).collect();
    let snapshots = beside(schema, table, SNAPSHOTS);
    if let Some(snapshots) = snapshots {
        evidence.push(snapshots.evidence(SNAPSHOTS));
    }
    let (stream, full_stream) = if is_alone { (format!("e.{id}"), Some(full)) } else { (full, None) };
    // An item is text that is JSON again, or an object.
    let item =
        format!("(SELECT CASE WHEN json_valid(t) THEN t END FROM (SELECT {PAYLOAD} ->> ('$[' || i.key || ']') AS t))");
    let topic = format!("coalesce({item} ->> '$.headers.topic', {item} ->> '$.Headers.topic', '')");
    Ok(Recognised {
        layout: "aett",
        title: "aett for SQLite, in the schema of NEventStore (PyPI aett-sqlite 2)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(90),
        map: Map {
            from: format!("{own} e CROSS JOIN {ITEMS}"),
            places: Some(Places {
                row: "e.CheckpointNumber".to_owned(),
                place: "i.key".to_owned(),
                per_row: EVENTS_IN_COMMIT,
            }),
            stream,
            full_stream,
            of_stream: of_stream.join(" AND "),
            directory: Some(super::super::directory::Directory::default()),
            version: "(e.StreamRevision - e.Items + 1 + i.key)".to_owned(),
            event_type: behind_last(&topic, &['.', ':']),
            time: Some(("e.CommitStamp".to_owned(), TimeForm::Text)),
            id: Some(format!("{COMMIT} || '/' || i.key")),
            data: format!(
                "coalesce({item} -> '$.body', {item} -> '$.Body', {item}, {PAYLOAD} -> ('$[' || i.key || ']'), e.Payload)"
            ),
            metadata: Some("e.Headers".to_owned()),
            snapshots: snapshots.map(|beside| of_snapshots(beside, id, tenant, is_alone)),
            ..Map::of(table, &format!("(e.CheckpointNumber * {EVENTS_IN_COMMIT} + i.key)"))
                .by_category(&format!("rtrim({}, '.:')", upto_last(&topic, &['.', ':'])))
        },
    })
}

fn of_snapshots(beside: &Table, id: &str, tenant: Option<&str>, is_alone: bool) -> SnapshotMap {
    let id = if beside.column(id).is_some() { id } else { "StreamId" };
    let full = tenant.filter(|tenant| beside.column(tenant).is_some());
    let full = full.map_or_else(|| format!("n.{id}"), |tenant| format!("n.{tenant} || '-' || n.{id}"));
    let text = "CASE WHEN json_valid(CAST(n.Payload AS TEXT)) THEN CAST(n.Payload AS TEXT) ->> '$' END";
    let inner = format!("(SELECT CASE WHEN json_valid(t) THEN t END FROM (SELECT {text} AS t))");
    let state = format!("coalesce({inner} -> '$.payload', {inner}, n.Payload)");
    let (stream, full_stream) = if is_alone { (format!("n.{id}"), Some(full)) } else { (full, None) };
    SnapshotMap { stream, full_stream, ..SnapshotMap::of(beside, "n.StreamRevision", &state, "aett") }
}
