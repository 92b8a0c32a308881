//! The marks over the time strip: snapshots, bookmarks, what was found.

use std::collections::BTreeMap;

use egui::{Painter, Rect, Shape, Stroke, pos2};

use super::scrubber::MARKS;
use crate::event::Time;
use crate::gui::axis::Axis;
use crate::gui::fonts::Type;
use crate::gui::scene::Scene;
use crate::gui::theme::fade;
use crate::gui::{icons, paint};
use crate::protocol::SearchFrom;

/// True where a share of the strip's width is on it.
fn is_shown(share: f32) -> bool {
    (-0.001..=1.001).contains(&share)
}

/// Snapshots of the stream in the marks lane; closer than ten points the first stands for all.
pub fn snapshots(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let Some((stream, snapshots)) = &scene.session.snapshots else { return };
    if scene.session.scope.stream() != Some(stream) {
        return;
    }
    let mut last = f32::NEG_INFINITY;
    for snapshot in snapshots {
        let Some(position) = scene.position_of_version(snapshot.version) else { continue };
        let time = position.checked_sub(1).and_then(|row| scene.session.events.row(row)).and_then(|row| row.time);
        let share = axis.share_of(position, time);
        if !is_shown(share) {
            continue;
        }
        let x = (plot.left() + plot.width() * share).round();
        if x - last < 10.0 {
            continue;
        }
        last = x;
        let stem = Stroke::new(1.0, fade(scene.theme.snapshot, 0.35));
        painter.add(Shape::dashed_line(&[pos2(x, plot.top()), pos2(x, plot.bottom())], stem, 3.0, 3.0));
        paint::diamond(painter, pos2(x, rect.top() + MARKS / 2.0), scene.theme.snapshot, true);
    }
}

/// Bookmarks in the marks lane, by their time; closer than ten points the first stands for all.
pub fn bookmarks(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let stream = scene.session.scope.stream();
    let mut last = f32::NEG_INFINITY;
    for mark in scene.session.bookmarks.iter().filter(|mark| stream.is_none_or(|stream| mark.stream == *stream)) {
        let Some(share) = mark.time.and_then(|time| axis.share_of_time(time)).filter(|share| is_shown(*share)) else {
            continue;
        };
        let x = (plot.left() + plot.width() * share).round();
        if (x - last).abs() < 10.0 {
            continue;
        }
        last = x;
        let at = pos2(x, rect.top() + MARKS / 2.0);
        paint::icon(painter, at, icons::BOOKMARK_SIMPLE, Type::icon_fill(14.0), scene.theme.bookmark);
    }
}

/// A, where two places of this stream are compared: a flag with its stem, and the range up to the cursor.
pub fn compared(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>, cursor: f32) {
    let session = scene.session;
    let Some(from) = session.diff.from.as_ref().filter(|from| session.scope.stream() == Some(&from.stream)) else {
        return;
    };
    let theme = scene.theme;
    let time = from.position.checked_sub(1).and_then(|row| session.events.row(row)).and_then(|event| event.time);
    let time = time.or_else(|| session.diff_on_show().and_then(|shown| shown.from_time));
    let share = axis.share_of(from.position, time);
    let x = |share: f32| (plot.left() + plot.width() * share.clamp(0.0, 1.0)).round();
    let (left, right) = (x(share.min(cursor)), x(share.max(cursor)));
    let range = Rect::from_min_max(pos2(left, plot.top()), pos2(right, plot.bottom()));
    painter.rect_filled(range, 0.0, fade(theme.accent, 0.10));
    painter.rect_filled(range.with_min_y(plot.bottom() - 1.0).with_max_y(plot.bottom() + 2.0), 0.0, theme.accent);
    if !is_shown(share) {
        return;
    }
    let at = x(share);
    let stem = Rect::from_min_max(pos2(at - 1.0, rect.top() + 4.0), pos2(at + 1.0, plot.bottom()));
    painter.rect_filled(stem, 0.0, theme.accent);
    let flag = Rect::from_min_size(
        pos2((at - 9.0).clamp(rect.left(), rect.right() - 18.0), rect.top() + 4.0),
        egui::vec2(18.0, 16.0),
    );
    painter.rect_filled(flag, 3.0, theme.accent_fill);
    let letter = paint::Piece::new("A", Type::CAPTION_MEDIUM, theme.on_accent);
    paint::centred(painter, flag.center(), letter);
}

