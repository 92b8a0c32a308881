//! The sandbox in the inspector: a value on both lines, both states beside each other, and the changes with their undo.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::InspectorLocal;
use super::difference::both;
use super::tree;
use crate::gui::chart::{Chart, Series, thinned};
use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Icon, Look, Tip, empty_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::limits::PLOT_POINTS_MAX;
use crate::protocol::{Change, Edit, Line, LineKind, SandboxAt, StateLines, short_text};
use crate::session::{Action, Command, SandboxAction, SandboxChange};

const CHART_HEAD: f32 = 32.0;
const CHART: f32 = 132.0;
const TITLES: f32 = 28.0;
const COLUMN: f32 = 104.0;
const CHANGE: f32 = 28.0;
/// Changes that are listed at once; more are scrolled to.
const CHANGES_MAX: usize = 4;

/// Draws the sandbox in place of the state.
pub fn sandbox_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let shown = session.sandbox_on_show();
    let changes = session.sandbox.changes.len().clamp(1, CHANGES_MAX);
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let list_height = TITLES + CHANGE * changes as f32 + 44.0;
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    let list = Rect::from_min_max(pos2(rect.left(), foot.top() - list_height), foot.right_top());
    let mut body = rect.with_max_y(list.top());
    match shown {
        None => {
            let words = Piece::new("Folding both lines…", Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        }
        Some(at) => {
            if let Some(refused) = &at.refused {
                empty_ui(ui, body, icons::WARNING, ["The sandbox cannot be", refused], None, scene.theme);
            } else {
                body = chart_ui(ui, body, scene, at);
                let late = at.asked.position != session.cursor;
                ui.scope(|ui| {
                    if late {
                        ui.set_opacity(0.6);
                    }
                    states_ui(ui, body, scene, at, local);
                });
            }
        }
    }
    changes_ui(ui, list, scene, local, out);
    foot_ui(ui, foot, scene, shown.map(|at| &**at));
}

/// The value on both lines; returns what is left below.
fn chart_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, at: &SandboxAt) -> Rect {
    let theme = scene.theme;
    let Some(path) = &at.asked.path else { return rect };
    let numbers = at.real.iter().chain(&at.sandbox).filter(|point| point.1.is_some()).count();
    if numbers < 2 || rect.height() < CHART_HEAD + CHART + 120.0 {
        return rect;
    }
    let head = rect.with_max_y(rect.top() + CHART_HEAD);
    let middle = head.center().y;
    let painter = ui.painter();
    let name = paint::fit_middle(painter, path, Type::DATA_MEDIUM, 180.0);
    paint::left(painter, head.left() + INSET, middle, 190.0, Piece::new(&name, Type::DATA_MEDIUM, theme.text_strong));
    let mut right = head.right() - INSET;
    for (text, color, dashed) in [("sandbox", theme.warn, true), ("real", theme.series[2], false)] {
        right = paint::right(painter, right, middle, Piece::new(text, Type::CAPTION, theme.text_muted)) - 6.0;
        let line = [pos2(right - 16.0, middle), pos2(right, middle)];
        let stroke = egui::Stroke::new(1.5, color);
        if dashed {
            painter.extend(egui::Shape::dashed_line(&line, stroke, 4.0, 3.0));
        } else {
            painter.line_segment(line, stroke);
        }
        right -= 28.0;
    }
    let (real, sandbox) = (thinned(&at.real, PLOT_POINTS_MAX), thinned(&at.sandbox, PLOT_POINTS_MAX));
    let ends = || at.real.iter().chain(&at.sandbox).map(|point| point.0);
    let span = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
    #[expect(clippy::cast_precision_loss, reason = "places on a chart")]
    let (cursor, parts) = (scene.session.cursor as f64, at.compared.same_until as f64);
    let series = [
        Series { points: &real, color: theme.series[2], dashed: false, sloped: false },
        Series { points: &sandbox, color: theme.warn, dashed: true, sloped: false },
    ];
    let chart = Chart {
        span: (span.0, span.1.max(span.0 + 1.0)),
        series: &series,
        cursor: (cursor >= span.0 && cursor <= span.1).then_some(cursor),
        ring: None,
        parts: (parts >= span.0 && parts <= span.1).then_some(parts),
        dots: false,
        from_zero: false,
    };
    let plot = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), CHART));
    chart.show(painter, plot, theme, &words::figures);
    let said = ui.interact(plot, ui.scope_id().with("sandbox chart"), Sense::HOVER);
    let sentence = format!(
        "{path} on the real line and in the sandbox, from position {}",
        words::thousands(at.compared.same_until)
    );
    said.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
    rect.with_min_y(plot.bottom())
}

