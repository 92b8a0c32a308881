//! Everything that writes, all at the same time and killed at any moment: several appenders, archive and trim, import,
//! snapshot. What was acknowledged is there, nothing is torn, and the log is clean.
//!
//! `EVENTSCOPE_CRASH_KILLS` sets how many rounds there are (60 unless told), each of which kills all of them;
//! `EVENTSCOPE_CRASH_SEED` sets their moments.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use eventscope::event::{EventBatch, Resume, Scope, Seq};
use eventscope::store::native::{NewEvent, Store};
use eventscope::store::verify::verify;

use super::fixtures;

/// The environment variables that set how many rounds there are, and at which moments they end.
const KILLS_VARIABLE: &str = "EVENTSCOPE_CRASH_KILLS";
const SEED_VARIABLE: &str = "EVENTSCOPE_CRASH_SEED";
const KILLS: u64 = 60;
const SEED: u64 = 20_261_124;
/// Rounds on one log; then all of it is read, and the next rounds have a new one.
const ROUNDS_OF_LOG: u64 = 60;
/// Processes that append at the same time.
const APPENDERS: usize = 3;
/// Events in one transaction of an appender, all of one stream.
const BATCH: usize = 3;
/// Streams of each appender.
const STREAMS: usize = 5;
/// Events in one import.
const IMPORTED: usize = 40;
/// The last moment of a kill: by then every process is at work, also on a machine that does other things.
const MOMENT_MS_MAX: u64 = 300;

fn number_from(variable: &str, unless_told: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(unless_told)
}

