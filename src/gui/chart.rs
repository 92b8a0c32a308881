//! A small chart of values over versions: step lines, an axis on each side, the cursor through it.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

use super::fonts::Type;
use super::paint::{self, Piece};
use super::theme::{Theme, fade};
use super::words;

/// Room for the labels of the upright axis.
const GUTTER: f32 = 54.0;
/// Room for those of the other one.
const FOOT: f32 = 22.0;
/// After the cursor a line is drawn at this strength.
const FUTURE: f32 = 0.5;

/// One line: what holds from each place on until the next.
pub struct Series<'a> {
    /// Places and values, in order; `None` where there is no number.
    pub points: &'a [(f64, Option<f64>)],
    /// Its colour.
    pub color: Color32,
    /// True where it is dashed.
    pub dashed: bool,
    /// True where it runs straight from point to point; else each value holds until the next.
    pub sloped: bool,
}

/// A chart.
pub struct Chart<'a> {
    /// The places from the left edge to the right one.
    pub span: (f64, f64),
    /// Its lines.
    pub series: &'a [Series<'a>],
    /// Where the cursor stands.
    pub cursor: Option<f64>,
    /// A place with a ring around its value.
    pub ring: Option<(f64, f64)>,
    /// A place with a triangle over it: where two lines part.
    pub parts: Option<f64>,
    /// True where every write has its dot.
    pub dots: bool,
    /// True where the upright axis begins at zero.
    pub from_zero: bool,
}

impl Chart<'_> {
    /// Draws it. `value` writes a value of the upright axis.
    pub fn show(&self, painter: &Painter, rect: Rect, theme: &Theme, value: &dyn Fn(f64) -> String) {
        painter.rect_filled(rect, 0.0, theme.bg_field);
        let plot = Rect::from_min_max(
            pos2(rect.left() + GUTTER, rect.top() + 10.0),
            pos2(rect.right() - 12.0, rect.bottom() - FOOT),
        );
        let Some((low, high)) = self.range() else { return };
        let ticks = ticks(low, high, 3);
        let low = ticks.first().copied().unwrap_or(low).min(low);
        let high = ticks.last().copied().unwrap_or(high).max(high);
        #[expect(clippy::cast_possible_truncation, reason = "points of a small chart")]
        let y_of = |y: f64| plot.bottom() - plot.height() * ((y - low) / (high - low).max(f64::MIN_POSITIVE)) as f32;
        let span = (self.span.1 - self.span.0).max(f64::MIN_POSITIVE);
        #[expect(clippy::cast_possible_truncation, reason = "points of a small chart")]
        let x_of = |x: f64| plot.left() + plot.width() * (((x - self.span.0) / span).clamp(0.0, 1.0)) as f32;
        for tick in &ticks {
            let y = y_of(*tick).round();
            paint::hline(painter, plot.left(), plot.right(), y, theme.line_subtle);
            let text = value(*tick);
            paint::right(painter, plot.left() - 8.0, y, Piece::new(&text, Type::DATA_SMALL, theme.text_muted));
        }
        self.places(painter, rect, plot, theme, &x_of);
        let edge = self.cursor.map_or(plot.right(), &x_of);
        for series in self.series {
            line(painter, series, plot, edge, &x_of, &y_of);
            if self.dots {
                for (x, y) in series.points.iter().filter_map(|(x, y)| Some((*x, (*y)?))) {
                    let strength = if x_of(x) > edge { FUTURE } else { 1.0 };
                    painter.circle_filled(pos2(x_of(x), y_of(y)), 2.0, fade(series.color, strength));
                }
            }
        }
        if let Some(x) = self.parts.map(&x_of) {
            let tip = [pos2(x - 5.0, plot.top() - 8.0), pos2(x + 5.0, plot.top() - 8.0), pos2(x, plot.top())];
            paint::polygon(painter, tip.to_vec(), theme.warn);
            let stem = Stroke::new(1.0, theme.warn);
            painter.add(Shape::dashed_line(&[pos2(x, plot.top()), pos2(x, plot.bottom())], stem, 2.0, 3.0));
        }
        if self.cursor.is_some() {
            let line = Rect::from_min_max(pos2(edge - 1.0, rect.top() + 2.0), pos2(edge + 1.0, plot.bottom()));
            painter.rect_filled(line, 0.0, theme.cursor);
        }
        if let Some((x, y)) = self.ring {
            painter.circle_stroke(pos2(x_of(x), y_of(y)), 5.0, Stroke::new(1.5, theme.accent));
        }
    }

    fn range(&self) -> Option<(f64, f64)> {
        let values = || self.series.iter().flat_map(|series| series.points.iter().filter_map(|(_, y)| *y));
        let low = values().fold(if self.from_zero { 0.0 } else { f64::INFINITY }, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return None;
        }
        Some(if high > low { (low, high) } else { (low - low.abs().max(1.0) / 2.0, high + high.abs().max(1.0) / 2.0) })
    }

    /// Labels below, at round places; the next one is left out where two would touch.
    fn places(&self, painter: &Painter, rect: Rect, plot: Rect, theme: &Theme, x_of: &dyn Fn(f64) -> f32) {
        let mut free = plot.left() - GUTTER;
        for place in ticks(self.span.0, self.span.1, 4) {
            if place < self.span.0 || place > self.span.1 || place.fract() != 0.0 {
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of a version")]
            let text = words::thousands(place as i64);
            let width = paint::width(painter, &text, Type::DATA_SMALL);
            let left = (x_of(place) - width / 2.0).clamp(rect.left() + 4.0, rect.right() - 4.0 - width);
            if left < free + 8.0 {
                continue;
            }
            let piece = Piece::new(&text, Type::DATA_SMALL, theme.text_muted);
            free = paint::left(painter, left, rect.bottom() - FOOT / 2.0, width + 2.0, piece);
        }
    }
}

