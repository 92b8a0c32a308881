//! What caused an event, and what it caused, across streams.

use std::fs;

use serde_json::{Value, json};

use crate::cli::{Folder, fields};
use crate::fixtures;

/// An order that led to a payment and a parcel, the payment to a receipt; another order beside it; and a chain from
/// another whole above it.
fn log(folder: &Folder) -> &'static str {
    let event = |id: &str, stream: &str, kind: &str, cause: Option<&str>, whole: &str, more: Value| {
        let mut metadata = json!({"$correlationId": whole});
        if let Some(cause) = cause {
            metadata["$causationId"] = json!(cause);
        }
        let mut line = json!({"id": id, "stream": stream, "type": kind, "data": {}, "metadata": metadata});
        line["data"] = more;
        line.to_string()
    };
    let lines = [
        event("c1", "campaign-1", "CampaignBegun", None, "spring", json!({})),
        event("o1", "order-1", "OrderPlaced", Some("c1"), "w1", json!({})),
        event("x1", "order-2", "OrderPlaced", None, "w2", json!({"note": "w1"})),
        event("p1", "payment-1", "PaymentTaken", Some("o1"), "w1", json!({})),
        event("s1", "parcel-1", "ParcelSent", Some("o1"), "w1", json!({})),
        event("r1", "receipt-1", "ReceiptWritten", Some("p1"), "w1", json!({})),
        event("x2", "payment-2", "PaymentTaken", Some("x1"), "w2", json!({})),
        event("q1", "receipt-1", "ReceiptRead", Some("r1"), "other", json!({})),
    ];
    let ran = folder.run_with(&["append", "shop.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    "shop.db"
}

fn trace(folder: &Folder, log: &str, event: &str) -> Vec<(String, Value, u64)> {
    let told = folder.run(&["trace", log, "--event", event, "--json"]).objects();
    let one = |event: &Value| {
        (event["id"].as_str().unwrap().to_owned(), event["parent"].clone(), event["depth"].as_u64().unwrap())
    };
    told.iter().map(one).collect()
}

#[test]
fn the_whole_tree_is_found_from_any_of_its_events() {
    let folder = Folder::new();
    let log = log(&folder);
    let expected: Vec<(String, Value, u64)> = [
        ("c1", Value::Null, 0),
        ("o1", json!("c1"), 1),
        ("p1", json!("o1"), 2),
        ("r1", json!("p1"), 3),
        ("q1", json!("r1"), 4),
        ("s1", json!("o1"), 2),
    ]
    .map(|(id, parent, depth)| (id.to_owned(), parent, depth))
    .into();
    for id in ["o1", "p1", "s1", "r1"] {
        assert_eq!(trace(&folder, log, id), expected, "{id}");
    }
    let other = trace(&folder, log, "x2");
    assert_eq!(other.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>(), ["x1", "x2"]);
    let first = folder.run(&["trace", log, "--event", "r1", "--json"]).objects().remove(3);
    assert_eq!(fields(&first), "position stream version type time id parent depth");
    assert_eq!((&first["position"], &first["stream"], &first["version"]), (&json!(6), &json!("receipt-1"), &json!(1)));
}

#[test]
fn an_event_is_named_by_its_position_or_its_version_too() {
    let folder = Folder::new();
    let log = log(&folder);
    let by_id = trace(&folder, log, "s1");
    assert_eq!(trace(&folder, log, "5"), by_id);
    assert_eq!(trace(&folder, log, "parcel-1@1"), by_id);
    let text = folder.run(&["trace", log, "--event", "s1"]);
    assert!(text.out.contains("correlation w1, 6 events in 5 streams"), "{text:?}");
    assert!(text.out.contains("→     ParcelSent  parcel-1 1"), "{text:?}");
    folder.run(&["trace", log, "--event", "nobody"]).failed(2, "no event has the id \"nobody\"");
    folder.run(&["trace", log, "--event", "99"]).failed(2, "no event");
    folder.run(&["trace", log, "--event", "parcel-1@9"]).failed(2, "no event");
}

#[test]
fn causes_in_a_ring_and_causes_that_are_no_events_end() {
    let folder = Folder::new();
    let line = |id: &str, cause: &str| {
        json!({"id": id, "stream": "a-1", "type": "T", "data": {}, "metadata": {"causationId": cause, "correlationId": "w"}}).to_string()
    };
    let lines = [line("a", "b"), line("b", "a"), line("c", "c"), line("d", "a command")];
    assert_eq!(folder.run_with(&["append", "ring.db", "--stdin"], &lines.join("\n")).code, 0);
    assert_eq!(trace(&folder, "ring.db", "b").len(), 4);
    let text = folder.run(&["trace", "ring.db", "--event", "d"]);
    assert!(text.out.contains("its cause a command is no event of this log"), "{text:?}");
}

#[test]
fn more_than_is_listed_is_counted() {
    let folder = Folder::new();
    let lines: Vec<String> = (0..10_300)
        .map(|n| {
            let kind = if n % 100 == 0 { "Begun" } else { "Done" };
            json!({"stream": format!("s-{}", n % 7), "type": kind, "data": {}, "metadata": {"correlationId": "all"}})
                .to_string()
        })
        .collect();
    assert_eq!(folder.run_with(&["append", "wide.db", "--stdin"], &lines.join("\n")).code, 0);
    let told = folder.run(&["trace", "wide.db", "--event", "1", "--json"]).objects();
    let counted: Vec<&Value> = told.iter().filter(|event| event.get("more").is_some()).collect();
    assert_eq!(told.len() - counted.len(), 10_000);
    assert_eq!(counted, [&json!({"type": "Begun", "more": 3}), &json!({"type": "Done", "more": 297})]);
}

#[test]
fn ids_are_found_where_each_library_keeps_them() {
    let folder = Folder::new();
    for (library, name) in [
        ("emmett-sqlite", "emmett-sqlite-0.42.4"),
        ("eventsource-py", "eventsource-py-0.8.1"),
        ("rails-event-store", "rails-event-store"),
        ("aett-sqlite", "aett-sqlite-2.1.0"),
        ("sqlite-es", "sqlite-es-0.5.0"),
    ] {
        fixtures::copy(library, name, &folder.path(""));
        let log = format!("{name}.sqlite");
        let all = folder.run(&["events", &log, "--json"]).objects();
        let whole = |event: &Value| {
            let metadata = &event["metadata"];
            metadata.get("correlationId").or(metadata.get("correlation_id")).and_then(Value::as_str).map(str::to_owned)
        };
        // The whole with the most events, and any event of it.
        let mut counts = std::collections::BTreeMap::<String, u64>::new();
        for id in all.iter().filter_map(whole) {
            *counts.entry(id).or_default() += 1;
        }
        let (largest, count) = counts.into_iter().max_by_key(|(_, count)| *count).unwrap();
        let event = all.iter().rfind(|event| whole(event).as_deref() == Some(&largest)).unwrap();
        let named = event["position"].to_string();
        let told = folder.run(&["trace", &log, "--event", &named, "--json"]).objects();
        assert!(count >= 2 && told.len() as u64 >= count, "{name}: {} of {count}", told.len());
        let positions: Vec<&Value> = told.iter().map(|event| &event["position"]).collect();
        for event in all.iter().filter(|event| whole(event).as_deref() == Some(&largest)) {
            assert!(positions.contains(&&event["position"]), "{name}: {event}");
        }
        if name == "rails-event-store" {
            assert!(told.iter().any(|event| event["depth"] == 1 && event["parent"].is_string()), "{told:?}");
        }
    }
    fs::remove_dir_all(folder.path("")).unwrap();
}
