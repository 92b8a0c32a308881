//! Archives: hot and archived events are one log, for every reader, at every position; and nothing is lost.

use std::path::{Path, PathBuf};

use eventscope::error::Error;
use eventscope::event::{Resume, Scope, Seq, StreamId, Time};
use eventscope::lab::generate::{Plan, generate};
use eventscope::log::{At, StreamPage};
use eventscope::store::archive::{Archived, archive};
use eventscope::store::native::{Expected, NewEvent, Store};
use eventscope::store::verify::verify;
use rusqlite::Connection;

use super::fixtures::{self, Kept};

/// A generated log in a folder, its events as they are before anything is archived.
fn log(events: u64) -> (tempfile::TempDir, PathBuf, Vec<Kept>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let plan = Plan { events, streams: events / 25, payload_bytes: 60, seed: 8 };
    generate(&mut Store::create(&path).unwrap(), &plan, &mut |_| ()).unwrap();
    let all = fixtures::all(fixtures::open(&path).as_mut(), &Scope::Log, 1_000);
    (folder, path, all)
}

fn time_of(event: &Kept) -> Time {
    event.decoded.time.unwrap()
}

fn trim(path: &Path, before: Time, name: &str) -> Option<Archived> {
    archive(path, before, &path.with_file_name(name), true, &mut |_| ()).unwrap()
}

fn assert_clean(path: &Path, events: usize) {
    let mut found = Vec::new();
    let summary = verify(fixtures::open(path).as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, []);
    assert_eq!((summary.events, summary.sealed), (events as u64, events as u64));
}

#[test]
fn hot_and_archived_events_are_one_log() {
    let (_folder, path, all) = log(6_000);
    let before = fixtures::open(&path);
    let streams_before = streams(before);
    // Twice, so that there are two archives.
    let first = trim(&path, time_of(&all[2_500]), "a.archive").unwrap();
    assert_eq!((first.first, first.trimmed), (1, first.events));
    let second = trim(&path, time_of(&all[4_100]), "b.archive").unwrap();
    assert_eq!(second.first, first.last + 1);
    let hot: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!(hot, 6_000 - second.last);

    let mut log = fixtures::open(&path);
    assert!(log.info().evidence.iter().any(|fact| fact.contains("are read from the archive")), "{:?}", log.info());
    for page in [7, 100, 1_024] {
        assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, page), all);
    }
    assert_eq!(streams(fixtures::open(&path)), streams_before);
    let totals = log.totals().unwrap();
    assert_eq!((totals.events, totals.first_time), (6_000, Some(time_of(&all[0]))));
    let one = |scope: Scope, filter: &dyn Fn(&Kept) -> bool| {
        (scope, all.iter().filter(|event| filter(event)).cloned().collect::<Vec<_>>())
    };
    let longest = all[0].stream.clone();
    let scopes = [
        one(Scope::Log, &|_| true),
        one(Scope::Stream(StreamId::new(&longest)), &|event| event.stream == longest),
        one(Scope::Stream(StreamId::new(&all[5_990].stream)), &|event| event.stream == all[5_990].stream),
        one(Scope::Category("cart".into()), &|event| event.stream.starts_with("cart-")),
        one(Scope::Stream(StreamId::new("nobody")), &|_| false),
    ];
    for (scope, expected) in scopes {
        assert_eq!(log.extent(&scope).unwrap(), expected.len() as u64, "{scope:?}");
        let read = fixtures::all(log.as_mut(), &scope, 50);
        assert_eq!(read, expected, "{scope:?}");
        let len = expected.len();
        for position in [0, 1, len / 4, len / 2, len * 3 / 4, len.saturating_sub(1)] {
            let Some(event) = expected.get(position) else { continue };
            let place = log.locate(&scope, position as u64).unwrap();
            let at = usize::try_from(place.position).unwrap();
            assert!(at <= position, "{scope:?}: {place:?}");
            let from_there = fixtures::from(log.as_mut(), &scope, place.resume, 1_024);
            assert_eq!(from_there, expected[at..], "{scope:?} from {position}");
            let by_seq = log.position_of(&scope, &At::Seq(Seq::Number(event.key))).unwrap();
            assert_eq!(by_seq, position as u64 + 1, "{scope:?}");
            let upto = expected.iter().take_while(|other| time_of(other) <= time_of(event)).count();
            assert_eq!(log.position_of(&scope, &At::Time(time_of(event))).unwrap(), upto as u64, "{scope:?}");
            if let Scope::Stream(_) = scope {
                let by_version = log.position_of(&scope, &At::Version(event.version.unwrap())).unwrap();
                assert_eq!(by_version, position as u64 + 1);
            }
        }
    }
    assert_clean(&path, 6_000);
}

fn streams(mut log: Box<dyn eventscope::store::EventLog>) -> Vec<eventscope::log::StreamInfo> {
    log.streams(&StreamPage { limit: 1_000, ..StreamPage::default() }).unwrap()
}

