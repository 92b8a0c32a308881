//! Search gives what a look at every decoded event gives, on every kind of log; and what it cannot look at it counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};

use eventscope::event::{EventBatch, RawEvent, Resume, Scope, Value};
use eventscope::filter::{Contained, Filter, Head, Place, Subject};
use eventscope::reducer::auto::Auto;
use eventscope::reducer::expression::Expression;
use eventscope::replay::search::facets::{Facet, Facets};
use eventscope::replay::search::{Reducers, Search, Seen, States, Wanted};
use eventscope::store::native::{Expected, NewEvent, Store};
use eventscope::store::{self, EventLog};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::fixtures;
use super::support::fake_log::{Content, FakeEvent, FakeLog};

mod command;

/// Positions of the hits, and what was seen.
fn found(log: &mut dyn EventLog, wanted: Wanted) -> (Vec<String>, Seen) {
    let mut search = Search::new(log, Scope::Log, Resume::Start, wanted);
    let mut hits = Vec::new();
    while !search.is_over() {
        search
            .page(log, &mut |_, raw| {
                hits.push(raw.seq.to_string());
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    (hits, search.seen())
}

fn by_filter(log: &mut dyn EventLog, filter: &str) -> (Vec<String>, Seen) {
    found(log, Wanted { filter: Filter::parse(filter).unwrap(), condition: None, states: None })
}

fn each(log: &mut dyn EventLog, mut see: impl FnMut(&RawEvent<'_>)) {
    let (mut from, mut batch) = (Resume::Start, EventBatch::new());
    loop {
        let end = log.read(&Scope::Log, &from, 100, &mut batch).unwrap();
        batch.iter().for_each(|raw| see(&raw));
        if end.at_end {
            return;
        }
        from = end.next;
    }
}

/// The same by decoding every event, without a look at its bytes.
fn naively(log: &mut dyn EventLog, filter: &str) -> (Vec<String>, u64) {
    let (filter, decoder) = (Filter::parse(filter).unwrap(), log.decoder());
    let (mut hits, mut undecodable) = (Vec::new(), 0);
    each(log, |raw| {
        let decoded = decoder.decode(raw);
        let head = Head {
            event_type: raw.event_type,
            stream: raw.stream,
            category: decoder.category(raw),
            id: raw.id,
            version: raw.version,
            position: raw.seq.number(),
            bytes: raw.data.len() as u64,
            time: decoded.time,
            is_time_known: true,
        };
        let subject = Subject { head, data: decoded.data.as_ref().ok(), metadata: &decoded.metadata };
        let may_say = raw.time.is_none() && decoder.reads_envelopes();
        let is_lost = decoded.data.is_err() && may_say && filter.asks_for_time();
        if filter.passes(&subject) && !is_lost {
            hits.push(raw.seq.to_string());
        }
        let passes_beside = filter.may_pass(&Head { is_time_known: !may_say, time: raw.time, ..head });
        let asks = is_lost || filter.asks_for_values();
        undecodable += u64::from(decoded.data.is_err() && asks && passes_beside);
    });
    (hits, undecodable)
}

fn agrees(log: &mut dyn EventLog, filter: &str) {
    let (hits, seen) = by_filter(log, filter);
    let (expected, undecodable) = naively(log, filter);
    assert_eq!(hits, expected, "{filter} on {}", log.info().layout);
    assert_eq!((seen.hits, seen.undecodable), (expected.len() as u64, undecodable), "{filter}");
}

/// A JSON text of a value, each of its characters and numbers written in one of many ways.
fn written(value: &Value, ways: &mut impl Iterator<Item = u8>) -> String {
    let mut text = |plain: &str| {
        let mut written = String::from("\"");
        for sign in plain.chars() {
            match (ways.next().unwrap_or(0) % 4, sign) {
                (0, '/') => written.push_str("\\/"),
                (1, _) => sign.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    let _ = write!(written, "\\u{unit:04x}");
                }),
                (_, '"' | '\\') => written.extend(['\\', sign]),
                (_, sign) if sign.is_control() => {
                    let _ = write!(written, "\\u{:04X}", u32::from(sign));
                }
                _ => written.push(sign),
            }
        }
        written + "\""
    };
    match value {
        Value::String(plain) => text(plain),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item, ways)).collect();
            format!("[ {} ]", items.join(", "))
        }
        Value::Object(fields) => {
            let mut parts = Vec::new();
            for (key, value) in fields {
                let key = written(&Value::String(key.clone()), ways);
                parts.push(format!("{key} :{}", written(value, ways)));
            }
            format!("{{{}}}", parts.join(","))
        }
        word => word.to_string(),
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    let text =
        prop::sample::select(vec!["", "Ann", "ann", "Überzug", "a/b", "x\"y\\z", "100", "\u{1}tab\t", "K", "😀 hi"]);
    let number = prop::sample::select(vec!["1", "1.0", "1e0", "100", "1e2", "-5", "9223372036854775808", "0.10"]);
    prop_oneof![
        text.prop_map(Value::from),
        number.prop_map(|text| serde_json::from_str(text).unwrap()),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn payload() -> impl Strategy<Value = String> {
    let key = || prop::sample::select(vec!["a", "name", "é", "a/b", "total", "0"]);
    let value = leaf().prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..3).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    });
    (value, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(value, ways)| {
        let mut ways = ways.into_iter();
        written(&serde_json::json!({ "name": value }), &mut ways)
    })
}

