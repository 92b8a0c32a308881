//! Hunting in the window: pinned paths, one cursor for all streams.

use std::path::{Path, PathBuf};

use eventscope::event::{Scope, StreamId};
use eventscope::protocol::{Breakpoint, Change, Edit, FindEnd, Verdict};
use eventscope::session::{
    Action, BreakpointAction, Command, DiffAction, FindAction, RowMark, SandboxAction, Session, Tab,
};
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};

use crate::support::desk::Desk;

fn event(event_type: &str, data: &str) -> NewEvent {
    NewEvent { id: None, event_type: event_type.to_owned(), time: None, data: data.as_bytes().to_vec(), metadata: None }
}

/// Two accounts whose events take turns: `account-1` holds 1, 2, 3, … and `account-2` ten times that.
fn log_in(folder: &Path, events: i64) -> PathBuf {
    let path = folder.join("bank.db");
    let mut store = Store::create(&path).unwrap();
    for n in 1..=events {
        for (stream, value) in [("account-1", n), ("account-2", n * 10)] {
            let event = event("Moved", &format!(r#"{{"balance":{value},"lines":[{{"n":{n}}}]}}"#));
            store.append(&StreamId::new(stream), Expected::Any, &[event]).unwrap();
        }
    }
    path
}

fn open(path: &Path, stream: &str) -> Desk {
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("open", |session| session.log.is_some() && session.state_is_current() && session.reducer.info.is_some());
    look_at(&mut desk, Scope::Stream(StreamId::new(stream)));
    desk
}

fn look_at(desk: &mut Desk, scope: Scope) {
    desk.session.apply(Action::ChooseScope(scope));
    desk.until("the scope", |session| session.events.extent.is_some() && session.state_is_current());
}

fn go(desk: &mut Desk, position: u64) {
    desk.session.apply(Action::MoveCursor(position));
    desk.until("the cursor", Session::state_is_current);
}

#[test]
fn a_pinned_path_shows_its_last_values_and_what_the_event_made_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 200), "account-1");
    desk.session.apply(Action::SelectPath("/balance".to_owned()));
    desk.session.apply(Action::Run(Command::Pin));
    go(&mut desk, 150);
    desk.until("the pin", |session| session.pin_on_show("/balance").is_some());
    let pin = desk.session.pin_on_show("/balance").unwrap().clone();
    assert_eq!((pin.from.as_deref(), pin.to.as_deref()), (Some("149"), Some("150")));
    assert_eq!((pin.values.len(), pin.values.last()), (65, Some(&Some(150.0))));
    // It stays pinned in another stream, and shows that one's value.
    look_at(&mut desk, Scope::Stream(StreamId::new("account-2")));
    desk.until("the other's pin", |session| session.pin_on_show("/balance").is_some());
    // As of the same instant: event 150 of the one stands before event 150 of the other.
    assert_eq!(desk.session.pin_on_show("/balance").unwrap().to.as_deref(), Some("1490"));
    desk.session.apply(Action::TogglePin("/balance".to_owned()));
    assert!(desk.session.pins.paths.is_empty());
}

#[test]
fn another_stream_shows_its_state_as_of_the_same_instant() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 50), "account-1");
    // At the newest event the other stream is at its newest, too.
    look_at(&mut desk, Scope::Stream(StreamId::new("account-2")));
    assert_eq!(desk.session.cursor, 50);
    look_at(&mut desk, Scope::Stream(StreamId::new("account-1")));
    go(&mut desk, 20);
    // Event 20 of the one stands before event 20 of the other.
    look_at(&mut desk, Scope::Stream(StreamId::new("account-2")));
    assert_eq!(desk.session.cursor, 19);
    look_at(&mut desk, Scope::Log);
    assert_eq!(desk.session.cursor, 39);
    // Looking around has not moved the instant: the first stream stands where it was left.
    look_at(&mut desk, Scope::Stream(StreamId::new("account-1")));
    assert_eq!(desk.session.cursor, 20);
    go(&mut desk, 0);
    look_at(&mut desk, Scope::Stream(StreamId::new("account-2")));
    assert_eq!(desk.session.cursor, 0);
}

