//! The palette over the window: a field, and what it finds.

use egui::{
    Area, Color32, FontSelection, Id, Key, Margin, Modifiers, Order, Rect, Role, Stroke, StrokeKind, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};

use super::fonts::{Face, Type};
use super::icons;
use super::keys::scrim_ui;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_2, RADIUS_4};
use super::widgets::{Info, clickable, keycaps, keycaps_width};
use super::words;
use crate::session::{Action, Command, Entry, Field, Palette};

const WIDTH: f32 = 640.0;
const HEAD: f32 = 48.0;
const ROW: f32 = 32.0;
const ROWS_MAX: usize = 12;
const FOOT: f32 = 36.0;
const PAD: f32 = 16.0;

/// Draws the palette over the window.
pub fn palette_ui(ui: &Ui, window: Rect, palette: &Palette, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let entries = palette.entries(&scene.session.scope);
    let fits = ((window.height() - 88.0 - HEAD - FOOT - 24.0) / ROW).floor().max(3.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a dozen rows")]
    let rows = entries.len().clamp(1, ROWS_MAX.min(fits as usize));
    #[expect(clippy::cast_precision_loss, reason = "a dozen rows")]
    let size = vec2(WIDTH.min(window.width() - 32.0), HEAD + 8.0 + ROW * rows as f32 + 8.0 + FOOT);
    let rect = Rect::from_min_size(pos2((window.center().x - size.x / 2.0).round(), window.top() + 88.0), size);
    let area = Area::new(Id::unique("eventscope palette")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(rect, egui::Sense::HOVER | egui::Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Palette"));
        let (theme, painter) = (scene.theme, ui.painter().clone());
        painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
        painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        walk(ui, out);
        head_ui(ui, Rect::from_min_size(rect.min, vec2(rect.width(), HEAD)), palette, entries.len(), scene, out);
        paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);
        let list = Rect::from_min_max(
            pos2(rect.left() + 4.0, rect.top() + HEAD + 8.0),
            pos2(rect.right() - 4.0, rect.bottom() - FOOT - 8.0),
        );
        if entries.is_empty() {
            paint::centred(&painter, list.center(), Piece::new(nothing(palette), Type::LABEL, theme.text_muted));
        }
        // The chosen entry is always in view.
        let first = (palette.chosen + 1).saturating_sub(rows).min(entries.len().saturating_sub(rows));
        for (line, (index, entry)) in entries.iter().enumerate().skip(first).take(rows).enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a dozen rows")]
            let top = list.top() + ROW * line as f32;
            let place = Rect::from_min_size(pos2(list.left(), top), vec2(list.width(), ROW));
            entry_ui(ui, place, index, entry, index == palette.chosen, scene, out);
        }
        foot_ui(ui, rect.with_min_y(rect.bottom() - FOOT), scene);
    });
}

fn nothing(palette: &Palette) -> &'static str {
    match palette.text.trim().chars().next() {
        Some('@') => "No stream with this name is known yet",
        Some(':') => "Type a version, a position, or a time such as 2026-07-19T14:32",
        _ => "No command matches",
    }
}

/// Arrows and Enter belong to the list, whatever has the focus.
fn walk(ui: &Ui, out: &mut Vec<Action>) {
    ui.input_mut(|input| {
        while input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            out.push(Action::MovePalette(1));
        }
        while input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            out.push(Action::MovePalette(-1));
        }
        if input.consume_key(Modifiers::NONE, Key::Enter) {
            out.push(Action::ChoosePalette(None));
        }
    });
}

