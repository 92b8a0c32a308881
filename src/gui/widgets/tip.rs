//! The tooltip: name, key, one sentence.

use egui::{Context, Id, Order, Response, Ui, vec2};

use super::{keycaps, keycaps_width};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::Theme;
use crate::limits::PARAGRAPH_CHARS_MAX;
use crate::session::Command;
use crate::visible;

/// What a tooltip says.
#[derive(Clone, Debug, Default)]
pub struct Tip<'a> {
    /// What it is.
    pub name: &'a str,
    /// Its key as the command table writes it, or nothing.
    pub key: &'a str,
    /// One sentence, or nothing.
    pub help: &'a str,
}

impl Tip<'static> {
    /// The tooltip of a command.
    #[must_use]
    pub fn command(command: Command) -> Self {
        Self { name: command.label(), key: command.key(), help: command.help() }
    }
}

/// Shows a text of the log while the pointer is on something.
pub fn hover_text(response: Response, text: &str) -> Response {
    response.on_hover_text(visible::start(text, PARAGRAPH_CHARS_MAX))
}

/// Widest text of a tooltip, in points.
const WIDTH: f32 = 264.0;

/// Where the window notes that a dialog is open.
fn dialog_id() -> Id {
    Id::unique("eventscope dialog is open")
}

/// Notes whether a dialog is open: what lies under it then shows no tooltip.
pub fn note_dialog(ctx: &Context, open: bool) {
    ctx.data_mut(|data| data.insert_temp(dialog_id(), open));
}

/// Gives a control its tooltip, and tells a screen reader its key and its sentence.
pub fn tip(response: Response, tip: &Tip<'_>, theme: &Theme) -> Response {
    describe(&response, tip);
    let covered = response.layer_id.order == Order::Background
        && response.ctx.data(|data| data.get_temp(dialog_id()).unwrap_or(false));
    if covered {
        return response;
    }
    response.on_hover_ui(|ui| tip_ui(ui, tip, theme)).on_disabled_hover_ui(|ui| tip_ui(ui, tip, theme))
}

/// Tells a screen reader the key and the sentence of a control that shows no tooltip of its own.
pub fn describe(response: &Response, tip: &Tip<'_>) {
    let key = super::shown_key(&response.ctx, tip.key);
    response.ctx.accesskit_node_builder(response.id, |node| {
        if !key.is_empty() {
            node.set_keyboard_shortcut(key.clone());
        }
        if !tip.help.is_empty() {
            node.set_description(tip.help);
        }
    });
}

fn tip_ui(ui: &mut Ui, tip: &Tip<'_>, theme: &Theme) {
    let painter = ui.painter().clone();
    let keys = keycaps_width(&painter, tip.key);
    let gap = if keys > 0.0 { 12.0 } else { 0.0 };
    let piece = Piece::new(tip.name, Type::LABEL_MEDIUM, theme.text_strong);
    let name = paint::layout(&painter, std::slice::from_ref(&piece), f32::INFINITY);
    if name.size().x + gap + keys > WIDTH {
        // A long sentence wraps; its key then stands at the end of the first line.
        let room = WIDTH - gap - keys;
        let bottom = paint::paragraph(&painter, ui.cursor().min, room, egui::Align2::LEFT_TOP, 16.0, &piece);
        let height = bottom - ui.cursor().top();
        let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, height), egui::Sense::hover());
        keycaps(&painter, rect.right(), rect.top() + 8.0, tip.key, theme);
    } else {
        let (rect, _) = ui.allocate_exact_size(vec2(name.size().x + gap + keys, 20.0), egui::Sense::hover());
        paint::place(&painter, rect.left(), rect.center().y, Type::LABEL_MEDIUM, name);
        keycaps(&painter, rect.right(), rect.center().y, tip.key, theme);
    }
    if !tip.help.is_empty() {
        ui.set_max_width(WIDTH);
        ui.label(
            egui::RichText::new(visible::start(tip.help, PARAGRAPH_CHARS_MAX))
                .font(Type::CAPTION.font())
                .color(theme.text_soft),
        );
    }
}
