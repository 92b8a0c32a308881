//! The window from the outside: through the accessibility tree, by keys and by pointer, without a display.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{Scope, StreamId};
use eventscope::gui::theme::{Theme, contrast};
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::Request;
use eventscope::session::{Action, COMMANDS, Command, Session, Tab, View};

use crate::support::ledger::{self, Ledger, STREAM};

/// A window whose requests are answered at once.
pub struct Window {
    gui: Gui,
    ledger: Ledger,
    asked: Vec<Request>,
}

pub fn window(session: Session, size: Vec2) -> Harness<'static, Window> {
    let window = Window { gui: Gui::with_clock(session, ledger::clock), ledger: Ledger::default(), asked: Vec::new() };
    let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0).with_context_setup(prepare);
    let mut harness = builder.build_ui_state(
        |ui, window: &mut Window| {
            window.gui.ui(ui);
            let asked = window.ledger.serve(&mut window.gui.session);
            if !asked.is_empty() {
                // A worker that answers wakes the window.
                ui.ctx().request_repaint();
            }
            window.asked.extend(asked);
        },
        window,
    );
    harness.run();
    harness.state_mut().asked.clear();
    harness
}

pub fn full() -> Vec2 {
    vec2(1_440.0, 900.0)
}

pub fn session(harness: &Harness<'_, Window>) -> Session {
    harness.state().gui.session.clone()
}

/// A session in which as many commands as can be have something to do.
pub fn busy(tab: Tab) -> Session {
    let ledger = Ledger::default();
    let mut session = ledger.at(31_406);
    for action in [
        Action::SetPathField("/home/ana/other.db".to_owned()),
        Action::SetStreamFilter("7c".to_owned()),
        Action::Run(Command::Newest),
        Action::MoveCursor(20_000),
        Action::Run(Command::Oldest),
        Action::Run(Command::Back),
        Action::ChooseTab(tab),
        Action::Run(Command::ZoomIn),
        Action::SelectRow(20_010),
    ] {
        session.apply(action);
        ledger.serve(&mut session);
    }
    session
}

/// What a session is about, without what a window takes away or what time moves.
fn essence(session: &Session) -> String {
    let mut session = session.clone();
    let (direction, speed) = (session.play.direction, session.play.speed);
    if direction != 0 {
        // A window that plays moves on by itself.
        return format!("playing {direction} at {speed}");
    }
    session.wants_focus = None;
    session.copied = None;
    // What is said, or a bar over the list, takes the room of a row or two.
    session.apply(Action::Viewport { rows: 25 });
    session.apply(Action::ScrollTo { top: 20_000, part: 0.0 });
    session.take_requests();
    format!("{session:?}")
}

/// The session after the command was run on it directly, and what it asked for.
fn after(command: Command, mut session: Session) -> (String, String) {
    session.apply(Action::Run(command));
    let asked = Ledger::default().serve(&mut session);
    (essence(&session), format!("{asked:?}"))
}

/// The session in the window, and what it asked for. What plays goes on asking.
fn found(harness: &Harness<'_, Window>, expected: &(String, String)) -> (String, String) {
    let asked = format!("{:?}", harness.state().asked);
    let playing = expected.0.starts_with("playing");
    (essence(&session(harness)), if playing { expected.1.clone() } else { asked })
}

fn modifiers(text: &str) -> (Modifiers, Key) {
    let mut modifiers = Modifiers::NONE;
    let mut parts: Vec<&str> = text.split('+').collect();
    let key = parts.pop().unwrap();
    for part in parts {
        modifiers |= match part {
            "Ctrl" => Modifiers::COMMAND | Modifiers::CTRL,
            "Shift" => Modifiers::SHIFT,
            "Alt" => Modifiers::ALT,
            other => panic!("{other}"),
        };
    }
    let key = match key {
        "→" => Key::ArrowRight,
        "←" => Key::ArrowLeft,
        "↑" => Key::ArrowUp,
        "↓" => Key::ArrowDown,
        name => Key::from_name(name).unwrap(),
    };
    (modifiers, key)
}