#[test]
fn a_store_goes_on_after_its_archive() {
    let (_folder, path, all) = log(3_000);
    let archived = trim(&path, time_of(&all[2_000]), "old.archive").unwrap();
    let (mut store, stream) = (Store::open(&path).unwrap(), StreamId::new(&all[0].stream));
    // What is archived is read, and an event that is in the archive is not appended a second time.
    let read = store.read_all(0, 3_000).unwrap();
    assert_eq!(read.len(), 3_000);
    let of_stream = store.read_stream(&stream, 0, 3_000).unwrap();
    assert_eq!(of_stream.len(), all.iter().filter(|event| event.stream == all[0].stream).count());
    let again = NewEvent {
        id: Some(read[0].id.clone()),
        event_type: read[0].event_type.clone(),
        time: Some(read[0].time),
        data: read[0].data.clone(),
        metadata: read[0].metadata.clone(),
    };
    let appended = store.append(&stream, Expected::Any, std::slice::from_ref(&again)).unwrap();
    assert_eq!((appended.repeated, appended.first_position), (true, 1));
    let other = NewEvent { data: b"0".to_vec(), ..again };
    assert!(matches!(store.append(&stream, Expected::Any, &[other]), Err(Error::Conflict(_))));
    let appended = store.append(&StreamId::new("new"), Expected::None, &[NewEvent::new("T", "1")]).unwrap();
    assert_eq!(appended.first_position, 3_001);
    drop(store);
    assert_clean(&path, 3_001);
    assert!(archived.events > 1_000);
}

#[test]
fn a_reader_that_was_open_sees_the_same_log() {
    let (_folder, path, all) = log(3_000);
    let mut log = fixtures::open(&path);
    let first_half = fixtures::all(log.as_mut(), &Scope::Log, 500);
    assert_eq!(first_half.len(), 3_000);
    trim(&path, time_of(&all[2_000]), "old.archive").unwrap();
    // Without asking for the head in between.
    assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 500), all);
    let epoch = log.head().unwrap().epoch;
    assert_eq!(epoch, 0, "history is what it was");
    assert_eq!(fixtures::from(log.as_mut(), &Scope::Log, Resume::After(Seq::Number(10)), 500), all[10..]);
}

#[test]
fn without_trim_nothing_is_removed_and_the_archive_is_used_later() {
    let (_folder, path, all) = log(2_000);
    let to = path.with_file_name("kept.archive");
    let before = time_of(&all[1_500]);
    let kept = archive(&path, before, &to, false, &mut |_| ()).unwrap().unwrap();
    assert_eq!((kept.trimmed, kept.verified), (0, kept.events));
    let bytes = std::fs::read(&to).unwrap();
    assert!(bytes.len() as u64 * 2 < std::fs::metadata(&path).unwrap().len(), "{} bytes", bytes.len());
    let trimmed = archive(&path, before, &to, true, &mut |_| ()).unwrap().unwrap();
    assert_eq!(trimmed.trimmed, kept.events);
    assert_eq!(std::fs::read(&to).unwrap(), bytes);
    assert_eq!(fixtures::all(fixtures::open(&path).as_mut(), &Scope::Log, 500), all);
}

#[test]
fn a_damaged_or_missing_archive_is_named_and_trims_nothing() {
    let (_folder, path, all) = log(2_000);
    let to = path.with_file_name("old.archive");
    let before = time_of(&all[1_500]);
    archive(&path, before, &to, false, &mut |_| ()).unwrap();
    let good = std::fs::read(&to).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle..middle + 64].fill(0x55);
    std::fs::write(&to, &bad).unwrap();
    let error = archive(&path, before, &to, true, &mut |_| ()).unwrap_err();
    assert!(error.is_corrupt(), "{error:?}");
    assert_eq!(fixtures::all(fixtures::open(&path).as_mut(), &Scope::Log, 500), all);
    // An archive of another log.
    let (_other_folder, other) = log_with_seed();
    let theirs = path.with_file_name("theirs.archive");
    archive(&other, Time(i64::MAX), &theirs, false, &mut |_| ()).unwrap();
    assert!(archive(&path, before, &theirs, true, &mut |_| ()).unwrap_err().is_corrupt());

    std::fs::write(&to, &good).unwrap();
    trim(&path, before, "old.archive").unwrap();
    std::fs::rename(&to, path.with_file_name("hidden")).unwrap();
    let (message, code) = fixtures::refusal(&path);
    assert!(message.contains("old.archive is missing") && code == 3, "{message}");
    // Where both were moved together, it is found.
    let moved = path.parent().unwrap().join("moved");
    std::fs::create_dir(&moved).unwrap();
    std::fs::rename(path.with_file_name("hidden"), moved.join("old.archive")).unwrap();
    std::fs::rename(&path, moved.join("log.db")).unwrap();
    assert_eq!(fixtures::all(fixtures::open(&moved.join("log.db")).as_mut(), &Scope::Log, 500), all);
}

fn log_with_seed() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let plan = Plan { events: 2_000, streams: 80, payload_bytes: 60, seed: 9 };
    generate(&mut Store::create(&path).unwrap(), &plan, &mut |_| ()).unwrap();
    (folder, path)
}

#[test]
fn what_is_archived_is_what_is_older_and_never_the_newest() {
    let (_folder, path, all) = log(500);
    assert_eq!(trim(&path, time_of(&all[0]), "none.archive"), None);
    assert!(!path.with_file_name("none.archive").exists());
    let everything = trim(&path, Time(i64::MAX), "all.archive").unwrap();
    assert_eq!(everything.last, 499);
    assert_clean(&path, 500);
    // No client may move events out of the log, or pretend to.
    let client = Connection::open(&path).unwrap();
    for sql in [
        "DELETE FROM events",
        "DELETE FROM archives",
        "UPDATE archives SET file = 'x'",
        "INSERT INTO archives VALUES (500, 500, 'x', zeroblob(32), 0)",
        "UPDATE streams SET archived = 0",
        "DELETE FROM seals",
        "UPDATE seals SET hash = zeroblob(32)",
        "INSERT INTO seals VALUES (501, 501, zeroblob(32), zeroblob(4))",
    ] {
        assert!(client.execute(sql, []).is_err(), "{sql}");
    }
}
