//! Logs that somebody writes to while they are read: every commit is seen, and the writer is not disturbed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eventscope::error::Error;
use eventscope::event::{EventBatch, Resume, Scope, Seq, StreamId};
use eventscope::log::{Access, At};
use eventscope::store::EventLog;
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};
use eventscope::store::sqlite::register_in_use;
use rusqlite::Connection;

use crate::client::Client;
use crate::fixtures;

const EVENTS: u64 = 1_197;

fn emmett(folder: &Path) -> PathBuf {
    fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder)
}

/// SQL that appends an event to Emmett's table.
fn append(position: u64) -> String {
    format!(
        "INSERT INTO emt_messages (stream_id, stream_position, message_data, message_metadata, message_schema_version,
         message_type, message_id, global_position) VALUES ('new', {position}, '{{}}', '{{}}', '0', 'New', 'id-{position}', {position})"
    )
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn last(log: &mut dyn EventLog) -> Option<i64> {
    log.head().unwrap().last.and_then(Seq::number)
}

#[test]
fn a_writer_is_followed_and_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let mut log = fixtures::open(&path);
    assert_eq!(log.info().access, Access::AtRest);
    let mut end = log.end().unwrap();
    let mut writer = Client::start(&path);
    for position in EVENTS + 1..EVENTS + 20 {
        assert_eq!(writer.sql(&append(position)), "");
        let main = fs::read(&path).unwrap();
        let wal = fs::read(path.with_extension("sqlite-wal")).unwrap();
        let shm = fs::read(path.with_extension("sqlite-shm")).unwrap();
        assert_eq!(last(log.as_mut()), i64::try_from(position).ok(), "a commit is seen at once");
        assert_eq!(log.info().access, Access::Live);
        let growth = log.growth(&end).unwrap();
        assert_eq!((growth.events, &*growth.by_type[0].0), (1, "New"));
        end = growth.next;
        assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 1_000).len() as u64, position);
        assert_eq!(log.extent(&Scope::Log).unwrap(), position);
        assert_eq!(log.extent(&fixtures::stream("new")).unwrap(), position - EVENTS);
        assert_eq!(log.stream(&StreamId::new("new")).unwrap().unwrap().events, position - EVENTS);
        assert!(main == fs::read(&path).unwrap(), "the main file keeps its bytes");
        assert!(wal == fs::read(path.with_extension("sqlite-wal")).unwrap(), "the -wal keeps its bytes");
        assert!(shm == fs::read(path.with_extension("sqlite-shm")).unwrap(), "the -shm keeps its bytes");
        if position % 5 == 0 {
            assert_eq!(writer.sql("PRAGMA wal_checkpoint(TRUNCATE)"), "0", "a checkpoint is not held up");
        }
    }
    // The last to close checkpoints the -wal and removes it: an open log does not keep it from that.
    writer.close();
    assert_eq!(names(folder.path()), ["emmett-sqlite-0.42.4.sqlite"]);
    assert_eq!(last(log.as_mut()), Some(1_216));
    assert_eq!(log.info().access, Access::AtRest);
    assert_eq!(log.head().unwrap().epoch, 0, "a log that grew is the same log");
    assert_eq!(names(folder.path()), ["emmett-sqlite-0.42.4.sqlite"]);
}

#[test]
fn a_writer_that_was_there_first_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let mut writer = Client::start(&path);
    writer.sql(&append(EVENTS + 1));
    let mut log = fixtures::open(&path);
    assert_eq!(log.info().access, Access::Live);
    assert_eq!(last(log.as_mut()), Some(1_198));
    assert_eq!(writer.sql("BEGIN IMMEDIATE"), "");
    writer.sql(&append(EVENTS + 2));
    assert_eq!(last(log.as_mut()), Some(1_198), "what is not committed is not there");
    assert_eq!(writer.sql("COMMIT"), "");
    assert_eq!(last(log.as_mut()), Some(1_199));
    writer.close();
    assert_eq!(names(folder.path()), ["emmett-sqlite-0.42.4.sqlite"]);
}

