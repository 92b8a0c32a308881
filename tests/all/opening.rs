//! Opening: what cannot be opened is refused in plain words, and what is opened stays as it was, file by file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use eventscope::event::Scope;
use eventscope::log::Access;
use rusqlite::Connection;

use crate::client::{self, Client};
use crate::fixtures::{self, FOREIGN};

/// All of a folder: names, bytes and times.
fn picture(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.path(), (fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap())))
        .collect()
}

/// Does all that a reader does.
fn use_all_of(path: &Path) -> u64 {
    let mut log = fixtures::open(path);
    let events = log.totals().unwrap().events;
    for stream in fixtures::streams(log.as_mut(), 7, None) {
        fixtures::all(log.as_mut(), &Scope::Stream(stream.stream), 3);
    }
    for category in log.categories().unwrap() {
        log.extent(&Scope::Category(category.category)).unwrap();
    }
    log.snapshots(None).unwrap();
    log.head().unwrap();
    assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 100).len() as u64, events);
    events
}

#[test]
fn nothing_in_the_folder_changes() {
    for (library, name) in FOREIGN {
        let folder = tempfile::tempdir().unwrap();
        let path = fixtures::copy(library, name, folder.path());
        let before = picture(folder.path());
        let events = use_all_of(&path);
        assert_eq!(fixtures::events_total(&fixtures::truth(library, name)), events, "{name}");
        assert!(picture(folder.path()) == before, "{name}: the folder changed");
        let access = if name.ends_with("live-wal") { Access::AtRestWithWal } else { Access::AtRest };
        assert_eq!(fixtures::open(&path).info().access, access, "{name}");
    }
}

#[test]
fn nothing_changes_beside_a_rollback_journal_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path());
    let writer = Connection::open(&path).unwrap();
    writer.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)).unwrap();
    drop(writer);
    let before = picture(folder.path());
    assert_eq!(use_all_of(&path), 1_197);
    assert!(picture(folder.path()) == before, "the folder changed");
    let log = fixtures::open(&path);
    assert_eq!((log.info().access, log.info().journal), (Access::AtRest, "delete"));
}

#[cfg(unix)]
#[test]
fn a_folder_without_write_permission_is_enough() {
    use std::os::unix::fs::PermissionsExt;
    for (library, name) in FOREIGN {
        let folder = tempfile::tempdir().unwrap();
        let path = fixtures::copy(library, name, folder.path());
        for entry in fs::read_dir(folder.path()).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let before = picture(folder.path());
        let events = fixtures::events_total(&fixtures::truth(library, name));
        let access = if name.ends_with("live-wal") { "AtRestWithWal" } else { "AtRest" };
        let answer = client::read_as_nobody(&path);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(answer, Some(format!("{events} events, {access}")), "{name}");
        assert!(picture(folder.path()) == before, "{name}: the folder changed");
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_read_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let answer = client::read_as_nobody(&path).unwrap();
    assert!(answer.starts_with("3 (cannot open log: no permission to read "), "{answer}");
}

#[test]
fn any_name_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b?mode=rwc#x%20%", "ünï 北京", "file:x&immutable=0", "-wal", "it's \"so\""] {
        let inner = folder.path().join(name);
        fs::create_dir(&inner).unwrap();
        let copied = fixtures::copy("eventsourcing", "eventsourcing-9.5.6-live-wal", &inner);
        let path = inner.join(name);
        fs::rename(&copied, &path).unwrap();
        fs::rename(copied.with_extension("sqlite-wal"), inner.join(format!("{name}-wal"))).unwrap();
        assert_eq!(use_all_of(&path), 139, "{name}");
    }
}

