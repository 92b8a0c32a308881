//! What every log promises, whatever its layout: one suite on a native log, on foreign ones, and on ones with gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use eventscope::event::{EventBatch, Resume, Scope, Seq, StreamId, Time};
use eventscope::limits::{GROWTH_EVENTS_MAX, MILESTONE_EVERY_EVENTS, PAGE_BYTES_MAX};
use eventscope::log::{At, StreamPage};
use eventscope::store::EventLog;
use eventscope::store::sqlite::native::{Append, Expected, NewEvent, Store};
use rusqlite::Connection;

use crate::fixtures::{self, FOREIGN, Kept};

/// Runs a check on every log.
fn each(check: impl Fn(&str, &mut dyn EventLog)) {
    let folder = tempfile::tempdir().unwrap();
    let mut logs: Vec<(String, PathBuf)> = FOREIGN
        .iter()
        .map(|(library, name)| ((*name).to_owned(), fixtures::copy(library, name, folder.path())))
        .collect();
    logs.push(("native".to_owned(), native(&folder.path().join("native.db"))));
    let gaps = folder.path().join("gaps");
    std::fs::create_dir(&gaps).unwrap();
    logs.push(("emmett with gaps".to_owned(), emmett_with_gaps(&gaps)));
    for (name, path) in &logs {
        check(name, fixtures::open(path).as_mut());
    }
}

fn event(event_type: &str, at: i64, data: String) -> NewEvent {
    NewEvent {
        id: None,
        event_type: event_type.to_owned(),
        time: Some(Time(1_700_000_000_000_000 + at * 1_000_000)),
        data: data.into_bytes(),
        metadata: (at % 3 == 0).then(|| br#"{"user":"u"}"#.to_vec()),
    }
}

/// A category that is most of the log, one that is a small part of it, and one stream without a dash.
fn native(path: &Path) -> PathBuf {
    let mut store = Store::create(path).unwrap();
    let mut appends = Vec::new();
    for number in 0..2_600_i64 {
        let stream = match number % 20 {
            7 => format!("rare-{}", number % 3),
            11 => "settings".to_owned(),
            _ => format!("account-{}", number * 7 % 43),
        };
        let data = format!("{{\"number\":{number}}}");
        appends.push(Append {
            stream: StreamId::new(&stream),
            expected: Expected::Any,
            events: vec![event(if number % 5 == 0 { "Opened" } else { "Moved" }, number, data)],
        });
    }
    store.append_all(&appends).unwrap();
    path.to_owned()
}

/// Twice the events, other kinds of messages between them, and holes in keys and versions.
fn emmett_with_gaps(folder: &Path) -> PathBuf {
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder);
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "INSERT INTO emt_messages SELECT stream_id || '-b', stream_position, partition, message_kind, message_data,
                message_metadata, message_schema_version, message_type, message_id || 'b', is_archived,
                global_position * 3 + 5000, created FROM emt_messages;
             INSERT INTO emt_messages SELECT 'long', global_position, partition, message_kind, message_data,
                message_metadata, message_schema_version, message_type, message_id || 'c', is_archived,
                global_position + 20000, created FROM emt_messages WHERE global_position < 1300 OR global_position > 5000;
             UPDATE emt_messages SET message_kind = 'C' WHERE global_position % 11 = 3;
             DELETE FROM emt_messages WHERE global_position % 7 = 2;",
        )
        .unwrap();
    path
}

fn scopes(log: &mut dyn EventLog) -> Vec<Scope> {
    let categories = log.categories().unwrap();
    let streams = fixtures::streams(log, 200, None);
    let largest = streams.iter().max_by_key(|stream| stream.events).unwrap();
    let first = streams.first().unwrap();
    let mut scopes = vec![Scope::Log, Scope::Stream(largest.stream.clone()), Scope::Stream(first.stream.clone())];
    scopes.extend(categories.into_iter().map(|category| Scope::Category(category.category)));
    scopes
}

