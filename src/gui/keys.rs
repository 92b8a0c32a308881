//! The key sheet: every command with its key, built from the command table. A row runs its command, its key is changed
//! with a click on it.

use egui::{Area, Id, Order, Rect, Role, ScrollArea, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_1, RADIUS_4, height};
use super::widgets::{
    Button, Field, Info, Look, Segment, Tip, clickable, keycaps, keycaps_width, segments, tip, written_keycaps,
};
use super::{icons, keyboard};
use crate::session::{Action, COMMANDS, Command, CommandInfo, Field as TextField, Group, Session};

const WIDTH: f32 = 1_360.0;
const HEAD: f32 = 48.0;
const FOOT: f32 = 40.0;
const PAD: f32 = 16.0;
/// Under this width of a sheet its head has no room for words.
const NARROW: f32 = 1_000.0;

/// One line of a column: the title of a group, a command, or the gap between groups.
enum Entry {
    Title(&'static str),
    Command(&'static CommandInfo),
    Gap,
}

/// Where groups stand: four columns where there is room, else three.
const WIDE: [&[Group]; 4] = [
    &[Group::Replay, Group::Lists],
    &[Group::Marks, Group::Find, Group::Log],
    &[Group::Inspector],
    &[Group::Window, Group::Sandbox],
];
const COLUMNS: [&[Group]; 3] = [
    &[Group::Replay, Group::Lists, Group::Find],
    &[Group::Marks, Group::Window],
    &[Group::Inspector, Group::Log, Group::Sandbox],
];
/// The width of a window that has room for four columns.
const ROOM_FOR_FOUR: f32 = 1_400.0;

fn columns(window: Rect) -> &'static [&'static [Group]] {
    if window.width() >= ROOM_FOR_FOUR { &WIDE } else { &COLUMNS }
}

fn entries(groups: &[Group], session: &Session) -> Vec<Entry> {
    let mut entries = Vec::new();
    for group in groups {
        let listed = COMMANDS.iter().filter(|info| info.group == *group);
        let listed: Vec<Entry> =
            listed.filter(|info| session.keys_sheet.lists(info.command, &session.keys)).map(Entry::Command).collect();
        if listed.is_empty() {
            continue;
        }
        if !entries.is_empty() {
            entries.push(Entry::Gap);
        }
        entries.push(Entry::Title(group.title()));
        entries.extend(listed);
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
    let columns = columns(window);
    // A title for each group, and a gap between two.
    let lines_of =
        |groups: &[Group]| COMMANDS.iter().filter(|info| groups.contains(&info.group)).count() + 2 * groups.len() - 1;
    let lines = columns.iter().map(|groups| lines_of(groups)).max().unwrap_or(1);
    let room = window.height() - 2.0 * PAD - HEAD - FOOT - 24.0;
    #[expect(clippy::cast_precision_loss, reason = "some dozen lines")]
    let line = (room / lines as f32).floor().clamp(20.0, height::ROW);
    #[expect(clippy::cast_precision_loss, reason = "some dozen lines")]
    let list = (line * lines as f32).min(room);
    let size = vec2(WIDTH.min(window.width() - 32.0), HEAD + 12.0 + list + 12.0 + FOOT);
    let at = pos2((window.center().x - size.x / 2.0).round(), (window.center().y - size.y / 2.0).round());
    let sheet = Rect::from_min_size(at, size);
    let area = Area::new(Id::unique("eventscope keys")).order(Order::Foreground).fixed_pos(sheet.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(sheet, egui::Sense::HOVER | egui::Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Keys"));
        sheet_ui(ui, sheet, line, columns, scene, out);
    });
}

fn sheet_ui(ui: &mut Ui, sheet: Rect, line: f32, columns: &[&[Group]], scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.add(theme.shadow_modal().as_shape(sheet, RADIUS_4));
    painter.rect(sheet, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    sheet_head_ui(ui, sheet.with_max_y(sheet.top() + HEAD), scene, out);
    paint::hline(&painter, sheet.left(), sheet.right(), sheet.top() + HEAD, theme.line_subtle);
    let foot = sheet.with_min_y(sheet.bottom() - FOOT);
    let list =
        Rect::from_min_max(pos2(sheet.left(), sheet.top() + HEAD + 12.0), pos2(sheet.right() - 2.0, foot.top() - 12.0));
    let columns: Vec<Vec<Entry>> = columns.iter().map(|groups| entries(groups, scene.session)).collect();
    let lines = columns.iter().map(Vec::len).max().unwrap_or(0);
    if lines == 0 {
        let words = Piece::new("No command has this name or this key", Type::LABEL, theme.text_muted);
        paint::centred(&painter, list.center(), words);
    }
    let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(list).id_salt("key list"));
    inside.set_clip_rect(list);
    ScrollArea::vertical().auto_shrink(false).show(&mut inside, |ui| {
        #[expect(clippy::cast_precision_loss, reason = "some dozen lines")]
        let (area, _) = ui.allocate_exact_size(vec2(list.width(), line * lines as f32), egui::Sense::hover());
        #[expect(clippy::cast_precision_loss, reason = "three or four columns")]
        let width = (area.width() - 2.0 * PAD) / columns.len() as f32;
        let mut left = area.left() + PAD;
        for column in &columns {
            let mut y = area.top();
            for entry in column {
                let rect = Rect::from_min_size(pos2(left, y), vec2(width - PAD, line));
                match entry {
                    Entry::Title(title) => {
                        let piece = Piece::new(title, Type::CAPTION_MEDIUM, theme.text_muted);
                        paint::left(ui.painter(), rect.left() + 8.0, rect.center().y, width, piece);
                    }
                    Entry::Command(info) => command_ui(ui, rect, info, scene, out),
                    Entry::Gap => {}
                }
                y += line;
            }
            left += width;
        }
    });
    paint::hline(&painter, sheet.left(), sheet.right(), foot.top(), theme.line_subtle);
    foot_ui(ui, foot, scene, out);
}

/// The title, the field that finds a command or a key, what is listed, the close button.
fn sheet_head_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let middle = rect.center().y;
    let painter = ui.painter().clone();
    let title = Piece::new("Keys", Type::TITLE, theme.text_strong);
    let x = paint::left(&painter, rect.left() + PAD, middle, 200.0, title);
    close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
    let right = rect.right() - PAD - keycaps_width(&painter, Command::Escape.key()) - 16.0;
    let choice = |text, help| Segment { text, tip: Tip { name: text, key: "", help } };
    let choices = [choice("All", "List every command"), choice("Changed", "List commands with keys of your own")];
    let place = Rect::from_min_max(pos2(rect.left(), middle - 14.0), pos2(right, middle + 14.0));
    let chosen = usize::from(session.keys_sheet.changed);
    let (left, clicked) = segments(ui, place, &choices, chosen, theme);
    if let Some(index) = clicked.filter(|index| *index != chosen) {
        out.push(Action::ShowChangedKeys(index == 1));
    }
    let field = Field {
        name: "Find a command or key",
        hint: "Find, or press keys",
        icon: Some(icons::MAGNIFYING_GLASS),
        key: "",
        data: false,
        wrong: false,
        tip: Tip { name: "Find", key: "", help: "Type a part of a name, or press a key with Ctrl or Alt" },
    };
    let id = Field::id(ui, field.name);
    if session.wants_focus == Some(TextField::Keys) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let place =
        Rect::from_min_max(pos2((left - 8.0 - 240.0).max(x + 16.0), middle - 14.0), pos2(left - 8.0, middle + 14.0));
    let mut text = session.keys_sheet.find.clone();
    let response = field.show(ui, place, &mut text, theme);
    if response.changed() {
        out.push(Action::SetKeysFind(text));
    } else if response.has_focus()
        && let Some(key) = keyboard::looked_for(ui.ctx())
    {
        out.push(Action::SetKeysFind(key));
    }
    if rect.width() >= NARROW {
        let words = Piece::new("A row runs its command, a click on its key changes it", Type::LABEL, theme.text_muted);
        paint::left(&painter, x + 12.0, middle, place.left() - x - 24.0, words);
    }
}

/// What the sheet says below: a clash that waits for a decision, else a hint.
fn foot_ui(ui: &Ui, foot: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = foot.center().y;
    let left = foot.left() + PAD;
    if let (Some((key, holder)), Some(command)) = (&session.keys_sheet.clash, session.keys_sheet.capture) {
        painter.rect_filled(foot.shrink2(vec2(1.0, 1.0)), RADIUS_4, theme.bg_caution);
        let words = format!("{key} belongs to {}. Take it for {}?", holder.label(), command.label());
        let mut right = foot.right() - PAD;
        for (text, help, action) in [
            ("Leave it", "Keep the keys as they are", Action::CaptureKey(None)),
            ("Take it", "The other command then goes without this key", Action::TakeKey),
        ] {
            let button = Button { tip: Tip { name: text, key: "", help }, ..Button::new(text) };
            let width = button.width(painter);
            let place = Rect::from_min_size(pos2(right - width, middle - 12.0), vec2(width, 24.0));
            if button.show(ui, place, theme).clicked() {
                out.push(action);
            }
            right -= width + 8.0;
        }
        paint::left(painter, left, middle, right - left, Piece::new(&words, Type::LABEL, theme.text));
        let said = ui.interact(foot.with_max_x(right), ui.scope_id().with("clash"), egui::Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &words));
        return;
    }
    let own = session.keys.own_count();
    let words = match own {
        0 => "Single letters act when no text field has focus".to_owned(),
        1 => "Single letters act when no text field has focus. Keys of 1 command are yours".to_owned(),
        _ => format!("Single letters act when no text field has focus. Keys of {own} commands are yours"),
    };
    paint::left(painter, left, middle, foot.width() - 160.0, Piece::new(&words, Type::CAPTION, theme.text_muted));
    if own > 0 {
        let button = Button { look: Look::Link, name: "Reset", ..Button::command(Command::ResetKeys) };
        let width = button.width(painter);
        let place = Rect::from_min_size(pos2(foot.right() - PAD - width, middle - 12.0), vec2(width, 24.0));
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Run(Command::ResetKeys));
        }
    }
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
    let focused = ui.memory(|memory| memory.has_focus(ui.scope_id().with(("command", info.label))));
    if focused || ui.rect_contains_pointer(rect) {
        painter.rect_filled(rect, RADIUS_1, theme.bg_selected);
    }
    let left = keys_of_command_ui(ui, rect, info, scene, out);
    // The name runs the command; its keys, beside it, are changed with a click.
    let told = Info { role: Role::MenuItem, name: info.label, enabled: true, selected: None };
    let response = clickable(ui, rect.with_max_x(left - 8.0), ("command", info.label), &told);
    let room = left - rect.left() - 20.0;
    paint::left(painter, rect.left() + 8.0, rect.center().y, room, Piece::new(info.label, Type::LABEL, theme.text));
    if tip(response, &Tip { name: info.label, key: "", help: info.help }, theme).clicked() {
        if info.command != Command::Keys && info.command != Command::Escape {
            out.push(Action::Run(Command::Keys));
        }
        out.push(Action::Run(info.command));
    }
}

