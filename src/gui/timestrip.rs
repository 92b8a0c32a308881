//! The time strip: transport, and a scrubber over the density of the scope with the cursor in it.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, CursorIcon, Painter, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::axis::Axis;
use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{INSET, fade, height};
use super::widgets::{Button, Icon, Look, Tip, chip, chip_width, tip};
use super::words;
use crate::event::Time;
use crate::protocol::Density;
use crate::session::{Action, Command, Region};

const MARKS: f32 = 24.0;
const AXIS: f32 = 24.0;
const BASE: f32 = 2.0;
/// The tallest bucket in view fills this much.
const FULL: f32 = 0.96;
/// A density fill after the cursor.
const FUTURE: f32 = 0.38;

/// So many filled buckets are few.
const FEW: usize = 64;

/// Draws the time strip.
pub fn timestrip_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    let bar = rect.with_max_y(rect.top() + height::HEAD);
    transport_ui(ui, bar, scene, out);
    scrubber_ui(ui, rect.with_min_y(bar.bottom()), scene, out);
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), theme.line_strong);
    if scene.session.region == Region::Time {
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    }
}

fn transport_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = rect.center().y + 0.5;
    let playing = session.play.direction != 0;
    let events = session.events.events();
    let buttons = [
        (Command::Oldest, Icon::filled(icons::SKIP_BACK), 28.0, session.cursor > 0),
        (Command::StepBack, Icon::new(icons::CARET_LEFT), 28.0, session.cursor > 0),
        (Command::PlayPause, Icon::filled(if playing { icons::PAUSE } else { icons::PLAY }), 32.0, events > 0),
        (Command::StepForward, Icon::new(icons::CARET_RIGHT), 28.0, session.cursor < events),
        (Command::Newest, Icon::filled(icons::SKIP_FORWARD), 28.0, events > 0),
    ];
    let mut x = rect.left() + 8.0;
    for (command, icon, width, enabled) in buttons {
        let look = if command == Command::PlayPause { Look::Cursor } else { Look::Bare };
        let place = Rect::from_min_size(pos2(x, middle - 14.0), vec2(width, 28.0));
        let button = Button { look, enabled, on: None, ..Button::icon_of(command, icon) };
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        x += width + 2.0;
    }
    x += 12.0;
    paint::vline(painter, x.round(), middle - 10.0, middle + 10.0, theme.line_subtle);
    x += 12.0;
    if scene.room >= Room::Normal {
        x = paint::left(painter, x, middle, 60.0, Piece::new("Speed", Type::LABEL, theme.text_muted)) + 8.0;
    }
    // Where the bar is full the speed gives way; its keys and the palette stay.
    if scene.room > Room::Tight {
        x = speed_ui(ui, x, middle, scene, out);
    }
    place_ui(ui, rect, x + 16.0, middle, scene);
}

/// Slower, the speed, faster. Returns the right end.
fn speed_ui(ui: &Ui, x: f32, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let mut x = x;
    let words = format!("{} /s", words::thousands(scene.session.play.speed));
    let middle_width = 62.0;
    let frame = Rect::from_min_size(pos2(x, middle - 14.0), vec2(2.0 * 26.0 + middle_width, 28.0));
    ui.painter().rect(frame, 6.0, theme.bg_field, theme.outline(), StrokeKind::Inside);
    for (command, icon) in [(Command::Slower, icons::MINUS), (Command::Faster, icons::PLUS)] {
        let place = Rect::from_min_size(pos2(x + 2.0, middle - 12.0), vec2(24.0, 24.0));
        if Button::icon_of(command, Icon::new(icon).sized(12.0)).show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        x += 26.0;
        if command == Command::Slower {
            let at = pos2(x + middle_width / 2.0, middle);
            paint::centred(ui.painter(), at, Piece::new(&words, Type::DATA, theme.text));
            x += middle_width;
        }
    }
    x
}

