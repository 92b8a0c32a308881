//! The native log: append-only whoever writes, all or nothing, and the same append twice.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eventscope::error::Error;
use eventscope::event::{StreamId, Time};
use eventscope::store::sqlite::companion::Companion;
use eventscope::store::sqlite::native::{Append, Appended, Expected, NewEvent, NewSnapshot, Store};
use rusqlite::Connection;
use serde_json::json;

fn event(event_type: &str, data: &str) -> NewEvent {
    NewEvent { id: None, event_type: event_type.to_owned(), time: None, data: data.as_bytes().to_vec(), metadata: None }
}

fn event_with_id(id: &str, data: &str) -> NewEvent {
    NewEvent { id: Some(id.to_owned()), ..event("Counted", data) }
}

fn stream(name: &str) -> StreamId {
    StreamId::new(name)
}

/// A folder for one test, and the path of a log in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    (folder, path)
}

/// A log with two streams, three events and one snapshot.
fn small_log(path: &Path) {
    let mut store = Store::create(path).unwrap();
    store
        .append(&stream("cart-1"), Expected::None, &[event("Opened", "{\"n\":1}"), event("Filled", "{\"n\":2}")])
        .unwrap();
    store.append(&stream("cart-2"), Expected::None, &[event("Opened", "{\"n\":3}")]).unwrap();
    let state = json!({"n": 2});
    let reducer = "auto:1".to_owned();
    let kept =
        NewSnapshot { stream: stream("cart-1"), version: 2, name: None, reducer, event_hash: Some([7; 32]), state };
    store.snapshot(&kept).unwrap();
}

/// All that the log holds, as text: two logs with the same text are the same log.
fn contents(connection: &Connection) -> Vec<String> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT position || ' ' || stream || ' ' || version || ' ' || type || ' ' || id || ' ' || data FROM event_log ORDER BY position",
        "SELECT name || ' ' || events || ' ' || last_version || ' ' || last_position || ' ' || coalesce(last_time, '-') FROM streams ORDER BY name",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let found = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

fn contents_of(path: &Path) -> Vec<String> {
    contents(&Connection::open(path).unwrap())
}

fn events_in(path: &Path) -> i64 {
    Connection::open(path).unwrap().query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
}

#[test]
fn no_client_can_change_history() {
    let (_folder, path) = place();
    small_log(&path);
    let client = Connection::open(&path).unwrap();
    let before = contents(&client);
    for sql in [
        "UPDATE events SET data = '{}'",
        "UPDATE events SET type = 'Other' WHERE position = 1",
        "UPDATE events SET version = version + 1",
        "UPDATE OR REPLACE events SET position = 2 WHERE position = 1",
        "UPDATE OR IGNORE events SET id = 'x' WHERE position = 1",
        "DELETE FROM events",
        "DELETE FROM events WHERE position = 3",
        "INSERT OR REPLACE INTO events (position, stream_id, version, type, time, id, data) VALUES (1, 1, 1, 'Evil', 0, 'evil', '{}')",
        "REPLACE INTO events (stream_id, version, type, time, id, data) VALUES (1, 2, 'Evil', 0, 'evil', '{}')",
        "REPLACE INTO events (stream_id, version, type, time, id, data) SELECT 1, 3, 'Evil', 0, id, '{}' FROM events WHERE position = 1",
        "INSERT INTO events (position, stream_id, version, type, time, id, data) VALUES (1, 1, 3, 'Evil', 0, 'evil', '{}') ON CONFLICT DO UPDATE SET data = '[]'",
        "INSERT INTO events (position, stream_id, version, type, time, id, data) VALUES (9, 1, 3, 'Gap', 0, 'gap', '{}')",
        "INSERT INTO events (position, stream_id, version, type, time, id, data) VALUES (-1, 1, 3, 'Gap', 0, 'gap', '{}')",
        "INSERT INTO events (stream_id, version, type, time, id, data) VALUES (1, 4, 'Gap', 0, 'gap', '{}')",
        "INSERT INTO events (stream_id, version, type, time, id, data) VALUES (99, 1, 'Lost', 0, 'lost', '{}')",
        "INSERT INTO event_log (stream, type, data, version) VALUES ('cart-1', 'Gap', '{}', 5)",
        "INSERT INTO event_log (stream, type, data, version) VALUES ('cart-1', 'Again', '{}', 2)",
        "INSERT INTO event_log (stream, type, data, time) VALUES ('cart-1', 'When', '{}', 'yesterday')",
        "INSERT INTO event_log (stream, type, data) VALUES ('', 'Nameless', '{}')",
        "INSERT INTO event_log (stream, type, data) VALUES ('cart-1', '', '{}')",
        "INSERT INTO event_log (stream, type, data) VALUES ('cart-1', 'Empty', NULL)",
        "DELETE FROM streams",
        "UPDATE streams SET name = 'other' WHERE stream_id = 1",
        "UPDATE streams SET stream_id = 7 WHERE stream_id = 1",
        "UPDATE streams SET events = 100",
        "UPDATE streams SET last_version = last_version + 1, events = events + 1",
        "UPDATE streams SET last_position = 0",
        "INSERT OR REPLACE INTO streams (stream_id, name) VALUES (1, 'other')",
        "INSERT INTO streams (name, last_version) VALUES ('ahead', 5)",
        "DELETE FROM event_log",
        "UPDATE event_log SET data = '{}'",
    ] {
        assert!(client.execute(sql, []).is_err(), "the database let this happen: {sql}");
        assert_eq!(contents(&client), before, "after: {sql}");
    }
}

