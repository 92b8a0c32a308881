//! Picking up where one left: the view of each log, bookmarks with notes, the settings, a command line for a view.

use clap::Parser as _;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::cli::arguments::Arguments;
use eventscope::event::{Scope, StreamId};
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::{Bookmark, KeptView, Panes, Preferences, Reply, Request, Times};
use eventscope::session::{Action, Command, Session, SettingsPage, Tab, View};
use eventscope::store::sqlite::companion::Companion;

use crate::support::ledger::{self, Ledger, STREAM};

struct Window {
    gui: Gui,
    asked: Vec<Request>,
}

fn window(session: Session, size: Vec2) -> Harness<'static, Window> {
    let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0).with_context_setup(prepare);
    let window = Window { gui: Gui::with_clock(session, ledger::clock), asked: Vec::new() };
    let mut harness = builder.build_ui_state(
        |ui, window: &mut Window| {
            window.gui.ui(ui);
            let asked = Ledger::default().serve(&mut window.gui.session);
            if !asked.is_empty() {
                ui.ctx().request_repaint();
            }
            window.asked.extend(asked);
        },
        window,
    );
    harness.run();
    harness
}

fn session<'a>(harness: &'a Harness<'_, Window>) -> &'a Session {
    &harness.state().gui.session
}

fn left() -> Session {
    let ledger = Ledger::default();
    let mut session = ledger.at(31_406);
    for action in [
        Action::ChooseTab(Tab::Blame),
        Action::SetPathFilter("limits".to_owned()),
        Action::SetStreamFilter("7c".to_owned()),
        Action::SetPanes(Panes { streams: Some(300.0), inspector: None, time: Some(200.0) }),
        Action::SetSpeed(50),
        Action::SelectPath("/balance".to_owned()),
        Action::Run(Command::Pin),
        Action::ChooseRange(Some((31_000, 32_000))),
    ] {
        session.apply(action);
        ledger.serve(&mut session);
    }
    session
}

#[test]
fn a_log_opens_where_it_was_left() {
    let before = left();
    let kept = serde_json::to_string(&before.kept_view().unwrap()).unwrap();
    let kept: KeptView = serde_json::from_str(&kept).unwrap();
    let ledger = Ledger::default();
    let facts = |session: &Session| {
        (
            session.scope.clone(),
            session.cursor,
            session.tab,
            session.state.filter.clone(),
            session.streams.filter.clone(),
            session.panes,
            session.play.speed,
            (session.pins.paths.clone(), session.events.range),
        )
    };
    let mut whole = Session::new();
    whole.open_at("/home/ana/ledger.db", kept.clone());
    ledger.serve(&mut whole);
    assert_eq!(facts(&whole), facts(&before));
    assert_eq!(whole.kept_view().unwrap(), kept, "it is kept again as it was");
    // The same from the file that was kept.
    let mut after = Session::new();
    after.apply(Action::Open("/home/ana/ledger.db".to_owned()));
    for _ in 0..50 {
        for request in after.take_requests() {
            let replies = match request {
                Request::LoadView { generation, .. } => vec![Reply::View { generation, view: Some(kept.clone()) }],
                other => ledger.answer(other),
            };
            for reply in replies {
                after.absorb(reply);
            }
        }
    }
    assert_eq!(facts(&after), facts(&before));
}

#[test]
fn where_the_person_went_meanwhile_is_not_left_again() {
    let ledger = Ledger::default();
    let kept = left().kept_view().unwrap();
    let mut session = Session::new();
    session.apply(Action::Open("/home/ana/ledger.db".to_owned()));
    let mut late = None;
    for request in session.take_requests() {
        for reply in ledger.answer(request) {
            session.absorb(reply);
        }
    }
    for request in session.take_requests() {
        if let Request::LoadView { generation, .. } = request {
            late = Some(Reply::View { generation, view: Some(kept.clone()) });
        } else {
            for reply in ledger.answer(request) {
                session.absorb(reply);
            }
        }
    }
    assert_eq!(session.kept_view(), None, "nothing is kept before the old view is known");
    session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("account-02be91aa"))));
    session.absorb(late.unwrap());
    ledger.serve(&mut session);
    assert_eq!(session.scope, Scope::Stream(StreamId::new("account-02be91aa")));
}