#[test]
fn what_is_no_log_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let whole = fs::read(fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path())).unwrap();
    let mut newer = whole.clone();
    newer[19] = 3;
    let mut odd_pages = whole.clone();
    odd_pages[16..18].copy_from_slice(&[0x0b, 0xad]);
    let mut noise: Vec<u8> = (0_u32..5_000).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    noise[0] = 0xfe;
    let mut damaged = whole.clone();
    damaged[100..4_096].fill(0xff);
    let cases = [
        (folder.path().join("missing.db"), "there is no file "),
        (folder.path().to_owned(), "is a folder (name the file in it)"),
        (make("empty.db", b""), "is empty"),
        (make("notes.txt", b"just some text\n"), "is no SQLite database: it seems to be a text file"),
        (make("dump.sql", b"PRAGMA foreign_keys=OFF;\nCREATE TABLE x(y);"), "it seems to be SQL text"),
        (make("log.json", b"{\"a\":1}"), "it seems to be JSON"),
        (make("log.gz", b"\x1f\x8b\x08\0\0\0\0\0"), "compressed with gzip (unpack it first)"),
        (make("noise", &noise), "is no SQLite database: it seems to be encrypted or of another kind"),
        (make("zeros", &[0; 4_096]), "it is full of zero bytes"),
        (make("a-wal", b"\x37\x7f\x06\x82\0\x2d\xe2\x18"), "it is the -wal of one"),
        (make("cut.db", &whole[..200_000]), "is cut off: 200000 of 827392 bytes are there"),
        (make("cut header.db", &whole[..60]), "is cut off: 60 bytes are there"),
        (make("cut page.db", &whole[..2_000]), "is cut off: 2000 of 4096 bytes are there"),
        (make("newer.db", &newer), "is written in a newer SQLite format (3)"),
        (make("odd.db", &odd_pages), "its header names pages of 2989 bytes"),
        (make("damaged.db", &damaged), "the file is damaged"),
    ];
    for (path, words) in cases {
        let (message, code) = fixtures::refusal(&path);
        assert!(message.starts_with("cannot open log: ") && message.contains(words), "{}: {message}", path.display());
        assert_eq!(code, 3, "{message}");
        assert!(!message.contains("cannot open log: cannot open"), "{message}");
    }
}

fn database(folder: &Path, name: &str, sql: &str) -> PathBuf {
    let path = folder.join(name);
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    path
}

#[test]
fn tables_that_are_no_events_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let columns = "originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB";
    let cases = [
        ("users", "CREATE TABLE users (a); CREATE TABLE pets (b);".to_owned(), "(tables: pets, users)"),
        ("bare", "CREATE TABLE x (a); DROP TABLE x;".to_owned(), "the database has no tables"),
        (
            "view",
            format!("CREATE TABLE t ({columns}, x); CREATE TABLE u ({columns}) WITHOUT ROWID;")
                .replace(") WITHOUT", ", PRIMARY KEY (topic)) WITHOUT")
                + "DROP TABLE t; CREATE VIEW stored_events AS SELECT * FROM u;",
            "(tables: u)",
        ),
        (
            "snapshots only",
            format!(
                "CREATE TABLE stored_snapshots ({columns}); INSERT INTO stored_snapshots VALUES ('a', 1, 'x.y:Snapshot', '{{}}');"
            ),
            "(tables: stored_snapshots)",
        ),
        (
            "newer",
            "PRAGMA application_id = 1163285587; PRAGMA user_version = 99; CREATE TABLE events (a);".to_owned(),
            "its schema has version 99, this one reads up to 1 (update Eventscope)",
        ),
    ];
    for (name, sql, words) in cases {
        let (message, code) = fixtures::refusal(&database(folder.path(), name, &sql));
        assert!(message.starts_with("cannot open log: ") && message.contains(words), "{name}: {message}");
        assert_eq!(code, 3, "{name}");
    }
}

#[test]
fn events_are_found_by_their_columns_whatever_the_table_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let columns = "originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version)";
    let sql = format!(
        "CREATE TABLE \"shop \"\"x\"\"_events\" ({columns});
         CREATE TABLE \"shop \"\"x\"\"_snapshots\" ({columns}) WITHOUT ROWID;
         INSERT INTO \"shop \"\"x\"\"_events\" VALUES ('order-1', 1, 'shop:Order.Placed', '{{\"n\":1}}'), ('order-1', 2, 'shop:Order.Paid', '{{\"n\":2}}');
         INSERT INTO \"shop \"\"x\"\"_snapshots\" VALUES ('order-1', 2, 'eventsourcing.domain:Snapshot', '{{\"state\":{{\"n\":2}}}}');"
    );
    let path = database(folder.path(), "shop", &sql);
    let mut log = fixtures::open(&path);
    assert_eq!(log.info().layout, "eventsourcing");
    let read = fixtures::all(log.as_mut(), &fixtures::stream("order-1"), 10);
    assert_eq!(read.iter().map(|event| event.event_type.as_str()).collect::<Vec<_>>(), ["Order.Placed", "Order.Paid"]);
    let snapshots = log.snapshots(None).unwrap();
    assert_eq!(snapshots.len(), 1);
    assert_eq!(snapshots[0].state.as_ref().unwrap()["n"], 2);
}

