//! A row of choices of which one is chosen.

use egui::{Painter, Rect, Role, Stroke, StrokeKind, Ui, pos2};

use super::{Info, Tip, clickable, tip};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{RADIUS_1, RADIUS_2, Theme};

/// One choice.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// Its text and name.
    pub text: &'a str,
    /// Its tooltip.
    pub tip: Tip<'a>,
}

const PAD: f32 = 9.0;
const FRAME: f32 = 2.0;

/// How wide a row of choices is.
fn widths(painter: &Painter, choices: &[Segment<'_>]) -> Vec<f32> {
    choices.iter().map(|choice| (paint::width(painter, choice.text, Type::LABEL_MEDIUM) + 2.0 * PAD).ceil()).collect()
}

/// How wide a row of choices is, with its frame.
#[must_use]
pub fn segments_width(painter: &Painter, choices: &[Segment<'_>]) -> f32 {
    widths(painter, choices).iter().sum::<f32>() + 2.0 * FRAME
}

/// Draws choices so that they end at the right edge of `rect`, as high as it. Returns the left end and what was clicked.
pub fn segments(ui: &Ui, rect: Rect, choices: &[Segment<'_>], chosen: usize, theme: &Theme) -> (f32, Option<usize>) {
    let painter = ui.painter();
    let widths = widths(painter, choices);
    let left = rect.right() - widths.iter().sum::<f32>() - 2.0 * FRAME;
    let frame = Rect::from_min_max(pos2(left, rect.top()), rect.max);
    painter.rect(frame, RADIUS_2, theme.bg_field, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let mut x = left + FRAME;
    let mut clicked = None;
    for (index, (choice, width)) in choices.iter().zip(widths).enumerate() {
        let part = Rect::from_min_max(pos2(x, frame.top() + FRAME), pos2(x + width, frame.bottom() - FRAME));
        let on = index == chosen;
        let info = Info { role: Role::RadioButton, name: choice.text, enabled: true, selected: Some(on) };
        let response = clickable(ui, part, ("segment", choice.text), &info);
        let color = if on {
            theme.text_strong
        } else if response.hovered() {
            theme.text
        } else {
            theme.text_soft
        };
        if on {
            painter.rect_filled(part, RADIUS_1, theme.bg_active);
        }
        paint::centred(painter, part.center(), Piece::new(choice.text, Type::LABEL_MEDIUM, color));
        if response.has_focus() {
            paint::focus_ring(painter, part, f32::from(RADIUS_1.nw), theme);
        }
        if tip(response, &choice.tip, theme).clicked() {
            clicked = Some(index);
        }
        x += width;
    }
    (left, clicked)
}
