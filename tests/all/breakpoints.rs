//! Breakpoints, forwards and backwards, against a look at every event with states folded from zero.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use eventscope::event::{EventBatch, Resume, Scope, StreamId, Value};
use eventscope::replay::breakpoints::{Armed, Breakpoint, Fold, Hit, Way};
use eventscope::replay::{Replay, Spacing};
use eventscope::store::EventLog;
use eventscope::store::cache::Cache;
use proptest::prelude::*;
use serde_json::json;

use crate::fixtures;
use crate::support::fake_log::{Content, FakeEvent, FakeLog};
use crate::support::random::{Kind, at, event, reducer};

const TINY: Spacing =
    Spacing { state_events: 4, checkpoint_events: 8, checkpoint_state_sizes: 0, streams_bytes: 3_000 };

/// One event of a scope, and the states around it.
struct Seen {
    stream: String,
    in_stream: u64,
    event_type: String,
    before: Value,
    after: Value,
    fault: bool,
}

/// Every event of a scope, each with states folded from zero: of its own stream, or of all together.
fn naive(log: &mut dyn EventLog, scope: &Scope, kind: Kind, fold: Fold) -> Vec<Seen> {
    let decoder = log.decoder();
    let (mut batch, mut resume, mut seen) = (EventBatch::new(), Resume::Start, Vec::<Seen>::new());
    let mut raws = EventBatch::new();
    loop {
        let end = log.read(scope, &resume, 5, &mut batch).unwrap();
        for raw in batch.iter() {
            raws.push(&raw);
            let count = raws.len();
            let own = |index: usize| fold == Fold::Together || raws.get(index).unwrap().stream == raw.stream;
            let folded = |upto: usize| {
                let mut reducer = reducer(kind);
                let (mut state, mut fault) = (reducer.empty(), false);
                for index in (0..upto).filter(|index| own(*index)) {
                    let folded = decoder.event(&raws.get(index).unwrap()).map(|event| reducer.fold(&mut state, event));
                    fault = !matches!(folded, Ok(Ok(())));
                }
                (reducer.show(state).state, fault)
            };
            let (after, fault) = folded(count);
            seen.push(Seen {
                stream: raw.stream.to_owned(),
                in_stream: (0..count).filter(|index| raws.get(*index).unwrap().stream == raw.stream).count() as u64,
                event_type: raw.event_type.to_owned(),
                before: folded(count - 1).0,
                after,
                fault,
            });
        }
        if end.at_end {
            return seen;
        }
        resume = end.next;
    }
}

type Holds = fn(&Seen) -> bool;

/// Breakpoints, each with the same rule in plain words.
fn breakpoints() -> Vec<(Breakpoint, Holds)> {
    fn k0(state: &Value) -> bool {
        state.get("k0").is_some_and(|value| value == "a" || value == "Touched")
    }
    vec![
        (Breakpoint::Type("Touched".into()), |seen| seen.event_type == "Touched"),
        (Breakpoint::Type("User*ed".into()), |seen| seen.event_type.starts_with("User")),
        (Breakpoint::Fault, |seen| seen.fault),
        (Breakpoint::Change("/k0".into()), |seen| at(&seen.before, "/k0") != at(&seen.after, "/k0")),
        (Breakpoint::Change(String::new()), |seen| at(&seen.before, "") != at(&seen.after, "")),
        (Breakpoint::Change("/items/1".into()), |seen| at(&seen.before, "/items/1") != at(&seen.after, "/items/1")),
        (Breakpoint::When("state.k0 === 'a' || state.k0 === 'Touched'".into()), |seen| {
            k0(&seen.after) && !k0(&seen.before)
        }),
        (Breakpoint::When("state === null".into()), |seen| seen.after.is_null() && !seen.before.is_null()),
        (Breakpoint::When("before === null && state !== null".into()), |seen| {
            seen.before.is_null() && !seen.after.is_null()
        }),
        (Breakpoint::When("event.type === 'Touched' && state !== null".into()), |seen| {
            seen.event_type == "Touched" && !seen.after.is_null()
        }),
    ]
}

