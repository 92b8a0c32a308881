//! Tables that no library is known for: what is an event log is found by what it holds, and what only looks like one is
//! left alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use eventscope::error::Error;
use eventscope::event::Scope;
use eventscope::store::sqlite::map_text;
use eventscope::store::{self, EventLog};
use rusqlite::Connection;

use crate::fixtures;

const KINDS: [&str; 4] = ["BerthAssigned", "CargoLoaded", "PilotBoarded", "ShipLeft"];

/// A file with these statements run, and below them one statement for each event. `event` gets the event's number, its
/// stream (of 7) and its number in it, from 0.
fn file(folder: &Path, schema: &str, events: u32, event: impl Fn(u32, u32, u32) -> String) -> PathBuf {
    let path = folder.join("port.db");
    let mut versions = [0_u32; 7];
    let mut sql = format!("{schema};\n");
    for number in 0..events {
        let stream = number * 5 % 7 * (number % 3) % 7;
        let version = &mut versions[stream as usize];
        let _ = writeln!(sql, "{};", event(number, stream, *version));
        *version += 1;
    }
    Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
    path
}

fn kind(number: u32) -> &'static str {
    KINDS[(number as usize * 7 + number as usize / 5) % KINDS.len()]
}

/// A ULID whose order is not that of the events.
fn ulid(number: u32) -> String {
    format!("01HZ{:010X}QWERTYUIOPAS", u64::from(number) * 2_654_435_761 % 1_000_000_007)
}

fn guessed(path: &Path) -> String {
    map_text(path.to_str().unwrap()).unwrap()
}

#[track_caller]
fn says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|given| given == *line), "{line} in:\n{text}");
    }
}

/// Opens by the guess alone, and checks the versions of every stream from `first` on.
#[track_caller]
fn opens(path: &Path, events: u64, streams: u64, first: i64) -> Box<dyn EventLog> {
    let mut log = fixtures::open(path);
    let totals = log.totals().unwrap();
    assert_eq!((totals.events, totals.streams), (events, streams));
    for info in fixtures::streams(log.as_mut(), 50, None) {
        let read = fixtures::all(log.as_mut(), &fixtures::stream(info.stream.as_str()), 10);
        let versions: Vec<i64> = read.iter().map(|event| event.version.unwrap()).collect();
        let expected: Vec<i64> = (first..).take(versions.len()).collect();
        assert_eq!(versions, expected, "{}", info.stream);
    }
    log
}

#[test]
fn versions_from_0_in_streams_keyed_by_several_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE harbour_log (harbour TEXT, ship_no INTEGER, rev INTEGER, what TEXT, logged TEXT, body TEXT, UNIQUE (harbour, ship_no, rev))",
        120,
        |number, stream, version| {
            format!(
                "INSERT INTO harbour_log VALUES ('h{}', {}, {version}, '{}', '2026-03-{:02} 08:00:00', '{{\"tons\":{number}}}')",
                stream % 2,
                stream / 2,
                kind(number),
                number / 10 + 1
            )
        },
    );
    let text = guessed(&path);
    says(
        &text,
        &[
            "table = \"harbour_log\"",
            "stream = [\"harbour\", \"ship_no\"]",
            "version = \"rev\"",
            "type = \"what\"",
            "time = \"logged\"",
            "payload = \"body\"",
        ],
    );
    assert!(text.contains("of 100 sure") && text.contains("are a unique key"), "{text}");
    opens(&path, 120, 7, 0);
}

#[test]
fn an_id_that_repeats_from_kind_to_kind_is_no_stream_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE facts (entity_kind TEXT, entity_id INTEGER, n INTEGER, verb TEXT, payload TEXT)",
        140,
        |number, stream, version| {
            format!(
                "INSERT INTO facts VALUES ('{}', {}, {}, '{}', '{{\"a\":{number}}}')",
                ["ship", "crew"][stream as usize % 2],
                stream / 2,
                version + 1,
                kind(number)
            )
        },
    );
    says(&guessed(&path), &["stream = [\"entity_kind\", \"entity_id\"]", "version = \"n\"", "type = \"verb\""]);
    opens(&path, 140, 7, 1);
}

