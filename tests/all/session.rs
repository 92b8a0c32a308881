//! The session against workers whose replies are late, reordered, doubled or lost. No threads: replies are data.

use std::sync::Arc;

use eventscope::event::{Scope, StreamId, Time};
use eventscope::limits::ROWS_PAGE;
use eventscope::log::{Access, Capabilities, LogInfo};
use eventscope::protocol::{EventRow, FoldedBy, Generation, Reply, Request, StateAt, StateLines};
use eventscope::session::{Action, Command, Session, Tab, View};
use proptest::prelude::*;

fn info() -> LogInfo {
    LogInfo {
        locator: "orders.db".to_owned(),
        name: "orders.db".to_owned(),
        engine: "sqlite",
        layout: "native".to_owned(),
        layout_title: "Eventscope".to_owned(),
        evidence: vec!["test".to_owned()],
        access: Access::AtRest,
        read_only: false,
        journal: "wal",
        bytes_total: 1,
        capabilities: Capabilities { event_ids: true, times: true, metadata: true, stores_snapshots: true },
    }
}

fn events_of(scope: &Scope, grown: u64) -> u64 {
    match scope {
        Scope::Log => 10_000 + grown,
        Scope::Category(_) => 600,
        Scope::Stream(stream) => 100 + stream.as_str().len() as u64,
    }
}

fn row(scope: &Scope, row: u64) -> EventRow {
    EventRow {
        seq: row.to_string(),
        stream: StreamId::new("a-1"),
        version: i64::try_from(row).ok(),
        event_type: format!("{scope:?}").into(),
        time: Some(Time(0)),
        payload: Vec::new(),
        fault: None,
    }
}

/// The honest answer to a request; the state says in its value what it is the state of.
fn answer(request: Request, grown: u64) -> Vec<Reply> {
    match request {
        Request::Open { generation, .. } => {
            vec![Reply::Opened { generation, info: Arc::new(info()), demo: false, time: Time(0) }]
        }
        Request::Extent { generation, scope, as_of } => {
            let events = events_of(&scope, grown);
            // A share of the one scope is the same share of the other.
            let as_of = as_of.map(|(other, position)| position * events / events_of(&other, grown));
            vec![Reply::Extent { generation, scope, events, as_of }]
        }
        Request::Rows { generation, scope, first, count } => {
            let end = (first + count).min(events_of(&scope, grown));
            let rows = (first..end).map(|index| row(&scope, index)).collect();
            vec![Reply::Rows { generation, scope, first, rows }]
        }
        Request::Seek { generation, ticket, scope, position } => {
            vec![Reply::State { generation, ticket, state: Arc::new(state(scope, position)) }]
        }
        _ => Vec::new(),
    }
}

fn label(scope: &Scope, position: u64) -> String {
    format!("{scope:?}@{position}").replace('"', "'")
}

fn state(scope: Scope, position: u64) -> StateAt {
    let lines = StateLines::of(&serde_json::json!({ "of": label(&scope, position) }));
    StateAt {
        stream: Some(StreamId::new("a-1")),
        in_stream: position,
        version: i64::try_from(position).ok(),
        scope,
        position,
        exists: true,
        lines,
        changed: 0,
        bytes: 0,
        reducer: "auto".to_owned(),
        by: FoldedBy::default(),
        faults: Vec::new(),
        faults_total: 0,
        folded: 0,
        from_version: None,
        elapsed_us: 0,
    }
}

/// What is on show is what it says it is.
fn check_honest(session: &Session) -> Result<(), TestCaseError> {
    if let Some(shown) = &session.state.shown {
        prop_assert_eq!(&*shown.lines.lines[1].text, format!("\"{}\"", label(&shown.scope, shown.position)));
        prop_assert_eq!(&shown.scope, &session.scope);
    }
    prop_assert!(session.cursor <= session.events.events());
    for index in session.events.top..session.events.top + session.events.rows_shown {
        if let Some(known) = session.events.row(index) {
            prop_assert_eq!(&known.seq, &index.to_string());
            prop_assert_eq!(&*known.event_type, format!("{:?}", session.scope));
        }
    }
    Ok(())
}

