//! Reducers in the window: what the workspace file binds, what the person chooses, and what happens when a file is
//! saved, wrong, hostile, or a program.

use std::path::{Path, PathBuf};

use eventscope::event::{Scope, StreamId};
use eventscope::protocol::{ReducerChoice, ReducerKind, RowChange, Trouble};
use eventscope::session::{
    Action, Command, EditorAction, NewReducer, ReducerAction, ReducerDialog, Session, Tab, View,
};
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};

use crate::support::desk::Desk;

fn event(event_type: &str, data: &str) -> NewEvent {
    NewEvent { id: None, event_type: event_type.to_owned(), time: None, data: data.as_bytes().to_vec(), metadata: None }
}

/// `account-1` and `cart-1`, each with this many events that carry a number.
fn log_in(folder: &Path, events: usize) -> PathBuf {
    let path = folder.join("shop.db");
    let mut store = Store::create(&path).unwrap();
    for stream in ["account-1", "cart-1"] {
        let events: Vec<NewEvent> = (1..=events).map(|n| event("Added", &format!(r#"{{"n":{n}}}"#))).collect();
        store.append(&StreamId::new(stream), Expected::None, &events).unwrap();
    }
    path
}

fn bind(folder: &Path, streams: &str, file: &str) {
    let text = format!("[[reducer]]\nstreams = \"{streams}\"\nfile = \"{file}\"\n");
    std::fs::write(folder.join("eventscope.toml"), text).unwrap();
}

fn sum(sign: &str) -> String {
    format!("export default (state, event) => ({{ sum: (state?.sum ?? 0) {sign} event.data.n }});\n")
}

fn open(path: &Path, stream: &str) -> Desk {
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("open", |session| session.log.is_some() && session.state_is_current() && session.reducer.info.is_some());
    look_at(&mut desk, stream);
    desk
}

fn look_at(desk: &mut Desk, stream: &str) {
    desk.session.apply(Action::ChooseScope(Scope::Stream(StreamId::new(stream))));
    desk.until("the stream", |session| session.events.extent.is_some() && session.state_is_current());
}

/// The value of a key of the state on show.
fn value(session: &Session, key: &str) -> Option<String> {
    let state = session.state.shown.as_ref()?;
    let line = state.lines.lines.iter().find(|line| &*line.key == key)?;
    Some(line.text.to_string())
}

fn trouble(session: &Session) -> Option<Trouble> {
    session.reducer_trouble().cloned()
}

#[test]
fn each_stream_is_folded_by_the_reducer_that_is_bound_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 5);
    std::fs::write(folder.path().join("sum.js"), sum("+")).unwrap();
    bind(folder.path(), "account-*", "sum.js");
    let mut desk = open(&path, "account-1");
    assert_eq!(value(&desk.session, "sum").as_deref(), Some("15"));
    let by = desk.session.state.shown.as_ref().unwrap().by.clone();
    assert_eq!((by.kind, by.streams.as_deref()), (ReducerKind::JavaScript, Some("account-*")));
    look_at(&mut desk, "cart-1");
    assert_eq!((value(&desk.session, "n").as_deref(), value(&desk.session, "sum")), (Some("5"), None));
    assert_eq!(desk.session.state.shown.as_ref().unwrap().by.kind, ReducerKind::Auto);

    // In the whole log the state is that of the event's stream, by its own reducer.
    desk.session.apply(Action::ChooseScope(Scope::Log));
    desk.until("the log", |session| session.events.extent == Some(10) && session.state_is_current());
    desk.session.apply(Action::MoveCursor(4));
    desk.until("position 4", Session::state_is_current);
    assert_eq!(value(&desk.session, "sum").as_deref(), Some("10"));
    desk.session.apply(Action::MoveCursor(6));
    desk.until("position 6", Session::state_is_current);
    assert_eq!((value(&desk.session, "n").as_deref(), value(&desk.session, "sum")), (Some("1"), None));
}

#[test]
fn saving_the_file_folds_anew_and_says_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 5);
    let file = folder.path().join("sum.js");
    std::fs::write(&file, sum("+")).unwrap();
    bind(folder.path(), "account-*", "sum.js");
    let mut desk = open(&path, "account-1");
    desk.until("badges", |session| session.events.change(4).is_some());
    desk.session.apply(Action::Run(Command::TabDiff));
    desk.session.apply(Action::CompareFrom(0));
    desk.until("the difference", |session| session.diff_on_show().is_some());

    std::fs::write(&file, sum("-")).unwrap();
    desk.until("the new state", |session| value(session, "sum").as_deref() == Some("-15"));
    let refolded = desk.session.reducer.refolded.clone().expect("what the reducer changed");
    assert_eq!(refolded.lines.changed, 1);
    let line = refolded.lines.lines.iter().find(|line| &*line.key == "sum").unwrap();
    assert_eq!((line.old.as_deref(), &*line.text), (Some("15"), "-15"));
    desk.session.apply(Action::Reducer(ReducerAction::ToggleRefolded));
    assert!(desk.session.reducer.shows_refolded);
    desk.until("the difference by the new reducer", |session| {
        session.diff_on_show().is_some_and(|diff| diff.lines.lines.iter().any(|line| &*line.text == "-15"))
    });
    // The cursor moves on, and the note goes.
    desk.session.apply(Action::Run(Command::StepBack));
    desk.until("a step back", Session::state_is_current);
    assert_eq!((desk.session.reducer.refolded.is_none(), desk.session.reducer.shows_refolded), (true, false));
    assert_eq!(value(&desk.session, "sum").as_deref(), Some("-10"));
}