#[test]
fn what_a_killed_writer_left_in_the_wal_is_read_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let mut writer = Client::start(&path);
    let mut log = fixtures::open(&path);
    writer.sql(&append(EVENTS + 1));
    assert_eq!(last(log.as_mut()), Some(1_198));
    writer.kill();
    let left = names(folder.path());
    assert_eq!(left.len(), 3, "a killed process leaves its files: {left:?}");
    let shm = fs::read(path.with_extension("sqlite-shm")).unwrap();
    let wal = fs::read(path.with_extension("sqlite-wal")).unwrap();
    assert_eq!(last(log.as_mut()), Some(1_198));
    assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 100).len(), 1_198);
    assert_eq!(log.info().access, Access::AtRestWithWal);
    drop(log);
    assert_eq!(names(folder.path()), left);
    assert!(shm == fs::read(path.with_extension("sqlite-shm")).unwrap());
    assert!(wal == fs::read(path.with_extension("sqlite-wal")).unwrap());
}

#[test]
fn a_writer_with_a_rollback_journal_is_followed_and_not_held_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let mut writer = Client::start(&path);
    writer.sql("PRAGMA journal_mode = DELETE");
    let mut log = fixtures::open(&path);
    assert_eq!((log.info().access, log.info().journal), (Access::AtRest, "delete"));
    for position in EVENTS + 1..EVENTS + 4 {
        assert_eq!(writer.sql("BEGIN EXCLUSIVE"), "");
        writer.sql(&append(position));
        assert_eq!(writer.sql("COMMIT"), "");
        assert_eq!(last(log.as_mut()), i64::try_from(position).ok());
        assert_eq!(log.info().access, Access::Live);
    }
    // Its writer turns to a -wal.
    assert!(writer.sql("PRAGMA journal_mode = WAL").contains("wal"));
    writer.sql(&append(EVENTS + 4));
    assert_eq!(last(log.as_mut()), Some(1_201));
    assert_eq!((log.info().access, log.info().journal), (Access::Live, "wal"));
    writer.close();
    assert_eq!(names(folder.path()), ["emmett-sqlite-0.42.4.sqlite"]);
    assert_eq!(last(log.as_mut()), Some(1_201));
}

#[test]
fn a_log_with_other_history_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let mut log = fixtures::open(&path);
    assert_eq!(log.extent(&Scope::Log).unwrap(), EVENTS);
    // Its end is cut off.
    let writer = Connection::open(&path).unwrap();
    writer.execute("DELETE FROM emt_messages WHERE global_position > 1000", []).unwrap();
    drop(writer);
    let head = log.head().unwrap();
    assert_eq!((head.epoch, head.last), (1, Some(Seq::Number(1_000))));
    assert_eq!(log.extent(&Scope::Log).unwrap(), 1_000);
    // Other events at the same positions.
    let writer = Connection::open(&path).unwrap();
    writer.execute("UPDATE emt_messages SET message_data = '{\"x\":1}' WHERE global_position = 1000", []).unwrap();
    drop(writer);
    assert_eq!(log.head().unwrap().epoch, 2);
    // Another log takes its place.
    let other = tempfile::tempdir_in(folder.path()).unwrap();
    let other = fixtures::copy("eventsourcing", "eventsourcing-9.5.6-plain", other.path());
    fs::rename(other, &path).unwrap();
    let head = log.head().unwrap();
    assert_eq!((head.epoch, head.last, log.info().layout.as_str()), (3, Some(Seq::Number(1_317)), "eventsourcing"));
    assert_eq!(log.extent(&Scope::Log).unwrap(), 1_317);
    assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 500).len(), 1_317);
    // Something that is no log does.
    fs::write(&path, b"no log any more").unwrap();
    let error = log.head().unwrap_err();
    assert!(matches!(error, Error::Open(_)), "{error}");
    fs::remove_file(&path).unwrap();
    assert!(log.head().unwrap_err().to_string().contains("there is no file"));
}

fn events(count: usize) -> Vec<NewEvent> {
    let one = |_| NewEvent { id: None, event_type: "Counted".into(), time: None, data: b"{}".to_vec(), metadata: None };
    (0..count).map(one).collect()
}

