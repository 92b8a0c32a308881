//! Verify: good logs are clean, and each kind of damage is found where it is, once.

use std::path::{Path, PathBuf};

use eventscope::event::Time;
use eventscope::lab::generate::{Plan, generate};
use eventscope::lab::wallet;
use eventscope::store::sqlite::native::{SCHEMA, Store};
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
    assert_eq!(summary, VerifySummary { events: 5_000, streams: 300, findings: 0, causes_elsewhere: 0 });

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
        assert_eq!(Some(summary.events), truth["total_events"].as_u64(), "{name}");
        assert_eq!(Some(summary.streams), truth["total_streams"].as_u64(), "{name}");
        match name {
            // Its causes are commands, which no log of events holds.
            "emmett-sqlite-0.42.4" => {
                assert_eq!((found, summary.causes_elsewhere), (Vec::new(), 1_194));
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