fn stored() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => payload(),
        1 => prop::sample::select(vec![
            "", "{\"name\":", "[1,2", "{\"a\":1} x", "plain ann", "{\"a\":\"\\ud800\"}", "{a: ann}", "null", "\"ann\"", "{\"name\":01}",
        ]).prop_map(str::to_owned),
    ]
}

fn term() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "ann",
        "Ann",
        "ANN",
        "überzug",
        "Überzug",
        "\"a/b\"",
        "\"x\\\"y\\\\z\"",
        "100",
        "1",
        "k",
        "\"😀\"",
        "hi",
        "null",
        "name",
        "é",
        "true",
        "data.name=ann",
        "data.name=100",
        "data.name=1",
        "data.name>1",
        "data.name.a=Ann",
        "data.name.*=1e2",
        "data.name.0~a",
        "data~total",
        "has:data.name.é",
        "has:data.name.\"a/b\"",
        "data.name!=Ann",
        "data.name:A*",
        "data.name=\"100\"",
        "is:undecodable",
        "type:T1",
        "stream:*-1",
        "category:s",
        "version>2",
        "position<=5",
        "data.name.0=ann",
        "data.name.total.*>0",
        "data.name=null",
        "size>20",
        "after:1970-01-01T00:00:03Z",
        "meta~ann",
        "has:meta",
    ])
    .prop_flat_map(|term| any::<bool>().prop_map(move |excludes| format!("{}{term}", if excludes { "-" } else { "" })))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_search_finds_what_every_decoded_event_says(
        events in prop::collection::vec((0_u8..3, 0_u8..3, stored()), 0..14),
        terms in prop::collection::vec(term(), 0..4),
    ) {
        let events: Vec<FakeEvent> = events
            .into_iter()
            .map(|(stream, kind, data)| FakeEvent { stream: format!("s-{stream}"), event_type: format!("T{kind}"), data })
            .collect();
        let filter = terms.join(" ");
        let mut fake = FakeLog::new(Arc::new(Mutex::new(Content { events: events.clone(), ..Content::default() })));
        agrees(&mut fake, &filter);
    }
}

