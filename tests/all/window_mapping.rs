//! The mapping page, with its real workers: a file that no library is known for is mapped, looked at, kept and opened.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::{MappingPart, PartVerdict};
use eventscope::session::{Action, Command, MappingAction, MappingPane, Session, View};
use rusqlite::Connection;

use crate::support::desk::Desk;

/// A timeline without versions, which is no sure guess, and a table beside it.
fn file_in(folder: &Path) -> PathBuf {
    let path = folder.join("port.db");
    let mut sql =
        "CREATE TABLE timeline (id INTEGER PRIMARY KEY, ship_id TEXT, action TEXT, details TEXT, logged TEXT);
                   CREATE TABLE ships (name TEXT, built INTEGER); INSERT INTO ships VALUES ('Ada', 1990);"
            .to_owned();
    for number in 0..60 {
        let action = ["Moored", "Loaded", "Left"][number % 3];
        let _ = write!(
            sql,
            "INSERT INTO timeline VALUES (NULL, 'ship-{}', '{action}', '{{\"tons\":{number}}}', '2026-03-01 08:{number:02}:00');",
            number % 5
        );
    }
    Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
    path
}

fn map(desk: &mut Desk, action: MappingAction) {
    desk.session.apply(Action::Mapping(action));
}

fn pane(session: &Session) -> &MappingPane {
    session.mapping.as_ref().unwrap()
}

fn looked_at(desk: &mut Desk) {
    desk.until("the preview", |session| session.mapping.as_ref().is_some_and(MappingPane::is_current));
}

fn verdict(session: &Session, part: MappingPart) -> (PartVerdict, String) {
    let preview = pane(session).preview.as_ref().unwrap();
    let found = preview.parts.iter().find(|found| found.part == part).unwrap();
    (found.verdict, found.text.clone())
}

#[test]
fn a_file_without_a_known_log_is_offered_mapped_kept_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = file_in(folder.path());
    let before = std::fs::read(&path).unwrap();
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("the refusal", |session| session.open_error.is_some());
    assert_eq!(desk.session.mappable.as_deref(), Some(path.to_str().unwrap()));
    desk.session.apply(Action::Run(Command::MapTables));
    looked_at(&mut desk);
    let draft = pane(&desk.session).draft.clone();
    assert_eq!((draft.table.as_str(), draft.streams.as_slice()), ("timeline", &["ship_id".to_owned()][..]));
    assert_eq!((draft.event_type.as_deref(), draft.time.as_deref()), (Some("action"), Some("logged")));
    assert_eq!(verdict(&desk.session, MappingPart::Stream), (PartVerdict::Fine, "5 distinct, never empty".to_owned()));
    assert_eq!(verdict(&desk.session, MappingPart::Time).0, PartVerdict::Caution, "no zone is given");
    assert_eq!(verdict(&desk.session, MappingPart::Payload).1, "JSON in all rows");
    let preview = pane(&desk.session).preview.clone().unwrap();
    assert_eq!((preview.events.len(), preview.events[0].stream.as_str()), (60, "ship-0"));
    assert!(preview.events[7].payload.contains(&("tons".to_owned(), "7".to_owned())));

    // A column that cannot be is said where it is, and nothing can be opened by it.
    map(&mut desk, MappingAction::Set { part: MappingPart::Version, column: Some("action".to_owned()) });
    assert!(!pane(&desk.session).is_current() && !pane(&desk.session).can_open());
    looked_at(&mut desk);
    let (wrong, text) = verdict(&desk.session, MappingPart::Version);
    assert_eq!((wrong, text.as_str()), (PartVerdict::Wrong, "\"Moored\" is no whole number"));
    assert!(!pane(&desk.session).can_open());
    map(&mut desk, MappingAction::SaveAndOpen);
    assert!(!folder.path().join("eventscope.toml").exists());
    map(&mut desk, MappingAction::Set { part: MappingPart::Version, column: None });
    looked_at(&mut desk);

    desk.session.apply(Action::Run(Command::OpenPathField));
    desk.until("the log", |session| session.view == View::Replay && session.events.extent == Some(60));
    assert!(desk.session.mapping.is_none());
    assert_eq!(desk.session.log.as_ref().unwrap().info.layout, "mapped");
    let kept = std::fs::read_to_string(folder.path().join("eventscope.toml")).unwrap();
    assert!(kept.starts_with("[mapping]\ntable = \"timeline\"\nstream = \"ship_id\"\ntype = \"action\""), "{kept}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // From the open log the page shows what is kept.
    desk.session.apply(Action::Run(Command::MapTables));
    looked_at(&mut desk);
    assert_eq!(pane(&desk.session).draft, pane(&desk.session).survey.kept.clone().unwrap());
    desk.session.apply(Action::Run(Command::Escape));
    assert!(desk.session.mapping.is_none() && desk.session.view == View::Replay);
}

#[test]
fn another_table_and_several_columns_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let path = file_in(folder.path());
    let mut desk = Desk::new();
    map(&mut desk, MappingAction::Open(path.to_string_lossy().into_owned()));
    looked_at(&mut desk);
    for column in ["action", "details.tons"] {
        map(&mut desk, MappingAction::Set { part: MappingPart::Stream, column: Some(column.to_owned()) });
    }
    looked_at(&mut desk);
    assert_eq!(pane(&desk.session).draft.streams, ["ship_id", "action", "details.tons"]);
    assert_eq!(pane(&desk.session).preview.as_ref().unwrap().events[4].stream.as_str(), "ship-4-Loaded-4");
    map(&mut desk, MappingAction::Set { part: MappingPart::Stream, column: Some("ship_id".to_owned()) });
    assert_eq!(pane(&desk.session).draft.streams, ["action", "details.tons"]);
    map(&mut desk, MappingAction::ChooseTable("ships".to_owned()));
    looked_at(&mut desk);
    assert_eq!(pane(&desk.session).preview.as_ref().unwrap().events.len(), 1);
    assert_eq!(verdict(&desk.session, MappingPart::Type).0, PartVerdict::Caution);
}

#[test]
fn the_page_is_reached_by_key_and_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = file_in(folder.path());
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("the refusal", |session| session.mappable.is_some() && session.open_error.is_some());
    let builder =
        Harness::builder().with_size(vec2(1_440.0, 900.0)).with_step_dt(1.0 / 60.0).with_context_setup(prepare);
    let session = desk.session.clone();
    let mut harness = builder.build_ui_state(|ui, gui: &mut Gui| gui.ui(ui), Gui::new(session));
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Map tables…");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL | Modifiers::SHIFT, Key::L);
    harness.run();
    desk.session = harness.state().session.clone();
    looked_at(&mut desk);
    harness.state_mut().session = desk.session.clone();
    harness.run();
    harness.get_by_label("Stream: 5 distinct, never empty");
    harness.get_by_role_and_label(Role::ComboBox, "Version column, not mapped").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "details.tons").click();
    harness.run();
    assert_eq!(pane(&harness.state().session).draft.version.as_deref(), Some("details.tons"));
    harness.get_by_role_and_label(Role::Button, "Cancel").click();
    harness.run();
    assert!(harness.state().session.mapping.is_none());
}
