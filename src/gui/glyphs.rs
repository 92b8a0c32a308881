//! Event types have a glyph and a colour, both from the type's name alone, so that a type looks the same everywhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::paint;
use super::theme::{Theme, fade};

/// How many glyphs, and how many colours.
const LOOKS: u64 = 12;

/// How a type is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Look {
    /// 0 to 11.
    pub glyph: u8,
    /// 0 to 11.
    pub color: u8,
}

impl Look {
    /// The look of a type by its name as the log stores it, before clashes are settled.
    #[must_use]
    pub fn of(event_type: &str) -> Self {
        let hash = fnv1a(event_type.as_bytes());
        let slot = |value: u64| u8::try_from(value % LOOKS).unwrap_or(0);
        Self { glyph: slot(hash >> 32), color: slot(hash) }
    }

    /// Its colour.
    #[must_use]
    pub fn color(self, theme: &Theme) -> Color32 {
        theme.types[usize::from(self.color) % theme.types.len()]
    }
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The looks of the types of one log. Of two types that would look the same, or that share a colour while both are
/// among the eight most frequent, the later one in alphabetical order moves to the next free colour.
#[derive(Clone, Default, Debug)]
pub struct Looks {
    settled: Vec<(Arc<str>, Look)>,
    /// Short names that stand for more than one type.
    shared: BTreeSet<Box<str>>,
}

/// The types that must not share a colour: the most frequent ones.
const FREQUENT: usize = 8;
/// Types whose looks are settled against each other; the others have the look of their name.
const SETTLED_MAX: usize = 256;

impl Looks {
    /// Settles the looks of types, the most frequent first.
    #[must_use]
    pub fn settle(types: &[Arc<str>]) -> Self {
        let types = &types[..types.len().min(SETTLED_MAX)];
        let (frequent, others) = types.split_at(types.len().min(FREQUENT));
        // A frequent type never moves because of a rare one.
        let (mut names, mut others): (Vec<_>, Vec<_>) = (frequent.iter().collect(), others.iter().collect());
        names.sort();
        others.sort();
        names.extend(others);
        let mut settled: Vec<(Arc<str>, Look)> = Vec::new();
        for name in names {
            let first = Look::of(name);
            let clash = |look: Look| {
                settled.iter().any(|(other, taken)| {
                    *taken == look || (taken.color == look.color && frequent.contains(name) && frequent.contains(other))
                })
            };
            let free =
                (0..12_u8).map(|step| Look { color: (first.color + step) % 12, ..first }).find(|look| !clash(*look));
            settled.push((Arc::clone(name), free.unwrap_or(first)));
        }
        settled.sort_by(|(first, _), (second, _)| first.cmp(second));
        let mut shorts = BTreeSet::new();
        let shared = types.iter().map(|name| short(name)).filter(|name| !shorts.insert(*name)).map(Box::from).collect();
        Self { settled, shared }
    }

    /// What a type is called where there is little room: its name without what stands before the last `.`, `:`, `/`
    /// or `\\`, where that is the name of no other type.
    #[must_use]
    pub fn label<'a>(&self, event_type: &'a str) -> &'a str {
        let short = short(event_type);
        if self.shared.contains(short) { event_type } else { short }
    }

    /// The look of a type.
    #[must_use]
    pub fn of(&self, event_type: &str) -> Look {
        let found = self.settled.binary_search_by(|(name, _)| name.as_ref().cmp(event_type));
        found.ok().and_then(|index| self.settled.get(index)).map_or_else(|| Look::of(event_type), |(_, look)| *look)
    }
}

fn short(event_type: &str) -> &str {
    let tail = event_type.rsplit(['.', ':', '/', '\\']).next().unwrap_or(event_type);
    if tail.is_empty() { event_type } else { tail }
}