#[test]
fn type_and_time_may_stand_in_the_payload_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE journal (subject TEXT, seq INTEGER, doc TEXT, UNIQUE (subject, seq))",
        100,
        |number, stream, version| {
            format!(
                "INSERT INTO journal VALUES ('ship/{stream}', {}, '{{\"event\":{{\"kind\":\"{}\"}},\"at\":\"2026-05-01T{:02}:00:00Z\",\"tons\":{number}}}')",
                version + 1,
                kind(number),
                number / 10
            )
        },
    );
    says(
        &guessed(&path),
        &["stream = \"subject\"", "type = \"doc.event.kind\"", "time = \"doc.at\"", "payload = \"doc\""],
    );
    let mut log = opens(&path, 100, 7, 1);
    let read = fixtures::all(log.as_mut(), &Scope::Log, 50);
    assert_eq!(read[3].event_type, kind(3));
    assert_eq!(read[30].decoded.time.unwrap().to_string(), "2026-05-01T03:00:00Z");
}

#[test]
fn a_log_without_times_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE moves (thing TEXT, no INTEGER, kind TEXT, args TEXT)",
        90,
        |number, stream, version| {
            format!("INSERT INTO moves VALUES ('x{stream}', {}, '{}', '{{}}')", version + 1, kind(number))
        },
    );
    let text = guessed(&path);
    assert!(!text.contains("time ="), "{text}");
    let mut log = opens(&path, 90, 7, 1);
    assert!(!log.info().capabilities.times);
    assert_eq!(log.totals().unwrap().first_time, None);
}

#[test]
fn the_order_is_that_of_the_rows_and_not_of_ulids() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE happenings (ulid TEXT PRIMARY KEY, root TEXT, version INTEGER, name TEXT, data TEXT)",
        100,
        |number, stream, version| {
            format!(
                "INSERT INTO happenings VALUES ('{}', 'r{stream}', {}, '{}', '{{\"n\":{number}}}')",
                ulid(number),
                version + 1,
                kind(number)
            )
        },
    );
    says(&guessed(&path), &["id = \"ulid\""]);
    let mut log = opens(&path, 100, 7, 1);
    let numbers: Vec<u64> = fixtures::all(log.as_mut(), &Scope::Log, 30)
        .iter()
        .map(|event| event.decoded.data.as_ref().unwrap()["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_table_without_row_numbers_has_the_order_of_a_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE ledger (place INTEGER PRIMARY KEY, owner TEXT, rev INTEGER, type TEXT, data TEXT, ts REAL) WITHOUT ROWID",
        100,
        |number, stream, version| {
            format!(
                "INSERT INTO ledger VALUES ({}, 'o{stream}', {}, '{}', '{{}}', {}.25)",
                3 * number + 1,
                version + 1,
                kind(number),
                1_780_000_000 + number
            )
        },
    );
    says(&guessed(&path), &["order = \"place\"", "stream = \"owner\"", "version = \"rev\"", "time = \"ts\""]);
    let mut log = opens(&path, 100, 7, 1);
    let first = fixtures::all(log.as_mut(), &Scope::Log, 30).remove(0);
    assert_eq!(first.decoded.time.unwrap().to_string(), "2026-05-28T20:26:40.25Z");
}

