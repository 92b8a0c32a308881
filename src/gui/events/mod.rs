//! The event list: rows of 24 points over a scope of any length, the cursor standing between two of them.

mod find;
mod row;

use egui::{Painter, Rect, Ui, pos2, vec2};

use crate::event::{Scope, StreamId};
use crate::gui::breakpoints;
use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, Theme, height};
use crate::gui::widgets::{Button, Info, Look, Tip, clickable, empty_ui, menu_text_ui, tip};
use crate::gui::{icons, words};
use crate::session::Action;

use row::{Columns, HIDEABLE, is_hidden, loading_rows, row_ui};

/// What the event list keeps for itself: where the list of intervals stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventsLocal {
    intervals: Place,
}

/// Draws the event list.
pub fn events_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut EventsLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    breadcrumb_ui(ui, head, scene, out);
    let below = find::find_ui(ui, rect.with_min_y(head.bottom()), scene, &mut local.intervals, out);
    let columns = Columns::of(rect, scene);
    let names = below.with_max_y(below.top() + height::COLUMNS);
    names_of_columns(ui.painter(), names, &columns, scene);
    columns_menu_ui(ui, names, scene, out);
    let mut list = rect.with_min_y(names.bottom());
    if breakpoints::has_bar(scene) {
        let bar = list.with_min_y(list.bottom() - breakpoints::BAR);
        breakpoints::bar_ui(ui, bar, scene, out);
        list.max.y = bar.top();
    }
    let session = scene.session;
    let listed = session.events.listed();
    let rows = Rows { count: listed.end - listed.start, height: height::ROW, view: list.height() };
    if session.events.rows_shown != rows.room() {
        out.push(Action::Viewport { rows: rows.room() });
    }
    match session.events.extent {
        None => loading_rows(ui.painter(), list, &columns, theme),
        Some(0) => {
            let words = ["This stream is empty", "The first event will appear here"];
            let words = if session.scope == Scope::Log { ["This log is empty", words[1]] } else { words };
            empty_ui(ui, list, icons::TRAY, words, None, theme);
        }
        Some(_) => list_ui(ui, list, &rows, &columns, scene, out),
    }
}

fn breadcrumb_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let Some(log) = &session.log else { return };
    let mut path: Vec<(String, Option<Scope>)> = Vec::new();
    let whole = if scene.room <= Room::Narrow && session.scope != Scope::Log { None } else { Some(&log.info.name) };
    if let Some(name) = whole {
        path.push((name.clone(), Some(Scope::Log)));
    }
    match &session.scope {
        Scope::Log => {}
        Scope::Category(name) => path.push((name.to_string(), Some(session.scope.clone()))),
        Scope::Stream(stream) => {
            let category = category_of(scene, stream);
            let name = category.as_deref().map_or(stream.as_str(), |category| below(category, stream.as_str()));
            path.extend(category.as_deref().map(|name| (name.to_owned(), Some(Scope::Category(name.into())))));
            path.push((name.to_owned(), None));
        }
    }
    let middle = rect.center().y - 0.5;
    let mut x = rect.left() + INSET;
    let last = path.len().saturating_sub(1);
    for (index, (text, scope)) in path.iter().enumerate() {
        let room = (rect.right() - x - 140.0).max(40.0);
        if index == last {
            let face = if session.scope == Scope::Log { Type::LABEL_MEDIUM } else { Type::DATA_MEDIUM };
            x = paint::left(painter, x, middle, room, Piece::new(text, face, theme.text_strong));
        } else {
            let galley = paint::layout(painter, &[Piece::new(text, Type::LABEL, theme.text_soft)], room.min(160.0));
            let place = Rect::from_min_size(pos2(x - 4.0, middle - 12.0), vec2(galley.size().x + 8.0, 24.0));
            let help = if index == 0 && whole.is_some() {
                "Show the events of all streams"
            } else {
                "Show the events of this category"
            };
            let button = Button {
                look: Look::Bare,
                tip: Tip { name: text, key: "", help },
                text: "",
                name: text,
                ..Button::new(text)
            };
            if button.show(ui, place, theme).clicked()
                && let Some(scope) = scope
            {
                out.push(Action::ChooseScope(scope.clone()));
            }
            x = paint::place(painter, x, middle, Type::LABEL, galley);
            paint::icon(painter, pos2(x + 12.0, middle), icons::CARET_RIGHT, Type::icon_bold(10.0), theme.text_muted);
            x += 24.0;
        }
    }
    let listed = session.events.listed();
    let count = match session.events.extent {
        Some(events) if session.events.range.is_some() => {
            format!("{} of {}", words::thousands(listed.end - listed.start), words::count(events, "event", "events"))
        }
        Some(events) => words::count(events, "event", "events"),
        None => "Counting…".to_owned(),
    };
    let end = paint::left(painter, x + 8.0, middle, 140.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    if let Some(opening) = &session.opening {
        let words = format!("Opening {opening}…");
        let room = rect.right() - INSET - end - 16.0;
        if room > 80.0 {
            paint::left(painter, end + 16.0, middle, room, Piece::new(&words, Type::CAPTION, theme.text_muted));
        }
    }
}