/// Paints a glyph in the 12 × 12 box around a point, at a strength of 0 to 1.
pub fn paint(painter: &Painter, at: Pos2, look: Look, theme: &Theme, strength: f32) {
    let color = fade(look.color(theme), strength);
    let corner = at - vec2(6.0, 6.0);
    let points = |list: &[(f32, f32)]| list.iter().map(|&(x, y)| corner + vec2(x, y)).collect::<Vec<_>>();
    let rect = |from: f32, to: f32| Rect::from_min_max(corner + vec2(from, from), corner + vec2(to, to));
    match look.glyph {
        0 => {
            painter.circle_filled(at, 4.0, color);
        }
        1 => {
            painter.rect_filled(rect(2.5, 9.5), 0.0, color);
        }
        2 => paint::polygon(painter, points(&[(6.0, 2.0), (10.4, 9.5), (1.6, 9.5)]), color),
        3 => paint::polygon(painter, points(&[(6.0, 10.0), (1.6, 2.5), (10.4, 2.5)]), color),
        4 => {
            painter.circle_stroke(at, 3.25, Stroke::new(1.5, color));
        }
        5 => {
            painter.rect_filled(Rect::from_center_size(at, vec2(2.5, 8.0)), 0.0, color);
            for side in [-1.0, 1.0] {
                let middle = at + vec2(side * 2.625, 0.0);
                painter.rect_filled(Rect::from_center_size(middle, vec2(2.75, 2.5)), 0.0, color);
            }
        }
        6 => paint::polygon(painter, points(&[(10.2, 6.0), (2.8, 10.2), (2.8, 1.8)]), color),
        7 => paint::polygon(painter, points(&[(1.8, 6.0), (9.2, 1.8), (9.2, 10.2)]), color),
        8 => paint::polygon(
            painter,
            points(&[(3.6, 1.8), (8.4, 1.8), (10.8, 6.0), (8.4, 10.2), (3.6, 10.2), (1.2, 6.0)]),
            color,
        ),
        9 => {
            let centre = corner + vec2(10.0, 10.0);
            let mut outline = vec![centre];
            outline.extend((0..=8_u8).map(|step| {
                let angle = std::f32::consts::PI + f32::from(step) / 8.0 * std::f32::consts::FRAC_PI_2;
                centre + vec2(angle.cos(), angle.sin()) * 8.0
            }));
            paint::polygon(painter, outline, color);
        }
        10 => {
            painter.rect_stroke(rect(2.75, 9.25), 0.0, Stroke::new(1.5, color), StrokeKind::Middle);
        }
        _ => {
            let stroke = Stroke::new(2.2, color);
            painter.add(Shape::line_segment([corner + vec2(2.4, 2.4), corner + vec2(9.6, 9.6)], stroke));
            painter.add(Shape::line_segment(
                [pos2(corner.x + 9.6, corner.y + 2.4), pos2(corner.x + 2.4, corner.y + 9.6)],
                stroke,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the FNV specification (draft-eastlake-fnv).
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_eight_most_frequent_types_have_eight_colours() {
        for seed in 0..50 {
            let types: Vec<Arc<str>> = (0..40).map(|index| Arc::from(format!("Type{seed}x{index}"))).collect();
            let looks = Looks::settle(&types);
            let colors: std::collections::BTreeSet<u8> = types[..8].iter().map(|name| looks.of(name).color).collect();
            assert_eq!(colors.len(), 8, "seed {seed}");
        }
    }

    #[test]
    fn a_type_is_called_by_the_end_of_its_name_where_that_is_clear() {
        let types = ["Bank.Opened", "Bank.Closed", "Order.Opened", "App\\Events\\Paid", "Ended."].map(Arc::from);
        let looks = Looks::settle(&types);
        let labels = types.each_ref().map(|name| looks.label(name));
        assert_eq!(labels, ["Bank.Opened", "Closed", "Order.Opened", "Paid", "Ended."]);
    }

    #[test]
    fn no_two_of_forty_types_look_the_same() {
        let types: Vec<Arc<str>> = (0..40).map(|index| Arc::from(format!("Event{index}Happened"))).collect();
        let looks = Looks::settle(&types);
        let all: std::collections::HashSet<Look> = types.iter().map(|name| looks.of(name)).collect();
        assert_eq!(all.len(), 40);
    }

    #[test]
    fn a_type_that_clashes_with_no_other_has_the_look_of_its_name() {
        let looks = Looks::settle(&[Arc::from("MoneyDeposited")]);
        assert_eq!(looks.of("MoneyDeposited"), Look::of("MoneyDeposited"));
        assert_eq!(looks.of("NeverSeen"), Look::of("NeverSeen"));
    }
}
