//! Logs of real libraries, against what the libraries themselves say is in them.

use std::collections::BTreeMap;

use eventscope::event::{Scope, StreamId, Time, Value};
use serde_json::json;

use crate::fixtures::{self, FOREIGN, Kept, without_stream};

/// Every log, with what its library says: name, log, truth.
fn each(check: impl Fn(&str, &mut dyn eventscope::store::EventLog, &Value)) {
    for (folder, name) in FOREIGN {
        let place = tempfile::tempdir().unwrap();
        let mut log = fixtures::open(&fixtures::copy(folder, name, place.path()));
        check(name, log.as_mut(), &fixtures::truth(folder, name));
    }
}

fn is_encrypted(name: &str) -> bool {
    name.ends_with("aes")
}

/// Logs whose payloads nobody can read without the application.
fn is_opaque(name: &str) -> bool {
    is_encrypted(name) || name.starts_with("evento-")
}

/// How many snapshots lie in a log, where its truth does not say it: as many rows as its table has.
fn snapshots(name: &str, truth: &Value) -> Value {
    match name {
        "evento-2.0.0-alpha.38" => json!(72),
        "aett-sqlite-2.1.0" => json!(23),
        _ => truth.get("total_snapshots").cloned().unwrap_or(json!(0)),
    }
}

/// The events of a stream that the truth shows, also where it shows them by commits.
fn events_of(stream: &Value) -> Option<Vec<Value>> {
    if let Some(events) = stream["events"].as_array() {
        return Some(events.clone());
    }
    let mut events = Vec::new();
    for commit in stream["commits"].as_array()? {
        let of_commit = commit["events"].as_array().unwrap();
        let first = commit["stream_revision"].as_i64().unwrap() - i64::try_from(of_commit.len()).unwrap() + 1;
        for (event, version) in of_commit.iter().zip(first..) {
            let mut event = event.clone();
            event["version"] = json!(version);
            event["metadata"] = commit["headers"].clone();
            events.push(event);
        }
    }
    Some(events)
}

#[test]
fn totals_agree() {
    each(|name, log, truth| {
        let totals = log.totals().unwrap();
        let alone = without_stream(truth);
        assert_eq!(json!(totals.events - alone), truth["total_events"], "{name}");
        assert_eq!(json!(totals.streams - u64::from(alone > 0)), truth["total_streams"], "{name}");
        assert_eq!(json!(totals.snapshots), snapshots(name, truth), "{name}");
        assert_eq!(log.extent(&Scope::Log).unwrap(), totals.events, "{name}");
        assert_eq!(log.categories().unwrap().len() as u64, totals.categories, "{name}");
        let has_times = !is_encrypted(name) && !name.starts_with("livestore");
        assert_eq!(totals.first_time.is_some(), has_times, "{name}");
        assert!(totals.first_time <= totals.last_time, "{name}");
    });
}

#[test]
fn every_stream_agrees() {
    each(|name, log, truth| {
        let listed = fixtures::streams(log, 200, None);
        let Some(of_library) = truth["streams"].as_array().filter(|streams| !streams.is_empty()) else {
            assert_eq!((listed.len(), &*listed[0].category), (1, "eventlog"), "{name}: one log without streams");
            assert_eq!(json!(listed[0].events), truth["total_events"], "{name}");
            return;
        };
        if without_stream(truth) > 0 {
            assert_eq!(listed[0].stream.as_str(), "", "{name}: the events without a stream");
            assert_eq!((listed[0].events, listed[0].first_version), (without_stream(truth), None), "{name}");
        }
        assert_eq!(listed.iter().filter(|info| !info.stream.as_str().is_empty()).count(), of_library.len(), "{name}");
        for expected in of_library {
            let id = StreamId::new(expected["stream_id"].as_str().unwrap());
            let found = log.stream(&id).unwrap().unwrap_or_else(|| panic!("{name}: no stream {id}"));
            assert!(listed.contains(&found), "{name}: {id} is listed as it is looked up");
            assert_eq!(json!(found.events), expected["event_count"], "{name}: {id}");
            assert_eq!(json!(found.first_version), expected["first_version"], "{name}: {id}");
            assert_eq!(json!(found.last_version), expected["last_version"], "{name}: {id}");
            let class = expected.get("aggregate").or(expected.get("kind"));
            if let Some(class) = class
                .and_then(Value::as_str)
                .filter(|class| log.categories().unwrap().iter().any(|c| &*c.category == *class))
            {
                assert_eq!(&*found.category, class, "{name}: {id}");
            }
        }
        assert_eq!(log.stream(&StreamId::new("no such stream")).unwrap(), None);
    });
}

