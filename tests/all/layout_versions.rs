//! Logs of the same libraries as other versions lay them out, with other domains: small files, by the tables that each
//! version makes.

use std::path::Path;

use eventscope::event::{Scope, StreamId};
use eventscope::store::EventLog;
use rusqlite::Connection;
use serde_json::json;

use crate::fixtures::{self, Kept};

/// A log of these tables and rows.
fn log(folder: &Path, sql: &str) -> Box<dyn EventLog> {
    let path = folder.join("other.db");
    let _ = std::fs::remove_file(&path);
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    fixtures::open(&path)
}

fn all(log: &mut dyn EventLog) -> Vec<Kept> {
    fixtures::all(log, &Scope::Log, 3)
}

fn of_stream(log: &mut dyn EventLog, name: &str) -> Vec<(Option<i64>, String)> {
    let read = fixtures::all(log, &fixtures::stream(name), 2);
    read.into_iter().map(|event| (event.version, event.event_type)).collect()
}

fn has_fact(log: &dyn EventLog, fact: &str) {
    assert!(log.info().evidence.iter().any(|said| said.contains(fact)), "{fact}: {:?}", log.info().evidence);
}

#[test]
fn eventsource_py_before_global_positions() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log(
        folder.path(),
        "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, aggregate_id TEXT NOT NULL,
            aggregate_type TEXT NOT NULL, event_type TEXT NOT NULL, tenant_id TEXT, actor_id TEXT, version INTEGER NOT NULL,
            timestamp TEXT NOT NULL, payload TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT (datetime('now')),
            UNIQUE (aggregate_id, aggregate_type, version));
         CREATE TABLE event_outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, event_type TEXT NOT NULL,
            aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, tenant_id TEXT, event_data TEXT NOT NULL,
            created_at TEXT, published_at TEXT, retry_count INTEGER, last_error TEXT, status TEXT);
         INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) VALUES
            ('e1', 'm-1', 'Meter', 'MeterFitted', 1, '2024-01-01T00:00:00+00:00', '{\"site\":\"north\"}'),
            ('e2', 'm-2', 'Meter', 'MeterFitted', 1, '2024-01-02T00:00:00+00:00', '{\"site\":\"south\"}'),
            ('e3', 'm-1', 'Meter', 'ReadingTaken', 2, '2024-01-03T00:00:00+00:00', '{\"kwh\":7}');
         INSERT INTO event_outbox (event_id, event_type, aggregate_id, aggregate_type, event_data)
            SELECT event_id, event_type, aggregate_id, aggregate_type, payload FROM events, (SELECT 1 UNION SELECT 2);",
    );
    assert_eq!(log.info().layout, "eventsource-py");
    has_fact(log.as_ref(), "\"id\" is the primary key of \"events\"");
    let totals = log.totals().unwrap();
    assert_eq!((totals.events, totals.streams, totals.categories), (3, 2, 1));
    assert_eq!(of_stream(log.as_mut(), "m-1"), [(Some(1), "MeterFitted".into()), (Some(2), "ReadingTaken".into())]);
}