/// A step line: solid up to the edge, dim after it.
fn line(
    painter: &Painter,
    series: &Series<'_>,
    plot: Rect,
    edge: f32,
    x_of: &dyn Fn(f64) -> f32,
    y_of: &dyn Fn(f64) -> f32,
) {
    let mut pieces: [Vec<Vec<Pos2>>; 2] = [vec![Vec::new()], vec![Vec::new()]];
    let mut last: Option<f32> = None;
    let push = |pieces: &mut [Vec<Vec<Pos2>>; 2], from: Pos2, to: Pos2| {
        for (index, part) in pieces.iter_mut().enumerate() {
            let (low, high) = if index == 0 { (f32::NEG_INFINITY, edge) } else { (edge, f32::INFINITY) };
            let (a, b) = (from.x.clamp(low, high), to.x.clamp(low, high));
            let upright = (from.x - to.x).abs() < 1e-3;
            let inside = if upright { from.x >= low && from.x <= high } else { b > a };
            if let (true, Some(run)) = (inside, part.last_mut()) {
                let at = |x: f32| {
                    if upright { None } else { Some(from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x)) }
                };
                // The same point twice in a row has no direction.
                for point in [pos2(a, at(a).unwrap_or(from.y)), pos2(b, at(b).unwrap_or(to.y))] {
                    if run.last() != Some(&point) {
                        run.push(point);
                    }
                }
            }
        }
    };
    for (index, (x, y)) in series.points.iter().enumerate() {
        let (Some(y), x) = (y.map(y_of), x_of(*x)) else {
            for part in &mut pieces {
                part.push(Vec::new());
            }
            last = None;
            continue;
        };
        if series.sloped {
            let next = series.points.get(index + 1).and_then(|(next, value)| Some(pos2(x_of(*next), y_of((*value)?))));
            if let Some(next) = next {
                push(&mut pieces, pos2(x, y), next);
            }
            continue;
        }
        if let Some(before) = last {
            push(&mut pieces, pos2(x, before), pos2(x, y));
        }
        let next = series.points.get(index + 1).map_or(plot.right(), |(next, _)| x_of(*next));
        push(&mut pieces, pos2(x, y), pos2(next, y));
        last = Some(y);
    }
    for (part, strength) in pieces.into_iter().zip([1.0, FUTURE]) {
        let stroke = Stroke::new(1.5, fade(series.color, strength));
        for run in part.into_iter().filter(|run| run.len() > 1) {
            if series.dashed {
                painter.extend(Shape::dashed_line(&run, stroke, 4.0, 3.0));
            } else {
                painter.add(Shape::line(run, stroke));
            }
        }
    }
}

/// Round values that lie around a range: at 1, 2 or 5 times a power of ten.
#[must_use]
pub fn ticks(low: f64, high: f64, about: u32) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    let raw = span / f64::from(about.max(1));
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|unit| unit * power).find(|step| *step >= raw).unwrap_or(raw);
    let first = (low / step).floor();
    let last = (high / step).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few ticks")]
    let count = (last - first).clamp(0.0, 20.0) as u32;
    (0..=count).map(|index| (first + f64::from(index)) * step).collect()
}

/// At most so many points, with the lowest and the highest of each stretch kept.
#[must_use]
pub fn thinned(points: &[(f64, Option<f64>)], most: usize) -> Vec<(f64, Option<f64>)> {
    if points.len() <= most || most < 4 {
        return points.to_vec();
    }
    let each = points.len().div_ceil(most / 2);
    let mut kept = Vec::with_capacity(most + 2);
    for stretch in points.chunks(each) {
        let by = |one: &&(f64, Option<f64>), other: &&(f64, Option<f64>)| {
            one.1.unwrap_or(f64::NAN).total_cmp(&other.1.unwrap_or(f64::NAN))
        };
        let numbers = || stretch.iter().filter(|point| point.1.is_some());
        let (Some(low), Some(high)) = (numbers().min_by(by), numbers().max_by(by)) else {
            kept.extend(stretch.first());
            continue;
        };
        let (first, second) = if low.0 <= high.0 { (low, high) } else { (high, low) };
        kept.push(*first);
        if first.0 < second.0 {
            kept.push(*second);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_around_the_range() {
        assert_eq!(ticks(0.0, 10.0, 3), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(-5.0, 1_500.0, 3), [-1_000.0, 0.0, 1_000.0, 2_000.0]);
        assert_eq!(ticks(3.0, 3.0, 3), [3.0]);
    }

    #[test]
    fn a_long_line_keeps_its_lowest_and_its_highest() {
        let points: Vec<(f64, Option<f64>)> =
            (0..10_000).map(|x| (f64::from(x), Some(if x == 7_777 { 99.0 } else { f64::from(x % 3) }))).collect();
        let kept = thinned(&points, 600);
        assert!(kept.len() <= 602);
        assert!(kept.iter().any(|point| point.1 == Some(99.0)));
        assert!(kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }
}
