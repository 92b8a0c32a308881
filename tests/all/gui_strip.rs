//! The time strip from the outside: range, zoom from months to milliseconds, table twin.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventscope::event::{Scope, Time};
use eventscope::gui::{Gui, prepare};
use eventscope::lab::generate::{Plan, generate};
use eventscope::replay::density::density;
use eventscope::session::{Action, Command, Session};
use eventscope::store::sqlite::native::Store;

use crate::support::ledger::{self, Ledger, STREAM_EVENTS};

fn window() -> Harness<'static, Gui> {
    let session = Ledger::default().at(31_406);
    let builder = Harness::builder()
        .with_size(vec2(1_440.0, 900.0))
        .with_step_dt(1.0 / 60.0)
        .with_context_setup(prepare)
        .with_max_steps(40);
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

fn strip(harness: &Harness<'_, Gui>) -> Rect {
    harness.get_by_role_and_label(Role::Slider, "Cursor").rect()
}

/// Drags from one share of the strip's width to another, in the plot.
fn drag(harness: &mut Harness<'_, Gui>, from: f32, to: f32) {
    let area = strip(harness);
    let at = |share: f32| area.left_top() + vec2(12.0 + (area.width() - 24.0) * share, 70.0);
    harness.hover_at(at(from));
    harness.drag_at(at(from));
    harness.run();
    harness.hover_at(at(to));
    harness.run();
    harness.drop_at(at(to));
    harness.run();
}

#[test]
fn a_drag_limits_the_list_to_its_range_and_escape_gives_all_back() {
    let mut harness = window();
    drag(&mut harness, 0.25, 0.5);
    let (from, to) = session(&harness).events.range.unwrap();
    assert!(from.abs_diff(STREAM_EVENTS / 4) < 200 && to.abs_diff(STREAM_EVENTS / 2) < 200, "{from} {to}");
    assert_eq!(session(&harness).cursor, 31_406, "the cursor stays");
    let rows: Vec<String> =
        harness.query_all_by_role(Role::Row).map(|node| node.accesskit_node().label().unwrap_or_default()).collect();
    assert!(rows.len() >= 25, "{}", rows.len());
    let version = |row: &String| row.split(' ').nth(1).unwrap().replace(',', "").parse::<u64>().unwrap();
    assert!(rows.iter().all(|row| (from + 1..=to).contains(&version(row))), "{rows:?}");
    harness.key_press(Key::PageUp);
    harness.key_press(Key::ArrowDown);
    harness.run();
    let selected = session(&harness).events.selected.unwrap();
    assert!((from..to).contains(&selected), "{selected}");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(session(&harness).events.range, None);
}

#[test]
fn a_range_is_played_again_and_again() {
    let mut session = Ledger::default().at(100);
    session.apply(Action::ChooseRange(Some((100, 110))));
    session.apply(Action::SetSpeed(10));
    session.apply(Action::Run(Command::PlayPause));
    let mut seen = Vec::new();
    for _ in 0..30 {
        session.apply(Action::Tick { elapsed_ms: 100 });
        Ledger::default().serve(&mut session);
        seen.push(session.cursor);
    }
    assert!(seen.iter().all(|cursor| (100..=110).contains(cursor)), "{seen:?}");
    assert!(seen.iter().filter(|cursor| **cursor == 100).count() >= 2, "{seen:?}");
    assert_eq!(session.play.direction, 1);
}

#[test]
fn brackets_set_the_ends_of_the_range_at_the_cursor() {
    let mut harness = window();
    harness.key_press(Key::OpenBracket);
    harness.run();
    assert_eq!(session(&harness).events.range, Some((31_406, STREAM_EVENTS)));
    harness.state_mut().session.apply(Action::MoveCursor(40_000));
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert_eq!(session(&harness).events.range, Some((31_406, 40_000)));
}

#[test]
fn the_wheel_zooms_from_months_to_milliseconds_at_the_pointer() {
    let mut harness = window();
    let (first, last) = session(&harness).strip_span().unwrap();
    assert!(last.0 - first.0 > 240 * 86_400_000_000, "months");
    let area = strip(&harness);
    let at = area.left_top() + vec2(12.0 + (area.width() - 24.0) * 0.5, 70.0);
    let middle = Time(first.0 + (last.0 - first.0) / 2);
    for _ in 0..200 {
        harness.hover_at(at);
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, 120.0),
            modifiers: Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
        });
        harness.run_ok();
    }
    let (from, to) = session(&harness).strip_span().unwrap();
    assert_eq!(to.0 - from.0, 2_000, "two milliseconds are the least");
    assert!(
        (from.0..=to.0 + 2_000_000).contains(&middle.0) || middle.0.abs_diff(from.0) < 600_000_000_000,
        "{from} {middle}"
    );
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL | Modifiers::SHIFT, Key::Z);
    harness.run();
    assert_eq!(session(&harness).strip.span, None, "all of it again");
}

#[test]
fn the_table_has_every_event_of_the_strip() {
    let mut harness = window();
    harness.key_press(Key::T);
    harness.run();
    let rows = harness.query_all_by_role(Role::Row).map(|node| node.accesskit_node().label().unwrap_or_default());
    let rows: Vec<String> = rows.filter(|label| label.contains(", Events ")).collect();
    assert!(rows.len() >= 4, "{rows:?}");
    assert!(rows[0].contains("MoneyDeposited"), "{}", rows[0]);
    harness.get_by_label(&rows[2]).click();
    harness.run();
    assert_ne!(session(&harness).cursor, 31_406, "a row leads to its time");
}

#[test]
fn a_part_of_the_time_is_counted_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.db");
    let plan = Plan { events: 4_000, streams: 20, payload_bytes: 100, seed: 5 };
    generate(&mut Store::create(&path).unwrap(), &plan, &mut |_| ()).unwrap();
    let mut log = eventscope::store::open(path.to_str().unwrap()).unwrap();
    let whole = density(log.as_mut(), &Scope::Log, None, &|| false).unwrap();
    let (first, last) = (whole.first.unwrap(), whole.last.unwrap());
    let total = |density: &eventscope::protocol::Density| density.buckets.iter().flatten().sum::<f32>();
    assert!((total(&whole) - 4_000.0).abs() < 0.5);
    let middle = Time(first.0 / 2 + last.0 / 2);
    let left = density(log.as_mut(), &Scope::Log, Some((first, middle)), &|| false).unwrap();
    let right = density(log.as_mut(), &Scope::Log, Some((Time(middle.0 + 1), last)), &|| false).unwrap();
    assert!((total(&left) + total(&right) - 4_000.0).abs() < 0.5, "{} and {}", total(&left), total(&right));
    assert!(total(&left) > 100.0 && total(&right) > 100.0);
    assert_eq!((left.first, left.last), (Some(first), Some(middle)), "the buckets cover what was asked for");
    assert!(left.times.iter().all(|(_, time)| (first..=middle).contains(time)));
}
