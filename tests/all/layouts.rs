//! Traps of other libraries' logs: tables of the same name, look-alikes, several logs in one file, ids that repeat.

use std::fs;
use std::path::{Path, PathBuf};

use eventscope::event::{Scope, StreamId};
use eventscope::store::EventLog;
use rusqlite::Connection;

use crate::fixtures::{self, Kept};

/// A copy of a library's log, changed by SQL.
fn changed(folder: &Path, library: &str, name: &str, sql: &str) -> PathBuf {
    let path = fixtures::copy(library, name, folder);
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch(sql).unwrap();
    path
}

fn versions(events: &[Kept]) -> Vec<Option<i64>> {
    events.iter().map(|event| event.version).collect()
}

fn names(log: &mut dyn EventLog) -> Vec<String> {
    fixtures::streams(log, 50, None).iter().map(|info| info.stream.to_string()).collect()
}

#[test]
fn tables_of_another_name_are_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("sqlite-es", "sqlite-es-0.5.0", "events", "snapshots", "cqrs-es"),
        ("eventsource-py", "eventsource-py-0.8.1", "events", "snapshots", "eventsource-py"),
        ("laravel-event-sourcing", "laravel-event-sourcing", "stored_events", "snapshots", "laravel"),
        ("evento", "evento-2.0.0-alpha.38", "event", "snapshot", "evento"),
        ("aett-sqlite", "aett-sqlite-2.1.0", "commits", "snapshots", "aett"),
        (
            "eventcore-sqlite",
            "eventcore-sqlite-2.1.0",
            "eventcore_events",
            "eventcore_command_state_snapshots",
            "eventcore",
        ),
        ("pekko-persistence-jdbc", "pekko-persistence-jdbc", "event_journal", "snapshot", "pekko"),
    ];
    for (library, name, events, snapshots, layout) in cases {
        let mut plain = fixtures::open(&fixtures::copy(library, name, folder.path()));
        let expected = (plain.totals().unwrap(), fixtures::all(plain.as_mut(), &Scope::Log, 1_000));
        drop(plain);
        let sql = format!(
            "ALTER TABLE \"{events}\" RENAME TO \"it's \"\"mine\"\"\"; ALTER TABLE \"{snapshots}\" RENAME TO \"it's kept\""
        );
        let mut log = fixtures::open(&changed(folder.path(), library, name, &sql));
        assert_eq!(log.info().layout, layout);
        let totals = log.totals().unwrap();
        assert_eq!((totals.events, totals.snapshots), (expected.0.events, expected.0.snapshots), "{layout}");
        assert!(fixtures::all(log.as_mut(), &Scope::Log, 1_000) == expected.1, "{layout}");
    }
}

#[test]
fn the_same_id_under_two_types_is_two_streams() {
    let folder = tempfile::tempdir().unwrap();
    let sql =
        "INSERT INTO events SELECT 'Shipment', aggregate_id, sequence, 'Packed', event_version, '{\"Packed\":{}}', '{}'
        FROM events WHERE aggregate_id = (SELECT aggregate_id FROM events ORDER BY rowid LIMIT 1) AND sequence < 3";
    let mut log = fixtures::open(&changed(folder.path(), "sqlite-es", "sqlite-es-0.5.0", sql));
    let totals = log.totals().unwrap();
    assert_eq!((totals.events, totals.streams, totals.categories), (1_415, 121, 3));
    let id = "d3a66ea8-0754-4049-b859-cf3d2b6a0004";
    for (kind, events) in [("Order", 14), ("Shipment", 2)] {
        let name = format!("{kind}-{id}");
        let info = log.stream(&StreamId::new(&name)).unwrap().unwrap();
        assert_eq!((info.events, &*info.category), (events, kind));
        let read = fixtures::all(log.as_mut(), &fixtures::stream(&name), 3);
        assert_eq!(read.len() as u64, events);
        assert!(read.iter().all(|event| event.stream == name));
    }
    assert!(log.info().evidence.iter().any(|fact| fact.contains("named by aggregate_type and aggregate_id")));
}

