//! The throughput view from the outside: windows, pause, table twin, the way to the replay.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{Scope, StreamId};
use eventscope::gui::{Gui, prepare};
use eventscope::session::{LiveWindow, Session, View};

use crate::support::ledger::{self, Ledger, STREAM};

fn window() -> Harness<'static, Gui> {
    let session = Ledger::default().at(31_406);
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
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::Num2);
    harness.run();
    harness
}

fn session<'a>(harness: &'a Harness<'_, Gui>) -> &'a Session {
    &harness.state().session
}

fn label_of(harness: &Harness<'_, Gui>, part: &str) -> String {
    harness.get_by_label_contains(part).accesskit_node().label().unwrap_or_default()
}

#[test]
fn every_plot_says_in_words_what_it_shows() {
    let harness = window();
    assert_eq!(session(&harness).view, View::Throughput);
    for plot in [
        "Events per second, now ",
        "By type, events per second now: MoneyDeposited ",
        "Commit latency, ms, now ",
        "Commit size, events per commit, now ",
        "Tail lag, ms behind the writer, now 38",
    ] {
        assert_eq!(harness.get_by_label_contains(plot).accesskit_node().role(), Role::Figure, "{plot}");
    }
    harness.get_by_label_contains(&format!("Stream {STREAM}, "));
}

#[test]
fn pausing_holds_the_numbers_while_collecting_goes_on() {
    let mut harness = window();
    harness.get_by_label("Pause the plots").click();
    harness.run();
    let before = label_of(&harness, "Events per second, now ");
    let ledger = Ledger::default();
    for index in 900..904 {
        ledger.grow(&mut harness.state_mut().session, index);
        harness.run();
    }
    assert_eq!(label_of(&harness, "Events per second, now "), before);
    let missed = session(&harness).live.paused().unwrap();
    assert!(missed > 1_000, "{missed}");
    harness.get_by_label("Resume the plots").click();
    harness.run();
    assert_ne!(label_of(&harness, "Events per second, now "), before);
}

#[test]
fn the_windows_go_from_a_minute_to_the_whole_history() {
    let mut harness = window();
    for (label, wanted) in [
        ("1 min", LiveWindow::Minute),
        ("15 min", LiveWindow::Quarter),
        ("1 h", LiveWindow::Hour),
        ("24 h", LiveWindow::Day),
        ("All", LiveWindow::History),
    ] {
        harness.get_by_role_and_label(Role::RadioButton, label).click();
        harness.run();
        assert_eq!(session(&harness).live.window, wanted);
        let unit = if wanted == LiveWindow::History { "Events per " } else { "Events per second, " };
        let said = label_of(&harness, unit);
        assert!(said.ends_with(&format!("over {label}")), "{said}");
    }
}

#[test]
fn the_table_has_the_numbers_of_the_plots() {
    let mut harness = window();
    let now = label_of(&harness, "Events per second, now ");
    let now = now.split("now ").nth(1).unwrap().split(", mean").next().unwrap().to_owned();
    harness.key_press(Key::T);
    harness.run();
    let rows = harness.query_all_by_role(Role::Row).map(|node| node.accesskit_node().label().unwrap_or_default());
    let rows: Vec<String> = rows.collect();
    assert!(rows.len() > 20, "{}", rows.len());
    assert!(rows[0].contains(&format!("Events /s {now}, Lowest")), "{} is not {now}", rows[0]);
    assert!(rows[0].contains("MoneyDeposited"), "{}", rows[0]);
}

#[test]
fn a_stream_of_the_list_leads_to_its_events_and_a_plot_to_its_time() {
    let mut harness = window();
    harness.get_by_label_contains("Stream account-02be91aa, ").click();
    harness.run();
    assert_eq!(session(&harness).scope, Scope::Stream(StreamId::new("account-02be91aa")));
    assert_eq!(session(&harness).view, View::Replay);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::Num2);
    harness.run();
    let asked = session(&harness).cursor;
    harness.get_by_label_contains("Events per second, now ").click();
    harness.run();
    assert_ne!(session(&harness).cursor, asked, "the click went to a time");
}