#[test]
fn event_types_agree() {
    each(|name, log, truth| {
        let mut types: BTreeMap<String, u64> = BTreeMap::new();
        for event in fixtures::all(log, &Scope::Log, 500).into_iter().filter(|event| !event.stream.is_empty()) {
            *types.entry(event.event_type).or_default() += 1;
        }
        let of_library = truth.get("event_types").unwrap_or(&truth["event_variants"]);
        assert_eq!(json!(types), json!(sorted(of_library)), "{name}");
    });
}

#[test]
fn every_event_of_the_truth_agrees() {
    each(|name, log, truth| {
        let mut compared = 0;
        let Some(streams) = truth["streams"].as_array().filter(|streams| !streams.is_empty()) else { return };
        for expected in streams {
            let Some(events) = events_of(expected) else { continue };
            let id = expected["stream_id"].as_str().unwrap();
            let found = fixtures::all(log, &fixtures::stream(id), 4);
            assert_eq!(found.len(), events.len(), "{name}: {id}");
            for (event, expected) in found.iter().zip(events) {
                compare(name, event, &expected);
                compared += 1;
            }
        }
        assert!(compared >= 20, "{name}: only {compared} events to compare");
    });
}

fn compare(name: &str, event: &Kept, expected: &Value) {
    let place = format!("{name}: {} version {:?}", event.stream, event.version);
    assert_eq!(json!(event.version), expected["version"], "{place}");
    assert_eq!(json!(event.event_type), *expected.get("type").unwrap_or(&expected["variant"]), "{place}");
    if let Some(position) = expected.get("global_position") {
        assert_eq!(json!(event.key), *position, "{place}");
    }
    if is_encrypted(name) {
        let fault = event.decoded.data.as_ref().unwrap_err();
        assert!(fault.starts_with("not JSON, zlib or gzip: ") && fault.contains("encrypted"), "{place}: {fault}");
        assert_eq!(event.decoded.decoded_by, "", "{place}");
        return;
    }
    if is_opaque(name) {
        assert_eq!(json!(eventscope::payload::object::hex(&event.data)), expected["data_hex"], "{place}");
        assert_eq!(event.decoded.data.is_ok(), event.data.is_empty(), "{place}");
        let at = expected["timestamp"].as_i64().unwrap() * 1_000 + expected["timestamp_subsec"].as_i64().unwrap();
        assert_eq!(event.decoded.time.unwrap().milliseconds(), at, "{place}");
        return;
    }
    let data = event.decoded.data.as_ref().unwrap();
    let expected_data = reparsed(&expected["data"]);
    if name == "own-table" && data.is_null() {
        assert_eq!(expected_data, json!({}), "{place}: its NULL is an empty payload");
        return;
    }
    assert_eq!(*data, expected_data, "{place}");
    // This truth was written with sorted keys.
    if !name.starts_with("eventcore") {
        assert_eq!(data.to_string(), expected_data.to_string(), "{place}: the order of its keys too");
    }
    let by = if name.ends_with("zlib") { "zlib, JSON" } else { "JSON" };
    assert_eq!(event.decoded.decoded_by, by, "{place}");
    if let Some(timestamp) = expected.get("timestamp").and_then(Value::as_str) {
        assert_eq!(event.decoded.time, Time::parse(timestamp), "{place}");
    }
    if let Some(metadata) = expected.get("metadata") {
        for key in ["correlationId", "user", "source"] {
            assert_eq!(event.decoded.metadata.get(key), metadata.get(key), "{place}");
        }
    }
}

