//! The palette in the window: opened by key or by the field in the top bar, walked by arrows, run by Enter.

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventscope::event::Scope;
use eventscope::gui::{Gui, prepare};
use eventscope::session::{Session, Tab};

use crate::support::ledger::{self, Ledger};

fn window() -> Harness<'static, Gui> {
    let mut session = Ledger::default().at(31_406);
    Ledger::default().serve(&mut session);
    let builder = Harness::builder()
        .with_size(vec2(1_440.0, 900.0))
        .with_step_dt(1.0 / 60.0)
        .with_context_setup(prepare)
        .with_max_steps(12);
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

fn type_text(harness: &mut Harness<'_, Gui>, text: &str) {
    for letter in text.chars() {
        harness.event(egui::Event::Text(letter.to_string()));
        harness.run();
    }
}

fn session<'a>(harness: &'a Harness<'_, Gui>) -> &'a Session {
    &harness.state().session
}

#[test]
fn a_command_is_found_by_a_few_letters_and_run_by_enter() {
    let mut harness = window();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::K);
    harness.run();
    type_text(&mut harness, "event");
    assert_eq!(session(&harness).palette.as_ref().unwrap().text, "event");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!((session(&harness).palette.is_none(), session(&harness).tab), (true, Tab::Event));
}

#[test]
fn arrows_walk_and_escape_closes() {
    let mut harness = window();
    harness.get_by_label("Palette").click();
    harness.run();
    for expected in [1, 2, 1] {
        harness.key_press(if expected == 1 && session(&harness).palette.as_ref().unwrap().chosen == 2 {
            Key::ArrowUp
        } else {
            Key::ArrowDown
        });
        harness.run();
        assert_eq!(session(&harness).palette.as_ref().unwrap().chosen, expected);
    }
    let cursor = session(&harness).cursor;
    harness.key_press(Key::Escape);
    harness.run();
    assert!(session(&harness).palette.is_none());
    assert_eq!(session(&harness).cursor, cursor, "the keys went to the palette alone");
}

#[test]
fn a_version_is_reached_by_its_number() {
    let mut harness = window();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::G);
    harness.run();
    type_text(&mut harness, "1,234");
    assert_eq!(session(&harness).palette.as_ref().unwrap().text, ":1,234");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(session(&harness).cursor, 1_234);
    assert!(session(&harness).state_is_current());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::OpenBracket);
    harness.run();
    assert_eq!(session(&harness).cursor, 31_406);
}

#[test]
fn a_stream_is_found_by_a_part_of_its_name() {
    let mut harness = window();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::K);
    harness.run();
    type_text(&mut harness, "@02be");
    harness.key_press(Key::Enter);
    harness.run();
    let Scope::Stream(stream) = session(&harness).scope.clone() else { panic!("{:?}", session(&harness).scope) };
    assert!(stream.as_str().contains("02be"), "{stream}");
}
