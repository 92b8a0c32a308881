//! Text and lines on the grid: everything that is painted by hand goes through here.
//!
//! Text is placed by the middle of its line; the baseline follows from the type scale, so that Inter and `JetBrains`
//! Mono stand on one line.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Galley, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::fonts::Type;
use super::theme::Theme;
use crate::limits::{LINE_CHARS_MAX, PARAGRAPH_CHARS_MAX};
use crate::visible;

/// A piece of one line of text.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The text.
    pub text: &'a str,
    /// Its type.
    pub face: Type,
    /// Its colour.
    pub color: Color32,
    /// True where it is struck through.
    pub struck: bool,
}

impl<'a> Piece<'a> {
    /// A plain piece.
    #[must_use]
    pub fn new(text: &'a str, face: Type, color: Color32) -> Self {
        Self { text, face, color, struck: false }
    }

    /// The same, struck through.
    #[must_use]
    pub fn struck(self) -> Self {
        Self { struck: true, ..self }
    }

    fn format(&self) -> TextFormat {
        let strikethrough = if self.struck { Stroke::new(1.0, self.color) } else { Stroke::NONE };
        TextFormat { strikethrough, ..TextFormat::simple(self.face.font(), self.color) }
    }
}

/// One line of text, cut with `…` where it is wider than `width`. What hides or steers in it is written out, and it is
/// cut before it is laid out: no text of a log makes a frame slow.
#[must_use]
pub fn layout(painter: &Painter, pieces: &[Piece<'_>], width: f32) -> Arc<Galley> {
    let mut job = LayoutJob {
        break_on_newline: false,
        wrap: TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..TextWrapping::default() },
        ..LayoutJob::default()
    };
    let mut room = chars_in(width);
    for piece in pieces {
        // Icons are of private use, which no text of a log may be.
        let shown = if piece.face.face.is_icon() { piece.text.into() } else { visible::start(piece.text, room) };
        job.append(&shown, 0.0, piece.format());
        room = room.saturating_sub(shown.chars().count());
        if room == 0 {
            break;
        }
    }
    painter.layout_job(job)
}

/// More characters than fit in this width, whatever they are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a width in points, some thousands at most"
)]
fn chars_in(width: f32) -> usize {
    const NARROWEST: f32 = 2.5;
    let chars = (width / NARROWEST).clamp(0.0, LINE_CHARS_MAX as f32);
    (chars as usize + 8).min(LINE_CHARS_MAX)
}

/// The width of a text on one line.
#[must_use]
pub fn width(painter: &Painter, text: &str, face: Type) -> f32 {
    layout(painter, &[Piece::new(text, face, Color32::WHITE)], f32::INFINITY).size().x
}

/// Paints a line that was laid out, its left end at `x`, the middle of its line at `middle`. Returns its right end.
pub fn place(painter: &Painter, x: f32, middle: f32, face: Type, galley: Arc<Galley>) -> f32 {
    let top = middle + face.baseline() - first_ascent(&galley, face);
    let right = x + galley.size().x;
    painter.galley(pos2(x, top), galley, Color32::WHITE);
    right
}

fn first_ascent(galley: &Galley, face: Type) -> f32 {
    let glyph = galley.rows.first().and_then(|row| row.glyphs.first());
    // The y of a glyph is its baseline.
    glyph.map_or(face.face.ascent() * face.size, |glyph| glyph.pos.y)
}

/// Text from `x` to the right, at most `width` wide. Returns its right end.
pub fn left(painter: &Painter, x: f32, middle: f32, width: f32, piece: Piece<'_>) -> f32 {
    let face = piece.face;
    let galley = layout(painter, &[piece], width);
    place(painter, x, middle, face, galley)
}

/// Text that ends at `x`. Returns its left end.
pub fn right(painter: &Painter, x: f32, middle: f32, piece: Piece<'_>) -> f32 {
    let face = piece.face;
    let galley = layout(painter, &[piece], f32::INFINITY);
    let start = x - galley.size().x;
    place(painter, start, middle, face, galley);
    start
}

/// Text around a point.
pub fn centred(painter: &Painter, at: Pos2, piece: Piece<'_>) {
    let face = piece.face;
    let galley = layout(painter, &[piece], f32::INFINITY);
    place(painter, at.x - galley.size().x / 2.0, at.y, face, galley);
}

