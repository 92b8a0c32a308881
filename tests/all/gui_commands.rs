//! The registry of commands from the outside: each can be found, says what it is, does something; keys can be changed.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::{Reply, Request};
use eventscope::session::{Action, COMMANDS, Command, Entry, Palette, Session, Tab};

use crate::support::ledger::{self, Ledger};

fn window(session: Session) -> Harness<'static, Gui> {
    let builder =
        Harness::builder().with_size(vec2(1_440.0, 900.0)).with_step_dt(1.0 / 60.0).with_context_setup(prepare);
    let mut harness = builder.build_ui_state(
        |ui, gui: &mut Gui| {
            gui.ui(ui);
            if !Ledger::default().serve(&mut gui.session).is_empty() {
                ui.ctx().request_repaint();
            }
        },
        Gui::with_clock(session, ledger::clock),
    );
    harness.run();
    harness
}

fn session<'a>(harness: &'a Harness<'_, Gui>) -> &'a Session {
    &harness.state().session
}

/// Sessions in which, between them, every command has something to do.
fn sessions() -> Vec<Session> {
    let ledger = Ledger::default();
    let with = |actions: &[Action]| {
        let mut session = ledger.at(31_406);
        for action in actions {
            session.apply(action.clone());
            ledger.serve(&mut session);
        }
        session
    };
    let mut sessions = vec![
        Session::new(),
        ledger.at(31_406),
        with(&[Action::SetStreamFilter("7c".to_owned()), Action::SelectRow(20_010)]),
        with(&[Action::Run(Command::ViewThroughput)]),
        with(&[Action::ChooseRange(Some((20, 40))), Action::Run(Command::ZoomIn), Action::Run(Command::Bookmark)]),
        with(&[Action::Run(Command::Oldest), Action::Run(Command::Newest), Action::Run(Command::Back)]),
        with(&[
            Action::Run(Command::Keys),
            Action::CaptureKey(Some(Command::StepBack)),
            Action::GiveKey("Q".to_owned()),
        ]),
    ];
    for tab in [Tab::Diff, Tab::Event, Tab::Blame, Tab::Snapshots] {
        sessions.push(with(&[Action::ChooseTab(tab), Action::CompareFrom(20), Action::ChooseTab(tab)]));
    }
    sessions
}

#[test]
fn every_command_has_a_label_a_sentence_and_an_effect() {
    let sessions = sessions();
    for info in COMMANDS {
        assert!(!info.label.is_empty() && info.help.len() > 10, "{:?}", info.command);
        let works = sessions.iter().any(|before| {
            let mut after = before.clone();
            after.take_requests();
            let before = format!("{after:?}");
            after.apply(Action::Run(info.command));
            format!("{after:?}") != before
        });
        assert!(works, "{:?} does nothing", info.command);
    }
}

#[test]
fn every_command_is_found_in_the_palette_and_in_the_accessibility_tree() {
    let mut base = Ledger::default().at(31_406);
    base.apply(Action::Run(Command::Keys));
    let harness = window(base);
    for info in COMMANDS {
        let mut palette = Palette::default();
        palette.text = info.label.to_lowercase();
        let entries = palette.entries(&eventscope::event::Scope::Log);
        let found =
            entries.iter().any(|entry| matches!(entry, Entry::Command(found, _) if found.command == info.command));
        assert!(found, "{:?} is not in the palette", info.command);
        let node = harness.get_by_role_and_label(Role::MenuItem, info.label);
        assert_eq!(node.accesskit_node().data().description(), Some(info.help), "{:?}", info.command);
        if info.command != Command::Escape {
            harness.get_by_label(&format!("Change the key of {}", info.label));
        }
    }
}

#[test]
fn a_key_is_changed_with_a_click_and_works_at_once() {
    let mut harness = window(Ledger::default().at(31_406));
    harness.key_press(Key::F1);
    harness.run();
    harness.get_by_label("Change the key of Step forward").click();
    harness.run();
    harness.key_press(Key::Q);
    harness.run();
    assert_eq!(session(&harness).keys.keys(Command::StepForward), ["Q"]);
    harness.key_press(Key::Escape);
    harness.run();
    harness.key_press(Key::Q);
    harness.run();
    assert_eq!(session(&harness).cursor, 31_407);
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(session(&harness).cursor, 31_407, "the key that was replaced does nothing");
    let button = harness.get_by_label("Step forward");
    assert_eq!(button.accesskit_node().data().keyboard_shortcut(), Some("Q"), "the tooltip names the key that works");
}

#[test]
fn a_key_of_another_command_is_told_before_it_is_taken() {
    let mut harness = window(Ledger::default().at(31_406));
    harness.key_press(Key::F1);
    harness.run();
    harness.get_by_label("Change the key of Step forward").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::K);
    harness.run();
    harness.get_by_label("Ctrl+K belongs to Palette. Take it for Step forward?");
    assert_eq!(session(&harness).keys.command("Ctrl+K"), Some(Command::Palette), "nothing is taken yet");
    harness.get_by_label("Leave it").click();
    harness.run();
    assert_eq!(session(&harness).keys.own_count(), 0);
    harness.get_by_label("Change the key of Step forward").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::K);
    harness.run();
    harness.get_by_label("Take it").click();
    harness.run();
    assert_eq!(session(&harness).keys.command("Ctrl+K"), Some(Command::StepForward));
    assert_eq!(session(&harness).keys.keys(Command::Palette), ["Ctrl+Shift+P"]);
    harness.get_by_role_and_label(Role::Link, "Reset").click();
    harness.run();
    assert_eq!(session(&harness).keys.command("Ctrl+K"), Some(Command::Palette));
}

#[test]
fn keys_are_kept_and_come_back_with_the_next_start() {
    let mut first = Session::new();
    for action in [Action::CaptureKey(Some(Command::Theme)), Action::GiveKey("Ctrl+Alt+T".to_owned())] {
        first.apply(action);
    }
    let kept = first.take_requests().into_iter().find_map(|request| match request {
        Request::SaveSettings(settings) => Some(settings),
        _ => None,
    });
    let text = serde_json::to_string(&kept.unwrap()).unwrap();
    let mut next = Session::new();
    next.absorb(Reply::Settings(serde_json::from_str(&text).unwrap()));
    assert_eq!(next.keys.keys(Command::Theme), ["Ctrl+Alt+T"]);
    next.apply(Action::Open("/home/ana/ledger.db".to_owned()));
    Ledger::default().serve(&mut next);
    assert_eq!(next.keys.keys(Command::Theme), ["Ctrl+Alt+T"], "opening a log keeps them");
}

#[test]
fn the_sheet_finds_a_command_by_its_name_and_by_its_key() {
    let mut harness = window(Ledger::default().at(31_406));
    harness.key_press(Key::F1);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Find a command or key").focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::G);
    harness.run();
    assert_eq!(session(&harness).keys_sheet.find, "Ctrl+G");
    let listed = |harness: &Harness<'_, Gui>| {
        let rows = harness.query_all_by_role(Role::MenuItem);
        rows.map(|node| node.accesskit_node().label().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&harness), ["Go to…"]);
    harness.state_mut().session.apply(Action::SetKeysFind("blam".to_owned()));
    harness.run();
    assert_eq!(listed(&harness), ["Blame"]);
}
