//! States of real libraries' logs, at the versions of their truth files, by a reducer that was written for their domain.

use std::fs;
use std::path::Path;

use eventscope::event::{StreamId, Value};
use eventscope::log::At;
use eventscope::reducer::javascript;
use eventscope::replay::Replay;
use serde_json::json;

use crate::fixtures;

/// Library, log, how its truth writes states, and states that are compared at least.
const LOGS: [(&str, &str, &str, usize); 13] = [
    ("emmett-sqlite", "emmett-sqlite-0.42.4", "camel: true", 46),
    ("eventsourcing", "eventsourcing-9.5.6-plain", "decimals: true, invites: true", 42),
    ("eventsourcing", "eventsourcing-9.5.6-zlib", "decimals: true, invites: true", 46),
    ("eventsourcing", "eventsourcing-9.5.6-live-wal", "decimals: true, invites: true", 37),
    ("sqlite-es", "sqlite-es-0.5.0", "brief: true", 74),
    ("eventcore-sqlite", "eventcore-sqlite-2.1.0", "brief: true, noCurrency: true, counts: true", 47),
    (
        "eventsource-py",
        "eventsource-py-0.8.1",
        "brief: true, noCurrency: true, counts: true, decimals: true, id: { order: 'order_id', account: 'account_id' }",
        46,
    ),
    ("aett-sqlite", "aett-sqlite-2.1.0", "", 48),
    ("rails-event-store", "rails-event-store", "", 46),
    ("laravel-event-sourcing", "laravel-event-sourcing", "", 44),
    ("pekko-persistence-jdbc", "pekko-persistence-jdbc", "", 47),
    ("own-table", "own-table", "", 46),
    ("livestore", "livestore-0.4.0-eventlog", "brief: true, camel: true, id: { account: 'id' }", 57),
];

fn replay(path: &Path, dialect: &str) -> Replay {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reducers/shop.js");
    let text = fs::read_to_string(file).unwrap().replace("/*DIALECT*/ {}", &format!("{{ {dialect} }}"));
    Replay::new(fixtures::open(path), javascript::compile("shop.js", &text).unwrap(), None)
}

fn state_at(replay: &mut Replay, stream: &StreamId, position: u64) -> Value {
    let folded = replay.state_at(stream, position, &|| false).unwrap();
    assert_eq!(folded.faults, [], "{stream}");
    folded.shown.state["shown"].clone()
}

/// Through the same parser, and with its keys in order: some truths were written with sorted keys.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            Value::Object(keys.into_iter().map(|key| (key.clone(), sorted(&fields[key]))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        // 1 and 1.0 are one number to JavaScript.
        other => other.clone(),
    }
}

#[test]
fn states_at_the_versions_of_the_truth_agree() {
    for (library, name, dialect, compared_min) in LOGS {
        let folder = tempfile::tempdir().unwrap();
        let path = fixtures::copy(library, name, folder.path());
        if library == "livestore" {
            // The library has no streams: the application's ids are in the arguments.
            let mapping =
                "[mapping]\ntable = \"eventlog\"\nstream = \"argsJson.id\"\ntype = \"name\"\npayload = \"argsJson\"\n";
            fs::write(folder.path().join("eventscope.toml"), mapping).unwrap();
        }
        let mut replay = replay(&path, dialect);
        let truth = fixtures::truth(library, name);
        let key = if library == "livestore" { "groups" } else { "streams" };
        let mut compared = 0;
        for expected in truth[key].as_array().unwrap() {
            let id = StreamId::new(expected.get("stream_id").or(expected.get("id")).unwrap().as_str().unwrap());
            let Some(states) = expected["states"].as_array() else { continue };
            let scope = eventscope::event::Scope::Stream(id.clone());
            for at in states {
                let position = match at.get("events_so_far") {
                    Some(events) => events.as_u64().unwrap(),
                    None => replay.log().position_of(&scope, &At::Version(at["version"].as_i64().unwrap())).unwrap(),
                };
                let state = state_at(&mut replay, &id, position);
                assert_eq!(sorted(&state), sorted(&at["state"]), "{name}: {id} at position {position}");
                compared += 1;
            }
            if let Some(last) = expected.get("final_state") {
                let count = replay.log().extent(&scope).unwrap();
                assert_eq!(sorted(&state_at(&mut replay, &id, count)), sorted(last), "{name}: {id} at its end");
            }
        }
        assert!(compared >= compared_min, "{name}: only {compared} states");
    }
}

#[test]
fn states_behind_encryption_agree_with_the_key() {
    let folder = crate::cli::Folder::new();
    let name = "eventsourcing-9.5.6-zlib-aes";
    fixtures::copy("eventsourcing", name, &folder.path(""));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reducers/shop.js");
    let text = fs::read_to_string(file).unwrap();
    fs::write(folder.path("shop.js"), text.replace("/*DIALECT*/ {}", "{ decimals: true, invites: true }")).unwrap();
    let log = format!("{name}.sqlite");
    let mut compared = 0;
    for expected in fixtures::truth("eventsourcing", name)["streams"].as_array().unwrap() {
        let Some(last) = expected.get("final_state") else { continue };
        let stream = expected["stream_id"].as_str().unwrap();
        let output = folder
            .command(&["state", &log, "--stream", stream, "--reducer", "shop.js", "--json"])
            .env("EVENTSCOPE_KEY", "mC0yS3vZ1oXrT8fQ2wYbN5kHdLpGeUaJ4i7RtVxWcE8=")
            .output()
            .unwrap();
        let state: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(sorted(&state["state"]["shown"]), sorted(last), "{stream}");
        assert_eq!(state["faults"], json!([]));
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
}