#[test]
fn our_own_writer_keeps_its_locks_while_we_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::create(&path).unwrap();
    store.append(&StreamId::new("a-1"), Expected::None, &events(3)).unwrap();
    for round in 0..3_u64 {
        let mut logs: Vec<_> = (0..3).map(|_| fixtures::open(&path)).collect();
        for log in &mut logs {
            assert_eq!(log.info().access, Access::Live);
            assert_eq!(log.extent(&Scope::Log).unwrap(), 3 + round);
        }
        drop(logs);
        // Only the last user of a -wal may turn it off: the other process must see that somebody is there.
        let mut other = Client::start(&path);
        assert_eq!(other.sql("PRAGMA journal_mode = DELETE"), "database is locked");
        other.close();
        store.append(&StreamId::new("a-1"), Expected::Any, &events(1)).unwrap();
    }
    let mut log = fixtures::open(&path);
    drop(store);
    assert_eq!(names(folder.path()), ["log.db"]);
    assert_eq!(log.extent(&Scope::Log).unwrap(), 6);
    assert_eq!(log.info().access, Access::AtRest);
}

#[test]
fn closing_a_reader_without_locks_drops_nobodys_locks() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("eventsourcing", "eventsourcing-9.5.6-live-wal", folder.path());
    let mut reader = fixtures::open(&path);
    assert_eq!(reader.info().access, Access::AtRestWithWal);
    let guard = register_in_use(&path);
    let writer = Connection::open(&path).unwrap();
    writer.execute("DELETE FROM stored_snapshots WHERE originator_version = 5", []).unwrap();
    reader.head().unwrap();
    assert_eq!(reader.info().access, Access::Live);
    drop(reader);
    let mut other = Client::start(&path);
    assert_eq!(other.sql("PRAGMA journal_mode = DELETE"), "database is locked");
    drop(writer);
    drop(guard);
    assert_eq!(other.sql("PRAGMA journal_mode = DELETE"), "Text(\"delete\")");
    other.close();
    assert_eq!(fixtures::open(&path).info().journal, "delete");
}

#[test]
fn many_readers_and_a_writer_see_whole_appends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::create(&path).unwrap();
    store.append(&StreamId::new("a-1"), Expected::None, &events(5)).unwrap();
    std::thread::scope(|threads| {
        let path = &path;
        let readers: Vec<_> = (0..3)
            .map(|_| {
                threads.spawn(move || {
                    let (mut log, mut batch, mut seen) = (fixtures::open(path), EventBatch::new(), 0);
                    let deadline = Instant::now() + Duration::from_mins(1);
                    while seen < 500 {
                        assert!(Instant::now() < deadline, "stands at {seen}");
                        log.head().unwrap();
                        let events = log.extent(&Scope::Log).unwrap();
                        assert!(events.is_multiple_of(5) && events >= seen, "{events} after {seen}");
                        log.read(&Scope::Log, &Resume::Start, 1_000, &mut batch).unwrap();
                        assert!(batch.len() as u64 >= events && batch.len().is_multiple_of(5));
                        let at = log.position_of(&Scope::Log, &At::Seq(Seq::Number(i64::MAX))).unwrap();
                        assert!(at >= events);
                        seen = events;
                    }
                })
            })
            .collect();
        for _ in 1..100 {
            store.append(&StreamId::new("a-1"), Expected::Any, &events(5)).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
    drop(store);
    assert_eq!(names(folder.path()), ["log.db"]);
}

#[test]
fn a_writer_that_comes_and_goes_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = emmett(folder.path());
    let rounds = 40;
    std::thread::scope(|threads| {
        let path = &path;
        let readers: Vec<_> = (0..2)
            .map(|_| {
                threads.spawn(move || {
                    let (mut log, mut seen) = (fixtures::open(path), EVENTS);
                    let deadline = Instant::now() + Duration::from_mins(1);
                    while seen < EVENTS + rounds {
                        assert!(Instant::now() < deadline, "stands at {seen}");
                        assert_eq!(log.head().unwrap().epoch, 0);
                        let events = log.extent(&Scope::Log).unwrap();
                        assert!(events >= seen, "{events} after {seen}");
                        assert!(fixtures::all(log.as_mut(), &Scope::Log, 1_000).len() as u64 >= events);
                        seen = events;
                    }
                })
            })
            .collect();
        for round in 1..=rounds {
            let mut writer = Client::start(path);
            assert_eq!(writer.sql(&append(EVENTS + round)), "");
            if round % 4 == 0 { writer.kill() } else { writer.close() }
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
    // Whoever opens and closes it when nobody looks leaves one file.
    let mut writer = Client::start(&path);
    writer.sql("SELECT count(*) FROM emt_messages");
    writer.close();
    assert_eq!(names(folder.path()), ["emmett-sqlite-0.42.4.sqlite"]);
}
