//! KurrentDB's projections: a catalogue of cases, one JSON object a line, and what the catalogue leaves out.

use std::collections::HashMap;

use eventscope::error::Error;
use eventscope::event::{RawEvent, Seq, Time, Value};
use eventscope::payload::Decoder;
use eventscope::replay::project::Projection;
use serde_json::json;

const CASES: &str = include_str!("../../fixtures/projections.jsonl");

/// Numbers by value, not by how they are written.
fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, |double| json!(double)),
        Value::Array(items) => items.iter().map(by_value).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), by_value(value))).collect(),
        other => other.clone(),
    }
}

#[track_caller]
fn same(what: &str, found: &Value, expected: &Value) {
    assert_eq!(by_value(found), by_value(expected), "{what}");
}

fn bytes_of(event: &Value, name: &str) -> Vec<u8> {
    match (event.get("raw"), event.get(name)) {
        (Some(raw), _) => raw.as_str().unwrap().as_bytes().to_vec(),
        (None, Some(Value::String(text))) if event["json"] == json!(false) => text.as_bytes().to_vec(),
        (None, Some(value)) => value.to_string().into_bytes(),
        (None, None) => Vec::new(),
    }
}

/// Runs a projection over events in the order of a log.
fn run(projection: &str, events: &[Value]) -> Result<Projection, Error> {
    let mut projection = Projection::compile("case.js", projection)?;
    let mut versions: HashMap<&str, i64> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        let stream = event["stream"].as_str().unwrap();
        let version = versions.entry(stream).and_modify(|version| *version += 1).or_insert(0);
        let metadata = event.get("metadata").map(|metadata| metadata.to_string().into_bytes());
        let data = bytes_of(event, "data");
        let raw = RawEvent {
            seq: Seq::Number(i64::try_from(index).unwrap() + 1),
            stream,
            version: Some(*version),
            event_type: event["type"].as_str().unwrap(),
            time: Some(Time(1_680_696_896_000_000)),
            id: event.get("id").and_then(Value::as_str),
            data: &data,
            metadata: metadata.as_deref(),
        };
        projection.take(&raw, &Decoder::json());
    }
    Ok(projection)
}

fn check(case: &Value) {
    let name = case["name"].as_str().unwrap();
    let ran = run(case["projection"].as_str().unwrap(), case["events"].as_array().unwrap());
    if case.get("expected_error").is_some() {
        match ran {
            Err(Error::Input(_)) => return,
            Err(other) => panic!("{name}: {other}"),
            Ok(_) => panic!("{name}: the definition was accepted"),
        }
    }
    let projection = ran.unwrap_or_else(|error| panic!("{name}: {error}"));
    let machine = projection.machine();
    let query = &case["query"];
    let partition = query.get("stream").or_else(|| query.get("partition")).and_then(Value::as_str).unwrap();
    let state = |partition: &str| machine.states().get(partition).cloned().unwrap_or(Value::Null);
    same(name, &state(partition), &case["expected_state"]);
    for (partition, expected) in case.get("expected_states").and_then(Value::as_object).into_iter().flatten() {
        same(name, &state(partition), expected);
    }
    if let Some(expected) = case.get("expected_shared_state") {
        same(name, machine.shared().unwrap_or(&Value::Null), expected);
    }
    if let Some(expected) = case.get("expected_result") {
        same(name, machine.result(partition).unwrap_or(&Value::Null), expected);
    }
    if let Some(expected) = case.get("expected_partitions") {
        let mut expected: Vec<&str> = expected.as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        expected.sort_unstable();
        assert_eq!(machine.states().keys().collect::<Vec<_>>(), expected, "{name}");
    }
    if let Some(expected) = case.get("expected_emitted") {
        let emitted = projection.emitted.iter().map(|at| {
            let mut object = json!({ "stream": at.emitted.stream, "type": at.emitted.event_type });
            if let Some(data) = &at.emitted.data {
                object["data"] = data.clone();
            }
            if let Some(link) = &at.emitted.link {
                object["link"] = json!(link);
            }
            if let Some(metadata) = &at.emitted.metadata {
                object["metadata"] = metadata.clone();
            }
            object
        });
        same(name, &emitted.collect(), expected);
    }
    if let Some(expected) = case.get("expected_logs") {
        let logs: Value = projection.logs.iter().map(|logged| json!(logged.line)).collect();
        same(name, &logs, expected);
    }
    if let Some(expected) = case.get("expected_faults") {
        let faults: Value = projection.faults.iter().map(|fault| json!(fault.index)).collect();
        same(name, &faults, expected);
    }
}

#[test]
fn every_case_of_the_catalogue_holds() {
    let mut failed = Vec::new();
    let mut count = 0;
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        count += 1;
        if let Err(panic) = std::panic::catch_unwind(|| check(&case)) {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned());
            failed.push(format!("{}: {text}", case["name"]));
        }
    }
    assert_eq!(count, 40);
    assert!(failed.is_empty(), "{} of {count}\n{}", failed.len(), failed.join("\n"));
}
