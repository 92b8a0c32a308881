//! The throughput view: how fast the log is written to, by type and by stream, live and over its history.

mod data;
mod hot;
mod plot;
mod readouts;
mod table;

use std::sync::Arc;

use egui::{CursorIcon, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::paint::{self, Piece};
use super::rows;
use super::scene::Scene;
use super::theme::{INSET, RADIUS_2, height};
use super::widgets::{Button, Icon, Segment, Tip, chip, segments};
use super::{glyphs, icons, words};
use crate::event::Time;
use crate::session::{Action, Command, LiveWindow, Moment};

use data::Data;
use plot::{AXIS, Line};

const READOUTS: f32 = 72.0;
const SMALL: f32 = 116.0;
const TITLE: f32 = 28.0;
/// Columns that the plots are drawn in.
const COLUMNS: usize = 600;
/// The gutter left of a large plot, and right of it.
const GUTTER: (f32, f32) = (56.0, 152.0);

/// What the view keeps for itself.
#[derive(Default)]
pub struct ThroughputLocal {
    table: rows::Place,
    known: Option<(Key, Arc<Data>)>,
}

/// What the data was worked out from.
#[derive(Clone, PartialEq)]
struct Key {
    window: LiveWindow,
    revision: u64,
    history: Option<usize>,
}

impl ThroughputLocal {
    fn data(&mut self, scene: &Scene<'_>) -> Arc<Data> {
        let live = &scene.session.live;
        let history = scene.session.density.as_ref();
        let key = Key {
            window: live.window,
            revision: if live.window == LiveWindow::History { 0 } else { live.revision() },
            history: history.map(|density| Arc::as_ptr(density) as usize),
        };
        match &self.known {
            Some((known, data)) if *known == key => Arc::clone(data),
            _ => {
                let data = Arc::new(Data::of(live, history.map(Arc::as_ref), COLUMNS));
                self.known = Some((key, Arc::clone(&data)));
                data
            }
        }
    }
}

/// Where the parts of the view stand.
struct Parts {
    head: Rect,
    readouts: Rect,
    rate: Rect,
    by_type: Rect,
    small: Option<Rect>,
    hot: Option<Rect>,
}

impl Parts {
    fn of(rect: Rect, history: bool) -> Self {
        let band = |top: f32, size: f32| Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), size));
        let head = band(rect.top(), height::HEAD);
        let readouts = band(head.bottom(), READOUTS);
        let room = rect.bottom() - readouts.bottom();
        // The plots that say most keep the most room; the list of streams goes first, then the small plots.
        let small = room >= 360.0 && !history;
        let hot_room = height::HEAD + height::COLUMNS + height::ROW * 2.0;
        // Of its history only the times of the events are known: two plots, and they have all of the room.
        let hot = !history && room - if small { SMALL } else { 0.0 } >= 2.0 * TITLE + 260.0 + hot_room;
        let large = room - if small { SMALL } else { 0.0 };
        let (rate_size, type_size) = if hot {
            let scale = ((large - hot_room) / 420.0).clamp(0.62, 1.0);
            ((240.0 * scale).round(), (180.0 * scale).round())
        } else {
            ((large * 0.57).round(), large - (large * 0.57).round())
        };
        let rate = band(readouts.bottom(), rate_size);
        let by_type = band(rate.bottom(), type_size);
        let small = small.then(|| band(by_type.bottom(), SMALL));
        let below = small.map_or(by_type.bottom(), |small| small.bottom());
        let hot = hot.then(|| band(below, rect.bottom() - below));
        Self { head, readouts, rate, by_type, small, hot }
    }
}

