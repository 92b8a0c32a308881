//! The live plot: three lanes of what arrives, from the samples that the watcher takes.

use std::fmt::Write as _;

use egui::{CursorIcon, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_plot::{Line, LineStyle, Plot, PlotPoint, PlotPoints};

use super::fonts::Type;
use super::icons;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{Button, Icon, Look, chip};
use super::words;
use crate::event::Time;
use crate::limits::{PLOT_POINTS_MAX, SAMPLE_MS};
use crate::protocol::Sample;
use crate::session::{Action, Command};

const AXIS: f32 = 24.0;
const LEFT: f32 = 96.0;
const RIGHT: f32 = 80.0;

/// Seconds that the plot covers.
#[expect(clippy::cast_precision_loss, reason = "some hundred seconds")]
const SECONDS: f64 = PLOT_POINTS_MAX as f64 * SAMPLE_MS as f64 / 1_000.0;

/// One line of a lane: seconds before the newest sample, and the value.
struct Series {
    points: Vec<PlotPoint>,
    color: egui::Color32,
    dashed: bool,
}

/// One lane.
struct Lane {
    title: &'static str,
    small: String,
    series: Vec<Series>,
    values: Vec<String>,
    top: f64,
    empty: &'static str,
}

/// Draws the live plot.
pub fn live_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    head_ui(ui, rect.with_max_y(rect.top() + height::HEAD), scene, out);
    let field = rect.with_min_y(rect.top() + height::HEAD);
    ui.painter().rect_filled(field, 0.0, theme.bg_field);
    paint::hline(ui.painter(), field.left(), field.right(), field.top(), theme.line_subtle);
    let samples = newest(scene);
    let lanes_rect = field.with_max_y(field.bottom() - AXIS);
    let plots = Rect::from_min_max(
        pos2(rect.left() + LEFT, lanes_rect.top()),
        pos2((rect.right() - RIGHT).max(rect.left() + LEFT + 8.0), lanes_rect.bottom()),
    );
    let response = ui.interact(lanes_rect, ui.scope_id().with("lanes"), Sense::HOVER);
    let hovered = response
        .hover_pos()
        .filter(|at| plots.x_range().contains(at.x))
        .and_then(|at| nearest(&samples, f64::from((at.x - plots.right()) / plots.width()) * SECONDS));
    let lanes = lanes(&samples, hovered, scene);
    #[expect(clippy::cast_precision_loss, reason = "three lanes")]
    let lane_height = lanes_rect.height() / lanes.len() as f32;
    let mut top = lanes_rect.top();
    let mut sentence = String::new();
    for lane in &lanes {
        let place = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), lane_height));
        lane_ui(ui, place, plots, lane, scene);
        top += lane_height;
        let _ = write!(sentence, "{} {}, {}. ", lane.title, lane.values.join(" and "), lane.small);
    }
    paint::hline(ui.painter(), field.left(), field.right(), lanes_rect.bottom(), theme.line_strong);
    axis_ui(ui, field.with_min_y(lanes_rect.bottom()), plots, &samples, hovered, scene);
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, sentence.trim_end()));
    response.on_hover_cursor(CursorIcon::Default);
    paint::vline(ui.painter(), rect.left(), rect.top(), rect.bottom(), theme.line_subtle);
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), theme.line_strong);
}

fn head_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let middle = rect.center().y + 0.5;
    let title = Piece::new("Live throughput", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, rect.left() + INSET, middle, f32::INFINITY, title);
    let paused = scene.session.live.paused();
    let command = Command::PauseLive;
    let icon = Icon::filled(if paused.is_some() { icons::PLAY } else { icons::PAUSE });
    let button = Button {
        name: if paused.is_some() { "Resume live plot" } else { "Pause live plot" },
        look: Look::Bare,
        ..Button::icon_of(command, icon)
    };
    let larger = Rect::from_min_size(pos2(rect.right() - 8.0 - 28.0, middle - 14.0), vec2(28.0, 28.0));
    let expand =
        Button { name: "Show throughput", ..Button::icon_of(Command::ViewThroughput, Icon::new(icons::ARROWS_OUT)) };
    if expand.show(ui, larger, theme).clicked() {
        out.push(Action::Run(Command::ViewThroughput));
    }
    let place = larger.translate(vec2(-32.0, 0.0));
    if button.show(ui, place, theme).clicked() {
        out.push(Action::Run(command));
    }
    let (icon, text, color) = match paused {
        Some(new) => (Some(icons::PAUSE), format!("Paused, {} new", words::thousands(new)), theme.text_soft),
        None => (Some(icons::PULSE), "Following".to_owned(), theme.live),
    };
    let chip = chip(painter, x + 8.0, middle, icon, &text, color, theme);
    let minutes = format!(
        "{} min {} s",
        PLOT_POINTS_MAX as u64 * SAMPLE_MS / 60_000,
        PLOT_POINTS_MAX as u64 * SAMPLE_MS / 1_000 % 60
    );
    let width = paint::width(painter, &minutes, Type::DATA_SMALL);
    if place.left() - 8.0 - width > chip.right() + 8.0 {
        paint::right(painter, place.left() - 8.0, middle, Piece::new(&minutes, Type::DATA_SMALL, theme.text_muted));
    }
}

