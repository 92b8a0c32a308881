//! Foreign logs as they are in use: a whole session that leaves no trace, a writer in another process that notices nothing,
//! and a log that is a thousand times larger.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use eventscope::event::{EventBatch, Resume, Scope};
use rusqlite::Connection;

use crate::cli::{Folder, contents};
use crate::fixtures::{self, FOREIGN};
use crate::repeated::{LOGS, repeat};

/// Set in the child that writes: the log's path and its number in [`LOGS`].
const WRITER: &str = "EVENTSCOPE_TEST_WRITER";
/// Transactions of the writer.
const TRANSACTIONS: i64 = 20;

#[test]
fn a_whole_session_at_rest_leaves_the_folder_as_it_was() {
    for (library, name) in FOREIGN {
        let folder = Folder::new();
        fixtures::copy(library, name, &folder.path(""));
        let log = format!("{name}.sqlite");
        let before = contents(&folder.path(""));
        let run = |arguments: &[&str]| {
            let ran = folder.run(arguments);
            assert!(ran.code <= 1, "{name}: {arguments:?}: {ran:?}");
            ran
        };
        let streams = run(&["streams", &log, "--json"]).objects();
        let largest = streams.iter().max_by_key(|stream| stream["events"].as_u64()).unwrap();
        let stream = largest["stream"].as_str().unwrap();
        run(&["info", &log, "--json"]);
        run(&["events", &log, "--json"]);
        run(&["events", &log, "--stream", stream, "--json"]);
        run(&["search", &log, "a", "--json"]);
        run(&["facets", &log, "--json"]);
        run(&["state", &log, "--stream", stream, "--json"]);
        run(&["find", &log, "--stream", stream, "--when", "true"]);
        run(&[
            "trace",
            &log,
            "--event",
            &run(&["events", &log, "--json", "--limit", "1"]).objects()[0]["position"].to_string(),
        ]);
        run(&["verify", &log, "--json"]);
        let kept = run(&["snapshot", &log, "--stream", stream, "--name", "kept", "--json"]).object();
        assert!(kept["stored_in"].as_str().unwrap().contains("companions"), "{name}: {kept}");
        let snapshots = run(&["snapshots", &log, "--stream", stream, "--verify", "--json"]).objects();
        assert!(snapshots.iter().any(|snapshot| snapshot["source"] == "eventscope"), "{name}: {snapshots:?}");
        assert!(contents(&folder.path("")) == before, "{name}: its folder changed");
    }
}

/// The other process: writes transactions of its own as the library does, and ends the `-wal` each time that it may.
/// Does nothing where it is not told to.
#[test]
fn writer_of_another_process() {
    let Ok(told) = std::env::var(WRITER) else { return };
    let (index, path) = told.split_once(' ').unwrap();
    let log = &LOGS[index.parse::<usize>().unwrap()];
    let mut connection = Connection::open(path).unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let statements = log.statements(&connection);
    let mut busy = 0;
    let mut waiting = std::io::stdin().lines();
    for number in 1..=TRANSACTIONS {
        // Without waiting for anybody: a lock that a reader held would be an error here.
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        for statement in &statements {
            transaction.prepare_cached(statement).unwrap().execute([number]).unwrap();
        }
        transaction.commit().unwrap();
        if number % 10 == 0 {
            // The reader is between two reads now, and waits.
            println!("checkpoint {number}");
            waiting.next().unwrap().unwrap();
            let held: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
            busy += held;
        }
        println!("committed {number}");
    }
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    println!("ended {busy} {sound}");
    // Until the reader has seen all.
    waiting.next().unwrap().unwrap();
}

#[test]
fn a_writer_in_another_process_is_followed_and_notices_nothing() {
    use std::io::Write as _;
    for (index, of) in LOGS.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixtures::copy(of.folder, of.name, folder.path());
        let rows = fixtures::open(&path).totals().unwrap().events;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["foreign::writer_of_another_process", "--exact", "--nocapture", "--test-threads=1"])
            .env(WRITER, format!("{index} {}", path.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut go_on = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut log = None;
        let (mut batch, mut resume, mut read, mut ended) = (EventBatch::new(), Resume::Start, 0_u64, String::new());
        while let Some(Ok(line)) = lines.next() {
            // The test runner prints its own words before the first line.
            let word =
                ["committed ", "checkpoint ", "ended "].iter().find_map(|word| line.find(word).map(|at| &line[at..]));
            let Some(word) = word else { continue };
            let log = log.get_or_insert_with(|| fixtures::open(&path));
            log.head().unwrap();
            loop {
                let end = log.read(&Scope::Log, &resume, 5_000, &mut batch).unwrap();
                read += batch.len() as u64;
                resume = end.next;
                if end.at_end {
                    break;
                }
            }
            if let Some(number) = word.strip_prefix("committed ") {
                let number: u64 = number.parse().unwrap();
                assert!(read >= rows * (number + 1), "{}: {read} events after {number} transactions", of.name);
            } else {
                if let Some(said) = word.strip_prefix("ended ") {
                    said.clone_into(&mut ended);
                    assert_eq!(log.totals().unwrap().events, rows * (TRANSACTIONS.unsigned_abs() + 1), "{}", of.name);
                }
                writeln!(go_on).unwrap();
            }
        }
        assert!(child.wait().unwrap().success(), "{}: the writer failed", of.name);
        assert_eq!(ended, "0 ok", "{}: the writer's checkpoints were held up, or its file is damaged", of.name);
        assert_eq!(read, rows * (TRANSACTIONS.unsigned_abs() + 1), "{}: every event once", of.name);
    }
}

/// Rows of a log that is made larger; `EVENTSCOPE_FOREIGN_ROWS` says another number, a million for instance.
fn rows_wanted() -> u64 {
    std::env::var("EVENTSCOPE_FOREIGN_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(20_000)
}

fn large(path: &Path, of: &crate::repeated::Repeated, rows: u64) -> u64 {
    let times = rows_wanted().div_ceil(rows);
    let mut connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
    repeat(&mut connection, of, i64::try_from(times).unwrap());
    times
}

#[test]
fn a_larger_log_is_the_same_log() {
    for of in &LOGS {
        let folder = tempfile::tempdir().unwrap();
        let path = fixtures::copy(of.folder, of.name, folder.path());
        let small = fixtures::open(&path).totals().unwrap();
        let times = large(&path, of, small.events);
        let mut log = fixtures::open(&path);
        // The first rows come before anything was counted.
        let mut batch = EventBatch::new();
        let started = std::time::Instant::now();
        log.read(&Scope::Log, &Resume::Start, 50, &mut batch).unwrap();
        assert_eq!(batch.len(), 50, "{}", of.name);
        let first = started.elapsed();
        let totals = log.totals().unwrap();
        assert!(first <= started.elapsed());
        assert_eq!(totals.events, small.events * (times + 1), "{}", of.name);
        if of.folder == "livestore" {
            assert_eq!(totals.streams, 1);
            continue;
        }
        // Events without a stream have none, however often they are repeated.
        let alone = u64::from(of.folder == "laravel-event-sourcing");
        assert_eq!(totals.streams - alone, (small.streams - alone) * (times + 1), "{}", of.name);
    }
}
