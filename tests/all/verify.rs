//! Verify: good logs are clean, and each kind of damage is found where it is, once.

use std::path::{Path, PathBuf};

use eventscope::event::{EventBatch, Resume, Scope, Seq, StreamId, Time};
use eventscope::lab::generate::{Plan, generate};
use eventscope::lab::wallet;
use eventscope::store::anchor::Anchor;
use eventscope::store::native::{Expected, NewEvent, SCHEMA, Store};
use eventscope::store::seal::Range;
use eventscope::store::verify::{Finding, VerifySummary, verify};
use rusqlite::Connection;

use super::fixtures;

fn findings(path: &Path) -> (Vec<Finding>, VerifySummary) {
    let mut log = fixtures::open(path);
    let mut found = Vec::new();
    let summary = verify(log.as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(summary.findings, found.len() as u64);
    (found, summary)
}

/// `kind stream version`, as a person would note it down.
fn notes(path: &Path) -> Vec<String> {
    let (found, _) = findings(path);
    let note = |finding: &Finding| {
        let stream = finding.stream.as_ref().map_or("-", |stream| stream.as_str());
        let version = finding.version.map_or_else(|| "-".to_owned(), |version| version.to_string());
        format!("{} {stream} {version}", finding.kind)
    };
    found.iter().map(note).collect()
}

/// A file with the native tables, but none of the rules that keep them right: as a broken disk, an older bug or a
/// heavy hand could leave it.
fn lax_log(folder: &Path, damage: &str) -> PathBuf {
    let path = folder.join("damaged.db");
    let client = Connection::open(&path).unwrap();
    client
        .execute_batch(&SCHEMA.replace("UNIQUE (stream_id, version)", "CHECK (1)").replace("NULL UNIQUE", "NULL"))
        .unwrap();
    let triggers: Vec<String> = {
        let mut statement = client.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    for trigger in triggers {
        client.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    client
        .execute_batch(
            "INSERT INTO streams (stream_id, name) VALUES (1, 'a-1'), (2, 'b-1');
             INSERT INTO events (position, stream_id, version, type, time, id, data, metadata) VALUES
               (1, 1, 1, 'T', 100, 'e1', '{}', NULL),
               (2, 2, 1, 'T', 100, 'e2', '{}', '{\"causationId\":\"e1\"}'),
               (3, 1, 2, 'T', 200, 'e3', '{}', '{\"$causationId\":\"e2\"}'),
               (4, 1, 3, 'T', 200, 'e4', '{}', '{\"correlationId\":\"nothing\"}'),
               (5, 2, 2, 'T', 300, 'e5', '{}', NULL);",
        )
        .unwrap();
    client.execute_batch(damage).unwrap();
    // The totals are true, except where the damage is to them.
    client
        .execute_batch(
            "UPDATE streams SET events = n, last_version = v, last_position = p, last_time = t
               FROM (SELECT stream_id AS s, count(*) AS n, max(version) AS v, max(position) AS p,
                            (SELECT time FROM events l WHERE l.stream_id = e.stream_id ORDER BY version DESC, position DESC LIMIT 1) AS t
                       FROM events e GROUP BY stream_id) WHERE stream_id = s",
        )
        .unwrap();
    path
}

#[test]
fn what_we_write_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let (generated, demo, empty) = (folder.path().join("g.db"), folder.path().join("d.db"), folder.path().join("e.db"));
    let plan = Plan { events: 5_000, streams: 300, payload_bytes: 0, seed: 5 };
    generate(&mut Store::create(&generated).unwrap(), &plan, &mut |_| ()).unwrap();
    let (found, summary) = findings(&generated);
    assert_eq!(found, []);
    let anchor = summary.anchor;
    assert_eq!(anchor.map(|anchor| anchor.position), Some(5_000));
    let expected = VerifySummary { events: 5_000, streams: 300, sealed: 5_000, anchor, ..VerifySummary::default() };
    assert_eq!(summary, expected);

    // While its writer has it open, too.
    let mut store = Store::create(&demo).unwrap();
    let (_, mut live) = wallet::write(&mut store, Time(1_790_856_000_000_000), &mut |_| ()).unwrap();
    let (found, summary) = findings(&demo);
    assert_eq!(found, []);
    assert_eq!(summary.events, wallet::EVENTS);
    for _ in 0..100 {
        store.append_all(&live.next_batch()).unwrap();
    }
    assert_eq!(notes(&demo), Vec::<String>::new());

    drop(Store::create(&empty).unwrap());
    assert_eq!(findings(&empty), (vec![], VerifySummary::default()));
}

#[test]
fn an_undamaged_lax_log_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(notes(&lax_log(folder.path(), "")), Vec::<String>::new());
}

#[test]
fn each_kind_of_damage_is_found_once() {
    let cases: [(&str, &[&str]); 13] = [
        ("UPDATE events SET version = 4 WHERE position = 4", &["gap a-1 4"]),
        ("UPDATE events SET version = version + 2 WHERE stream_id = 2", &["gap b-1 3"]),
        ("UPDATE events SET version = 2 WHERE position = 4", &["duplicate a-1 2"]),
        ("UPDATE events SET version = 4 - version WHERE stream_id = 1", &["gap a-1 3"]),
        ("UPDATE events SET position = 9 WHERE position = 5", &["gap - -"]),
        ("DELETE FROM events WHERE position = 5", &[]),
        ("DELETE FROM events WHERE position = 4", &["gap - -"]),
        ("UPDATE events SET id = 'e2' WHERE position = 5", &["duplicate b-1 2"]),
        ("UPDATE events SET time = 99 WHERE position = 3", &["time a-1 2"]),
        ("UPDATE events SET data = '{\"half\":' WHERE position = 2", &["undecodable b-1 1"]),
        ("UPDATE events SET id = 'other' WHERE position = 1", &["orphan b-1 1"]),
        ("UPDATE events SET metadata = '{\"causation_id\":\"e5\"}' WHERE position = 4", &[]),
        ("UPDATE events SET metadata = '{\"causationId\":\"cmd-7\"}' WHERE position = 4", &["orphan a-1 3"]),
    ];
    for (damage, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut found = notes(&lax_log(folder.path(), damage));
        found.sort();
        assert_eq!(found, expected, "{damage}");
    }
}

#[test]
fn totals_that_differ_from_the_events_are_found() {
    for (damage, expected) in [
        (
            "UPDATE streams SET events = events + 1 WHERE name = 'a-1'",
            "its totals say 4 events up to version 3, it holds 3 up to version 3",
        ),
        (
            "UPDATE streams SET last_version = 9 WHERE name = 'a-1'",
            "its totals say 3 events up to version 9, it holds 3 up to version 3",
        ),
        (
            "UPDATE streams SET last_time = NULL WHERE name = 'a-1'",
            "its totals say that it ends at none, it ends at 1970-01-01T00:00:00.0002Z",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = lax_log(folder.path(), "");
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let (found, _) = findings(&path);
        assert_eq!(found.len(), 1, "{damage}: {found:?}");
        assert_eq!((found[0].kind, found[0].detail.as_str()), ("totals", expected), "{damage}");
    }
}

#[test]
fn what_a_plain_sql_writer_got_wrong_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(Store::create(&path).unwrap());
    let client = Connection::open(&path).unwrap();
    for (data, metadata) in [("{}", None), ("not json", None), ("{}", Some("{\"causationId\":\"nobody\"}"))] {
        client
            .execute("INSERT INTO event_log (stream, type, data, metadata) VALUES ('s', 'T', ?1, ?2)", (data, metadata))
            .unwrap();
    }
    assert_eq!(notes(&path), ["undecodable s 2", "orphan s 3"]);
}

#[test]
fn logs_of_other_libraries_are_verified_too() {
    for (folder, name) in fixtures::FOREIGN {
        let place = tempfile::tempdir().unwrap();
        let path = fixtures::copy(folder, name, place.path());
        let (found, summary) = findings(&path);
        let truth = fixtures::truth(folder, name);
        assert_eq!(summary.events, fixtures::events_total(&truth), "{name}");
        let alone = u64::from(fixtures::without_stream(&truth) > 0);
        assert_eq!(Some(summary.streams - alone), truth["total_streams"].as_u64(), "{name}");
        match name {
            // Its causes are commands, which no log of events holds.
            "emmett-sqlite-0.42.4" => {
                assert_eq!((found, summary.causes_elsewhere), (Vec::new(), 1_194));
            }
            // Nobody can read them but the application; an empty one is read.
            "evento-2.0.0-alpha.38" => {
                assert!(found.iter().all(|one| one.kind == "undecodable"), "{found:?}");
                assert!(!found.is_empty() && (found.len() as u64) < summary.events);
            }
            // Nobody can read it without its key.
            "eventsourcing-9.5.6-zlib-aes" => {
                assert!(found.iter().all(|one| one.kind == "undecodable"), "{found:?}");
                assert_eq!(found.len() as u64, summary.events);
            }
            _ => assert_eq!(found, [], "{name}"),
        }
    }
}

/// A log of two streams, sealed in three parts, and its triggers gone.
fn sealed_log(folder: &Path) -> (PathBuf, Connection) {
    let path = folder.join("sealed.db");
    for count in [3, 1_030, 5] {
        let mut store = Store::open_or_create(&path).unwrap();
        let event = |number: i64| NewEvent {
            id: None,
            event_type: "Counted".to_owned(),
            time: Some(Time(1_000)),
            data: format!("{{\"number\":{number}}}").into_bytes(),
            metadata: None,
        };
        let events: Vec<NewEvent> = (0..count).map(event).collect();
        store.append(&StreamId::new("s"), Expected::Any, &events).unwrap();
    }
    let client = Connection::open(&path).unwrap();
    let triggers: Vec<String> = {
        let mut statement = client.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    for trigger in triggers {
        client.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    (path, client)
}

#[test]
fn a_seal_names_the_first_position_that_differs() {
    let folder = tempfile::tempdir().unwrap();
    let (path, client) = sealed_log(folder.path());
    let (found, summary) = findings(&path);
    assert_eq!((found, summary.sealed), (vec![], 1_038));
    let seals: i64 = client.query_row("SELECT count(*) FROM seals", [], |row| row.get(0)).unwrap();
    assert_eq!(seals, 4, "two ranges of the large append, and one for each of the others");
    drop(client);

    let cases: [(&str, &str); 10] = [
        ("UPDATE events SET data = '{\"number\":9}' WHERE position = 2", "position 2 "),
        ("UPDATE events SET time = 1001 WHERE position IN (700, 900)", "position 700 "),
        ("UPDATE events SET id = 'x' WHERE position = 1038", "position 1038 "),
        ("UPDATE events SET type = 'Other' WHERE position = 1027", "position 1027 "),
        ("UPDATE events SET metadata = '{}' WHERE position = 1028", "position 1028 "),
        ("UPDATE streams SET name = 't'", "position 1 "),
        (
            "DELETE FROM events WHERE position = 1038; UPDATE streams SET events = 1037, last_version = 1037",
            "position 1038 was sealed and is not there",
        ),
        ("UPDATE seals SET hash = zeroblob(32) WHERE last_position = 3", "positions 1 to 3 does not hold"),
        ("UPDATE seals SET marks = zeroblob(12) WHERE last_position = 3", "position 1 "),
        ("DELETE FROM seals WHERE first_position = 4", "begins at 1028, not at 4"),
    ];
    for (damage, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (path, client) = sealed_log(folder.path());
        client.execute_batch(damage).unwrap();
        drop(client);
        let (found, _) = findings(&path);
        let seals: Vec<&Finding> = found.iter().filter(|one| one.kind == "seal").collect();
        assert!(seals.first().is_some_and(|one| one.detail.contains(expected)), "{damage}: {found:?}");
    }
}

#[test]
fn an_anchor_tells_a_history_that_was_rewritten_with_its_seals() {
    let folder = tempfile::tempdir().unwrap();
    let (path, client) = sealed_log(folder.path());
    let anchor = findings(&path).1.anchor.unwrap();
    assert_eq!(anchor.to_string().parse::<Anchor>().unwrap(), anchor);
    // The log goes on: what was anchored stays.
    let event = NewEvent { id: None, event_type: "T".to_owned(), time: None, data: b"1".to_vec(), metadata: None };
    Store::open(&path).unwrap().append(&StreamId::new("s"), Expected::Any, &[event]).unwrap();
    assert_eq!(anchor.contradiction(fixtures::open(&path).as_mut()).unwrap(), None);
    // Somebody changes an event and computes all seals anew, which end at the same places.
    client.execute_batch("UPDATE events SET data = '{}' WHERE position = 2").unwrap();
    let ends: Vec<i64> = {
        let mut ask = client.prepare("SELECT last_position FROM seals ORDER BY 1").unwrap();
        ask.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    client.execute_batch("DELETE FROM seals").unwrap();
    let mut before = vec![0; 32];
    let mut first = 1;
    for last in ends {
        let mut range = Range::after(&before, first);
        let (mut log, mut batch) = (fixtures::open(&path), EventBatch::new());
        let mut from = if first == 1 { Resume::Start } else { Resume::After(Seq::Number(first - 1)) };
        while i64::try_from(range.len()).unwrap() <= last - first {
            let left = u32::try_from(last - first + 1).unwrap() - u32::try_from(range.len()).unwrap();
            from = log.read(&Scope::Log, &from, left, &mut batch).unwrap().next;
            batch.iter().for_each(|raw| range.push(&raw));
        }
        before = range.hash().to_vec();
        client
            .execute(
                "INSERT INTO seals (last_position, first_position, hash, marks) VALUES (?1, ?2, ?3, ?4)",
                (last, first, &before, range.marks()),
            )
            .unwrap();
        first = last + 1;
    }
    let (found, _) = findings(&path);
    assert_eq!(found, [], "the seals alone show nothing");
    let contradiction = anchor.contradiction(fixtures::open(&path).as_mut()).unwrap().unwrap();
    assert!(contradiction.contains("history was rewritten"), "{contradiction}");
    for text in ["", "5", "x:y", "0:00", "5:00"] {
        assert!(text.parse::<Anchor>().is_err(), "{text}");
    }
}

#[test]
fn bytes_that_were_edited_in_the_file_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, client) = sealed_log(folder.path());
    drop(client);
    let mut bytes = std::fs::read(&path).unwrap();
    let wanted = b"{\"number\":777}";
    let at = bytes.windows(wanted.len()).position(|window| window == wanted).unwrap();
    bytes[at + wanted.len() - 2] = b'8';
    std::fs::write(&path, &bytes).unwrap();
    let (found, _) = findings(&path);
    // The event with the number 777 is the 778th of the second append, after three others.
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].version), ("seal", Some(781)));
    assert!(found[0].detail.starts_with("the event at position 781 is not the one"), "{found:?}");
}

#[test]
fn what_others_appended_is_sealed_by_the_next_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(Store::create(&path).unwrap());
    let client = Connection::open(&path).unwrap();
    for _ in 0..1_500 {
        client.execute("INSERT INTO event_log (stream, type, data) VALUES ('s', 'T', '{}')", []).unwrap();
    }
    assert_eq!(findings(&path).1.sealed, 0);
    let event = NewEvent { id: None, event_type: "T".to_owned(), time: None, data: b"1".to_vec(), metadata: None };
    let mut store = Store::open(&path).unwrap();
    store.append(&StreamId::new("s"), Expected::Version(1_500), std::slice::from_ref(&event)).unwrap();
    client.execute("INSERT INTO event_log (stream, type, data) VALUES ('s', 'T', '{}')", []).unwrap();
    // A conflict takes nothing of what was sealed along with it.
    store.append(&StreamId::new("s"), Expected::None, std::slice::from_ref(&event)).unwrap_err();
    store.append(&StreamId::new("s"), Expected::Version(1_502), &[event]).unwrap();
    assert_eq!(findings(&path).1.sealed, 1_024);
    drop(store);
    let (found, summary) = findings(&path);
    assert_eq!((found, summary.sealed), (vec![], 1_503));
}
