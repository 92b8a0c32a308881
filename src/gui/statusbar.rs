//! The status bar: what was opened and how, in a sentence that is always on screen.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::INSET;
use super::widgets::{Info, Tip, clickable, keycaps, keycaps_width, tip};
use super::words;
use crate::session::{Action, Command, View};

const GAP: f32 = 16.0;

/// Draws the status bar.
pub fn statusbar_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_bar);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y + 0.5;
    let right = right_ui(ui, rect, middle, scene, out);
    let left = rect.left() + INSET;
    if scene.session.view == View::Welcome {
        let version = concat!("Version ", env!("CARGO_PKG_VERSION"));
        paint::left(painter, left, middle, right - left, Piece::new(version, Type::CAPTION, theme.text_muted));
        return;
    }
    facts_ui(ui, left, middle, right - GAP, scene);
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
    x = paint::right(painter, x - GAP, middle, Piece::new("UTC", Type::CAPTION, theme.text_muted));
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

fn facts_ui(ui: &Ui, left: f32, middle: f32, right: f32, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let Some(log) = &session.log else { return };
    let painter = ui.painter();
    let mut facts: Vec<(Option<char>, String, Option<String>)> = Vec::new();
    let opened = if log.info.read_only {
        capital(log.info.access.sentence())
    } else {
        "Made by Eventscope: events are appended, never changed".to_owned()
    };
    let opened = if scene.room == Room::Narrow { short(&opened) } else { opened };
    let icon = if log.info.read_only { icons::LOCK_SIMPLE } else { icons::SHIELD_CHECK };
    facts.push((Some(icon), opened, None));
    if let Some(totals) = &log.totals {
        facts.push((None, words::count(totals.events, "event", "events"), None));
    } else {
        facts.push((None, "Counting events…".to_owned(), None));
    }
    let bytes =
        session.live.newest().map_or(log.info.bytes_total, |sample| sample.bytes_total.max(log.info.bytes_total));
    facts.push((None, words::bytes(bytes), None));
    if let Some(state) = &session.state.shown {
        facts.push((None, "Reducer".to_owned(), Some(state.reducer.clone())));
    }
    let mut x = left;
    for (icon, text, data) in facts {
        let icon_width = if icon.is_some() { 18.0 } else { 0.0 };
        let extra = data.as_deref().map_or(0.0, |data| paint::width(painter, data, Type::DATA_SMALL) + 6.0);
        let width = icon_width + paint::width(painter, &text, Type::CAPTION) + extra;
        if x + width > right {
            return;
        }
        let start = x;
        if let Some(icon) = icon {
            paint::icon(painter, pos2(x + 6.0, middle), icon, Type::icon(12.0), theme.text_muted);
        }
        x = paint::left(
            painter,
            x + icon_width,
            middle,
            f32::INFINITY,
            Piece::new(&text, Type::CAPTION, theme.text_muted),
        );
        if let Some(data) = &data {
            x = paint::left(
                painter,
                x + 6.0,
                middle,
                f32::INFINITY,
                Piece::new(data, Type::DATA_SMALL, theme.text_soft),
            );
        }
        let place = Rect::from_min_max(pos2(start, middle - 10.0), pos2(x, middle + 10.0));
        let response = ui.interact(place, ui.scope_id().with(("fact", start.to_bits())), Sense::HOVER);
        let sentence = data.map_or_else(|| text.clone(), |data| format!("{text} {data}"));
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
        x += GAP;
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