#[test]
fn every_command_runs_by_each_of_its_keys() {
    for info in COMMANDS {
        for key in info.keys {
            let mut had_effect = false;
            let mut throughput = busy(Tab::State);
            throughput.apply(Action::Run(Command::ViewThroughput));
            for base in [busy(Tab::State), busy(Tab::Event), throughput] {
                let mut harness = window(base, full());
                let before = session(&harness);
                let (modifiers, key) = modifiers(key);
                harness.key_press_modifiers(modifiers, key);
                harness.step();
                let expected = after(info.command, before.clone());
                assert!(found(&harness, &expected) == expected, "{:?} by {key:?} did something else", info.command);
                had_effect |= expected.0 != essence(&before) || expected.1 != "[]";
            }
            assert!(had_effect, "{:?} by {key} did nothing", info.command);
        }
    }
}

#[test]
fn every_command_runs_by_its_label() {
    for info in COMMANDS {
        let mut base = busy(Tab::Event);
        base.keys_open = true;
        let mut harness = window(base, full());
        let mut before = session(&harness);
        harness.get_by_role_and_label(Role::MenuItem, info.label).click();
        harness.step();
        if !matches!(info.command, Command::Keys | Command::Escape) {
            before.keys_open = false;
        }
        let expected = after(info.command, before);
        assert!(found(&harness, &expected) == expected, "{:?} did something else", info.command);
    }
}

#[test]
fn the_buttons_on_screen_run_their_commands() {
    for command in [
        Command::StepForward,
        Command::StepBack,
        Command::Oldest,
        Command::Newest,
        Command::PlayPause,
        Command::Faster,
        Command::Slower,
        Command::PauseLive,
        Command::Theme,
        Command::Snapshot,
        Command::TabDiff,
        Command::TabBlame,
        Command::TabSnapshots,
        Command::CopyEvent,
    ] {
        let mut harness = window(busy(Tab::Event), full());
        let before = session(&harness);
        harness.get_by_label(command.label()).click();
        harness.step();
        let expected = after(command, before);
        assert!(found(&harness, &expected) == expected, "{command:?} did something else");
    }
}

#[test]
fn blame_goes_back_write_by_write_and_enter_moves_the_cursor() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.get_by_label("/balance, changed from 1272 to 1273").click();
    harness.run();
    harness.key_press(Key::B);
    harness.run();
    harness.get_by_label_contains("Version 31,500, MoneyWithdrawn, from 314 to 315");
    harness
        .get_by_label_contains("Version 31,400, MoneyDeposited, from 313 to 314, 19 Jul 2026 14:32:29.816, holds at");
    assert!(harness.query_by_label_contains("Version 31,600").is_none(), "only the next later write is listed");
    harness.key_press(Key::B);
    harness.run();
    let now = session(&harness);
    assert_eq!((now.cursor, now.events.selected), (31_406, Some(31_299)), "selecting moves no cursor");
    harness.get_by_label(Command::BlameLater.label()).click();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(session(&harness).cursor, 31_400);
}

#[test]
fn what_changed_since_a_is_shown_and_a_and_b_change_places() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.key_press_modifiers(Modifiers::ALT, Key::Num2);
    harness.run();
    harness.get_by_label(Command::CompareFromHere.label()).click();
    harness.run();
    assert!(session(&harness).diff_on_show().unwrap().changed.is_empty(), "A and B are the same");
    harness.state_mut().gui.session.apply(Action::MoveCursor(32_500));
    harness.run();
    harness.get_by_label("/balance, changed from 31406 to 32500");
    harness.get_by_label("/limits/step, changed from 31 to 32");
    assert!(harness.query_by_label_contains("/owner").is_none(), "what is the same is left out");
    harness.get_by_label(Command::SwapCompared.label()).click();
    harness.run();
    assert_eq!(
        (session(&harness).cursor, session(&harness).diff.from.map(|from| from.position)),
        (31_406, Some(32_500))
    );
    harness.get_by_label("/balance, changed from 32500 to 31406");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(session(&harness).diff.from, None);
    harness.key_press(Key::X);
    harness.run();
    assert_eq!(session(&harness).diff.from.map(|from| from.position), Some(31_406));
}

#[test]
fn letters_go_into_a_text_field_and_run_nothing() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.key_press(Key::F);
    harness.run();
    assert!(harness.get_by_role_and_label(Role::TextInput, "Filter streams").is_focused());
    harness.key_press(Key::S);
    harness.get_by_role_and_label(Role::TextInput, "Filter streams").type_text("S9A");
    harness.run();
    let session = session(&harness);
    assert_eq!((session.streams.filter.as_str(), session.snapshot_dialog.is_none()), ("S9A", true));
}

