//! Chips, badges and keycaps: small marks that say something and are not clicked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, Context, Id, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{RADIUS_1, Theme};
use crate::session::{COMMANDS, Keymap};

const CHIP_HEIGHT: f32 = 20.0;
const CHIP_PAD: f32 = 6.0;
const CHIP_ICON: f32 = 12.0;
const KEYCAP: f32 = 18.0;

/// How wide a chip is.
#[must_use]
pub fn chip_width(painter: &Painter, icon: Option<char>, text: &str) -> f32 {
    let icon = if icon.is_some() { CHIP_ICON + if text.is_empty() { 0.0 } else { 4.0 } } else { 0.0 };
    let text = if text.is_empty() { 0.0 } else { paint::width(painter, text, Type::CAPTION_MEDIUM) };
    (2.0 * CHIP_PAD + icon + text).ceil()
}

/// A chip from `x` to the right. Returns its rectangle.
pub fn chip(
    painter: &Painter,
    x: f32,
    middle: f32,
    icon: Option<char>,
    text: &str,
    color: Color32,
    theme: &Theme,
) -> Rect {
    let width = chip_width(painter, icon, text);
    let rect = Rect::from_min_size(pos2(x, middle - CHIP_HEIGHT / 2.0), vec2(width, CHIP_HEIGHT));
    painter.rect_filled(rect, RADIUS_1, theme.bg_active);
    let mut at = rect.left() + CHIP_PAD;
    if let Some(icon) = icon {
        paint::icon(painter, pos2(at + CHIP_ICON / 2.0, middle), icon, Type::icon(CHIP_ICON), color);
        at += CHIP_ICON + 4.0;
    }
    if !text.is_empty() {
        paint::left(painter, at, middle, f32::INFINITY, Piece::new(text, Type::CAPTION_MEDIUM, color));
    }
    rect
}

/// A badge of 16 points that ends at `x`: `±5`.
pub fn badge(painter: &Painter, x: f32, middle: f32, text: &str, fill: Option<Color32>, color: Color32) {
    let width = paint::width(painter, text, Type::DATA_SMALL) + 8.0;
    let rect = Rect::from_min_size(pos2(x - width, middle - 8.0), vec2(width, 16.0));
    if let Some(fill) = fill {
        painter.rect_filled(rect, RADIUS_1, fill);
    }
    paint::centred(painter, rect.center(), Piece::new(text, Type::DATA_SMALL, color));
}

/// The caps of a key as the command table writes it: `Ctrl+Shift+F` has three.
fn caps(key: &str) -> Vec<&str> {
    if key.is_empty() {
        return Vec::new();
    }
    key.split('+')
        .map(|cap| match cap {
            "Enter" => "↵",
            "Escape" => "Esc",
            "Plus" => "+",
            "Minus" => "-",
            "PageDown" => "Page ↓",
            "PageUp" => "Page ↑",
            "Backspace" => "⌫",
            other => other,
        })
        .collect()
}

fn cap_width(painter: &Painter, cap: &str) -> f32 {
    (paint::width(painter, cap, Type::CAPTION_MEDIUM).ceil() + 10.0).max(KEYCAP)
}

/// Where the window notes the keys of the person's own.
fn keys_id() -> Id {
    Id::unique("eventscope keys")
}

/// Notes the keys that are not the table's, so that everything that shows a key shows the one that works.
pub fn note_keys(ctx: &Context, keys: &Keymap) {
    let own: HashMap<&'static str, String> = COMMANDS
        .iter()
        .filter(|info| keys.is_own(info.command) && !info.keys.is_empty())
        .map(|info| (info.command.key(), keys.keys(info.command).first().copied().unwrap_or_default().to_owned()))
        .collect();
    ctx.data_mut(|data| data.insert_temp(keys_id(), Arc::new(own)));
}

/// The key that works in place of one of the table's.
#[must_use]
pub fn shown_key<'a>(ctx: &Context, key: &'a str) -> Cow<'a, str> {
    let own = ctx.data(|data| data.get_temp::<Arc<HashMap<&'static str, String>>>(keys_id()));
    own.and_then(|own| own.get(key).cloned()).map_or(Cow::Borrowed(key), Cow::Owned)
}

/// How wide the caps of a key of the command table are.
#[must_use]
pub fn keycaps_width(painter: &Painter, key: &str) -> f32 {
    written_keycaps_width(painter, &shown_key(painter.ctx(), key))
}

fn written_keycaps_width(painter: &Painter, key: &str) -> f32 {
    let caps = caps(key);
    let gaps = f32::from(u8::try_from(caps.len().saturating_sub(1)).unwrap_or(0)) * 3.0;
    caps.iter().map(|cap| cap_width(painter, cap)).sum::<f32>() + gaps
}

/// The caps of a key of the command table, ending at `x`. Returns their left end.
pub fn keycaps(painter: &Painter, x: f32, middle: f32, key: &str, theme: &Theme) -> f32 {
    written_keycaps(painter, x, middle, &shown_key(painter.ctx(), key), theme)
}

/// The caps of exactly this key, ending at `x`. Returns their left end.
pub fn written_keycaps(painter: &Painter, x: f32, middle: f32, key: &str, theme: &Theme) -> f32 {
    let mut right = x;
    for cap in caps(key).into_iter().rev() {
        let width = cap_width(painter, cap);
        let rect = Rect::from_min_size(pos2(right - width, middle - KEYCAP / 2.0), vec2(width, KEYCAP));
        painter.rect_stroke(rect, RADIUS_1, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        paint::centred(painter, rect.center(), Piece::new(cap, Type::CAPTION_MEDIUM, theme.text_muted));
        right = rect.left() - 3.0;
    }
    right + 3.0
}