#[test]
fn a_search_finds_the_same_in_a_native_and_in_a_mapped_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec((0_u8..4, payload(), payload()), 300);
    let events = strategy.new_tree(&mut runner).unwrap().current();
    let (native, mapped) = (folder.path().join("native.db"), folder.path().join("mapped.db"));
    let mut store = Store::create(&native).unwrap();
    let table = rusqlite::Connection::open(&mapped).unwrap();
    table.execute_batch("CREATE TABLE history (who TEXT, what TEXT, body BLOB, extra TEXT)").unwrap();
    for (stream, data, metadata) in &events {
        let stream = format!("s-{stream}");
        let event = NewEvent { metadata: Some(metadata.clone().into_bytes()), ..NewEvent::new("T1", data.as_str()) };
        store.append(&stream.as_str().into(), Expected::Any, &[event]).unwrap();
        table.execute("INSERT INTO history VALUES (?1, 'T1', ?2, ?3)", (&stream, data, metadata)).unwrap();
    }
    drop((store, table));
    let workspace = folder.path().join("map.toml");
    let mapping =
        "[mapping]\ntable = \"history\"\nstream = \"who\"\ntype = \"what\"\npayload = \"body\"\nmetadata = \"extra\"\n";
    std::fs::write(&workspace, mapping).unwrap();
    let locator = eventscope::locator::Locator::parse(&mapped.to_string_lossy()).with_workspace(Some(&workspace));
    let mut native = fixtures::open(&native);
    let mut mapped = store::open(&locator.to_string()).unwrap();
    for filter in [
        "ann",
        "Ann -null",
        "überzug",
        "100",
        "1e2",
        "data.name=100",
        "data.name.*=1",
        "meta~ann",
        "has:meta.name.é",
        "-has:data.name.total",
        "data.name:A* stream:s-1",
        "\"x\\\"y\"",
        "meta.name=1 data~a",
    ] {
        agrees(native.as_mut(), filter);
        agrees(mapped.as_mut(), filter);
        assert_eq!(by_filter(native.as_mut(), filter).1, by_filter(mapped.as_mut(), filter).1, "{filter}");
    }
}

#[test]
fn a_search_finds_the_same_in_every_library_s_log() {
    let folder = tempfile::tempdir().unwrap();
    for (library, name) in fixtures::FOREIGN {
        let path = fixtures::copy(library, name, folder.path());
        let mut log = fixtures::open(&path);
        for filter in [
            "a",
            "an",
            "0",
            "-e",
            "type:*ed",
            "data.name~a",
            "is:undecodable",
            "-is:undecodable",
            "has:data.amount",
            "data.quantity>1",
            "meta~a",
            "version>3 -position>100",
            "after:2020-01-01 a",
        ] {
            agrees(log.as_mut(), filter);
        }
    }
}

#[test]
fn a_word_is_found_as_a_plain_look_at_keys_and_values_finds_it() {
    fn texts(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                into.push(key.clone());
                texts(value, into);
            }),
            Value::String(text) => into.push(text.clone()),
            word => into.push(word.to_string()),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (library, name) in [("own-table", "own-table"), ("rails-event-store", "rails-event-store")] {
        let path = fixtures::copy(library, name, folder.path());
        let mut log = fixtures::open(&path);
        let decoder = log.decoder();
        for word in ["order", "e", "1", "-", "true", "ü"] {
            let mut expected = Vec::new();
            each(log.as_mut(), |raw| {
                let mut all = Vec::new();
                texts(&decoder.decode(raw).data.unwrap(), &mut all);
                if all.iter().any(|text| text.to_lowercase().contains(word)) {
                    expected.push(raw.seq.to_string());
                }
            });
            assert_eq!(by_filter(log.as_mut(), &format!("\"{word}\"")).0, expected, "{word} in {library}");
        }
    }
}

fn ledger(path: &Path, streams: u64, events: u64) {
    let mut store = Store::create(path).unwrap();
    for number in 0..events {
        let stream = format!("account-{}", number % streams);
        let amount = i64::try_from(number * 7_919 % 100).unwrap() - 60;
        let kind = if amount < 0 { "Withdrawn" } else { "Deposited" };
        store
            .append(
                &stream.as_str().into(),
                Expected::Any,
                &[NewEvent::new(kind, serde_json::json!({ "amount": amount, "n": number }).to_string())],
            )
            .unwrap();
    }
}

