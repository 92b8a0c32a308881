//! The scrubber: density by type over time with the cursor in it. A click moves the cursor, a drag chooses a range, a
//! drag in the lane of marks or of the cursor itself scrubs, the wheel zooms.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, CursorIcon, Painter, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::marks;
use crate::event::Time;
use crate::gui::axis::Axis;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, fade};
use crate::gui::widgets::{Tip, tip};
use crate::gui::words;
use crate::protocol::Density;
use crate::session::{Action, Command, Region};

/// Height of the lane of marks above the plot.
pub const MARKS: f32 = 24.0;
const AXIS: f32 = 24.0;
const BASE: f32 = 2.0;
/// The tallest bucket in view fills this much.
const FULL: f32 = 0.96;
/// A density fill after the cursor.
const FUTURE: f32 = 0.38;
/// So many filled buckets are few.
const FEW: usize = 64;
/// The cursor is caught this far from its line.
const REACH: f32 = 6.0;
/// Points of the wheel that double or halve the time on the strip.
const WHEEL: f64 = 120.0;

/// What a drag does, from where it began.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Drag {
    Scrub,
    Range(u64),
}

/// The axis as the strip shows it now.
pub fn axis<'a>(scene: &Scene<'a>) -> Axis<'a> {
    let session = scene.session;
    let axis = Axis::new(session.density.as_deref(), session.events.events());
    match session.strip.span {
        Some(span) => axis.zoomed(span, session.strip.zoomed.as_deref()),
        None => axis,
    }
}

/// Draws the scrubber.
pub fn scrubber_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
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
    let axis = axis(scene);
    let time = scene.cursor_event().and_then(|event| event.time);
    let share = axis.share_of(session.cursor, time);
    match (session.strip.span.zip(session.strip.zoomed.as_deref()), session.density.as_deref()) {
        (Some((span, part)), _) => {
            density_fill(&painter, plot, part, &axis.places(Some(span), part.buckets.len()), share, scene);
        }
        (None, Some(whole)) => {
            density_fill(&painter, plot, whole, &axis.places(None, whole.buckets.len()), share, scene);
        }
        (None, None) if session.events.extent != Some(0) => {
            let words = Piece::new("Counting events over time…", Type::CAPTION, theme.text_muted);
            paint::centred(&painter, plot.center(), words);
        }
        (None, None) => {}
    }
    let line = Rect::from_min_max(pos2(rect.left(), base), pos2(rect.right(), base + 1.0));
    painter.rect_filled(line, 0.0, theme.line_strong);
    ticks(&painter, rect, plot, &axis, scene);
    range(&painter, plot, &axis, scene);
    marks::snapshots(&painter, rect, plot, &axis, scene);
    marks::bookmarks(&painter, rect, plot, &axis, scene);
    marks::intervals(&painter, rect, plot, &axis, scene);
    marks::hits(&painter, rect, plot, &axis, scene);
    marks::sandbox(&painter, plot, &axis, scene);
    marks::compared(&painter, rect, plot, &axis, scene, share);
    let response = ui.interact(rect, ui.scope_id().with("scrubber"), Sense::CLICK | Sense::DRAG);
    if let Some(at) = response.hover_pos().filter(|_| !response.dragged()) {
        let x = at.x.clamp(plot.left(), plot.right());
        let line = [pos2(x, plot.top()), pos2(x, base)];
        painter.add(Shape::dashed_line(&line, Stroke::new(1.0, theme.text_soft), 2.0, 4.0));
    }
    if (-0.001..=1.001).contains(&share) {
        cursor(&painter, rect, plot, share, cursor_words(scene, &axis, time).as_str(), scene);
    }
    let x = plot.left() + plot.width() * share;
    held(ui, &response, plot, x, &axis, scene, out);
    wheel(ui, rect, plot, &axis, scene, out);
    describe(ui, response, scene, time);
}

