//! The top bar: which log, how it was opened, live, snapshot.

use egui::{Popup, Rect, Role, Stroke, StrokeKind, Ui, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{INSET, RADIUS_1, RADIUS_2, height};
use super::widgets::{Button, Icon, Info, Tip, chip, chip_width, clickable, keycaps, menu_item_ui, tip, toggle};
use super::words;
use crate::protocol::ThemeChoice;
use crate::session::{Action, Command, Session, View};

const GAP: f32 = 8.0;
const SEARCH: f32 = 344.0;

/// Draws the top bar.
pub fn topbar_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.rect_filled(rect, 0.0, theme.bg_bar);
    paint::hline(&painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let middle = rect.center().y - 0.5;
    let mark = Rect::from_min_size(pos2(rect.left() + INSET, middle - 10.0), vec2(20.0, 20.0));
    paint::mark(&painter, mark, theme);
    let name = Piece::new("Eventscope", Type::BODY_STRONG, theme.text_strong);
    let left = paint::left(&painter, rect.left() + 40.0, middle, f32::INFINITY, name);

    let right = right_side_ui(ui, rect, middle, scene, out);
    let right = search_ui(ui, rect, left, right - GAP, middle, scene, out);
    if let Some(pane) = &scene.session.mapping {
        let x = left + 24.0;
        paint::vline(&painter, (x - 12.0).round(), middle - 10.0, middle + 10.0, theme.line_subtle);
        mapped_ui(&painter, x, middle, right - GAP, &pane.survey.locator, scene);
    } else if scene.session.shows_log() {
        let right = views_ui(ui, right - GAP, middle, scene, out);
        let x = left + 24.0;
        paint::vline(&painter, (x - 12.0).round(), middle - 10.0, middle + 10.0, theme.line_subtle);
        log_ui(ui, x, middle, right - GAP, scene, out);
    }
}

/// What looks like a field and opens the palette; returns where it begins. In a narrow window it is its icon.
fn search_ui(ui: &Ui, rect: Rect, left: f32, right: f32, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let painter = ui.painter();
    let welcome = scene.session.view == View::Welcome;
    let place = |left: f32, width: f32| {
        Rect::from_min_size(pos2(left, middle - height::CONTROL / 2.0), vec2(width, height::CONTROL))
    };
    if !welcome && scene.room < Room::Normal {
        let icon = Icon::new(icons::MAGNIFYING_GLASS);
        let button = place(right - 28.0, 28.0);
        if Button::icon_of(Command::Palette, icon).show(ui, button, theme).clicked() {
            out.push(Action::Run(Command::Palette));
        }
        return button.left();
    }
    let field = if welcome {
        let width = SEARCH.min(right - left - 2.0 * INSET);
        place((rect.center().x - width / 2.0).round().max(left + INSET), width)
    } else {
        place((right - GAP - SEARCH).round(), SEARCH)
    };
    let info = Info { role: Role::Button, name: Command::Palette.label(), enabled: true, selected: None };
    let response = clickable(ui, field, "search", &info);
    let line = if response.hovered() { theme.line_control } else { theme.line_strong };
    painter.rect(field, RADIUS_2, theme.bg_field, Stroke::new(1.0, line), StrokeKind::Inside);
    if response.has_focus() {
        paint::focus_ring(painter, field, f32::from(RADIUS_2.nw), theme);
    }
    paint::icon(
        painter,
        pos2(field.left() + 15.0, middle),
        icons::MAGNIFYING_GLASS,
        Type::icon(14.0),
        theme.text_muted,
    );
    let end = keycaps(painter, field.right() - 5.0, middle, Command::Palette.key(), theme);
    let x = field.left() + 30.0;
    let words = if welcome { "Run a command" } else { "Run a command, go to a stream or version" };
    paint::left(painter, x, middle, end - 8.0 - x, Piece::new(words, Type::LABEL, theme.text_muted));
    if tip(response, &Tip::command(Command::Palette), theme).clicked() {
        out.push(Action::Run(Command::Palette));
    }
    field.left()
}

/// The file whose tables are mapped, and how it was opened.
fn mapped_ui(painter: &egui::Painter, x: f32, middle: f32, right: f32, locator: &str, scene: &Scene<'_>) {
    let theme = scene.theme;
    let place = crate::locator::Locator::parse(locator);
    let name = place.file().file_name().and_then(|name| name.to_str()).unwrap_or(locator);
    paint::icon(painter, pos2(x + 8.0, middle), icons::DATABASE, Type::icon(16.0), theme.text_soft);
    let end =
        paint::left(painter, x + 22.0, middle, right - x - 22.0, Piece::new(name, Type::LABEL_MEDIUM, theme.text));
    let mut x = end + 12.0;
    for (icon, text, color) in
        [(icons::LOCK_SIMPLE, "Read-only", theme.text_soft), (icons::WARNING, "Mapping", theme.warn)]
    {
        if x + chip_width(painter, Some(icon), text) < right {
            x = chip(painter, x, middle, Some(icon), text, color, theme).right() + 6.0;
        }
    }
}

/// The switch between the views of the log, ending at `right`; returns where it begins.
fn views_ui(ui: &Ui, right: f32, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let painter = ui.painter();
    let words = scene.room >= Room::Normal;
    let views = [
        (View::Replay, Command::ViewReplay, icons::CLOCK_COUNTER_CLOCKWISE),
        (View::Throughput, Command::ViewThroughput, icons::PULSE),
    ];
    let width_of = |command: Command| {
        if words { (paint::width(painter, command.label(), Type::LABEL_MEDIUM) + 44.0).ceil() } else { 32.0 }
    };
    let width: f32 = views.iter().map(|(_, command, _)| width_of(*command)).sum::<f32>() + 4.0;
    let frame = Rect::from_min_size(
        pos2((right - width).round(), middle - height::CONTROL / 2.0),
        vec2(width, height::CONTROL),
    );
    painter.rect(frame, RADIUS_2, theme.bg_field, theme.outline(), StrokeKind::Inside);
    let mut x = frame.left() + 2.0;
    for (view, command, icon) in views {
        let on = scene.session.view == view;
        let part = Rect::from_min_size(pos2(x, frame.top() + 2.0), vec2(width_of(command), frame.height() - 4.0));
        let info = Info { role: Role::RadioButton, name: command.label(), enabled: true, selected: Some(on) };
        let response = clickable(ui, part, ("view", command.label()), &info);
        if on {
            painter.rect_filled(part, RADIUS_1, theme.bg_active);
        }
        let color = match (on, response.hovered()) {
            (true, _) => theme.text_strong,
            (false, true) => theme.text,
            (false, false) => theme.text_soft,
        };
        let at = if words { pos2(part.left() + 17.0, middle) } else { part.center() };
        paint::icon(painter, at, icon, Type::icon(16.0), color);
        if words {
            paint::left(
                painter,
                part.left() + 32.0,
                middle,
                part.width(),
                Piece::new(command.label(), Type::LABEL_MEDIUM, color),
            );
        }
        if response.has_focus() {
            paint::focus_ring(painter, part, f32::from(RADIUS_1.nw), theme);
        }
        if tip(response, &Tip::command(command), theme).clicked() {
            out.push(Action::Run(command));
        }
        x += part.width();
    }
    frame.left()
}

/// Everything from the right edge; returns where it begins.
fn right_side_ui(ui: &mut Ui, rect: Rect, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let place = |right: f32, width: f32| {
        Rect::from_min_size(pos2(right - width, middle - height::CONTROL / 2.0), vec2(width, height::CONTROL))
    };
    let mut right = rect.right() - 6.0;
    let light = match scene.session.theme {
        ThemeChoice::Light => true,
        ThemeChoice::Dark => false,
        ThemeChoice::System => !theme.dark,
    };
    let sun = Icon::new(if light { icons::MOON } else { icons::SUN });
    for button in [Button::icon_of(Command::Keys, Icon::new(icons::QUESTION)), Button::icon_of(Command::Theme, sun)] {
        let command = if button.name == Command::Keys.label() { Command::Keys } else { Command::Theme };
        if button.show(ui, place(right, 28.0), theme).clicked() {
            out.push(Action::Run(command));
        }
        right -= 28.0 + 4.0;
    }
    if !scene.session.shows_log() {
        return right;
    }
    right -= GAP;
    paint::vline(&painter, right.round(), middle - 10.0, middle + 10.0, theme.line_subtle);
    right -= GAP + 4.0;
    let snapshot = Button {
        text: if scene.room <= Room::Narrow { "" } else { "Snapshot" },
        hint: Command::Snapshot.key(),
        diamond: true,
        enabled: scene.session.cursor > 0,
        ..Button::command(Command::Snapshot)
    };
    let width = snapshot.width(&painter).max(32.0);
    if snapshot.show(ui, place(right, width), theme).clicked() {
        out.push(Action::Run(Command::Snapshot));
    }
    right -= width + GAP;
    let rate = live_words(scene.session);
    let width =
        44.0 + paint::width(&painter, "Live", Type::LABEL_MEDIUM) + GAP + paint::width(&painter, &rate, Type::DATA);
    live_ui(ui, place(right, (width + 10.0).ceil()), &rate, scene, out);
    right - width - 10.0
}

fn live_words(session: &Session) -> String {
    if session.live.paused().is_some() { "paused".to_owned() } else { format!("{}/s", words::figures(rate(session))) }
}

/// Events a second over the newest second.
#[expect(clippy::cast_precision_loss, reason = "three significant figures are shown")]
fn rate(session: &Session) -> f64 {
    let shown = session.live.shown();
    let from = shown.len().saturating_sub(4);
    let (events, span) = shown.skip(from).fold((0, 0), |sum, sample| (sum.0 + sample.events, sum.1 + sample.span_ms));
    if span == 0 { 0.0 } else { events as f64 * 1_000.0 / span as f64 }
}

fn live_ui(ui: &Ui, rect: Rect, rate: &str, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, on) = (scene.theme, scene.session.live.paused().is_none());
    let painter = ui.painter();
    let info = Info { role: Role::Switch, name: Command::PauseLive.label(), enabled: true, selected: Some(on) };
    let response = clickable(ui, rect, "live", &info);
    let fill = if response.hovered() { theme.bg_active } else { theme.bg_field };
    painter.rect(rect, RADIUS_2, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    if response.has_focus() {
        paint::focus_ring(painter, rect, f32::from(RADIUS_2.nw), theme);
    }
    let middle = rect.center().y;
    toggle(painter, rect.left() + 10.0, middle, on, theme);
    let x = paint::left(
        painter,
        rect.left() + 42.0,
        middle,
        f32::INFINITY,
        Piece::new("Live", Type::LABEL_MEDIUM, theme.text),
    );
    let color = if on { theme.live } else { theme.text_muted };
    paint::left(painter, x + GAP, middle, f32::INFINITY, Piece::new(rate, Type::DATA, color));
    if tip(response, &Tip::command(Command::PauseLive), theme).clicked() {
        out.push(Action::Run(Command::PauseLive));
    }
}

fn log_ui(ui: &mut Ui, x: f32, middle: f32, right: f32, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let Some(log) = &scene.session.log else { return };
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let room = (right - x - 60.0).clamp(60.0, 240.0);
    let galley = paint::layout(&painter, &[Piece::new(&log.info.name, Type::BODY_MEDIUM, theme.text_strong)], room);
    let width = galley.size().x + 52.0;
    let rect = Rect::from_min_size(pos2(x, middle - height::CONTROL / 2.0), vec2(width, height::CONTROL));
    let response = clickable(ui, rect, "log menu", &Info::button("Log menu"));
    if response.hovered() || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response)) {
        painter.rect_filled(rect, RADIUS_2, theme.bg_active);
    }
    if response.has_focus() {
        paint::focus_ring(&painter, rect, f32::from(RADIUS_2.nw), theme);
    }
    paint::icon(&painter, pos2(x + 14.0, middle), icons::DATABASE, Type::icon(16.0), theme.text_soft);
    let end = paint::place(&painter, x + 28.0, middle, Type::BODY_MEDIUM, galley);
    paint::icon(&painter, pos2(end + 12.0, middle), icons::CARET_DOWN, Type::icon_bold(10.0), theme.text_muted);
    let words = Tip { name: "Log menu", key: "", help: &log.info.locator };
    let response = tip(response, &words, theme);
    Popup::menu(&response).width(220.0).show(|ui| {
        for command in [
            Command::OpenFile,
            Command::FocusPathField,
            Command::OpenDemo,
            Command::Bookmarks,
            Command::Settings,
            Command::CloseLog,
        ] {
            if menu_item_ui(ui, command, theme) {
                out.push(Action::Run(command));
                ui.close();
            }
        }
    });
    chips_ui(ui, rect.right() + GAP, middle, right, scene);
}

