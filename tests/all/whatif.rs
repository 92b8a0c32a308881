//! The sandbox beside the real line, against both lines folded from zero.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use eventscope::event::{Event, EventBatch, Resume, Scope, StreamId, Value};
use eventscope::replay::breakpoints::Fold;
use eventscope::replay::diff::{Rules, diff};
use eventscope::replay::whatif::{Compared, Did, Edit, Made, Slot};
use eventscope::replay::{Replay, Spacing};
use eventscope::store::EventLog;
use eventscope::store::cache::Cache;
use proptest::prelude::*;
use serde_json::json;

use crate::fixtures;
use crate::support::fake_log::{Content, FakeEvent, FakeLog};
use crate::support::random::{Kind, event, reducer};

const TINY: Spacing =
    Spacing { state_events: 4, checkpoint_events: 8, checkpoint_state_sizes: 0, streams_bytes: 3_000 };

/// One event as the naive fold keeps it.
#[derive(Clone)]
struct Own {
    stream: String,
    event_type: String,
    version: Option<i64>,
    data: Result<Value, String>,
    /// The row of the event that lends its place and time.
    row: usize,
}

/// A slot of the naive comparison: on the real line, in the sandbox.
type Pair = (Option<Own>, Option<Own>, Did);

fn real_line(log: &mut dyn EventLog, scope: &Scope) -> Vec<Own> {
    let decoder = log.decoder();
    let (mut batch, mut resume, mut all) = (EventBatch::new(), Resume::Start, Vec::new());
    loop {
        let end = log.read(scope, &resume, 5, &mut batch).unwrap();
        for raw in batch.iter() {
            all.push(Own {
                stream: raw.stream.to_owned(),
                event_type: raw.event_type.to_owned(),
                version: raw.version,
                data: decoder.event(&raw).map(|event| event.data),
                row: all.len(),
            });
        }
        if end.at_end {
            return all;
        }
        resume = end.next;
    }
}

/// Both lines, slot by slot, as the edits say.
fn slots(real: &[Own], edits: &[Edit]) -> Vec<Pair> {
    let change = |row: usize, mut own: Own| {
        for edit in edits {
            if let Edit::Replace { row: of, data, event_type } = edit
                && *of == row as u64
            {
                own.data = data.clone().map_or(own.data, Ok);
                own.event_type = event_type.clone().unwrap_or(own.event_type);
            }
        }
        own
    };
    let mut all = Vec::new();
    for row in 0..=real.len() {
        for edit in edits {
            match edit {
                Edit::Insert { row: before, event } if *before == row as u64 => {
                    let neighbour = real.get(row).or(real.last()).unwrap();
                    let own = Own {
                        stream: event.stream.clone().unwrap_or_else(|| neighbour.stream.clone()),
                        event_type: event.event_type.clone(),
                        version: None,
                        data: Ok(event.data.clone()),
                        row: neighbour.row,
                    };
                    all.push((None, Some(own), Did::Inserted));
                }
                Edit::Move { row: of, before } if *before == row as u64 => {
                    let of = usize::try_from(*of).unwrap();
                    all.push((None, Some(change(of, real[of].clone())), Did::MovedHere));
                }
                _ => {}
            }
        }
        let Some(own) = real.get(row) else { break };
        let is = |wanted: fn(&Edit) -> Option<u64>| edits.iter().filter_map(wanted).any(|of| of == row as u64);
        all.push(if is(|edit| if let Edit::Skip(row) = edit { Some(*row) } else { None }) {
            (Some(own.clone()), None, Did::Skipped)
        } else if is(|edit| if let Edit::Move { row, .. } = edit { Some(*row) } else { None }) {
            (Some(own.clone()), None, Did::MovedAway)
        } else if is(|edit| if let Edit::Replace { row, .. } = edit { Some(*row) } else { None }) {
            (Some(own.clone()), Some(change(row, own.clone())), Did::Edited)
        } else {
            (Some(own.clone()), Some(own.clone()), Did::Same)
        });
    }
    all
}

/// A fold from zero of those of the events that belong to a stream, or of all.
fn fold(log: &dyn EventLog, raws: &EventBatch, events: &[Own], stream: Option<&str>, kind: Kind) -> (Value, bool) {
    let mut reducer = reducer(kind);
    let (mut state, mut fault) = (reducer.empty(), false);
    for own in events.iter().filter(|own| stream.is_none_or(|stream| own.stream == stream)) {
        let raw = raws.get(own.row).unwrap();
        let folded = own.data.clone().map(|data| {
            reducer.fold(
                &mut state,
                Event {
                    seq: raw.seq,
                    stream: &own.stream,
                    category: log.decoder().category(&raw),
                    version: own.version,
                    event_type: &own.event_type,
                    time: raw.time,
                    id: raw.id,
                    data,
                    metadata: None,
                },
            )
        });
        fault = !matches!(folded, Ok(Ok(())));
    }
    (reducer.show(state).state, fault)
}

