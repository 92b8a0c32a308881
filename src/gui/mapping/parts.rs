//! One row for each part: which column plays it, its first value, and whether that speaks for it.

use egui::{Popup, Rect, Role, ScrollArea, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, RADIUS_2, height};
use crate::gui::widgets::{Info, Tip, clickable, menu_text_ui, tip};
use crate::gui::{icons, words};
use crate::protocol::{MappingPart, PartVerdict};
use crate::session::{Action, MappingAction, MappingPane};

/// The height of the title.
const TITLE: f32 = 76.0;
/// The height of a part.
const ROW: f32 = 40.0;
/// The same in a low window.
const LOW_ROW: f32 = 30.0;

/// Draws the parts. Returns what is left below.
pub fn parts_ui(ui: &mut Ui, rect: Rect, pane: &MappingPane, scene: &Scene<'_>, out: &mut Vec<Action>) -> Rect {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let low = scene.window_height < 760.0;
    let title = rect.with_max_y(rect.top() + if low { 40.0 } else { TITLE });
    let x = rect.left() + 16.0;
    let text = format!("Map “{}” to events", pane.draft.table);
    let top = if low { title.center().y } else { title.top() + 28.0 };
    paint::left(&painter, x, top, rect.width() - 32.0, Piece::new(&text, Type::TITLE, theme.text_strong));
    if !low {
        let words = match pane.guess() {
            Some(guess) => format!(
                "Guessed, {} of 100 sure. Choose which column plays which part; the preview follows.",
                guess.sure
            ),
            None => "Choose which column plays which part; the preview follows as you choose.".to_owned(),
        };
        paint::left(
            &painter,
            x,
            title.top() + 52.0,
            rect.width() - 32.0,
            Piece::new(&words, Type::LABEL, theme.text_muted),
        );
    }
    let head = Rect::from_min_size(title.left_bottom(), vec2(rect.width(), height::COLUMNS));
    paint::hline(&painter, rect.left(), rect.right(), head.top(), theme.line_subtle);
    let columns = Columns::of(rect);
    for (x, name) in [
        (columns.part, "Part".to_owned()),
        (columns.column, "Column".to_owned()),
        (columns.first, "First value".to_owned()),
        (columns.check, checked(pane)),
    ] {
        paint::left(&painter, x, head.center().y, 260.0, Piece::new(&name, Type::CAPTION_MEDIUM, theme.text_muted));
    }
    paint::hline(&painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let row_height = if low { LOW_ROW } else { ROW };
    let mut y = head.bottom();
    for part in MappingPart::ALL {
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), row_height));
        part_ui(ui, row, &columns, (part, pane), scene, out);
        y += row_height;
    }
    rect.with_min_y(y)
}

fn checked(pane: &MappingPane) -> String {
    let rows = pane.preview.as_ref().map_or(0, |preview| preview.checked_rows);
    if rows == 0 { "Check".to_owned() } else { format!("Check on the first {} rows", words::thousands(rows)) }
}

struct Columns {
    part: f32,
    column: f32,
    column_width: f32,
    first: f32,
    check: f32,
    end: f32,
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let part = rect.left() + 16.0;
        let column = part + 120.0;
        let left = (rect.right() - column - 16.0).max(200.0);
        let column_width = (left * 0.3).clamp(110.0, 208.0);
        let first = column + column_width + 16.0;
        let check = first + (left - column_width) * 0.42;
        Self { part, column, column_width, first, check, end: rect.right() - INSET }
    }
}