/// Delivers everything that is asked for, in order, until nothing more is asked.
fn settle(session: &mut Session, grown: u64) {
    for _ in 0..10_000 {
        let requests = session.take_requests();
        if requests.is_empty() {
            return;
        }
        for reply in requests.into_iter().flat_map(|request| answer(request, grown)) {
            session.absorb(reply);
        }
    }
    panic!("the session asks for ever");
}

fn opened() -> Session {
    let mut session = Session::new();
    session.apply(Action::Viewport { rows: 20 });
    session.apply(Action::Open("orders.db".to_owned()));
    settle(&mut session, 0);
    session
}

#[derive(Clone, Debug)]
enum Happens {
    Does(Action),
    /// A reply that is under way arrives: which of them, and whether it stays to arrive again.
    Arrives(prop::sample::Index, bool),
    Lost(prop::sample::Index),
    Grows(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let command = prop_oneof![
        Just(Command::StepForward),
        Just(Command::StepBack),
        Just(Command::Oldest),
        Just(Command::Newest),
        Just(Command::PlayPause),
        Just(Command::SelectDown),
        Just(Command::PageUp),
        Just(Command::CursorToSelection),
        Just(Command::Back),
        Just(Command::Forward),
        Just(Command::WholeLog),
        Just(Command::TabEvent),
        Just(Command::Escape),
    ];
    let scope = prop_oneof![
        Just(Scope::Log),
        Just(Scope::Category("a".into())),
        Just(Scope::Stream("a-1".into())),
        Just(Scope::Stream("bb-22".into()))
    ];
    let action = prop_oneof![
        6 => command.prop_map(Action::Run),
        2 => scope.prop_map(Action::ChooseScope),
        2 => (0..10_100_u64).prop_map(Action::MoveCursor),
        2 => (0..10_100_u64, 0.0..1.0_f32).prop_map(|(top, part)| Action::ScrollTo { top, part }),
        1 => (0..10_100_u64).prop_map(Action::SelectRow),
        2 => (0..300_u64).prop_map(|elapsed_ms| Action::Tick { elapsed_ms }),
    ];
    prop_oneof![
        5 => action.prop_map(Happens::Does),
        6 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(index, again)| Happens::Arrives(index, again)),
        1 => any::<prop::sample::Index>().prop_map(Happens::Lost),
        1 => (1..50_u64).prop_map(Happens::Grows),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_late_twice_or_never_the_state_is_what_its_label_says(story in prop::collection::vec(happens(), 1..80)) {
        let mut session = opened();
        let mut under_way: Vec<Reply> = Vec::new();
        let mut grown = 0;
        for event in story {
            match event {
                Happens::Does(action) => session.apply(action),
                Happens::Arrives(index, again) if !under_way.is_empty() => {
                    let at = index.index(under_way.len());
                    let reply = if again { under_way[at].clone() } else { under_way.swap_remove(at) };
                    session.absorb(reply);
                }
                Happens::Lost(index) if !under_way.is_empty() => {
                    under_way.swap_remove(index.index(under_way.len()));
                }
                Happens::Grows(by) => grown += by,
                Happens::Arrives(..) | Happens::Lost(_) => {}
            }
            under_way.extend(session.take_requests().into_iter().flat_map(|request| answer(request, grown)));
            check_honest(&session)?;
        }
        // Whatever was lost before, a new question is answered.
        session.apply(Action::ChooseScope(Scope::Stream("new-1".into())));
        settle(&mut session, grown);
        check_honest(&session)?;
        prop_assert!(session.state_is_current());
        prop_assert!(session.events.row(session.events.top).is_some());
    }
}

#[test]
fn a_log_opens_at_its_newest_event_with_rows_and_state() {
    let session = opened();
    assert_eq!((session.view, session.cursor, session.events.events()), (View::Replay, 10_000, 10_000));
    assert!(session.state_is_current());
    assert!(session.events.row(9_999).is_some());
    assert_eq!(session.events.top, 9_980);
    assert_eq!(session.recent[0].locator, "orders.db");
}

#[test]
fn events_arrive_while_the_user_reads_row_5000_and_the_row_stays() {
    let mut session = opened();
    session.apply(Action::ScrollTo { top: 5_000, part: 0.25 });
    session.apply(Action::SelectRow(5_005));
    settle(&mut session, 0);
    let before = session.events.row(5_000).cloned();
    assert!(before.is_some());
    for grown in (50..2_000).step_by(50) {
        let reply = Reply::Grew { generation: eventscope::protocol::Generation(2) };
        session.absorb(reply);
        settle(&mut session, grown);
        assert_eq!((session.events.top, session.events.selected), (5_000, Some(5_005)));
        assert!((session.events.top_part - 0.25).abs() < f32::EPSILON);
        assert_eq!(session.events.row(5_000).cloned(), before);
        assert_eq!(session.events.events(), 10_000 + grown);
    }
    assert_eq!(session.cursor, 10_000, "the cursor moves only for the one who follows");
    session.apply(Action::Run(Command::Newest));
    session.absorb(Reply::Grew { generation: eventscope::protocol::Generation(2) });
    settle(&mut session, 5_000);
    assert_eq!((session.cursor, session.events.top), (15_000, 14_980));
}

#[test]
fn a_page_that_was_not_full_grows_with_the_log() {
    let mut session = opened();
    let last = session.events.events();
    assert!(!last.is_multiple_of(ROWS_PAGE));
    session.absorb(Reply::Grew { generation: eventscope::protocol::Generation(2) });
    settle(&mut session, 30);
    session.apply(Action::ScrollTo { top: last, part: 0.0 });
    settle(&mut session, 30);
    assert!(session.events.row(last + 29).is_some());
}

#[test]
fn stepping_moves_one_event_and_stops_at_the_ends() {
    let mut session = opened();
    session.apply(Action::ChooseScope(Scope::Stream("a-1".into())));
    settle(&mut session, 0);
    assert_eq!(session.cursor, 103);
    for (command, cursor) in [
        (Command::StepForward, 103),
        (Command::StepBack, 102),
        (Command::Oldest, 0),
        (Command::StepBack, 0),
        (Command::StepForward, 1),
        (Command::Back, 102),
        (Command::Newest, 103),
    ] {
        session.apply(Action::Run(command));
        settle(&mut session, 0);
        assert_eq!(session.cursor, cursor, "{command:?}");
        assert_eq!(session.state.shown.as_ref().unwrap().position, cursor);
    }
}

#[test]
fn playing_steps_at_its_speed_and_waits_for_states() {
    let mut session = opened();
    session.apply(Action::MoveCursor(100));
    settle(&mut session, 0);
    session.apply(Action::SetSpeed(10));
    session.apply(Action::Run(Command::PlayPause));
    assert!(session.wants_ticks());
    for _ in 0..10 {
        session.apply(Action::Tick { elapsed_ms: 100 });
        settle(&mut session, 0);
    }
    assert_eq!(session.cursor, 110);
    // No state arrives: the cursor waits.
    session.apply(Action::Tick { elapsed_ms: 100 });
    for _ in 0..50 {
        session.apply(Action::Tick { elapsed_ms: 100 });
    }
    assert_eq!(session.cursor, 111);
    session.apply(Action::Run(Command::Escape));
    assert!(!session.wants_ticks());
}

#[test]
fn the_snapshot_dialog_keeps_what_is_on_show() {
    let mut session = opened();
    session.apply(Action::MoveCursor(42));
    session.apply(Action::Run(Command::Snapshot));
    assert!(session.snapshot_dialog.is_none(), "the state is not on show yet");
    settle(&mut session, 0);
    session.apply(Action::Run(Command::Snapshot));
    session.apply(Action::SetSnapshotName(" before ".to_owned()));
    session.apply(Action::TakeSnapshot);
    let requests = session.take_requests();
    assert!(
        requests.iter().any(|request| matches!(request, Request::Snapshot { stream, version: 42, name, .. }
            if stream.as_str() == "a-1" && name.as_deref() == Some("before"))),
        "{requests:?}"
    );
}

#[test]
fn a_failed_open_says_why_and_leaves_what_was_there() {
    let mut session = Session::new();
    session.apply(Action::Open("gone.db".to_owned()));
    let Some(Request::Open { generation, locator }) = session.take_requests().pop() else { panic!("no request") };
    session.absorb(Reply::OpenFailed { generation, locator, message: "Cannot open log: no such file".to_owned() });
    assert_eq!(session.open_error.as_deref(), Some("Cannot open log: no such file"));
    assert_eq!((session.view, session.opening.is_none()), (View::Welcome, true));

    let mut session = opened();
    session.apply(Action::Open("gone.db".to_owned()));
    let Some(Request::Open { generation, locator }) = session.take_requests().pop() else { panic!("no request") };
    session.absorb(Reply::OpenFailed { generation, locator, message: "Cannot open log: no such file".to_owned() });
    assert_eq!(session.view, View::Replay);
    assert_eq!(session.notices.len(), 1);
    settle(&mut session, 0);
    session.apply(Action::Run(Command::StepBack));
    settle(&mut session, 0);
    assert!(session.state_is_current(), "the log that was open goes on");
}

#[test]
fn blame_is_asked_again_where_a_seek_ended_it() {
    let mut session = opened();
    session.apply(Action::SelectPath("/n".to_owned()));
    session.apply(Action::Run(Command::BlameEarlier));
    let asked = |session: &mut Session| {
        let requests = session.take_requests();
        let blames = requests.iter().filter(|request| matches!(request, Request::Blame { path, .. } if path == "/n"));
        (blames.count(), requests)
    };
    let (count, _) = asked(&mut session);
    assert_eq!((session.tab, count), (Tab::Blame, 1));
    // The answer is lost to a newer seek: the state that comes with it asks once more.
    session.apply(Action::Run(Command::StepBack));
    let (count, requests) = asked(&mut session);
    assert_eq!(count, 0);
    for request in requests {
        for reply in answer(request, 0) {
            session.absorb(reply);
        }
    }
    assert_eq!(asked(&mut session).0, 1);
    // In another scope nothing of it is left.
    session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("b-2"))));
    assert_eq!((asked(&mut session).0, session.blame.path), (0, None));
}

#[test]
fn the_event_tab_shows_the_selected_row_else_the_one_at_the_cursor() {
    let mut session = opened();
    session.apply(Action::ChooseTab(Tab::Event));
    session.take_requests();
    session.apply(Action::SelectRow(7));
    assert!(session.take_requests().iter().any(|request| matches!(request, Request::Detail { row: 7, .. })));
    session.apply(Action::Run(Command::Escape));
    assert!(session.take_requests().iter().any(|request| matches!(request, Request::Detail { row: 9_999, .. })));
}

#[test]
fn what_fails_in_the_program_itself_is_said_on_every_page() {
    let failed = || Reply::Failed { generation: Generation::NONE, message: "no file dialog".to_owned() };
    let mut session = Session::new();
    session.absorb(failed());
    assert_eq!(session.open_error.as_deref(), Some("no file dialog"));
    let mut session = Session::new();
    session.view = View::Replay;
    session.absorb(failed());
    assert!(session.notices.iter().any(|notice| notice.failure && notice.text == "no file dialog"));
}