/// Several pieces as one line from `x`. Returns its right end.
pub fn pieces(painter: &Painter, x: f32, middle: f32, width: f32, pieces: &[Piece<'_>]) -> f32 {
    let Some(first) = pieces.first() else { return x };
    let galley = layout(painter, pieces, width);
    let mixed = pieces.iter().any(|piece| piece.face.face != first.face.face);
    if !mixed || galley.elided {
        return place(painter, x, middle, first.face, galley);
    }
    // egui sets fonts on one line by their boxes, not by their baselines: each piece is placed by its own.
    let mut x = x;
    for piece in pieces {
        x = place(painter, x, middle, piece.face, layout(painter, std::slice::from_ref(piece), f32::INFINITY));
    }
    x
}

/// Text of several lines, `width` wide, from a corner. Returns its lower end.
pub fn paragraph(painter: &Painter, at: Pos2, width: f32, align: Align2, line_height: f32, piece: &Piece<'_>) -> f32 {
    let mut format = piece.format();
    format.line_height = Some(line_height);
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    job.halign = align.x();
    job.append(&visible::start(piece.text, PARAGRAPH_CHARS_MAX), 0.0, format);
    let galley = painter.layout_job(job);
    let bottom = at.y + galley.size().y;
    let x = match align.x() {
        egui::Align::Min => at.x,
        egui::Align::Center => at.x + width / 2.0,
        egui::Align::Max => at.x + width,
    };
    painter.galley(pos2(x, at.y), galley, piece.color);
    bottom
}

/// One icon around a point.
pub fn icon(painter: &Painter, at: Pos2, icon: char, face: Type, color: Color32) {
    let mut bytes = [0; 4];
    let text = icon.encode_utf8(&mut bytes);
    centred(painter, at, Piece::new(text, face, color));
}

/// A text cut in its middle to `characters`: both ends of a long name tell more than its start.
#[must_use]
pub fn cut_middle(text: &str, characters: usize) -> String {
    if text.len() <= characters || characters < 3 || text.chars().nth(characters).is_none() {
        return text.to_owned();
    }
    let tail = (characters - 1) / 2;
    let head = characters - 1 - tail;
    let start: String = text.chars().take(head).collect();
    let mut end: Vec<char> = text.chars().rev().take(tail).collect();
    end.reverse();
    start + "…" + &end.into_iter().collect::<String>()
}

/// A text cut in its middle so that it is at most `room` wide.
#[must_use]
pub fn fit_middle(painter: &Painter, text: &str, face: Type, room: f32) -> String {
    let whole = cut_middle(text, chars_in(room));
    if width(painter, &whole, face) <= room {
        return whole;
    }
    // The widest cut that fits, found by halving.
    let (mut fits, mut too_wide) = (4, whole.chars().count());
    while fits + 1 < too_wide {
        let middle = usize::midpoint(fits, too_wide);
        if width(painter, &cut_middle(text, middle), face) <= room {
            fits = middle;
        } else {
            too_wide = middle;
        }
    }
    cut_middle(text, fits)
}

/// A horizontal line of one point, on the pixel grid, its upper edge at `y`.
pub fn hline(painter: &Painter, left: f32, right: f32, y: f32, color: Color32) {
    painter.rect_filled(Rect::from_min_max(pos2(left, y), pos2(right, y + 1.0)), 0.0, color);
}

/// A vertical line of one point, on the pixel grid, its left edge at `x`.
pub fn vline(painter: &Painter, x: f32, top: f32, bottom: f32, color: Color32) {
    painter.rect_filled(Rect::from_min_max(pos2(x, top), pos2(x + 1.0, bottom)), 0.0, color);
}

/// The ring around a control that has the focus: 1 point on its edge and 1 outside.
pub fn focus_ring(painter: &Painter, rect: Rect, radius: f32, theme: &Theme) {
    painter.rect_stroke(rect, radius, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    painter.rect_stroke(rect, radius, Stroke::new(1.0, theme.accent), StrokeKind::Outside);
}

/// A filled polygon; its corners in order, convex.
pub fn polygon(painter: &Painter, points: Vec<Pos2>, color: Color32) {
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// A diamond, 10 points high: the mark of a snapshot.
pub fn diamond(painter: &Painter, at: Pos2, color: Color32, filled: bool) {
    let points = [vec2(0.0, -5.0), vec2(5.0, 0.0), vec2(0.0, 5.0), vec2(-5.0, 0.0)].map(|step| at + step);
    if filled {
        polygon(painter, points.to_vec(), color);
    } else {
        painter.add(Shape::closed_line(points.to_vec(), Stroke::new(1.5, color)));
    }
}

/// The mark of the program in a square of this side.
pub fn mark(painter: &Painter, rect: Rect, theme: &Theme) {
    let unit = rect.width() / 512.0;
    let part = |x: f32, y: f32, w: f32, h: f32| Rect::from_min_size(rect.min + vec2(x, y) * unit, vec2(w, h) * unit);
    let dark = Theme::dark();
    painter.rect(rect, 112.0 * unit, dark.bg_panel, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let radius = 12.0 * unit;
    painter.rect_filled(part(128.0, 96.0, 64.0, 320.0), radius, dark.cursor);
    painter.rect_filled(part(224.0, 96.0, 192.0, 64.0), radius, dark.accent);
    painter.rect_filled(part(224.0, 224.0, 128.0, 64.0), radius, dark.series[1]);
    painter.rect_filled(part(224.0, 352.0, 192.0, 64.0), radius, dark.line_control);
}
