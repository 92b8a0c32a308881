//! Reducers, searches, runs, the sandbox and comparisons in a session whose replies are late, reordered or doubled.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventscope::event::{Scope, StreamId};
use eventscope::protocol::{
    Breakpoint, Compared, FindEnd, FoundPart, Hit, IntervalAt, ReducerChoice, ReducersInfo, Reply, Request, RowChange,
    RunEnd, SandboxAt, Way, Why,
};
use eventscope::session::{Action, BreakpointAction, Command, FindAction, Session};

use crate::support::ledger::{Ledger, STREAM};

/// A session that looks at the ledger's stream, with nothing under way.
fn session() -> Session {
    Ledger::default().at(31_406)
}

fn part(request: &Request, from: u64, elapsed_us: u64, ended: Option<FindEnd>) -> Reply {
    let Request::Find { generation, ticket, find } = request else { panic!("no search: {request:?}") };
    let version = i64::try_from(from).unwrap();
    let interval = IntervalAt {
        stream: find.scope.stream().unwrap().clone(),
        from_position: from,
        from_version: version,
        event_type: "MoneyWithdrawn".into(),
        time: None,
        to_position: from + 1,
        to_version: version + 1,
        still: false,
        until: None,
        extreme: None,
    };
    let part = FoundPart {
        ticket: *ticket,
        intervals: vec![interval],
        intervals_total: from / 10,
        scanned: from,
        of: 48_213,
        elapsed_us,
        ended,
        ..FoundPart::default()
    };
    Reply::Found { generation: *generation, part }
}

fn asked(session: &mut Session, wanted: impl Fn(&Request) -> bool) -> Request {
    session.take_requests().into_iter().find(wanted).expect("nothing of the kind was asked")
}

fn search(session: &mut Session, condition: &str) -> Request {
    session.apply(Action::Run(Command::Find));
    session.apply(Action::Find(FindAction::SetText(condition.to_owned())));
    session.apply(Action::Find(FindAction::Start));
    asked(session, |request| matches!(request, Request::Find { .. }))
}

#[test]
fn intervals_count_once_and_stand_in_order_however_they_come() {
    let mut session = session();
    let request = search(&mut session, "state.balance < 0");
    let words = [
        part(&request, 30, 3, Some(FindEnd::Whole)),
        part(&request, 10, 1, None),
        part(&request, 20, 2, None),
        part(&request, 10, 1, None),
    ];
    for word in words {
        session.absorb(word);
    }
    let found: Vec<u64> = session.find.intervals.iter().map(|interval| interval.from_position).collect();
    assert_eq!(found, [10, 20, 30]);
    assert_eq!((session.find.word.scanned, session.find.word.ended.clone()), (30, Some(FindEnd::Whole)));
}

#[test]
fn what_an_older_search_finds_is_dropped() {
    let mut session = session();
    let older = search(&mut session, "state.balance < 0");
    let newer = search(&mut session, "state.balance < 1");
    session.absorb(part(&newer, 50, 1, None));
    session.absorb(part(&older, 10, 9, Some(FindEnd::Whole)));
    assert_eq!(session.find.intervals.len(), 1);
    assert!(session.find.is_searching());
    session.apply(Action::Run(Command::Escape));
    assert!(!session.find.is_searching());
    asked(&mut session, |request| matches!(request, Request::StopTask { .. }));
    // Its last word comes after it was stopped: what it found is kept, and it stays stopped.
    session.absorb(part(&newer, 60, 2, None));
    assert_eq!((session.find.intervals.len(), session.find.word.ended.clone()), (2, Some(FindEnd::Stopped)));
    // Another stream: what was found in this one is left behind.
    session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("account-other"))));
    session.absorb(part(&newer, 70, 3, None));
    assert!(session.find.intervals.is_empty());
}

fn end(request: &Request, position: u64) -> Reply {
    let Request::RunOn { generation, ticket, .. } = request else { panic!("no run: {request:?}") };
    let hit = Hit {
        position,
        stream: STREAM.to_owned(),
        in_stream: position,
        version: 1,
        numbered: true,
        seq: "1".to_owned(),
        event_type: "MoneyWithdrawn".to_owned(),
        time_us: None,
        why: vec![Why { breakpoint: 0, from: None, to: None, fault: None }],
    };
    let end =
        RunEnd { ticket: *ticket, hit: Some(hit), events: 5, failed: 0, failure: None, refused: None, elapsed_us: 1 };
    Reply::RunEnded { generation: *generation, end: Arc::new(end) }
}