#[test]
fn find_lists_every_interval_and_enter_goes_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 60), "account-1");
    desk.session.apply(Action::Run(Command::Find));
    assert!(desk.session.find.open);
    // It holds, heals, comes back, and holds still at the end.
    desk.session.apply(Action::Find(FindAction::SetText("state.balance % 20 > 14 || state.balance > 58".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the end of the search", |session| session.find.word.ended.is_some());
    let found: Vec<_> =
        desk.session.find.intervals.iter().map(|it| (it.from_version, it.to_version, it.still)).collect();
    assert_eq!(found, [(15, 19, false), (35, 39, false), (55, 60, true)]);
    assert_eq!((desk.session.find.word.versions, desk.session.find.word.scanned), (16, 60));
    assert_eq!(desk.session.intervals_on_strip().count(), 3);
    go(&mut desk, 20);
    desk.session.apply(Action::Run(Command::NextInterval));
    assert_eq!((desk.session.find.chosen, desk.session.cursor), (Some(1), 20), "choosing does not move the cursor");
    desk.session.apply(Action::Run(Command::CursorToSelection));
    desk.until("the interval", Session::state_is_current);
    assert_eq!(desk.session.cursor, 35);
    // A single number that is compared is told where it was farthest beyond.
    desk.session.apply(Action::Find(FindAction::SetText("state.balance < 4".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the lowest", |session| session.find.word.ended.is_some());
    assert_eq!(desk.session.find.intervals[0].extreme.as_deref(), Some("1"));
    desk.session.apply(Action::Run(Command::Escape));
    assert!(!desk.session.find.open);
}

#[test]
fn find_in_the_whole_log_looks_through_every_stream() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 30), "account-1");
    look_at(&mut desk, Scope::Log);
    desk.session.apply(Action::Run(Command::Find));
    desk.session.apply(Action::Find(FindAction::SetText("state.balance >= 30 && state.balance <= 50".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the end of the search", |session| session.find.word.ended.is_some());
    let found: Vec<_> = desk.session.find.intervals.iter().map(|it| (it.stream.as_str(), it.from_version)).collect();
    assert_eq!(found, [("account-1", 30), ("account-2", 3)]);
    // What was found in many streams stays in hand on the way from one to the next.
    desk.session.apply(Action::Find(FindAction::GoTo(1)));
    desk.until("the other stream", |session| session.cursor == 3 && session.state_is_current());
    assert_eq!(desk.session.find.intervals.len(), 2);
}

#[test]
fn a_condition_that_is_none_is_refused_and_an_endless_one_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 60), "account-1");
    desk.session.apply(Action::Run(Command::Find));
    desk.session.apply(Action::Find(FindAction::SetText("state.balance <".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the refusal", |session| session.find.refused().is_some());
    desk.session.apply(Action::Find(FindAction::SetText("(() => { while (state.balance) {} })()".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the first word", |session| session.find.word.of == 60);
    // States go on coming beside a search that takes for ever.
    go(&mut desk, 10);
    assert!(desk.session.find.is_searching());
    desk.session.apply(Action::Run(Command::Escape));
    assert!(desk.session.find.open && !desk.session.find.is_searching());
    // The next one is not held up by it.
    desk.session.apply(Action::Find(FindAction::SetText("state.balance === 7".to_owned())));
    desk.session.apply(Action::Find(FindAction::Start));
    desk.until("the next search", |session| session.find.word.ended == Some(FindEnd::Whole));
    assert_eq!(desk.session.find.intervals[0].from_version, 7);
}

fn stopped(desk: &mut Desk) -> (u64, Vec<String>) {
    desk.until("the end of the run", |session| session.breakpoints.stopped.is_some() && session.state_is_current());
    let stopped = desk.session.breakpoints.stopped.clone().unwrap();
    assert!(stopped.end.refused.is_none(), "{stopped:?}");
    (desk.session.cursor, stopped.names)
}

#[test]
fn a_run_stops_at_breakpoints_forwards_and_backwards_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 60), "account-1");
    go(&mut desk, 0);
    desk.session.apply(Action::Run(Command::BreakWhen));
    let text = "state.balance % 20 > 14";
    desk.session.apply(Action::Breakpoint(BreakpointAction::SetDraft(text.to_owned())));
    desk.session.apply(Action::Breakpoint(BreakpointAction::Add));
    desk.session.apply(Action::Run(Command::RunForward));
    assert_eq!(stopped(&mut desk), (15, vec!["state.balance % 20 > 14".to_owned()]));
    // It stops where the condition becomes true, not at every event at which it holds.
    desk.session.apply(Action::Run(Command::RunForward));
    assert_eq!(stopped(&mut desk).0, 35);
    go(&mut desk, 60);
    assert!(desk.session.breakpoints.stopped.is_none(), "the cursor has moved on");
    desk.session.apply(Action::Run(Command::RunBack));
    assert_eq!(stopped(&mut desk).0, 55);
    // One that is off stops nothing; one on a row does.
    desk.session.apply(Action::Breakpoint(BreakpointAction::Enable(0)));
    desk.until("row 7", |session| session.events.row(7).is_some());
    desk.session.apply(Action::Breakpoint(BreakpointAction::ToggleRow(7)));
    desk.session.apply(Action::Run(Command::RunBack));
    assert_eq!(stopped(&mut desk), (8, vec!["version = 8".to_owned()]));
    desk.session.apply(Action::Run(Command::RunBack));
    desk.until("no more stops", |session| session.breakpoints.stopped.as_ref().is_some_and(|it| it.end.hit.is_none()));
    assert_eq!(desk.session.cursor, 8, "where nothing stops the cursor stays");
}

#[test]
fn a_run_goes_through_the_streams_of_the_whole_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 30), "account-1");
    look_at(&mut desk, Scope::Log);
    go(&mut desk, 0);
    let at = Breakpoint::When("state.balance === 40".to_owned());
    desk.session.apply(Action::Breakpoint(BreakpointAction::Toggle(at)));
    desk.session.apply(Action::Run(Command::RunForward));
    assert_eq!(stopped(&mut desk).0, 8);
    let hit = desk.session.breakpoints.stopped.as_ref().unwrap().end.hit.clone().unwrap();
    assert_eq!((hit.stream.as_str(), hit.version), ("account-2", 4));
}

#[test]
fn c_steps_by_change_of_a_pinned_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.db");
    let mut store = Store::create(&path).unwrap();
    let events: Vec<NewEvent> = (0..40).map(|n| event("Moved", &format!(r#"{{"ten":{},"n":{n}}}"#, n / 10))).collect();
    store.append(&StreamId::new("account-1"), Expected::None, &events).unwrap();
    drop(store);
    let mut desk = open(&path, "account-1");
    go(&mut desk, 5);
    desk.session.apply(Action::TogglePin("/ten".to_owned()));
    desk.session.apply(Action::Run(Command::NextChange));
    assert_eq!(stopped(&mut desk), (11, vec!["/ten 0 → 1".to_owned()]));
    desk.session.apply(Action::Run(Command::NextChange));
    assert_eq!(stopped(&mut desk).0, 21);
    desk.session.apply(Action::Run(Command::ChangeBefore));
    assert_eq!(stopped(&mut desk).0, 11);
}

#[test]
fn a_run_can_be_stopped_and_an_impossible_breakpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 60), "account-1");
    go(&mut desk, 0);
    let endless = Breakpoint::When("(() => { while (state.balance) {} })()".to_owned());
    desk.session.apply(Action::Breakpoint(BreakpointAction::Toggle(endless.clone())));
    desk.session.apply(Action::Run(Command::RunForward));
    assert!(desk.session.breakpoints.running.is_some());
    go(&mut desk, 30);
    desk.session.apply(Action::Run(Command::Escape));
    assert!(desk.session.breakpoints.running.is_none());
    desk.session.apply(Action::Breakpoint(BreakpointAction::Toggle(endless)));
    desk.session.apply(Action::Breakpoint(BreakpointAction::Toggle(Breakpoint::When("state.".to_owned()))));
    desk.session.apply(Action::Run(Command::RunForward));
    desk.until("the refusal", |session| session.breakpoints.stopped.is_some());
    assert!(desk.session.breakpoints.stopped.as_ref().unwrap().end.refused.is_some());
}

/// A stream of deposits, folded into their sum by a script.
fn sums(folder: &Path, events: i64) -> PathBuf {
    let path = folder.join("sums.db");
    let mut store = Store::create(&path).unwrap();
    let events: Vec<NewEvent> = (1..=events).map(|n| event("Moved", &format!(r#"{{"n":{n}}}"#))).collect();
    store.append(&StreamId::new("account-1"), Expected::None, &events).unwrap();
    let script = "export default (state, event) => ({ sum: (state?.sum ?? 0) + event.data.n, last: event.type });";
    std::fs::write(folder.join("sum.js"), script).unwrap();
    std::fs::write(folder.join("eventscope.toml"), "[[reducer]]\nstreams = \"*\"\nfile = \"sum.js\"\n").unwrap();
    path
}

/// Both values of the sum at the cursor, once the newest question is answered.
fn both(desk: &mut Desk) -> Option<(String, String)> {
    desk.until("both lines", |session| {
        session.sandbox_on_show().is_some_and(|at| at.asked.position == session.cursor) && session.state_is_current()
    });
    let at = desk.session.sandbox_on_show().unwrap().clone();
    assert_eq!(at.refused, None);
    let lines = at.lines.as_ref()?;
    let line = lines.lines.iter().find(|line| &*line.key == "sum" && line.change != Change::Same)?;
    Some((line.old.as_deref().unwrap().to_owned(), line.text.to_string()))
}

#[test]
fn the_sandbox_skips_edits_inserts_and_moves_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = sums(folder.path(), 10);
    let before = std::fs::read(&path).unwrap();
    let mut desk = open(&path, "account-1");
    desk.until("rows", |session| session.events.row(9).is_some());
    // Event 4 did not happen: from there on four is missing.
    desk.session.apply(Action::SelectRow(3));
    desk.session.apply(Action::Run(Command::SandboxToggle));
    assert!(desk.session.is_sandbox());
    assert_eq!(desk.session.sandbox_mark(3), Some(RowMark::Off));
    assert_eq!(both(&mut desk), Some(("55".to_owned(), "51".to_owned())));
    let at = desk.session.sandbox_on_show().unwrap().clone();
    assert_eq!(at.differing.keys().copied().collect::<Vec<_>>(), (4..=10).collect::<Vec<_>>());
    go(&mut desk, 3);
    assert_eq!(both(&mut desk), None, "before the change both are the same");
    // Again: it happened after all.
    desk.session.apply(Action::SelectRow(3));
    desk.session.apply(Action::Run(Command::SandboxToggle));
    assert!(!desk.session.is_sandbox());
    // Event 2 was another one.
    desk.session.apply(Action::SelectRow(1));
    desk.session.apply(Action::Run(Command::SandboxEdit));
    desk.until("the dialog", |session| session.sandbox.dialog.is_some());
    desk.session.apply(Action::Sandbox(SandboxAction::SetData("{\"n\":".to_owned())));
    desk.session.apply(Action::Sandbox(SandboxAction::Confirm));
    assert!(desk.session.sandbox.dialog.as_ref().unwrap().mistake.is_some(), "what is no JSON is said and kept");
    desk.session.apply(Action::Sandbox(SandboxAction::SetData("{\"n\":102}".to_owned())));
    desk.session.apply(Action::Sandbox(SandboxAction::Confirm));
    go(&mut desk, 10);
    assert_eq!(both(&mut desk), Some(("55".to_owned(), "155".to_owned())));
    // One more is put in after event 5, and an event is moved to the end.
    desk.session.apply(Action::SelectRow(4));
    desk.session.apply(Action::Run(Command::SandboxInsert));
    desk.session.apply(Action::Sandbox(SandboxAction::SetData("{\"n\":1000}".to_owned())));
    desk.session.apply(Action::Sandbox(SandboxAction::Confirm));
    assert_eq!(desk.session.sandbox_arrivals(5).count(), 1);
    assert_eq!(both(&mut desk), Some(("55".to_owned(), "1155".to_owned())));
    desk.session.apply(Action::SelectRow(8));
    desk.session.apply(Action::Run(Command::SandboxLater));
    assert_eq!(desk.session.sandbox.changes.last().unwrap().edit, Edit::Move { row: 8, before: 10 });
    assert_eq!(both(&mut desk), Some(("55".to_owned(), "1155".to_owned())));
    go(&mut desk, 9);
    assert_eq!(both(&mut desk), Some(("45".to_owned(), "1136".to_owned())), "nine is not yet there");
    // A snapshot of what is made up is not taken.
    desk.session.apply(Action::Run(Command::Snapshot));
    assert!(desk.session.snapshot_dialog.is_none());
    desk.session.apply(Action::Run(Command::SandboxUndo));
    desk.session.apply(Action::Run(Command::SandboxLeave));
    assert!(!desk.session.is_sandbox() && desk.session.sandbox_on_show().is_none());
    desk.session.apply(Action::Run(Command::CloseLog));
    drop(desk);
    assert!(std::fs::read(&path).unwrap() == before, "the log is untouched");
}

#[test]
fn a_selected_path_is_drawn_on_both_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&sums(folder.path(), 30), "account-1");
    desk.until("rows", |session| session.events.row(29).is_some());
    desk.session.apply(Action::SelectPath("/sum".to_owned()));
    desk.session.apply(Action::SelectRow(19));
    desk.session.apply(Action::Run(Command::SandboxToggle));
    assert_eq!(both(&mut desk), Some(("465".to_owned(), "445".to_owned())));
    let at = desk.session.sandbox_on_show().unwrap().clone();
    assert_eq!((at.real.first().unwrap().0, at.real.last().unwrap()), (4.0, &(30.0, Some(465.0))));
    assert_eq!((at.sandbox.first().unwrap(), at.sandbox.last().unwrap()), (&(19.0, Some(190.0)), &(30.0, Some(445.0))));
}

fn difference(desk: &mut Desk) -> Vec<(String, Change)> {
    desk.until("the difference", |session| session.diff_on_show().is_some());
    let diff = desk.session.diff_on_show().unwrap();
    let leaf = |index: &&u32| !matches!(diff.lines.lines[**index as usize].change, Change::Below);
    let line = |index: &u32| {
        let index = *index as usize;
        (diff.lines.pointer(index), diff.lines.lines[index].change)
    };
    diff.changed.iter().filter(leaf).map(line).collect()
}

#[test]
fn a_difference_leaves_out_what_is_ignored_and_says_who_set_what() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 50), "account-1");
    go(&mut desk, 10);
    desk.session.apply(Action::Run(Command::CompareFromHere));
    go(&mut desk, 30);
    let changed = |path: &str| (path.to_owned(), Change::Changed);
    let told = difference(&mut desk);
    assert_eq!(told[0], changed("/balance"));
    assert!(told.contains(&("/lines/30".to_owned(), Change::Added)), "{told:?}");
    assert!(told.contains(&("/lines/10".to_owned(), Change::Removed)), "{told:?}");
    let diff = desk.session.diff_on_show().unwrap().clone();
    assert_eq!(diff.set_at.values().next(), Some(&30));
    assert_eq!(diff.between, [("Moved".into(), 20)]);
    assert_eq!(diff.matched, [("/lines".to_owned(), "n".to_owned())]);
    let patch: serde_json::Value = serde_json::from_str(diff.patch.as_ref().unwrap()).unwrap();
    assert_eq!(patch[0], serde_json::json!({"op": "replace", "path": "/balance", "value": 30}));
    // By index the item is one that changed.
    desk.session.apply(Action::Run(Command::CycleArrays));
    desk.session.apply(Action::Run(Command::CycleArrays));
    assert_eq!(difference(&mut desk), [changed("/balance"), changed("/lines/0/n")]);
    desk.session.apply(Action::SelectPath("/lines".to_owned()));
    desk.session.apply(Action::Run(Command::IgnorePath));
    assert_eq!(difference(&mut desk), [changed("/balance")]);
    assert_eq!(desk.session.diff_on_show().unwrap().hidden, 1);
    desk.session.apply(Action::Diff(DiffAction::Unignore("/lines".to_owned())));
    assert_eq!(difference(&mut desk).len(), 2);
}