#[test]
fn an_id_that_repeats_later_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("sqlite-es", "sqlite-es-0.5.0", folder.path());
    let mut log = fixtures::open(&path);
    let id = "d3a66ea8-0754-4049-b859-cf3d2b6a0004";
    assert!(names(log.as_mut()).contains(&id.to_owned()));
    let epoch = log.head().unwrap().epoch;
    let writer = Connection::open(&path).unwrap();
    writer
        .execute("INSERT INTO events VALUES ('Shipment', ?1, 1, 'Packed', '1.0', '{\"Packed\":{}}', '{}')", [id])
        .unwrap();
    drop(writer);
    let names = names(log.as_mut());
    assert!(names.contains(&format!("Order-{id}")) && names.contains(&format!("Shipment-{id}")), "{names:?}");
    assert!(log.head().unwrap().epoch > epoch, "what was shown before no longer holds");
    assert_eq!(fixtures::all(log.as_mut(), &fixtures::stream(&format!("Shipment-{id}")), 10).len(), 1);
}

#[test]
fn an_event_is_in_its_own_stream_and_in_those_that_link_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = fixtures::open(&fixtures::copy("rails-event-store", "rails-event-store", folder.path()));
    let own = "Identity::User$63659b06-a385-41af-8860-56dfd0486fb9";
    let read = fixtures::all(log.as_mut(), &fixtures::stream(own), 2);
    assert_eq!(
        versions(&read),
        [Some(0), Some(1), Some(2), Some(3), Some(4)],
        "positions are missing: the order counts"
    );
    let linked = fixtures::all(log.as_mut(), &fixtures::stream("$by_type_Identity::UserRegistered"), 4);
    assert_eq!(linked.len(), 15);
    assert!(linked.iter().all(|event| event.event_type == "UserRegistered" && event.version.is_none()));
    assert_eq!(log.extent(&fixtures::stream("$by_type_Identity::UserRegistered")).unwrap(), 15);
    assert!(names(log.as_mut()).iter().all(|name| !name.starts_with("$by_")), "links are no streams of their own");
}

#[test]
fn a_commit_whose_payload_is_broken_still_has_all_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "UPDATE commits SET Payload = x'ff00' WHERE CheckpointNumber = 4";
    let mut log = fixtures::open(&changed(folder.path(), "aett-sqlite", "aett-sqlite-2.1.0", sql));
    assert_eq!(log.totals().unwrap().events, 830);
    let read = fixtures::all(log.as_mut(), &fixtures::stream("3c4d6806-a42f-49d2-9e5c-b808b2c61f6f"), 1);
    assert_eq!(versions(&read[..2]), [Some(1), Some(2)]);
    assert!(read[0].decoded.data.is_err() && read[1].decoded.data.is_err() && read[2].decoded.data.is_ok());
}

#[test]
fn deleted_events_are_shown_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = fixtures::open(&fixtures::copy("pekko-persistence-jdbc", "pekko-persistence-jdbc", folder.path()));
    let all = fixtures::all(log.as_mut(), &Scope::Log, 100);
    let deleted = all.iter().filter(|event| event.decoded.metadata["deleted"] == true).count();
    assert_eq!((all.len(), deleted), (467, 30));
    assert_eq!(all[0].decoded.metadata["tags"][0], "order-tag-1");
}

