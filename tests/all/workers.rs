//! The session and its real workers on a real log, as the window runs them: no picture, no sleep.

use std::path::Path;
use std::sync::atomic::Ordering;

use eventscope::event::{Scope, StreamId};
use eventscope::protocol::RowChange;
use eventscope::session::{Action, Command, Session, Tab, View};
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};

use crate::support::desk::Desk;

fn event(event_type: &str, data: &str) -> NewEvent {
    NewEvent { id: None, event_type: event_type.to_owned(), time: None, data: data.as_bytes().to_vec(), metadata: None }
}

fn users(path: &Path) -> Store {
    let mut store = Store::create(path).unwrap();
    let events = [
        event("UserCreated", r#"{"userId":1,"name":"Alice"}"#),
        event("UserNameUpdated", r#"{"userId":1,"name":"Alicia"}"#),
        event("UserDeleted", r#"{"userId":1}"#),
    ];
    store.append(&StreamId::new("user-1"), Expected::None, &events).unwrap();
    for n in 2..300 {
        let event = event("UserCreated", &format!(r#"{{"userId":{n},"name":"N{n}"}}"#));
        store.append(&StreamId::new(&format!("user-{n}")), Expected::None, &[event]).unwrap();
    }
    store
}

#[test]
fn a_log_is_opened_stepped_through_and_snapshotted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.db");
    drop(users(&path));
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("rows and state at the newest event", |session| {
        session.view == View::Replay && session.state_is_current() && session.events.row(300).is_some()
    });
    desk.until("totals", |session| session.log.as_ref().is_some_and(|log| log.totals.is_some()));
    assert_eq!(desk.session.log.as_ref().unwrap().totals.as_ref().unwrap().streams, 299);

    // In the whole log the state is that of the stream of the event at the cursor, as of there.
    desk.session.apply(Action::MoveCursor(2));
    desk.until("the state at position 2", Session::state_is_current);
    let shown = desk.session.state.shown.clone().unwrap();
    assert_eq!((shown.stream.clone(), shown.version), (Some(StreamId::new("user-1")), Some(2)));

    // Another scope shows the same instant; from there it goes on to the newest event.
    desk.session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("user-1"))));
    desk.until("the same instant", |session| session.state_is_current() && session.cursor == 2);
    desk.session.apply(Action::Run(Command::Newest));
    desk.until("the deleted user", |session| session.state_is_current() && session.cursor == 3);
    assert!(!desk.session.state.shown.as_ref().unwrap().exists);
    desk.until("what each event changed", |session| session.events.change(2).is_some());
    let changed: Vec<_> = (0..3).map(|row| desk.session.events.change(row).cloned()).collect();
    assert_eq!(changed, [2, 1, 2].map(|paths| Some(RowChange::Paths(paths))));
    desk.session.apply(Action::Run(Command::StepBack));
    desk.until("version 2", Session::state_is_current);
    let shown = desk.session.state.shown.clone().unwrap();
    let name = shown.lines.lines.iter().find(|line| &*line.key == "name").unwrap();
    assert_eq!((&*name.text, name.old.as_deref()), ("\"Alicia\"", Some("\"Alice\"")));

    desk.session.apply(Action::Run(Command::Snapshot));
    desk.session.apply(Action::SetSnapshotName("alicia".to_owned()));
    desk.session.apply(Action::TakeSnapshot);
    desk.until("the snapshot", |session| {
        session.snapshots.as_ref().is_some_and(|(_, snapshots)| snapshots.iter().any(|one| one.version == 2))
    });

    desk.session.apply(Action::SelectPath("/name".to_owned()));
    desk.session.apply(Action::Run(Command::BlameEarlier));
    desk.until("who set the name", |session| session.blame_on_show().is_some());
    let blame = desk.session.blame_on_show().unwrap();
    let told: Vec<_> = blame.rows.iter().map(|row| (row.version, row.from.as_deref(), row.to.as_deref())).collect();
    let (first, second) = (Some("\"Alice\""), Some("\"Alicia\""));
    assert_eq!(told, [(3, second, None), (2, first, second), (1, None, first)]);
    assert_eq!((desk.session.blame_at_cursor(&blame.rows), blame.events), (1, 3));

    desk.session.apply(Action::CompareFrom(3));
    desk.until("what changed", |session| session.diff_on_show().is_some());
    let diff = desk.session.diff_on_show().unwrap();
    assert_eq!((diff.from_version, diff.to_version, diff.lines.changed), (Some(3), Some(2), 2));

    desk.session.apply(Action::ChooseTab(Tab::Event));
    desk.until("the event", |session| session.detail.as_ref().is_some_and(|detail| detail.row == 1));
    let json: serde_json::Value = serde_json::from_str(&desk.session.detail.as_ref().unwrap().json).unwrap();
    assert_eq!((json["type"].as_str(), json["data"]["name"].as_str()), (Some("UserNameUpdated"), Some("Alicia")));
}

#[test]
fn what_another_connection_appends_is_seen_sampled_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.db");
    let mut store = users(&path);
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("the log", |session| session.state_is_current() && session.live.newest().is_some());
    desk.session.apply(Action::Run(Command::Newest));
    for n in 0..40 {
        let event = event("UserRenamed", &format!(r#"{{"name":"R{n}"}}"#));
        store.append(&StreamId::new("user-7"), Expected::Any, &[event]).unwrap();
    }
    desk.until("the new events, followed", |session| session.events.events() == 341 && session.cursor == 341);
    desk.until("their samples", |session| session.live.shown().map(|sample| sample.events).sum::<u64>() == 40);
    let bytes: u64 = desk.session.live.shown().map(|sample| sample.bytes).sum();
    assert!(bytes > 40 * 10, "{bytes}");
    let types: Vec<_> = desk.session.live.shown().flat_map(|sample| sample.by_type.clone()).collect();
    assert!(types.iter().all(|(name, _)| &**name == "UserRenamed"), "{types:?}");
    assert!(desk.woken.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_log_that_cannot_be_opened_leaves_the_open_one_usable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.db");
    drop(users(&path));
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("the log", Session::state_is_current);
    desk.session.apply(Action::Open(folder.path().join("gone.db").to_string_lossy().into_owned()));
    desk.until("the refusal", |session| !session.notices.is_empty() && session.opening.is_none());
    desk.session.apply(Action::MoveCursor(5));
    desk.until("the next state", |session| session.cursor == 5 && session.state_is_current());
    desk.session.apply(Action::Run(Command::CloseLog));
    desk.turn();
    assert_eq!(desk.session.view, View::Welcome);
}

#[test]
fn the_demo_opens_and_its_writer_writes() {
    let mut desk = Desk::new();
    desk.session.apply(Action::Run(Command::OpenDemo));
    desk.until("the demo", |session| session.view == View::Replay && session.events.events() >= 50_000);
    assert!(desk.session.log.as_ref().unwrap().demo);
    desk.until("live events", |session| session.live.shown().map(|sample| sample.events).sum::<u64>() > 5);
    desk.until("commit latencies", |session| session.live.shown().any(|sample| sample.commits.is_some()));
    desk.until("density", |session| session.density.as_ref().is_some_and(|density| density.types.len() == 4));
}