fn head_ui(ui: &mut Ui, rect: Rect, palette: &Palette, count: usize, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let middle = rect.center().y;
    paint::icon(
        &painter,
        pos2(rect.left() + PAD + 8.0, middle),
        icons::MAGNIFYING_GLASS,
        Type::icon(16.0),
        theme.text_muted,
    );
    let mut right = keycaps(&painter, rect.right() - PAD, middle, "Escape", theme) - 8.0;
    let results =
        if count == 1 { "1 result".to_owned() } else { format!("{} results", words::thousands(count as u64)) };
    right = paint::right(&painter, right, middle, Piece::new(&results, Type::CAPTION, theme.text_muted));
    let inner = Rect::from_min_max(pos2(rect.left() + PAD + 28.0, rect.top()), pos2(right - 12.0, rect.bottom()));
    let id = ui.scope_id().with("palette field");
    if scene.session.wants_focus == Some(Field::Palette) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let mut text = palette.text.clone();
    let face = Face::Ui.at(15.0);
    let hint = egui::RichText::new("Run a command, @ a stream, : a version or time")
        .font(face.clone())
        .color(theme.text_muted);
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(FontSelection::FontId(face))
        .text_color(theme.text_strong)
        .hint_text(hint)
        .frame(egui::Frame::NONE)
        .background_color(Color32::TRANSPARENT)
        .margin(Margin::ZERO)
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(inner.width())
        .min_size(inner.size());
    let response = ui.put(inner, edit).accessible_name("Palette text");
    if response.changed() {
        // The cursor of a text that was given stands at its end.
        out.push(Action::SetPaletteText(text));
    }
}

fn entry_ui(
    ui: &Ui,
    rect: Rect,
    index: usize,
    entry: &Entry<'_>,
    chosen: bool,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let (label, note, key) = match entry {
        Entry::Command(info, _) => (info.label.to_owned(), info.help.to_owned(), info.command.key()),
        Entry::Stream(stream) => {
            let events = words::thousands(stream.events);
            (stream.stream.as_str().to_owned(), format!("{events} events"), "")
        }
        Entry::Place(_, words) => (words.clone(), String::new(), ""),
    };
    let info = Info { role: Role::Button, name: &label, enabled: true, selected: Some(chosen) };
    let response = clickable(ui, rect, ("palette", index), &info);
    let painter = ui.painter();
    if chosen {
        painter.rect_filled(rect, RADIUS_2, theme.bg_selected);
    } else if response.hovered() {
        painter.rect_filled(rect, RADIUS_2, theme.bg_hover);
    }
    let middle = rect.center().y;
    let keys = if key.is_empty() { 0.0 } else { keycaps_width(painter, key) + 12.0 };
    let room = rect.width() - 24.0 - keys;
    let x = rect.left() + 12.0;
    let end = match entry {
        Entry::Command(_, places) => {
            let parts = highlighted(&label, places);
            let pieces: Vec<Piece<'_>> = parts
                .iter()
                .map(|(text, hit)| Piece::new(text, Type::BODY, if *hit { theme.accent } else { theme.text_strong }))
                .collect();
            paint::pieces(painter, x, middle, room, &pieces)
        }
        Entry::Stream(_) => {
            let name = paint::fit_middle(painter, &label, Type::DATA, room * 0.7);
            paint::left(painter, x, middle, room, Piece::new(&name, Type::DATA, theme.text_strong))
        }
        Entry::Place(..) => paint::left(painter, x, middle, room, Piece::new(&label, Type::BODY, theme.text_strong)),
    };
    let left = end + 12.0;
    if left < x + room {
        paint::left(painter, left, middle, x + room - left, Piece::new(&note, Type::LABEL, theme.text_muted));
    }
    if !key.is_empty() {
        keycaps(painter, rect.right() - 8.0, middle, key, theme);
    }
    if response.clicked() {
        out.push(Action::ChoosePalette(Some(index)));
    }
}

/// A label in runs, each with whether its letters were matched.
fn highlighted(label: &str, places: &[usize]) -> Vec<(String, bool)> {
    let mut runs: Vec<(String, bool)> = Vec::new();
    for (index, letter) in label.chars().enumerate() {
        let hit = places.contains(&index);
        match runs.last_mut() {
            Some((run, same)) if *same == hit => run.push(letter),
            _ => runs.push((letter.to_string(), hit)),
        }
    }
    runs
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let mut x = rect.left() + PAD;
    for (key, words) in [("↑+↓", "Move"), ("Enter", "Run"), ("@", "stream"), (":", "version or time")] {
        let width = keycaps_width(painter, key);
        keycaps(painter, x + width, rect.center().y, key, theme);
        x = paint::left(
            painter,
            x + width + 6.0,
            rect.center().y,
            200.0,
            Piece::new(words, Type::CAPTION, theme.text_muted),
        ) + 16.0;
    }
}
