//! The tables of the file; the chosen one shows its columns with the parts that they play.

use egui::{Rect, Role, Ui, pos2, vec2};

use super::MappingLocal;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Info, Tip, clickable, tip};
use crate::gui::{icons, words};
use crate::protocol::TableAt;
use crate::session::{Action, MappingAction, MappingPane};

enum Line<'a> {
    Table(&'a TableAt),
    Column(&'a str, &'a str),
}

/// Draws the tables.
pub fn tables_ui(
    ui: &Ui,
    rect: Rect,
    pane: &MappingPane,
    scene: &Scene<'_>,
    local: &mut MappingLocal,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::vline(painter, rect.right() - 1.0, rect.top(), rect.bottom(), theme.line_subtle);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let middle = head.center().y;
    let x = paint::left(
        painter,
        head.left() + INSET,
        middle,
        100.0,
        Piece::new("Tables", Type::LABEL_STRONG, theme.text_strong),
    );
    let count = words::thousands(pane.survey.tables.len() as u64);
    paint::left(painter, x + 8.0, middle, 60.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let mut lines = Vec::new();
    for table in &pane.survey.tables {
        lines.push(Line::Table(table));
        if table.name == pane.draft.table {
            lines.extend(table.columns.iter().map(|(name, declared)| Line::Column(name, declared)));
            lines.extend(table.paths.iter().map(|path| Line::Column(path, "")));
        }
    }
    let list = rect.with_min_y(head.bottom());
    let rows = Rows { count: lines.len() as u64, height: height::ROW, view: list.height() };
    local.tables = rows.kept(local.tables);
    let (range, mut y) = rows.visible(local.tables);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width() - 1.0, height::ROW));
        y += height::ROW;
        let Some(line) = usize::try_from(row).ok().and_then(|row| lines.get(row)) else { continue };
        let middle = place.center().y;
        match line {
            Line::Table(table) => {
                let chosen = table.name == pane.draft.table;
                let rows = format!("~{}", words::thousands(table.rows));
                let sentence = format!("Table {}, about {} rows", table.name, words::thousands(table.rows));
                let info = Info { role: Role::TreeItem, name: &sentence, enabled: true, selected: Some(chosen) };
                let response = clickable(ui, place.intersect(list), ("table", &table.name), &info);
                if chosen {
                    clipped.rect_filled(place, 0.0, theme.bg_selected);
                    clipped.rect_filled(place.with_max_x(place.left() + 2.0), 0.0, theme.accent);
                } else if response.hovered() {
                    clipped.rect_filled(place, 0.0, theme.bg_hover);
                }
                let caret = if chosen { icons::CARET_DOWN } else { icons::CARET_RIGHT };
                paint::icon(
                    &clipped,
                    pos2(place.left() + 16.0, middle),
                    caret,
                    Type::icon_bold(10.0),
                    theme.text_muted,
                );
                paint::icon(
                    &clipped,
                    pos2(place.left() + 34.0, middle),
                    icons::TABLE,
                    Type::icon(14.0),
                    theme.text_soft,
                );
                let end = paint::right(
                    &clipped,
                    place.right() - INSET,
                    middle,
                    Piece::new(&rows, Type::DATA_SMALL, theme.text_muted),
                );
                let room = end - 8.0 - place.left() - 48.0;
                let name = paint::fit_middle(&clipped, &table.name, Type::DATA, room);
                paint::left(&clipped, place.left() + 48.0, middle, room, Piece::new(&name, Type::DATA, theme.text));
                let help = "Click to map this table";
                if tip(response, &Tip { name: &sentence, key: "", help }, theme).clicked() {
                    out.push(Action::Mapping(MappingAction::ChooseTable(table.name.clone())));
                }
            }
            Line::Column(name, declared) => {
                let part = pane.draft.part_of(name);
                let (text, color) = match part {
                    Some(part) => (part.label(), theme.accent),
                    None if declared.is_empty() => ("", theme.text_muted),
                    None => ("unused", theme.text_muted),
                };
                let mut right =
                    paint::right(&clipped, place.right() - INSET, middle, Piece::new(text, Type::CAPTION, color));
                right = right.min(place.right() - INSET - 56.0);
                let end = paint::right(
                    &clipped,
                    right - 8.0,
                    middle,
                    Piece::new(declared, Type::DATA_SMALL, theme.text_muted),
                );
                let room = end - 8.0 - place.left() - 52.0;
                let shown = paint::fit_middle(&clipped, name, Type::DATA, room);
                let color = if part.is_some() { theme.text } else { theme.text_soft };
                paint::left(&clipped, place.left() + 52.0, middle, room, Piece::new(&shown, Type::DATA, color));
            }
        }
    }
    local.tables = scroll_ui(ui, ui.scope_id().with("tables"), list, &rows, local.tables, theme, "Scroll the tables");
}
