//! Who set a path of the state: every event that added, changed or removed it, newest first.
//!
//! The setter at the cursor stands out, the write after it stands above, dimmed. Choosing a row selects its event and
//! leaves the cursor where it is.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::InspectorLocal;
use crate::gui::chart::{Chart, Series, thinned};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, fade, height};
use crate::gui::widgets::{Button, Field, Tip, empty_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::limits::PLOT_POINTS_MAX;
use crate::protocol::{BlameAt, BlameRow};
use crate::session::{Action, Command};

const HEAD: f32 = 44.0;
const LIST_HEAD: f32 = 28.0;
const ROW: f32 = 24.0;
/// Right edge of the version, left edges of the type and of the values.
const COLUMNS: (f32, f32, f32) = (64.0, 76.0, 206.0);
/// Room for how far a number went, at the right end.
const DELTA: f32 = 76.0;
const CHART_HEAD: f32 = 28.0;
const CHART: f32 = 120.0;
/// Writes that the chart shows at once, when there are more.
const WRITES_SHOWN: usize = 400;
/// Writes up to which each has its dot.
const DOTS_MAX: usize = 60;
/// How strong a write after the cursor is drawn.
const LATER: f32 = 0.5;

/// Draws the Blame tab.
pub fn blame_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let head = rect.with_max_y(rect.top() + HEAD);
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    let body = Rect::from_min_max(head.left_bottom(), foot.right_top());
    let shown = session.blame_on_show();
    // Writes after the cursor are left out but for the next one.
    let first = shown.map_or(0, |shown| session.blame_at_cursor(&shown.rows));
    let chosen = session.blame.selected.map_or(first, |row| row.min(first));
    head_ui(ui, head, scene, out);
    if session.blame.path.is_none() {
        let words = ["Choose a path", "Type its JSON pointer, or select a line of the state and press B"];
        empty_ui(ui, body, icons::MAGNIFYING_GLASS, words, None, scene.theme);
        return;
    }
    foot_ui(ui, foot, scene, shown.map(|shown| &**shown), first);
    match shown {
        None => {
            let words = Piece::new("Folding…", Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        }
        Some(shown) if shown.rows.is_empty() || chosen >= shown.rows.len() && first >= shown.rows.len() => {
            let words = ["Never set", "No event up to here sets this path"];
            empty_ui(ui, body, icons::TRAY, words, None, scene.theme);
        }
        Some(shown) => {
            let body = chart_ui(ui, body, scene, shown);
            let titles = body.with_max_y(body.top() + LIST_HEAD);
            titles_ui(ui, titles, scene);
            list_ui(ui, body.with_min_y(titles.bottom()), scene, shown, first, local, out);
        }
    }
}

/// The path, and the way to earlier and later writes.
fn head_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let mut right = rect.right() - INSET;
    for (text, command) in [("Later", Command::BlameLater), ("Earlier", Command::BlameEarlier)] {
        let button = Button { text, hint: command.key(), ..Button::command(command) };
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(right - width, rect.top() + 8.0), vec2(width, 28.0));
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        right = place.left() - 8.0;
    }
    let blame = &scene.session.blame;
    let path = blame.path.as_deref().unwrap_or_default();
    let mut text = blame.typed.clone().unwrap_or_else(|| path.to_owned());
    let field = Field {
        name: "Path to blame",
        hint: if blame.path.is_some() { "The whole state" } else { "/balance" },
        icon: None,
        key: "",
        data: true,
        wrong: text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])),
        tip: Tip {
            name: "Path to blame",
            key: "Enter",
            help: "A JSON pointer: /limits/daily, /lines/0, also of what is gone",
        },
    };
    let place = Rect::from_min_max(pos2(rect.left() + INSET, rect.top() + 8.0), pos2(right, rect.top() + 36.0));
    let response = field.show(ui, place, &mut text, theme);
    if response.changed() {
        out.push(Action::TypeBlamePath(text.clone()));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::BlamePath(text));
    }
}