#[test]
fn two_streams_are_compared_and_a_and_b_change_places() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(&log_in(folder.path(), 50), "account-1");
    go(&mut desk, 20);
    desk.session.apply(Action::Run(Command::CompareFromHere));
    look_at(&mut desk, Scope::Stream(StreamId::new("account-2")));
    assert_eq!(desk.session.cursor, 19);
    assert_eq!(difference(&mut desk)[0], ("/balance".to_owned(), Change::Changed));
    let diff = desk.session.diff_on_show().unwrap().clone();
    assert_eq!((diff.asked.from.stream.as_str(), diff.asked.to.stream.as_str()), ("account-1", "account-2"));
    desk.session.apply(Action::Run(Command::SwapCompared));
    desk.until("the other way round", |session| session.cursor == 20 && session.diff_on_show().is_some());
    assert_eq!(desk.session.diff.from.as_ref().unwrap().stream.as_str(), "account-2");
}

#[test]
fn any_path_can_be_blamed_also_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone.db");
    let mut store = Store::create(&path).unwrap();
    let events: Vec<NewEvent> = [r#"{"a":1,"tags":["x"]}"#, r#"{"a":2.50}"#, r#"{"a":null}"#, r#"{"tags":["x","y"]}"#]
        .into_iter()
        .map(|data| event("Moved", data))
        .collect();
    store.append(&StreamId::new("account-1"), Expected::None, &events).unwrap();
    drop(store);
    let mut desk = open(&path, "account-1");
    desk.session.apply(Action::BlamePath("a".to_owned()));
    desk.until("who set it", |session| session.blame_on_show().is_some());
    let rows = desk.session.blame_on_show().unwrap().rows.clone();
    let told: Vec<_> = rows.iter().map(|row| (row.version, row.to.as_deref(), row.delta.as_deref())).collect();
    assert_eq!(told, [(3, None, None), (2, Some("2.50"), Some("+1.50")), (1, Some("1"), None)]);
    desk.session.apply(Action::BlamePath("/tags/1".to_owned()));
    desk.until("who put it in", |session| session.blame_on_show().is_some_and(|shown| shown.path == "/tags/1"));
    assert_eq!(desk.session.blame_on_show().unwrap().rows[0].version, 4);
}

