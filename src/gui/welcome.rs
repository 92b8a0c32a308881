//! The welcome page: open a file, a path, a recent log, or the demo.

use egui::{Align2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_2, RADIUS_3, height};
use super::widgets::{Button, Field, Icon, Look, Tip, keycaps, keycaps_width, tip};
use super::words;
use crate::event::Time;
use crate::protocol::RecentLog;
use crate::session::{Action, Command, Field as TextField};

const COLUMN: f32 = 504.0;
const GAP: f32 = 32.0;
const RECENT_ROW: f32 = 48.0;
const DEMO_BOX: f32 = 84.0;
const DEMO: f32 = 36.0 + DEMO_BOX;

/// Draws the welcome page.
pub fn welcome_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_app);
    let two = rect.width() >= 1_100.0;
    let width = if two { 2.0 * COLUMN + GAP } else { COLUMN.min(rect.width() - 48.0) };
    let left = (rect.center().x - width / 2.0).round();
    let tall = rect.height() >= 700.0;
    let top = rect.top() + if tall { 72.0 } else { 24.0 };
    let page = Page { left, column: if two { COLUMN } else { width } };
    let mut y = title_ui(ui, pos2(left, top), width, scene);
    y += if tall { 40.0 } else { 16.0 };
    if two {
        let below = open_ui(ui, pos2(page.left, y), &page, 240.0, scene, out);
        demo_ui(ui, pos2(page.left, below + GAP), &page, scene, out);
        let right = page.left + page.column + GAP;
        recent_ui(ui, pos2(right, y), &page, rect.bottom(), scene, out);
    } else {
        let zone = if tall { 200.0 } else { 124.0 };
        let mut below = open_ui(ui, pos2(page.left, y), &page, zone, scene, out);
        if !scene.session.recent.is_empty() {
            below = recent_ui(ui, pos2(page.left, below + 16.0), &page, rect.bottom(), scene, out);
        }
        // Whoever has recent logs needs the demo least; its command stays.
        if below + 16.0 + DEMO < rect.bottom() {
            demo_ui(ui, pos2(page.left, below + 16.0), &page, scene, out);
        }
    }
}

struct Page {
    left: f32,
    column: f32,
}

fn title_ui(ui: &Ui, at: egui::Pos2, width: f32, scene: &Scene<'_>) -> f32 {
    let theme = scene.theme;
    let painter = ui.painter();
    let mark = Rect::from_min_size(at, vec2(64.0, 64.0));
    paint::mark(painter, mark, theme);
    let x = mark.right() + 20.0;
    let room = at.x + width - x;
    let title = Piece::new("Open an event log", Type::DISPLAY, theme.text_strong);
    paint::left(painter, x, at.y + 22.0, room, title);
    let words = "Step through history, see the state at any version, watch writes arrive. A log that Eventscope did not make is never written to.";
    paint::paragraph(
        painter,
        pos2(x, at.y + 42.0),
        room,
        Align2::LEFT_TOP,
        18.0,
        &Piece::new(words, Type::BODY, theme.text_soft),
    )
    .max(mark.bottom())
}

/// The drop zone with its button, and the path field below it. Returns the lower end.
fn open_ui(ui: &mut Ui, at: egui::Pos2, page: &Page, zone: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter().clone();
    paint::left(&painter, at.x, at.y + 10.0, page.column, Piece::new("Open a file", Type::TITLE, theme.text_strong));
    let rect = Rect::from_min_size(pos2(at.x, at.y + 36.0), vec2(page.column, zone));
    painter.rect_filled(rect, 10.0, theme.bg_panel);
    dashed_frame(&painter, rect, theme.line_control);
    let middle = rect.center();
    let tall = zone > 160.0;
    let mut y = rect.top() + if tall { 52.0 } else { 10.0 };
    if tall {
        paint::icon(&painter, pos2(middle.x, y), icons::UPLOAD_SIMPLE, Type::icon(28.0), theme.text_soft);
        y += 36.0;
    } else {
        y += 12.0;
    }
    let words = match &session.opening {
        Some(what) => ("Opening…".to_owned(), paint::cut_middle(what, 60)),
        None => (
            "Drop a log here".to_owned(),
            "SQLite: Eventscope's own, or one that an event-sourcing library wrote".to_owned(),
        ),
    };
    paint::centred(&painter, pos2(middle.x, y), Piece::new(&words.0, Type::TITLE, theme.text_strong));
    paint::centred(&painter, pos2(middle.x, y + 22.0), Piece::new(&words.1, Type::LABEL, theme.text_muted));
    let button =
        Button { icon: Some(Icon::new(icons::FOLDER_OPEN)), look: Look::Primary, ..Button::command(Command::OpenFile) };
    let key = Command::OpenFile.key();
    let (wide, keys) = (button.width(&painter) + 8.0, keycaps_width(&painter, key));
    let left = (middle.x - (wide + 8.0 + keys) / 2.0).round();
    let place = Rect::from_min_size(pos2(left, y + 42.0), vec2(wide, 32.0));
    if button.show(ui, place, theme).clicked() {
        out.push(Action::Run(Command::OpenFile));
    }
    keycaps(&painter, place.right() + 8.0 + keys, place.center().y, key, theme);
    path_ui(ui, pos2(at.x, rect.bottom() + 12.0), page, scene, out)
}