#[test]
fn only_the_newest_run_moves_the_cursor_and_only_once() {
    let mut session = session();
    session.apply(Action::Breakpoint(BreakpointAction::Toggle(Breakpoint::When("state.balance < 0".to_owned()))));
    let run = |session: &mut Session, command| {
        session.apply(Action::Run(command));
        asked(session, |request| matches!(request, Request::RunOn { .. }))
    };
    let older = run(&mut session, Command::RunForward);
    let newer = run(&mut session, Command::RunBack);
    assert!(matches!(newer, Request::RunOn { way: Way::Back, from: 31_406, .. }));
    session.absorb(end(&older, 40_000));
    assert_eq!(session.cursor, 31_406);
    session.absorb(end(&newer, 20_000));
    assert_eq!((session.cursor, session.breakpoints.stopped.is_some()), (20_000, true));
    session.apply(Action::MoveCursor(100));
    session.absorb(end(&newer, 20_000));
    assert_eq!((session.cursor, session.breakpoints.stopped.is_none()), (100, true));
    // A run that was stopped says nothing more.
    let stopped = run(&mut session, Command::RunForward);
    session.apply(Action::Run(Command::Escape));
    session.absorb(end(&stopped, 40_000));
    assert_eq!(session.cursor, 100);
}

fn compared(request: &Request) -> Reply {
    let Request::Sandbox { generation, ticket, asked } = request else { panic!("no sandbox: {request:?}") };
    let at = SandboxAt {
        ticket: *ticket,
        asked: asked.clone(),
        compared: Compared::default(),
        differing: BTreeMap::from([(asked.position, 3)]),
        lines: None,
        real: Vec::new(),
        sandbox: Vec::new(),
        refused: None,
        reducer: "auto 1".to_owned(),
    };
    Reply::Sandbox { generation: *generation, sandbox: Arc::new(at) }
}

#[test]
fn the_sandbox_shows_the_answer_to_its_changes_alone() {
    let ledger = Ledger::default();
    let mut session = session();
    session.apply(Action::SelectRow(31_400));
    session.apply(Action::Run(Command::SandboxToggle));
    let first = asked(&mut session, |request| matches!(request, Request::Sandbox { .. }));
    session.apply(Action::SelectRow(31_401));
    session.apply(Action::Run(Command::SandboxToggle));
    let second = asked(&mut session, |request| matches!(request, Request::Sandbox { .. }));
    session.absorb(compared(&second));
    session.absorb(compared(&first));
    assert_eq!(session.sandbox_on_show().unwrap().asked.edits.len(), 2);
    session.apply(Action::Run(Command::SandboxUndo));
    assert!(session.sandbox_on_show().is_none(), "the answer is about two changes");
    session.apply(Action::Run(Command::SandboxLeave));
    session.absorb(compared(&second));
    assert!(!session.is_sandbox() && session.sandbox_on_show().is_none());
    ledger.serve(&mut session);
}

#[test]
fn of_two_reducers_the_newer_choice_counts_and_what_the_older_one_did_is_asked_anew() {
    let ledger = Ledger::default();
    let mut session = session();
    ledger.serve(&mut session);
    let info = |choice| Arc::new(ReducersInfo { choice, ..ReducersInfo::default() });
    let file = ReducerChoice::File("mine.js".to_owned());
    session.apply(Action::Run(Command::ReducerAuto));
    let generation = match asked(&mut session, |request| matches!(request, Request::UseReducer { .. })) {
        Request::UseReducer { generation, .. } => generation,
        other => panic!("{other:?}"),
    };
    session.apply(Action::Run(Command::ReducerBound));
    session.absorb(Reply::Reducers { generation, reducers: info(ReducerChoice::Bound) });
    session.absorb(Reply::Reducers { generation, reducers: info(file) });
    session.absorb(Reply::Reducers { generation, reducers: info(ReducerChoice::Auto) });
    assert_eq!(session.reducer.info.as_ref().unwrap().choice, ReducerChoice::Bound);
    ledger.serve(&mut session);
    // What events did by another reducer than the one on show is not taken, and asked for again.
    let stream = StreamId::new(STREAM);
    let first = 31_406 / 128 * 128;
    let was = session.events.change(first).cloned();
    session.absorb(Reply::Changes {
        generation,
        stream,
        first,
        changes: vec![RowChange::Paths(99); 128],
        reducer: "another 1".to_owned(),
    });
    assert_eq!(session.events.change(first).cloned(), was);
}
