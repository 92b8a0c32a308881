//! The table twin of the plots: the same columns of time as rows, with the same numbers, the newest first.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::data::Data;
use crate::event::Time;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::words;
use crate::session::{Action, Moment};

const TIME: f32 = 132.0;
const NUMBER: f32 = 88.0;

/// Draws the table.
pub fn table_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, data: &Data, place: &mut Place, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let head = rect.with_max_y(rect.top() + height::COLUMNS);
    let list = rect.with_min_y(head.bottom());
    let types: Vec<&str> =
        data.layers.iter().map(|(name, _)| name.as_ref().map_or("other", |name| scene.looks.label(name))).collect();
    let (factor, rate) = (data.unit().1, format!("Events /{}", data.unit_sign()));
    // Of the history only the times of the events are known.
    let watched = ["Lowest", "Highest", "Bytes /s", "p50 ms", "p99 ms", "Per commit", "Lag ms"];
    let mut names = vec![rate.as_str()];
    names.extend(watched.iter().filter(|_| !data.history));
    names.extend(&types);
    let painter = ui.painter();
    let middle = head.center().y;
    paint::left(
        painter,
        rect.left() + INSET,
        middle,
        TIME,
        Piece::new("Time until", Type::CAPTION_MEDIUM, theme.text_muted),
    );
    let fits = columns_that_fit(rect, names.len());
    for (index, name) in names.iter().take(fits).enumerate() {
        let name = paint::fit_middle(painter, name, Type::CAPTION_MEDIUM, NUMBER - 8.0);
        paint::right(painter, right_of(rect, index), middle, Piece::new(&name, Type::CAPTION_MEDIUM, theme.text_muted));
    }
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let known: Vec<(usize, &Moment)> =
        data.moments.iter().enumerate().rev().filter_map(|(index, moment)| Some((index, moment.as_ref()?))).collect();
    if known.is_empty() {
        paint::centred(painter, list.center(), Piece::new("Nothing was measured yet", Type::LABEL, theme.text_muted));
        return;
    }
    let rows = Rows { count: known.len() as u64, height: height::ROW, view: list.height() };
    *place = rows.kept(*place);
    let (visible, mut y) = rows.visible(*place);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    for row in visible {
        let Some((column, moment)) = usize::try_from(row).ok().and_then(|row| known.get(row)) else { continue };
        let line = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::ROW));
        y += height::ROW;
        let time = Time(data.span.end_of(*column).saturating_mul(1_000));
        let when = if data.history { words::day_and_minute(time) } else { words::clock(time) };
        let mut values = numbers(moment, data.history, factor);
        let by_type = data.layers.iter().map(|(_, layer)| layer.get(*column).copied().flatten());
        values.extend(by_type.map(|value| value.map(|value| value * factor)));
        let said: Vec<String> =
            values.iter().map(|value| value.map_or_else(|| "–".to_owned(), words::figures)).collect();
        let response = ui.interact(line.intersect(list), ui.scope_id().with(("moment", row)), Sense::CLICK);
        let sentence =
            names.iter().zip(&said).fold(when.clone(), |text, (name, value)| format!("{text}, {name} {value}"));
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &sentence));
        if response.hovered() {
            clipped.rect_filled(line, 0.0, theme.bg_hover);
        }
        let middle = line.center().y;
        paint::left(&clipped, line.left() + INSET, middle, TIME, Piece::new(&when, Type::DATA, theme.text_soft));
        for (index, value) in said.iter().take(fits).enumerate() {
            let color = if index == 0 { theme.text_strong } else { theme.text_soft };
            paint::right(&clipped, right_of(rect, index), middle, Piece::new(value, Type::DATA, color));
        }
        if response.clicked() {
            out.push(Action::GoToTime(time));
        }
    }
    *place = scroll_ui(ui, ui.scope_id().with("plot table"), list, &rows, *place, theme, "Scroll the table");
}

#[expect(clippy::cast_precision_loss, reason = "a dozen columns")]
fn right_of(rect: Rect, index: usize) -> f32 {
    rect.left() + INSET + TIME + NUMBER * (index + 1) as f32
}

fn columns_that_fit(rect: Rect, columns: usize) -> usize {
    (0..columns).take_while(|index| right_of(rect, *index) <= rect.right() - INSET).count()
}

#[expect(clippy::cast_precision_loss, reason = "microseconds and milliseconds")]
fn numbers(moment: &Moment, history: bool, factor: f64) -> Vec<Option<f64>> {
    let ms = |micros: u64| micros as f64 / 1_000.0;
    if history {
        return vec![Some(moment.rate() * factor)];
    }
    vec![
        Some(moment.rate() * factor),
        Some(moment.low * factor),
        Some(moment.peak * factor),
        Some(moment.bytes_rate()),
        moment.commits.map(|(_, p50, _)| ms(p50)),
        moment.commits.map(|(_, _, p99)| ms(p99)),
        moment.batch(),
        moment.lag_ms.map(|lag| lag as f64),
    ]
}
