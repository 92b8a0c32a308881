//! Replay against a fold from zero: any position, on any way there, with tiny distances between kept states.

use std::sync::{Arc, Mutex};

use eventscope::event::{Event, Seq, StreamId, Value};
use eventscope::reducer::{Reducer, auto::Auto};
use eventscope::replay::{Replay, Spacing};
use eventscope::store::cache::Cache;
use proptest::prelude::*;

use crate::support::fake_log::{Content, FakeEvent, FakeLog};

const TINY: Spacing =
    Spacing { state_events: 4, checkpoint_events: 8, checkpoint_state_sizes: 0, streams_bytes: 3_000 };

/// What a person does.
#[derive(Clone, Debug)]
enum Doing {
    Seek(u64),
    Step,
    Back,
    Append(Vec<FakeEvent>),
    Reopen,
    /// Another history takes the log's place: the same file, restored or written anew.
    Rewrite(usize, FakeEvent),
    Truncate(usize),
}

fn event() -> impl Strategy<Value = FakeEvent> {
    let types = prop_oneof![
        Just("UserCreated"),
        Just("UserRenamed"),
        Just("UserDeleted"),
        Just("UserRestored"),
        Just("ItemRemoved"),
        Just("Touched")
    ];
    let data = prop_oneof![
        (0..3_u8, "[a-c]{0,3}").prop_map(|(key, value)| format!("{{\"k{key}\":\"{value}\"}}")),
        (0..3_u8).prop_map(|key| format!("{{\"k{key}\":null,\"n\":{{\"k{key}\":{key}.50}}}}")),
        Just("7".to_owned()),
        Just("{not json".to_owned()),
    ];
    (prop_oneof![3 => Just("user-1"), 1 => Just("user-2")], types, data).prop_map(|(stream, event_type, data)| {
        FakeEvent { stream: stream.to_owned(), event_type: event_type.to_owned(), data }
    })
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        6 => (0..70_u64).prop_map(Doing::Seek),
        6 => Just(Doing::Step),
        6 => Just(Doing::Back),
        1 => prop::collection::vec(event(), 1..20).prop_map(Doing::Append),
        1 => Just(Doing::Reopen),
        1 => (0..60_usize, event()).prop_map(|(at, event)| Doing::Rewrite(at, event)),
        1 => (0..60_usize).prop_map(Doing::Truncate),
    ]
}

/// State and number of faults by a fold from zero.
fn naive(events: &[FakeEvent], stream: &str, position: u64) -> (Option<Value>, u64, u64) {
    let mut auto = Auto;
    let mut state = auto.empty();
    let (mut faults, mut folded) = (0, 0);
    let own = events.iter().filter(|event| event.stream == stream);
    for event in own.take(usize::try_from(position).unwrap()) {
        folded += 1;
        let Ok(data) = serde_json::from_str(&event.data) else {
            faults += 1;
            continue;
        };
        let event = Event {
            seq: Seq::Number(0),
            stream,
            category: "user",
            version: None,
            event_type: &event.event_type,
            time: None,
            id: None,
            data,
            metadata: None,
        };
        faults += u64::from(auto.fold(&mut state, event).is_err());
    }
    let shown = auto.show(state);
    (shown.exists.then_some(shown.state), faults, folded)
}

