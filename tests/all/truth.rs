//! Logs of real libraries, against what the libraries themselves say is in them.

use std::collections::BTreeMap;

use eventscope::event::{Scope, StreamId, Time, Value};
use serde_json::json;

use crate::fixtures::{self, FOREIGN, Kept};

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

#[test]
fn totals_agree() {
    each(|name, log, truth| {
        let totals = log.totals().unwrap();
        assert_eq!(json!(totals.events), truth["total_events"], "{name}");
        assert_eq!(json!(totals.streams), truth["total_streams"], "{name}");
        assert_eq!(json!(totals.snapshots), truth["total_snapshots"], "{name}");
        assert_eq!(log.extent(&Scope::Log).unwrap(), totals.events, "{name}");
        assert_eq!(log.categories().unwrap().len() as u64, totals.categories, "{name}");
        assert_eq!(totals.first_time.is_some(), !is_encrypted(name), "{name}");
        assert!(totals.first_time <= totals.last_time, "{name}");
    });
}

#[test]
fn every_stream_agrees() {
    each(|name, log, truth| {
        let listed = fixtures::streams(log, 200, None);
        let of_library = truth["streams"].as_array().unwrap();
        assert_eq!(listed.len(), of_library.len(), "{name}");
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
        for event in fixtures::all(log, &Scope::Log, 500) {
            *types.entry(event.event_type).or_default() += 1;
        }
        assert_eq!(json!(types), json!(sorted(&truth["event_types"])), "{name}");
    });
}

#[test]
fn every_event_of_the_truth_agrees() {
    each(|name, log, truth| {
        let mut compared = 0;
        for expected in truth["streams"].as_array().unwrap() {
            let Some(events) = expected["events"].as_array() else { continue };
            let id = expected["stream_id"].as_str().unwrap();
            let found = fixtures::all(log, &fixtures::stream(id), 4);
            assert_eq!(found.len(), events.len(), "{name}: {id}");
            for (event, expected) in found.iter().zip(events) {
                compare(name, event, expected);
                compared += 1;
            }
        }
        assert!(compared > 20, "{name}: only {compared} events to compare");
    });
}

fn compare(name: &str, event: &Kept, expected: &Value) {
    let place = format!("{name}: {} version {:?}", event.stream, event.version);
    assert_eq!(json!(event.version), expected["version"], "{place}");
    assert_eq!(json!(event.event_type), expected["type"], "{place}");
    if let Some(position) = expected.get("global_position") {
        assert_eq!(json!(event.key), *position, "{place}");
    }
    if is_encrypted(name) {
        let fault = event.decoded.data.as_ref().unwrap_err();
        assert!(fault.starts_with("not JSON, zlib or gzip: ") && fault.contains("encrypted"), "{place}: {fault}");
        assert_eq!(event.decoded.decoded_by, "", "{place}");
        return;
    }
    let data = event.decoded.data.as_ref().unwrap();
    assert_eq!(data.to_string(), reparsed(&expected["data"]).to_string(), "{place}: data, the order of its keys too");
    let by = if name.ends_with("zlib") { "zlib, JSON" } else { "JSON" };
    assert_eq!(event.decoded.decoded_by, by, "{place}");
    if let Some(timestamp) = expected.get("timestamp").and_then(Value::as_str) {
        assert_eq!(event.decoded.time, Time::parse(timestamp), "{place}");
    }
    if let Some(metadata) = expected.get("metadata") {
        assert_eq!(event.decoded.metadata["correlationId"], metadata["correlationId"], "{place}");
        assert_eq!(event.decoded.metadata["user"], metadata["user"], "{place}");
    }
}

#[test]
fn snapshots_of_the_library_are_listed_and_decoded() {
    each(|name, log, truth| {
        let all = log.snapshots(None).unwrap();
        assert_eq!(json!(all.len()), truth["total_snapshots"], "{name}");
        assert!(all.is_sorted_by_key(|snapshot| snapshot.version), "{name}");
        for expected in truth["streams"].as_array().unwrap() {
            let Some(versions) = expected.get("snapshot_versions") else { continue };
            let id = StreamId::new(expected["stream_id"].as_str().unwrap());
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
        let (layout, said) = if name.starts_with("emmett") {
            ("emmett", "table \"emt_messages\" has columns stream_id, stream_position, ")
        } else {
            ("eventsourcing", "table \"stored_events\" has columns originator_id, originator_version, topic, state")
        };
        assert_eq!(info.layout, layout, "{name}");
        assert!(info.evidence.iter().any(|fact| fact.starts_with(said)), "{name}: {:?}", info.evidence);
        assert!(info.read_only && info.engine == "sqlite" && info.journal == "wal", "{name}");
    });
}

fn sorted(counts: &Value) -> BTreeMap<String, Value> {
    counts.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Through the same parser, so that numbers are compared as they are written.
fn reparsed(value: &Value) -> Value {
    serde_json::from_str(&value.to_string()).unwrap()
}