/// The samples of the plot's window, oldest first.
fn newest<'a>(scene: &Scene<'a>) -> Vec<&'a Sample> {
    let shown = scene.session.live.shown();
    let from = shown.len().saturating_sub(PLOT_POINTS_MAX);
    shown.skip(from).collect()
}

/// Seconds between two samples.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of some minutes")]
fn seconds(sample: &Sample, newest: &Sample) -> f64 {
    (sample.at_ms - newest.at_ms) as f64 / 1_000.0
}

fn nearest<'a>(samples: &[&'a Sample], at: f64) -> Option<&'a Sample> {
    let newest = samples.last()?;
    let index = samples.partition_point(|sample| seconds(sample, newest) < at);
    let before = index.checked_sub(1).and_then(|index| samples.get(index));
    let distance = |sample: &&&Sample| (seconds(sample, newest) - at).abs();
    let found = before.into_iter().chain(samples.get(index)).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(&found) < 1.0).then_some(*found)
}

#[expect(clippy::cast_precision_loss, reason = "rates of one sample")]
fn per_second(value: u64, sample: &Sample) -> f64 {
    if sample.span_ms == 0 { 0.0 } else { value as f64 * 1_000.0 / sample.span_ms as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a commit")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

fn lanes(samples: &[&Sample], hovered: Option<&Sample>, scene: &Scene<'_>) -> [Lane; 3] {
    let theme = scene.theme;
    let events = |sample: &Sample| Some(per_second(sample.events, sample));
    let (unit, per) = unit_of(samples);
    let bytes = |sample: &Sample| Some(per_second(sample.bytes, sample) / per);
    let p50 = |sample: &Sample| sample.commits.map(|(_, p50, _)| milliseconds(p50));
    let p99 = |sample: &Sample| sample.commits.map(|(_, _, p99)| milliseconds(p99));
    let commits = samples.iter().any(|sample| sample.commits.is_some());
    let one = |title, of: &dyn Fn(&Sample) -> Option<f64>, color| {
        let (series, peak) = series(samples, of, color, false);
        Lane {
            title,
            small: format!("peak {}", words::figures(peak)),
            values: vec![value_of(samples, hovered, of)],
            series: vec![series],
            top: peak,
            empty: "",
        }
    };
    let (fast, _) = series(samples, &p50, theme.series[2], false);
    let (slow, peak) = series(samples, &p99, theme.series[3], true);
    let commit = Lane {
        title: "Commit ms",
        small: "p50 · p99".to_owned(),
        series: vec![slow, fast],
        values: if commits {
            vec![value_of(samples, hovered, &p50), value_of(samples, hovered, &p99)]
        } else {
            Vec::new()
        },
        top: peak,
        empty: if commits { "" } else { "Eventscope writes nothing here" },
    };
    [one("Events /s", &events, theme.series[0]), one(unit, &bytes, theme.series[1]), commit]
}

/// The unit that the peak of the bytes is told in, and how many bytes it has.
fn unit_of(samples: &[&Sample]) -> (&'static str, f64) {
    let peak = samples.iter().map(|sample| per_second(sample.bytes, sample)).fold(0.0, f64::max);
    match peak {
        1e6.. => ("MB /s", 1e6),
        1e3.. => ("kB /s", 1e3),
        _ => ("Bytes /s", 1.0),
    }
}

/// The value at the pointer, else the newest that is known.
fn value_of(samples: &[&Sample], hovered: Option<&Sample>, of: &dyn Fn(&Sample) -> Option<f64>) -> String {
    let value = match hovered {
        Some(sample) => of(sample),
        None => samples.iter().rev().find_map(|sample| of(sample)),
    };
    value.map_or_else(|| "–".to_owned(), words::figures)
}

fn series(
    samples: &[&Sample],
    of: &dyn Fn(&Sample) -> Option<f64>,
    color: egui::Color32,
    dashed: bool,
) -> (Series, f64) {
    let mut points = Vec::with_capacity(samples.len());
    let mut peak = 0.0_f64;
    if let Some(newest) = samples.last() {
        for sample in samples {
            if let Some(value) = of(sample) {
                points.push(PlotPoint::new(seconds(sample, newest), value));
                peak = peak.max(value);
            }
        }
    }
    (Series { points, color, dashed }, peak)
}

fn lane_ui(ui: &mut Ui, rect: Rect, plots: Rect, lane: &Lane, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    let middle = rect.center().y;
    let left = rect.left() + INSET;
    paint::left(&painter, left, middle - 8.0, LEFT - INSET, Piece::new(lane.title, Type::LABEL, theme.text));
    paint::left(
        &painter,
        left,
        middle + 7.0,
        LEFT - INSET,
        Piece::new(&lane.small, Type::DATA_SMALL, theme.text_muted),
    );
    let right = rect.right() - INSET;
    let colors = [theme.text_strong, theme.series[3]];
    #[expect(clippy::cast_precision_loss, reason = "one or two values")]
    for (index, value) in lane.values.iter().enumerate() {
        let y = if lane.values.len() == 1 { middle } else { middle - 7.0 + 14.0 * index as f32 };
        let start = paint::right(&painter, right, y, Piece::new(value, Type::READING, colors[index.min(1)]));
        if lane.values.len() > 1 {
            let (from, to) = (pos2(start - 20.0, y), pos2(start - 8.0, y));
            let stroke = egui::Stroke::new(1.5, if index == 0 { theme.series[2] } else { theme.series[3] });
            if index == 0 {
                painter.line_segment([from, to], stroke);
            } else {
                painter.add(egui::Shape::dashed_line(&[from, to], stroke, 3.0, 2.0));
            }
        }
    }
    let place = Rect::from_min_max(pos2(plots.left(), rect.top() + 5.0), pos2(plots.right(), rect.bottom() - 3.0));
    paint::hline(&painter, plots.left(), plots.right(), place.bottom(), theme.line_subtle);
    if !lane.empty.is_empty() {
        let words = Piece::new(lane.empty, Type::CAPTION, theme.text_muted);
        paint::left(&painter, plots.left(), middle, rect.right() - INSET - plots.left(), words);
        return;
    }
    let top = if lane.top > 0.0 { lane.top * 1.05 } else { 1.0 };
    ui.scope_builder(UiBuilder::new().max_rect(place).id_salt(lane.title), |ui| {
        ui.style_mut().spacing.item_spacing = egui::Vec2::ZERO;
        let plot = Plot::new(lane.title)
            .width(place.width())
            .height(place.height())
            .show_axes(false)
            .show_grid(false)
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .show_crosshair(false)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .sense(Sense::HOVER)
            .set_margin_fraction(egui::Vec2::ZERO)
            .label_formatter(|_| None);
        plot.show(ui, |plot| {
            plot.set_plot_bounds_x(-SECONDS..=0.0);
            plot.set_plot_bounds_y(0.0..=top);
            for series in &lane.series {
                let points = PlotPoints::Borrowed(&series.points);
                let drawn = Line::new(lane.title, points).color(series.color).width(1.5).allow_hover(false);
                plot.line(if series.dashed {
                    drawn.style(LineStyle::Dashed { length: 3.0 })
                } else if lane.series.len() == 1 {
                    drawn.fill(0.0).fill_alpha(0.14)
                } else {
                    drawn
                });
            }
        });
    });
}

fn axis_ui(ui: &Ui, rect: Rect, plots: Rect, samples: &[&Sample], hovered: Option<&Sample>, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let middle = rect.center().y;
    #[expect(clippy::cast_possible_truncation, reason = "a share of the plot's width")]
    let x_of = |at: f64| plots.right() + plots.width() * (at / SECONDS) as f32;
    let label = |at: f64, words: &str| {
        let x = x_of(at);
        paint::centred(painter, pos2(x, middle), Piece::new(words, Type::DATA_SMALL, theme.text_muted));
    };
    if hovered.is_none() {
        label(-120.0, "-2 min");
        label(-60.0, "-1 min");
        label(0.0, "now");
    }
    let (Some(sample), Some(newest)) = (hovered, samples.last()) else { return };
    let x = x_of(seconds(sample, newest)).round();
    paint::vline(painter, x, plots.top(), plots.bottom(), theme.text_soft);
    let words = words::time(Time(sample.at_ms.saturating_mul(1_000)), "%H:%M:%S");
    let width = paint::width(painter, &words, Type::DATA_SMALL).ceil() + 12.0;
    let left = (x - width / 2.0).clamp(rect.left() + 4.0, rect.right() - 4.0 - width).round();
    let head = Rect::from_min_size(pos2(left, middle - 9.0), vec2(width, 18.0));
    painter.rect_filled(head, 3.0, theme.text_soft);
    paint::centred(painter, head.center(), Piece::new(&words, Type::DATA_SMALL, theme.bg_field));
}
