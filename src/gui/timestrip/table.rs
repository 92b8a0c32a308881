//! The table twin of the time strip: each part of the time with its events by type; a click moves the cursor there.

use egui::{Id, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use crate::event::Time;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::empty_ui;
use crate::gui::{icons, words};
use crate::protocol::Density;
use crate::session::Action;

const TIME: f32 = 156.0;
const NUMBER: f32 = 96.0;

/// Draws the table.
pub fn strip_table_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let zoomed = session.strip.zoomed.as_deref().filter(|_| session.strip.span.is_some());
    let Some(density) = zoomed.or(session.density.as_deref()).filter(|density| density.first.is_some()) else {
        let words = ["No times are known", "These events cannot be put in order of time"];
        empty_ui(ui, rect, icons::TABLE, words, None, theme);
        return;
    };
    let head = rect.with_max_y(rect.top() + 24.0);
    let list = rect.with_min_y(head.bottom());
    let mut names = vec![if density.exact { "Events" } else { "~ Events" }];
    names.extend(density.types.iter().map(|name| scene.looks.label(name)));
    names.push("Other");
    let middle = head.center().y;
    let muted = theme.text_muted;
    let zone = format!("From ({})", words::zone());
    paint::left(painter, rect.left() + INSET, middle, TIME, Piece::new(&zone, Type::CAPTION_MEDIUM, muted));
    let fits = (0..names.len()).take_while(|index| right_of(rect, *index) <= rect.right() - INSET).count();
    for (index, name) in names.iter().take(fits).enumerate() {
        let name = paint::fit_middle(painter, name, Type::CAPTION_MEDIUM, NUMBER - 8.0);
        paint::right(painter, right_of(rect, index), middle, Piece::new(&name, Type::CAPTION_MEDIUM, muted));
    }
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let filled: Vec<usize> =
        (0..density.buckets.len()).filter(|index| density.buckets[*index].iter().any(|count| *count > 0.0)).collect();
    let rows = Rows { count: filled.len() as u64, height: height::TREE_ROW, view: list.height() };
    let id = Id::unique("eventscope strip table");
    let place = rows.kept(ui.data(|data| data.get_temp::<Place>(id)).unwrap_or_default());
    let (visible, mut y) = rows.visible(place);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    for row in visible {
        let Some(bucket) = usize::try_from(row).ok().and_then(|row| filled.get(row)).copied() else { continue };
        let line = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let (from, to) = ends(density, bucket);
        let counts = &density.buckets[bucket];
        let mut said = vec![words::figures(f64::from(counts.iter().sum::<f32>()))];
        said.extend(counts.iter().map(|count| words::figures(f64::from(*count))));
        let when = words::day_and_time(from);
        let response = ui.interact(line.intersect(list), ui.scope_id().with(("part", bucket)), Sense::CLICK);
        let sentence =
            names.iter().zip(&said).fold(when.clone(), |text, (name, value)| format!("{text}, {name} {value}"));
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &sentence));
        if response.hovered() {
            clipped.rect_filled(line, 0.0, theme.bg_hover);
        }
        let middle = line.center().y;
        let short = words::time(from, "%-d %b %H:%M:%S%.3f");
        paint::left(&clipped, line.left() + INSET, middle, TIME, Piece::new(&short, Type::DATA, theme.text_soft));
        for (index, value) in said.iter().take(fits).enumerate() {
            let color = if index == 0 { theme.text_strong } else { theme.text_soft };
            paint::right(&clipped, right_of(rect, index), middle, Piece::new(value, Type::DATA, color));
        }
        if response.clicked() {
            out.push(Action::GoToTime(to));
        }
    }
    let after = scroll_ui(ui, ui.scope_id().with("strip rows"), list, &rows, place, theme, "Scroll the table");
    ui.data_mut(|data| data.insert_temp(id, after));
}

#[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
fn right_of(rect: Rect, index: usize) -> f32 {
    rect.left() + INSET + TIME + NUMBER * (index + 1) as f32
}

/// Where a bucket begins and ends.
fn ends(density: &Density, bucket: usize) -> (Time, Time) {
    let (first, last) = (density.first.unwrap_or(Time(0)), density.last.unwrap_or(Time(0)));
    let count = i128::try_from(density.buckets.len().max(1)).unwrap_or(1);
    let at = |index: usize| {
        let span = i128::from(last.0) - i128::from(first.0);
        let time = i128::from(first.0) + span * i128::try_from(index).unwrap_or(0) / count;
        Time(i64::try_from(time).unwrap_or(last.0))
    };
    (at(bucket), at(bucket + 1))
}