/// Draws the view.
pub fn throughput_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut ThroughputLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    let data = local.data(scene);
    let parts = Parts::of(rect, data.history);
    head_ui(ui, parts.head, scene, out);
    readouts::readouts_ui(ui, parts.readouts, scene, &data);
    if scene.session.live.table {
        let list = rect.with_min_y(parts.readouts.bottom());
        table::table_ui(ui, list, scene, &data, &mut local.table, out);
        return;
    }
    let large = |part: Rect| {
        let top = part.top() + TITLE;
        let right = if part.width() < 1_000.0 { 132.0 } else { GUTTER.1 };
        Rect::from_min_max(
            pos2(part.left() + GUTTER.0, top + 6.0),
            pos2(part.right() - right, part.bottom() - AXIS - 4.0),
        )
    };
    let (rate, by_type) = (large(parts.rate), large(parts.by_type));
    let smalls = parts.small.map(small_plots);
    let mut plots = vec![rate, by_type];
    plots.extend(smalls.iter().flatten().map(|(_, plot)| *plot));
    let pointer = ui.ctx().pointer_hover_pos().filter(|_| !scene.session.has_dialog());
    let hovered = pointer.and_then(|at| {
        let plot = plots.iter().find(|plot| plot.contains(at))?;
        data.span.column_at(at.x, *plot)
    });
    let view = View { scene, data: &data, hovered };
    rate_ui(ui, parts.rate, rate, &view, out);
    by_type_ui(ui, parts.by_type, by_type, &view, out);
    if let Some(smalls) = smalls {
        small_ui(ui, &smalls, &view, out);
    }
    if let Some(hot) = parts.hot {
        hot::hot_ui(ui, hot, &view, out);
    }
    if let (Some(at), Some(column)) = (pointer.filter(|at| rate.contains(*at)), hovered) {
        box_ui(ui.painter(), rate, at, column, &view);
    }
}

/// What the parts draw from.
struct View<'a> {
    scene: &'a Scene<'a>,
    data: &'a Data,
    hovered: Option<usize>,
}

impl View<'_> {
    fn moment(&self) -> Option<&Moment> {
        self.data.moments.get(self.hovered?)?.as_ref()
    }
}

fn head_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = rect.center().y - 0.5;
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let title = Piece::new("Throughput", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, rect.left() + INSET, middle, f32::INFINITY, title);
    let (icon, text, color) = match session.live.paused() {
        Some(new) => (icons::PAUSE, format!("Paused, {} new", words::thousands(new)), theme.text_soft),
        None => (icons::PULSE, "Following".to_owned(), theme.live),
    };
    chip(painter, x + 8.0, middle, Some(icon), &text, color, theme);
    let mut right = rect.right() - 8.0;
    let paused = session.live.paused().is_some();
    for (command, icon, name, on) in [
        (Command::ViewReplay, Icon::new(icons::ARROWS_IN), "Back to replay", None),
        (Command::PlotTable, Icon::new(icons::TABLE), Command::PlotTable.label(), Some(session.live.table)),
        (
            Command::PauseLive,
            Icon::filled(if paused { icons::PLAY } else { icons::PAUSE }),
            if paused { "Resume the plots" } else { "Pause the plots" },
            None,
        ),
    ] {
        let place = Rect::from_min_size(pos2(right - 28.0, middle - 14.0), vec2(28.0, 28.0));
        if (Button { name, on, ..Button::icon_of(command, icon) }).show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        right -= 32.0;
    }
    let choices = LiveWindow::ALL.map(|window| {
        let (key, help) = match window {
            LiveWindow::History => ("", "The whole history of what is looked at, by the times of its events"),
            _ => ("", "Let the plots cover this much time"),
        };
        Segment { text: window.label(), tip: Tip { name: window.label(), key, help } }
    });
    let chosen = LiveWindow::ALL.iter().position(|window| *window == session.live.window).unwrap_or(0);
    let place = Rect::from_min_max(pos2(rect.left(), middle - 14.0), pos2(right - 8.0, middle + 14.0));
    let (_, clicked) = segments(ui, place, &choices, chosen, theme);
    if let Some(window) = clicked.and_then(|index| LiveWindow::ALL.get(index)) {
        out.push(Action::SetLiveWindow(*window));
    }
}

/// The title line of a part; returns where its text ends.
fn title(painter: &Painter, rect: Rect, text: &str, small: &str, scene: &Scene<'_>) -> f32 {
    let theme = scene.theme;
    let middle = rect.top() + TITLE / 2.0;
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let piece = Piece::new(text, Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, rect.left() + INSET, middle, f32::INFINITY, piece);
    paint::left(painter, x + 8.0, middle, 300.0, Piece::new(small, Type::CAPTION, theme.text_muted))
}

/// A plot as something that can be pointed at, clicked and read out.
fn plot_area(ui: &Ui, plot: Rect, name: &str, sentence: &str, view: &View<'_>, out: &mut Vec<Action>) {
    let response = ui.interact(plot, ui.scope_id().with(("plot", name)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, sentence));
    super::widgets::describe(&response, &Tip { name, key: "", help: "Click to move the cursor to this time" });
    let clicked = response.clicked();
    let column = response.interact_pointer_pos().and_then(|at| view.data.span.column_at(at.x, plot));
    response.on_hover_cursor(CursorIcon::Default);
    if let Some(column) = column.filter(|_| clicked) {
        out.push(Action::GoToTime(Time(view.data.span.end_of(column).saturating_mul(1_000))));
    }
}