#[test]
fn the_copied_command_line_opens_the_same_view() {
    let mut session = Ledger::default().at(31_406);
    for action in
        [Action::ChooseTab(Tab::Event), Action::Run(Command::ViewThroughput), Action::Run(Command::CopyCommandLine)]
    {
        session.apply(action);
    }
    let line = session.copied.clone().unwrap();
    assert_eq!(
        line,
        format!("eventscope /home/ana/ledger.db --stream {STREAM} --at-version 31406 --tab event --view live")
    );
    let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
    assert_eq!(arguments.place.stream.as_deref(), Some(STREAM));
    assert_eq!(arguments.place.at_version, Some(31_406));
    assert!(Arguments::try_parse_from(["eventscope", "--stream", "a"]).is_err(), "a stream of no log");
    let mut opened = Session::new();
    let view = KeptView {
        stream: Some(STREAM.to_owned()),
        version: Some(31_406),
        tab: Some("event".to_owned()),
        throughput: true,
        ..KeptView::default()
    };
    opened.open_at("/home/ana/ledger.db", view);
    Ledger::default().serve(&mut opened);
    assert_eq!((opened.cursor, opened.tab, opened.view), (31_406, Tab::Event, View::Throughput));
}

#[test]
fn bookmarks_are_set_noted_walked_and_taken_away_by_key() {
    let mut harness = window(Ledger::default().at(31_406), vec2(1_440.0, 900.0));
    harness.key_press(Key::M);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::M);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Note of the bookmark").type_text("limit was raised");
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    let kept = |harness: &Harness<'_, Window>| {
        let asked = harness.state().asked.iter().rev();
        asked.clone().find_map(|request| match request {
            Request::KeepBookmark { bookmark, .. } => Some((**bookmark).clone()),
            _ => None,
        })
    };
    let mark = kept(&harness).unwrap();
    assert_eq!((mark.version, mark.note.as_str()), (Some(31_406), "limit was raised"));
    harness.key_press(Key::Home);
    harness.run();
    harness.key_press(Key::U);
    harness.run();
    assert_eq!(session(&harness).cursor, 31_406);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::M);
    harness.run();
    harness
        .get_by_role_and_label(Role::Row, &format!("{STREAM} version 31,406, {}, limit was raised", mark.event_type));
    harness.get_by_label_contains("Remove ").click();
    harness.run();
    assert!(session(&harness).bookmarks.is_empty());
    assert!(harness.state().asked.iter().any(|request| matches!(request, Request::RemoveBookmark { .. })));
}

#[test]
fn bookmarks_are_kept_in_the_companion_also_in_one_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log.db"));
    std::fs::write(&log, "somebody's log").unwrap();
    let mark = |seq: &str, note: &str| Bookmark {
        stream: StreamId::new("a-1"),
        version: Some(7),
        seq: seq.to_owned(),
        event_type: "Paid".to_owned(),
        time: None,
        note: note.to_owned(),
    };
    let path = Companion::create_in(&data, &log).unwrap().path().to_owned();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch("DROP TABLE bookmarks; PRAGMA user_version = 1").unwrap();
    drop(old);
    assert_eq!(Companion::open_in(&data, &log).unwrap().unwrap().bookmarks().unwrap(), []);
    let mut companion = Companion::create_in(&data, &log).unwrap();
    for (seq, note) in [("12", ""), ("3", "first"), ("12", "second thought")] {
        companion.keep_bookmark(&mark(seq, note)).unwrap();
    }
    let mut reader = Companion::open_in(&data, &log).unwrap().unwrap();
    assert_eq!(reader.bookmarks().unwrap(), [mark("12", "second thought"), mark("3", "first")]);
    assert!(reader.keep_bookmark(&mark("9", "")).is_err(), "what is open to read keeps nothing");
    companion.remove_bookmark(&mark("12", "")).unwrap();
    assert_eq!(reader.bookmarks().unwrap(), [mark("3", "first")]);
}