fn run(replay: &mut Replay, scope: &Scope, from: u64, way: Way, armed: &mut Armed, fold: Fold) -> Option<Hit> {
    let run = replay.run_on(scope, from, way, armed, fold, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(run.faults_total, 0);
    run.hit
}

/// Every breakpoint alone, and all of them at once, from every position, both ways.
fn check(replay: &mut Replay, scope: &Scope, kind: Kind, fold: Fold) {
    let seen = naive(replay.log(), scope, kind, fold);
    let all = breakpoints();
    let mut sets: Vec<Vec<usize>> = (0..all.len()).map(|index| vec![index]).collect();
    sets.push((0..all.len()).collect());
    sets.push(vec![0, 2]);
    for set in sets {
        let list: Vec<Breakpoint> = set.iter().map(|index| all[*index].0.clone()).collect();
        let mut armed = Armed::new(&list).unwrap();
        let why = |one: &Seen| -> Vec<usize> { (0..set.len()).filter(|index| all[set[*index]].1(one)).collect() };
        let hits: Vec<u64> =
            (0..seen.len()).filter(|index| !why(&seen[*index]).is_empty()).map(|i| i as u64 + 1).collect();
        for from in 0..=seen.len() as u64 + 2 {
            for way in [Way::Back, Way::Forward] {
                let expected = match way {
                    Way::Forward => hits.iter().find(|hit| **hit > from),
                    Way::Back => hits.iter().rev().find(|hit| **hit < from),
                };
                let found = run(replay, scope, from, way, &mut armed, fold);
                let place = format!("{scope:?} {list:?} {way:?} from {from}");
                assert_eq!(found.as_ref().map(|hit| &hit.position), expected, "{place}");
                let Some(hit) = found else { continue };
                let one = &seen[usize::try_from(hit.position).unwrap() - 1];
                assert_eq!(
                    (&hit.stream, hit.in_stream, &hit.event_type),
                    (&one.stream, one.in_stream, &one.event_type)
                );
                assert_eq!(hit.why.iter().map(|why| why.breakpoint).collect::<Vec<_>>(), why(one), "{place}");
                for why in &hit.why {
                    if let Breakpoint::Change(pointer) = &list[why.breakpoint] {
                        assert_eq!((&why.from, &why.to), (&at(&one.before, pointer), &at(&one.after, pointer)));
                    }
                    assert_eq!(why.fault.is_some(), list[why.breakpoint] == Breakpoint::Fault);
                }
            }
        }
    }
}

/// The one state of a scope by seeks to every position, there and back, and the same instant in its streams.
fn check_places(replay: &mut Replay, scope: &Scope, kind: Kind) {
    let seen = naive(replay.log(), scope, kind, Fold::Together);
    for position in (0..seen.len()).rev().chain(0..seen.len()) {
        let state = replay.state_in(scope, position as u64 + 1, &|| false).unwrap();
        assert_eq!(state.shown.state, seen[position].after, "{scope:?} at {}", position + 1);
    }
    for name in ["user-1", "user-2", "nobody"] {
        let stream = Scope::Stream(StreamId::new(name));
        let places: Vec<u64> = (1..).zip(&seen).filter(|(_, one)| one.stream == name).map(|(place, _)| place).collect();
        for position in 0..=seen.len() as u64 {
            let known = places.iter().filter(|place| **place <= position).count() as u64;
            let found = replay.position_as_of(scope, position, &stream).unwrap();
            assert_eq!(found, known, "{scope:?} {position} in {name}");
        }
        for (in_stream, place) in (1..).zip(&places) {
            assert_eq!(replay.position_as_of(&stream, in_stream, scope).unwrap(), *place);
        }
        let before = places.first().map_or(0, |place| place - 1);
        assert_eq!(replay.position_as_of(&stream, 0, scope).unwrap(), before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_run_equals_a_look_at_every_event(
        events in prop::collection::vec(event(), 0..28),
        kind in prop_oneof![4 => Just(Kind::Auto), 4 => Just(Kind::Lists), 1 => Just(Kind::Script)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let content = Arc::new(Mutex::new(Content { events, ..Content::default() }));
        let log = Box::new(FakeLog::new(Arc::clone(&content)));
        let cache = Cache::open_file(&folder.path().join("cache.db"));
        let mut replay = Replay::new(log, reducer(kind), cache).with_spacing(TINY);
        check(&mut replay, &Scope::Stream(StreamId::new("user-1")), kind, Fold::Each);
        for scope in [Scope::Log, Scope::Category("user".into())] {
            check(&mut replay, &scope, kind, Fold::Each);
            check(&mut replay, &scope, kind, Fold::Together);
            check_places(&mut replay, &scope, kind);
        }
    }
}

#[test]
fn every_run_on_real_logs_equals_a_look_at_every_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for (library, name) in fixtures::FOREIGN {
        let path = fixtures::copy(library, name, folder.path());
        let mut log = fixtures::open(&path);
        let mut streams = fixtures::streams(&mut *log, 50, None);
        streams.retain(|info| info.events <= 30);
        streams.truncate(3);
        let whole = log.extent(&Scope::Log).unwrap();
        let cache = Cache::open_file(&folder.path().join(format!("{name}.cache")));
        let mut replay = Replay::new(log, reducer(Kind::Auto), cache).with_spacing(TINY);
        for info in &streams {
            check(&mut replay, &Scope::Stream(info.stream.clone()), Kind::Auto, Fold::Each);
            checked += 1;
        }
        if whole <= 60 {
            check(&mut replay, &Scope::Log, Kind::Auto, Fold::Each);
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}

fn balances(count: i64) -> (Replay, Arc<Mutex<Content>>) {
    let event = |index: i64| FakeEvent {
        stream: "account-1".to_owned(),
        event_type: "Booked".to_owned(),
        data: json!({"balance": if index == 100 { -5 } else { index }}).to_string(),
    };
    let content = Arc::new(Mutex::new(Content { events: (0..count).map(event).collect(), ..Content::default() }));
    let spacing = Spacing { checkpoint_events: 256, state_events: 64, ..TINY };
    let cache = Cache::open_file(&tempfile::tempdir().unwrap().path().join("none").join("cache.db"));
    let log = Box::new(FakeLog::new(Arc::clone(&content)));
    (Replay::new(log, reducer(Kind::Auto), cache).with_spacing(spacing), content)
}

#[test]
fn running_back_reads_a_piece_for_a_near_hit_and_nothing_twice_for_a_far_one() {
    let (mut replay, content) = balances(20_000);
    let scope = Scope::Stream(StreamId::new("account-1"));
    let mut near = Armed::new(&[Breakpoint::When("state.balance === 19950".into())]).unwrap();
    let mut far = Armed::new(&[Breakpoint::When("state.balance < 0".into())]).unwrap();
    replay.state_at(&StreamId::new("account-1"), 20_000, &|| false).unwrap();
    let before = content.lock().unwrap().given;
    assert_eq!(run(&mut replay, &scope, 20_000, Way::Back, &mut near, Fold::Each).unwrap().position, 19_951);
    let read = content.lock().unwrap().given - before;
    assert!(read < 1_024, "{read} events were read for a hit 49 events away");
    let before = content.lock().unwrap().given;
    assert_eq!(run(&mut replay, &scope, 20_000, Way::Back, &mut far, Fold::Each).unwrap().position, 101);
    let read = content.lock().unwrap().given - before;
    assert!(read < 50_000, "{read} events were read for a hit 19,900 events away");
}

#[test]
fn a_run_says_how_far_it_is_and_stops_when_nobody_waits() {
    let (mut replay, _) = balances(5_000);
    let scope = Scope::Stream(StreamId::new("account-1"));
    for (way, from) in [(Way::Forward, 200), (Way::Back, 5_000)] {
        let mut armed = Armed::new(&[Breakpoint::When("state.nobody".into())]).unwrap();
        let mut told = Vec::new();
        let run = replay.run_on(&scope, from, way, &mut armed, Fold::Each, &mut |looked| {
            told.push(looked);
            ControlFlow::Continue(())
        });
        let run = run.unwrap();
        assert_eq!(run.hit, None);
        assert_eq!(run.looked.events, run.looked.of);
        assert!(told.windows(2).all(|two| two[0].events <= two[1].events && two[1].events <= two[1].of), "{told:?}");
        let stopped = replay.run_on(&scope, from, way, &mut armed, Fold::Each, &mut |looked| {
            if looked.events > 1_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(stopped.unwrap_err().is_stopped());
    }
}

#[test]
fn a_condition_that_fails_does_not_stop_the_run_and_is_told() {
    let (mut replay, _) = balances(10);
    let scope = Scope::Stream(StreamId::new("account-1"));
    let mut armed =
        Armed::new(&[Breakpoint::When("event.version === 3 ? nobody : event.version === 5".into())]).unwrap();
    let run =
        replay.run_on(&scope, 0, Way::Forward, &mut armed, Fold::Each, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(run.hit.map(|hit| hit.position), Some(5));
    assert_eq!((run.faults_total, run.faults[0].position), (1, 2));
}

#[test]
fn what_is_no_breakpoint_is_refused() {
    for list in [vec![], vec![Breakpoint::When("state.".into())], vec![Breakpoint::Change("balance".into())]] {
        assert!(Armed::new(&list).is_err(), "{list:?}");
    }
    assert!(Armed::new(&vec![Breakpoint::Fault; 65]).is_err());
    let text = json!([{"type": "A*"}, {"when": "state.a"}, {"change": "/a"}, "fault"]);
    let list: Vec<Breakpoint> = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(serde_json::to_value(&list).unwrap(), text);
}
