//! What is said in place: banners under the top bar, and what an empty panel says.

use egui::{Align2, Color32, Rect, Role, Ui, WidgetInfo, pos2, vec2};

use super::{Button, Look};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{INSET, Theme};

/// A banner: a sentence with an icon and one action at its right end.
pub struct Banner<'a> {
    /// The icon.
    pub icon: char,
    /// The colour of its edge and icon.
    pub color: Color32,
    /// Its ground.
    pub fill: Color32,
    /// The sentence.
    pub text: &'a str,
    /// The action.
    pub action: Button<'a>,
}

impl Banner<'_> {
    /// Draws it; true where its action was asked for.
    pub fn show(&self, ui: &Ui, rect: Rect, theme: &Theme) -> bool {
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 0.0, theme.bg_panel);
        painter.rect_filled(rect, 0.0, self.fill);
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, self.color);
        let middle = rect.center().y;
        paint::icon(&painter, pos2(rect.left() + INSET + 10.0, middle), self.icon, Type::icon_fill(14.0), self.color);
        let width = self.action.width(&painter);
        let action = Rect::from_min_size(pos2(rect.right() - INSET - width, middle - 12.0), vec2(width, 24.0));
        let room = action.left() - rect.left() - INSET - 40.0;
        let piece = Piece::new(self.text, Type::LABEL, theme.text);
        paint::left(&painter, rect.left() + INSET + 24.0, middle, room, piece);
        let said = ui.interact(
            rect.with_max_x(action.left() - 8.0),
            ui.scope_id().with(("banner", self.text)),
            egui::Sense::HOVER,
        );
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, self.text));
        super::hover_text(said, self.text);
        Button { look: Look::Link, ..self.action.clone() }.show(ui, action, theme).clicked()
    }
}

/// What an empty panel says: an icon, a line, a softer line, and at most one button. True where it was clicked.
pub fn empty_ui(ui: &Ui, rect: Rect, icon: char, words: [&str; 2], button: Option<&Button<'_>>, theme: &Theme) -> bool {
    let painter = ui.painter().with_clip_rect(rect);
    let width = (rect.width() - 48.0).clamp(80.0, 320.0);
    let height = if button.is_some() { 124.0 } else { 84.0 };
    let top = rect.center().y - height / 2.0;
    let middle = rect.center().x;
    paint::icon(&painter, pos2(middle, top + 12.0), icon, Type::icon(24.0), theme.text_muted);
    let title = Piece::new(words[0], Type::BODY_MEDIUM, theme.text_strong);
    let left = middle - width / 2.0;
    let below = paint::paragraph(&painter, pos2(left, top + 34.0), width, Align2::CENTER_TOP, 20.0, &title);
    let softer = Piece::new(words[1], Type::LABEL, theme.text_muted);
    let below = paint::paragraph(&painter, pos2(left, below + 4.0), width, Align2::CENTER_TOP, 16.0, &softer);
    let said = ui.interact(rect, ui.scope_id().with(("empty", words[0])), egui::Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}. {}", words[0], words[1])));
    button.is_some_and(|button| {
        let width = button.width(&painter);
        let place =
            Rect::from_min_size(pos2((middle - width / 2.0).round(), (below + 12.0).round()), vec2(width, 28.0));
        button.show(ui, place, theme).clicked()
    })
}