#[test]
fn of_several_logs_the_largest_is_shown_and_the_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let other = fixtures::copy("laravel-event-sourcing", "laravel-event-sourcing", folder.path());
    let sql = format!(
        "ATTACH '{}' AS other; CREATE TABLE stored_events AS SELECT * FROM other.stored_events WHERE 0; DROP TABLE stored_events;
         CREATE TABLE stored_events (id integer primary key, aggregate_uuid, aggregate_version, event_version, event_class,
            event_properties, meta_data, created_at);
         INSERT INTO stored_events SELECT * FROM other.stored_events;",
        other.display()
    );
    let path = changed(folder.path(), "sqlite-es", "sqlite-es-0.5.0", &sql);
    let log = fixtures::open(&path);
    assert_eq!(log.info().layout, "cqrs-es");
    let fact = log.info().evidence.last().unwrap();
    assert!(fact.contains("not shown: \"stored_events\" (laravel, about 671 rows)"), "{fact}");
    let chosen = format!("{}?table=stored_events", path.display());
    let mut log = eventscope::store::open(&chosen).unwrap();
    assert_eq!(log.info().layout, "laravel");
    assert_eq!(log.totals().unwrap().events, 671);
    let refused = fixtures::refusal(Path::new(&format!("{}?table=account_view", path.display())));
    assert!(
        refused.0.contains("table \"account_view\" is no event log that is known (the file's logs: \"events\""),
        "{refused:?}"
    );
}

#[test]
fn what_only_looks_like_a_log_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("eventsource-py", "eventsource-py-0.8.1", "DROP TABLE events"),
        ("own-table", "own-table", "DROP TABLE my_app_events"),
        ("sqlite-es", "sqlite-es-0.5.0", "DROP TABLE events"),
        ("laravel-event-sourcing", "laravel-event-sourcing", "DROP TABLE stored_events"),
        ("evento", "evento-2.0.0-alpha.38", "DROP TABLE event"),
        ("aett-sqlite", "aett-sqlite-2.1.0", "DROP TABLE commits"),
        ("eventcore-sqlite", "eventcore-sqlite-2.1.0", "DROP TABLE eventcore_events"),
        ("pekko-persistence-jdbc", "pekko-persistence-jdbc", "DROP TABLE event_journal"),
    ];
    for (library, name, sql) in cases {
        let path = changed(folder.path(), library, name, sql);
        let (message, code) = fixtures::refusal(&path);
        assert!(message.contains("no table looks like an event log"), "{name}: {message}");
        assert_eq!(code, 3);
    }
}

#[test]
fn rows_are_in_the_order_of_commits_where_ids_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "UPDATE event SET id = '00000000000000000000000000' WHERE rowid = 500;
        INSERT INTO event SELECT '00000000000000000000000001', name, aggregator_type, 'LATE', 1, data, metadata, routing_key,
            timestamp, timestamp_subsec, tenant FROM event WHERE rowid = 3";
    let mut log = fixtures::open(&changed(folder.path(), "evento", "evento-2.0.0-alpha.38", sql));
    let all = fixtures::all(log.as_mut(), &Scope::Log, 300);
    assert_eq!((all.len(), all.last().unwrap().stream.as_str()), (1_019, "LATE"));
}

#[test]
fn a_mapping_beside_the_log_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("livestore", "livestore-0.4.0-eventlog", folder.path());
    fs::write(
        folder.path().join("eventscope.toml"),
        "[mapping]\ntable = \"eventlog\"\nstream = \"argsJson.id\"\ntype = \"name\"\npayload = \"argsJson\"\n",
    )
    .unwrap();
    let mut log = fixtures::open(&path);
    assert_eq!(log.info().layout, "mapped");
    let truth = fixtures::truth("livestore", "livestore-0.4.0-eventlog");
    for group in truth["groups"].as_array().unwrap() {
        let info = log.stream(&StreamId::new(group["id"].as_str().unwrap())).unwrap().unwrap();
        assert_eq!(serde_json::json!(info.events), group["event_count"]);
    }
    fs::write(folder.path().join("eventscope.toml"), "[mapping]\ntable = \"eventlog\"\ntype = \"nome\"\n").unwrap();
    let (message, code) = fixtures::refusal(&path);
    assert!(
        message.contains("the mapping names column \"nome\" of table \"eventlog\", which is not there"),
        "{message}"
    );
    assert_eq!(code, 3);
}