fn states_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, at: &SandboxAt, local: &mut InspectorLocal) {
    let theme = scene.theme;
    let Some(lines) = &at.lines else {
        let words = if at.asked.position <= at.compared.same_until {
            ["Both lines are the same here", "The first change comes after the cursor"]
        } else {
            ["Both lines are the same here", "What was changed has no effect on this state"]
        };
        empty_ui(ui, rect, icons::CHECK, words, None, theme);
        return;
    };
    let titles = rect.with_max_y(rect.top() + TITLES);
    let middle = titles.center().y;
    let words = format!("{} here", words::count(lines.changed, "path differs", "paths differ"));
    let painter = ui.painter();
    paint::left(painter, rect.left() + INSET, middle, 200.0, Piece::new(&words, Type::CAPTION, theme.text_muted));
    let right = rect.right() - INSET;
    paint::right(painter, right, middle, Piece::new("Sandbox", Type::CAPTION_MEDIUM, theme.text_muted));
    paint::right(painter, right - COLUMN, middle, Piece::new("Real", Type::CAPTION_MEDIUM, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), titles.bottom() - 1.0, theme.line_subtle);
    let list = rect.with_min_y(titles.bottom());
    let only = scene.session.state.only_changed;
    let wanted: Vec<usize> = lines
        .lines
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, line)| !only || line.change != Change::Same)
        .map(|(index, _)| index)
        .collect();
    let rows = Rows { count: wanted.len() as u64, height: height::TREE_ROW, view: list.height() };
    local.sandbox = rows.kept(local.sandbox);
    let (range, mut y) = rows.visible(local.sandbox);
    let painter = ui.painter().with_clip_rect(list.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let index = usize::try_from(row).ok().and_then(|row| wanted.get(row)).copied().unwrap_or(usize::MAX);
        if let Some(line) = lines.lines.get(index) {
            line_ui(ui, &painter, place, list, (lines, index, line), scene);
        }
    }
    local.sandbox = scroll_ui(ui, ui.scope_id().with("both"), list, &rows, local.sandbox, theme, "Scroll both states");
}

fn line_ui(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    clip: Rect,
    (lines, index, line): (&StateLines, usize, &Line),
    scene: &Scene<'_>,
) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let differs = !matches!(line.change, Change::Same | Change::Below);
    if differs {
        painter.rect_filled(rect, 0.0, theme.bg_caution);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.warn);
        paint::centred(painter, pos2(rect.left() + 12.0, middle), Piece::new("≠", Type::DATA_MEDIUM, theme.warn));
    }
    let x = rect.left() + tree::indent(line.depth.saturating_sub(1));
    let right = rect.right() - INSET;
    let room = (right - 2.0 * COLUMN - x).max(40.0);
    let key = paint::fit_middle(painter, &line.key, Type::DATA, room);
    let color = if differs { theme.text } else { theme.text_soft };
    paint::left(painter, x, middle, room, Piece::new(&key, Type::DATA, color));
    let container = line.below > 0;
    let (real, sandbox) = if differs { both(line) } else { (&*line.text, &*line.text) };
    let counted = match line.kind {
        LineKind::Object(count) => words::count(u64::from(count), "key", "keys"),
        LineKind::Array(count) => words::count(u64::from(count), "item", "items"),
        _ => String::new(),
    };
    let real = if container && !differs { counted.as_str() } else { real };
    let show = |text: &str, right: f32, color| {
        let text = paint::fit_middle(painter, text, Type::DATA, COLUMN - 12.0);
        paint::right(painter, right, middle, Piece::new(&text, Type::DATA, color));
    };
    if differs {
        show(sandbox, right, theme.text_strong);
    } else if !container {
        paint::right(painter, right, middle, Piece::new("same", Type::CAPTION, theme.text_muted));
    }
    // In a narrow window the real value stands only where the two differ.
    if differs || scene.room >= Room::Normal {
        show(real, right - COLUMN, theme.text_soft);
    }
    let path = lines.pointer(index);
    let sentence = if differs {
        format!("{path}, really {real}, in the sandbox {sandbox}")
    } else {
        format!("{path}, {}, the same", line.text)
    };
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("both", index)), Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &sentence));
    tip(response, &Tip { name: &sentence, key: "", help: "" }, theme);
}