#[test]
fn a_mistake_in_a_saved_file_is_said_and_the_text_before_folds_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 5);
    let file = folder.path().join("sum.js");
    std::fs::write(&file, sum("+")).unwrap();
    bind(folder.path(), "account-*", "sum.js");
    let mut desk = open(&path, "account-1");
    std::fs::write(&file, "export default (state, event) => {").unwrap();
    desk.until("the mistake", |session| matches!(trouble(session), Some(Trouble::Outdated(_))));
    assert_eq!(value(&desk.session, "sum").as_deref(), Some("15"));
    std::fs::write(&file, sum("*")).unwrap();
    desk.until("the mended text", |session| {
        trouble(session).is_none() && value(session, "sum").as_deref() == Some("0")
    });
}

#[test]
fn a_reducer_that_was_never_whole_is_refused_and_auto_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 5);
    std::fs::write(folder.path().join("sum.js"), "export default (").unwrap();
    bind(folder.path(), "*", "sum.js");
    let mut desk = open(&path, "account-1");
    assert!(matches!(trouble(&desk.session), Some(Trouble::Refused(_))), "{:?}", trouble(&desk.session));
    assert_eq!(value(&desk.session, "n"), None);
    desk.session.apply(Action::Run(Command::ReducerAuto));
    desk.until("Auto", |session| value(session, "n").as_deref() == Some("5") && trouble(session).is_none());
    // A workspace file that is saved with a mistake is said, too.
    desk.session.apply(Action::Run(Command::ReducerBound));
    std::fs::write(folder.path().join("eventscope.toml"), "[[reducer]").unwrap();
    desk.until("the workspace's mistake", |session| {
        session.reducer.info.as_ref().is_some_and(|info| info.error.is_some())
    });
}

#[test]
fn a_workspace_file_that_comes_to_be_is_used_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 3);
    let mut desk = open(&path, "account-1");
    assert_eq!(value(&desk.session, "n").as_deref(), Some("3"));
    std::fs::write(folder.path().join("sum.js"), sum("+")).unwrap();
    bind(folder.path(), "account-*", "sum.js");
    desk.until("the bound reducer", |session| value(session, "sum").as_deref() == Some("6"));
}

#[test]
fn a_file_can_be_chosen_for_every_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 4);
    let file = folder.path().join("mine.js");
    std::fs::write(&file, sum("+")).unwrap();
    let mut desk = open(&path, "cart-1");
    desk.session.apply(Action::Run(Command::ReducerFile));
    assert!(matches!(desk.session.reducer.dialog, Some(ReducerDialog::Choose { .. })));
    desk.session.apply(Action::Reducer(ReducerAction::SetPath(file.to_string_lossy().into_owned())));
    desk.session.apply(Action::Reducer(ReducerAction::Confirm));
    desk.until("the chosen reducer", |session| value(session, "sum").as_deref() == Some("10"));
    assert!(matches!(desk.session.reducer.choice, ReducerChoice::File(_)));
}

#[test]
fn what_a_script_prints_stands_at_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 4);
    let text = "export default (state, event) => { console.log('saw', event.data.n); return event.data; };";
    std::fs::write(folder.path().join("talk.js"), text).unwrap();
    bind(folder.path(), "*", "talk.js");
    let mut desk = open(&path, "account-1");
    desk.session.apply(Action::ChooseTab(Tab::Event));
    desk.session.apply(Action::MoveCursor(3));
    desk.until("position 3", Session::state_is_current);
    assert_eq!(desk.session.console_on_show(), ["saw 3"]);
}

