//! One plot over time: ground, grid, lines or stacked areas, axes, and the line that goes through all plots.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

use crate::gui::axis::time_ticks;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{Theme, fade};
use crate::gui::words;

/// Height of the time axis.
pub const AXIS: f32 = 20.0;

/// The part of time that a plot shows, in milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Span {
    /// Its start.
    pub first_ms: i64,
    /// The length of a column.
    pub column_ms: i64,
    /// How many columns there are.
    pub columns: usize,
    /// True where it ends now.
    pub ends_now: bool,
}

impl Span {
    #[expect(clippy::cast_precision_loss, reason = "a length of time in milliseconds")]
    fn length(&self) -> f64 {
        (self.column_ms as f64 * self.columns as f64).max(1.0)
    }

    /// Where an instant stands in a plot.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place in points")]
    pub fn x_of(&self, ms: f64, plot: Rect) -> f32 {
        plot.left() + (plot.width() * ((ms - self.first_ms as f64) / self.length()) as f32)
    }

    /// The column at a place in a plot.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    pub fn column_at(&self, x: f32, plot: Rect) -> Option<usize> {
        let share = f64::from((x - plot.left()) / plot.width().max(1.0));
        if !(0.0..=1.0).contains(&share) || self.columns == 0 {
            return None;
        }
        Some(((share * self.columns as f64) as usize).min(self.columns - 1))
    }

    /// The end of a column, in milliseconds since 1970.
    #[must_use]
    pub fn end_of(&self, column: usize) -> i64 {
        self.first_ms + self.column_ms * (i64::try_from(column).unwrap_or(0) + 1)
    }

    /// The middle of a column in a plot.
    #[expect(clippy::cast_precision_loss, reason = "some hundred columns")]
    fn middle_of(&self, column: usize, plot: Rect) -> f32 {
        plot.left() + plot.width() * (column as f32 + 0.5) / (self.columns.max(1) as f32)
    }
}

/// A line: for each column its lowest and highest value, `None` where nothing is known.
pub struct Line {
    /// The values.
    pub values: Vec<Option<(f64, f64)>>,
    /// The colour.
    pub color: Color32,
    /// True for dashes.
    pub dashed: bool,
    /// True for a tint below it.
    pub filled: bool,
}

/// The largest value of some lines.
#[must_use]
pub fn top_of(lines: &[Line]) -> f64 {
    lines.iter().flat_map(|line| line.values.iter().flatten()).map(|(_, high)| *high).fold(0.0, f64::max)
}