fn path_ui(ui: &mut Ui, at: egui::Pos2, page: &Page, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let (session, theme) = (scene.session, scene.theme);
    let open = Button { text: "Open", ..Button::command(Command::OpenPathField) };
    let width = open.width(ui.painter()) + 8.0;
    let field = Field {
        name: Command::FocusPathField.label(),
        hint: "Path of an event log",
        icon: Some(icons::DATABASE),
        key: Command::FocusPathField.key(),
        data: true,
        wrong: session.open_error.is_some(),
        tip: Tip::command(Command::FocusPathField),
    };
    if session.wants_focus == Some(TextField::Path) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let place = Rect::from_min_size(at, vec2(page.column - width - 8.0, height::CONTROL));
    let mut text = session.path_field.clone();
    let response = field.show(ui, place, &mut text, theme);
    if response.changed() {
        out.push(Action::SetPathField(text));
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let button = Rect::from_min_size(pos2(place.right() + 8.0, at.y), vec2(width, height::CONTROL));
    if open.show(ui, button, theme).clicked() || entered {
        out.push(Action::Run(Command::OpenPathField));
    }
    let mut below = place.bottom();
    if let Some(error) = &session.open_error {
        let piece = Piece::new(error, Type::LABEL, theme.danger);
        let end = paint::paragraph(ui.painter(), pos2(at.x, below + 8.0), page.column, Align2::LEFT_TOP, 16.0, &piece);
        let said = Rect::from_min_max(pos2(at.x, below + 8.0), pos2(at.x + page.column, end));
        let response = ui.interact(said, ui.scope_id().with("open error"), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, error));
        below = end;
        if session.mappable.is_some() {
            let button = Button { icon: Some(Icon::new(icons::TABLE)), ..Button::command(Command::MapTables) };
            let width = button.width(ui.painter());
            let place = Rect::from_min_size(pos2(at.x, below + 8.0), vec2(width, height::CONTROL));
            if button.show(ui, place, theme).clicked() {
                out.push(Action::Run(Command::MapTables));
            }
            below = place.bottom();
        }
    }
    below
}

fn dashed_frame(painter: &egui::Painter, rect: Rect, color: egui::Color32) {
    let rect = rect.shrink(0.5);
    let radius = 10.0;
    let mut outline = Vec::new();
    let corners = [
        (pos2(rect.right() - radius, rect.top() + radius), -90.0_f32),
        (pos2(rect.right() - radius, rect.bottom() - radius), 0.0),
        (pos2(rect.left() + radius, rect.bottom() - radius), 90.0),
        (pos2(rect.left() + radius, rect.top() + radius), 180.0),
    ];
    for (centre, start) in corners {
        for step in 0..=6_u8 {
            let angle = (start + f32::from(step) * 15.0).to_radians();
            outline.push(centre + vec2(angle.cos(), angle.sin()) * radius);
        }
    }
    outline.extend(outline.first().copied());
    painter.extend(Shape::dashed_line(&outline, Stroke::new(1.0, color), 4.0, 4.0));
}

/// The demo.
fn demo_ui(ui: &Ui, at: egui::Pos2, page: &Page, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::left(painter, at.x, at.y + 10.0, page.column, Piece::new("New here?", Type::TITLE, theme.text_strong));
    let rect = Rect::from_min_size(pos2(at.x, at.y + 36.0), vec2(page.column, DEMO_BOX));
    painter.rect(rect, RADIUS_3, theme.bg_panel, theme.outline(), StrokeKind::Inside);
    let x = rect.left() + 16.0;
    let button = Button { icon: Some(Icon::filled(icons::PLAY)), ..Button::command(Command::OpenDemo) };
    let width = button.width(painter);
    let place = Rect::from_min_size(pos2(rect.right() - 16.0 - width, rect.center().y - 14.0), vec2(width, 28.0));
    let room = place.left() - x - 16.0;
    paint::left(
        painter,
        x,
        rect.top() + 22.0,
        room,
        Piece::new("Open the demo log", Type::BODY_STRONG, theme.text_strong),
    );
    let words =
        "A wallet ledger with 50,000 events and a live writer. One account went below zero: find which event did it.";
    let piece = Piece::new(words, Type::LABEL, theme.text_muted);
    paint::paragraph(painter, pos2(x, rect.top() + 34.0), room, Align2::LEFT_TOP, 16.0, &piece);
    if button.show(ui, place, theme).clicked() {
        out.push(Action::Run(Command::OpenDemo));
    }
}