/// How many kills a test has: what the environment says, or its own number.
pub fn kills(unless_told: u64) -> u64 {
    number_from(KILLS_VARIABLE, unless_told)
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

/// A process that appends from standard input until it is killed.
struct Appender {
    child: Child,
    feeder: JoinHandle<()>,
    listener: JoinHandle<Vec<Acknowledged>>,
}

impl Appender {
    fn start(path: &Path, round: u64, who: usize) -> Self {
        let batch = BATCH.to_string();
        let mut child = eventscope(&["append", path.to_str().unwrap(), "--stdin", "--json", "--batch", &batch]);
        let (mut input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let data = move |number: usize| format!("{{\"round\":{round},\"who\":{who},\"number\":{number}}}");
        let line = move |number: usize| {
            let stream = format!("s-{who}-{}", number / BATCH % STREAMS);
            format!("{{\"stream\":\"{stream}\",\"type\":\"Counted\",\"data\":{}}}\n", data(number))
        };
        // Until nobody reads any more.
        let feed = move || {
            let _ = (0..).try_for_each(|number| input.write_all(line(number).as_bytes()));
        };
        let listen = move || listen(output, data);
        let spawn = |name: &str| std::thread::Builder::new().name(name.to_owned());
        Self { child, feeder: spawn("feeder").spawn(feed).unwrap(), listener: spawn("listener").spawn(listen).unwrap() }
    }
}

/// What was acknowledged until the process had ended. A line that was cut off is no acknowledgement.
fn listen(mut output: impl BufRead, data: impl Fn(usize) -> String) -> Vec<Acknowledged> {
    let (mut acknowledged, mut text) = (Vec::new(), String::new());
    while output.read_line(&mut text).unwrap() > 0 {
        if let Some(whole) = text.strip_suffix('\n') {
            let told: serde_json::Value = serde_json::from_str(whole).unwrap();
            acknowledged.push(Acknowledged {
                position: told["position"].as_i64().unwrap(),
                stream: told["stream"].as_str().unwrap().to_owned(),
                data: data(acknowledged.len()),
            });
        }
        text.clear();
    }
    acknowledged
}

fn wait_until(moment: Instant) {
    while let Some(left) = moment.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// A log, and what is known of it.
struct Crashed {
    folder: tempfile::TempDir,
    path: PathBuf,
    acknowledged: Vec<Acknowledged>,
    /// How many processes of each kind had done their work before they were killed.
    archived: i64,
    imported: u64,
    snapshots: u64,
    killed: u64,
}

impl Crashed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        drop(Store::create(&path).unwrap());
        Self { folder, path, acknowledged: Vec::new(), archived: 0, imported: 0, snapshots: 0, killed: 0 }
    }

    /// Everybody at once; some are killed at one moment, the others at a later one.
    fn round(&mut self, round: u64, chance: &mut fastrand::Rng) {
        let log = self.path.to_str().unwrap().to_owned();
        let archive = self.folder.path().join(format!("{}.archive", self.archived));
        let source = self.source(round);
        let mut appenders: Vec<Appender> = (0..APPENDERS).map(|who| Appender::start(&self.path, round, who)).collect();
        let mut others = [
            eventscope(&["archive", &log, "--before", "2999-01-01", "--to", archive.to_str().unwrap(), "--trim"]),
            eventscope(&["import", &log, "--from", &source]),
            eventscope(&["snapshot", &log, "--stream", "s-0-1"]),
        ];
        let started = Instant::now();
        let mut moments = [chance.u64(0..MOMENT_MS_MAX), chance.u64(0..MOMENT_MS_MAX)];
        moments.sort_unstable();
        for (turn, moment) in moments.into_iter().enumerate() {
            wait_until(started + Duration::from_millis(moment));
            for child in appenders.iter_mut().map(|appender| &mut appender.child).chain(&mut others) {
                if (turn == 1 || chance.bool()) && child.try_wait().unwrap().is_none() {
                    child.kill().unwrap();
                    self.killed += 1;
                }
            }
        }
        let context = format!("round {round}, killed after {moments:?} ms");
        for mut appender in appenders {
            appender.child.wait().unwrap();
            appender.feeder.join().unwrap();
            let acknowledged = appender.listener.join().unwrap();
            self.check_acknowledged(&acknowledged, &context);
            self.acknowledged.extend(acknowledged);
        }
        let [_, imported, snapshot] = others.map(|child| child.wait_with_output().unwrap().status.success());
        self.imported += u64::from(imported);
        self.snapshots += u64::from(snapshot);
        // The archive took its name and its place, or neither; a name alone is used by the next one.
        self.archived = rusqlite::Connection::open(&self.path)
            .unwrap()
            .query_row("SELECT count(*) FROM archives", [], |row| row.get(0))
            .unwrap();
    }

    /// A log to import, whose ids nobody else has.
    fn source(&self, round: u64) -> String {
        let path = self.folder.path().join(format!("source-{round}.db"));
        let mut store = Store::create(&path).unwrap();
        let events: Vec<NewEvent> = (0..IMPORTED).map(|number| NewEvent::new("Imported", number.to_string())).collect();
        let stream = eventscope::event::StreamId::new(&format!("import-{round}"));
        store.append(&stream, eventscope::store::native::Expected::None, &events).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The newest of them by their places, right after the kill.
    fn check_acknowledged(&self, acknowledged: &[Acknowledged], context: &str) {
        let mut opened = fixtures::open(&self.path);
        let mut batch = EventBatch::new();
        for event in &acknowledged[acknowledged.len().saturating_sub(60)..] {
            let before =
                if event.position == 1 { Resume::Start } else { Resume::After(Seq::Number(event.position - 1)) };
            opened.read(&Scope::Log, &before, 1, &mut batch).unwrap();
            let raw = batch.get(0).unwrap_or_else(|| panic!("{context}: position {} was acknowledged", event.position));
            assert_eq!(raw.seq, Seq::Number(event.position), "{context}");
            assert_eq!((raw.stream, raw.data), (event.stream.as_str(), event.data.as_bytes()), "{context}");
        }
    }

    /// Everything once more, in one pass; and whole transactions only.
    fn check_whole(&self, context: &str) {
        let events = assert_clean(&self.path, context);
        let mut log = fixtures::open(&self.path);
        let whole = fixtures::all(log.as_mut(), &Scope::Log, 1_000);
        assert_eq!(whole.len() as u64, events, "{context}");
        for event in &self.acknowledged {
            let kept = &whole[usize::try_from(event.position - 1).unwrap()];
            assert_eq!((kept.key, kept.stream.as_str()), (event.position, event.stream.as_str()), "{context}");
            assert_eq!(kept.decoded.data.as_ref().unwrap().to_string(), event.data, "{context}");
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for event in &whole {
            *counts.entry(event.stream.as_str()).or_default() += 1;
        }
        for (stream, count) in counts {
            if stream.starts_with("import-") {
                assert_eq!(count, IMPORTED, "{context}: half an import was kept in {stream}");
            } else {
                assert_eq!(count % BATCH, 0, "{context}: half a transaction was kept in {stream}");
            }
        }
        let audit = eventscope(&["snapshots", self.path.to_str().unwrap(), "--verify"]).wait_with_output().unwrap();
        assert!(audit.status.success(), "{context}: {}", String::from_utf8_lossy(&audit.stdout));
    }
}

fn assert_clean(path: &Path, context: &str) -> u64 {
    let mut found = Vec::new();
    let summary = verify(fixtures::open(path).as_mut(), &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, [], "{context}");
    summary.events
}

#[test]
fn whatever_is_killed_nothing_acknowledged_is_lost() {
    let (rounds, seed) = (kills(KILLS), number_from(SEED_VARIABLE, SEED));
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut log = Crashed::new();
    let (mut killed, mut acknowledged, mut archived, mut imported, mut snapshots) = (0, 0, 0, 0, 0);
    for round in 0..rounds {
        log.round(round, &mut chance);
        let is_last = round + 1 == rounds || (round + 1) % ROUNDS_OF_LOG == 0;
        if is_last {
            log.check_whole(&format!("seed {seed}, after round {round}"));
            killed += log.killed;
            acknowledged += log.acknowledged.len();
            archived += log.archived;
            imported += log.imported;
            snapshots += log.snapshots;
            log = Crashed::new();
        }
    }
    let summary = format!(
        "seed {seed}: {rounds} rounds, {killed} processes killed; {acknowledged} events acknowledged, {archived} \
         archives trimmed, {imported} imports and {snapshots} snapshots done before their kill"
    );
    println!("{summary}");
    if rounds >= KILLS {
        assert!(killed > 2 * rounds && acknowledged > 0 && archived > 0 && imported > 0, "{summary}");
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
