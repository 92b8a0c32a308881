//! The key sheet: every command with its key, built from the command table. A row runs its command.

use egui::{Area, Id, Order, Rect, Role, Stroke, StrokeKind, Ui, pos2, vec2};

use super::fonts::Type;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_1, RADIUS_4, height};
use super::widgets::{Button, Info, Look, Tip, clickable, keycaps, tip};
use crate::session::{Action, COMMANDS, Command, CommandInfo, Group};

const WIDTH: f32 = 1_160.0;
const HEAD: f32 = 48.0;
const FOOT: f32 = 40.0;
const PAD: f32 = 16.0;

/// One line of a column: the title of a group, a command, or the gap between groups.
enum Entry {
    Title(&'static str),
    Command(&'static CommandInfo),
    Gap,
}

/// Where groups stand: three columns.
const COLUMNS: [&[Group]; 3] = [&[Group::Replay], &[Group::Log, Group::Inspector], &[Group::Lists, Group::Window]];

fn entries(groups: &[Group]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for group in groups {
        if !entries.is_empty() {
            entries.push(Entry::Gap);
        }
        entries.push(Entry::Title(group.title()));
        entries.extend(COMMANDS.iter().filter(|info| info.group == *group).map(Entry::Command));
    }
    entries
}

/// Draws a scrim over the window that takes every click; true where it was clicked.
pub fn scrim_ui(ui: &Ui, window: Rect, scene: &Scene<'_>) -> bool {
    let id = Id::unique("eventscope scrim");
    Area::new(id)
        .order(Order::Middle)
        .fixed_pos(window.min)
        .movable(false)
        .show(ui.ctx(), |ui| {
            let response = ui.allocate_rect(window, egui::Sense::CLICK | egui::Sense::DRAG);
            ui.painter().rect_filled(window, 0.0, scene.theme.scrim());
            response.clicked()
        })
        .inner
}

/// Draws the key sheet over the window.
pub fn keys_ui(ui: &Ui, window: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let columns = COLUMNS.map(entries);
    let lines = columns.iter().map(Vec::len).max().unwrap_or(0);
    let room = window.height() - 2.0 * PAD - HEAD - FOOT - 24.0;
    #[expect(clippy::cast_precision_loss, reason = "some dozen lines")]
    let line = (room / lines as f32).floor().clamp(18.0, height::ROW);
    #[expect(clippy::cast_precision_loss, reason = "some dozen lines")]
    let tall = HEAD + 12.0 + line * lines as f32 + 12.0 + FOOT;
    let size = vec2(WIDTH.min(window.width() - 32.0), tall);
    let at = pos2((window.center().x - size.x / 2.0).round(), (window.center().y - size.y / 2.0).round());
    let sheet = Rect::from_min_size(at, size);
    let area = Area::new(Id::unique("eventscope keys")).order(Order::Foreground).fixed_pos(sheet.min).movable(false);
    area.show(ui.ctx(), |ui| {
        ui.allocate_rect(sheet, egui::Sense::HOVER | egui::Sense::CLICK);
        sheet_ui(ui, sheet, &columns, line, scene, out);
    });
}

fn sheet_ui(ui: &Ui, sheet: Rect, columns: &[Vec<Entry>], line: f32, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.add(theme.shadow_modal().as_shape(sheet, RADIUS_4));
    painter.rect(sheet, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let middle = sheet.top() + HEAD / 2.0;
    let x = paint::left(painter, sheet.left() + PAD, middle, 200.0, Piece::new("Keys", Type::TITLE, theme.text_strong));
    let words = "A row runs its command";
    paint::left(painter, x + 12.0, middle, 400.0, Piece::new(words, Type::LABEL, theme.text_muted));
    close_ui(ui, pos2(sheet.right() - PAD, middle), scene, out);
    paint::hline(painter, sheet.left(), sheet.right(), sheet.top() + HEAD, theme.line_subtle);
    #[expect(clippy::cast_precision_loss, reason = "three columns")]
    let width = (sheet.width() - 2.0 * PAD) / columns.len() as f32;
    let mut left = sheet.left() + PAD;
    for column in columns {
        let mut y = sheet.top() + HEAD + 12.0;
        for entry in column {
            let rect = Rect::from_min_size(pos2(left, y), vec2(width - PAD, line));
            match entry {
                Entry::Title(title) => {
                    let piece = Piece::new(title, Type::CAPTION_MEDIUM, theme.text_muted);
                    paint::left(painter, rect.left() + 8.0, rect.center().y, width, piece);
                }
                Entry::Command(info) => command_ui(ui, rect, info, scene, out),
                Entry::Gap => {}
            }
            y += line;
        }
        left += width;
    }
    let foot = sheet.bottom() - FOOT;
    paint::hline(painter, sheet.left(), sheet.right(), foot, theme.line_subtle);
    let words = Piece::new("Single letters act when no text field has focus", Type::CAPTION, theme.text_muted);
    paint::left(painter, sheet.left() + PAD, foot + FOOT / 2.0, sheet.width(), words);
}

/// The close button of a dialog: its key, ending at a point.
pub fn close_ui(ui: &Ui, at: egui::Pos2, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let key = Command::Escape.key();
    let width = super::widgets::keycaps_width(ui.painter(), key);
    let rect = Rect::from_min_size(pos2(at.x - width - 4.0, at.y - 14.0), vec2(width + 8.0, 28.0));
    let button = Button {
        text: "",
        look: Look::Bare,
        name: "Close",
        tip: Tip { name: "Close", key, help: "Close this" },
        ..Button::new("Close")
    };
    if button.show(ui, rect, scene.theme).clicked() {
        out.push(Action::Run(Command::Escape));
    }
    keycaps(ui.painter(), at.x, at.y, key, scene.theme);
}

fn command_ui(ui: &Ui, rect: Rect, info: &CommandInfo, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let told = Info { role: Role::MenuItem, name: info.label, enabled: true, selected: None };
    let response = clickable(ui, rect, ("command", info.label), &told);
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, RADIUS_1, theme.bg_selected);
    }
    let middle = rect.center().y;
    let mut right = rect.right() - 8.0;
    for (index, key) in info.keys.iter().enumerate().rev() {
        right = keycaps(painter, right, middle, key, theme);
        if index > 0 {
            right = paint::right(painter, right - 6.0, middle, Piece::new("or", Type::CAPTION, theme.text_muted)) - 6.0;
        }
    }
    let room = right - rect.left() - 20.0;
    paint::left(painter, rect.left() + 8.0, middle, room, Piece::new(info.label, Type::LABEL, theme.text));
    if tip(response, &Tip { name: info.label, key: "", help: info.help }, theme).clicked() {
        if info.command != Command::Keys && info.command != Command::Escape {
            out.push(Action::Run(Command::Keys));
        }
        out.push(Action::Run(info.command));
    }
}