/// The recent logs that there is room for. Returns the lower end.
fn recent_ui(ui: &Ui, at: egui::Pos2, page: &Page, bottom: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    if at.y + 36.0 + RECENT_ROW > bottom {
        return at.y;
    }
    paint::left(painter, at.x, at.y + 10.0, page.column, Piece::new("Recent logs", Type::TITLE, theme.text_strong));
    if session.recent.is_empty() {
        let words = Piece::new("Logs that you open are listed here", Type::LABEL, theme.text_muted);
        paint::left(painter, at.x, at.y + 52.0, page.column, words);
        return at.y + 60.0;
    }
    let clear = Button {
        look: Look::Bare,
        tip: Tip { name: "Clear list", key: "", help: "Forget the recent logs; the logs themselves stay" },
        ..Button::new("Clear list")
    };
    let width = clear.width(painter);
    let place = Rect::from_min_size(pos2(at.x + page.column - width + 8.0, at.y - 4.0), vec2(width, 28.0));
    if clear.show(ui, place, theme).clicked() {
        out.push(Action::ClearRecent);
    }
    let mut y = at.y + 36.0;
    for (index, recent) in session.recent.iter().enumerate() {
        if y + RECENT_ROW > bottom - 8.0 {
            return y;
        }
        let rect = Rect::from_min_size(pos2(at.x - 12.0, y), vec2(page.column + 24.0, RECENT_ROW));
        recent_row_ui(ui, rect, index, recent, scene, out);
        y += RECENT_ROW;
    }
    y
}

fn recent_row_ui(ui: &Ui, rect: Rect, index: usize, recent: &RecentLog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let place = crate::locator::Locator::parse(&recent.locator);
    let name = place.file().file_name().and_then(|name| name.to_str()).unwrap_or(&recent.locator);
    let sentence = format!("Open {name}, {}, {}", recent.layout, words::count(recent.events, "event", "events"));
    let response = ui.interact(rect, ui.scope_id().with(("recent", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &sentence));
    if response.hovered() {
        painter.rect_filled(rect, RADIUS_2, theme.bg_hover);
    }
    if response.has_focus() {
        paint::focus_ring(painter, rect, 6.0, theme);
    }
    let (x, end) = (rect.left() + 12.0, rect.right() - 12.0);
    let (upper, lower) = (rect.top() + 16.0, rect.top() + 33.0);
    paint::icon(painter, pos2(x + 8.0, rect.center().y), icons::DATABASE, Type::icon(16.0), theme.text_muted);
    let size = words::bytes(recent.bytes);
    let right = paint::right(painter, end, upper, Piece::new(&size, Type::DATA_SMALL, theme.text_soft));
    let opened = Time(recent.opened_us);
    let age = match words::age(opened, scene.now).as_str() {
        "now" => "now".to_owned(),
        age => format!("{age} ago"),
    };
    let right = right.min(paint::right(painter, end, lower, Piece::new(&age, Type::CAPTION, theme.text_muted)));
    let room = right - x - 44.0;
    paint::left(painter, x + 32.0, upper, room, Piece::new(name, Type::BODY_MEDIUM, theme.text_strong));
    let facts = if recent.events > 0 {
        format!("{} · {}", recent.layout, words::count(recent.events, "event", "events"))
    } else {
        recent.layout.clone()
    };
    paint::left(painter, x + 32.0, lower, room, Piece::new(&facts, Type::CAPTION, theme.text_muted));
    let clicked = response.clicked();
    tip(response, &Tip { name: &recent.locator, key: "", help: "Open this log" }, theme);
    if clicked {
        out.push(Action::Open(recent.locator.clone()));
    }
}

/// What lies over the window while a file is dragged over it.
pub fn drop_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    painter.rect_filled(rect, 0.0, theme.scrim());
    let zone = Rect::from_center_size(rect.center(), vec2(420.0, 160.0));
    painter.rect_filled(zone, 10.0, theme.bg_raised);
    dashed_frame(&painter, zone, theme.accent);
    paint::icon(&painter, zone.center() - vec2(0.0, 32.0), icons::UPLOAD_SIMPLE, Type::icon(28.0), theme.accent);
    paint::centred(
        &painter,
        zone.center() + vec2(0.0, 8.0),
        Piece::new("Drop to open", Type::TITLE, theme.text_strong),
    );
    let words = Piece::new("It is opened for reading: nothing is written to it", Type::LABEL, theme.text_muted);
    paint::centred(&painter, zone.center() + vec2(0.0, 32.0), words);
}
