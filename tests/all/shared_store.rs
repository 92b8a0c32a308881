//! The store of many threads: what is acknowledged is kept, a conflict is one's own, and a poll misses nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use eventscope::error::Error;
use eventscope::event::StreamId;
use eventscope::store::native::{Append, Durability, Expected, NewEvent, NewSnapshot, SharedStore, Store};
use rusqlite::Connection;
use serde_json::json;

use super::fixtures;

fn event(data: &str) -> NewEvent {
    NewEvent::new("Counted", data)
}

fn stream(name: &str) -> StreamId {
    StreamId::new(name)
}

fn assert_clean(path: &std::path::Path) {
    let mut found = Vec::new();
    let summary =
        eventscope::store::verify::verify(fixtures::open(path).as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, []);
    assert_eq!(summary.sealed, summary.events, "a closed store has sealed everything");
}

#[test]
fn what_many_threads_append_is_kept_and_polled_in_order() {
    const THREADS: usize = 16;
    const EACH: i64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::create(&path).unwrap();
    store.set_durability(Durability::Normal).unwrap();
    let shared = SharedStore::new(store).unwrap();
    let is_over = AtomicBool::new(false);
    let polled = std::thread::scope(|scope| {
        let (path, is_over) = (&path, &is_over);
        let poller = scope.spawn(move || {
            let mut reader = Store::open(path).unwrap();
            let mut subscription = reader.subscribe(0);
            let mut polled = Vec::new();
            loop {
                let was_over = is_over.load(Ordering::Acquire);
                let events = subscription.poll(&mut reader, 7).unwrap();
                if events.is_empty() && was_over {
                    return polled;
                }
                polled.extend(events.into_iter().map(|event| event.position));
            }
        });
        let writers: Vec<_> = (0..THREADS)
            .map(|number| {
                let shared = shared.clone();
                scope.spawn(move || {
                    let own = stream(&format!("s-{number}"));
                    for version in 0..EACH {
                        let appended = shared.append(&own, Expected::Version(version), &[event("1")]).unwrap();
                        assert_eq!(appended.last_version, version + 1);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, Ordering::Release);
        poller.join().unwrap()
    });
    let all: Vec<i64> = (1..=i64::try_from(THREADS).unwrap() * EACH).collect();
    assert_eq!(polled, all);
    drop(shared);
    assert_clean(&path);
}

/// One group appends what is for one stream together; everybody is told their own places.
#[test]
fn who_appends_to_the_same_stream_is_told_their_own_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let shared = SharedStore::new(Store::create(&path).unwrap()).unwrap();
    // Whoever comes while the lock is held stands in one group.
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = std::thread::scope(|scope| {
        let appends: Vec<_> = (0..40_i64)
            .map(|number| {
                let shared = shared.clone();
                scope.spawn(move || {
                    let events: Vec<_> = (0..=number % 3).map(|part| event(&format!("[{number},{part}]"))).collect();
                    (number, shared.append(&stream(&format!("s-{}", number % 2)), Expected::Any, &events).unwrap())
                })
            })
            .collect();
        holder.execute_batch("COMMIT").unwrap();
        appends.into_iter().map(|append| append.join().unwrap()).collect::<Vec<_>>()
    });
    drop((shared, holder));
    let kept = Store::open(&path).unwrap().read_all(0, 1_000).unwrap();
    assert_eq!(kept.len(), (0..40).map(|number| number % 3 + 1).sum::<usize>());
    for (number, appended) in told {
        let places = (appended.first_position..=appended.last_position).zip(appended.first_version..);
        assert_eq!(appended.last_version - appended.first_version, number % 3, "{appended:?}");
        for (part, (position, version)) in places.enumerate() {
            let event = &kept[usize::try_from(position - 1).unwrap()];
            assert_eq!((event.position, event.version, &event.stream), (position, version, &appended.stream));
            assert_eq!(event.data, format!("[{number},{part}]").as_bytes());
        }
    }
    assert_clean(&path);
}

#[test]
fn of_a_group_only_what_is_refused_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let shared = SharedStore::new(Store::create(&path).unwrap()).unwrap();
    // Whoever comes while the lock is held stands in one group.
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (kept, refused) = std::thread::scope(|scope| {
        let appends: Vec<_> = (0..24)
            .map(|number| {
                let shared = shared.clone();
                scope.spawn(move || match number % 4 {
                    0 => shared.append(&stream(&format!("own-{number}")), Expected::None, &[event("1"), event("2")]),
                    1 => shared.append(&stream("contended"), Expected::None, &[event("1")]),
                    2 => shared.append(&stream("never"), Expected::Version(7), &[event("1")]),
                    _ => {
                        let good = Append { stream: stream("half"), expected: Expected::Any, events: vec![event("1")] };
                        let bad = Append { expected: Expected::Version(9), stream: stream("bad"), ..good.clone() };
                        shared.append_all(vec![good, bad]).map(|mut appended| appended.remove(0))
                    }
                })
            })
            .collect();
        holder.execute_batch("COMMIT").unwrap();
        let answers: Vec<_> = appends.into_iter().map(|append| append.join().unwrap()).collect();
        answers.into_iter().partition::<Vec<_>, _>(Result::is_ok)
    });
    assert_eq!((kept.len(), refused.len()), (7, 17));
    assert!(refused.iter().all(|answer| matches!(answer, Err(Error::Conflict(_)))));
    let events: i64 = holder.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!(events, 13);
    let half: i64 = holder
        .query_row("SELECT count(*) FROM streams WHERE name IN ('half', 'bad', 'never')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(half, 0, "a refused append leaves nothing, not even its stream");
    drop((holder, shared));
    assert_clean(&path);
}

#[test]
fn snapshots_are_kept_compressed_and_the_policy_knows_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::create(&path).unwrap();
    for (name, count) in [("a", 25), ("b", 9), ("c", 10)] {
        store.append(&stream(name), Expected::None, &vec![event("1"); count]).unwrap();
    }
    let due = store.snapshots_due(10, "auto", None, 100).unwrap();
    assert_eq!(due, [(stream("a"), 20), (stream("c"), 10)]);
    let shared = SharedStore::new(store).unwrap();
    let large = json!({"text": "many words ".repeat(1_000)});
    let snapshot = NewSnapshot {
        stream: stream("a"),
        version: 20,
        name: None,
        reducer: "auto".to_owned(),
        event_hash: None,
        state: large.clone(),
    };
    shared.snapshot(snapshot.clone()).unwrap();
    assert!(matches!(shared.snapshot(NewSnapshot { version: 26, ..snapshot }), Err(Error::Input(_))));
    drop(shared);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.snapshots_due(10, "auto", None, 100).unwrap(), [(stream("c"), 10)]);
    assert_eq!(store.snapshots_due(10, "other", None, 1).unwrap(), [(stream("a"), 20)]);
    assert!(store.snapshots_due(0, "auto", None, 1).is_err());
    drop(store);
    let kept = fixtures::open(&path).snapshots(None).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].state, Ok(large));
    assert!(kept[0].bytes < 1_000, "{} bytes of 11,000", kept[0].bytes);
}

#[test]
fn a_store_reads_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&folder.path().join("log.db")).unwrap();
    for (name, data) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")] {
        store.append(&stream(name), Expected::Any, &[event(data)]).unwrap();
    }
    let of_a = store.read_stream(&stream("a"), 1, 10).unwrap();
    let seen: Vec<_> = of_a.iter().map(|event| (event.position, event.version, event.data.as_slice())).collect();
    assert_eq!(seen, [(3, 2, &b"3"[..]), (4, 3, &b"4"[..])]);
    assert_eq!(store.read_stream(&stream("nobody"), 0, 10).unwrap(), []);
    assert_eq!(store.read_all(1, 2).unwrap().iter().map(|event| event.position).collect::<Vec<_>>(), [2, 3]);
}