/// Where the cursor stands, at the right end: `Version 31,406 / 48,213`.
fn place_ui(ui: &Ui, rect: Rect, left: f32, middle: f32, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let total = format!(" / {}", words::thousands(session.events.events()));
    let here = words::thousands(session.cursor);
    let mut right = rect.right() - INSET;
    right = paint::right(painter, right, middle, Piece::new(&total, Type::READING, theme.text_muted));
    right = paint::right(painter, right, middle, Piece::new(&here, Type::READING, theme.cursor));
    if scene.room >= Room::Normal {
        // In a stream whose versions count from 1 the position is the version.
        let row = session.cursor_row().and_then(|row| session.events.row(row));
        let is_version = row.is_some_and(|row| row.version == i64::try_from(session.cursor).ok());
        let word = if session.scope.stream().is_some() && is_version { "Version" } else { "Position" };
        right = paint::right(painter, right - 8.0, middle, Piece::new(word, Type::LABEL, theme.text_muted));
    }
    if session.following {
        let width = chip_width(painter, Some(icons::CHECK), "At the newest");
        if right - 12.0 - width > left {
            chip(painter, right - 12.0 - width, middle, Some(icons::CHECK), "At the newest", theme.live, theme);
        }
    }
}

fn scrubber_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 0.0, theme.bg_field);
    let left = rect.left() + INSET;
    let base = rect.bottom() - AXIS - BASE;
    let plot = Rect::from_min_max(pos2(left, rect.top() + MARKS), pos2(rect.right() - INSET, base));
    paint::hline(&painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    for third in [1.0, 2.0] {
        let y = (plot.bottom() - plot.height() * FULL * third / 3.0).round();
        paint::hline(&painter, plot.left(), plot.right(), y, theme.line_subtle);
    }
    let density = session.density.as_deref();
    let axis = Axis::new(density, session.events.events());
    let time = scene.cursor_event().and_then(|event| event.time);
    let share = axis.share_of(session.cursor, time);
    if let Some(density) = density {
        density_fill(&painter, plot, density, share, scene);
    } else if session.events.extent != Some(0) {
        let words = Piece::new("Counting events over time…", Type::CAPTION, theme.text_muted);
        paint::centred(&painter, plot.center(), words);
    }
    painter.rect_filled(
        Rect::from_min_max(pos2(rect.left(), base), pos2(rect.right(), base + 1.0)),
        0.0,
        theme.line_strong,
    );
    ticks(&painter, rect, plot, &axis, scene);
    snapshots(&painter, rect, plot, &axis, scene);
    bookmarks(&painter, rect, plot, &axis, scene);
    intervals(&painter, rect, plot, &axis, scene);
    sandbox(&painter, plot, &axis, scene);

    let response = ui.interact(rect, ui.scope_id().with("scrubber"), Sense::CLICK | Sense::DRAG);
    if let Some(at) = response.hover_pos().filter(|_| !response.dragged()) {
        let x = at.x.clamp(plot.left(), plot.right());
        painter.add(Shape::dashed_line(
            &[pos2(x, plot.top()), pos2(x, base)],
            Stroke::new(1.0, theme.text_soft),
            2.0,
            4.0,
        ));
    }
    cursor(&painter, rect, plot, share, cursor_words(scene, &axis, time).as_str(), scene);
    let held = response
        .interact_pointer_pos()
        .filter(|_| response.dragged() || response.clicked() || response.is_pointer_button_down_on());
    if let Some(at) = held {
        let position = axis.position_at((at.x - plot.left()) / plot.width().max(1.0));
        if position != session.cursor {
            out.push(Action::MoveCursor(position));
        }
        if session.region != Region::Time {
            out.push(Action::Focus(Region::Time));
        }
    }
    describe(ui, response, scene, time);
}

