//! What caused the event on show, what it caused, and all of its correlation: a tree, and where there is room, a timeline.

use egui::{Painter, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{HEAD, InspectorLocal, head_ui};
use crate::event::Time;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Tip, empty_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{Trace, Traced};
use crate::session::{Action, CausationRow};

/// The bar that sums the tree up.
const SUMMARY: f32 = 36.0;
/// One event.
const ROW: f32 = 24.0;
/// One level of causes.
const INDENT: f32 = 16.0;
/// Levels that are shown by their distance from the left.
const LEVELS_MAX: usize = 12;
/// Where the time after the cause stands.
const AFTER: f32 = 72.0;
/// From this width on there is a timeline, and the tree has so much.
const WITH_TIMELINE: f32 = 620.0;
const TREE: f32 = 340.0;
/// Gaps that are longer are cut out of the timeline, and take this much of it.
const GAP_US: i64 = 1_000_000;
const CUT: f32 = 36.0;

/// Draws the Causation tab.
pub fn causation_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let row = session.detail_row();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    let event = row.and_then(|row| session.events.row(row));
    head_ui(ui, head, scene, event, "No event at the cursor", rect.right());
    let body = rect.with_min_y(head.bottom());
    let pane = &session.causation;
    match (&pane.shown, &pane.word.failure) {
        _ if row.is_none() => {
            let words = ["No event at the cursor", "Step forward, or select a row"];
            empty_ui(ui, body, icons::PATH, words, None, scene.theme);
        }
        (_, Some(failure)) => {
            let words = ["The tree cannot be read", failure.as_str()];
            empty_ui(ui, body, icons::WARNING, words, None, scene.theme);
        }
        (Some(trace), None) => tree_ui(ui, body, scene, trace, local, out),
        (None, None) => {
            let words = format!("Reading the log… {}", words::count(pane.word.read, "event", "events"));
            let words = Piece::new(&words, Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        }
    }
}

fn tree_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, trace: &Trace, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let bar = rect.with_max_y(rect.top() + SUMMARY);
    summary(ui.painter(), bar, scene, trace);
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    foot_ui(ui.painter(), foot, scene, trace);
    let list = Rect::from_min_max(bar.left_bottom(), foot.right_top());
    let shown = scene.session.causation.rows();
    let opened: Vec<std::ops::Range<usize>> =
        shown.iter().filter(|row| row.open == Some(true)).map(|row| row.place..row.place + row.count).collect();
    let rows = Rows { count: shown.len() as u64, height: ROW, view: list.height() };
    local.causation = rows.kept(local.causation);
    let (range, mut y) = rows.visible(local.causation);
    let painter = ui.painter().with_clip_rect(list.intersect(ui.clip_rect()));
    let has_timeline = list.width() >= WITH_TIMELINE;
    let axis = has_timeline.then(|| {
        let place = list.with_min_x(list.left() + TREE).shrink2(vec2(INSET, 0.0));
        painter.rect_filled(list.with_min_x(list.left() + TREE), 0.0, theme.bg_field);
        Axis::of(trace, place)
    });
    if let Some(axis) = &axis {
        axis.paint(&painter, list, scene);
    }
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), ROW));
        y += ROW;
        let Some(shown) = usize::try_from(row).ok().and_then(|row| shown.get(row)) else { continue };
        let Some(event) = trace.events.get(shown.place) else { continue };
        let response = ui.interact(place.intersect(list), ui.scope_id().with(("traced", row)), Sense::CLICK);
        let sentence = sentence(event, trace, shown);
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
        if shown.place == trace.target && shown.count == 1 {
            painter.rect_filled(place, 0.0, theme.bg_cursor);
        } else if response.hovered() {
            painter.rect_filled(place, 0.0, theme.bg_hover);
        }
        let tree = if has_timeline { place.with_max_x(place.left() + TREE) } else { place };
        let is_opened = shown.open.is_none() && opened.iter().any(|group| group.contains(&shown.place));
        let levels = u8::try_from((event.depth + usize::from(is_opened)).min(LEVELS_MAX)).unwrap_or_default();
        event_row(&painter, tree, scene, (event, shown, f32::from(levels)), trace);
        if let Some(axis) = &axis {
            axis.event(&painter, place, scene, (event, shown), trace);
        }
        if response.clicked() {
            out.push(match shown.open {
                Some(_) => Action::ToggleSiblings(shown.place),
                None => Action::GoToTraced(shown.place),
            });
        }
        let help = if shown.open.is_some() { "Open or close these siblings" } else { "Move the cursor to this event" };
        tip(response, &Tip { name: &sentence, key: "", help }, theme);
    }
    local.causation =
        scroll_ui(ui, ui.scope_id().with("causation"), list, &rows, local.causation, theme, "Scroll the tree");
}