fn changes_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let (theme, changes) = (scene.theme, &scene.session.sandbox.changes);
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let head = rect.with_max_y(rect.top() + TITLES);
    let title = Piece::new("Your changes", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, head.left() + INSET, head.center().y, 120.0, title);
    let count = changes.len().to_string();
    paint::left(painter, x + 8.0, head.center().y, 40.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    let undo = Button { text: "Undo all", look: Look::Link, ..Button::command(Command::SandboxLeave) };
    let width = undo.width(painter);
    let place = Rect::from_min_size(pos2(head.right() - INSET - width, head.center().y - 12.0), vec2(width, 24.0));
    if undo.show(ui, place, theme).clicked() {
        out.push(Action::Run(Command::SandboxLeave));
    }
    let list = Rect::from_min_max(head.left_bottom(), pos2(rect.right(), rect.bottom() - 44.0));
    let rows = Rows { count: changes.len() as u64, height: CHANGE, view: list.height() };
    local.changes = rows.kept(local.changes);
    let (range, mut y) = rows.visible(local.changes);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), CHANGE));
        y += CHANGE;
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        if let Some(change) = changes.get(index) {
            change_ui(ui, &clipped, place, list, (index, change), scene, out);
        }
    }
    local.changes =
        scroll_ui(ui, ui.scope_id().with("changes"), list, &rows, local.changes, theme, "Scroll your changes");
    let insert = Button {
        icon: Some(Icon::new(icons::PLUS).sized(14.0)),
        hint: Command::SandboxInsert.key(),
        ..Button::command(Command::SandboxInsert)
    };
    let width = insert.width(painter);
    let place = Rect::from_min_size(pos2(rect.left() + INSET, rect.bottom() - 36.0), vec2(width, 28.0));
    if insert.show(ui, place, theme).clicked() {
        out.push(Action::Run(Command::SandboxInsert));
    }
}

fn change_ui(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    clip: Rect,
    (index, change): (usize, &SandboxChange),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let (icon, what) = in_words(change);
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icon, Type::icon(14.0), theme.warn);
    let version = change.version.map(words::thousands).unwrap_or_default();
    let mut x = rect.left() + 32.0;
    if !version.is_empty() {
        x = paint::left(painter, x, middle, 80.0, Piece::new(&version, Type::DATA, theme.text_soft)) + 8.0;
    }
    glyphs::paint(painter, pos2(x + 6.0, middle), scene.looks.of(&change.event_type), theme, 1.0);
    x += 20.0;
    let undo_name = format!("Undo {what} of {version} {}", change.event_type);
    let undo = Button {
        name: &undo_name,
        text: "",
        icon: Some(Icon::new(icons::ARROW_U_UP_LEFT).sized(14.0)),
        look: Look::Bare,
        tip: Tip { name: &undo_name, key: "", help: "Take this change back" },
        ..Button::new(&undo_name)
    };
    let place = Rect::from_center_size(pos2(rect.right() - 24.0, middle), vec2(24.0, 24.0));
    if clip.contains_rect(place) && undo.show(ui, place, theme).clicked() {
        out.push(Action::Sandbox(SandboxAction::Undo(index)));
    }
    paint::left(painter, x, middle, place.left() - 8.0 - x, Piece::new(&what, Type::DATA, theme.text));
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("change", index)), Sense::HOVER);
    let sentence = format!("{} {version}, {what}", change.event_type);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
}

fn in_words(change: &SandboxChange) -> (char, String) {
    match &change.edit {
        Edit::Skip(_) => (icons::MINUS, "off".to_owned()),
        Edit::Replace { data, event_type, .. } => {
            let parts = [event_type.clone(), data.as_ref().map(short_text)];
            (icons::NOTE_PENCIL, parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        Edit::Insert { event, .. } => (icons::PLUS, format!("{} {}", event.event_type, short_text(&event.data))),
        Edit::Move { row, before } if before < row => {
            (icons::CARET_UP, format!("{} earlier", words::thousands(row - before)))
        }
        Edit::Move { row, before } => {
            (icons::CARET_DOWN, format!("{} later", words::thousands(before.saturating_sub(row + 1))))
        }
    }
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, at: Option<&SandboxAt>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::STACK, Type::icon(14.0), theme.text_muted);
    let Some(at) = at.filter(|at| at.refused.is_none()) else { return };
    let compared = &at.compared;
    let slots = words::count(compared.slots, "event", "events");
    let from = words::thousands(compared.same_until);
    let end = match compared.rejoined_at {
        Some(position) => format!("the same again after {}", words::thousands(position)),
        None => format!("{} at the end", words::count(compared.changed_at_end, "path differs", "paths differ")),
    };
    let took = words::elapsed(compared.elapsed_us);
    let text = format!("Folded {slots} twice in {took} from {from}, {end}");
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, rect.right() - INSET - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
    let said = ui.interact(rect, ui.scope_id().with("sandbox foot"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    crate::gui::widgets::hover_text(said, &text);
}