fn describe(ui: &Ui, response: egui::Response, scene: &Scene<'_>, time: Option<Time>) {
    let session = scene.session;
    #[expect(clippy::cast_precision_loss, reason = "a screen reader's value")]
    let value = session.cursor as f64;
    response.widget_info(|| WidgetInfo::slider(true, value, "Cursor"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        let here = format!("{} of {}", words::thousands(session.cursor), words::thousands(session.events.events()));
        node.set_value(match time {
            Some(time) => format!("{here}, {}", words::day_and_time(time)),
            None => here,
        });
        debug_assert_eq!(node.role(), Role::Slider);
    });
    let response = response.on_hover_cursor(CursorIcon::Default);
    let words = Tip { name: "Cursor", key: "", help: "Click or drag to fold up to here" };
    tip(response, &words, scene.theme);
}

fn cursor_words(scene: &Scene<'_>, axis: &Axis<'_>, time: Option<Time>) -> String {
    if scene.session.cursor == 0 {
        return "Oldest".to_owned();
    }
    let time = if axis.has_time() { time.or_else(|| axis.time_at(scene.session.cursor)) } else { None };
    time.map_or_else(|| words::thousands(scene.session.cursor), words::day_and_minute)
}

/// All buckets as one mesh, stacked by type, the past strong and the future dim.
#[expect(clippy::cast_precision_loss, reason = "some hundred buckets")]
fn density_fill(painter: &Painter, plot: Rect, density: &Density, cursor: f32, scene: &Scene<'_>) {
    let theme = scene.theme;
    let most = density.buckets.iter().map(|bucket| bucket.iter().sum::<f32>()).fold(0.0, f32::max);
    if most <= 0.0 {
        return;
    }
    let colors: Vec<Color32> = density.types.iter().map(|name| scene.looks.of(name).color(theme)).collect();
    let width = plot.width() / density.buckets.len() as f32;
    let edge = plot.left() + plot.width() * cursor;
    // A few events that stand alone are drawn as blocks that can be seen.
    let filled = density.buckets.iter().filter(|bucket| bucket.iter().any(|count| *count > 0.0)).count();
    let block = if filled <= FEW { width.max(3.0) } else { width };
    let mut mesh = Mesh::default();
    for (index, bucket) in density.buckets.iter().enumerate() {
        let left = plot.left() + width * index as f32;
        let total: f32 = bucket.iter().sum();
        if total <= 0.0 {
            continue;
        }
        // A bucket with one event still shows.
        let scale = (total / most * FULL * plot.height()).max(1.0) / total;
        let mut y = plot.bottom();
        for (layer, count) in bucket.iter().enumerate() {
            let top = y - count * scale;
            let color = colors.get(layer).copied().unwrap_or(theme.line_control);
            for (from, to, strength) in
                [(left, (left + block).min(edge), theme.density_alpha()), (left.max(edge), left + block, FUTURE)]
            {
                if to > from && top < y {
                    let part = Rect::from_min_max(pos2(from, top), pos2(to, y));
                    quad(&mut mesh, part, fade(color, strength));
                }
            }
            y = top;
        }
    }
    painter.add(Shape::mesh(mesh));
}

fn quad(mesh: &mut Mesh, rect: Rect, color: Color32) {
    let first = u32::try_from(mesh.vertices.len()).unwrap_or(0);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    mesh.vertices.extend(corners.map(|corner| Vertex::untextured(corner, color)));
    mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
}

fn ticks(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let theme = scene.theme;
    let middle = rect.bottom() - AXIS / 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozen ticks")]
    let most = (plot.width() / 64.0).clamp(1.0, 12.0) as usize;
    let mut free = plot.left();
    for tick in axis.ticks(most) {
        let x = (plot.left() + plot.width() * tick.share).round();
        let width = paint::width(painter, &tick.label, Type::DATA_SMALL);
        if x + 4.0 < free || x + 4.0 + width > plot.right() {
            continue;
        }
        paint::vline(painter, x, plot.bottom() + BASE, plot.bottom() + BASE + 4.0, theme.line_strong);
        free = paint::left(
            painter,
            x + 4.0,
            middle,
            f32::INFINITY,
            Piece::new(&tick.label, Type::DATA_SMALL, theme.text_muted),
        ) + 12.0;
    }
}