#[test]
fn the_letter_that_opens_a_dialog_is_not_typed_into_it() {
    let mut harness = window(Ledger::default().at(31_406), full());
    // A keyboard sends the key and its text at once.
    let key =
        egui::Event::Key { key: Key::S, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
    harness.input_mut().events.extend([key, egui::Event::Text("s".to_owned())]);
    harness.run();
    assert_eq!(session(&harness).snapshot_dialog.unwrap().name, "");
}

#[test]
fn a_banner_does_not_hide_the_row_at_the_cursor() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.key_press(Key::End);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::C);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::C);
    harness.run();
    harness.get_by_label("Copied the event as JSON");
    let row = harness.get_by_label_contains("Version 48,213,").rect();
    assert!(row.height() > 23.9 && row.bottom() <= 708.1, "{row:?}");
}

#[test]
fn a_snapshot_is_taken_by_key_with_a_name() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.key_press(Key::S);
    harness.run();
    harness.get_by_label("Snapshot name").type_text("after limit change");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let taken = harness.state().asked.iter().any(|request| {
        matches!(request, Request::Snapshot { version: 31_406, name: Some(name), .. } if name == "after limit change")
    });
    assert!(taken, "{:?}", harness.state().asked);
    harness.get_by_label_contains("kept in ledger.db.eventscope");
}

#[test]
fn each_visible_row_is_a_node_with_a_sentence() {
    let harness = window(Ledger::default().at(31_406), full());
    harness.get_by_label("Version 31,406, MoneyDeposited, 16 Jul 2026 09:21:02.029, 5 paths changed, at the cursor");
    harness.get_by_label("Version 31,407, HoldReleased, 16 Jul 2026 09:28:17.175, after the cursor");
    harness.get_by_label("Stream account-7c41f2d0, 48,213 events, last now");
    harness.get_by_label("/balance, changed from 1272 to 1273");
    let rows = harness.query_all_by_role(Role::Row).count();
    assert!((25..=27).contains(&rows), "{rows} rows are nodes where 25 are in view");
    let slider = harness.get_by_role_and_label(Role::Slider, "Cursor");
    assert_eq!(slider.value().unwrap(), "31,406 of 48,213, 16 Jul 2026 09:21:02.029");
}

#[test]
fn everything_that_can_be_clicked_says_what_it_does() {
    let ledger = Ledger::default();
    let mut dialog = ledger.at(31_406);
    dialog.apply(Action::Run(Command::Snapshot));
    let tabs = [Tab::State, Tab::Diff, Tab::Event, Tab::Blame, Tab::Snapshots, Tab::Causation];
    for session in tabs.iter().map(|tab| busy(*tab)).chain([Session::new(), dialog]) {
        let harness = window(session, full());
        let mut clickable = 0;
        for node in harness.root().children_recursive() {
            let node = node.accesskit_node();
            let roles = [Role::Button, Role::Tab, Role::RadioButton, Role::Switch, Role::MenuItem, Role::TextInput];
            if roles.contains(&node.role()) {
                let label = node.label().unwrap_or_default();
                assert!(!label.is_empty(), "a {:?} has no name", node.role());
                assert!(node.data().description().is_some(), "{label:?} has no tooltip");
                clickable += 1;
            }
        }
        assert!(clickable > 3);
    }
}

#[test]
fn controls_stay_in_the_window_and_never_overlap() {
    for size in
        [[900.0, 600.0], [1_100.0, 700.0], [1_360.0, 800.0], [1_440.0, 900.0], [1_900.0, 1_000.0], [2_560.0, 1_440.0]]
    {
        let tabs = [Tab::State, Tab::Event, Tab::Snapshots, Tab::Causation];
        for session in tabs.iter().map(|tab| busy(*tab)).chain([Session::new()]) {
            let harness = window(session, Vec2::from(size));
            let window = Rect::from_min_size(pos2(0.0, 0.0), Vec2::from(size));
            let controls: Vec<(String, Rect)> = harness
                .root()
                .children_recursive()
                .filter(|node| {
                    let roles =
                        [Role::Button, Role::Tab, Role::RadioButton, Role::Switch, Role::Slider, Role::TextInput];
                    roles.contains(&node.accesskit_node().role())
                })
                .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
                .collect();
            for (index, (name, rect)) in controls.iter().enumerate() {
                assert!(window.expand(0.5).contains_rect(*rect), "{name:?} leaves {size:?}: {rect:?}");
                for (other, place) in &controls[index + 1..] {
                    let both = rect.intersect(*place);
                    assert!(!(both.width() > 0.5 && both.height() > 0.5), "{name:?} and {other:?} overlap in {size:?}");
                }
            }
        }
    }
}

