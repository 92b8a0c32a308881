//! A writer that is killed at any moment: what it acknowledged is there, the rest is whole transactions, and the log
//! goes on.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eventscope::event::StreamId;
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};
use eventscope::store::verify::verify;
use rusqlite::Connection;

use super::fixtures;

/// Kills in one run, unless `EVENTSCOPE_CRASH_KILLS` says another number.
const KILLS: u64 = 200;
/// Kills while a log is being created.
const KILLS_AT_CREATION: u64 = 40;
/// Events in one transaction.
const BATCH: i64 = 3;
/// Streams that the events go round.
const STREAMS: i64 = 7;
/// The seed of all moments: change it to try others.
const SEED: u64 = 20_260_719;

/// `eventscope append LOG --stdin`, as anybody would run it.
fn append(path: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(["append", path.to_str().unwrap(), "--stdin", "--json", "--batch", &BATCH.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The event with this number, from 1: it says itself where it must stand.
fn line(number: i64) -> String {
    format!("{{\"stream\":\"s-{}\",\"type\":\"Counted\",\"data\":{{\"n\":{number}}}}}\n", number % STREAMS)
}

/// Lets a moment pass that is shorter than any sleep, so that kills fall inside of transactions too.
fn wait_busily(moment: Duration) {
    let started = Instant::now();
    while started.elapsed() < moment {
        std::hint::spin_loop();
    }
}

fn events_in(client: &Connection) -> i64 {
    client.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
}

fn assert_clean(path: &Path) {
    let mut log = fixtures::open(path);
    let mut found = Vec::new();
    verify(log.as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, []);
}

/// Feeds a writer until `acknowledged` lines have come back and a moment more, kills it, and gives all lines that it
/// had printed.
fn run_and_kill(path: &Path, next: i64, acknowledged: usize, moment: Duration) -> Vec<String> {
    let mut child = append(path);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let feeder = std::thread::Builder::new()
        .name("feeder".to_owned())
        .spawn(move || {
            // Until nobody reads any more.
            let mut number = next;
            while input.write_all(line(number).as_bytes()).is_ok() {
                number += 1;
            }
        })
        .unwrap();
    let mut lines = Vec::new();
    let mut text = String::new();
    let mut killed = false;
    loop {
        if lines.len() >= acknowledged && !killed {
            wait_busily(moment);
            child.kill().unwrap();
            killed = true;
        }
        text.clear();
        if output.read_line(&mut text).unwrap() == 0 {
            break;
        }
        // A line without its end was cut by the kill: it acknowledges nothing.
        if let Some(whole) = text.strip_suffix('\n') {
            lines.push(whole.to_owned());
        }
    }
    let status = child.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(killed && !status.success(), "the writer ended by itself: {status} {said}");
    feeder.join().unwrap();
    lines
}

#[test]
fn what_a_killed_writer_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut chance = fastrand::Rng::with_seed(SEED);
    let (mut before, mut in_flight) = (0, 0);
    for kill in 0..super::crash_all::kills(KILLS) {
        let acknowledged = chance.usize(0..60);
        let moment = Duration::from_micros(chance.u64(0..3_000));
        let context = format!("seed {SEED}, kill {kill}: {acknowledged} acknowledged, then {moment:?}");
        let lines = run_and_kill(&path, before + 1, acknowledged, moment);

        if !path.exists() || path.metadata().unwrap().len() == 0 {
            assert!(lines.is_empty() && before == 0, "{context}: the log is gone");
            continue;
        }
        // The next writer opens it, whatever was left beside it.
        drop(Store::open_or_create(&path).unwrap_or_else(|error| panic!("{context}: {error}")));
        let client = Connection::open(&path).unwrap();
        let mut find = client.prepare("SELECT stream, version, data FROM event_log WHERE position = ?1").unwrap();
        for (index, text) in (before..).zip(&lines) {
            let told: serde_json::Value = serde_json::from_str(text).unwrap();
            let position = index + 1;
            assert_eq!(told["position"].as_i64(), Some(position), "{context}");
            let (stream, version, data): (String, i64, String) = find
                .query_row([position], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .unwrap_or_else(|error| panic!("{context}: position {position} was acknowledged: {error}"));
            assert_eq!((told["stream"].as_str(), told["version"].as_i64()), (Some(stream.as_str()), Some(version)));
            assert_eq!(data, format!("{{\"n\":{position}}}"), "{context}");
        }
        let after = events_in(&client);
        let acknowledged = before + i64::try_from(lines.len()).unwrap();
        assert!(after >= acknowledged, "{context}");
        assert_eq!(after % BATCH, 0, "{context}: half a transaction was kept");
        let wrong: i64 = client
            .query_row(
                "SELECT count(*) FROM event_log WHERE json_extract(data, '$.n') <> position
                    OR stream <> 's-' || (position % ?1) OR version <> (position - 1) / ?1 + 1",
                [STREAMS],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(wrong, 0, "{context}");
        in_flight += after - acknowledged;
        before = after;
        if kill % 50 == 49 {
            assert_clean(&path);
        }
    }
    assert_clean(&path);
    // Else the kills were not where they hurt.
    assert!(before > 1_000, "only {before} events were written");
    assert!(in_flight > 0, "no kill fell between a commit and its acknowledgement");
}

#[test]
fn a_creation_that_was_killed_can_be_repeated() {
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut cut_short = 0;
    for kill in 0..KILLS_AT_CREATION {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut child = append(&path);
        child.stdin.take().unwrap().write_all(line(1).as_bytes()).unwrap();
        // From when the file appears, within the time that its creation takes.
        let deadline = Instant::now() + Duration::from_secs(20);
        while !path.exists() && Instant::now() < deadline {
            std::hint::spin_loop();
        }
        // Mostly at once, and sometimes when all is done.
        wait_busily(Duration::from_micros(chance.u64(0..64) * chance.u64(0..64)));
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        cut_short += u64::from(kept == 0);

        let mut store =
            Store::open_or_create(&path).unwrap_or_else(|error| panic!("kill {kill}, {kept} bytes: {error}"));
        let event =
            NewEvent { id: None, event_type: "After".to_owned(), time: None, data: b"1".to_vec(), metadata: None };
        store.append(&StreamId::new("after"), Expected::None, &[event]).unwrap();
        drop(store);
        assert_clean(&path);
    }
    assert!(cut_short > 0, "no kill fell into a creation");
}
