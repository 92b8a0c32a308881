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
            category: None,
            version: Some(*version),
            event_type: event["type"].as_str().unwrap(),
            time: Some(Time(1_680_696_896_000_000)),
            id: event.get("id").and_then(Value::as_str),
            data: &data,
            metadata: metadata.as_deref(),
        };
        projection.take(&raw, &Decoder::json());
    }
    projection.settle();
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

fn event(stream: &str, event_type: &str, data: &Value) -> Value {
    json!({ "stream": stream, "type": event_type, "data": data })
}

#[test]
fn a_host_error_cannot_be_caught() {
    let text = "fromAll().when({ T: (s, e) => { s.n = 1; try { linkTo('l', e, null); } catch { } try { emit('s', 'T', 5); } \
                catch { } return s; } })";
    let projection = run(text, &[event("a", "T", &json!({}))]).unwrap();
    assert_eq!(projection.faults.len(), 1);
    assert!(projection.faults[0].message.contains("linkTo"), "{:?}", projection.faults);
    assert!(projection.machine().states().is_empty());
}

#[test]
fn what_is_refused_is_refused_with_a_reason() {
    for (text, said) in [
        ("", "None of streams"),
        ("fromCategory()", "None of streams"),
        ("fromStream(5)", "stream"),
        ("fromStreams('a', 5)", "streams"),
        ("fromCategory(5)", "categor"),
        ("fromAll().partitionBy(5)", "expected function"),
        ("fromAll().when({}).transformBy()", "expected function"),
        ("fromAll().when({}).outputTo(1)", "expected string value"),
        ("fromAll().when({}).outputTo('a', 'b', 'c')", "expected string value"),
        ("options({ nope: 1 }); fromAll()", "Unrecognized option"),
        ("options({ biState: 1 }); fromAll()", "Invalid value"),
        ("fromAll(); fromStream('a')", "FromAll"),
        ("fromStream('a'); fromCategory('b')", "at the same time"),
        ("fromCategory('a'); fromCategory('b')", "not supported"),
        ("on_event('a', () => {}); on_event('a', () => {}); fromAll()", "same key"),
        ("fromCategories('a', 'b').foreachStream().when({})", "foreachStream"),
        ("fromStream('a').foreachStream()", "not a function"),
        ("options({ reorderEvents: true, processingLag: 60 }); fromAll()", "reordering"),
        ("options({ reorderEvents: true, processingLag: 60 }); fromStreams('a', 'a')", "two streams"),
        ("fromAll().outputTo('x')", "not a function"),
        ("emit('a', 'b', {}); fromAll()", "emit"),
        ("fromStreamsMatching(() => true)", "fromStreamsMatching"),
        ("eval('1'); fromAll()", "not allowed"),
        ("new Function('return 1')(); fromAll()", "not allowed"),
        ("(() => {}).constructor('return 1')(); fromAll()", "not allowed"),
        ("fromAll().when({", "SyntaxError"),
        ("while (true) {}", "took too long"),
    ] {
        match Projection::compile("bad.js", text).map(|_| ()) {
            Err(Error::Input(why)) => assert!(why.contains(said), "{text}: {why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_accepted_is_accepted() {
    for text in [
        "var p = fromAll(); p.when({ T: s => s })",
        "options(5); options({ ResultStreamName: 'r', $INCLUDELINKS: true }); fromAll().when()",
        "options({ reorderEvents: true, processingLag: 50.9 }); fromStreams(['a', 'b']).when({})",
        "fromStream('a'); fromStream('b'); fromStream('a')",
        "fromCategory('a'); fromCategory('a')",
        "fromAll().when({ T: s => s }).filterBy(s => true).transformBy(s => s).outputState().outputTo('r', 'r-{0}')",
        "fromAll().when({}).$defines_state_transform()",
        "fromAll().outputState().transformBy(s => s)",
        "on_any((s, e) => s); fromAll()",
        "count = 1; fromAll().when({ T: s => { s.n = count; } })",
    ] {
        if let Err(error) = Projection::compile("good.js", text) {
            panic!("{text}: {error}");
        }
    }
}

#[test]
fn digits_that_are_only_copied_survive() {
    let text = "fromAll().when({ $init: () => ({ all: [] }), T: (s, e) => { s.id = e.body.id; s.all.push(e.body); s.sum = \
                (s.sum || 0) + e.body.n; emit('out', 'Made', { id: e.data.id }); } }).transformBy(s => ({ id: s.id }))";
    let one = r#"{"id":9007199254740993,"n":1,"price":0.1000000000000000055511151231257827}"#;
    let events = [
        json!({ "stream": "a", "type": "T", "raw": one }),
        json!({ "stream": "a", "type": "T", "raw": r#"{"id":9007199254740995,"n":2}"# }),
        json!({ "stream": "a", "type": "T", "raw": r#"{"id":7,"n":3}"# }),
    ];
    let projection = run(text, &events[..2]).unwrap();
    let state = projection.machine().states()[""].to_string();
    let expected = r#"{"all":[{"id":9007199254740993,"n":1,"price":0.1000000000000000055511151231257827},{"id":9007199254740995,"n":2}],"id":9007199254740995,"sum":3}"#;
    assert_eq!(state, expected);
    assert_eq!(projection.machine().result("").unwrap().to_string(), r#"{"id":9007199254740995}"#);
    assert_eq!(projection.emitted[0].emitted.data.as_ref().unwrap().to_string(), r#"{"id":9007199254740993}"#);
    let projection = run(text, &events).unwrap();
    assert!(projection.machine().states()[""].to_string().contains("9007199254740993"));
}

#[test]
fn a_type_stream_is_derived() {
    let text = "fromStreams('$et-A', '$et-B').when({ $init: () => [], $any: (s, e) => { s.push(e.streamId + e.eventType); } })";
    let events = [event("x-1", "A", &json!({})), event("y", "C", &json!({})), event("z", "B", &json!({}))];
    let projection = run(text, &events).unwrap();
    same("$et-", &projection.machine().states()[""], &json!(["x-1A", "zB"]));
}

#[test]
fn shared_state_must_stay_a_pair_and_works_with_partitions_by_key() {
    let text = "options({ biState: true }); fromAll().partitionBy(e => e.data.k).when({ $init: () => ({ n: 0 }), \
                $initShared: () => ({ all: 0 }), T: s => { s[0].n++; s[1].all++; return s; }, Bad: s => s[0] })";
    let events = [
        event("a", "T", &json!({ "k": "x" })),
        event("a", "Bad", &json!({ "k": "x" })),
        event("a", "T", &json!({ "k": "y" })),
    ];
    let projection = run(text, &events).unwrap();
    assert_eq!(projection.faults.iter().map(|fault| fault.index).collect::<Vec<_>>(), [1]);
    same("own", &projection.machine().states()["x"], &json!({ "n": 1 }));
    same("shared", projection.machine().shared().unwrap(), &json!({ "all": 2 }));
}

#[test]
fn hostile_callbacks_fault_their_event_and_the_projection_goes_on() {
    for body in [
        "while (true) {}",
        "'x'.repeat(1e10)",
        "const a = []; for (;;) { a.push(new Array(1e5).fill(1)); }",
        "(function f() { f(); })()",
        "/^(a+)+$/.test('a'.repeat(40) + 'b')",
        "s.loop = s",
        "s.f = Symbol('x')",
        "JSON.parse = null; Object.prototype.toString = null; Array.isArray = null; String.prototype.trim = null; throw 1",
    ] {
        let text = format!(
            "fromAll().when({{ $init: () => ({{ n: 0 }}), T: s => {{ s.n++; }}, Bad: (s, e) => {{ s.n = 100; {body}; }} }})"
        );
        let events = [event("a", "T", &json!({})), event("a", "Bad", &json!({ "a": 1 })), event("a", "T", &json!({}))];
        let projection = run(&text, &events).unwrap();
        assert_eq!(projection.faults.len(), 1, "{body}: {:?}", projection.faults);
        same(body, &projection.machine().states()[""], &json!({ "n": 2 }));
    }
}

/// A state of some thousand values stays inside of the engine between events; nobody can tell.
#[test]
fn a_large_state_gives_what_a_small_one_gives() {
    let text = "fromAll().when({ $init: () => ({ by: {}, log: [] }), $any: (s, e) => { \
                const of = s.by[e.data.k] ??= { n: 0, list: [1, 2, 3] }; of.n++; s.log.push(e.sequenceNumber); \
                if (s.log.length > 100) { s.log.shift(); } \
                if (e.data.bad === 1) { of.n = 1000; throw new Error('bad'); } \
                if (e.data.bad === 2) { s.date = new Date(5); } \
                if (e.data.bad === 3) { s.kind = typeof s.date?.getTime; } \
                if (e.data.bad === 4) { return { by: s.by, log: [] }; } \
                if (e.data.bad === 5) { s.id = e.data.id; } \
                if (e.data.bad === 6) { s.at = Date.now(); s.dice = Math.random(); } \
                emit('out', 'Seen', { n: of.n }); log(of.n); } })";
    let mut events = Vec::new();
    for index in 0..800_u64 {
        let bad = match index {
            300 | 301 | 650 => 1,
            400 | 600 => 2,
            401 | 410 | 601 => 3,
            500 => 4,
            550 => 5,
            560 | 799 => 6,
            _ => 0,
        };
        let data =
            json!({ "k": format!("key-{}", index * 7 % 150), "bad": bad, "id": 9_007_199_254_740_993_u64 + index });
        events.push(event("a", "T", &if bad == 5 { data } else { json!({ "k": data["k"], "bad": bad }) }));
    }
    let whole = run(text, &events).unwrap();
    // A transform keeps every state from staying inside.
    let written = run(&format!("{text}.transformBy(s => s)"), &events).unwrap();
    assert_eq!(whole.machine().states(), written.machine().states());
    assert_eq!(whole.faults, written.faults);
    assert_eq!(whole.emitted, written.emitted);
    assert_eq!(whole.logs, written.logs);
    let state = &whole.machine().states()[""];
    assert_eq!(state["kind"], "undefined");
    assert_eq!(state["id"].to_string(), (9_007_199_254_740_993_u64 + 550).to_string());
    assert_eq!(whole.faults.len(), 3);
}

#[test]
fn the_examples_are_accepted() {
    let text = include_str!("../../../assets/reducers/balances.projection.js");
    let events = [
        event("account-1", "MoneyDeposited", &json!({ "amount": 12.34 })),
        event("account-2", "TransferSent", &json!({ "amount": 1 })),
        event("account-1", "FeeCharged", &json!({ "amount": 2.5 })),
    ];
    let projection = run(text, &events).unwrap();
    same("own", &projection.machine().states()["account-1"], &json!({ "cents": 984 }));
    same("shared", projection.machine().shared().unwrap(), &json!({ "cents": 884 }));
    assert_eq!(projection.emitted.len(), 1);
    let text = include_str!("../../../assets/reducers/account.js");
    eventscope::reducer::javascript::compile("account.js", text).unwrap();
}

#[test]
fn clock_and_dice_stand_at_the_event_and_are_told() {
    let text = "fromAll().when({ T: s => { s.now = Date.now(); s.dice = Math.random(); } })";
    let events = [event("a", "T", &json!({}))];
    let (one, other) = (run(text, &events).unwrap(), run(text, &events).unwrap());
    assert_eq!(one.machine().states(), other.machine().states());
    same("now", &one.machine().states()[""]["now"], &json!(1_680_696_896_000_u64));
    let ids: Vec<&str> = one.machine().warnings().iter().map(|warning| warning.id).collect();
    assert_eq!(ids, ["clock-used", "random-used"]);
}

/// The ids of what a projection over one event is warned of.
fn warned(text: &str, data: &Value) -> Vec<&'static str> {
    let projection = run(text, &[event("a", "T", data), event("a", "T", data)]).unwrap();
    projection.machine().warnings().iter().map(|warning| warning.id).collect()
}

#[test]
fn what_would_go_wrong_on_the_server_is_told() {
    let small = json!({ "n": 1 });
    for (text, id) in [
        (
            "fromAll().when({ T: s => { s.n = 1; } }).transformBy(s => { s.leak = true; return s; })",
            "transform-mutates",
        ),
        ("var seen = 0; fromAll().when({ T: s => { seen++; s.n = 1; } })", "global-state"),
        ("var seen = { a: 1 }; fromAll().when({ T: s => { seen.a++; } })", "global-state"),
        ("fromAll().when({ T: s => { made = 1; } })", "global-state"),
        ("fromAll().when({ T: (s, e) => { linkStreamTo('a', 'b', { m: 1 }); } })", "linkStreamTo-metadata"),
        ("fromAll().when({ T: s => { for (let i = 0; i < 3e7; i++) {} } })", "slow-callback"),
        ("fromAll().when({ T: s => { s.big = 'x'.repeat(9e6); } })", "state-large"),
    ] {
        assert!(warned(text, &small).contains(&id), "{id}: {text}");
    }
    let quiet = "var rate = 2; function twice(n) { return n * rate; }
        fromAll().when({ T: (s, e) => { s.n = twice(e.data.n); } }).transformBy(s => ({ n: s.n }))";
    assert_eq!(warned(quiet, &small), ["v2-differs"]);
}
