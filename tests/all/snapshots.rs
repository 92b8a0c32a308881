//! Snapshots in seeking: one that was taken here or found sound is begun from, and no other ever.

use std::path::{Path, PathBuf};

use eventscope::event::{Event, StreamId, Value};
use eventscope::log::Snapshot;
use eventscope::reducer::{FoldFault, Reducer, ReducerId, auto::Auto};
use eventscope::replay::snapshots::{Verdict, audit, list, take};
use eventscope::replay::{FoldedState, Replay, Spacing};
use eventscope::store::cache::Cache;
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};
use serde_json::json;

use crate::fixtures;

/// No checkpoint of its own comes about, so that it is seen where a fold began.
const FAR: Spacing =
    Spacing { state_events: 64, checkpoint_events: 1_000_000, checkpoint_state_sizes: 0, streams_bytes: 3_000 };
const EVENTS: u64 = 300;
const TAKEN: u64 = 200;

/// Counts events: another reducer than the one that took the snapshots.
struct Counter;

impl Reducer for Counter {
    fn id(&self) -> ReducerId {
        ReducerId("counter".to_owned())
    }

    fn empty(&self) -> Value {
        json!(0)
    }

    fn fold(&mut self, state: &mut Value, _event: Event<'_>) -> Result<(), FoldFault> {
        *state = json!(state.as_u64().unwrap() + 1);
        Ok(())
    }
}

/// A folder with a log and as many caches as a test wants.
struct Bench {
    folder: tempfile::TempDir,
    log: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.db");
        write(&log, "a");
        Self { folder, log }
    }

    fn open(&self, cache: &str, reducer: Box<dyn Reducer>) -> Replay {
        let cache = Cache::open_file(&self.folder.path().join(cache));
        Replay::new(fixtures::open(&self.log), reducer, cache).with_spacing(FAR)
    }

    fn auto(&self, cache: &str) -> Replay {
        self.open(cache, Box::new(Auto))
    }

    fn sql(&self, sql: &str) {
        rusqlite::Connection::open(&self.log).unwrap().execute(sql, []).unwrap();
    }
}

fn stream() -> StreamId {
    StreamId::new("user-1")
}

/// A history; another word is another one.
fn write(path: &Path, word: &str) {
    let events = (1..=EVENTS).map(|n| NewEvent {
        id: None,
        event_type: "UserRenamed".to_owned(),
        time: None,
        data: json!({"name": format!("{word}{n}"), format!("k{}", n % 7): n}).to_string().into_bytes(),
        metadata: None,
    });
    let events: Vec<NewEvent> = events.collect();
    Store::create(path).unwrap().append(&stream(), Expected::None, &events).unwrap();
}

fn at(replay: &mut Replay, position: u64) -> FoldedState {
    replay.state_at(&stream(), position, &|| false).unwrap()
}

fn only_snapshot(replay: &mut Replay) -> Snapshot {
    let mut snapshots = list(replay.log(), None).unwrap();
    assert_eq!(snapshots.len(), 1);
    snapshots.remove(0)
}

#[test]
fn a_fold_begins_at_a_snapshot_that_was_taken_here() {
    let bench = Bench::new();
    take(&mut bench.auto("cache"), &stream(), Some(200), None).unwrap();
    let near = at(&mut bench.auto("cache"), TAKEN + 5);
    assert_eq!((near.from_position, near.folded), (TAKEN, 5));
    assert_eq!(near.shown.state, at(&mut bench.auto("fresh"), TAKEN + 5).shown.state);
    assert_eq!(at(&mut bench.auto("cache"), TAKEN - 1).from_position, 0);
}

#[test]
fn one_that_was_taken_elsewhere_is_used_while_its_seal_holds() {
    let bench = Bench::new();
    take(&mut bench.auto("elsewhere"), &stream(), Some(200), None).unwrap();
    let begun = at(&mut bench.auto("cache"), TAKEN + 5);
    assert_eq!((begun.from_position, begun.folded), (TAKEN, 5));
    assert_eq!(begun.shown.state, at(&mut bench.auto("fresh"), TAKEN + 5).shown.state);
    assert_eq!(at(&mut bench.open("other", Box::new(Counter)), TAKEN + 5).from_position, 0);
    // A hash alone says nothing about the state.
    bench.sql("UPDATE snapshots SET event_hash = substr(event_hash, 1, 32)");
    assert_eq!(at(&mut bench.auto("bare"), TAKEN + 5).from_position, 0);
    let mut replay = bench.auto("bare");
    let snapshot = only_snapshot(&mut replay);
    assert_eq!(audit(&mut replay, &snapshot).unwrap(), (Verdict::Sound, Vec::new()));
    assert_eq!(at(&mut bench.auto("bare"), TAKEN + 5).from_position, TAKEN);
}