/// Snapshots of the stream in the marks lane; closer than ten points the first stands for all.
fn snapshots(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let Some((stream, snapshots)) = &scene.session.snapshots else { return };
    if scene.session.scope.stream() != Some(stream) {
        return;
    }
    let mut last = f32::NEG_INFINITY;
    for snapshot in snapshots {
        let Some(position) = scene.position_of_version(snapshot.version) else { continue };
        let time = position.checked_sub(1).and_then(|row| scene.session.events.row(row)).and_then(|row| row.time);
        let x = (plot.left() + plot.width() * axis.share_of(position, time)).round();
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
fn bookmarks(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let stream = scene.session.scope.stream();
    let mut last = f32::NEG_INFINITY;
    for mark in scene.session.bookmarks.iter().filter(|mark| stream.is_none_or(|stream| mark.stream == *stream)) {
        let Some(share) = mark.time.and_then(|time| axis.share_of_time(time)) else { continue };
        let x = (plot.left() + plot.width() * share).round();
        if (x - last).abs() < 10.0 {
            continue;
        }
        last = x;
        let at = pos2(x, rect.top() + MARKS / 2.0);
        paint::icon(painter, at, icons::BOOKMARK_SIMPLE, Type::icon_fill(14.0), scene.theme.bookmark);
    }
}

/// What the find bar found in this stream: a bar above the plot and a tint over it. It has no foot, so that it cannot be
/// taken for a range.
fn intervals(painter: &Painter, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let x_of = |position: u64, time: Option<Time>| plot.left() + plot.width() * axis.share_of(position, time);
    let mut drawn_to = f32::NEG_INFINITY;
    for interval in session.intervals_on_strip() {
        let left = x_of(interval.from_position, interval.time).round();
        let right = if interval.still { plot.right() } else { x_of(interval.to_position + 1, interval.until) };
        let right = right.max(left + 4.0).round();
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

/// From the first change of the sandbox on, the strip is not the real history.
fn sandbox(painter: &Painter, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let Some(first) = scene.session.sandbox_first() else { return };
    let theme = scene.theme;
    let time = scene.session.events.row(first).and_then(|event| event.time);
    let left = (plot.left() + plot.width() * axis.share_of(first + 1, time)).round();
    painter.rect_filled(plot.with_min_x(left), 0.0, fade(theme.warn, 0.07));
    let foot = [pos2(left, plot.bottom()), pos2(plot.right(), plot.bottom())];
    painter.extend(Shape::dashed_line(&foot, Stroke::new(3.0, theme.warn), 5.0, 3.0));
}

/// The cursor: a line with a head that says the time, always on top, never off the strip.
fn cursor(painter: &Painter, rect: Rect, plot: Rect, share: f32, words: &str, scene: &Scene<'_>) {
    let theme = scene.theme;
    let x = (plot.left() + plot.width() * share).round();
    painter.rect_filled(
        Rect::from_min_max(pos2(x - 1.0, rect.top() + 22.0), pos2(x + 1.0, plot.bottom() + BASE)),
        0.0,
        theme.cursor,
    );
    let width = paint::width(painter, words, Type::DATA_SMALL).ceil() + 12.0;
    let left = (x - width / 2.0).clamp(rect.left() + 4.0, rect.right() - 4.0 - width).round();
    let head = Rect::from_min_size(pos2(left, rect.top() + 3.0), vec2(width, 18.0));
    painter.rect_filled(head, 3.0, theme.cursor);
    let point = [vec2(-5.0, 0.0), vec2(5.0, 0.0), vec2(0.0, 5.0)].map(|step| pos2(x, head.bottom()) + step);
    paint::polygon(painter, point.to_vec(), theme.cursor);
    paint::centred(painter, head.center(), Piece::new(words, Type::DATA_SMALL, theme.on_cursor));
}