/// The category of a stream, as the list of streams knows it.
fn category_of(scene: &Scene<'_>, stream: &StreamId) -> Option<String> {
    let categories = &scene.session.streams.categories;
    let listed = categories.iter().find(|category| category.streams.iter().any(|info| info.stream == *stream));
    let named = || categories.iter().find(|category| *category.info.category == *stream.category());
    listed.or_else(named).map(|category| category.info.category.to_string()).filter(|name| !name.is_empty())
}

/// A stream's name without its category's, where it begins with that.
fn below<'a>(category: &str, stream: &'a str) -> &'a str {
    let rest = stream.strip_prefix(category).and_then(|rest| rest.strip_prefix('-'));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(stream)
}

/// Which columns are shown: a menu on their names, by click or by key.
fn columns_menu_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let info = Info { role: egui::Role::Button, name: "Columns", enabled: true, selected: None };
    let response = clickable(ui, rect, "columns", &info);
    if response.has_focus() {
        paint::focus_ring(ui.painter(), rect, 0.0, scene.theme);
    }
    let response =
        tip(response, &Tip { name: "Columns", key: "", help: "Click to choose which are shown" }, scene.theme);
    egui::Popup::menu(&response).width(204.0).show(|ui| {
        for column in HIDEABLE {
            let hidden = is_hidden(scene, column);
            let label = if hidden { format!("Show {column}") } else { format!("Hide {column}") };
            if menu_text_ui(ui, &label, scene.theme) {
                let mut preferences = scene.session.preferences.clone();
                preferences.hidden_columns.retain(|name| name != column);
                if !hidden {
                    preferences.hidden_columns.push(column.to_owned());
                }
                out.push(Action::SetPreferences(preferences));
                ui.close();
            }
        }
    });
}

fn names_of_columns(painter: &Painter, rect: Rect, columns: &Columns, scene: &Scene<'_>) {
    let theme = scene.theme;
    let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
    let middle = rect.center().y;
    if let Some(right) = columns.position {
        // The key of a log of our own has no gaps: it is the position. Another log's may have some.
        let is_position =
            scene.session.scope == Scope::Log || scene.session.log.as_ref().is_some_and(|log| !log.info.read_only);
        paint::right(painter, right, middle, name(if is_position { "Position" } else { "Seq" }));
    }
    if columns.version_shown() {
        paint::right(painter, columns.version, middle, name("Version"));
    }
    if let Some(left) = columns.stream {
        paint::left(painter, left, middle, 104.0, name("Stream"));
    }
    paint::left(painter, columns.kind, middle, 120.0, name("Type"));
    if columns.time_shown {
        let head = format!("Time ({})", words::zone());
        paint::left(painter, columns.time, middle, 92.0, Piece::new(&head, Type::CAPTION_MEDIUM, theme.text_muted));
    }
    if let Some(right) = columns.delta {
        paint::right(painter, right, middle, name("Delta"));
    }
    if columns.payload_end - columns.payload > 40.0 {
        paint::left(painter, columns.payload, middle, 120.0, name("Payload"));
    }
    paint::right(painter, columns.diff, middle, name("Diff"));
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

fn list_ui(ui: &Ui, rect: Rect, rows: &Rows, columns: &Columns, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let session = scene.session;
    let first = session.events.listed().start;
    let place = rows.kept(Place { top: session.events.top.saturating_sub(first), part: session.events.top_part });
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let (visible, mut y) = rows.visible(place);
    for row in visible {
        let row_rect = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::ROW));
        row_ui(ui, &painter, row_rect, rect, first + row, columns, scene, out);
        y += height::ROW;
    }
    if let Some(row) = session.cursor.checked_sub(first).filter(|row| *row <= rows.count) {
        cursor_line(&painter, rect, rows.y_of(place, row), scene.theme);
    }
    let after = scroll_ui(ui, ui.scope_id().with("list"), rect, rows, place, scene.theme, "Scroll events");
    if after != place {
        out.push(Action::ScrollTo { top: first + after.top, part: after.part });
    }
}

/// The cursor stands between the event that was folded last and the next one.
fn cursor_line(painter: &Painter, rect: Rect, y: f32, theme: &Theme) {
    if !(-2.0..=rect.height() + 2.0).contains(&y) {
        return;
    }
    let y = rect.top() + y.max(2.0);
    painter.rect_filled(Rect::from_min_max(pos2(rect.left(), y - 2.0), pos2(rect.right(), y)), 0.0, theme.cursor);
    let tip = [vec2(0.0, -6.0), vec2(8.0, -1.0), vec2(0.0, 4.0)].map(|step| pos2(rect.left(), y) + step);
    paint::polygon(painter, tip.to_vec(), theme.cursor);
}