fn open(content: &Arc<Mutex<Content>>, cache: &std::path::Path) -> Replay {
    let log = Box::new(FakeLog::new(Arc::clone(content)));
    Replay::new(log, Box::new(Auto), Cache::open_file(cache)).with_spacing(TINY)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_position_on_every_way_equals_a_fold_from_zero(
        first in prop::collection::vec(event(), 0..60),
        doings in prop::collection::vec(doing(), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache.db");
        let content = Arc::new(Mutex::new(Content { events: first, ..Content::default() }));
        let mut replay = open(&content, &cache);
        let stream = StreamId::new("user-1");
        let mut position = 0;
        for doing in doings {
            let mut shared = content.lock().unwrap();
            let count = shared.events.len();
            match doing {
                Doing::Seek(to) => position = to,
                Doing::Step => position += 1,
                Doing::Back => position = position.saturating_sub(1),
                Doing::Append(events) => shared.events.extend(events),
                Doing::Rewrite(at, event) if at < count => {
                    shared.events[at] = event;
                    shared.epoch += 1;
                }
                Doing::Truncate(to) if to < count => {
                    shared.events.truncate(to);
                    shared.epoch += 1;
                }
                Doing::Rewrite(..) | Doing::Truncate(_) => {}
                Doing::Reopen => {
                    drop(shared);
                    replay = open(&content, &cache);
                    shared = content.lock().unwrap();
                }
            }
            let events = shared.events.clone();
            drop(shared);
            let state = replay.state_at(&stream, position, &|| false).unwrap();
            let (expected, faults, folded) = naive(&events, "user-1", position);
            prop_assert_eq!(state.shown.exists.then_some(state.shown.state), expected);
            prop_assert_eq!(state.faults_total, faults);
            prop_assert_eq!(state.position, folded);
            let (before, _, _) = naive(&events, "user-1", position.saturating_sub(1));
            if folded == position {
                prop_assert_eq!(state.before.exists.then_some(state.before.state), before);
            }
        }
    }
}

fn long_log(events: usize) -> Arc<Mutex<Content>> {
    let events = (0..events)
        .map(|n| FakeEvent {
            stream: "user-1".to_owned(),
            event_type: "UserRenamed".to_owned(),
            data: format!("{{\"name\":\"n{n}\",\"k{}\":{n}}}", n % 7),
        })
        .collect();
    Arc::new(Mutex::new(Content { events, ..Content::default() }))
}

#[test]
fn stepping_back_and_seeking_never_fold_from_zero() {
    let folder = tempfile::tempdir().unwrap();
    let content = long_log(2_000);
    let mut replay = open(&content, &folder.path().join("cache.db"));
    let stream = StreamId::new("user-1");
    assert_eq!(replay.state_at(&stream, 2_000, &|| false).unwrap().folded, 2_000);
    for position in (1_900..2_000).rev() {
        let folded = replay.state_at(&stream, position, &|| false).unwrap().folded;
        assert!(folded <= TINY.checkpoint_events + TINY.state_events, "{folded} at {position}");
    }
    for position in [3, 1_000, 77, 1_999, 512] {
        let folded = replay.state_at(&stream, position, &|| false).unwrap().folded;
        assert!(folded <= TINY.checkpoint_events + TINY.state_events, "{folded} at {position}");
    }
    // The checkpoints outlive the program.
    let mut replay = open(&content, &folder.path().join("cache.db"));
    let folded = replay.state_at(&stream, 1_500, &|| false).unwrap().folded;
    assert!(folded <= TINY.checkpoint_events + TINY.state_events, "{folded}");
}

#[test]
fn a_restored_log_drops_the_checkpoints_that_no_longer_hold() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache.db");
    let content = long_log(200);
    let stream = StreamId::new("user-1");
    open(&content, &cache).state_at(&stream, 200, &|| false).unwrap();
    // While nobody looked, the log was restored with another history from event 100 on.
    content.lock().unwrap().events.truncate(100);
    let tail = long_log(150).lock().unwrap().events.clone();
    content.lock().unwrap().events.extend(tail);
    let state = open(&content, &cache).state_at(&stream, 180, &|| false).unwrap();
    let events = content.lock().unwrap().events.clone();
    assert_eq!(Some(state.shown.state), naive(&events, "user-1", 180).0);
}

#[test]
fn a_fold_that_nobody_waits_for_stops_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let content = long_log(3_000);
    let mut replay = open(&content, &folder.path().join("cache.db"));
    let stream = StreamId::new("user-1");
    let asked = std::cell::Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 2
    };
    assert!(replay.state_at(&stream, 3_000, &stop).unwrap_err().is_stopped());
    let state = replay.state_at(&stream, 3_000, &|| false).unwrap();
    assert!(state.folded < 2_000, "{}", state.folded);
}