#[test]
fn rails_event_store_1_and_before() {
    let folder = tempfile::tempdir().unwrap();
    let events = "CREATE TABLE event_store_events (id varchar(36) NOT NULL PRIMARY KEY, event_type varchar NOT NULL, metadata text,
            data text NOT NULL, created_at datetime NOT NULL);
         INSERT INTO event_store_events VALUES
            ('aa', 'Fleet::TruckBought', '---' || char(10) || ':user: ana' || char(10), '---' || char(10) || ':plate: X 1' || char(10), '2019-05-01 10:00:00'),
            ('0b', 'Fleet::TruckSold', '{}', '{\"price\":1}', '2019-05-02 10:00:00'),
            ('cc', 'Fleet::TruckBought', '{}', '{\"plate\":\"Y 2\"}', '2019-05-03 10:00:00');";
    let links = "CREATE TABLE event_store_events_in_streams (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, stream varchar NOT NULL,
            position integer, event_id varchar(36) NOT NULL, created_at datetime NOT NULL);
         CREATE UNIQUE INDEX a ON event_store_events_in_streams (stream, position);
         INSERT INTO event_store_events_in_streams (stream, position, event_id, created_at) VALUES
            ('Fleet::Truck$1', 0, 'aa', ''), ('$by_type_Fleet::TruckBought', NULL, 'aa', ''), ('Fleet::Truck$1', 1, '0b', ''),
            ('Fleet::Truck$2', NULL, 'cc', '');";
    for index in ["", "CREATE INDEX b ON event_store_events_in_streams (event_id);"] {
        let mut log = log(folder.path(), &format!("{events}{links}{index}"));
        assert_eq!(log.info().layout, "rails-event-store");
        has_fact(log.as_ref(), "\"event_store_events\" has columns id, event_type, metadata, data, created_at");
        let totals = log.totals().unwrap();
        assert_eq!((totals.events, totals.streams), (3, 2), "{index}");
        let read = all(log.as_mut());
        let order: Vec<_> = read.iter().map(|event| (event.stream.as_str(), event.event_type.as_str())).collect();
        let expected =
            [("Fleet::Truck$1", "TruckBought"), ("Fleet::Truck$1", "TruckSold"), ("Fleet::Truck$2", "TruckBought")];
        assert_eq!(order, expected, "{index}: in the order of commits");
        assert_eq!(read[0].decoded.data, Ok(json!({"plate": "X 1"})));
        assert_eq!(read[0].decoded.metadata, json!({"user": "ana"}));
        let expected = [(Some(0), "TruckBought".to_owned()), (Some(1), "TruckSold".to_owned())];
        assert_eq!(of_stream(log.as_mut(), "Fleet::Truck$1"), expected);
        assert_eq!(of_stream(log.as_mut(), "Fleet::Truck$2"), [(Some(0), "TruckBought".to_owned())]);
    }
    let mut log = log(
        folder.path(),
        "CREATE TABLE event_store_events (id integer PRIMARY KEY AUTOINCREMENT, stream varchar NOT NULL, event_type varchar NOT NULL,
            event_id varchar NOT NULL, metadata text, data text NOT NULL, created_at datetime NOT NULL);
         INSERT INTO event_store_events (stream, event_type, event_id, data, created_at) VALUES
            ('Truck$1', 'Fleet::TruckBought', 'aa', '{}', '2016-01-01 00:00:00'), ('Truck$2', 'Fleet::TruckBought', 'bb', '{}', '2016-01-01 00:00:00'),
            ('Truck$1', 'Fleet::TruckSold', 'cc', '{}', '2016-01-02 00:00:00')",
    );
    assert_eq!(log.info().layout, "rails-event-store");
    has_fact(log.as_ref(), "no column holds a version");
    let expected = [(None, "TruckBought".to_owned()), (None, "TruckSold".to_owned())];
    assert_eq!(of_stream(log.as_mut(), "Truck$1"), expected);
    assert_eq!(&*log.stream(&StreamId::new("Truck$1")).unwrap().unwrap().category, "Truck");
}

#[test]
fn livestore_before_its_event_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log(
        folder.path(),
        "CREATE TABLE mutation_log (idGlobal integer, idLocal integer, parentIdGlobal integer, parentIdLocal integer, mutation text,
            argsJson text, schemaHash integer, createdAt text, syncStatus text, syncMetadataJson text, PRIMARY KEY (idGlobal, idLocal));
         INSERT INTO mutation_log VALUES (1, 0, 0, 0, 'noteAdded', '{\"id\":\"n1\"}', -5, '2025-01-01T00:00:00.000Z', 'synced', '{}'),
            (2, 0, 1, 0, 'noteRemoved', '{\"id\":\"n1\"}', -5, '2025-01-02T00:00:00.000Z', 'synced', '{}')",
    );
    assert_eq!(log.info().layout, "livestore");
    let read = all(log.as_mut());
    assert_eq!((read.len(), read[1].version, read[1].event_type.as_str()), (2, Some(2), "noteRemoved"));
    assert_eq!(read[1].decoded.metadata["schemaHash"], -5);
    assert!(read[0].decoded.time.is_some());
}

