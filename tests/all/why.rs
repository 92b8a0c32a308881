//! Blame, find, diff and stepping against a fold from zero: on random logs with random reducers, and on real ones.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use eventscope::event::{StreamId, Value};
use eventscope::reducer::auto::Auto;
use eventscope::replay::diff::{Operation, diff};
use eventscope::replay::find::{Condition, Interval};
use eventscope::replay::scan::{Looks, Step};
use eventscope::replay::{Replay, Spacing};
use eventscope::store::cache::Cache;
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};
use proptest::prelude::*;
use serde_json::json;

use crate::fixtures;
use crate::support::fake_log::{Content, FakeEvent, FakeLog};
use crate::support::random::{Fold, Kind, at, event, naive, reducer};

const TINY: Spacing =
    Spacing { state_events: 4, checkpoint_events: 8, checkpoint_state_sizes: 0, streams_bytes: 3_000 };
const POINTERS: [&str; 12] =
    ["", "/k0", "/k1", "/n", "/n/k0", "/items", "/items/0", "/items/1", "/items/1/v", "/items/-", "/a~1b", "/items/00"];

/// Version, type, and the value before and after.
type Told = (i64, String, Option<Value>, Option<Value>);

fn naive_blame(empty: &Value, folds: &[Fold], pointer: &str) -> Vec<Told> {
    let mut told = Vec::new();
    let mut before = at(empty, pointer);
    for fold in folds {
        let after = at(&fold.state, pointer);
        if after != before {
            told.push((fold.version, fold.event_type.clone(), before, after.clone()));
        }
        before = after;
    }
    told.reverse();
    told
}