/// Positions at which an expression over the last two states of each stream holds, by folding everything.
fn by_folding(log: &mut dyn EventLog, holds: impl Fn(&RawEvent<'_>, Option<&Value>, &Value) -> bool) -> Vec<String> {
    let decoder = log.decoder();
    let mut states: BTreeMap<String, Value> = BTreeMap::new();
    let mut hits = Vec::new();
    each(log, |raw| {
        let Value::Object(data) = decoder.decode(raw).data.unwrap() else { return };
        let before = states.get(raw.stream).cloned();
        let mut after = before.clone().unwrap_or_else(|| serde_json::json!({}));
        for (key, value) in data {
            after[&key] = value;
        }
        if holds(raw, before.as_ref(), &after) {
            hits.push(raw.seq.to_string());
        }
        states.insert(raw.stream.to_owned(), after);
    });
    hits
}

#[test]
fn a_condition_sees_the_states_of_every_stream_with_and_without_room_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    ledger(&path, 17, 400);
    let mut log = fixtures::open(&path);
    let amount = |state: Option<&Value>| state.and_then(|state| state["amount"].as_i64());
    let expected = by_folding(log.as_mut(), |raw, before, after| {
        raw.event_type == "Withdrawn" && amount(before).is_some_and(|before| before < amount(Some(after)).unwrap())
    });
    assert!(expected.len() > 20 && expected.len() < 300, "{}", expected.len());
    for bytes_max in [usize::MAX, 2_000, 0] {
        let states = States::new(fixtures::open(&path), Reducers::one(Box::new(Auto)), &Resume::Start);
        let wanted = Wanted {
            filter: Filter::parse("type:Withdrawn").unwrap(),
            condition: Some(Expression::compile("before.amount < state.amount").unwrap()),
            states: Some(states.with_bytes_max(bytes_max)),
        };
        assert_eq!(found(log.as_mut(), wanted).0, expected, "{bytes_max}");
    }
}

#[test]
fn a_condition_that_fails_is_counted_with_its_first_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    ledger(&path, 3, 30);
    let mut log = fixtures::open(&path);
    let condition = Expression::compile("event.version > 2 && (() => { throw new Error('odd') })()").unwrap();
    let wanted = Wanted { filter: Filter::default(), condition: Some(condition), states: None };
    let (hits, seen) = found(log.as_mut(), wanted);
    assert!(hits.is_empty());
    assert_eq!(seen.faults, 24);
    let first = seen.first_fault.unwrap();
    assert_eq!((first.stream.as_str(), first.version), ("account-0", Some(3)));
    assert!(first.message.contains("odd"), "{}", first.message);
}

#[test]
fn facets_count_what_a_plain_count_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("own-table", "own-table", folder.path());
    let mut log = fixtures::open(&path);
    let by: Vec<Facet> =
        ["type", "stream", "category", "month"].iter().map(|text| Facet::parse(text).unwrap()).collect();
    let mut facets = Facets::new(log.decoder(), &by);
    let mut types: BTreeMap<String, u64> = BTreeMap::new();
    each(log.as_mut(), |raw| {
        facets.count(raw);
        *types.entry(raw.event_type.to_owned()).or_default() += 1;
    });
    let counted = facets.counted(1_000);
    let of_types: BTreeMap<String, u64> =
        counted[0].values.iter().map(|one| (one.value.as_str().unwrap().to_owned(), one.events)).collect();
    assert_eq!(of_types, types);
    assert_eq!(counted[1].values.len(), 60);
    for facet in &counted {
        assert_eq!(facet.values.iter().map(|one| one.events).sum::<u64>() + facet.without, 574, "{}", facet.facet);
    }
    let few = facets.counted(2);
    assert_eq!(few[0].values.len(), 2);
    assert_eq!(few[0].other + few[0].values.iter().map(|one| one.events).sum::<u64>(), 574);
    assert_eq!(few[0].distinct, types.len() as u64);
}

#[test]
fn the_first_place_of_a_text_is_marked() {
    for (text, inside, expected) in [
        ("draft", "an OverDraft", Some(7..12)),
        ("Draft", "an Overdraft", None),
        ("über", "ein ÜBERZUG", Some(4..9)),
        ("x", "", None),
    ] {
        assert_eq!(Contained::new(text).find(inside), expected, "{text}");
    }
    assert_eq!(Place::PAYLOAD.to_string(), "data");
}
