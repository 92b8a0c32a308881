//! The mapping page: tables at the left, which column plays which part in the middle with what comes of it below, and what
//! was found out about the chosen part at the right.

mod facts;
mod parts;
mod preview;
mod tables;

use egui::{Rect, Ui, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::rows::Place;
use super::scene::Scene;
use super::theme::INSET;
use super::widgets::{Button, Look, Tip};
use crate::session::{Action, Command, MappingAction, MappingPane};

/// The height of the bar with the buttons.
const ACTIONS: f32 = 56.0;
/// The widths of both sides.
const SIDES: (f32, f32) = (256.0, 320.0);

/// What the mapping page keeps for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct MappingLocal {
    tables: Place,
    preview: Place,
}

/// Draws the page.
pub fn mapping_ui(
    ui: &mut Ui,
    rect: Rect,
    pane: &MappingPane,
    scene: &Scene<'_>,
    local: &mut MappingLocal,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    let actions = rect.with_min_y(rect.bottom() - ACTIONS);
    let page = rect.with_max_y(actions.top());
    let narrow = scene.room <= Room::Narrow;
    let left = page.with_max_x(page.left() + if narrow { 200.0 } else { SIDES.0 });
    let right = page.with_min_x(page.right() - if narrow { 0.0 } else { SIDES.1 });
    let middle = Rect::from_min_max(left.right_top(), right.left_bottom());
    tables::tables_ui(ui, left, pane, scene, local, out);
    let below = parts::parts_ui(ui, middle, pane, scene, out);
    preview::preview_ui(ui, below, pane, scene, local);
    if !narrow {
        facts::facts_ui(ui, right, pane, scene);
    }
    actions_ui(ui, actions, pane, scene, out);
}

fn actions_ui(ui: &Ui, rect: Rect, pane: &MappingPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_bar);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_strong);
    let middle = rect.center().y;
    let mut right = rect.right() - INSET;
    let can_open = pane.can_open();
    let buttons = [
        (
            Button {
                look: Look::Primary,
                hint: "Ctrl ↵",
                enabled: can_open,
                tip: Tip {
                    name: "Open log",
                    key: Command::OpenPathField.key(),
                    help: "Keep the mapping and open the log by it",
                },
                ..Button::new("Open log")
            },
            MappingAction::SaveAndOpen,
        ),
        (
            Button {
                enabled: can_open,
                tip: Tip { name: "Save mapping", key: "", help: "Keep the mapping in the workspace file" },
                ..Button::new("Save mapping")
            },
            MappingAction::Save,
        ),
        (
            Button {
                tip: Tip { name: "Cancel", key: Command::Escape.key(), help: "Leave the page; nothing is written" },
                ..Button::new("Cancel")
            },
            MappingAction::Close,
        ),
    ];
    for (button, action) in buttons {
        let width = button.width(painter) + 12.0;
        let place = Rect::from_min_size(pos2(right - width, middle - 16.0), vec2(width, 32.0));
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Mapping(action));
        }
        right = place.left() - 8.0;
    }
    let at = pos2(rect.left() + INSET + 8.0, middle);
    paint::icon(painter, at, icons::LOCK_SIMPLE, Type::icon(16.0), theme.text_soft);
    let place = crate::locator::Locator::parse(&pane.survey.locator);
    let file = place.file();
    let name = file.file_name().map_or_else(|| pane.survey.locator.clone(), |name| name.to_string_lossy().into_owned());
    let kept = if pane.survey.workspace_exists { "is kept beside the rest of" } else { "is kept in" };
    let words = format!("The mapping {kept} {}. Nothing is written to {name}.", pane.survey.workspace);
    let x = rect.left() + INSET + 24.0;
    let words = paint::fit_middle(painter, &words, Type::LABEL, right - x - 16.0);
    paint::left(painter, x, middle, right - x - 16.0, Piece::new(&words, Type::LABEL, theme.text_soft));
}