#[test]
fn plain_sql_appends_through_the_view() {
    let (_folder, path) = place();
    small_log(&path);
    let client = Connection::open(&path).unwrap();
    let started = Time::now().0 / 1_000 * 1_000;
    client.execute("INSERT INTO event_log (stream, type, data) VALUES ('cart-1', 'Paid', '{\"n\":4}')", []).unwrap();
    client
        .execute(
            "INSERT INTO event_log (stream, type, data, metadata, version, time, id)
             VALUES ('order-1', 'Placed', '{}', '{\"by\":\"sql\"}', 1, 1000, 'my-id')",
            [],
        )
        .unwrap();
    let (version, time, id): (i64, i64, String) = client
        .query_row("SELECT version, time, id FROM event_log WHERE position = 4", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(version, 3);
    assert!((started - 1_000_000..=Time::now().0 + 1_000_000).contains(&time), "{time} is not now");
    assert_eq!(id.len(), 36, "{id}");
    let totals: (i64, i64, i64, i64, String) = client
        .query_row(
            "SELECT events, last_version, last_position, last_time, category FROM streams WHERE name = 'order-1'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .unwrap();
    assert_eq!(totals, (1, 1, 5, 1_000, "order".to_owned()));
    // The store goes on where the other program stopped.
    let mut store = Store::open(&path).unwrap();
    let appended = store.append(&stream("cart-1"), Expected::Version(3), &[event("Sent", "{}")]).unwrap();
    assert_eq!((appended.first_version, appended.first_position), (4, 6));
}

#[test]
fn versions_and_positions_count_from_one_without_gaps() {
    let (_folder, path) = place();
    let mut store = Store::create(&path).unwrap();
    let first = store.append(&stream("a"), Expected::None, &[event("X", "1"), event("X", "2")]).unwrap();
    assert_eq!(
        first,
        Appended {
            stream: stream("a"),
            first_version: 1,
            last_version: 2,
            first_position: 1,
            last_position: 2,
            repeated: false
        }
    );
    let all = store
        .append_all(&[
            Append { stream: stream("b"), expected: Expected::Version(0), events: vec![event("X", "3")] },
            Append { stream: stream("a"), expected: Expected::Version(2), events: vec![event("X", "4")] },
            Append { stream: stream("b"), expected: Expected::Version(1), events: vec![event("X", "5")] },
        ])
        .unwrap();
    let places: Vec<_> = all.iter().map(|one| (one.last_version, one.last_position)).collect();
    assert_eq!(places, [(1, 3), (3, 4), (2, 5)]);
}

#[test]
fn a_conflict_keeps_nothing_of_the_batch() {
    let (_folder, path) = place();
    small_log(&path);
    let before = contents_of(&path);
    let mut store = Store::open(&path).unwrap();
    let cases = [
        (stream("cart-1"), Expected::Version(1), "stream \"cart-1\" is at version 2, not 1: nothing was appended"),
        (
            stream("cart-1"),
            Expected::None,
            "stream \"cart-1\" already has events, up to version 2: nothing was appended",
        ),
        (
            stream("new"),
            Expected::Version(3),
            "stream \"new\" has no events, so it is not at version 3: nothing was appended",
        ),
    ];
    for (name, expected, message) in cases {
        let good = Append { stream: stream("cart-9"), expected: Expected::Any, events: vec![event("Fine", "{}")] };
        let bad = Append { stream: name, expected, events: vec![event("Late", "{}")] };
        let error = store.append_all(&[good, bad]).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        assert_eq!(error.to_string(), message);
        assert_eq!(contents_of(&path), before);
    }
}

#[test]
fn the_same_ids_again_are_the_same_append() {
    let (_folder, path) = place();
    let mut store = Store::create(&path).unwrap();
    let events = [event_with_id("one", "{\"a\":1,\"b\":2}"), event_with_id("two", "{}")];
    store.append(&stream("c"), Expected::None, &[event("Earlier", "{}")]).unwrap();
    let first = store.append(&stream("c"), Expected::Version(1), &events).unwrap();
    store.append(&stream("c"), Expected::Any, &[event("Later", "{}")]).unwrap();
    let again = store.append(&stream("c"), Expected::Version(1), &events).unwrap();
    assert_eq!(again, Appended { repeated: true, ..first });
    // The same content in other words is the same content.
    let reworded = [event_with_id("one", "{ \"b\": 2, \"a\": 1 }"), event_with_id("two", "{}")];
    assert!(store.append(&stream("c"), Expected::None, &reworded).unwrap().repeated);
    assert_eq!(events_in(&path), 4);
}

#[test]
fn an_id_that_stands_for_something_else_is_a_conflict() {
    let (_folder, path) = place();
    let mut store = Store::create(&path).unwrap();
    store.append(&stream("c"), Expected::None, &[event_with_id("one", "1"), event_with_id("two", "2")]).unwrap();
    let before = contents_of(&path);
    let other_type = NewEvent { event_type: "Other".to_owned(), ..event_with_id("one", "1") };
    let other_time = NewEvent { time: Some(Time(5)), ..event_with_id("one", "1") };
    let with_metadata = NewEvent { metadata: Some(b"{}".to_vec()), ..event_with_id("one", "1") };
    let refused = [
        ("another stream", "d", vec![event_with_id("one", "1")]),
        ("other data", "c", vec![event_with_id("one", "9")]),
        ("another type", "c", vec![other_type]),
        ("another time", "c", vec![other_time]),
        ("other metadata", "c", vec![with_metadata]),
        ("only some known", "c", vec![event_with_id("two", "2"), event_with_id("three", "3")]),
        ("some without id", "c", vec![event_with_id("two", "2"), event("Counted", "3")]),
        ("another order", "c", vec![event_with_id("two", "2"), event_with_id("one", "1")]),
        ("twice in one append", "c", vec![event_with_id("three", "3"), event_with_id("three", "3")]),
    ];
    for (what, name, events) in refused {
        let error = store.append(&stream(name), Expected::Any, &events).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{what}: {error:?}");
        assert_eq!(contents_of(&path), before, "{what}");
    }
}

#[test]
fn what_is_no_event_is_refused_before_the_log_is_touched() {
    let (_folder, path) = place();
    let mut store = Store::create(&path).unwrap();
    let long = "x".repeat(4_097);
    let deep = format!("{}{}", "[".repeat(1_001), "]".repeat(1_001));
    let refused: Vec<(&str, StreamId, Vec<NewEvent>)> = vec![
        ("no events", stream("a"), vec![]),
        ("an empty stream", stream(""), vec![event("T", "1")]),
        ("a long stream", stream(&long), vec![event("T", "1")]),
        ("a NUL", stream("a\0b"), vec![event("T", "1")]),
        ("an empty type", stream("a"), vec![event("", "1")]),
        ("a long type", stream("a"), vec![event(&long, "1")]),
        ("an empty id", stream("a"), vec![event_with_id("", "1")]),
        ("no JSON", stream("a"), vec![event("T", "{not json}")]),
        ("empty data", stream("a"), vec![event("T", "")]),
        ("two values", stream("a"), vec![event("T", "1 2")]),
        ("half a character", stream("a"), vec![event("T", "\"\\ud800\"")]),
        ("too deep", stream("a"), vec![event("T", &deep)]),
        ("no UTF-8", stream("a"), vec![NewEvent { data: vec![b'"', 0xff, b'"'], ..event("T", "") }]),
        ("bad metadata", stream("a"), vec![NewEvent { metadata: Some(b"{".to_vec()), ..event("T", "1") }]),
        ("one bad among good", stream("a"), vec![event("T", "1"), event("T", "{")]),
    ];
    for (what, name, events) in refused {
        let error = store.append(&name, Expected::Any, &events).unwrap_err();
        assert!(matches!(error, Error::Input(_)), "{what}: {error:?}");
    }
    assert_eq!(events_in(&path), 0);
    // At the limits everything is kept, digit by digit.
    let deep = format!("{}\"\\u0041\"{}", "[".repeat(1_000), "]".repeat(1_000));
    let exact = "{\"n\":123456789012345678901234567890.10,\"s\":\"\\ud83d\\ude00 \\\"[{\"}";
    store.append(&stream(&long[..4_096]), Expected::None, &[event("T", &deep), event("T", exact)]).unwrap();
    let kept: String = Connection::open(&path)
        .unwrap()
        .query_row("SELECT data FROM events WHERE position = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, exact);
}

#[test]
fn create_overwrites_nothing() {
    let (folder, path) = place();
    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(Store::create(&path), Err(Error::Open(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    assert!(matches!(Store::create(folder.path()), Err(Error::Open(_))));
    assert!(matches!(Store::create(&folder.path().join("no/such/folder.db")), Err(Error::Open(_))));

    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    drop(Store::create(&empty).unwrap());
    let error = Store::create(&empty).err().unwrap().to_string();
    assert!(error.starts_with("cannot open log: the file already exists"), "{error}");

    // What another database left beside the name belongs to somebody.
    let next = folder.path().join("next.db");
    let left = folder.path().join("next.db-wal");
    std::fs::write(&left, "their events").unwrap();
    assert!(matches!(Store::create(&next), Err(Error::Open(_))));
    assert_eq!(std::fs::read(&left).unwrap(), b"their events");
    assert!(!next.exists());
}

#[test]
fn a_file_that_is_no_native_log_is_refused_and_untouched() {
    let (folder, path) = place();
    let missing = Store::open(&path).err().unwrap().to_string();
    assert!(missing.starts_with("cannot open log: there is no file"), "{missing}");
    assert!(!path.exists());
    assert!(matches!(Store::open(folder.path()), Err(Error::Open(_))));

    std::fs::write(&path, "").unwrap();
    assert!(Store::open(&path).err().unwrap().to_string().contains("empty"));
    std::fs::write(&path, "not a database at all, but long enough to look like one".repeat(10)).unwrap();
    assert!(Store::open(&path).err().unwrap().to_string().contains("no SQLite database"));
    assert!(matches!(Store::open_or_create(&path), Err(Error::Open(_))));

    let foreign = folder.path().join("foreign.db");
    let owner = Connection::open(&foreign).unwrap();
    owner.pragma_update(None, "journal_mode", "WAL").unwrap();
    owner.execute_batch("CREATE TABLE emt_messages (stream_id TEXT); INSERT INTO emt_messages VALUES ('x')").unwrap();
    drop(owner);
    let before = std::fs::read(&foreign).unwrap();
    for opened in [Store::open(&foreign), Store::open_or_create(&foreign), Store::create(&foreign)] {
        assert!(matches!(opened, Err(Error::Open(_))));
    }
    let whose = Store::open(&foreign).err().unwrap().to_string();
    assert!(whose.contains("never writes to a file that it did not create"), "{whose}");
    assert_eq!(std::fs::read(&foreign).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no file was left beside it");
}

#[test]
fn a_log_of_a_newer_eventscope_is_refused() {
    let (_folder, path) = place();
    small_log(&path);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let error = Store::open(&path).err().unwrap();
    assert!(matches!(error, Error::Open(_)));
    assert!(error.to_string().contains("schema version is 2, and this Eventscope knows 1"), "{error}");
}

#[test]
fn two_writers_at_once_lose_nothing() {
    const EACH: i64 = 200;
    let (_folder, path) = place();
    drop(Store::create(&path).unwrap());
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let path = path.clone();
            std::thread::Builder::new()
                .name(format!("writer-{writer}"))
                .spawn(move || {
                    let mut store = Store::open(&path).unwrap();
                    let mut conflicts = 0;
                    let mut version = 0;
                    for n in 0..EACH {
                        // One stream of its own, and one that both want.
                        store
                            .append(&stream(&format!("own-{writer}")), Expected::Version(n), &[event("N", "1")])
                            .unwrap();
                        let shared = [event("S", &n.to_string())];
                        while let Err(error) = store.append(&stream("shared"), Expected::Version(version), &shared) {
                            assert!(matches!(error, Error::Conflict(_)), "{error:?}");
                            conflicts += 1;
                            version += 1;
                        }
                        version += 1;
                    }
                    conflicts
                })
                .unwrap()
        })
        .collect();
    let conflicts: Vec<i64> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    let client = Connection::open(&path).unwrap();
    let rows: (i64, i64, i64) = client
        .query_row("SELECT count(*), max(position), count(DISTINCT id) FROM events", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(rows, (EACH * 4, EACH * 4, EACH * 4));
    let shared: i64 =
        client.query_row("SELECT last_version FROM streams WHERE name = 'shared'", [], |row| row.get(0)).unwrap();
    assert_eq!(shared, EACH * 2);
    assert!(conflicts.iter().all(|count| *count <= EACH), "{conflicts:?}");
}

#[test]
fn two_creators_at_once_make_one_log() {
    for _ in 0..10 {
        let (_folder, path) = place();
        let creators: Vec<_> = (0..2)
            .map(|n| {
                let path = path.clone();
                std::thread::Builder::new()
                    .name(format!("creator-{n}"))
                    .spawn(move || {
                        let mut store = Store::open_or_create(&path).unwrap();
                        store.append(&stream(&format!("s-{n}")), Expected::None, &[event("Made", "1")]).unwrap();
                    })
                    .unwrap()
            })
            .collect();
        for creator in creators {
            creator.join().unwrap();
        }
        assert_eq!(events_in(&path), 2);
    }
}

#[test]
fn a_lock_that_stays_is_reported_within_the_bound() {
    let (_folder, path) = place();
    let mut store = Store::create(&path).unwrap();
    store.wait_for_locks(Duration::from_millis(100)).unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let error = store.append(&stream("a"), Expected::Any, &[event("T", "1")]).unwrap_err();
    let waited = started.elapsed();
    assert!(error.is_busy(), "{error:?}");
    assert!(error.to_string().contains("another program holds a lock"), "{error}");
    assert!(waited >= Duration::from_millis(90) && waited < Duration::from_secs(4), "waited {waited:?}");
    holder.execute_batch("ROLLBACK").unwrap();
    store.append(&stream("a"), Expected::None, &[event("T", "1")]).unwrap();
}

#[test]
fn a_snapshot_stands_after_a_version_that_exists() {
    let (_folder, path) = place();
    small_log(&path);
    let mut store = Store::open(&path).unwrap();
    let snapshot = |name: &str, version| NewSnapshot {
        stream: stream(name),
        version,
        name: Some("before the fix".to_owned()),
        reducer: "auto:1".to_owned(),
        event_hash: None,
        state: json!({"n": 1}),
    };
    store.snapshot(&snapshot("cart-1", 1)).unwrap();
    for (name, version) in [("cart-1", 3), ("cart-1", 0), ("cart-1", -1), ("nobody", 1)] {
        let error = store.snapshot(&snapshot(name, version)).unwrap_err();
        assert!(matches!(error, Error::Input(_)), "{name} {version}: {error:?}");
    }
    let kept: Vec<(i64, Option<String>, String)> = {
        let client = Connection::open(&path).unwrap();
        let mut statement = client.prepare("SELECT version, name, state FROM snapshots ORDER BY snapshot_id").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let expected = [(2, None, "{\"n\":2}".to_owned()), (1, Some("before the fix".to_owned()), "{\"n\":1}".to_owned())];
    assert_eq!(kept, expected);
}

#[test]
fn a_companion_is_made_only_when_something_is_kept() {
    let (folder, log) = place();
    let data = folder.path().join("data");
    std::fs::write(&log, "somebody's log").unwrap();
    assert!(Companion::open_in(&data, &log).unwrap().is_none());
    assert!(!data.exists());

    let snapshot = |name: &str, version| NewSnapshot {
        stream: stream(name),
        version,
        name: None,
        reducer: "auto:1".to_owned(),
        event_hash: Some([9; 32]),
        state: json!({"version": version}),
    };
    let mut companion = Companion::create_in(&data, &log).unwrap();
    for (name, version) in [("b", 7), ("a", 12), ("a", 3)] {
        companion.keep_snapshot(&snapshot(name, version)).unwrap();
    }
    assert!(matches!(companion.keep_snapshot(&snapshot("", 1)), Err(Error::Input(_))));
    let file = companion.path().to_owned();
    drop(companion);
    assert!(file.starts_with(data.join("companions")));
    assert!(file.file_name().unwrap().to_str().unwrap().starts_with("log.db-"), "{}", file.display());

    // Found again by the real path, whatever way it is named.
    let another_way = folder.path().join(".").join("data").join("..").join("log.db");
    let mut reader = Companion::open_in(&data, &another_way).unwrap().unwrap();
    assert_eq!(reader.path(), file);
    let all: Vec<_> = reader.snapshots(None).unwrap().iter().map(|one| (one.stream.to_string(), one.version)).collect();
    assert_eq!(all, [("a".to_owned(), 3), ("a".to_owned(), 12), ("b".to_owned(), 7)]);
    let of_b = reader.snapshots(Some(&stream("b"))).unwrap();
    assert_eq!(of_b.len(), 1);
    assert_eq!(of_b[0].state, Ok(json!({"version": 7})));
    assert_eq!((of_b[0].event_hash, of_b[0].reducer.as_deref()), (Some([9; 32]), Some("auto:1")));
    assert!(matches!(reader.keep_snapshot(&snapshot("c", 1)), Err(Error::Unsupported(_))));

    let other_log = folder.path().join("other.db");
    std::fs::write(&other_log, "another log").unwrap();
    assert!(Companion::open_in(&data, &other_log).unwrap().is_none());
    assert_eq!(std::fs::read(&log).unwrap(), b"somebody's log");
    assert!(matches!(Companion::open_in(&data, &folder.path().join("none.db")), Err(Error::Open(_))));
}

/// POSIX drops all locks of a process on a file when the process closes it anywhere: a second look at a log must not
/// take the locks of its writer away.
#[cfg(target_os = "linux")]
#[test]
fn a_second_store_or_reader_does_not_drop_the_locks_of_the_first() {
    use std::os::unix::fs::MetadataExt;
    let (_folder, path) = place();
    let mut first = Store::create(&path).unwrap();
    first.append(&stream("a"), Expected::None, &[event("T", "1")]).unwrap();
    let inode = format!(":{} ", std::fs::metadata(&path).unwrap().ino());
    let locks = || std::fs::read_to_string("/proc/locks").unwrap().lines().filter(|line| line.contains(&inode)).count();
    assert!(locks() > 0, "a writer in WAL mode holds a lock on the file");
    drop(Store::open(&path).unwrap());
    assert!(locks() > 0, "after a second store");
    drop(Store::open_or_create(&path).unwrap());
    assert!(matches!(Store::create(&path), Err(Error::Open(_))));
    assert!(locks() > 0, "after a creation that was refused");
    drop(super::fixtures::open(&path));
    assert!(locks() > 0, "after a reader");
    drop(first);
    assert_eq!(locks(), 0);
}

#[test]
fn a_plain_sql_event_of_the_same_millisecond_is_not_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(Store::create(&path).unwrap());
    let mut plain = rusqlite::Connection::open(&path).unwrap();
    let transaction = plain.transaction().unwrap();
    for _ in 0..200 {
        let exact = "INSERT INTO event_log (stream, type, time, data) VALUES ('s', 'T', ?1, '{}')";
        transaction.execute(exact, [Time::now().0]).unwrap();
        transaction.execute("INSERT INTO event_log (stream, type, data) VALUES ('s', 'T', '{}')", []).unwrap();
    }
    transaction.commit().unwrap();
    drop(plain);
    let mut log = eventscope::store::open(path.to_str().unwrap()).unwrap();
    let mut findings = Vec::new();
    eventscope::store::verify::verify(&mut *log, &mut |finding| findings.push(finding)).unwrap();
    assert_eq!(findings, []);
}
