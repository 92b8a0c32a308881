//! Real logs: where they are, copies of them, and all that a log holds.

use std::path::{Path, PathBuf};

use eventscope::event::{EventBatch, Resume, Scope, StreamId};
use eventscope::log::{StreamInfo, StreamPage};
use eventscope::payload::Decoded;
use eventscope::store::EventLog;

/// The logs of other libraries: folder and name.
pub const FOREIGN: [(&str, &str); 15] = [
    ("emmett-sqlite", "emmett-sqlite-0.42.4"),
    ("eventsourcing", "eventsourcing-9.5.6-plain"),
    ("eventsourcing", "eventsourcing-9.5.6-zlib"),
    ("eventsourcing", "eventsourcing-9.5.6-live-wal"),
    ("eventsourcing", "eventsourcing-9.5.6-zlib-aes"),
    ("sqlite-es", "sqlite-es-0.5.0"),
    ("eventcore-sqlite", "eventcore-sqlite-2.1.0"),
    ("eventsource-py", "eventsource-py-0.8.1"),
    ("rails-event-store", "rails-event-store"),
    ("laravel-event-sourcing", "laravel-event-sourcing"),
    ("pekko-persistence-jdbc", "pekko-persistence-jdbc"),
    ("evento", "evento-2.0.0-alpha.38"),
    ("aett-sqlite", "aett-sqlite-2.1.0"),
    ("livestore", "livestore-0.4.0-eventlog"),
    ("own-table", "own-table"),
];

/// The truth file of a log.
pub fn truth(folder: &str, name: &str) -> serde_json::Value {
    let path = fixture(folder, &format!("{name}.truth.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Events that stand in no stream: the truth counts them apart.
pub fn without_stream(truth: &serde_json::Value) -> u64 {
    truth.get("events_without_stream").and_then(serde_json::Value::as_u64).unwrap_or(0)
}

/// All events of a log.
pub fn events_total(truth: &serde_json::Value) -> u64 {
    truth["total_events"].as_u64().unwrap() + without_stream(truth)
}

/// Copies a log, with its `-wal` if it has one, into a folder, and says where.
pub fn copy(folder: &str, name: &str, to: &Path) -> PathBuf {
    let path = to.join(format!("{name}.sqlite"));
    for suffix in ["", "-wal"] {
        let from = fixture(folder, &format!("{name}.sqlite{suffix}"));
        if from.exists() {
            std::fs::copy(from, to.join(format!("{name}.sqlite{suffix}"))).unwrap();
        }
    }
    path
}

fn fixture(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder).join(name)
}

/// Opens a log by its path.
pub fn open(path: &Path) -> Box<dyn EventLog> {
    eventscope::store::open(path.to_str().unwrap()).unwrap()
}

/// Why a path cannot be opened, and the exit code that goes with it.
pub fn refusal(path: &Path) -> (String, u8) {
    match eventscope::store::open(path.to_str().unwrap()) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => (error.to_string(), error.exit_code()),
    }
}

/// One event, on its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub key: i64,
    pub stream: String,
    pub version: Option<i64>,
    pub event_type: String,
    pub data: Vec<u8>,
    pub hash: [u8; 32],
    pub decoded: Decoded,
}

/// All events of a scope, read by pages of this size.
pub fn all(log: &mut dyn EventLog, scope: &Scope, page: u32) -> Vec<Kept> {
    from(log, scope, Resume::Start, page)
}

/// All events of a scope after a place.
pub fn from(log: &mut dyn EventLog, scope: &Scope, mut resume: Resume, page: u32) -> Vec<Kept> {
    let (decoder, mut batch, mut kept) = (log.decoder(), EventBatch::new(), Vec::new());
    loop {
        let end = log.read(scope, &resume, page, &mut batch).unwrap();
        assert!(batch.len() <= page as usize);
        assert!(!batch.is_empty() || end.at_end, "an empty page ends the scope");
        kept.extend(batch.iter().map(|raw| Kept {
            key: raw.seq.number().unwrap(),
            stream: raw.stream.to_owned(),
            version: raw.version,
            event_type: raw.event_type.to_owned(),
            data: raw.data.to_vec(),
            hash: eventscope::payload::hash(&raw),
            decoded: decoder.decode(&raw),
        }));
        if end.at_end {
            return kept;
        }
        resume = end.next;
    }
}

/// All streams, listed by pages of this size.
pub fn streams(log: &mut dyn EventLog, limit: u32, category: Option<&str>) -> Vec<StreamInfo> {
    let mut page = StreamPage { limit, category: category.map(str::to_owned), ..StreamPage::default() };
    let mut all = Vec::new();
    loop {
        let more = log.streams(&page).unwrap();
        assert!(more.len() <= limit as usize);
        let Some(last) = more.last() else { return all };
        page.after = Some(last.stream.clone());
        all.extend(more);
    }
}

/// A stream as a scope.
pub fn stream(name: &str) -> Scope {
    Scope::Stream(StreamId::new(name))
}