#[test]
fn pekko_with_its_own_primary_key_and_the_newer_tags() {
    let folder = tempfile::tempdir().unwrap();
    let journal = |tags: &str, insert: &str| {
        format!(
            "CREATE TABLE event_journal (ordering INTEGER NOT NULL UNIQUE, persistence_id VARCHAR(255) NOT NULL, sequence_number BIGINT NOT NULL,
                deleted BOOLEAN DEFAULT 0 NOT NULL, writer TEXT NOT NULL, write_timestamp BIGINT NOT NULL, adapter_manifest TEXT NOT NULL,
                event_payload BLOB NOT NULL, event_ser_id INTEGER NOT NULL, event_ser_manifest TEXT NOT NULL,
                PRIMARY KEY (persistence_id, sequence_number));
             CREATE TABLE event_tag ({tags});
             INSERT INTO event_journal VALUES (12, 'Device|2', 1, 0, 'w', 1700000000000, '', CAST('{{\"on\":true}}' AS BLOB), 31, 'iot.Device$On'),
                (11, 'Device|1', 1, 0, 'w', 1700000000000, '', x'00ff', 902, ''), (15, 'Device|1', 2, 1, 'w', 1700000000000, '', x'a1616101', 33, 'iot.Off');
             INSERT INTO event_tag {insert}"
        )
    };
    for (tags, insert) in [
        (
            "event_id BIGINT, persistence_id VARCHAR, sequence_number BIGINT, tag VARCHAR, PRIMARY KEY (persistence_id, sequence_number, tag)",
            "VALUES (NULL, 'Device|2', 1, 'lamp')",
        ),
        ("event_id BIGINT, tag VARCHAR, PRIMARY KEY (event_id, tag)", "VALUES (12, 'lamp')"),
    ] {
        let mut log = log(folder.path(), &journal(tags, insert));
        assert_eq!(log.info().layout, "pekko");
        let read = all(log.as_mut());
        let keys: Vec<_> = read.iter().map(|event| event.key).collect();
        assert_eq!(json!(keys), json!([11, 12, 15]), "the order is that of ordering");
        assert_eq!(read[1].decoded.metadata["tags"], json!(["lamp"]), "{tags}");
        assert_eq!((read[1].event_type.as_str(), read[0].event_type.as_str()), ("On", "serializer 902"));
        assert_eq!(read[2].decoded.data, Ok(json!({"a": 1})));
        assert_eq!(read[2].decoded.metadata["deleted"], true);
        assert!(read[0].decoded.data.is_err());
        assert_eq!(log.totals().unwrap().streams, 2);
    }
}

#[test]
fn emmett_in_several_partitions_and_archived() {
    let folder = tempfile::tempdir().unwrap();
    let table = "CREATE TABLE emt_messages (stream_id TEXT NOT NULL, stream_position BIGINT NOT NULL, partition TEXT NOT NULL DEFAULT 'global',
            message_kind CHAR(1) NOT NULL DEFAULT 'E', message_data JSONB NOT NULL, message_metadata JSONB NOT NULL, message_schema_version TEXT NOT NULL,
            message_type TEXT NOT NULL, message_id TEXT NOT NULL, is_archived BOOLEAN NOT NULL DEFAULT FALSE, global_position INTEGER PRIMARY KEY,
            created DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE (stream_id, stream_position, partition, is_archived));
         CREATE TABLE emt_subscriptions (subscription_id TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1, partition TEXT NOT NULL,
            last_processed_position BIGINT NOT NULL, PRIMARY KEY (subscription_id, partition, version));";
    let row = |position: u8, partition: &str, kind: &str, archived: u8| {
        format!(
            "INSERT INTO emt_messages (stream_id, stream_position, partition, message_kind, message_data, message_metadata, message_schema_version,
                message_type, message_id, is_archived) VALUES ('trip-7', {position}, '{partition}', '{kind}', '{{\"km\":{position}}}', '{{}}', '1', 'Driven', 'm', {archived});"
        )
    };
    let one = [row(1, "emt:default", "E", 1), row(2, "emt:default", "E", 0), row(3, "emt:default", "C", 0)].concat();
    let mut plain = log(folder.path(), &format!("{table}{}", row(1, "emt:default", "E", 0)));
    assert_eq!(plain.stream(&StreamId::new("trip-7")).unwrap().unwrap().events, 1);
    drop(plain);
    let mut log1 = log(folder.path(), &format!("{table}{one}"));
    let names = |log: &mut dyn EventLog| {
        fixtures::streams(log, 10, None).iter().map(|info| (info.stream.to_string(), info.events)).collect::<Vec<_>>()
    };
    assert_eq!(log1.totals().unwrap().events, 2, "a command is no event");
    assert_eq!(
        names(log1.as_mut()),
        [("trip-7 in emt:default".to_owned(), 1), ("trip-7 in emt:default (archived)".to_owned(), 1)]
    );
    assert_eq!(all(log1.as_mut())[0].decoded.metadata, json!({"is_archived": true}));
    drop(log1);
    let tenants = [row(1, "a", "E", 0), row(1, "b", "E", 0), row(2, "b", "E", 0)].concat();
    let mut log2 = log(folder.path(), &format!("{table}{tenants}"));
    assert_eq!(names(log2.as_mut()), [("trip-7 in a".to_owned(), 1), ("trip-7 in b".to_owned(), 2)]);
    let read = of_stream(log2.as_mut(), "trip-7 in b");
    assert_eq!(read.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!(log2.totals().unwrap().categories, 1);
}