#[test]
fn snapshots_of_the_library_are_listed_and_decoded() {
    each(|name, log, truth| {
        let all = log.snapshots(None).unwrap();
        assert_eq!(json!(all.len()), snapshots(name, truth), "{name}");
        assert!(all.is_sorted_by_key(|snapshot| snapshot.version), "{name}");
        assert!(all.iter().all(|snapshot| snapshot.state.is_err() == is_opaque(name)), "{name}: {:?}", all[0].state);
        let Some(streams) = truth["streams"].as_array().filter(|streams| !streams.is_empty()) else { return };
        for expected in streams {
            let id = StreamId::new(expected["stream_id"].as_str().unwrap());
            let known = ["latest_snapshot_version", "snapshot_version"].iter().find_map(|key| expected[key].as_i64());
            let known = known.or(expected["snapshot"]["at_version"].as_i64());
            if let Some(version) = known {
                let last = log.snapshots(Some(&id)).unwrap().pop().unwrap();
                assert_eq!(last.version, version, "{name}: {id}");
                if let Some(state) = expected["snapshot"].get("state") {
                    assert_eq!(last.state.as_ref(), Ok(&reparsed(state)), "{name}: {id}");
                }
            }
            let Some(versions) = expected.get("snapshot_versions") else { continue };
            let snapshots = log.snapshots(Some(&id)).unwrap();
            let found: Vec<i64> = snapshots.iter().map(|snapshot| snapshot.version).collect();
            assert_eq!(json!(found), *versions, "{name}: {id}");
            for snapshot in &snapshots {
                assert_eq!(snapshot.source, "eventsourcing");
                assert_eq!(snapshot.state.is_err(), is_encrypted(name), "{name}: {id}");
                if let Ok(state) = &snapshot.state {
                    assert!(state.get("_created_on").is_some_and(Value::is_string), "{name}: {state}");
                    assert!(snapshot.time.is_some(), "{name}: {id}");
                }
            }
        }
    });
}

#[test]
fn the_layout_is_recognised_and_said_by_what() {
    each(|name, log, _| {
        let info = log.info();
        let known = [
            ("emmett", "emmett", "\"emt_messages\" has columns stream_id, stream_position, "),
            ("sqlite-es", "cqrs-es", "\"events\" has columns aggregate_type, aggregate_id, sequence, "),
            ("eventcore", "eventcore", "\"eventcore_events\" has columns event_id, stream_id, stream_version, "),
            ("eventsource-py", "eventsource-py", "\"events\" has columns global_position, event_id, aggregate_id, "),
            ("rails", "rails-event-store", "\"event_store_events_in_streams\" has columns id, stream, position, "),
            (
                "laravel",
                "laravel",
                "\"stored_events\" has columns id, aggregate_uuid, aggregate_version, event_class, ",
            ),
            ("pekko", "pekko", "\"event_journal\" has columns ordering, deleted, persistence_id, sequence_number, "),
            ("evento-", "evento", "\"event\" has columns id, name, aggregator_type, aggregator_id, version, "),
            ("aett", "aett", "\"commits\" has columns StreamId, StreamRevision, Items, "),
            ("own-table", "mapped", "\"my_app_events\" has columns thing, rev, what"),
            ("livestore", "livestore", "\"eventlog\" has columns seqNumGlobal, seqNumClient, name, argsJson, "),
            ("", "eventsourcing", "\"stored_events\" has columns originator_id, originator_version, topic, state"),
        ];
        let (_, layout, said) = known.iter().find(|(begin, ..)| name.starts_with(begin)).unwrap();
        assert_eq!(info.layout, *layout, "{name}");
        let said = format!("table {said}");
        assert!(info.evidence.iter().any(|fact| fact.starts_with(&said)), "{name}: {:?}", info.evidence);
        assert!(info.read_only && info.engine == "sqlite", "{name}");
    });
}

fn sorted(counts: &Value) -> BTreeMap<String, Value> {
    counts.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Through the same parser, so that numbers are compared as they are written.
fn reparsed(value: &Value) -> Value {
    serde_json::from_str(&value.to_string()).unwrap()
}
