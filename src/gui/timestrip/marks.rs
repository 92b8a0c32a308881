//! The marks over the time strip: snapshots, bookmarks, what was found.

use egui::{Painter, Rect, Shape, Stroke, pos2};

use super::scrubber::MARKS;
use crate::event::Time;
use crate::gui::axis::Axis;
use crate::gui::fonts::Type;
use crate::gui::scene::Scene;
use crate::gui::theme::fade;
use crate::gui::{icons, paint};

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