#[cfg(unix)]
#[test]
fn a_program_runs_only_after_a_yes_and_then_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 3);
    let marker = folder.path().join("it-ran");
    let script = format!(
        "import json, sys\nopen({marker:?}, 'w').close()\nprint(json.dumps({{'protocol': 'eventscope-reducer', 'version': 1}}), flush=True)\nsys.stdin.readline()\nfor line in sys.stdin:\n    asked = json.loads(line)\n    print(json.dumps({{'id': asked['id'], 'state': {{'seen': asked['event']['data']['n']}}}}), flush=True)\n"
    );
    std::fs::write(folder.path().join("fold.py"), script).unwrap();
    std::fs::write(folder.path().join("fold.toml"), "[process]\ncommand = [\"python3\", \"fold.py\"]\n").unwrap();
    bind(folder.path(), "*", "fold.toml");
    let mut desk = open(&path, "account-1");
    let Some(Trouble::Unasked { command, .. }) = trouble(&desk.session) else { panic!("it must ask first") };
    assert_eq!(command, "python3 fold.py");
    assert!(!marker.exists(), "nothing may run before the yes");
    desk.session.apply(Action::Run(Command::AllowProcess));
    assert!(matches!(desk.session.reducer.dialog, Some(ReducerDialog::Allow { .. })));
    // A no leaves everything as it is.
    desk.session.apply(Action::Run(Command::Escape));
    desk.session.apply(Action::Run(Command::AllowProcess));
    assert!(!marker.exists());
    desk.session.apply(Action::Reducer(ReducerAction::Confirm));
    desk.until("the program's state", |session| value(session, "seen").as_deref() == Some("3"));
    assert!(marker.exists());
}

/// Scripts that mean harm, each with the event that it does so at being marked.
#[test]
fn a_hostile_script_marks_its_event_and_leaves_the_window_responsive() {
    let hostile = [
        "while (true) {}",
        "let s = 'x'; for (let i = 0; i < 40; i += 1) s += s; return { s };",
        "const f = (n) => f(n + 1) + 1; return { n: f(0) };",
        "throw new Error('no');",
        "/^(a+)+$/.test('a'.repeat(64) + 'b'); throw new Error('it came back');",
    ];
    for script in hostile {
        let folder = tempfile::tempdir().unwrap();
        let path = log_in(folder.path(), 40);
        let text = format!(
            "export default (state, event) => {{ if (event.data.n > 2) {{ {script} }} return {{ n: event.data.n }}; }};"
        );
        std::fs::write(folder.path().join("bad.js"), text).unwrap();
        bind(folder.path(), "*", "bad.js");
        let mut desk = Desk::new();
        desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
        desk.until("the log", |session| session.log.is_some() && session.events.extent.is_some());
        desk.session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("account-1"))));
        desk.until("its rows", |session| session.events.row(39).is_some());
        // While the far state is still on its way, a near one is asked for and comes.
        desk.session.apply(Action::MoveCursor(2));
        desk.until("the state before the harm", Session::state_is_current);
        assert_eq!(value(&desk.session, "n").as_deref(), Some("2"), "{script}");
        desk.session.apply(Action::MoveCursor(3));
        desk.until("the marked event", Session::state_is_current);
        let state = desk.session.state.shown.clone().unwrap();
        assert_eq!((state.faults_total, state.faults[0].position), (1, 2), "{script}");
        assert_eq!(value(&desk.session, "n").as_deref(), Some("2"), "{script}");
        desk.until("the row's mark", |session| matches!(session.events.change(2), Some(RowChange::Fault(_))));
        desk.session.apply(Action::Run(Command::CloseLog));
    }
}

fn tried(desk: &mut Desk) {
    desk.session.apply(Action::Tick { elapsed_ms: 400 });
    desk.until("the trial", |session| !session.editor.is_trying());
}