/// The whole scope at once, by the largest pages.
fn whole(log: &mut dyn EventLog, scope: &Scope) -> Vec<Kept> {
    fixtures::all(log, scope, 1_024)
}

#[test]
fn pages_of_any_size_join_to_the_whole() {
    each(|name, log| {
        for scope in scopes(log) {
            let whole = whole(log, &scope);
            assert_eq!(whole.len() as u64, log.extent(&scope).unwrap(), "{name}: {scope:?}");
            for size in [1, 2, 7, 500] {
                if size == 1 && whole.len() > 700 {
                    continue;
                }
                assert!(fixtures::all(log, &scope, size) == whole, "{name}: {scope:?} by pages of {size}");
            }
        }
        let by_one: Vec<Kept> = fixtures::all(log, &Scope::Log, 1);
        assert!(by_one == whole(log, &Scope::Log), "{name}: one by one");
    });
}

#[test]
fn events_come_in_order_and_the_scopes_add_up() {
    each(|name, log| {
        let all = whole(log, &Scope::Log);
        assert!(all.is_sorted_by(|one, next| one.key < next.key), "{name}: by key");
        let mut by_stream: BTreeMap<&str, Vec<&Kept>> = BTreeMap::new();
        for event in &all {
            by_stream.entry(&event.stream).or_default().push(event);
        }
        let totals = log.totals().unwrap();
        assert_eq!(totals.events, all.len() as u64, "{name}");
        assert_eq!(totals.streams, by_stream.len() as u64, "{name}");
        for (stream, events) in &by_stream {
            let read = whole(log, &fixtures::stream(stream));
            let is_counted = read.iter().all(|event| event.version.is_some());
            assert!(
                !is_counted || read.is_sorted_by(|one, next| one.version < next.version),
                "{name}: {stream} by version"
            );
            assert!(read.iter().collect::<Vec<_>>() == *events, "{name}: {stream}");
            let info = log.stream(&StreamId::new(stream)).unwrap().unwrap();
            assert_eq!(info.events, events.len() as u64, "{name}: {stream}");
            assert_eq!(info.first_version, events[0].version, "{name}: {stream}");
            assert_eq!(info.last_version, events[events.len() - 1].version, "{name}: {stream}");
            assert_eq!(info.last_time, events[events.len() - 1].decoded.time, "{name}: {stream}");
        }
        let mut events = 0;
        for category in log.categories().unwrap() {
            let streams = fixtures::streams(log, 50, Some(&category.category));
            assert_eq!(streams.len() as u64, category.streams, "{name}: {}", category.category);
            assert!(streams.iter().all(|stream| stream.category == category.category), "{name}");
            let sum: u64 = streams.iter().map(|stream| stream.events).sum();
            let scope = Scope::Category(category.category.clone());
            assert_eq!(category.events, Some(sum), "{name}: {}", category.category);
            assert_eq!(log.extent(&scope).unwrap(), sum, "{name}: {}", category.category);
            let read = whole(log, &scope);
            assert_eq!(read.len() as u64, sum, "{name}: {}", category.category);
            assert!(read.is_sorted_by(|one, next| one.key < next.key), "{name}: {} by key", category.category);
            events += sum;
        }
        assert_eq!(events, totals.events, "{name}: categories cover the log");
    });
}

#[test]
fn a_place_leads_to_its_position() {
    each(|name, log| {
        for scope in scopes(log) {
            let whole = whole(log, &scope);
            let len = whole.len() as u64;
            for position in
                [0, 1, 2, len / 3, len / 2, MILESTONE_EVERY_EVENTS, 2_047, len.saturating_sub(1), len, len + 9]
            {
                let place = log.locate(&scope, position).unwrap();
                let position = position.min(len);
                assert!(place.position <= position, "{name}: {scope:?}");
                assert!(position - place.position <= 2 * MILESTONE_EVERY_EVENTS, "{name}: {scope:?}");
                let read = fixtures::from(log, &scope, place.resume, 300);
                let expected = &whole[usize::try_from(place.position).unwrap()..];
                assert!(read == expected, "{name}: {scope:?} at {position}");
            }
        }
    });
}