#[test]
fn snapshots_are_audited_by_the_reducer_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = sums(folder.path(), 40);
    let mut desk = open(&path, "account-1");
    for position in [10, 20] {
        go(&mut desk, position);
        desk.session.apply(Action::Run(Command::Snapshot));
        desk.session.apply(Action::TakeSnapshot);
        let count = usize::try_from(position / 10).unwrap();
        desk.until("the snapshot", |session| session.snapshots.as_ref().is_some_and(|(_, all)| all.len() == count));
    }
    // One that says something else than the fold.
    let mut store = Store::open(&path).unwrap();
    let kept = desk.session.snapshots.as_ref().unwrap().1[0].clone();
    let drifted = eventscope::store::sqlite::native::NewSnapshot {
        stream: kept.stream.clone(),
        version: 30,
        name: None,
        reducer: kept.reducer.clone().unwrap(),
        event_hash: None,
        state: serde_json::json!({"sum": 1, "last": "Moved"}),
    };
    store.snapshot(&drifted).unwrap();
    drop(store);
    desk.session.apply(Action::Run(Command::VerifySnapshots));
    desk.until("the audit", |session| session.audit_on_show().is_some());
    assert_eq!(desk.session.tab, Tab::Snapshots);
    let audit = desk.session.audit_on_show().unwrap().clone();
    let verdicts: Vec<_> = audit.rows.iter().map(|row| (row.version, row.verdict)).collect();
    assert_eq!(verdicts, [(10, Verdict::Sound), (20, Verdict::Sound), (30, Verdict::Drift)]);
    assert_eq!((audit.rows[1].saves, audit.unsaved), (Some(10), 20));
    let lines = audit.rows[2].lines.as_ref().unwrap();
    let sum = lines.lines.iter().find(|line| &*line.key == "sum").unwrap();
    assert_eq!((sum.old.as_deref(), &*sum.text), (Some("1"), "465"));
    // Another reducer cannot vouch for them.
    desk.session.apply(Action::Run(Command::ReducerAuto));
    desk.until("Auto", |session| session.state_is_current() && session.audit_on_show().is_none());
    desk.session.apply(Action::Run(Command::VerifySnapshots));
    desk.until("the audit by Auto", |session| session.audit_on_show().is_some());
    let audit = desk.session.audit_on_show().unwrap().clone();
    assert!(audit.rows.iter().all(|row| row.verdict == Verdict::OtherReducer));
    go(&mut desk, 5);
    desk.session.apply(Action::Run(Command::NextSnapshot));
    desk.until("the snapshot", |session| session.cursor == 10);
}