/// The value by version, where it is a number: returns what is left below.
fn chart_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: &BlameAt) -> Rect {
    if rect.height() < CHART + 140.0 || shown.rows.iter().filter(|row| row.number.is_some()).count() < 2 {
        return rect;
    }
    let session = scene.session;
    #[expect(clippy::cast_precision_loss, reason = "versions of a chart")]
    let place_of = |version: i64| version as f64;
    // The rows stand newest first.
    let points: Vec<(f64, Option<f64>)> =
        shown.rows.iter().rev().map(|row| (place_of(row.version), row.number)).collect();
    let first = points.first().map_or(0.0, |point| point.0);
    let last = shown.last_version.map_or(first, place_of).max(points.last().map_or(first, |point| point.0));
    let cursor = session.state.shown.as_ref().and_then(|state| state.version).map(place_of);
    // Around the cursor where there are many writes: a line with more than a point for each says nothing.
    let span = around(&points, (first, last), cursor);
    let head = rect.with_max_y(rect.top() + CHART_HEAD);
    let theme = scene.theme;
    let title = Piece::new("Value by version", Type::LABEL_STRONG, theme.text_strong);
    paint::left(ui.painter(), head.left() + INSET, head.center().y, 160.0, title);
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers of versions")]
    let words = format!("{} to {}", words::thousands(span.0 as i64), words::thousands(span.1 as i64));
    paint::right(
        ui.painter(),
        head.right() - INSET,
        head.center().y,
        Piece::new(&words, Type::DATA_SMALL, theme.text_muted),
    );
    let inside: Vec<(f64, Option<f64>)> = within(&points, span);
    let thin = thinned(&inside, PLOT_POINTS_MAX);
    let ring = session.blame_row().and_then(|row| shown.rows.get(row)).and_then(|row| {
        let x = place_of(row.version);
        Some((x, row.number?)).filter(|_| x >= span.0 && x <= span.1)
    });
    let series = [Series { points: &thin, color: theme.series[2], dashed: false, sloped: false }];
    let chart = Chart {
        span,
        series: &series,
        cursor: cursor.filter(|cursor| *cursor >= span.0),
        ring,
        parts: None,
        dots: inside.len() <= DOTS_MAX,
        from_zero: false,
    };
    let plot = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), CHART));
    chart.show(ui.painter(), plot, theme, &words::figures);
    let said = ui.interact(plot, ui.scope_id().with("value chart"), Sense::HOVER);
    let sentence = format!("Value by version, {} writes from version {words}", points.len());
    said.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
    rect.with_min_y(plot.bottom())
}

/// The versions that the chart shows: all, or those with [`WRITES_SHOWN`] writes around the cursor.
fn around(points: &[(f64, Option<f64>)], whole: (f64, f64), cursor: Option<f64>) -> (f64, f64) {
    if points.len() <= WRITES_SHOWN {
        return whole;
    }
    let cursor = cursor.unwrap_or(whole.1);
    let here = points.partition_point(|point| point.0 <= cursor);
    let end = (here + WRITES_SHOWN / 4).min(points.len());
    let start = end.saturating_sub(WRITES_SHOWN);
    let from = points.get(start).map_or(whole.0, |point| point.0);
    let to = points.get(end).map_or(whole.1, |point| point.0);
    (from, to.max(from + 1.0))
}

/// The points inside of a span, with the one before, whose value still holds.
fn within(points: &[(f64, Option<f64>)], span: (f64, f64)) -> Vec<(f64, Option<f64>)> {
    let start = points.partition_point(|point| point.0 < span.0).saturating_sub(1);
    let end = points.partition_point(|point| point.0 <= span.1);
    points.get(start..end).map(<[_]>::to_vec).unwrap_or_default()
}

/// In a narrow inspector the values need the room.
fn shows_delta(rect: Rect) -> bool {
    rect.width() >= 356.0
}

fn titles_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let (theme, painter, middle) = (scene.theme, ui.painter(), rect.center().y);
    let title = |text| Piece::new(text, Type::CAPTION, theme.text_muted);
    paint::right(painter, rect.left() + COLUMNS.0, middle, title("Version"));
    paint::left(painter, rect.left() + COLUMNS.1, middle, f32::INFINITY, title("Set by"));
    if shows_delta(rect) {
        paint::right(painter, rect.right() - INSET - DELTA, middle, title("Old → new"));
        paint::right(painter, rect.right() - INSET, middle, title("Delta"));
    } else {
        paint::left(painter, rect.left() + COLUMNS.2, middle, f32::INFINITY, title("Old → new"));
    }
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

