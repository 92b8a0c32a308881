//! A text field with an icon before and a key behind.

use egui::{Color32, FontSelection, Id, Margin, Rect, Response, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2};

use super::{Tip, keycaps, keycaps_width, tip};
use crate::gui::fonts::Type;
use crate::gui::paint;
use crate::gui::theme::{RADIUS_2, Theme};

/// A text field.
pub struct Field<'a> {
    /// Its accessible name.
    pub name: &'a str,
    /// What stands in it while it is empty.
    pub hint: &'a str,
    /// An icon before the text.
    pub icon: Option<char>,
    /// The key that leads into it.
    pub key: &'a str,
    /// True where what is typed is data.
    pub data: bool,
    /// True where what stands in it is wrong.
    pub wrong: bool,
    /// Its tooltip.
    pub tip: Tip<'a>,
}

impl Field<'_> {
    /// The id that it has in a `Ui`, to give it the focus.
    #[must_use]
    pub fn id(ui: &Ui, name: &str) -> Id {
        ui.scope_id().with(("field", name))
    }

    /// Draws it; the text is changed in place.
    pub fn show(&self, ui: &mut Ui, rect: Rect, text: &mut String, theme: &Theme) -> Response {
        let id = Self::id(ui, self.name);
        let focused = ui.memory(|memory| memory.has_focus(id));
        let hovered = ui.rect_contains_pointer(rect);
        let painter = ui.painter().clone();
        let line = if self.wrong {
            theme.danger
        } else if hovered {
            theme.line_control
        } else {
            theme.line_strong
        };
        painter.rect(rect, RADIUS_2, theme.bg_field, Stroke::new(1.0, line), StrokeKind::Inside);
        if focused {
            paint::focus_ring(&painter, rect, f32::from(RADIUS_2.nw), theme);
        }
        let mut left = rect.left() + 8.0;
        if let Some(icon) = self.icon {
            paint::icon(&painter, pos2(left + 7.0, rect.center().y), icon, Type::icon(14.0), theme.text_muted);
            left += 20.0;
        }
        let mut right = rect.right() - 8.0;
        if !self.key.is_empty() && !focused {
            let start = keycaps(&painter, rect.right() - 5.0, rect.center().y, self.key, theme);
            debug_assert!(rect.right() - 5.0 - start <= keycaps_width(&painter, self.key) + 0.1);
            right = start - 4.0;
        }
        let face = if self.data { Type::DATA } else { Type::LABEL };
        let hint = egui::RichText::new(self.hint).font(Type::LABEL.font()).color(theme.text_muted);
        let inner = Rect::from_min_max(pos2(left, rect.top()), pos2(right.max(left), rect.bottom()));
        let edit = TextEdit::singleline(text)
            .id(id)
            .font(FontSelection::FontId(face.font()))
            .text_color(theme.text_strong)
            .hint_text(hint)
            .frame(egui::Frame::NONE)
            .background_color(Color32::TRANSPARENT)
            .margin(Margin::ZERO)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(inner.width())
            .min_size(vec2(inner.width(), inner.height()));
        let response = ui.put(inner, edit).accessible_name(self.name);
        tip(response, &self.tip, theme)
    }
}
