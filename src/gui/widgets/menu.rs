//! A row of a menu: a command with its key.

use egui::{Role, Ui, vec2};

use super::{Info, Tip, clickable, keycaps, keycaps_width, tip};
use crate::gui::fonts::Type;
use crate::gui::icons;
use crate::gui::paint;
use crate::gui::theme::{RADIUS_2, Theme, height};
use crate::session::Command;

/// How wide a menu is.
const WIDTH: f32 = 204.0;

/// A row of a menu; true where it was clicked.
pub fn menu_item_ui(ui: &mut Ui, command: Command, theme: &Theme) -> bool {
    choice_ui(ui, command, None, WIDTH, theme)
}

/// A row of a menu of choices, with a mark at the one that holds; true where it was clicked.
pub fn menu_choice_ui(ui: &mut Ui, command: Command, chosen: bool, width: f32, theme: &Theme) -> bool {
    choice_ui(ui, command, Some(chosen), width, theme)
}

fn choice_ui(ui: &mut Ui, command: Command, chosen: Option<bool>, width: f32, theme: &Theme) -> bool {
    let (_, rect) = ui.allocate_space(vec2(width, height::CONTROL));
    let role = if chosen.is_some() { Role::MenuItemRadio } else { Role::MenuItem };
    let info = Info { role, name: command.label(), enabled: true, selected: chosen };
    let response = clickable(ui, rect, ("menu", command.label()), &info);
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, RADIUS_2, theme.bg_active);
    }
    let middle = rect.center().y;
    let mut left = rect.left() + 8.0;
    if let Some(chosen) = chosen {
        if chosen {
            paint::icon(painter, egui::pos2(left + 6.0, middle), icons::CHECK, Type::icon_bold(12.0), theme.accent);
        }
        left += 20.0;
    }
    let room = rect.right() - 12.0 - keycaps_width(painter, command.key()) - left;
    paint::left(painter, left, middle, room, paint::Piece::new(command.label(), Type::LABEL, theme.text));
    keycaps(painter, rect.right() - 6.0, middle, command.key(), theme);
    tip(response, &Tip::command(command), theme).clicked()
}

/// A row of a menu that is no command; true where it was clicked.
pub fn menu_text_ui(ui: &mut Ui, label: &str, theme: &Theme) -> bool {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width().clamp(160.0, 320.0), height::CONTROL));
    let info = Info { role: Role::MenuItem, name: label, enabled: true, selected: None };
    let response = clickable(ui, rect, ("menu", label), &info);
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, RADIUS_2, theme.bg_active);
    }
    let shown = paint::fit_middle(painter, label, Type::LABEL, rect.width() - 16.0);
    let piece = paint::Piece::new(&shown, Type::LABEL, theme.text);
    paint::left(painter, rect.left() + 8.0, rect.center().y, rect.width() - 16.0, piece);
    response.clicked()
}
