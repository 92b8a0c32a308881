//! What was found out about the chosen part, and what the guess rests on.

use egui::{Align2, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2};

use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::protocol::{MappingPart, PartVerdict};
use crate::session::MappingPane;

/// Draws the facts.
pub fn facts_ui(ui: &mut Ui, rect: Rect, pane: &MappingPane, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    paint::vline(&painter, rect.left(), rect.top(), rect.bottom(), theme.line_subtle);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let chosen = pane.draft.chosen(pane.part);
    let title = match &chosen {
        Some(column) => format!("{}: “{column}”", pane.part.label()),
        None => pane.part.label().to_owned(),
    };
    let room = head.width() - 2.0 * INSET;
    let shown = paint::fit_middle(&painter, &title, Type::LABEL_STRONG, room);
    paint::left(
        &painter,
        head.left() + INSET,
        head.center().y,
        room,
        Piece::new(&shown, Type::LABEL_STRONG, theme.text_strong),
    );
    paint::hline(&painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let found = pane.preview.as_ref().and_then(|preview| preview.parts.iter().find(|found| found.part == pane.part));
    let mut texts: Vec<(String, bool)> = vec![(help(pane.part).to_owned(), false)];
    if let Some(found) = found {
        let strong = matches!(found.verdict, PartVerdict::Wrong | PartVerdict::Caution);
        texts.push((found.text.clone(), strong));
        if let Some(first) = &found.first {
            texts.push((format!("First value: {first}"), false));
        }
    }
    if let Some(guess) = pane.guess() {
        texts.push((format!("The guess of this table is {} of 100 sure. It rests on this:", guess.sure), true));
        texts.extend(guess.evidence.iter().map(|fact| (format!("· {fact}"), false)));
    }
    let body =
        Rect::from_min_max(pos2(rect.left() + INSET, head.bottom() + 8.0), pos2(rect.right() - INSET, rect.bottom()));
    let builder = egui::UiBuilder::new().max_rect(body);
    ui.scope_builder(builder, |ui| {
        ScrollArea::vertical().id_salt("mapping facts").show(ui, |ui| {
            for (text, strong) in &texts {
                let color = if *strong { theme.text } else { theme.text_soft };
                let at = ui.cursor().min;
                let width = body.width() - 8.0;
                let piece = Piece::new(text, Type::LABEL, color);
                let bottom = paint::paragraph(ui.painter(), at, width, Align2::LEFT_TOP, 18.0, &piece);
                let place = Rect::from_min_max(at, pos2(at.x + width, bottom + 6.0));
                let response = ui.allocate_rect(place, Sense::HOVER);
                response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, text));
            }
        });
    });
}

fn help(part: MappingPart) -> &'static str {
    match part {
        MappingPart::Stream => {
            "What events belong to: the name or id of one entity. Several columns together may name it."
        }
        MappingPart::Version => {
            "The number of an event in its stream, as its writer counts. Without it, events have the order of the log."
        }
        MappingPart::Type => "The name of what happened.",
        MappingPart::Time => {
            "When it happened or was stored: text, or a number since 1970; read as UTC where no zone is given."
        }
        MappingPart::Payload => "What happened, as JSON or any other form that is known, also behind compression.",
        MappingPart::Order => {
            "The log's own order: a column of whole numbers, each once. Without it, the order of the rows."
        }
        MappingPart::Id => "The event's own id.",
        MappingPart::Metadata => "What was written beside the payload: who, why, from where.",
    }
}
