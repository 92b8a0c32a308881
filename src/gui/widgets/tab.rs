//! One tab of a row of tabs.

use egui::{Rect, Response, Role, Ui, pos2, vec2};

use super::{Info, Tip, clickable, tip};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::Theme;

/// What a tab says.
#[derive(Clone, Debug)]
pub struct Tab<'a> {
    /// Its name.
    pub name: &'a str,
    /// A count behind it, or nothing.
    pub count: &'a str,
    /// The room on both sides of it, in points.
    pub pad: f32,
    /// True for the one on show.
    pub chosen: bool,
    /// Its tooltip.
    pub tip: Tip<'a>,
}

/// Draws a tab from `x` to the right, as high as `bar`, with a count behind its name. Its rectangle is the response's.
pub fn tab(ui: &Ui, x: f32, bar: Rect, shown: &Tab<'_>, theme: &Theme) -> Response {
    let Tab { name, count, pad, chosen, tip: words } = shown;
    let (name, count, pad, chosen) = (*name, *count, *pad, *chosen);
    let painter = ui.painter();
    let text = paint::width(painter, name, Type::LABEL_MEDIUM);
    let extra = if count.is_empty() { 0.0 } else { paint::width(painter, count, Type::DATA_SMALL) + 6.0 };
    let rect = Rect::from_min_size(pos2(x, bar.top()), vec2((text + extra + 2.0 * pad).ceil(), bar.height()));
    let info = Info { role: Role::Tab, name, enabled: true, selected: Some(chosen) };
    let response = clickable(ui, rect, ("tab", name), &info);
    let color = if chosen {
        theme.text_strong
    } else if response.hovered() {
        theme.text
    } else {
        theme.text_muted
    };
    let middle = rect.center().y;
    let end = paint::left(painter, x + pad, middle, f32::INFINITY, Piece::new(name, Type::LABEL_MEDIUM, color));
    if !count.is_empty() {
        paint::left(painter, end + 6.0, middle, f32::INFINITY, Piece::new(count, Type::DATA_SMALL, theme.text_muted));
    }
    if chosen {
        let line = Rect::from_min_max(
            pos2(rect.left() + pad - 2.0, rect.bottom() - 2.0),
            pos2(rect.right() - pad + 2.0, rect.bottom()),
        );
        painter.rect_filled(line, 0.0, theme.accent);
    }
    if response.has_focus() {
        paint::focus_ring(painter, rect.shrink2(vec2(6.0, 6.0)), 4.0, theme);
    }
    tip(response, words, theme)
}