/// The keys of a command at the right end of its row: a click waits for another key. Returns where they begin.
fn keys_of_command_ui(ui: &Ui, rect: Rect, info: &CommandInfo, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = rect.center().y;
    let end = rect.right() - 8.0;
    if session.keys_sheet.capture == Some(info.command) {
        let words = Piece::new("Press a key, Esc leaves it", Type::CAPTION_MEDIUM, theme.accent);
        return paint::right(painter, end, middle, words);
    }
    let keys = session.keys.keys(info.command);
    let mut left = end;
    for (index, key) in keys.iter().enumerate().rev() {
        left = written_keycaps(painter, left, middle, key, theme);
        if index > 0 {
            left = paint::right(painter, left - 6.0, middle, Piece::new("or", Type::CAPTION, theme.text_muted)) - 6.0;
        }
    }
    if keys.is_empty() {
        left = paint::right(painter, left, middle, Piece::new("no key", Type::CAPTION, theme.text_muted));
    }
    let own = session.keys.is_own(info.command);
    let area = Rect::from_min_max(pos2(left - 6.0, rect.top() + 1.0), pos2(rect.right() - 2.0, rect.bottom() - 1.0));
    if info.command != Command::Escape {
        let name = format!("Change the key of {}", info.label);
        let response = clickable(ui, area, ("change", info.label), &Info::button(&name));
        if response.hovered() || response.has_focus() {
            painter.rect_stroke(area, RADIUS_1, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
        }
        let help =
            if own { "Click for another key, right click for the key of the table" } else { "Click for another key" };
        let response = tip(response, &Tip { name: &name, key: "", help }, theme);
        if response.secondary_clicked() && own {
            out.push(Action::ResetKey(info.command));
        } else if response.clicked() {
            out.push(Action::CaptureKey(Some(info.command)));
        }
    }
    if own {
        left = paint::right(painter, left - 10.0, middle, Piece::new("yours", Type::CAPTION, theme.text_muted));
    }
    left
}