/// The proof of how it was opened, as much of it as there is room for.
fn chips_ui(ui: &Ui, x: f32, middle: f32, right: f32, scene: &Scene<'_>) {
    let Some(log) = &scene.session.log else { return };
    let narrow = scene.room <= Room::Narrow;
    let mut chips: Vec<(Option<char>, String, String)> = Vec::new();
    if log.info.read_only {
        let text = if narrow { String::new() } else { "Read-only".to_owned() };
        chips.push((Some(icons::LOCK_SIMPLE), text, log.info.access.sentence().to_owned()));
    }
    if log.demo {
        chips.push((Some(icons::FLASK), "Demo".to_owned(), "Made by Eventscope, with a live writer".to_owned()));
    }
    if log.info.journal == "wal" && scene.room >= Room::Normal {
        chips.push((None, "WAL".to_owned(), "The log keeps a write-ahead log".to_owned()));
    }
    if !narrow {
        chips.push((None, log.info.layout_title.clone(), log.info.evidence.join(", ")));
    }
    let painter = ui.painter();
    let mut x = x;
    for (icon, text, sentence) in chips {
        if x + chip_width(painter, icon, &text) > right {
            return;
        }
        let rect = chip(painter, x, middle, icon, &text, scene.theme.text_soft, scene.theme);
        let response = ui.interact(rect, ui.scope_id().with(("chip", &text, icon)), egui::Sense::HOVER);
        let name = if text.is_empty() { "Read-only" } else { &text };
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, name));
        tip(response, &Tip { name, key: "", help: &sentence }, scene.theme);
        x = rect.right() + GAP;
    }
}
