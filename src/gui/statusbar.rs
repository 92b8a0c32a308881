//! The status bar: what was opened and how, in a sentence that is always on screen.

use egui::{Popup, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{INSET, RADIUS_1};
use super::widgets::{Info, Tip, clickable, keycaps, keycaps_width, menu_choice_ui, menu_item_ui, tip};
use super::words;
use crate::protocol::ReducerChoice;
use crate::session::{Action, Command, View};

const GAP: f32 = 16.0;
/// Width of the menu of reducers.
const MENU: f32 = 320.0;

/// Draws the status bar.
pub fn statusbar_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.rect_filled(rect, 0.0, theme.bg_bar);
    paint::hline(&painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y + 0.5;
    let right = right_ui(ui, rect, middle, scene, out);
    let left = rect.left() + INSET;
    if scene.session.view == View::Welcome {
        let version = concat!("Version ", env!("CARGO_PKG_VERSION"));
        paint::left(&painter, left, middle, right - left, Piece::new(version, Type::CAPTION, theme.text_muted));
        return;
    }
    let x = facts_ui(ui, left, middle, right - GAP, scene);
    reducer_ui(ui, x, middle, right - GAP, scene, out);
}

fn right_ui(ui: &Ui, rect: Rect, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let painter = ui.painter();
    let key = Command::Keys.key();
    let width = keycaps_width(painter, key) + 8.0 + paint::width(painter, "Shortcuts", Type::CAPTION);
    let place = Rect::from_min_max(
        pos2(rect.right() - INSET - width, rect.top() + 1.0),
        pos2(rect.right() - INSET + 4.0, rect.bottom()),
    );
    let response = clickable(ui, place, "shortcuts", &Info { role: Role::Button, ..Info::button("Shortcuts") });
    let color = if response.hovered() { theme.text } else { theme.text_muted };
    let x = keycaps(painter, rect.right() - INSET, middle, key, theme);
    let mut x = paint::right(painter, x - 8.0, middle, Piece::new("Shortcuts", Type::CAPTION, color));
    if response.has_focus() {
        paint::focus_ring(painter, place, 4.0, theme);
    }
    if tip(response, &Tip::command(Command::Keys), theme).clicked() {
        out.push(Action::Run(Command::Keys));
    }
    if scene.session.view == View::Welcome {
        return x;
    }
    x = paint::right(painter, x - GAP, middle, Piece::new(&words::zone(), Type::CAPTION, theme.text_muted));
    let lag = scene.session.live.newest().filter(|sample| sample.events > 0).and_then(|sample| sample.lag_ms);
    if let Some(lag) = lag.filter(|lag| (0..60_000).contains(lag)) {
        let words = format!("{} ms", words::thousands(lag));
        x = paint::right(painter, x - GAP, middle, Piece::new(&words, Type::DATA_SMALL, theme.text_soft));
        x = paint::right(painter, x - 4.0, middle, Piece::new("Tail lag", Type::CAPTION, theme.text_muted));
        painter.circle_filled(pos2(x - 9.0, middle), 3.0, theme.live);
        x -= 12.0;
    }
    x
}

/// What was opened and how; returns where there is room for more.
fn facts_ui(ui: &Ui, left: f32, middle: f32, right: f32, scene: &Scene<'_>) -> f32 {
    let (session, theme) = (scene.session, scene.theme);
    let Some(log) = &session.log else { return left };
    let painter = ui.painter();
    let mut facts: Vec<(Option<char>, String)> = Vec::new();
    let opened = if log.info.read_only {
        capital(log.info.access.sentence())
    } else {
        "Made by Eventscope: events are appended, never changed".to_owned()
    };
    let opened = if scene.room <= Room::Narrow { short(&opened) } else { opened };
    let icon = if log.info.read_only { icons::LOCK_SIMPLE } else { icons::SHIELD_CHECK };
    facts.push((Some(icon), opened));
    if let Some(totals) = &log.totals {
        facts.push((None, words::count(totals.events, "event", "events")));
    } else {
        facts.push((None, "Counting events…".to_owned()));
    }
    let bytes =
        session.live.newest().map_or(log.info.bytes_total, |sample| sample.bytes_total.max(log.info.bytes_total));
    facts.push((None, words::bytes(bytes)));
    let mut x = left;
    for (icon, text) in facts {
        let icon_width = if icon.is_some() { 18.0 } else { 0.0 };
        let width = icon_width + paint::width(painter, &text, Type::CAPTION);
        if x + width > right {
            return x;
        }
        let start = x;
        if let Some(icon) = icon {
            paint::icon(painter, pos2(x + 6.0, middle), icon, Type::icon(12.0), theme.text_muted);
        }
        let piece = Piece::new(&text, Type::CAPTION, theme.text_muted);
        x = paint::left(painter, x + icon_width, middle, f32::INFINITY, piece);
        let place = Rect::from_min_max(pos2(start, middle - 10.0), pos2(x, middle + 10.0));
        let response = ui.interact(place, ui.scope_id().with(("fact", start.to_bits())), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
        x += GAP;
    }
    x
}

/// Which reducer folds, and a menu of others.
fn reducer_ui(ui: &mut Ui, x: f32, middle: f32, right: f32, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let Some(state) = &session.state.shown else { return };
    let painter = ui.painter().clone();
    let trouble = state.by.trouble.is_some();
    let room = right - x - paint::width(&painter, "Reducer", Type::CAPTION) - 40.0;
    if room < 32.0 {
        return;
    }
    let name = paint::fit_middle(&painter, &state.reducer, Type::DATA_SMALL, room.min(240.0));
    let width = paint::width(&painter, "Reducer", Type::CAPTION)
        + paint::width(&painter, &name, Type::DATA_SMALL)
        + if trouble { 40.0 } else { 26.0 };
    let place = Rect::from_min_max(pos2(x - 4.0, middle - 11.5), pos2(x + width, middle + 11.5));
    let sentence = format!("Reducer {}", state.reducer);
    let response = clickable(ui, place, "reducer menu", &Info::button(&sentence));
    if response.hovered() || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response)) {
        painter.rect_filled(place, RADIUS_1, theme.bg_active);
    }
    if response.has_focus() {
        paint::focus_ring(&painter, place, 4.0, theme);
    }
    let mut end = paint::left(&painter, x, middle, 80.0, Piece::new("Reducer", Type::CAPTION, theme.text_muted));
    if trouble {
        paint::icon(&painter, pos2(end + 12.0, middle), icons::WARNING, Type::icon_fill(12.0), theme.warn);
        end += 14.0;
    }
    let piece = Piece::new(&name, Type::DATA_SMALL, if trouble { theme.warn } else { theme.text_soft });
    end = paint::left(&painter, end + 6.0, middle, f32::INFINITY, piece);
    paint::icon(&painter, pos2(end + 10.0, middle), icons::CARET_DOWN, Type::icon_bold(10.0), theme.text_muted);
    let help = why_this(state.by.streams.as_deref(), &session.reducer.choice);
    let response = tip(response, &Tip { name: &sentence, key: "", help: &help }, theme);
    let choice = &session.reducer.choice;
    Popup::menu(&response).width(MENU).show(|ui| {
        for (command, chosen) in [
            (Command::ReducerBound, *choice == ReducerChoice::Bound),
            (Command::ReducerAuto, *choice == ReducerChoice::Auto),
            (Command::ReducerFile, matches!(choice, ReducerChoice::File(_))),
        ] {
            if menu_choice_ui(ui, command, chosen, MENU - 16.0, theme) {
                out.push(Action::Run(command));
                ui.close();
            }
        }
        if menu_item_ui(ui, Command::ViewReducer, theme) {
            out.push(Action::Run(Command::ViewReducer));
            ui.close();
        }
    });
}

/// By what right it folds, in words.
fn why_this(streams: Option<&str>, choice: &ReducerChoice) -> String {
    match (streams, choice) {
        (Some(streams), ReducerChoice::Bound) => format!("Bound to {streams} by the workspace file"),
        (_, ReducerChoice::Bound) => "No reducer is bound to this stream: Auto folds it".to_owned(),
        (_, ReducerChoice::Auto) => "You chose Auto for every stream".to_owned(),
        (_, ReducerChoice::File(file)) => format!("You chose {file} for every stream"),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// What stands before the colon says enough where there is little room.
fn short(text: &str) -> String {
    text.split(':').next().unwrap_or(text).to_owned()
}