fn blame(replay: &mut Replay, stream: &str, pointer: &str, position: u64) -> Vec<Told> {
    let blame = replay.blame(&StreamId::new(stream), pointer, position, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(blame.left_out, 0);
    let plain = |value: Option<Arc<Value>>| value.map(|value| (*value).clone());
    let told = |one: eventscope::replay::blame::Setting| {
        (one.version, one.event_type.into_string(), plain(one.from), plain(one.to))
    };
    blame.settings.into_iter().map(told).collect()
}

/// First and last version; no last one where it holds still.
type Held = (i64, Option<i64>);

fn naive_find(folds: &[Fold], from: usize, to: usize, mut holds: impl FnMut(usize) -> bool) -> Vec<Held> {
    let mut found: Vec<Held> = Vec::new();
    let mut holding = false;
    for index in from..to {
        let now = holds(index);
        if now && !holding {
            found.push((folds[index].version, None));
        } else if !now && holding {
            found.last_mut().unwrap().1 = Some(folds[index - 1].version);
        }
        holding = now;
    }
    found
}

fn find(
    replay: &mut Replay,
    stream: &str,
    range: std::ops::Range<u64>,
    looks: Looks,
    holds: &mut dyn FnMut(&Step<'_>) -> Result<bool, String>,
) -> (Vec<Held>, u64) {
    let mut told = Vec::new();
    let mut tell = |one: Interval| {
        told.push((one.from_version, (!one.holds_still).then_some(one.to_version)));
        ControlFlow::Continue(())
    };
    let mut condition = Condition { looks, holds };
    let goes_on = &mut |_| ControlFlow::Continue(());
    let found = replay.find(&StreamId::new(stream), range, &mut condition, goes_on, &mut tell).unwrap();
    assert_eq!(found.intervals, told.len() as u64);
    (told, found.faults_total)
}

/// Everything at every position of one stream.
fn check_stream(replay: &mut Replay, stream: &str, kind: Kind) {
    let id = StreamId::new(stream);
    let (empty, folds) = naive(replay.log(), stream, kind);
    let length = folds.len() as u64;
    let state = |position: usize| position.checked_sub(1).map_or(&empty, |index| &folds[index].state);

    // Stepping, by seeks and by a pass from every position.
    for position in 0..=folds.len() {
        let seek = replay.state_at(&id, position as u64, &|| false).unwrap();
        assert_eq!(&seek.shown.state, state(position), "{stream} at {position}");
    }
    for from in 0..=folds.len() {
        let mut seen = from;
        let mut look = |step: &Step<'_>| {
            seen += 1;
            assert_eq!(step.position, seen as u64);
            assert_eq!(step.version(), folds[seen - 1].version);
            assert_eq!((step.before, step.state), (state(seen - 1), state(seen)), "{stream} at {seen}");
            assert_eq!(step.fault.is_some(), folds[seen - 1].fault);
            assert_eq!(step.event.unwrap().event_type, folds[seen - 1].event_type);
            ControlFlow::Continue(())
        };
        let goes_on = &mut |_| ControlFlow::Continue(());
        let scanned = replay.scan(&id, from as u64..u64::MAX, Looks::ALL, goes_on, &mut look).unwrap();
        assert_eq!(seen, folds.len());
        assert_eq!(scanned.events, length - from as u64);
    }

    // Blame: what the fixture's states hold, and what they do not.
    let mut pointers: Vec<String> = POINTERS.iter().map(|&pointer| pointer.to_owned()).collect();
    if let Some(Value::Object(map)) = folds.last().map(|fold| &fold.state) {
        pointers.extend(map.keys().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))));
    }
    for pointer in &pointers {
        for position in [length, length / 2, length.saturating_sub(1), 1] {
            let upto = usize::try_from(position.min(length)).unwrap();
            let expected = naive_blame(&empty, &folds[..upto], pointer);
            assert_eq!(blame(replay, stream, pointer, position), expected, "{stream} {pointer} up to {position}");
        }
        // Find: the versions at which the value is not what it was in the beginning, and at which it is a text.
        for (from, to) in [(0, folds.len()), (folds.len() / 3, folds.len()), (0, folds.len() / 2)] {
            let range = from as u64..to as u64;
            let expected =
                naive_find(&folds, from, to, |index| at(&folds[index].state, pointer) != at(&empty, pointer));
            let mut differs = |step: &Step<'_>| Ok(at(step.state, pointer) != at(&empty, pointer));
            let found = find(replay, stream, range.clone(), Looks::STATE, &mut differs);
            assert_eq!(found, (expected, 0), "{stream} {pointer}");
            let changed =
                naive_find(&folds, from, to, |index| at(&folds[index].state, pointer) != at(state(index), pointer));
            let mut changes = |step: &Step<'_>| Ok(at(step.state, pointer) != at(step.before, pointer));
            let looks = Looks { event: false, state: true, before: true };
            assert_eq!(find(replay, stream, range, looks, &mut changes), (changed, 0), "{stream} {pointer}");
        }
    }

    // Diff: its operations lead from any state to any other.
    for from in 0..=folds.len() {
        for to in 0..=folds.len() {
            let mut value = state(from).clone();
            for operation in diff(state(from), state(to)) {
                apply(&mut value, &operation);
            }
            assert_eq!(&value, state(to), "{stream} from {from} to {to}");
        }
    }
}