#[test]
fn one_that_was_altered_or_stands_after_another_event_is_not_used() {
    for alter in [
        "UPDATE snapshots SET state = json_set(state, '$.name', 'Mallory')",
        "UPDATE snapshots SET reducer = 'auto2'",
        "UPDATE snapshots SET version = 199",
    ] {
        let bench = Bench::new();
        take(&mut bench.auto("elsewhere"), &stream(), Some(200), None).unwrap();
        bench.sql(alter);
        let state = at(&mut bench.auto("cache"), TAKEN + 5);
        assert_eq!((state.from_position, &state.shown.state["name"]), (0, &json!("a205")), "{alter}");
    }
    let bench = Bench::new();
    take(&mut bench.auto("elsewhere"), &stream(), Some(200), None).unwrap();
    let other = bench.folder.path().join("other.db");
    write(&other, "b");
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch(&format!(
            "ATTACH '{}' AS old; INSERT INTO main.snapshots SELECT * FROM old.snapshots",
            bench.log.display()
        ))
        .unwrap();
    std::fs::rename(&other, &bench.log).unwrap();
    let state = at(&mut bench.auto("cache"), TAKEN + 5);
    assert_eq!((state.from_position, &state.shown.state["name"]), (0, &json!("b205")));
}

#[test]
fn one_with_a_fault_before_it_is_not_used_so_that_the_fault_is_told() {
    let bench = Bench::new();
    let mut store = Store::open(&bench.log).unwrap();
    let event = |event_type: &str| NewEvent {
        id: None,
        event_type: event_type.to_owned(),
        time: None,
        data: b"{}".to_vec(),
        metadata: None,
    };
    let mut events = vec![event("UserDeleted"), event("UserRenamed"), event("UserCreated")];
    events.extend((0..200).map(|_| event("UserRenamed")));
    store.append(&stream(), Expected::Any, &events).unwrap();
    drop(store);
    take(&mut bench.auto("elsewhere"), &stream(), Some(400), None).unwrap();
    let state = at(&mut bench.auto("cache"), 450);
    assert_eq!((state.from_position, state.faults_total, state.faults[0].version), (0, 1, Some(302)));
}

#[test]
fn a_drifted_one_is_never_used() {
    let bench = Bench::new();
    take(&mut bench.auto("elsewhere"), &stream(), Some(200), None).unwrap();
    bench.sql("UPDATE snapshots SET state = json_set(state, '$.name', 'Mallory')");
    let mut replay = bench.auto("cache");
    let snapshot = only_snapshot(&mut replay);
    let (verdict, operations) = audit(&mut replay, &snapshot).unwrap();
    assert_eq!((verdict, operations.len()), (Verdict::Drift, 1));
    let mut replay = bench.auto("cache");
    for position in [TAKEN, TAKEN + 5] {
        let state = at(&mut replay, position);
        assert!(state.from_position < TAKEN, "{}", state.from_position);
        assert_eq!(state.shown.state["name"], format!("a{position}"));
    }
}

#[test]
fn an_audit_repeats_no_mistake_that_is_in_the_cache() {
    let bench = Bench::new();
    take(&mut bench.auto("cache"), &stream(), Some(200), None).unwrap();
    bench.sql("UPDATE snapshots SET state = json_set(state, '$.name', 'Mallory')");
    let cache = rusqlite::Connection::open(bench.folder.path().join("cache")).unwrap();
    let changed = cache.execute("UPDATE checkpoints SET state = replace(state, 'a200', 'Mallory')", []).unwrap();
    assert_eq!(changed, 1);
    drop(cache);
    let mut replay = bench.auto("cache");
    let snapshot = only_snapshot(&mut replay);
    assert_eq!(audit(&mut replay, &snapshot).unwrap().0, Verdict::Drift);
}

#[test]
fn another_reducer_never_uses_it() {
    let bench = Bench::new();
    take(&mut bench.auto("cache"), &stream(), Some(200), None).unwrap();
    let mut replay = bench.open("cache", Box::new(Counter));
    let state = at(&mut replay, TAKEN + 5);
    assert_eq!((state.from_position, state.shown.state), (0, json!(TAKEN + 5)));
    let snapshot = only_snapshot(&mut replay);
    assert_eq!(audit(&mut replay, &snapshot).unwrap().0, Verdict::OtherReducer);
}

#[test]
fn with_another_history_it_is_not_used() {
    let bench = Bench::new();
    take(&mut bench.auto("cache"), &stream(), Some(200), None).unwrap();
    let other = bench.folder.path().join("other.db");
    write(&other, "b");
    std::fs::rename(&other, &bench.log).unwrap();
    let state = at(&mut bench.auto("cache"), TAKEN + 5);
    assert_eq!((state.from_position, &state.shown.state["name"]), (0, &json!("b205")));
}

#[test]
fn the_state_that_was_folded_is_the_one_that_is_kept() {
    let bench = Bench::new();
    let mut replay = bench.auto("cache");
    let (snapshot, _) = take(&mut replay, &stream(), Some(200), None).unwrap();
    assert_eq!(snapshot.state.unwrap(), at(&mut bench.auto("fresh"), TAKEN).shown.state);
}