#[test]
fn an_instant_leads_to_its_position() {
    each(|name, log| {
        for scope in scopes(log) {
            let whole = whole(log, &scope);
            for (index, event) in whole.iter().enumerate().step_by(37) {
                let after = index as u64 + 1;
                let at = At::Seq(Seq::Number(event.key));
                assert_eq!(log.position_of(&scope, &at).unwrap(), after, "{name}: {scope:?} {at:?}");
                if matches!(scope, Scope::Stream(_)) {
                    let Some(version) = event.version else { continue };
                    let at = At::Version(version);
                    assert_eq!(log.position_of(&scope, &at).unwrap(), after, "{name}: {scope:?} {at:?}");
                }
            }
            let before_all = At::Seq(Seq::Number(whole[0].key - 1));
            assert_eq!(log.position_of(&scope, &before_all).unwrap(), 0, "{name}: {scope:?}");
            let after_all = At::Seq(Seq::Number(i64::MAX));
            assert_eq!(log.position_of(&scope, &after_all).unwrap(), whole.len() as u64, "{name}: {scope:?}");
            if scope == Scope::Log {
                assert!(log.position_of(&scope, &At::Version(1)).is_err(), "{name}: a version is of one stream");
            }
        }
    });
}

#[test]
fn a_time_leads_to_its_position() {
    each(|name, log| {
        if name.contains("gaps") {
            // Its copies were made with the times of the originals: time goes backwards in it.
            return;
        }
        for scope in scopes(log) {
            let whole = whole(log, &scope);
            for event in whole.iter().step_by(53) {
                let Some(time) = event.decoded.time else { continue };
                let expected = whole.iter().filter(|event| event.decoded.time.unwrap() <= time).count() as u64;
                assert_eq!(log.position_of(&scope, &At::Time(time)).unwrap(), expected, "{name}: {scope:?} {time}");
            }
            if whole[0].decoded.time.is_some() {
                assert_eq!(log.position_of(&scope, &At::Time(Time(0))).unwrap(), 0, "{name}: {scope:?}");
            }
        }
    });
}

#[test]
fn pages_of_streams_join_and_filters_leave_out() {
    each(|name, log| {
        let all = fixtures::streams(log, 200, None);
        assert!(all.is_sorted_by(|one, next| one.stream < next.stream), "{name}: by name, each once");
        for limit in [1, 3, 1_000] {
            assert_eq!(fixtures::streams(log, limit, None), all, "{name}: by {limit}");
        }
        let text = all[all.len() / 2].stream.as_str().chars().skip(3).take(5).collect::<String>();
        let upper = text.to_uppercase();
        let found = log.streams(&StreamPage { contains: Some(upper), limit: 1_000, ..StreamPage::default() }).unwrap();
        let expected: Vec<_> = all
            .iter()
            .filter(|info| info.stream.as_str().to_lowercase().contains(&text.to_lowercase()))
            .cloned()
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(found, expected, "{name}: contains {text}");
        assert_eq!(fixtures::streams(log, 10, Some("no such category")), [], "{name}");
    });
}