#[test]
fn laravel_before_versions() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log(
        folder.path(),
        "CREATE TABLE stored_events (id integer primary key autoincrement not null, aggregate_uuid varchar, event_class varchar not null,
            event_properties text not null, meta_data text not null, created_at datetime not null);
         INSERT INTO stored_events (aggregate_uuid, event_class, event_properties, meta_data, created_at) VALUES
            ('u-1', 'App\\Events\\PostWritten', '{\"title\":\"a\\/b\"}', '[]', '2019-01-01 00:00:00'), (NULL, 'App\\Events\\CacheWarmed', '[]', '[]', '2019-01-01 00:00:01'),
            ('u-1', 'App\\Events\\PostLiked', '[]', '[]', '2019-01-01 00:00:02')",
    );
    assert_eq!(log.info().layout, "laravel");
    assert_eq!(log.totals().unwrap().events, 3);
    assert_eq!(of_stream(log.as_mut(), "u-1"), [(None, "PostWritten".into()), (None, "PostLiked".into())]);
}

#[test]
fn eventsourcing_named_by_its_application_and_its_snapshots_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let table = |name: &str, end: &str| {
        format!(
            "CREATE TABLE {name} (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB,
                PRIMARY KEY (originator_id, originator_version)) {end};"
        )
    };
    for (events, snapshots) in
        [("harbour_events", "harbour_snapshots"), ("stored_events", "stored_snapshots"), ("harbour_log", "kept")]
    {
        let mut log = log(
            folder.path(),
            &format!(
                "{}{}CREATE TABLE harbour_tracking (application_name TEXT, notification_id INTEGER, PRIMARY KEY (application_name, notification_id)) WITHOUT ROWID;
                 INSERT INTO {events} VALUES ('ship-1', 1, 'harbour.domain:Ship.Registered', CAST('{{\"timestamp\":{{\"_type_\":\"datetime_iso\",\"_data_\":\"2024-01-01T00:00:00+00:00\"}},\"name\":\"Ada\"}}' AS BLOB)),
                    ('ship-1', 2, 'harbour.domain:Ship.Docked', CAST('{{\"berth\":4}}' AS BLOB));
                 INSERT INTO {snapshots} VALUES ('ship-1', 2, 'harbour.domain:Ship.Snapshot', CAST('{{\"state\":{{\"berth\":4}}}}' AS BLOB))",
                table(events, ""),
                table(snapshots, "WITHOUT ROWID")
            ),
        );
        assert_eq!(log.info().layout, "eventsourcing");
        let totals = log.totals().unwrap();
        assert_eq!((totals.events, totals.streams, totals.snapshots), (2, 1, 1), "{events}");
        has_fact(log.as_ref(), &format!("\"{snapshots}\" has the same columns and holds the snapshots"));
        let read = all(log.as_mut());
        assert!(read[0].decoded.time.is_some() && read[1].decoded.time.is_none(), "a time may be missing");
        assert_eq!(read[1].stream, "ship-1");
    }
}

#[test]
fn sqlite_es_with_each_of_serdes_taggings_folds_to_the_fields() {
    let folder = tempfile::tempdir().unwrap();
    let tagged = [
        r#"{"Planted":{"kind":"oak","at":{"row":3}}}"#,
        r#"{"type":"Planted","kind":"oak","at":{"row":3}}"#,
        r#"{"type":"Planted","data":{"kind":"oak","at":{"row":3}}}"#,
    ];
    for payload in tagged {
        let sql = format!(
            "CREATE TABLE tree_facts (aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence integer CHECK (sequence >= 0) NOT NULL,
                event_type text NOT NULL, event_version text NOT NULL, payload text NOT NULL, metadata text NOT NULL,
                PRIMARY KEY (aggregate_type, aggregate_id, sequence)) STRICT;
             INSERT INTO tree_facts VALUES ('Tree', 't1', 1, 'Planted', '1.0', '{payload}', '{{}}'),
                ('Tree', 't1', 2, 'Pruned', '1.0', '\"Pruned\"', '{{}}')"
        );
        let mut log = log(folder.path(), &sql);
        assert_eq!(log.info().layout, "cqrs-es");
        let read = all(log.as_mut());
        assert_eq!(
            read[0].decoded.data.as_ref().unwrap(),
            &serde_json::from_str::<serde_json::Value>(payload).unwrap()
        );
        let reducer = eventscope::reducer::by_name("auto").unwrap();
        let mut replay = eventscope::replay::Replay::new(log, reducer, None);
        let folded = replay.state_at(&StreamId::new("t1"), 2, &|| false).unwrap();
        assert_eq!(folded.shown.state, json!({"kind": "oak", "at": {"row": 3}}), "{payload}");
    }
}