fn what_if(replay: &mut Replay, scope: &Scope, way: Fold, edits: &[Edit]) -> (Compared, Vec<(Slot, Value, Value)>) {
    let mut told = Vec::new();
    let mut tell = |slot: &Slot, real: &Value, sandbox: &Value| {
        told.push((slot.clone(), real.clone(), sandbox.clone()));
        ControlFlow::Continue(())
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let compared = replay.what_if(scope, way, edits, &Rules::default(), go_on, &mut tell).unwrap();
    (compared, told)
}

fn check(replay: &mut Replay, scope: &Scope, kind: Kind, way: Fold, edits: &[Edit]) {
    let real = real_line(replay.log(), scope);
    let mut raws = EventBatch::new();
    let mut resume = Resume::Start;
    let mut batch = EventBatch::new();
    loop {
        let end = replay.log().read(scope, &resume, 7, &mut batch).unwrap();
        batch.iter().for_each(|raw| raws.push(&raw));
        if end.at_end {
            break;
        }
        resume = end.next;
    }
    let (compared, told) = what_if(replay, scope, way, edits);
    let first = usize::try_from(compared.same_until).unwrap();
    let all = slots(&real, edits);
    let (mut real_events, mut sandbox_events) = (Vec::new(), Vec::new());
    let mut told = told.into_iter();
    let mut touched: Vec<String> = Vec::new();
    let mut last = (Value::Null, Value::Null);
    for (real_one, sandbox_one, did) in all {
        let stream = real_one.as_ref().or(sandbox_one.as_ref()).unwrap().stream.clone();
        real_events.extend(real_one.clone());
        sandbox_events.extend(sandbox_one.clone());
        let of = (way == Fold::Each).then_some(stream.as_str());
        let (real_state, real_fault) = fold(replay.log(), &raws, &real_events, of, kind);
        let (sandbox_state, sandbox_fault) = fold(replay.log(), &raws, &sandbox_events, of, kind);
        if did != Did::Same && !touched.contains(&stream) {
            touched.push(stream.clone());
        }
        let begun = real_events.len() > first || real_one.is_none();
        let is_told = begun && (way == Fold::Together || scope.stream().is_some() || touched.contains(&stream));
        if compared.rejoined_at.is_some_and(|at| real_events.len() as u64 > at) || !is_told {
            assert_eq!(real_state, sandbox_state, "nothing is told where the lines are not the same: {edits:?}");
            continue;
        }
        let (slot, shown_real, shown_sandbox) = told.next().unwrap_or_else(|| panic!("a slot is missing: {edits:?}"));
        assert_eq!((slot.did, &slot.stream), (did, &stream), "{edits:?}");
        assert_eq!(slot.real_position, real_events.len() as u64);
        assert_eq!(slot.sandbox_position, sandbox_events.len() as u64);
        assert_eq!((&shown_real, &shown_sandbox), (&real_state, &sandbox_state), "{edits:?} at {slot:?}");
        assert_eq!(slot.changed, diff(&real_state, &sandbox_state).len() as u64);
        assert_eq!(slot.real_fault.is_some(), real_one.is_some() && real_fault, "{slot:?}");
        assert_eq!(slot.sandbox_fault.is_some(), sandbox_one.is_some() && sandbox_fault, "{slot:?}");
        last = (real_state, sandbox_state);
    }
    assert_eq!(told.next().map(|told| told.0), None);
    if compared.slots > 0 && compared.rejoined_at.is_none() {
        assert_eq!(compared.changed_at_end, diff(&last.0, &last.1).len() as u64);
    }
}

/// Edits with places as parts of a whole, so that they fit a scope of any length.
fn edits() -> impl Strategy<Value = Vec<(u8, prop::sample::Index, prop::sample::Index)>> {
    prop::collection::vec((0..5_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..5)
}

fn fitted(edits: &[(u8, prop::sample::Index, prop::sample::Index)], length: usize) -> Vec<Edit> {
    let mut taken = std::collections::HashSet::new();
    let mut fitted = Vec::new();
    for (kind, at, to) in edits.iter().filter(|_| length > 0) {
        let row = at.index(length);
        let event = Made { event_type: "Touched".to_owned(), data: json!({"k1": to.index(9)}), ..Made::default() };
        let edit = match kind {
            0 => Edit::Skip(row as u64),
            1 => Edit::Replace { row: row as u64, data: Some(json!({"k0": "edited", "at": 0})), event_type: None },
            2 => Edit::Replace { row: row as u64, data: None, event_type: Some("UserDeleted".to_owned()) },
            3 => Edit::Move { row: row as u64, before: to.index(length + 1) as u64 },
            _ => {
                fitted.push(Edit::Insert { row: to.index(length + 1) as u64, event });
                continue;
            }
        };
        if taken.insert(row) {
            fitted.push(edit);
        }
    }
    fitted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn both_lines_equal_folds_from_zero(
        events in prop::collection::vec(event(), 0..24),
        edits in edits(),
        kind in prop_oneof![4 => Just(Kind::Auto), 4 => Just(Kind::Lists), 1 => Just(Kind::Script)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let content = Arc::new(Mutex::new(Content { events, ..Content::default() }));
        let log = Box::new(FakeLog::new(Arc::clone(&content)));
        let cache = Cache::open_file(&folder.path().join("cache.db"));
        let mut replay = Replay::new(log, reducer(kind), cache).with_spacing(TINY);
        for scope in [Scope::Stream(StreamId::new("user-1")), Scope::Log, Scope::Category("user".into())] {
            let length = usize::try_from(replay.log().extent(&scope).unwrap()).unwrap();
            for way in [Fold::Each, Fold::Together] {
                check(&mut replay, &scope, kind, way, &fitted(&edits, length));
            }
        }
    }
}

#[test]
fn both_lines_of_real_logs_equal_folds_from_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for (library, name) in fixtures::FOREIGN {
        let path = fixtures::copy(library, name, folder.path());
        let mut log = fixtures::open(&path);
        let mut streams = fixtures::streams(&mut *log, 50, None);
        streams.retain(|info| (2..=40).contains(&info.events));
        streams.truncate(4);
        let mut replay = Replay::new(log, reducer(Kind::Auto), None).with_spacing(TINY);
        for info in &streams {
            let scope = Scope::Stream(info.stream.clone());
            let last = info.events - 1;
            let data = Some(json!({"edited": true}));
            for edits in [
                vec![Edit::Skip(0)],
                vec![Edit::Skip(last)],
                vec![Edit::Move { row: last, before: 0 }],
                vec![Edit::Replace { row: last / 2, data: data.clone(), event_type: None }],
                vec![Edit::Insert {
                    row: info.events,
                    event: Made { event_type: "Noted".to_owned(), ..Made::default() },
                }],
            ] {
                check(&mut replay, &scope, Kind::Auto, Fold::Each, &edits);
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

fn balances(count: i64) -> (Replay, Arc<Mutex<Content>>) {
    let event = |index: i64| FakeEvent {
        stream: "account-1".to_owned(),
        event_type: "Booked".to_owned(),
        data: json!({"balance": index}).to_string(),
    };
    let content = Arc::new(Mutex::new(Content { events: (0..count).map(event).collect(), ..Content::default() }));
    let cache = Cache::open_file(&tempfile::tempdir().unwrap().path().join("none").join("cache.db"));
    let log = Box::new(FakeLog::new(Arc::clone(&content)));
    let spacing = Spacing { checkpoint_events: 256, state_events: 64, ..TINY };
    (Replay::new(log, reducer(Kind::Auto), cache).with_spacing(spacing), content)
}

#[test]
fn a_late_edit_of_a_long_stream_reads_its_end_and_one_without_effect_nothing_more() {
    let (mut replay, content) = balances(20_000);
    let scope = Scope::Stream(StreamId::new("account-1"));
    replay.state_at(&StreamId::new("account-1"), 20_000, &|| false).unwrap();
    let before = content.lock().unwrap().given;
    let (compared, told) = what_if(&mut replay, &scope, Fold::Each, &[Edit::Skip(19_999)]);
    assert_eq!((told.len(), compared.differing, compared.rejoined_at), (1, 1, None));
    assert!(content.lock().unwrap().given - before < 1_000);
    // The next event overwrites what the skipped one said.
    let before = content.lock().unwrap().given;
    let (compared, told) = what_if(&mut replay, &scope, Fold::Each, &[Edit::Skip(10_000)]);
    assert_eq!((told.len(), compared.differing, compared.rejoined_at), (2, 1, Some(10_002)));
    assert!(content.lock().unwrap().given - before < 3_000);
    // Nothing of the sandbox is kept.
    let end = replay.state_at(&StreamId::new("account-1"), 20_000, &|| false).unwrap();
    assert_eq!(end.shown.state, json!({"balance": 19_999}));
}

#[test]
fn edits_that_cannot_be_are_refused() {
    let (mut replay, _) = balances(5);
    let scope = Scope::Stream(StreamId::new("account-1"));
    let made = || Made { event_type: "X".to_owned(), ..Made::default() };
    for edits in [
        vec![Edit::Skip(5)],
        vec![Edit::Insert { row: 6, event: made() }],
        vec![Edit::Move { row: 0, before: 6 }],
        vec![Edit::Move { row: 5, before: 0 }],
        vec![Edit::Skip(1), Edit::Move { row: 1, before: 0 }],
        vec![Edit::Skip(1), Edit::Replace { row: 1, data: None, event_type: Some("Y".to_owned()) }],
        vec![Edit::Move { row: 1, before: 3 }, Edit::Move { row: 1, before: 0 }],
    ] {
        let go_on = &mut |_| ControlFlow::Continue(());
        let tell = &mut |_: &Slot, _: &Value, _: &Value| ControlFlow::Continue(());
        let refused = replay.what_if(&scope, Fold::Each, &edits, &Rules::default(), go_on, tell);
        assert!(refused.is_err(), "{edits:?}");
    }
}