/// The cursor of the replay, where its event stands in this part of time.
fn cursor_line(painter: &Painter, plot: Rect, view: &View<'_>) {
    let Some(time) = view.scene.cursor_event().and_then(|event| event.time) else { return };
    #[expect(clippy::cast_precision_loss, reason = "a place in points")]
    let x = view.data.span.x_of(time.milliseconds() as f64, plot).round();
    if (plot.left()..=plot.right()).contains(&x) {
        let line = Rect::from_min_max(pos2(x - 1.0, plot.top()), pos2(x + 1.0, plot.bottom()));
        painter.rect_filled(line, 0.0, view.scene.theme.cursor);
    }
}

fn rate_ui(ui: &Ui, rect: Rect, plot: Rect, view: &View<'_>, out: &mut Vec<Action>) {
    let (theme, data) = (view.scene.theme, view.data);
    let painter = ui.painter();
    let (unit, factor) = data.unit();
    let name = format!("Events per {unit}");
    title(painter, rect, &name, if data.history { "by the times of the events" } else { "" }, view.scene);
    painter.rect_filled(rect.with_min_y(rect.top() + TITLE), 0.0, theme.bg_field);
    let values = data.values(|moment| Some((moment.low * factor, moment.peak * factor)));
    let line = Line { values, color: theme.series[0], dashed: false, filled: true };
    let top = plot::top_of(std::slice::from_ref(&line));
    let edge = plot::ground(painter, plot, &data.span, top, 4, theme);
    plot::lines(painter, plot, &data.span, edge, &[line], theme);
    let mean = data.total.rate() * factor;
    let y = plot.bottom() - plot.height() * share(mean, edge);
    let ends = [pos2(plot.left(), y), pos2(plot.right(), y)];
    painter.extend(egui::Shape::dashed_line(&ends, Stroke::new(1.0, theme.text_soft), 2.0, 4.0));
    let newest = data.moments.iter().rev().flatten().next().map_or(0.0, Moment::rate) * factor;
    let x = plot.right() + 10.0;
    let (now, means) =
        (format!("{} /{}", words::figures(newest), data.unit_sign()), format!("mean {}", words::figures(mean)));
    let mut at = plot.bottom() - plot.height() * share(newest, edge);
    at = at.clamp(plot.top() + 8.0, plot.bottom() - 24.0);
    paint::left(painter, x, at, 104.0, Piece::new(&now, Type::DATA_MEDIUM, theme.series[0]));
    let below = if (y - at).abs() < 16.0 { at + 16.0 } else { y.clamp(plot.top() + 8.0, plot.bottom()) };
    paint::left(painter, x, below, 104.0, Piece::new(&means, Type::DATA_SMALL, theme.text_muted));
    cursor_line(painter, plot, view);
    if let (Some(column), Some(moment)) = (view.hovered, view.moment()) {
        plot::hover_line(painter, plot, &data.span, column, theme);
        plot::hover_dot(painter, plot, &data.span, column, (moment.peak * factor, edge), theme.series[0], theme);
    } else if let Some(column) = view.hovered {
        plot::hover_line(painter, plot, &data.span, column, theme);
    }
    let sentence = format!(
        "{name}, now {}, mean {}, peak {}, over {}",
        words::figures(newest),
        words::figures(mean),
        words::figures(top),
        view.scene.session.live.window.label()
    );
    plot_area(ui, plot, "Events over time", &sentence, view, out);
}

#[expect(clippy::cast_possible_truncation, reason = "a share of a plot's height")]
fn share(value: f64, edge: f64) -> f32 {
    (value / edge.max(1e-9)).clamp(0.0, 1.0) as f32
}

