//! Import and export: every byte comes back, damage is noticed, and nothing is half there.

use std::path::{Path, PathBuf};

use eventscope::error::{Error, Result};
use eventscope::event::{Resume, Scope, StreamId, Time};
use eventscope::lab::generate::{Plan, generate};
use eventscope::store::exchange::{Filter, Format, Imported, export, import};
use eventscope::store::native::{Expected, NewEvent, Store, StoredEvent};
use eventscope::store::verify::verify;

use super::fixtures;

fn export_all(log: &Path, format: Format, to: &Path) -> Result<u64> {
    let mut filter = Filter { scope: Scope::Log, from: Resume::Start, passes: &mut |_| Ok(true), limit: u64::MAX };
    export(fixtures::open(log).as_mut(), &mut filter, format, to, &mut |_| ())
}

fn import_all(log: &Path, from: &Path) -> Result<Imported> {
    import(log, from, None, &mut |_| ())
}

fn events(log: &Path) -> Vec<StoredEvent> {
    Store::open(log).unwrap().read_all(0, 1_000_000).unwrap()
}

/// Texts that a careless writer would change: spaces, escapes, doubled keys, digits, line breaks, quotes, depth.
pub fn difficult(path: &Path) {
    let mut store = Store::create(path).unwrap();
    let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let payloads = [
        "{\"n\":12345678901234567890.10,\"e\":1E+5}",
        "{ \"spaced\" : [1,\n 2] }",
        "{\"a\":1,\"a\":2}",
        "\"\\u0041 \\ud83d\\ude00, \\\"quoted\\\"\"",
        "\"ä,ö;\\n\"",
        "null",
        &deep,
    ];
    for (index, data) in payloads.iter().enumerate() {
        let event = NewEvent {
            id: Some(format!("id, \"{index}\"")),
            event_type: "Type\nwith break".to_owned(),
            time: Some(Time(i64::try_from(index).unwrap() * 1_234_567_891 - 5)),
            data: data.as_bytes().to_vec(),
            metadata: (index % 2 == 0).then(|| b"{ \"by\" : \"me\" }".to_vec()),
        };
        store.append(&StreamId::new(&format!("s,{}", index % 2)), Expected::Any, &[event]).unwrap();
    }
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn json_lines_and_csv_bring_every_byte_back() {
    let (_folder, place) = place();
    let log = place.join("log.db");
    difficult(&log);
    for (format, name) in [(Format::Lines, "all.jsonl"), (Format::Csv, "all.csv")] {
        let (file, again) = (place.join(name), place.join(format!("{name}.db")));
        assert_eq!(export_all(&log, format, &file).unwrap(), 7);
        let imported = import_all(&again, &file).unwrap();
        assert_eq!(imported, Imported { events: 7, ..Imported::default() });
        assert_eq!(events(&again), events(&log), "{name}");
        assert!(!again.with_extension("db.importing").exists());
    }
    // Once more into the same log: nothing is new. Into its own source as well.
    for target in [&place.join("all.csv.db"), &log] {
        let imported = import_all(target, &place.join("all.jsonl")).unwrap();
        assert_eq!((imported.events, imported.repeated), (7, 7));
    }
    // A log is a source too.
    let copy = place.join("copy.db");
    import_all(&copy, &log).unwrap();
    assert_eq!(events(&copy), events(&log));
}

#[test]
fn cloudevents_keep_what_they_have_a_place_for() {
    let (_folder, place) = place();
    let (log, file, again) = (place.join("log.db"), place.join("all.json"), place.join("again.db"));
    let plan = Plan { events: 300, streams: 20, payload_bytes: 80, seed: 3 };
    generate(&mut Store::create(&log).unwrap(), &plan, &mut |_| ()).unwrap();
    export_all(&log, Format::CloudEvents, &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    for attribute in ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"] {
        assert!(first.get(attribute).is_some(), "{attribute}: {first}");
    }
    import_all(&again, &file).unwrap();
    assert_eq!(events(&again), events(&log));
    // As one array, as the batch format has it.
    let array = place.join("array.json");
    std::fs::write(&array, format!("[{}]", text.trim_end().replace('\n', ",\n"))).unwrap();
    let from_array = place.join("array.db");
    import_all(&from_array, &array).unwrap();
    assert_eq!(events(&from_array), events(&log));
}

#[test]
fn a_changed_line_is_noticed_and_nothing_is_imported() {
    let (_folder, place) = place();
    let (log, file) = (place.join("log.db"), place.join("all.jsonl"));
    difficult(&log);
    export_all(&log, Format::Lines, &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let (new, old) = (place.join("new.db"), place.join("old.db"));
    drop(Store::create(&old).unwrap());
    for (changed, expected) in [
        (text.replacen("\"version\":2", "\"version\":3", 1), "its hash does not hold"),
        (text.replacen("12345678901234567890.10", "12345678901234567890.11", 1), "its hash does not hold"),
        (text.replacen("\"stream\"", "\"strum\"", 2), "the field \"stream\" is missing"),
        (text[..text.len() - 20].to_owned(), "it is not JSON"),
    ] {
        std::fs::write(place.join("changed.jsonl"), changed).unwrap();
        for target in [&new, &old] {
            let error = import_all(target, &place.join("changed.jsonl")).unwrap_err();
            assert!(matches!(error, Error::Input(_)), "{error:?}");
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(!new.exists());
        assert_eq!(events(&old), []);
    }
}

#[test]
fn an_import_that_was_interrupted_goes_on() {
    let (_folder, place) = place();
    let (log, file, new) = (place.join("log.db"), place.join("all.jsonl"), place.join("new.db"));
    let plan = Plan { events: 25_000, streams: 50, payload_bytes: 0, seed: 4 };
    generate(&mut Store::create(&log).unwrap(), &plan, &mut |_| ()).unwrap();
    export_all(&log, Format::Lines, &file).unwrap();
    // The source ends in the middle of a line.
    let text = std::fs::read_to_string(&file).unwrap();
    let cut = place.join("cut.jsonl");
    std::fs::write(&cut, &text[..text.len() * 9 / 10]).unwrap();
    import_all(&new, &cut).unwrap_err();
    assert!(!new.exists());
    // Another source is told apart from the one that was begun.
    std::fs::write(&cut, text.replace("order", "orders")).unwrap();
    import_all(&new, &cut).unwrap_err();
    assert!(!new.exists());
    let imported = import_all(&new, &file).unwrap();
    assert_eq!((imported.events, imported.resumed_after), (25_000, 20_000));
    assert_eq!(events(&new), events(&log));
    let mut found = Vec::new();
    let summary = verify(fixtures::open(&new).as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!((found, summary.sealed), (vec![], 25_000));
}

#[test]
fn an_import_into_a_log_that_stands_is_whole_or_nothing() {
    let (_folder, place) = place();
    let (log, other) = (place.join("log.db"), place.join("other.db"));
    let plan = |seed| Plan { events: 3_000, streams: 30, payload_bytes: 0, seed };
    generate(&mut Store::create(&log).unwrap(), &plan(1), &mut |_| ()).unwrap();
    let mut store = Store::create(&other).unwrap();
    let event = |n: i64| NewEvent::new("Counted", n.to_string());
    for n in 0..2_000 {
        store.append(&StreamId::new("mine"), Expected::Any, &[event(n)]).unwrap();
    }
    store.append(&StreamId::new("order-0000001"), Expected::None, &[event(0)]).unwrap();
    drop(store);
    let before = events(&log);
    let names: Vec<_> = before.iter().map(|event| event.stream.to_string()).collect();
    assert!(names.iter().any(|name| name == "order-0000001"), "{:?}", &names[..5]);
    // Its last event belongs to a stream that exists: a conflict after thousands that were fine.
    let error = import_all(&log, &other).unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(events(&log), before);
}

#[test]
fn logs_of_other_libraries_are_imported_whole() {
    for (folder, name) in fixtures::FOREIGN {
        let place = tempfile::tempdir().unwrap();
        let from = fixtures::copy(folder, name, place.path());
        let log = place.path().join("native.db");
        let imported = import_all(&log, &from);
        let refusal = match folder {
            // Nobody can read it without its key.
            _ if name.ends_with("aes") => Some("cannot be decoded"),
            // Only the application's own types can read its payloads.
            "evento" => Some("cannot be decoded"),
            // Some of its events are in no stream.
            "laravel-event-sourcing" => Some("the stream name is empty"),
            _ => None,
        };
        if let Some(refusal) = refusal {
            let error = imported.unwrap_err().to_string();
            assert!(error.contains(refusal), "{name}: {error}");
            assert!(!log.exists());
            continue;
        }
        let truth = fixtures::truth(folder, name);
        assert_eq!(Some(imported.unwrap().events), truth["total_events"].as_u64(), "{name}");
        let (theirs, ours) = (
            fixtures::all(fixtures::open(&from).as_mut(), &Scope::Log, 500),
            fixtures::all(fixtures::open(&log).as_mut(), &Scope::Log, 500),
        );
        assert_eq!(theirs.len(), ours.len());
        let mut firsts = std::collections::HashMap::new();
        for (one, other) in theirs.iter().zip(&ours) {
            // A stream that is numbered from 0 is numbered from 1 in a log of ours.
            let first = *firsts.entry(one.stream.clone()).or_insert(one.version);
            let version = if first == Some(0) { one.version.map(|version| version + 1) } else { one.version };
            assert_eq!(
                (&one.stream, version, &one.event_type),
                (&other.stream, other.version, &other.event_type),
                "{name}"
            );
            assert_eq!(one.decoded.data, other.decoded.data, "{name}");
            // An event without a time gets the time of its import.
            assert_eq!(one.decoded.time.or(other.decoded.time), other.decoded.time, "{name}");
        }
    }
}