fn sentence(event: &Traced, trace: &Trace, row: &CausationRow) -> String {
    let times = if row.count > 1 { format!(" × {}", row.count) } else { String::new() };
    let after = after(event, trace).map(|after| format!(", {after} after its cause")).unwrap_or_default();
    format!("{}{times} in {}{after}", event.event_type, event.stream)
}

fn after(event: &Traced, trace: &Trace) -> Option<String> {
    let cause = event.parent.and_then(|parent| trace.events.get(parent))?;
    Some(words::delta(cause.time?, event.time?))
}

fn event_row(
    painter: &Painter,
    rect: Rect,
    scene: &Scene<'_>,
    (event, row, levels): (&Traced, &CausationRow, f32),
    trace: &Trace,
) {
    let theme = scene.theme;
    let is_target = row.place == trace.target && row.count == 1;
    let middle = rect.center().y;
    let indent = INDENT * levels;
    let mut x = rect.left() + INSET + indent;
    if let Some(open) = row.open {
        let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        paint::icon(painter, pos2(x - 10.0, middle), caret, Type::icon(11.0), theme.text_muted);
    }
    glyphs::paint(painter, pos2(x + 7.0, middle), scene.looks.of(&event.event_type), theme, 1.0);
    x += 20.0;
    let right = rect.right() - INSET;
    if let Some(after) = after(event, trace).filter(|_| row.count == 1) {
        let is_long =
            event.parent.and_then(|parent| trace.events.get(parent)).is_some_and(|cause| is_gap(cause, event));
        let color = match (is_target, is_long) {
            (true, _) => theme.cursor,
            (false, true) => theme.warn,
            (false, false) => theme.text_soft,
        };
        paint::right(painter, right, middle, Piece::new(&after, Type::DATA_SMALL, color));
    }
    let room = (right - AFTER - x).max(20.0);
    let name = scene.looks.label(&event.event_type);
    let face = if is_target { Type::LABEL_STRONG } else { Type::LABEL };
    let color = if is_target { theme.text_strong } else { theme.text };
    let end = paint::left(painter, x, middle, room, Piece::new(name, face, color));
    let beside =
        if row.count > 1 { format!("× {}", words::thousands(row.count as u64)) } else { event.stream.to_string() };
    let rest = right - AFTER - end - 8.0;
    if rest > 24.0 {
        let beside = paint::fit_middle(painter, &beside, Type::DATA_SMALL, rest);
        paint::left(painter, end + 8.0, middle, rest, Piece::new(&beside, Type::DATA_SMALL, theme.text_muted));
    }
}

fn is_gap(cause: &Traced, event: &Traced) -> bool {
    matches!((cause.time, event.time), (Some(from), Some(to)) if to.0 - from.0 > GAP_US)
}

fn summary(painter: &Painter, bar: Rect, scene: &Scene<'_>, trace: &Trace) {
    let theme = scene.theme;
    paint::hline(painter, bar.left(), bar.right(), bar.bottom() - 1.0, theme.line_subtle);
    let listed = trace.events.len() as u64;
    let all = listed + trace.more.values().sum::<u64>();
    let streams: std::collections::BTreeSet<&str> = trace.events.iter().map(|event| event.stream.as_str()).collect();
    let levels = trace.events.iter().map(|event| event.depth + 1).max().unwrap_or(0);
    let events = if all > listed {
        format!("{} of {} events", words::thousands(listed), words::thousands(all))
    } else {
        words::count(all, "event", "events")
    };
    let facts = format!(
        "{events} · {} · {}",
        words::count(streams.len() as u64, "stream", "streams"),
        words::count(levels as u64, "level", "levels")
    );
    let middle = bar.center().y;
    let left = paint::right(painter, bar.right() - INSET, middle, Piece::new(&facts, Type::CAPTION, theme.text_soft));
    let room = left - bar.left() - 2.0 * INSET;
    let whole = trace.correlation.as_deref().unwrap_or("No correlation id");
    let whole = paint::fit_middle(painter, whole, Type::DATA_SMALL, room);
    paint::left(painter, bar.left() + INSET, middle, room, Piece::new(&whole, Type::DATA_SMALL, theme.text));
}

/// How much of the log was read; where the cause of the first event is not in the log, that.
fn foot_ui(painter: &Painter, rect: Rect, scene: &Scene<'_>, trace: &Trace) {
    let theme = scene.theme;
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let pane = &scene.session.causation;
    let missing = trace.events.get(trace.target).filter(|event| event.parent.is_none());
    let missing = missing.and_then(|event| event.links.cause.as_deref());
    let missing = missing.filter(|cause| trace.correlation.as_deref() != Some(cause));
    let text = match missing {
        _ if pane.is_searching() => format!("Reading the log… {}", words::count(pane.word.read, "event", "events")),
        Some(cause) => format!("Cause {} is not in this log", paint::cut_middle(cause, 24)),
        None => format!("{} read, nothing cut off", words::count(trace.read, "event", "events")),
    };
    let x = rect.left() + INSET;
    let room = rect.width() - 2.0 * INSET;
    paint::left(painter, x, rect.center().y, room, Piece::new(&text, Type::CAPTION, theme.text_muted));
}

