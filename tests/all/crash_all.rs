//! Everything that writes, killed at any moment and at the same time: appends, archive, trim, import, snapshot. What was
//! acknowledged is there, nothing is torn, and the log is clean.
//!
//! `EVENTSCOPE_CRASH_KILLS` sets how many kills there are (60 unless told).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eventscope::event::{EventBatch, Resume, Scope, Seq};
use eventscope::store::native::{NewEvent, Store};
use eventscope::store::verify::verify;

use super::fixtures;

/// The environment variable that sets how many kills there are.
const KILLS_VARIABLE: &str = "EVENTSCOPE_CRASH_KILLS";
const KILLS: u64 = 60;
/// Events in one transaction of the writer, all of one stream.
const BATCH: usize = 3;
/// Events in one import.
const IMPORTED: usize = 40;
const SEED: u64 = 20_261_124;

/// How many kills a test has: what the environment says, or its own number.
pub fn kills(unless_told: u64) -> u64 {
    std::env::var(KILLS_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(unless_told)
}

fn eventscope(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_eventscope"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// An event that was acknowledged: where it stands, and what it says.
struct Acknowledged {
    position: i64,
    stream: String,
    data: String,
}

/// Appends from standard input until it is killed, and gives what was acknowledged.
fn append_until_killed(path: &Path, run: u64, moment: Duration, mut beside: Option<Child>) -> Vec<Acknowledged> {
    let mut child = eventscope(&["append", path.to_str().unwrap(), "--stdin", "--json", "--batch", &BATCH.to_string()]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let data = move |number: usize| format!("{{\"run\":{run},\"number\":{number}}}");
    let feeder = std::thread::spawn(move || {
        let mut number = 0;
        // Until nobody reads any more.
        while input
            .write_all(
                format!("{{\"stream\":\"s-{}\",\"type\":\"Counted\",\"data\":{}}}\n", number / BATCH % 5, data(number))
                    .as_bytes(),
            )
            .is_ok()
        {
            number += 1;
        }
    });
    let started = Instant::now();
    let mut acknowledged = Vec::new();
    let mut text = String::new();
    let mut is_killed = false;
    loop {
        if !is_killed && started.elapsed() >= moment {
            child.kill().unwrap();
            if let Some(beside) = &mut beside {
                beside.kill().unwrap();
            }
            is_killed = true;
        }
        text.clear();
        if output.read_line(&mut text).unwrap() == 0 {
            break;
        }
        if let Some(whole) = text.strip_suffix('\n') {
            let told: serde_json::Value = serde_json::from_str(whole).unwrap();
            acknowledged.push(Acknowledged {
                position: told["position"].as_i64().unwrap(),
                stream: told["stream"].as_str().unwrap().to_owned(),
                data: data(acknowledged.len()),
            });
        }
    }
    if !is_killed {
        // It had ended by itself: a lock that the other held for too long.
        if let Some(beside) = &mut beside {
            let _ = beside.kill();
        }
    }
    child.wait().unwrap();
    if let Some(mut beside) = beside {
        beside.wait().unwrap();
    }
    feeder.join().unwrap();
    acknowledged
}

fn assert_clean(path: &Path, context: &str) -> u64 {
    let mut found = Vec::new();
    let summary = verify(fixtures::open(path).as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, [], "{context}");
    summary.events
}

/// A log to import, whose ids nobody else has.
fn source(folder: &Path, run: u64) -> String {
    let path = folder.join(format!("source-{run}.db"));
    let mut store = Store::create(&path).unwrap();
    let events: Vec<NewEvent> = (0..IMPORTED).map(|number| NewEvent::new("Imported", number.to_string())).collect();
    let stream = eventscope::event::StreamId::new(&format!("import-{run}"));
    store.append(&stream, eventscope::store::native::Expected::None, &events).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn whatever_is_killed_nothing_acknowledged_is_lost() {
    let kills = kills(KILLS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(Store::create(&path).unwrap());
    let log = path.to_str().unwrap().to_owned();
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut all: Vec<Acknowledged> = Vec::new();
    let (mut archives, mut imports) = (0, 0);
    for kill in 0..kills {
        let to = folder.path().join(format!("{archives}.archive"));
        let beside = match kill % 4 {
            0 => None,
            1 => Some(eventscope(&["archive", &log, "--before", "2999-01-01", "--to", to.to_str().unwrap(), "--trim"])),
            2 => {
                imports += 1;
                Some(eventscope(&["import", &log, "--from", &source(folder.path(), kill)]))
            }
            _ => Some(eventscope(&["snapshot", &log, "--stream", "s-1"])),
        };
        let moment = Duration::from_millis(chance.u64(0..120));
        let context = format!("seed {SEED}, kill {kill} after {moment:?}");
        all.extend(append_until_killed(&path, kill, moment, beside));
        // The archive took its name and its place, or neither; a name alone is used by the next one.
        let used: i64 = rusqlite::Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(*) FROM archives", [], |row| row.get(0))
            .unwrap();
        archives = used;
        let mut opened = fixtures::open(&path);
        let mut batch = EventBatch::new();
        for event in &all[all.len().saturating_sub(200)..] {
            let before =
                if event.position == 1 { Resume::Start } else { Resume::After(Seq::Number(event.position - 1)) };
            opened.read(&Scope::Log, &before, 1, &mut batch).unwrap();
            let raw = batch.get(0).unwrap_or_else(|| panic!("{context}: position {} was acknowledged", event.position));
            assert_eq!(raw.seq, Seq::Number(event.position), "{context}");
            assert_eq!((raw.stream, raw.data), (event.stream.as_str(), event.data.as_bytes()), "{context}");
        }
        if kill % 20 == 19 {
            assert_clean(&path, &context);
        }
    }
    let context = format!("seed {SEED}, {kills} kills");
    let events = assert_clean(&path, &context);
    // Everything once more, in one pass; and whole transactions only.
    let mut log = fixtures::open(&path);
    let whole = fixtures::all(log.as_mut(), &Scope::Log, 1_000);
    assert_eq!(whole.len() as u64, events);
    for event in &all {
        let kept = &whole[usize::try_from(event.position - 1).unwrap()];
        assert_eq!((kept.key, kept.stream.as_str()), (event.position, event.stream.as_str()), "{context}");
        assert_eq!(kept.decoded.data.as_ref().unwrap().to_string(), event.data, "{context}");
    }
    let appended = whole.iter().filter(|event| event.event_type == "Counted").count();
    assert_eq!(appended % BATCH, 0, "{context}: half a transaction was kept");
    for stream in log.streams(&eventscope::log::StreamPage { limit: 10_000, ..Default::default() }).unwrap() {
        if stream.stream.as_str().starts_with("import-") {
            assert_eq!(stream.events, IMPORTED as u64, "{context}: half an import was kept");
        }
    }
    if kills >= KILLS {
        assert!(archives > 0 && imports > 0 && !all.is_empty(), "{context}: {archives} archives, {} events", all.len());
    }
}

/// A limit on the size of files fails as a full disk does: in the middle of a write.
#[cfg(unix)]
#[test]
fn a_disk_without_room_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let padding = "x".repeat(1_000);
    let line = |number: i32| format!("{{\"stream\":\"s\",\"type\":\"T\",\"data\":\"{number}{padding}\"}}\n");
    let input: Vec<String> = (0..4_000).map(line).collect();
    let input = input.concat();
    // Half a MiB for each file; the signal that would end the process is ignored.
    let script = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" append \"$1\" --stdin --json --batch 10";
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_eventscope"), path.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        // It ends before all is read.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("cannot append") && said.contains("disk"), "{said}");
    let acknowledged = String::from_utf8(output.stdout).unwrap().lines().count();
    assert!(acknowledged > 0, "{said}");
    assert!(assert_clean(&path, "after the disk was full") >= acknowledged as u64);
    let mut store = Store::open(&path).unwrap();
    let stream = eventscope::event::StreamId::new("s");
    store.append(&stream, eventscope::store::native::Expected::Any, &[NewEvent::new("After", "1")]).unwrap();
}