#[test]
fn growth_adds_up_to_the_whole() {
    each(|name, log| {
        let all = whole(log, &Scope::Log);
        assert!((all.len() as u64) < GROWTH_EVENTS_MAX);
        let grown = log.growth(&Resume::Start).unwrap();
        assert_eq!(grown.events, all.len() as u64, "{name}");
        assert_eq!(grown.next, log.end().unwrap(), "{name}");
        assert!(grown.by_type.is_sorted_by(|one, next| one.1 >= next.1), "{name}: the most frequent first");
        let (mut events, mut bytes, mut types) = (0, 0, BTreeMap::new());
        let cut = Resume::After(Seq::Number(all[all.len() / 2].key));
        let (first, rest) = (all.len() / 2 + 1, log.growth(&cut).unwrap());
        assert_eq!(rest.events, (all.len() - first) as u64, "{name}");
        let mut batch = EventBatch::new();
        let mut from = Resume::Start;
        loop {
            let end = log.read(&Scope::Log, &from, 100, &mut batch).unwrap();
            for event in batch.iter() {
                events += 1;
                bytes += (event.data.len() + event.metadata.map_or(0, <[u8]>::len)) as u64;
                *types.entry(event.event_type.to_owned()).or_insert(0_u64) += 1;
            }
            from = end.next;
            if end.at_end {
                break;
            }
        }
        assert_eq!((grown.events, grown.bytes), (events, bytes), "{name}");
        let by_type: BTreeMap<String, u64> =
            grown.by_type.iter().map(|(name, count)| (name.to_string(), *count)).collect();
        assert_eq!(by_type, types, "{name}");
        let nothing = log.growth(&grown.next).unwrap();
        assert_eq!((nothing.events, nothing.next), (0, grown.next), "{name}");
    });
}

#[test]
fn the_head_is_the_newest_event() {
    each(|name, log| {
        let last = whole(log, &Scope::Log).last().map(|event| Seq::Number(event.key));
        for _ in 0..3 {
            let head = log.head().unwrap();
            assert_eq!((head.last, head.epoch), (last, 0), "{name}");
        }
        let keys: BTreeSet<i64> = whole(log, &Scope::Log).iter().map(|event| event.key).collect();
        assert_eq!(keys.len() as u64, log.extent(&Scope::Log).unwrap(), "{name}: each event once");
    });
}

#[test]
fn a_page_ends_by_bytes_and_holds_at_least_one_event() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    let mut store = Store::create(&path).unwrap();
    let large = |number: i64| event("Large", number, format!("\"{}\"", "x".repeat(PAGE_BYTES_MAX * 2 / 3)));
    store.append(&StreamId::new("large-1"), Expected::None, &(0..5).map(large).collect::<Vec<_>>()).unwrap();
    drop(store);
    let mut log = fixtures::open(&path);
    for scope in [Scope::Log, fixtures::stream("large-1"), Scope::Category("large".into())] {
        let mut batch = EventBatch::new();
        let end = log.read(&scope, &Resume::Start, 100, &mut batch).unwrap();
        assert_eq!((batch.len(), end.at_end), (2, false), "{scope:?}");
        assert_eq!(whole(log.as_mut(), &scope).len(), 5, "{scope:?}");
    }
}

#[test]
fn events_of_one_version_are_each_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE happenings (place INTEGER PRIMARY KEY, thing TEXT, number INTEGER, what TEXT, body TEXT);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
             INSERT INTO happenings SELECT i, 'twice', (i + 2) / 3, 'Happened', json_object('i', i) FROM n;",
        )
        .unwrap();
    drop(writer);
    std::fs::write(
        folder.path().join("eventscope.toml"),
        "[mapping]\ntable = \"happenings\"\nstream = \"thing\"\nversion = \"number\"\ntype = \"what\"\npayload = \"body\"\n",
    )
    .unwrap();
    let mut log = fixtures::open(&path);
    let scope = fixtures::stream("twice");
    let versions = |events: &[Kept]| events.iter().map(|event| event.version.unwrap()).collect::<Vec<_>>();
    for size in [1, 2, 3, 4, 5, 100] {
        let read = fixtures::all(log.as_mut(), &scope, size);
        assert_eq!(versions(&read), [1, 1, 1, 2, 2, 2, 3, 3, 3], "by pages of {size}");
        assert!(read == whole(log.as_mut(), &scope));
    }
    assert_eq!(log.extent(&scope).unwrap(), 9);
    assert_eq!(log.position_of(&scope, &At::Version(2)).unwrap(), 6);
}