#[test]
fn every_size_of_text_leaves_each_control_whole() {
    for (percent, size) in [
        (90, [1_440.0, 900.0]),
        (130, [1_440.0, 900.0]),
        (200, [1_440.0, 900.0]),
        (200, [1_920.0, 1_080.0]),
        (200, [900.0, 600.0]),
    ] {
        let mut session = Ledger::default().at(31_406);
        session.preferences.text_percent = percent;
        for (scope, view) in [(None, View::Replay), (Some(Scope::Log), View::Replay), (None, View::Throughput)] {
            let mut session = session.clone();
            if let Some(scope) = scope {
                session.apply(Action::ChooseScope(scope));
                Ledger::default().serve(&mut session);
            }
            session.view = view;
            let harness = window(session, Vec2::from(size));
            let zoom = harness.ctx.zoom_factor();
            let most = (size[0] / 720.0_f32).min(size[1] / 450.0).max(1.0);
            assert!((zoom - (f32::from(percent) / 100.0).min(most)).abs() < 0.01, "{percent} % in {size:?}: {zoom}");
            let whole = Rect::from_min_size(pos2(0.0, 0.0), Vec2::from(size) / zoom);
            let roles = [Role::Button, Role::Tab, Role::RadioButton, Role::Switch, Role::Slider, Role::TextInput];
            let controls: Vec<(String, Rect)> = harness
                .root()
                .children_recursive()
                .filter(|node| roles.contains(&node.accesskit_node().role()))
                .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
                .collect();
            assert!(controls.len() > 10);
            for (index, (name, rect)) in controls.iter().enumerate() {
                assert!(whole.expand(0.5).contains_rect(*rect), "{name:?} leaves {size:?} at {percent} %: {rect:?}");
                for (other, place) in &controls[index + 1..] {
                    let both = rect.intersect(*place);
                    let clash = both.width() > 0.5 && both.height() > 0.5;
                    assert!(!clash, "{name:?} and {other:?} overlap in {size:?} at {percent} %");
                }
            }
        }
    }
}

#[test]
fn each_setting_has_its_effect_at_once_and_is_kept() {
    let mut harness = window(Ledger::default().at(31_406), vec2(1_440.0, 900.0));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::Comma);
    harness.run();
    harness.get_by_role_and_label(Role::RadioButton, "115 %").click();
    harness.run();
    assert!((harness.ctx.zoom_factor() - 1.15).abs() < 1e-3);
    harness.get_by_role_and_label(Role::RadioButton, "Relative").click();
    harness.run();
    assert_eq!(session(&harness).preferences.times, Times::Relative);
    harness.get_by_label_contains("Version 31,406, MoneyDeposited, 95 d ");
    harness.get_by_role_and_label(Role::Switch, "Stronger outlines").click();
    harness.run();
    harness.get_by_role_and_label(Role::Tab, "Cache").click();
    harness.run();
    harness.get_by_label("/home/ana/.cache/eventscope 61 MB in 3 files");
    harness.get_by_label("Delete the cache").click();
    harness.run();
    assert!(harness.state().asked.iter().any(|request| matches!(request, Request::DeleteCache)));
    let kept = harness.state().asked.iter().rev().find_map(|request| match request {
        Request::SaveSettings(settings) => Some(settings.preferences.clone()),
        _ => None,
    });
    let wanted =
        Preferences { text_percent: 115, times: Times::Relative, stronger_outlines: true, ..Preferences::default() };
    assert_eq!(kept, Some(wanted));
    for page in SettingsPage::ALL {
        harness.state_mut().gui.session.apply(Action::SetSettingsPage(page));
        harness.run();
        assert!(harness.query_by_role_and_label(Role::Tab, page.title()).is_some());
    }
    harness.key_press(Key::Escape);
    harness.run();
    assert!(session(&harness).settings_pane.is_none());
}

#[test]
fn settings_written_by_hand_are_brought_into_range() {
    let mut session = Session::new();
    let settings = serde_json::from_str(r#"{"preferences": {"text_percent": 9000, "times": "local"}}"#).unwrap();
    session.absorb(Reply::Settings(settings));
    assert_eq!((session.preferences.text_percent, session.preferences.times), (200, Times::Local));
}