/// Times across: idle gaps are cut out.
struct Axis {
    place: Rect,
    /// Where each known time stands, in order.
    stops: Vec<(Time, f32)>,
    /// The gaps that were cut out: from, to, how long.
    cuts: Vec<(f32, f32, i64)>,
}

impl Axis {
    fn of(trace: &Trace, place: Rect) -> Self {
        let mut times: Vec<Time> = trace.events.iter().filter_map(|event| event.time).collect();
        times.sort_unstable();
        times.dedup();
        let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few gaps, and times of a second at most")]
        let (cut_count, kept) = (
            gaps.iter().filter(|gap| **gap > GAP_US).count() as f32,
            gaps.iter().filter(|gap| **gap <= GAP_US).sum::<i64>().max(1) as f32,
        );
        let cut = CUT.min(place.width() / (cut_count + 1.0));
        let room = place.width() - cut * cut_count;
        let (mut x, mut stops, mut cuts) = (place.left(), Vec::new(), Vec::new());
        for (index, time) in times.iter().enumerate() {
            if let Some(gap) = index.checked_sub(1).and_then(|before| gaps.get(before)) {
                #[expect(clippy::cast_precision_loss, reason = "a second at most")]
                let step = if *gap > GAP_US { cut } else { room * *gap as f32 / kept };
                if *gap > GAP_US {
                    cuts.push((x, x + step, *gap));
                }
                x += step;
            }
            stops.push((*time, x));
        }
        Self { place, stops, cuts }
    }

    fn x_of(&self, time: Option<Time>) -> Option<f32> {
        let time = time?;
        let index = self.stops.binary_search_by_key(&time, |(stop, _)| *stop).ok()?;
        self.stops.get(index).map(|(_, x)| *x)
    }

    fn paint(&self, painter: &Painter, list: Rect, scene: &Scene<'_>) {
        let theme = scene.theme;
        for (from, to, gap) in &self.cuts {
            let cut = Rect::from_min_max(pos2(*from, list.top()), pos2(*to, list.bottom()));
            painter.rect_filled(cut, 0.0, theme.bg_panel);
            for x in [*from, *to] {
                let edge = [pos2(x, list.top()), pos2(x, list.bottom())];
                painter.extend(egui::Shape::dashed_line(&edge, Stroke::new(1.0, theme.line_strong), 3.0, 3.0));
            }
            let wait = words::delta(Time(0), Time(*gap));
            let wait = wait.trim_start_matches('+');
            paint::centred(
                painter,
                pos2(cut.center().x, list.bottom() - 12.0),
                Piece::new(wait, Type::CAPTION, theme.warn),
            );
        }
        paint::vline(painter, self.place.left() - INSET, list.top(), list.bottom(), theme.line_subtle);
    }

    /// A line from the cause to the event, and its glyph.
    fn event(
        &self,
        painter: &Painter,
        row: Rect,
        scene: &Scene<'_>,
        (event, shown): (&Traced, &CausationRow),
        trace: &Trace,
    ) {
        let theme = scene.theme;
        let Some(x) = self.x_of(event.time) else { return };
        let middle = row.center().y;
        if shown.count > 1 {
            let last = trace.events.get(shown.place + shown.count - 1).and_then(|last| self.x_of(last.time));
            let band = Rect::from_min_max(pos2(x, middle - 4.0), pos2(last.unwrap_or(x).max(x + 3.0), middle + 4.0));
            painter.rect_filled(band, 2.0, theme.line_control);
        }
        let cause = event.parent.and_then(|parent| trace.events.get(parent));
        if let (Some(from), Some(cause)) = (cause.and_then(|cause| self.x_of(cause.time)), cause)
            && shown.count == 1
        {
            let is_target = shown.place == trace.target;
            let color = if is_target { theme.cursor } else { theme.text_muted };
            let line = [pos2(from, middle), pos2(x, middle)];
            if is_gap(cause, event) {
                painter.extend(egui::Shape::dashed_line(&line, Stroke::new(1.0, theme.warn), 3.0, 3.0));
            } else {
                painter.line_segment(line, Stroke::new(1.0, color));
            }
            let tick: [Pos2; 2] = [pos2(from, middle - 3.0), pos2(from, middle + 3.0)];
            painter.line_segment(tick, Stroke::new(1.0, color));
        }
        glyphs::paint(painter, pos2(x, middle), scene.looks.of(&event.event_type), theme, 1.0);
    }
}