#[test]
fn rows_are_exact_at_a_million_million_events() {
    let ledger = Ledger { events: 1_000_000_000_000, ..Ledger::default() };
    let mut harness = window(ledger.at(31_406), full());
    harness.state_mut().ledger = ledger;
    harness.key_press(Key::End);
    harness.run();
    let rect = |version: &str| harness.get_by_label_contains(&format!("Version {version},")).rect();
    let last = rect("1,000,000,000,000");
    for (version, rows_before) in [("999,999,999,999", 1.0), ("999,999,999,990", 10.0), ("999,999,999,980", 20.0)] {
        assert!((last.top() - rect(version).top() - rows_before * 24.0).abs() < 0.01, "version {version}");
    }
    assert!((last.bottom() - 708.0).abs() < 0.01, "the last row stands at the bottom of the list: {last:?}");
}

#[test]
fn the_row_that_is_read_stays_while_events_arrive() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.state_mut().gui.session.apply(Action::ScrollTo { top: 4_999, part: 0.25 });
    harness.run();
    let place = |harness: &Harness<'_, Window>| harness.get_by_label_contains("Version 5,000,").rect();
    let before = place(&harness);
    for index in 0..40 {
        let window = harness.state_mut();
        window.ledger.events += 1_000;
        let ledger = window.ledger.clone();
        ledger.grow(&mut window.gui.session, 600 + index);
        harness.step();
        assert_eq!(place(&harness), before, "sample {index}");
    }
    let session = session(&harness);
    assert_eq!((session.events.extent, session.cursor), (Some(88_213), 31_406));
}

#[test]
fn a_click_selects_and_a_double_click_moves_the_cursor() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.get_by_label_contains("Version 31,410,").click();
    harness.run();
    assert_eq!((session(&harness).events.selected, session(&harness).cursor), (Some(31_409), 31_406));
    harness.get_by_label_contains("Version 31,412,").click();
    harness.get_by_label_contains("Version 31,412,").click();
    harness.run();
    assert_eq!(session(&harness).cursor, 31_412);
}

#[test]
fn dragging_in_the_time_strip_moves_the_cursor_and_the_state_follows() {
    let mut harness = window(Ledger::default().at(31_406), full());
    let strip = harness.get_by_role_and_label(Role::Slider, "Cursor").rect();
    // In the lane of marks, where the head of the cursor is; a drag in the plot chooses a range.
    harness.drag_at(strip.left_top() + vec2(12.0, 12.0));
    harness.run();
    harness.hover_at(strip.right_top() + vec2(-12.0, 12.0));
    harness.run();
    harness.drop_at(strip.right_top() + vec2(-12.0, 12.0));
    harness.run();
    let session = session(&harness);
    assert_eq!(session.cursor, ledger::STREAM_EVENTS);
    assert_eq!(session.state.shown.unwrap().position, ledger::STREAM_EVENTS);
}

#[test]
fn the_welcome_page_opens_a_path_and_says_why_it_could_not() {
    let mut harness = window(Session::new(), full());
    harness.get_by_role_and_label(Role::TextInput, "Path field").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Path field").type_text("/home/ana/missing.db");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("Cannot open log: no such file: /home/ana/missing.db");
    harness.get_by_label("Open demo").click();
    harness.run();
    assert_eq!(session(&harness).view, View::Replay);
}

#[test]
fn enter_in_the_stream_filter_opens_the_first_that_is_found() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.key_press(Key::F);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Filter streams").type_text("5f3a");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(session(&harness).scope, Scope::Stream(StreamId::new("account-5f3a06c8")));
}

