//! The bookmarks of the log over the window: a row leads to its event, the note of the chosen one is written below.

use egui::{Area, Id, Order, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::keys::{close_ui, scrim_ui};
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_4, height};
use super::widgets::{Button, Field, Icon, Info, Look, Tip, clickable, empty_ui, tip};
use super::{glyphs, icons, words};
use crate::protocol::Bookmark;
use crate::session::{Action, BookmarksPane, Command, Field as TextField};

const SIZE: [f32; 2] = [640.0, 420.0];
const HEAD: f32 = 48.0;
const FOOT: f32 = 52.0;
const ROW: f32 = 40.0;
const PAD: f32 = 16.0;

/// Draws the bookmarks over the window.
pub fn bookmarks_ui(ui: &Ui, window: Rect, pane: &BookmarksPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let size = vec2(SIZE[0].min(window.width() - 32.0), SIZE[1].min(window.height() - 64.0));
    let at = pos2((window.center().x - size.x / 2.0).round(), (window.center().y - size.y / 2.0).round());
    let rect = Rect::from_min_size(at, size);
    let area =
        Area::new(Id::unique("eventscope bookmarks")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(rect, Sense::HOVER | Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Bookmarks"));
        content_ui(ui, rect, pane, scene, out);
    });
}

fn content_ui(ui: &mut Ui, rect: Rect, pane: &BookmarksPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter().clone();
    painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
    painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let middle = rect.top() + HEAD / 2.0;
    paint::icon(
        &painter,
        pos2(rect.left() + PAD + 7.0, middle),
        icons::BOOKMARK_SIMPLE,
        Type::icon_fill(16.0),
        theme.bookmark,
    );
    let title = Piece::new("Bookmarks", Type::TITLE, theme.text_strong);
    let x = paint::left(&painter, rect.left() + 40.0, middle, 200.0, title);
    let count = words::thousands(session.bookmarks.len() as u64);
    paint::left(&painter, x + 8.0, middle, 80.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
    paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);
    let foot = rect.with_min_y(rect.bottom() - FOOT);
    let list =
        Rect::from_min_max(pos2(rect.left() + 1.0, rect.top() + HEAD + 1.0), pos2(rect.right() - 3.0, foot.top()));
    if session.bookmarks.is_empty() {
        let words = ["No bookmark yet", "Set one with M at an event to find it again"];
        empty_ui(ui, rect.with_min_y(rect.top() + HEAD), icons::BOOKMARK_SIMPLE, words, None, theme);
        return;
    }
    paint::hline(&painter, rect.left(), rect.right(), foot.top(), theme.line_subtle);
    let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(list).id_salt("bookmark list"));
    inside.set_clip_rect(list);
    ScrollArea::vertical().auto_shrink(false).show_rows(&mut inside, ROW, session.bookmarks.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for index in range {
            let (row, _) = ui.allocate_exact_size(vec2(list.width(), ROW), Sense::hover());
            if let Some(mark) = session.bookmarks.get(index) {
                row_ui(ui, row, index, mark, index == pane.chosen, scene, out);
            }
        }
    });
    note_ui(ui, foot, pane, scene, out);
}

fn row_ui(ui: &Ui, rect: Rect, index: usize, mark: &Bookmark, chosen: bool, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let place = match mark.version {
        Some(version) => format!("version {}", words::thousands(version)),
        None => format!("key {}", mark.seq),
    };
    let note = if mark.note.is_empty() { "no note" } else { mark.note.as_str() };
    let name = format!("{} {place}, {}, {note}", mark.stream, mark.event_type);
    let info = Info { role: Role::Row, name: &name, enabled: true, selected: Some(chosen) };
    let response = clickable(ui, rect, ("bookmark", index), &info);
    let painter = ui.painter();
    if chosen {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if response.has_focus() {
        paint::focus_ring(painter, rect.shrink(1.0), 0.0, theme);
    }
    glyphs::paint(painter, pos2(rect.left() + 22.0, rect.center().y), scene.looks.of(&mark.event_type), theme, 1.0);
    let x = rect.left() + 40.0;
    let room = rect.width() - 40.0 - 132.0;
    let stream = paint::cut_middle(mark.stream.as_str(), 40);
    let time = mark.time.map(words::day_and_time).unwrap_or_default();
    let color = if mark.note.is_empty() { theme.text_muted } else { theme.text_strong };
    paint::left(painter, x, rect.top() + 13.0, room, Piece::new(note, Type::BODY, color));
    let facts = format!("{stream} · {place} · {} {time}", mark.event_type);
    paint::left(painter, x, rect.top() + 29.0, room, Piece::new(&facts, Type::CAPTION, theme.text_muted));
    let mut right = rect.right() - 12.0;
    let (go, remove) = (format!("Go to {name}"), format!("Remove {name}"));
    for (name, text, icon, help, action) in [
        (&remove, "", Some(Icon::new(icons::TRASH)), "Take this bookmark away", Action::RemoveBookmark(index)),
        (&go, "Go there", None, "Move the cursor to this event", Action::GoToBookmark(index)),
    ] {
        let button = Button { name, icon, look: Look::Bare, tip: Tip { name, key: "", help }, ..Button::new(text) };
        let width = button.width(painter);
        let place = Rect::from_min_size(pos2(right - width, rect.center().y - 14.0), vec2(width, 28.0));
        if button.show(ui, place, theme).clicked() {
            out.push(action);
        }
        right -= width + 4.0;
    }
    if response.double_clicked() {
        out.push(Action::GoToBookmark(index));
    } else if tip(
        response,
        &Tip { name: &name, key: "", help: "Click to write its note, double click to go there" },
        theme,
    )
    .clicked()
    {
        out.push(Action::ChooseBookmark(index));
    }
}

fn note_ui(ui: &mut Ui, foot: Rect, pane: &BookmarksPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let Some(mark) = scene.session.bookmarks.get(pane.chosen) else { return };
    let theme = scene.theme;
    let middle = foot.center().y;
    let x =
        paint::left(ui.painter(), foot.left() + PAD, middle, 60.0, Piece::new("Note", Type::LABEL, theme.text_muted));
    let field = Field {
        name: "Note of the bookmark",
        hint: "What is worth finding again here",
        icon: None,
        key: "",
        data: false,
        wrong: false,
        tip: Tip { name: "Note", key: "", help: "Kept in the companion file of this log, never in the log" },
    };
    if scene.session.wants_focus == Some(TextField::Note) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let place = Rect::from_min_max(
        pos2(x + 12.0, middle - height::CONTROL / 2.0),
        pos2(foot.right() - PAD, middle + height::CONTROL / 2.0),
    );
    let mut note = mark.note.clone();
    if field.show(ui, place, &mut note, theme).changed() {
        out.push(Action::SetNote(note));
    }
}