/// RFC 6902.
fn apply(value: &mut Value, operation: &Operation) {
    let Some((parent, key)) = operation.path.rsplit_once('/') else {
        *value = operation.to.clone();
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent).unwrap(), operation.op) {
        (Value::Object(map), "remove") => assert_eq!(map.shift_remove(&key).unwrap(), operation.from),
        (Value::Object(map), _) => drop(map.insert(key, operation.to.clone())),
        (Value::Array(items), "remove") => assert_eq!(items.remove(key.parse().unwrap()), operation.from),
        (Value::Array(items), "add") => items.insert(key.parse().unwrap(), operation.to.clone()),
        (Value::Array(items), _) => items[key.parse::<usize>().unwrap()] = operation.to.clone(),
        (other, op) => panic!("{op} at {} in {other}", operation.path),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_equals_a_fold_from_zero(
        events in prop::collection::vec(event(), 0..32),
        kind in prop_oneof![4 => Just(Kind::Auto), 4 => Just(Kind::Lists), 1 => Just(Kind::Script)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let content = Arc::new(Mutex::new(Content { events, ..Content::default() }));
        let log = Box::new(FakeLog::new(Arc::clone(&content)));
        let cache = Cache::open_file(&folder.path().join("cache.db"));
        let mut replay = Replay::new(log, reducer(kind), cache).with_spacing(TINY);
        check_stream(&mut replay, "user-1", kind);
        check_stream(&mut replay, "nobody", kind);
    }
}

#[test]
fn every_answer_on_real_logs_equals_a_fold_from_zero() {
    let folder = tempfile::tempdir().unwrap();
    for (library, name) in fixtures::FOREIGN {
        let path = fixtures::copy(library, name, folder.path());
        let mut log = fixtures::open(&path);
        let mut streams = fixtures::streams(&mut *log, 50, None);
        streams.retain(|info| info.events <= 40);
        streams.truncate(12);
        if streams.is_empty() {
            // Its one stream is too long to be folded from zero at every position.
            assert_eq!(library, "livestore");
            continue;
        }
        let cache = Cache::open_file(&folder.path().join(format!("{name}.cache")));
        let mut replay = Replay::new(log, Box::new(Auto), cache).with_spacing(TINY);
        for info in streams {
            check_stream(&mut replay, info.stream.as_str(), Kind::Auto);
        }
    }
}

#[test]
fn every_answer_on_a_native_log_equals_a_fold_from_zero() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("native.db");
    let mut store = Store::create(&path).unwrap();
    let data = |n: u64| match n % 5 {
        0 => json!({"n": n, "items": (0..n % 4).collect::<Vec<_>>()}),
        1 => json!({"k0": format!("name {n}"), "big": 12_345_678_901_234_567_890_u64}),
        2 => json!({"n": {"k0": n}}),
        3 => json!({"n": null}),
        _ => json!({"k0": null, "items": null}),
    };
    let types = ["OrderPlaced", "OrderChanged", "OrderDeleted", "OrderChanged", "OrderRestored", "OrderChanged"];
    let events = (0..45_u64).map(|n| NewEvent {
        id: None,
        event_type: types[usize::try_from(n).unwrap() % types.len()].to_owned(),
        time: None,
        data: data(n).to_string().into_bytes(),
        metadata: None,
    });
    store.append(&StreamId::new("order-1"), Expected::None, &events.collect::<Vec<_>>()).unwrap();
    drop(store);
    let cache = Cache::open_file(&folder.path().join("cache.db"));
    let mut replay = Replay::new(fixtures::open(&path), Box::new(Auto), cache).with_spacing(TINY);
    check_stream(&mut replay, "order-1", Kind::Auto);
}

fn balances(balances: &[i64]) -> Replay {
    let event = |balance: &i64| FakeEvent {
        stream: "account-1".to_owned(),
        event_type: "Booked".to_owned(),
        data: json!({"balance": balance}).to_string(),
    };
    let content = Content { events: balances.iter().map(event).collect(), ..Content::default() };
    Replay::new(Box::new(FakeLog::new(Arc::new(Mutex::new(content)))), Box::new(Auto), None)
}

#[test]
fn what_became_true_healed_and_came_back_is_found_each_time() {
    let mut overdrawn = |step: &Step<'_>| Ok(step.state["balance"].as_i64().unwrap() < 0);
    let mut replay = balances(&[5, -1, -2, 3, -4, 6, 7]);
    let found = find(&mut replay, "account-1", 0..7, Looks::STATE, &mut overdrawn).0;
    assert_eq!(found, [(2, Some(3)), (5, Some(5))], "a test of the last state alone would find nothing");
    let mut replay = balances(&[-1, 2, -3]);
    let found = find(&mut replay, "account-1", 0..3, Looks::STATE, &mut overdrawn).0;
    assert_eq!(found, [(1, Some(1)), (3, None)]);
}

#[test]
fn a_condition_that_fails_does_not_hold_there_and_is_counted() {
    let mut odd = |step: &Step<'_>| match step.position {
        2 => Err("it failed".to_owned()),
        _ => Ok(true),
    };
    let found = find(&mut balances(&[1, 2, 3]), "account-1", 0..3, Looks::STATE, &mut odd);
    assert_eq!(found, (vec![(1, Some(1)), (3, None)], 1));
}

#[test]
fn a_pass_that_nobody_waits_for_stops() {
    let mut replay = balances(&vec![1; 3_000]);
    let stop = &mut |events| if events > 1_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    assert!(replay.blame(&StreamId::new("account-1"), "/balance", 3_000, stop).unwrap_err().is_stopped());
}