fn by_type_ui(ui: &Ui, rect: Rect, plot: Rect, view: &View<'_>, out: &mut Vec<Action>) {
    let (theme, data) = (view.scene.theme, view.data);
    let painter = ui.painter();
    let (unit, factor) = data.unit();
    title(painter, rect, "By type", &format!("events per {unit}, stacked"), view.scene);
    painter.rect_filled(rect.with_min_y(rect.top() + TITLE), 0.0, theme.bg_field);
    let mut sums = vec![0.0_f64; data.span.columns];
    for (_, values) in &data.layers {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value.unwrap_or(0.0) * factor;
        }
    }
    let top = sums.iter().copied().fold(0.0, f64::max);
    let edge = plot::ground(painter, plot, &data.span, top, 2, theme);
    let color = |name: &Option<Arc<str>>| {
        name.as_ref().map_or(theme.line_control, |name| view.scene.looks.of(name).color(theme))
    };
    let scaled = |values: &[Option<f64>]| values.iter().map(|value| value.map(|value| value * factor)).collect();
    let layers: Vec<_> = data.layers.iter().map(|(name, values)| (color(name), scaled(values))).collect();
    plot::stacked(painter, plot, &data.span, edge, &layers, theme);
    cursor_line(painter, plot, view);
    if let Some(column) = view.hovered {
        plot::hover_line(painter, plot, &data.span, column, theme);
    }
    let mut y = plot.bottom() - 8.0;
    let mut said = Vec::new();
    for (name, values) in &data.layers {
        if y < plot.top() {
            break;
        }
        let label = name.as_ref().map_or("other", |name| view.scene.looks.label(name));
        let at = pos2(plot.right() + 16.0, y);
        match name {
            Some(name) => glyphs::paint(painter, at, view.scene.looks.of(name), theme, 1.0),
            None => {
                painter.rect_filled(Rect::from_center_size(at, vec2(8.0, 3.0)), 0.0, theme.line_control);
            }
        }
        let room = rect.right() - plot.right() - 36.0;
        let shown = paint::fit_middle(painter, label, Type::CAPTION, room);
        paint::left(painter, plot.right() + 28.0, y, room, Piece::new(&shown, Type::CAPTION, theme.text));
        let newest = values.iter().rev().flatten().next().copied().unwrap_or(0.0) * factor;
        said.push(format!("{label} {}", words::figures(newest)));
        y -= 20.0;
    }
    let sentence = format!("By type, events per {unit} now: {}", said.join(", "));
    plot_area(ui, plot, "By type", &sentence, view, out);
}

/// The three small plots: where each stands, and its plot.
fn small_plots(rect: Rect) -> [(Rect, Rect); 3] {
    let width = rect.width() / 3.0;
    [0.0, 1.0, 2.0].map(|index| {
        let part = Rect::from_min_size(pos2((rect.left() + width * index).round(), rect.top()), vec2(width, SMALL));
        let plot = Rect::from_min_max(
            pos2(part.left() + 44.0, part.top() + 36.0),
            pos2(part.right() - INSET, part.bottom() - AXIS - 3.0),
        );
        (part, plot)
    })
}