#[test]
fn times_are_read_as_they_are_written() {
    for (column, value, expected) in [
        ("REAL", "julianday('2026-03-01 18:00:00') + NUMBER", "2026-03-01T18:00:00Z"),
        ("INTEGER", "1772366400123456789 + NUMBER * 1000000000", "2026-03-01T12:00:00.123456Z"),
        ("INTEGER", "1772366400123456 + NUMBER * 1000000", "2026-03-01T12:00:00.123456Z"),
        ("INTEGER", "1772366400123 + NUMBER * 1000", "2026-03-01T12:00:00.123Z"),
        ("REAL", "1772366400.5 + NUMBER", "2026-03-01T12:00:00.5Z"),
        ("TEXT", "datetime('2026-03-01 12:00:00', '+' || NUMBER || ' seconds')", "2026-03-01T12:00:00Z"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = file(
            folder.path(),
            &format!("CREATE TABLE history (entity TEXT, rev INTEGER, kind TEXT, moment {column}, body TEXT)"),
            80,
            |number, stream, version| {
                let value = value.replace("NUMBER", &number.to_string());
                format!(
                    "INSERT INTO history VALUES ('e{stream}', {}, '{}', {value}, '{{}}')",
                    version + 1,
                    kind(number)
                )
            },
        );
        says(&guessed(&path), &["time = \"moment\""]);
        let first = fixtures::all(opens(&path, 80, 7, 1).as_mut(), &Scope::Log, 30).remove(0);
        assert_eq!(first.decoded.time.unwrap().to_string(), expected, "{value}");
    }
}

const ALIKE: &str =
    "(id INTEGER PRIMARY KEY, aggregate_id TEXT, version INTEGER, type TEXT, payload TEXT, created_at TEXT";

fn alike(table: &str, number: u32, stream: u32, version: u32, more: &str) -> String {
    format!(
        "INSERT INTO {table} VALUES (NULL, 's{stream}', {version}, '{}', '{{\"n\":{number}}}', '2026-01-01 10:{:02}:00'{more})",
        kind(number),
        number % 60
    )
}

#[test]
fn what_only_looks_like_the_log_beside_it_is_not_taken_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let schema = format!(
        "CREATE TABLE ship_events {ALIKE}, UNIQUE (aggregate_id, version)); CREATE TABLE event_outbox {ALIKE}, published_at TEXT);
         CREATE TABLE audit_log {ALIKE}); CREATE TABLE ship_snapshots {ALIKE})"
    );
    let path = file(folder.path(), &schema, 200, |number, stream, version| {
        let outbox = alike("event_outbox", number, stream, version + 1, ", '2026-01-02'");
        let audit = alike("audit_log", number, stream % 3, 1, "");
        let snapshot = if version % 10 == 0 {
            alike("ship_snapshots", number, stream, version, "")
        } else {
            "SELECT 1".to_owned()
        };
        format!("{}; {outbox}; {outbox}; {audit}; {snapshot}", alike("ship_events", number, stream, version + 1, ""))
    });
    let log = opens(&path, 200, 7, 1);
    let evidence = log.info().evidence.join("\n");
    assert!(!evidence.contains("not shown"), "{evidence}");
    let text = guessed(&path);
    assert!(text.lines().any(|line| line == "table = \"ship_events\""), "{text}");
}

#[test]
fn a_file_of_look_alikes_alone_is_not_opened_by_itself() {
    let schema_and_more = [
        ("event_outbox", ", published_at TEXT)", ", NULL"),
        ("queue", ", attempts INTEGER)", ", 0"),
        ("audit_log", ")", ""),
    ];
    for (table, columns, more) in schema_and_more {
        let folder = tempfile::tempdir().unwrap();
        let schema = format!("CREATE TABLE {table} {ALIKE}{columns}");
        let path = file(folder.path(), &schema, 100, |number, stream, version| {
            let version = if table == "audit_log" { 1 } else { version + 1 };
            alike(table, number, stream, version, more)
        });
        let refused = store::open(path.to_str().unwrap()).map(|_| ()).unwrap_err();
        assert!(matches!(refused, Error::Open(_)), "{refused}");
        assert!(refused.to_string().contains("eventscope map"), "{refused}");
    }
}

#[test]
fn a_payload_behind_zlib_is_a_payload() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("port.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE packed (thing TEXT, rev INTEGER, what TEXT, body BLOB)").unwrap();
    for number in 0..60_u32 {
        let mut body = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut body, format!("{{\"n\":{number}}}").as_bytes()).unwrap();
        database
            .execute(
                "INSERT INTO packed VALUES (?1, ?2, ?3, ?4)",
                (format!("t{}", number % 4), number / 4 + 1, kind(number), body.finish().unwrap()),
            )
            .unwrap();
    }
    drop(database);
    says(&guessed(&path), &["payload = \"body\""]);
    let mut log = opens(&path, 60, 4, 1);
    let read = fixtures::all(log.as_mut(), &Scope::Log, 30);
    assert_eq!(read[7].decoded.data.as_ref().unwrap()["n"], 7);
    assert_eq!(read[7].decoded.decoded_by, "zlib, JSON");
}

#[test]
fn of_two_logs_in_a_file_either_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let columns = "(owner TEXT, rev INTEGER, kind TEXT, body TEXT, UNIQUE (owner, rev))";
    let schema = format!("CREATE TABLE orders_log {columns}; CREATE TABLE stock_log {columns}");
    let path = file(folder.path(), &schema, 150, |number, stream, version| {
        let row = format!("VALUES ('o{stream}', {}, '{}', '{{}}')", version + 1, kind(number));
        let second = if number < 80 { format!("; INSERT INTO stock_log {row}") } else { String::new() };
        format!("INSERT INTO orders_log {row}{second}")
    });
    let log = opens(&path, 150, 7, 1);
    let evidence = log.info().evidence.join("\n");
    assert!(evidence.contains("\"stock_log\"") && evidence.contains("?table=stock_log"), "{evidence}");
    let mut other = store::open(&format!("{}?table=stock_log", path.display())).unwrap();
    assert_eq!(other.totals().unwrap().events, 80);
    let both = "[[mapping]]\ntable = \"stock_log\"\nstream = \"owner\"\nversion = \"rev\"\ntype = \"kind\"\n
                [[mapping]]\ntable = \"orders_log\"\nstream = \"owner\"\nversion = \"rev\"\ntype = \"kind\"\n";
    std::fs::write(folder.path().join("eventscope.toml"), both).unwrap();
    assert_eq!(fixtures::open(&path).totals().unwrap().events, 80);
    let mut other = store::open(&format!("{}?table=orders_log", path.display())).unwrap();
    assert_eq!(other.totals().unwrap().events, 150);
}