#[test]
fn an_edited_text_is_tried_beside_the_saved_one_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 6);
    let file = folder.path().join("sum.js");
    std::fs::write(&file, sum("+")).unwrap();
    bind(folder.path(), "account-*", "sum.js");
    let mut desk = open(&path, "account-1");
    desk.session.apply(Action::Run(Command::ViewReducer));
    assert_eq!(desk.session.view, View::Reducer);
    desk.until("the text", |session| session.editor.text == sum("+"));
    let edited = "export default (state, event) => {\n  if (event.data.n === 2) throw new Error('two');\n  \
                  console.log('saw', event.data.n);\n  return { sum: (state?.sum ?? 0) + event.data.n };\n};\n";
    desk.session.apply(Action::Editor(EditorAction::SetText(edited.to_owned())));
    assert!(desk.session.wants_ticks(), "the text is tried once typing rests");
    tried(&mut desk);
    let trial = desk.session.editor.trial.clone().unwrap();
    assert_eq!((trial.faults_total, trial.faults[0].version, trial.console_total), (1, Some(2), 5));
    assert_eq!(trial.console[0], (1, 1, "saw 1".to_owned()));
    assert_eq!(trial.parts_at.as_ref().map(|(_, version, _)| *version), Some(2));
    assert_eq!(trial.differing, 5);
    let line = trial.lines.lines.iter().find(|line| &*line.key == "sum").unwrap();
    assert_eq!((line.old.as_deref(), &*line.text), (Some("21"), "19"));
    // Nothing of it is in use yet, and a mistake leaves the last good trial in view.
    assert_eq!(value(&desk.session, "sum").as_deref(), Some("21"));
    desk.session.apply(Action::Editor(EditorAction::SetText("export default (".to_owned())));
    tried(&mut desk);
    assert!(desk.session.editor.refused.is_some() && desk.session.editor.trial.is_some());
    desk.session.apply(Action::Editor(EditorAction::SetText(edited.to_owned())));
    tried(&mut desk);
    desk.session.apply(Action::Run(Command::SaveReducer));
    desk.until("the saved text in use", |session| value(session, "sum").as_deref() == Some("19"));
    assert!(!desk.session.editor.is_changed());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn a_new_reducer_is_bound_with_its_first_saving() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(folder.path(), 4);
    let mut desk = open(&path, "cart-1");
    desk.session.apply(Action::Run(Command::ViewReducer));
    desk.session.apply(Action::Editor(EditorAction::New(NewReducer::JavaScript)));
    desk.until("the trial", |session| session.editor.trial.is_some());
    assert!(!folder.path().join("cart.reducer.js").exists() && !folder.path().join("eventscope.toml").exists());
    desk.session.apply(Action::Editor(EditorAction::SetText(sum("+"))));
    desk.session.apply(Action::Run(Command::SaveReducer));
    desk.until("the new reducer", |session| value(session, "sum").as_deref() == Some("10"));
    let by = desk.session.state.shown.as_ref().unwrap().by.clone();
    assert_eq!(by.streams.as_deref(), Some("cart-*"));
    look_at(&mut desk, "account-1");
    assert_eq!(value(&desk.session, "sum"), None, "other streams are folded as before");
}

/// A bundle of `account-1` by the sum reducer, that expects this sum.
fn bundle(folder: &Path, expects: i64) -> PathBuf {
    use eventscope::reducer::javascript;
    use eventscope::replay::Replay;
    use eventscope::store::bundle::Source;
    let log = log_in(folder, 4);
    let text = sum("+");
    let mut replay = Replay::open(log.to_str().unwrap(), javascript::compile("sum.js", &text).unwrap()).unwrap();
    let slice = replay.slice(&StreamId::new("account-1"), 0..4).unwrap();
    let source = Source { name: "sum.js".to_owned(), text: Some(text) };
    let path = folder.join(format!("expects-{expects}.json"));
    slice.bundle(source, &[], Some(serde_json::json!({ "sum": expects }))).write(&path).unwrap();
    path
}

#[test]
fn a_repro_bundle_opens_with_its_reducer_and_says_whether_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    for (expects, differs) in [(10, 0), (11, 1)] {
        let mut desk = Desk::new();
        let path = if expects == 10 { bundle(folder.path(), 10) } else { bundle(&other, 11) };
        desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
        desk.until("the verdict", |session| {
            session.log.is_some() && !session.notices.is_empty() && session.state_is_current()
        });
        let text = desk.session.notices[0].text.clone();
        assert_eq!(text.contains("come to the state that it expects"), differs == 0, "{text}");
        desk.session.apply(Action::ShowNotice(0));
        desk.until("the bundle's stream", |session| session.scope.stream().is_some() && session.state_is_current());
        assert_eq!(value(&desk.session, "sum").as_deref(), Some("10"));
        assert_eq!(desk.session.state.shown.as_ref().unwrap().by.kind, ReducerKind::JavaScript);
        let changed = desk.session.reducer.refolded.as_ref().map_or(0, |refolded| refolded.lines.changed);
        assert_eq!(changed, differs);
    }
}