#[test]
fn the_keys_go_on_from_the_stream_that_was_clicked() {
    let mut harness = window(Ledger::default().at(31_406), full());
    harness.get_by_label_contains("Stream account-02be91aa").click();
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(session(&harness).scope, Scope::Stream(StreamId::new("account-e1d07745")));
}

#[test]
fn choosing_a_stream_in_a_narrow_window_closes_the_list_again() {
    let mut harness = window(Ledger::default().at(31_406), vec2(900.0, 600.0));
    harness.get_by_role_and_label(Role::Button, "Streams").click();
    harness.run();
    harness.get_by_label_contains("Stream account-02be91aa").click();
    harness.run();
    assert_eq!(session(&harness).scope, Scope::Stream(StreamId::new("account-02be91aa")));
    assert!(harness.query_by_label_contains("Stream account-e1d07745").is_none());
    assert_ne!(session(&harness).scope, Scope::Stream(StreamId::new(STREAM)));
}

/// A file that the pointer lets go of over the window.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window opens a file by its path".to_owned())
    }
}

#[test]
fn a_file_that_is_dropped_on_the_window_is_opened() {
    let mut harness = window(Session::new(), full());
    harness.input_mut().dropped_files.push(std::sync::Arc::new(Dropped("/home/ana/ledger.db".into())));
    harness.run();
    let asked = &harness.state().asked;
    assert!(matches!(&asked[0], Request::Open { locator, .. } if locator == "/home/ana/ledger.db"), "{asked:?}");
    assert_eq!(session(&harness).view, View::Replay);
}

#[test]
fn the_edge_of_the_inspector_can_be_dragged_and_given_back() {
    let mut harness = window(Ledger::default().at(31_406), full());
    let left = |harness: &Harness<'_, Window>| harness.get_by_role_and_label(Role::Tab, "State").rect().left();
    let before = left(&harness);
    harness.hover_at(pos2(1_040.0, 400.0));
    harness.drag_at(pos2(1_040.0, 400.0));
    harness.hover_at(pos2(940.0, 400.0));
    harness.drop_at(pos2(940.0, 400.0));
    harness.run();
    assert!((left(&harness) - (before - 100.0)).abs() < 1.0, "{before} {}", left(&harness));
    for _ in 0..2 {
        harness.drag_at(pos2(940.0, 400.0));
        harness.drop_at(pos2(940.0, 400.0));
    }
    harness.run();
    assert!((left(&harness) - before).abs() < 0.1, "{before} {}", left(&harness));
}

/// The contrast that the design promises, on every surface that a colour is allowed on.
#[test]
fn text_and_graphics_can_be_read_in_both_themes() {
    for theme in [Theme::dark(), Theme::light()] {
        let word = if theme.dark { "dark" } else { "light" };
        let tokens = theme.tokens();
        let surfaces: Vec<_> = tokens.iter().filter(|(name, _)| name.starts_with("bg.")).collect();
        assert_eq!(surfaces.len(), 13);
        let color = |wanted: &str| tokens.iter().find(|(name, _)| *name == wanted).unwrap().1;
        let need = |name: &str, color, ground: &str, on, least: f32| {
            let found = (contrast(color, on) * 100.0).round() / 100.0;
            assert!(found >= least, "{word}: {name} on {ground} has {found:.2}, less than {least}");
        };
        for (ground, on) in &surfaces {
            for name in ["text.strong", "text", "text.soft", "text.muted"] {
                need(name, color(name), ground, *on, 4.5);
            }
            for name in ["accent", "cursor", "live", "danger", "warn", "snapshot", "bookmark"] {
                need(name, color(name), ground, *on, 4.5);
            }
            for name in ["syntax.text", "syntax.number", "syntax.word"] {
                need(name, color(name), ground, *on, 4.5);
            }
            need("line.control", color("line.control"), ground, *on, 3.0);
            for (index, color) in theme.types.iter().enumerate() {
                need(&format!("type.{}", index + 1), *color, ground, *on, 3.0);
            }
        }
        for ground in ["bg.panel", "bg.field"] {
            need("text.future", color("text.future"), ground, color(ground), 4.5);
            for line in theme.series {
                need("series", line, ground, color(ground), 3.0);
            }
        }
        need("on.accent", theme.on_accent, "accent.fill", theme.accent_fill, 4.5);
        need("on.cursor", theme.on_cursor, "cursor", theme.cursor, 4.5);
    }
}