#[test]
fn without_versions_a_guess_is_a_proposal_that_works_once_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "CREATE TABLE timeline (id INTEGER PRIMARY KEY, order_id TEXT, action TEXT, details TEXT, at TEXT)",
        100,
        |number, stream, _| {
            format!(
                "INSERT INTO timeline VALUES (NULL, 'order-{stream}', '{}', '{{\"n\":{number}}}', '2026-01-01T00:00:{:02}Z')",
                kind(number),
                number % 60
            )
        },
    );
    assert!(store::open(path.to_str().unwrap()).is_err());
    std::fs::write(folder.path().join("eventscope.toml"), guessed(&path)).unwrap();
    let mut log = fixtures::open(&path);
    let totals = log.totals().unwrap();
    assert_eq!((totals.events, totals.streams), (100, 7));
    assert!(fixtures::all(log.as_mut(), &fixtures::stream("order-1"), 5).iter().all(|event| event.version.is_none()));
}

#[test]
fn a_log_with_too_little_to_look_at_is_known_by_its_names_and_its_key() {
    let schema = "CREATE TABLE domain_events (global_position INTEGER PRIMARY KEY, stream_id TEXT NOT NULL,
                  stream_version INTEGER NOT NULL, event_type TEXT NOT NULL, payload BLOB, metadata TEXT, event_id TEXT,
                  created_at TEXT, UNIQUE (stream_id, stream_version))";
    let row = |stream: &str, version: u32, kind: &str| {
        format!(
            "INSERT INTO domain_events VALUES (NULL, '{stream}', {version}, '{kind}', x'7b226e223a317d', NULL, NULL,
             '2026-04-01T10:00:00Z')"
        )
    };
    let few: [Vec<String>; 5] = [
        (1..=40).map(|version| row("only", version, ["Opened", "Closed"][version as usize % 2])).collect(),
        (1..=40_u32).map(|number| row(&format!("s{}", number % 4), number.div_ceil(4), "Ticked")).collect(),
        vec![row("a", 1, "Opened"), row("b", 1, "Opened"), row("a", 2, "Closed")],
        (1..=20).map(|number| row(&format!("one-{number}"), 1, "Opened")).collect(),
        Vec::new(),
    ];
    for rows in few {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("few.db");
        Connection::open(&path).unwrap().execute_batch(&format!("{schema}; {};", rows.join("; "))).unwrap();
        let text = guessed(&path);
        says(
            &text,
            &[
                "stream = \"stream_id\"",
                "version = \"stream_version\"",
                "type = \"event_type\"",
                "payload = \"payload\"",
            ],
        );
        let mut log = fixtures::open(&path);
        assert_eq!(log.totals().unwrap().events, rows.len() as u64, "{text}");
        if !rows.is_empty() {
            assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 7)[0].decoded.data.as_ref().unwrap()["n"], 1);
        }
    }
}

#[test]
fn what_only_looks_like_a_log_is_none_with_little_to_look_at_either() {
    for (table, more) in [("event_outbox", ""), ("events", ", published_at TEXT"), ("snapshots", "")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("few.db");
        let schema = format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, payload TEXT, at TEXT{more},
             UNIQUE (stream_id, version)); INSERT INTO {table} (stream_id, version, type, payload, at)
             VALUES ('a', 1, 'Opened', '{{}}', '2026-01-01T00:00:00Z'), ('a', 2, 'Closed', '{{}}', '2026-01-01T00:00:00Z')"
        );
        Connection::open(&path).unwrap().execute_batch(&schema).unwrap();
        assert!(matches!(store::open(path.to_str().unwrap()).map(|_| ()), Err(Error::Open(_))), "{table}");
        assert!(
            guessed(&path).contains("perhaps no event log") || guessed(&path).contains("is not that of an event log")
        );
    }
}