/// From the first change of the sandbox on, the strip is not the real history.
pub fn sandbox(painter: &Painter, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let Some(first) = scene.session.sandbox_first() else { return };
    let theme = scene.theme;
    let time = scene.session.events.row(first).and_then(|event| event.time);
    let left = (plot.left() + plot.width() * axis.share_of(first + 1, time)).round();
    painter.rect_filled(plot.with_min_x(left), 0.0, fade(theme.warn, 0.07));
    let foot = [pos2(left, plot.bottom()), pos2(plot.right(), plot.bottom())];
    painter.extend(Shape::dashed_line(&foot, Stroke::new(3.0, theme.warn), 5.0, 3.0));
}

/// What the find bar found in this stream: a bar above the plot and a tint over it. It has no foot, so that it cannot be
/// taken for a range.
pub fn intervals(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let x_of = |position: u64, time: Option<Time>| plot.left() + plot.width() * axis.share_of(position, time);
    let mut drawn_to = f32::NEG_INFINITY;
    for interval in session.intervals_on_strip() {
        let left = x_of(interval.from_position, interval.time).round();
        let right = if interval.still { plot.right() } else { x_of(interval.to_position + 1, interval.until) };
        if left > plot.right() || right < plot.left() {
            continue;
        }
        let (left, right) = (left.max(plot.left()), right.max(left + 4.0).round().min(plot.right()));
        // Thousands of intervals on one strip are as many as there are points.
        if right <= drawn_to {
            continue;
        }
        drawn_to = right;
        let chosen = session.find.chosen.and_then(|chosen| session.find.intervals.get(chosen)) == Some(interval);
        let span = |top: f32, bottom: f32| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        let bar = if chosen { theme.text_strong } else { theme.accent };
        painter.rect_filled(span(rect.top() + MARKS, rect.top() + MARKS + 5.0), 0.0, bar);
        painter.rect_filled(span(plot.top() + 5.0, plot.bottom()), 0.0, fade(theme.accent, 0.16));
    }
}

/// The hits of a search as bars in the marks lane, and a veil over what is not scanned yet.
pub fn hits(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    /// The width of a bar.
    const BAR: f32 = 4.0;
    let (search, theme) = (&scene.session.search, scene.theme);
    if !search.open || search.scope.as_ref() != Some(&scene.session.scope) {
        return;
    }
    let mut columns: BTreeMap<i32, u32> = BTreeMap::new();
    for hit in &search.hits {
        let share = axis.share_of(hit.row + 1, hit.event.time);
        if is_shown(share) {
            #[expect(clippy::cast_possible_truncation, reason = "a column of a strip")]
            let column = (plot.width() * share / BAR).floor() as i32;
            *columns.entry(column).or_default() += 1;
        }
    }
    let most = columns.values().copied().max().unwrap_or(1);
    for (column, count) in columns {
        #[expect(clippy::cast_precision_loss, reason = "a part of a lane's height")]
        let (x, part) = (plot.left() + column as f32 * BAR, count as f32 / most as f32);
        let top = rect.top() + MARKS - 1.0 - (14.0 * part).max(2.0).round();
        let bar = Rect::from_min_max(pos2(x, top), pos2(x + BAR - 1.0, rect.top() + MARKS - 1.0));
        painter.rect_filled(bar, 0.0, theme.accent);
    }
    let word = &search.word;
    let left = word.of.saturating_sub(word.scanned);
    if !search.has_answer() || left == 0 {
        return;
    }
    let x_of = |position: u64| plot.left() + plot.width() * axis.share_of(position, None).clamp(0.0, 1.0);
    let veil = match search.from {
        SearchFrom::Newest => Rect::from_min_max(plot.left_top(), pos2(x_of(left), plot.bottom())),
        SearchFrom::Oldest => Rect::from_min_max(pos2(x_of(word.scanned), plot.top()), plot.right_bottom()),
    };
    painter.rect_filled(veil, 0.0, fade(theme.bg_field, 0.6));
    let edge = if search.from == SearchFrom::Newest { veil.right() } else { veil.left() };
    let line = [pos2(edge, rect.top()), pos2(edge, plot.bottom())];
    painter.add(Shape::dashed_line(&line, Stroke::new(1.0, theme.accent), 2.0, 3.0));
    if veil.width() > 120.0 {
        let words = paint::Piece::new("not scanned yet", Type::CAPTION, theme.text_muted);
        paint::centred(painter, pos2(veil.center().x, rect.top() + MARKS / 2.0), words);
    }
}