#[test]
fn a_locked_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path());
    let mut writer = Client::start(&path);
    writer.sql("PRAGMA journal_mode = DELETE");
    assert_eq!(writer.sql("BEGIN EXCLUSIVE"), "");
    let (message, code) = fixtures::refusal(&path);
    assert!(message.contains("another program holds a lock on the file"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(writer.sql("COMMIT"), "");
    assert_eq!(use_all_of(&path), 1_197);
    writer.close();
}

#[test]
fn a_transaction_that_was_cut_short_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path());
    let mut writer = Client::start(&path);
    for sql in [
        "PRAGMA journal_mode = DELETE",
        "PRAGMA cache_size = 1",
        "BEGIN",
        "UPDATE emt_messages SET message_data = '{}'",
    ] {
        writer.sql(sql);
    }
    writer.kill();
    let before = picture(folder.path());
    let (message, code) = fixtures::refusal(&path);
    assert!(message.contains("has a transaction that was cut short, in its -journal (open it once with"), "{message}");
    assert_eq!(code, 3);
    assert!(picture(folder.path()) == before, "the folder changed");
}

#[test]
fn classes_within_classes_are_categories_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let topics = [
        "a.b:Order.Placed",
        "a.b:Order.Line.Added",
        "a.b:Order.Line.Gone",
        "a.b:Bare",
        "a.b:Orders.Placed",
        "a.b:A..B",
    ];
    let rows: Vec<String> =
        topics.iter().enumerate().map(|(number, topic)| format!("('s{number}', 1, '{topic}', '{{}}')")).collect();
    let sql = format!(
        "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB,
            PRIMARY KEY (originator_id, originator_version));
         INSERT INTO stored_events VALUES {};",
        rows.join(", ")
    );
    let mut log = fixtures::open(&database(folder.path(), "classes", &sql));
    let decoder = log.decoder();
    let names: Vec<String> = log.categories().unwrap().iter().map(|info| info.category.to_string()).collect();
    assert_eq!(names, ["A.", "Bare", "Order", "Order.Line", "Orders"]);
    for name in names {
        let mut batch = eventscope::event::EventBatch::new();
        log.read(&Scope::Category(name.as_str().into()), &eventscope::event::Resume::Start, 10, &mut batch).unwrap();
        assert_eq!(batch.len(), if name == "Order.Line" { 2 } else { 1 }, "{name}");
        for event in batch.iter() {
            assert_eq!(decoder.category(&event), name);
        }
    }
}

#[test]
fn values_of_any_kind_are_read_without_a_hitch() {
    let folder = tempfile::tempdir().unwrap();
    let odd = [
        "('', 1, 'a:B.C', '{}')",
        "('plain', 1, 'a:B.C', '{}')",
        "(CAST(x'ff41' AS TEXT), 1, 'a:B.C', '{}')",
        "('nul' || char(0) || 'inside', 1, 'a:B.C', x'00')",
        "(x'0102', 1, 'a:B.C', '{}')",
        "(NULL, 1, 'a:B.C', '{}')",
        "('z', 'one', 'a:B.C', '{}')",
        "('z', 2, NULL, NULL)",
        "('z', 3, x'ff', 12.5)",
    ];
    let sql = format!(
        "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB,
            PRIMARY KEY (originator_id, originator_version));
         INSERT INTO stored_events VALUES {};",
        odd.join(", ")
    );
    let mut log = fixtures::open(&database(folder.path(), "odd", &sql));
    assert_eq!(fixtures::all(log.as_mut(), &Scope::Log, 2).len(), odd.len());
    for limit in [1, 100] {
        let names: Vec<_> =
            fixtures::streams(log.as_mut(), limit, None).iter().map(|info| info.stream.to_string()).collect();
        assert_eq!(names, ["", "nul\0inside", "plain", "z"]);
    }
    assert_eq!(fixtures::all(log.as_mut(), &fixtures::stream("nul\0inside"), 10).len(), 1);
    log.totals().unwrap();
    log.categories().unwrap();
    assert_eq!(log.growth(&eventscope::event::Resume::Start).unwrap().events, odd.len() as u64);
}

#[test]
fn a_wal_without_a_whole_transaction_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", folder.path());
    for wal in [vec![0; 5_000], b"\x37\x7f\x06\x82\0\x2d\xe2\x18\0\0\x10\0".repeat(20)] {
        fs::write(path.with_extension("sqlite-wal"), wal).unwrap();
        let before = picture(folder.path());
        assert_eq!(use_all_of(&path), 1_197);
        assert!(picture(folder.path()) == before, "the folder changed");
    }
}