fn list_ui(
    ui: &Ui,
    rect: Rect,
    scene: &Scene<'_>,
    shown: &BlameAt,
    first: usize,
    local: &mut InspectorLocal,
    out: &mut Vec<Action>,
) {
    let session = scene.session;
    let hidden = first.saturating_sub(1);
    let rows =
        Rows { count: (shown.rows.len() - hidden.min(shown.rows.len())) as u64, height: ROW, view: rect.height() };
    local.blame = rows.kept(local.blame);
    let (range, mut y) = rows.visible(local.blame);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), ROW));
        y += ROW;
        let index = hidden + usize::try_from(row).unwrap_or(usize::MAX);
        let Some(write) = shown.rows.get(index) else { continue };
        let response = ui.interact(place.intersect(rect), ui.scope_id().with(("write", index)), Sense::CLICK);
        let chosen = session.blame.selected == Some(index);
        let sentence = sentence(write, index, first);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, chosen, &sentence));
        if chosen {
            painter.rect_filled(place, 0.0, scene.theme.bg_selected);
        } else if response.hovered() {
            painter.rect_filled(place, 0.0, scene.theme.bg_hover);
        }
        row_of(&painter, place, scene, write, index, first);
        if response.clicked() {
            out.push(Action::SelectBlame(index));
        }
        let help = "Click to select its event, Enter to move the cursor there";
        tip(response, &Tip { name: &sentence, key: "", help }, scene.theme);
    }
    local.blame =
        scroll_ui(ui, ui.scope_id().with("blame"), rect, &rows, local.blame, scene.theme, "Scroll the writes");
}

fn value(value: Option<&str>) -> &str {
    value.unwrap_or("absent")
}

fn sentence(write: &BlameRow, index: usize, first: usize) -> String {
    let (version, event_type) = (words::thousands(write.version), &write.event_type);
    let (from, to) = (value(write.from.as_deref()), value(write.to.as_deref()));
    let time = write.time.map(|time| format!(", {}", words::day_and_time(time))).unwrap_or_default();
    let place = match index.cmp(&first) {
        std::cmp::Ordering::Less => ", after the cursor",
        std::cmp::Ordering::Equal => ", holds at the cursor",
        std::cmp::Ordering::Greater => "",
    };
    format!("Version {version}, {event_type}, from {from} to {to}{time}{place}")
}

fn row_of(painter: &Painter, rect: Rect, scene: &Scene<'_>, write: &BlameRow, index: usize, first: usize) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let strength = if index < first { LATER } else { 1.0 };
    let at_cursor = index == first;
    if at_cursor {
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.cursor);
    }
    let strong = |color| fade(color, strength);
    let version = words::thousands(write.version);
    let color = if at_cursor { theme.cursor } else { theme.text_soft };
    paint::right(painter, rect.left() + COLUMNS.0, middle, Piece::new(&version, Type::DATA_SMALL, strong(color)));
    let x = rect.left() + COLUMNS.1;
    glyphs::paint(painter, pos2(x + 6.0, middle), scene.looks.of(&write.event_type), theme, strength);
    let room = COLUMNS.2 - COLUMNS.1 - 24.0;
    let name = paint::fit_middle(painter, &write.event_type, Type::LABEL, room);
    paint::left(painter, x + 18.0, middle, room, Piece::new(&name, Type::LABEL, strong(theme.text)));
    let values = [
        Piece::new(value(write.from.as_deref()), Type::DATA, strong(theme.text_muted)),
        Piece::new(" → ", Type::DATA, strong(theme.text_muted)),
        Piece::new(value(write.to.as_deref()), Type::DATA, strong(theme.text_strong)),
    ];
    let left = rect.left() + COLUMNS.2;
    let mut right = rect.right() - INSET;
    let delta = write.delta.as_ref().filter(|_| shows_delta(rect));
    if let Some(delta) = delta {
        paint::right(painter, right, middle, Piece::new(delta, Type::DATA, strong(theme.text_soft)));
        right -= DELTA;
    }
    let mut values = values.as_slice();
    let mut whole = paint::layout(painter, values, f32::INFINITY).size().x;
    if whole > right - left && values.len() == 3 {
        // Where both do not fit, the older one is in the tooltip.
        values = &values[1..];
        whole = paint::layout(painter, values, f32::INFINITY).size().x;
    }
    let x = if delta.is_some() { (right - whole).max(left) } else { left };
    paint::pieces(painter, x, middle, right - x + 1.0, values);
}

/// How far it was read, and what that cost.
fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: Option<&BlameAt>, first: usize) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::STACK, Type::icon(14.0), theme.text_muted);
    let Some(shown) = shown else { return };
    let up_to = (shown.rows.len() - first.min(shown.rows.len())) as u64 + shown.left_out;
    let writes = words::count(up_to, "write", "writes");
    let left_out = match shown.left_out {
        0 => String::new(),
        count => format!(", {} read back", words::thousands(up_to - count)),
    };
    let read = words::count(shown.events, "event", "events");
    let text = format!("{writes} up to here{left_out} · {read} read in {}", words::elapsed(shown.elapsed_us));
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, rect.right() - INSET - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
}
