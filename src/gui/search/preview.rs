//! The chosen hit in full. The cursor stays where it was.

use egui::{Rect, Ui, pos2, vec2};

use super::SearchLocal;
use crate::gui::fonts::Type;
use crate::gui::icons;
use crate::gui::inspector::{HEAD, event, head_ui};
use crate::gui::paint::{self, Piece};
use crate::gui::rows::Place;
use crate::gui::scene::Scene;
use crate::gui::theme::INSET;
use crate::gui::widgets::{Button, Tip, empty_ui};
use crate::session::{Action, Command, SearchAction};

/// Draws the preview.
pub fn preview_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut SearchLocal, out: &mut Vec<Action>) {
    let (theme, search) = (scene.theme, &scene.session.search);
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    paint::vline(ui.painter(), rect.left(), rect.top(), rect.bottom(), theme.line_subtle);
    let chosen = search.chosen.and_then(|index| Some((index, search.hits.get(index)?)));
    let Some((index, hit)) = chosen else {
        let words = ["No hit is chosen", "It is shown here, and the cursor stays"];
        empty_ui(ui, rect, icons::TRAY, words, None, theme);
        return;
    };
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    let go = Button {
        hint: "↵",
        tip: Tip {
            name: "Go there",
            key: Command::CursorToSelection.key(),
            help: "Close the search and move the cursor after this event",
        },
        ..Button::new("Go there")
    };
    let width = go.width(ui.painter());
    let place = Rect::from_min_size(pos2(head.right() - INSET - width, head.center().y - 14.0), vec2(width, 28.0));
    head_ui(ui, head, scene, Some(&hit.event), "Event", place.left());
    if go.show(ui, place, theme).clicked() {
        out.push(Action::Search(SearchAction::GoTo(index)));
    }
    let body = rect.with_min_y(head.bottom());
    match &search.preview {
        Some(detail) if detail.row == hit.row => {
            if local.preview.event_row != Some(detail.row) {
                local.preview.event_row = Some(detail.row);
                local.preview.event = Place::default();
            }
            event::detail_ui(ui, body, scene, (detail, &[]), &mut local.preview, out);
        }
        _ => {
            let words = Piece::new("Reading the event…", Type::LABEL, theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 20.0, f32::INFINITY, words);
        }
    }
}