#[expect(clippy::cast_precision_loss, reason = "microseconds and milliseconds of a commit")]
fn small_ui(ui: &Ui, places: &[(Rect, Rect); 3], view: &View<'_>, out: &mut Vec<Action>) {
    let (theme, data) = (view.scene.theme, view.data);
    let ms = |micros: u64| micros as f64 / 1_000.0;
    let pair = |value: Option<f64>| value.map(|value| (value, value));
    let p50 = data.values(|moment| pair(moment.commits.map(|(_, p50, _)| ms(p50))));
    let p99 = data.values(|moment| pair(moment.commits.map(|(_, _, p99)| ms(p99))));
    let batch = data.values(|moment| pair(moment.batch()));
    let lag = data.values(|moment| pair(moment.lag_ms.map(|lag| lag.max(0) as f64)));
    let line = |values, color, dashed, filled| Line { values, color, dashed, filled };
    let parts = [
        (
            "Commit latency",
            "ms",
            vec![line(p99, theme.series[3], true, false), line(p50, theme.series[2], false, false)],
        ),
        ("Commit size", "events per commit", vec![line(batch, theme.series[1], false, true)]),
        ("Tail lag", "ms behind the writer", vec![line(lag, theme.series[0], false, true)]),
    ];
    for (index, ((part, plot), (name, unit, lines))) in places.iter().zip(&parts).enumerate() {
        let painter = ui.painter();
        let end = title(painter, *part, name, unit, view.scene);
        painter.rect_filled(part.with_min_y(part.top() + TITLE), 0.0, theme.bg_field);
        if index > 0 {
            paint::vline(painter, part.left(), part.top(), part.bottom(), theme.line_subtle);
        }
        let known = lines.iter().any(|line| line.values.iter().any(Option::is_some));
        if !known {
            let words = match (index, data.history) {
                (_, true) => "Measured only while it is watched",
                (2, _) => "No event has arrived yet",
                _ => "Only Eventscope's own writes are timed",
            };
            let piece = Piece::new(words, Type::CAPTION, theme.text_muted);
            paint::left(painter, part.left() + INSET, plot.center().y, part.width() - 2.0 * INSET, piece);
            plot_area(ui, *plot, name, &format!("{name}: {words}"), view, out);
            continue;
        }
        let edge = plot::ground(painter, *plot, &data.span, plot::top_of(lines), 2, theme);
        plot::lines(painter, *plot, &data.span, edge, lines, theme);
        if let Some(column) = view.hovered {
            plot::hover_line(painter, *plot, &data.span, column, theme);
        }
        let newest = |line: &Line| line.values.iter().rev().flatten().next().map_or(0.0, |(value, _)| *value);
        let at = |line: &Line| match view.hovered.and_then(|column| line.values.get(column).copied().flatten()) {
            Some((value, _)) => value,
            None => newest(line),
        };
        let values: Vec<String> = lines.iter().rev().map(|line| words::figures(at(line))).collect();
        let mut right = part.right() - INSET;
        for (value, line) in values.iter().rev().zip(lines) {
            let piece = Piece::new(value, Type::READING, theme.text_strong);
            right = paint::right(painter, right, part.top() + TITLE / 2.0, piece);
            if lines.len() > 1 {
                let y = part.top() + TITLE / 2.0;
                let ends = [pos2(right - 18.0, y), pos2(right - 6.0, y)];
                let stroke = Stroke::new(1.5, line.color);
                if right - 18.0 < end {
                    break;
                }
                if line.dashed {
                    painter.extend(egui::Shape::dashed_line(&ends, stroke, 3.0, 2.0));
                } else {
                    painter.line_segment(ends, stroke);
                }
                right -= 30.0;
            }
        }
        let said = if lines.len() > 1 { values.join(" and ") } else { values.concat() };
        plot_area(ui, *plot, name, &format!("{name}, {unit}, now {said}"), view, out);
    }
}

/// The values at the pointer, beside it.
fn box_ui(painter: &Painter, plot: Rect, at: egui::Pos2, column: usize, view: &View<'_>) {
    let Some(moment) = view.moment() else { return };
    let theme = view.scene.theme;
    let time = Time(view.data.span.end_of(column).saturating_mul(1_000));
    let factor = view.data.unit().1;
    let rate = format!("Events /{}", view.data.unit_sign());
    let mut lines = vec![
        (rate.as_str(), words::figures(moment.rate() * factor)),
        ("Bytes /s", if view.data.history { "–".to_owned() } else { words::figures(moment.bytes_rate()) }),
    ];
    if (moment.peak - moment.low).abs() > 1e-9 {
        lines.insert(
            1,
            (
                "lowest, highest",
                format!("{} – {}", words::figures(moment.low * factor), words::figures(moment.peak * factor)),
            ),
        );
    }
    if let Some((_, p50, p99)) = moment.commits {
        lines.push(("p50", words::elapsed(p50)));
        lines.push(("p99", words::elapsed(p99)));
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
    let size = vec2(176.0, 32.0 + 18.0 * lines.len() as f32 + 6.0);
    let left = if at.x + 10.0 + size.x > plot.right() { at.x - 10.0 - size.x } else { at.x + 10.0 };
    let place = Rect::from_min_size(pos2(left.round(), (plot.bottom() - size.y - 4.0).round()), size);
    painter.add(theme.shadow_menu().as_shape(place, RADIUS_2));
    painter.rect(place, RADIUS_2, theme.bg_raised, theme.outline(), StrokeKind::Inside);
    let (x, right) = (place.left() + 10.0, place.right() - 10.0);
    let mut y = place.top() + 17.0;
    let clock = if view.data.history { words::day_and_minute(time) } else { words::clock(time) };
    let end = paint::left(painter, x, y, 100.0, Piece::new(&clock, Type::DATA_SMALL, theme.text_muted));
    if right - end > 70.0 {
        paint::right(painter, right, y, Piece::new("click to go", Type::CAPTION, theme.text_muted));
    }
    y += 20.0;
    for (name, value) in &lines {
        paint::left(painter, x, y, 110.0, Piece::new(name, Type::CAPTION, theme.text_soft));
        paint::right(painter, right, y, Piece::new(value, Type::DATA, theme.text_strong));
        y += 18.0;
    }
}