#[test]
fn the_guess_of_an_own_table_is_its_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("own-table", "own-table", folder.path());
    let text = eventscope::store::sqlite::map_text(path.to_str().unwrap()).unwrap();
    for line in [
        "table = \"my_app_events\"",
        "stream = \"thing\"",
        "version = \"rev\"",
        "type = \"what\"",
        "time = \"happened_ms\"",
        "payload = \"body\"",
        "metadata = \"ctx\"",
    ] {
        assert!(text.lines().any(|given| given == line), "{line} in {text}");
    }
    let mut guessed = fixtures::open(&path);
    let by_guess = fixtures::all(guessed.as_mut(), &Scope::Log, 500);
    fs::write(folder.path().join("eventscope.toml"), text).unwrap();
    let mut mapped = fixtures::open(&path);
    assert!(mapped.info().evidence[0].starts_with("the workspace file maps"), "{:?}", mapped.info().evidence);
    assert!(fixtures::all(mapped.as_mut(), &Scope::Log, 500) == by_guess);
}

/// The events of the encrypted log as the program prints them, with this key.
fn encrypted(folder: &Path, key: Option<&str>) -> std::process::Output {
    let path = fixtures::copy("eventsourcing", "eventsourcing-9.5.6-zlib-aes", folder);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eventscope"));
    command.args(["events", "--json"]).arg(path).env_remove("EVENTSCOPE_KEY").env_remove("EVENTSCOPE_KEY_FILE");
    if let Some(key) = key {
        command.env("EVENTSCOPE_KEY", key);
    }
    command.output().unwrap()
}

#[test]
fn what_is_encrypted_is_read_with_its_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    let lines = |output: std::process::Output| -> Vec<serde_json::Value> {
        assert!(output.status.success(), "{output:?}");
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    };
    // The key of the made-up log.
    let read = lines(encrypted(folder.path(), Some("mC0yS3vZ1oXrT8fQ2wYbN5kHdLpGeUaJ4i7RtVxWcE8=")));
    assert_eq!(read.len(), 485);
    assert!(read.iter().all(|event| event.get("decode_error").is_none() && event["time"].is_string()));
    let truth = fixtures::truth("eventsourcing", "eventsourcing-9.5.6-zlib-aes");
    let stream = truth["streams"].as_array().unwrap().iter().find(|stream| stream["events"].is_array()).unwrap();
    let of_stream: Vec<_> = read.iter().filter(|event| event["stream"] == stream["stream_id"]).collect();
    for (event, expected) in of_stream.iter().zip(stream["events"].as_array().unwrap()) {
        assert_eq!(event["data"], expected["data"]);
    }
    let wrong = lines(encrypted(folder.path(), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
    assert!(
        wrong.iter().all(|event| event["decode_error"].as_str().unwrap().starts_with("AES-GCM: the key does not fit"))
    );
    let broken = encrypted(folder.path(), Some("no key"));
    assert_eq!(broken.status.code(), Some(3));
    let message = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(message.contains("EVENTSCOPE_KEY is no base64") && !message.contains("no key"), "{message}");
}

#[test]
fn payloads_in_other_forms_are_read_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "UPDATE event_store_events SET data = CAST('---' || char(10) || ':sku: A-1' || char(10) AS BLOB), metadata = CAST('---' || char(10) || ':user: x' || char(10) AS BLOB) WHERE id = 1;
        UPDATE event_store_events SET data = x'a16161f5' WHERE id = 2; UPDATE event_store_events SET data = jsonb('{\"b\":[1]}') WHERE id = 3";
    let path = changed(folder.path(), "rails-event-store", "rails-event-store", sql);
    let read = fixtures::all(fixtures::open(&path).as_mut(), &Scope::Log, 3);
    let forms: Vec<_> = read[..4]
        .iter()
        .map(|event| (event.decoded.decoded_by.as_str(), event.decoded.data.clone().unwrap()))
        .collect();
    let expected = [
        ("YAML", serde_json::json!({"sku": "A-1"})),
        ("CBOR", serde_json::json!({"a": true})),
        ("JSONB", serde_json::json!({"b": [1]})),
    ];
    assert_eq!(forms[..3], expected);
    assert_eq!(forms[3].0, "JSON");
    assert_eq!(read[0].decoded.metadata["user"], "x");
}