#[test]
fn a_category_and_the_whole_log_are_folded_into_one_state_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 20);
    let script = "export default (state, event) => ({ ...state, [event.stream]: event.data.balance });";
    std::fs::write(folder.path().join("all.js"), script).unwrap();
    std::fs::write(folder.path().join("eventscope.toml"), "[[reducer]]\nstreams = \"account-*\"\nfile = \"all.js\"\n")
        .unwrap();
    let mut desk = open(&path, "account-1");
    look_at(&mut desk, Scope::Category("account".into()));
    go(&mut desk, 20);
    let keys = |session: &Session| session.state.shown.as_ref().map_or(0, |state| state.lines.lines.len() - 1);
    assert_eq!(keys(&desk.session), 1, "the event's own stream");
    desk.session.apply(Action::Run(Command::FoldTogether));
    desk.until("one state", |session| session.state_is_current() && keys(session) == 2);
    let values: Vec<String> =
        desk.session.state.shown.as_ref().unwrap().lines.lines[1..].iter().map(|line| line.text.to_string()).collect();
    assert_eq!(values, ["10", "100"]);
    let both = Breakpoint::When("state['account-1'] === 15 && state['account-2'] === 150".to_owned());
    desk.session.apply(Action::Breakpoint(BreakpointAction::Toggle(both)));
    desk.session.apply(Action::Run(Command::RunForward));
    assert_eq!(stopped(&mut desk).0, 30);
}