/// What the pointer does on the strip.
fn held(
    ui: &Ui,
    response: &egui::Response,
    plot: Rect,
    cursor: f32,
    axis: &Axis<'_>,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let session = scene.session;
    let Some(at) = response.interact_pointer_pos() else { return };
    let position_of = |x: f32| axis.position_at((x - plot.left()) / plot.width().max(1.0));
    let id = response.id.with("drag");
    if response.drag_started() {
        let from = ui.input(|input| input.pointer.press_origin()).unwrap_or(at);
        let scrub = from.y < plot.top() || (from.x - cursor).abs() <= REACH;
        let drag = if scrub { Drag::Scrub } else { Drag::Range(position_of(from.x)) };
        ui.data_mut(|data| data.insert_temp(id, drag));
    }
    let drag = ui.data(|data| data.get_temp::<Drag>(id));
    if response.double_clicked() {
        out.push(Action::Run(Command::ZoomToRange));
    } else if response.clicked() && ui.input(|input| input.modifiers.alt) {
        out.push(Action::CompareFrom(position_of(at.x)));
    } else if response.clicked() || response.dragged() && drag == Some(Drag::Scrub) {
        if position_of(at.x) != session.cursor {
            out.push(Action::MoveCursor(position_of(at.x)));
        }
    } else if let (true, Some(Drag::Range(from))) = (response.dragged(), drag) {
        let range = Some((from, position_of(at.x)));
        if range != session.events.range {
            out.push(Action::ChooseRange(range));
        }
    }
    if session.region != Region::Time && (response.clicked() || response.dragged()) {
        out.push(Action::Focus(Region::Time));
    }
}

/// The wheel zooms at the pointer; with Shift, or sideways, it moves the time that is shown.
fn wheel(ui: &Ui, rect: Rect, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scene.session.has_dialog() || !ui.rect_contains_pointer(rect) || !axis.has_time() {
        return;
    }
    let (delta, shift, pointer) =
        ui.input(|input| (input.smooth_scroll_delta(), input.modifiers.shift, input.pointer.hover_pos()));
    let sideways = if delta.x != 0.0 {
        delta.x
    } else if shift {
        delta.y
    } else {
        0.0
    };
    if sideways != 0.0 {
        out.push(Action::PanStrip(-f64::from(sideways / plot.width().max(1.0))));
    } else if delta.y != 0.0
        && let Some(at) = pointer.and_then(|at| axis.time_at_share((at.x - plot.left()) / plot.width().max(1.0)))
    {
        out.push(Action::ZoomStrip { factor: 2.0_f64.powf(-f64::from(delta.y) / WHEEL), at });
    }
}

/// The range: a tint with its edges, and a foot on the baseline.
fn range(painter: &Painter, plot: Rect, axis: &Axis<'_>, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let Some((from, to)) = session.events.range else { return };
    let time_of = |position: u64| session.events.row(position).and_then(|event| event.time);
    let x_of = |share: f32| (plot.left() + plot.width() * share).round();
    let left = x_of(axis.share_of(from, time_of(from)));
    let right = x_of(axis.share_of(to, to.checked_sub(1).and_then(time_of))).max(left + 2.0);
    if right < plot.left() || left > plot.right() {
        return;
    }
    let area = Rect::from_min_max(
        pos2(left.max(plot.left()), plot.top()),
        pos2(right.min(plot.right()), plot.bottom() + BASE),
    );
    painter.rect_filled(area, 0.0, fade(theme.accent, 0.10));
    for x in [left, right] {
        if plot.x_range().contains(x) {
            paint::vline(painter, x, plot.top(), plot.bottom() + BASE, theme.accent);
        }
    }
    painter.rect_filled(area.with_min_y(plot.bottom() + BASE - 3.0), 0.0, theme.accent);
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
    let words = Tip { name: "Cursor", key: "", help: "Click to fold up to here, drag for a range, wheel to zoom" };
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
fn density_fill(painter: &Painter, plot: Rect, density: &Density, places: &[f32], cursor: f32, scene: &Scene<'_>) {
    let theme = scene.theme;
    let edges = |index: usize| {
        let x = |index: usize| places.get(index).map(|share| plot.left() + plot.width() * share);
        Some((x(index)?, x(index + 1)?)).filter(|(left, right)| *right > plot.left() && *left < plot.right())
    };
    let shown = density.buckets.iter().enumerate().filter(|(index, _)| edges(*index).is_some());
    let most = shown.map(|(_, bucket)| bucket.iter().sum::<f32>()).fold(0.0, f32::max);
    if most <= 0.0 {
        return;
    }
    let colors: Vec<Color32> = density.types.iter().map(|name| scene.looks.of(name).color(theme)).collect();
    let edge = plot.left() + plot.width() * cursor;
    // A few events that stand alone are drawn as blocks that can be seen.
    let filled = density.buckets.iter().filter(|bucket| bucket.iter().any(|count| *count > 0.0)).count();
    let least = if filled <= FEW { 3.0 } else { 0.0 };
    let mut mesh = Mesh::default();
    for (index, bucket) in density.buckets.iter().enumerate() {
        let Some((left, right)) = edges(index) else { continue };
        let (left, right) = (left.max(plot.left()), right.max(left + least).min(plot.right()));
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
                [(left, right.min(edge), theme.density_alpha()), (left.max(edge), right, FUTURE)]
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