/// Round values from zero up, at most `most` above it, and the value of the upper edge.
#[must_use]
pub fn ticks(top: f64, most: usize) -> (Vec<f64>, f64) {
    if top <= 0.0 || !top.is_finite() {
        return (vec![0.0], 1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of ticks")]
    let least = top / most.max(1) as f64;
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= least * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let mut ticks = vec![0.0];
    while ticks.last().is_some_and(|last| last + step <= top * 1.02) && ticks.len() < 16 {
        ticks.push(ticks.last().unwrap_or(&0.0) + step);
    }
    (ticks, top * 1.06)
}

/// The ground of a plot with its grid and both axes.
pub fn ground(painter: &Painter, plot: Rect, span: &Span, top: f64, most: usize, theme: &Theme) -> f64 {
    let (values, edge) = ticks(top, most);
    for value in &values {
        let y = y_of(*value, edge, plot).round();
        let color = if *value == 0.0 { theme.line_strong } else { theme.line_subtle };
        paint::hline(painter, plot.left(), plot.right(), y, color);
        let label = words::figures(*value);
        paint::right(painter, plot.left() - 8.0, y, Piece::new(&label, Type::DATA_SMALL, theme.text_muted));
    }
    let (first, last) = (span.first_ms * 1_000, span.end_of(span.columns.saturating_sub(1)) * 1_000);
    let middle = plot.bottom() + AXIS / 2.0 + 1.0;
    let mut free = f32::NEG_INFINITY;
    let end = if span.ends_now {
        let width = paint::width(painter, "now", Type::DATA_SMALL);
        paint::left(painter, plot.right() - width, middle, 40.0, Piece::new("now", Type::DATA_SMALL, theme.text_muted));
        plot.right() - width - 12.0
    } else {
        plot.right()
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozen ticks")]
    let count = (plot.width() / 96.0).clamp(1.0, 12.0) as usize;
    if last <= first {
        return edge;
    }
    for tick in time_ticks(first, last, count) {
        let x = (plot.left() + plot.width() * tick.share).round();
        let width = paint::width(painter, &tick.label, Type::DATA_SMALL);
        let left = (x - width / 2.0).max(plot.left() - 40.0);
        if left < free || left + width > end {
            continue;
        }
        paint::vline(painter, x, plot.top(), plot.bottom(), theme.line_subtle);
        paint::left(painter, left, middle, f32::INFINITY, Piece::new(&tick.label, Type::DATA_SMALL, theme.text_muted));
        free = left + width + 12.0;
    }
    edge
}

#[expect(clippy::cast_possible_truncation, reason = "a place in points")]
fn y_of(value: f64, edge: f64, plot: Rect) -> f32 {
    plot.bottom() - plot.height() * (value / edge.max(1e-9)).clamp(0.0, 1.0) as f32
}

/// Draws lines; a gap in the values is a gap in the line.
pub fn lines(painter: &Painter, plot: Rect, span: &Span, edge: f64, lines: &[Line], theme: &Theme) {
    for line in lines {
        let mut run: Vec<Pos2> = Vec::new();
        let flush = |run: &mut Vec<Pos2>| {
            draw_run(painter, plot, run, line);
            run.clear();
        };
        for (column, value) in line.values.iter().enumerate() {
            let Some((low, high)) = value else {
                flush(&mut run);
                continue;
            };
            let x = span.middle_of(column, plot);
            run.push(pos2(x, y_of(*high, edge, plot)));
            if (high - low).abs() > edge * 0.004 {
                run.push(pos2(x, y_of(*low, edge, plot)));
            }
        }
        flush(&mut run);
        if let Some((column, (_, high))) =
            line.values.iter().enumerate().rev().find_map(|(column, value)| value.map(|value| (column, value)))
            && line.filled
        {
            painter.circle_filled(pos2(span.middle_of(column, plot), y_of(high, edge, plot)), 3.0, line.color);
        }
    }
    let _ = theme;
}

fn draw_run(painter: &Painter, plot: Rect, run: &[Pos2], line: &Line) {
    match run {
        [] => {}
        [only] => {
            painter.circle_filled(*only, 1.5, line.color);
        }
        _ => {
            if line.filled {
                let mut mesh = Mesh::default();
                for point in run {
                    mesh.vertices.push(Vertex::untextured(*point, fade(line.color, 0.14)));
                    mesh.vertices.push(Vertex::untextured(pos2(point.x, plot.bottom()), fade(line.color, 0.14)));
                }
                for index in 0..u32::try_from(run.len()).unwrap_or(1) - 1 {
                    let at = index * 2;
                    mesh.indices.extend([at, at + 1, at + 2, at + 1, at + 2, at + 3]);
                }
                painter.add(Shape::mesh(mesh));
            }
            let stroke = Stroke::new(1.5, line.color);
            if line.dashed {
                painter.extend(Shape::dashed_line(run, stroke, 3.0, 2.0));
            } else {
                painter.add(Shape::line(run.to_vec(), stroke));
            }
        }
    }
}

/// Draws layers on top of each other, the first at the bottom, with a seam between them.
pub fn stacked(
    painter: &Painter,
    plot: Rect,
    span: &Span,
    edge: f64,
    layers: &[(Color32, Vec<Option<f64>>)],
    theme: &Theme,
) {
    let mut below = vec![0.0_f64; span.columns];
    let mut mesh = Mesh::default();
    let mut seams: Vec<Vec<Pos2>> = Vec::new();
    for (color, values) in layers {
        let fill = fade(*color, 0.62);
        let mut before: Option<(f32, f32, f32)> = None;
        let mut seam: Vec<Pos2> = Vec::new();
        for (column, value) in values.iter().enumerate() {
            let Some(base) = below.get_mut(column) else { break };
            let Some(value) = value else {
                before = None;
                if seam.len() > 1 {
                    seams.push(std::mem::take(&mut seam));
                }
                seam.clear();
                continue;
            };
            let x = span.middle_of(column, plot);
            let (low, high) = (y_of(*base, edge, plot), y_of(*base + value, edge, plot));
            if let Some((x0, low0, high0)) = before {
                let first = u32::try_from(mesh.vertices.len()).unwrap_or(0);
                for corner in [pos2(x0, high0), pos2(x, high), pos2(x, low), pos2(x0, low0)] {
                    mesh.vertices.push(Vertex::untextured(corner, fill));
                }
                mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
            }
            before = Some((x, low, high));
            seam.push(pos2(x, high));
            *base += value;
        }
        if seam.len() > 1 {
            seams.push(seam);
        }
    }
    painter.add(Shape::mesh(mesh));
    for seam in seams {
        painter.add(Shape::line(seam, Stroke::new(1.0, theme.bg_field)));
    }
}

/// The line through all plots at the column under the pointer.
pub fn hover_line(painter: &Painter, plot: Rect, span: &Span, column: usize, theme: &Theme) {
    let x = span.middle_of(column, plot).round();
    paint::vline(painter, x, plot.top(), plot.bottom(), theme.text_soft);
}

/// A dot where the line through all plots crosses a value.
pub fn hover_dot(
    painter: &Painter,
    plot: Rect,
    span: &Span,
    column: usize,
    place: (f64, f64),
    color: Color32,
    theme: &Theme,
) {
    let (value, edge) = place;
    let at = pos2(span.middle_of(column, plot).round(), y_of(value, edge, plot));
    painter.circle_filled(at, 4.0, theme.bg_field);
    painter.circle_filled(at, 3.0, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_begin_at_zero() {
        assert_eq!(ticks(2_000.0, 4).0, [0.0, 500.0, 1_000.0, 1_500.0, 2_000.0]);
        assert_eq!(ticks(0.76, 4).0, [0.0, 0.2, 0.4, 0.600_000_000_000_000_1]);
        assert_eq!(ticks(19.0, 2).0, [0.0, 10.0]);
        assert_eq!(ticks(0.0, 4), (vec![0.0], 1.0));
        assert_eq!(ticks(f64::NAN, 4), (vec![0.0], 1.0));
        for top in [1e-6, 0.3, 7.0, 123.0, 9_999.0, 1e12] {
            let (values, edge) = ticks(top, 4);
            assert!(values.len() <= 6 && values.iter().all(|value| *value <= edge), "{top}: {values:?}");
        }
    }

    #[test]
    fn a_place_and_its_column_answer_each_other() {
        let span = Span { first_ms: 1_000, column_ms: 250, columns: 600, ends_now: true };
        let plot = Rect::from_min_max(pos2(56.0, 0.0), pos2(856.0, 100.0));
        for column in [0, 1, 299, 599] {
            assert_eq!(span.column_at(span.middle_of(column, plot), plot), Some(column));
        }
        assert_eq!(span.column_at(20.0, plot), None);
        assert_eq!(span.end_of(599), 151_000);
    }
}
