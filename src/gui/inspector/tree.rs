//! One line of a JSON value: sign, indent, key, value, and what it was before.

use egui::{Color32, Painter, Rect, pos2};

use crate::gui::fonts::Type;
use crate::gui::icons;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{INSET, Theme};
use crate::limits::SPOKEN_CHARS_MAX;
use crate::protocol::{Change, Line, LineKind, StateLines};
use crate::visible;

/// Characters of a key that are drawn: the value has to have its place.
pub const KEY_CHARS_MAX: usize = 80;

/// Where the key of a line of this depth begins, from the left edge.
pub fn indent(depth: u16) -> f32 {
    24.0 + 16.0 * f32::from(depth.min(24))
}

/// The tint of a changed line, its sign, and the colour of both.
fn mark(change: Change, theme: &Theme) -> Option<(Color32, &'static str, Color32)> {
    match change {
        Change::Same | Change::Below => None,
        Change::Changed => Some((theme.bg_changed, "~", theme.cursor)),
        Change::Added => Some((theme.bg_added, "+", theme.live)),
        Change::Removed => Some((theme.bg_removed, "−", theme.danger)),
    }
}

/// The rectangle of a line's caret, to be clicked.
pub fn caret_rect(rect: Rect, line: &Line) -> Rect {
    let x = rect.left() + indent(line.depth) - 10.0;
    Rect::from_center_size(pos2(x, rect.center().y), egui::vec2(20.0, rect.height()))
}

/// Paints one line.
pub fn line(painter: &Painter, rect: Rect, line: &Line, closed: bool, theme: &Theme) {
    line_within(painter, rect, rect.right(), line, closed, theme);
}

/// Paints one line whose text ends before `right`.
pub fn line_within(painter: &Painter, rect: Rect, right: f32, line: &Line, closed: bool, theme: &Theme) {
    let middle = rect.center().y;
    if let Some((tint, sign, color)) = mark(line.change, theme) {
        painter.rect_filled(rect, 0.0, tint);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, color);
        paint::centred(painter, pos2(rect.left() + 12.0, middle), Piece::new(sign, Type::DATA_MEDIUM, color));
    }
    let x = rect.left() + indent(line.depth);
    if line.below > 0 {
        let caret = if closed { icons::CARET_RIGHT } else { icons::CARET_DOWN };
        paint::icon(painter, pos2(x - 10.0, middle), caret, Type::icon_bold(10.0), theme.text_muted);
    }
    let width = right - INSET - x;
    let words = Words::of(line, closed, theme);
    let whole: Vec<Piece<'_>> = words.pieces(true);
    // Where both do not fit, the old value moves into the tooltip and the sign stays.
    let fits = line.old.is_none() || paint::layout(painter, &whole, width).size().x < width - 1.0;
    paint::pieces(painter, x, middle, width, &if fits { whole } else { words.pieces(false) });
}

/// The text of a line, in its parts.
struct Words<'a> {
    key: String,
    open: String,
    old: Option<&'a str>,
    value: String,
    close: &'static str,
    struck: bool,
    key_color: Color32,
    value_color: Color32,
    theme: &'a Theme,
}

impl<'a> Words<'a> {
    fn of(line: &'a Line, closed: bool, theme: &'a Theme) -> Self {
        let removed = line.change == Change::Removed;
        let key = match visible::start(&line.key, KEY_CHARS_MAX) {
            key if key.is_empty() && line.depth == 0 => String::new(),
            key if key.is_empty() => "\"\": ".to_owned(),
            key => format!("{key}: "),
        };
        let noun = |count: u32, one: &str, many: &str| if count == 1 { one.to_owned() } else { many.to_owned() };
        let (open, value, close) = match line.kind {
            LineKind::Object(_) | LineKind::Array(_) if closed || removed => (String::new(), line.text.to_string(), ""),
            LineKind::Object(count) => ("{ ".to_owned(), format!("{count} {}", noun(count, "key", "keys")), " }"),
            LineKind::Array(count) => ("[ ".to_owned(), format!("{count} {}", noun(count, "item", "items")), " ]"),
            _ => (String::new(), line.text.to_string(), ""),
        };
        let changed = matches!(line.change, Change::Changed | Change::Added);
        let value_color = match line.kind {
            _ if removed => theme.text_muted,
            _ if line.old.is_some() && changed => theme.text_strong,
            LineKind::Object(_) | LineKind::Array(_) => theme.text_muted,
            LineKind::Text => theme.syntax_text,
            LineKind::Number => theme.syntax_number,
            LineKind::Word => theme.syntax_word,
        };
        let key_color = if matches!(line.change, Change::Same | Change::Below) { theme.text_soft } else { theme.text };
        Self { key, open, old: line.old.as_deref(), value, close, struck: removed, key_color, value_color, theme }
    }

    fn pieces(&self, with_old: bool) -> Vec<Piece<'_>> {
        let theme = self.theme;
        let mut pieces = Vec::with_capacity(6);
        pieces.push(Piece::new(&self.key, Type::DATA, self.key_color));
        pieces.push(Piece::new(&self.open, Type::DATA, theme.text_muted));
        if let (Some(old), true) = (self.old, with_old) {
            pieces.push(Piece::new(old, Type::DATA, theme.text_muted).struck());
            pieces.push(Piece::new(" → ", Type::DATA, theme.text_muted));
        }
        let value = Piece::new(&self.value, Type::DATA, self.value_color);
        pieces.push(if self.struck { value.struck() } else { value });
        pieces.push(Piece::new(self.close, Type::DATA, theme.text_muted));
        pieces.retain(|piece| !piece.text.is_empty());
        pieces
    }
}

/// A line in words, for a screen reader: path, value, how it changed.
pub fn sentence(lines: &StateLines, index: usize, line: &Line) -> String {
    let pointer = lines.pointer_shown(index, KEY_CHARS_MAX);
    let path = if pointer.is_empty() { "/" } else { &pointer };
    let value = match line.kind {
        LineKind::Object(1) => "object with 1 key".to_owned(),
        LineKind::Object(count) => format!("object with {count} keys"),
        LineKind::Array(1) => "array with 1 item".to_owned(),
        LineKind::Array(count) => format!("array with {count} items"),
        _ => visible::start(&line.text, SPOKEN_CHARS_MAX).into_owned(),
    };
    let old = line.old.as_deref().map(|old| visible::start(old, SPOKEN_CHARS_MAX));
    match (line.change, old) {
        (Change::Changed, Some(old)) => format!("{path}, changed from {old} to {value}"),
        (Change::Changed, None) => format!("{path}, changed, {value}"),
        (Change::Added, _) => format!("{path}, added, {value}"),
        (Change::Removed, _) => format!("{path}, removed, was {value}"),
        (Change::Same | Change::Below, _) => format!("{path}, {value}"),
    }
}