fn part_ui(
    ui: &mut Ui,
    rect: Rect,
    columns: &Columns,
    (part, pane): (MappingPart, &MappingPane),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let middle = rect.center().y;
    let found = pane.preview.as_ref().and_then(|preview| preview.parts.iter().find(|found| found.part == part));
    let strength = if pane.is_current() { 1.0 } else { 0.6 };
    let fade = |color| crate::gui::theme::fade(color, strength);
    let chosen = pane.draft.chosen(part);
    if pane.part == part {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    }
    let x = paint::left(&painter, columns.part, middle, 90.0, Piece::new(part.label(), Type::LABEL_STRONG, theme.text));
    if part.is_optional() {
        paint::left(&painter, x + 5.0, middle, 60.0, Piece::new("optional", Type::CAPTION, theme.text_muted));
    }
    column_ui(ui, rect, columns, (part, pane, chosen.as_deref()), scene, out);
    if let Some(found) = found {
        if let Some(first) = &found.first {
            let room = columns.check - columns.first - 12.0;
            let first = first.replace('\n', " ");
            paint::left(&painter, columns.first, middle, room, Piece::new(&first, Type::DATA, fade(theme.text_soft)));
        }
        let (icon, color) = match found.verdict {
            PartVerdict::Fine => (icons::CHECK_CIRCLE, theme.live),
            PartVerdict::Caution => (icons::WARNING, theme.warn),
            PartVerdict::Wrong => (icons::WARNING_CIRCLE, theme.danger),
            PartVerdict::Nothing => (icons::MINUS, theme.text_muted),
        };
        paint::icon(&painter, pos2(columns.check + 7.0, middle), icon, Type::icon(14.0), fade(color));
        let text_color = match found.verdict {
            PartVerdict::Wrong => theme.danger,
            PartVerdict::Nothing => theme.text_muted,
            _ => theme.text,
        };
        let room = columns.end - columns.check - 20.0;
        paint::left(
            &painter,
            columns.check + 20.0,
            middle,
            room,
            Piece::new(&found.text, Type::LABEL, fade(text_color)),
        );
        let said = Rect::from_min_max(pos2(columns.first, rect.top()), pos2(columns.end, rect.bottom()));
        let sentence = format!("{}: {}", part.label(), found.text);
        let info = Info { role: Role::Row, name: &sentence, enabled: true, selected: Some(pane.part == part) };
        let response = clickable(ui, said, ("part", part.label()), &info);
        if tip(response, &Tip { name: &sentence, key: "", help: "Click to see more of it at the right" }, theme)
            .clicked()
        {
            out.push(Action::Mapping(MappingAction::ChoosePart(part)));
        }
    }
    paint::hline(&painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

/// The column of a part, with the menu of all columns behind it.
fn column_ui(
    ui: &Ui,
    rect: Rect,
    columns: &Columns,
    (part, pane, chosen): (MappingPart, &MappingPane, Option<&str>),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let painter = ui.painter();
    let middle = rect.center().y;
    let field = Rect::from_min_size(pos2(columns.column, middle - 14.0), vec2(columns.column_width, 28.0));
    let is_wrong = pane.preview.as_ref().is_some_and(|preview| {
        pane.is_current() && preview.parts.iter().any(|found| found.part == part && found.verdict == PartVerdict::Wrong)
    });
    let name = format!("{} column, {}", part.label(), chosen.unwrap_or("not mapped"));
    let info = Info { role: Role::ComboBox, name: &name, enabled: true, selected: None };
    let response = clickable(ui, field, ("column of", part.label()), &info);
    let line = if is_wrong {
        theme.danger
    } else if response.hovered() {
        theme.line_control
    } else {
        theme.line_strong
    };
    painter.rect(field, RADIUS_2, theme.bg_field, Stroke::new(1.0, line), StrokeKind::Inside);
    if response.has_focus() {
        paint::focus_ring(painter, field, f32::from(RADIUS_2.nw), theme);
    }
    let room = field.width() - 32.0;
    let (text, face, color) = match chosen {
        Some(column) => (paint::fit_middle(painter, column, Type::DATA, room), Type::DATA, theme.text),
        None => ("Choose a column".to_owned(), Type::LABEL, theme.text_muted),
    };
    paint::left(painter, field.left() + 8.0, middle, room, Piece::new(&text, face, color));
    let at = pos2(field.right() - 14.0, middle);
    paint::icon(painter, at, icons::CARET_DOWN, Type::icon_bold(10.0), theme.text_muted);
    let Some(table) = pane.survey.tables.iter().find(|table| table.name == pane.draft.table) else { return };
    Popup::menu(&response).width(columns.column_width.max(200.0)).show(|ui| {
        ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
            let mut choose = |column: Option<&str>, ui: &mut Ui| {
                out.push(Action::Mapping(MappingAction::Set { part, column: column.map(str::to_owned) }));
                ui.close();
            };
            if menu_text_ui(ui, "Not mapped", theme) {
                choose(None, ui);
            }
            for column in table.columns.iter().map(|(name, _)| name).chain(&table.paths) {
                let is_taken = part == MappingPart::Stream && pane.draft.streams.contains(column);
                let label = match (part, is_taken) {
                    (MappingPart::Stream, true) => format!("{column}, take out"),
                    (MappingPart::Stream, false) if !pane.draft.streams.is_empty() => format!("{column}, too"),
                    _ => column.clone(),
                };
                if menu_text_ui(ui, &label, theme) {
                    choose(Some(column), ui);
                }
            }
        });
    });
    let help = "Click to choose a column, or a value inside of one";
    tip(response, &Tip { name: &name, key: "", help }, theme);
}
