//! Who set a path of the state: every event that added, changed or removed it, newest first.
//!
//! The setter at the cursor stands out, the write after it stands above, dimmed. Choosing a row selects its event and
//! leaves the cursor where it is.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::InspectorLocal;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, fade, height};
use crate::gui::widgets::{Button, Tip, empty_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{BlameAt, BlameRow};
use crate::session::{Action, Command};

const HEAD: f32 = 44.0;
const LIST_HEAD: f32 = 28.0;
const ROW: f32 = 24.0;
/// Right edge of the version, left edges of the type and of the values.
const COLUMNS: (f32, f32, f32) = (64.0, 76.0, 206.0);
/// How strong a write after the cursor is drawn.
const LATER: f32 = 0.5;

/// Draws the Blame tab.
pub fn blame_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let Some(path) = session.blame.path.as_deref() else {
        let words = ["Choose a path", "Select a line of the state and press B to see who set it"];
        empty_ui(ui, rect, icons::MAGNIFYING_GLASS, words, None, scene.theme);
        return;
    };
    let head = rect.with_max_y(rect.top() + HEAD);
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    let body = Rect::from_min_max(head.left_bottom(), foot.right_top());
    let shown = session.blame_on_show();
    // Writes after the cursor are left out but for the next one.
    let first = shown.map_or(0, |shown| session.blame_at_cursor(&shown.rows));
    let chosen = session.blame.selected.map_or(first, |row| row.min(first));
    head_ui(ui, head, scene, path, out);
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
            let titles = body.with_max_y(body.top() + LIST_HEAD);
            titles_ui(ui, titles, scene);
            list_ui(ui, body.with_min_y(titles.bottom()), scene, shown, first, local, out);
        }
    }
}

/// The path, and the way to earlier and later writes.
fn head_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, path: &str, out: &mut Vec<Action>) {
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
    let left = rect.left() + INSET;
    let path = if path.is_empty() { "The whole state" } else { path };
    let path = paint::fit_middle(ui.painter(), path, Type::DATA_MEDIUM, right - left);
    let piece = Piece::new(&path, Type::DATA_MEDIUM, theme.text_strong);
    paint::left(ui.painter(), left, rect.center().y, right - left, piece);
}

fn titles_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let (theme, painter, middle) = (scene.theme, ui.painter(), rect.center().y);
    let title = |text| Piece::new(text, Type::CAPTION, theme.text_muted);
    paint::right(painter, rect.left() + COLUMNS.0, middle, title("Version"));
    paint::left(painter, rect.left() + COLUMNS.1, middle, f32::INFINITY, title("Set by"));
    paint::left(painter, rect.left() + COLUMNS.2, middle, f32::INFINITY, title("Old → new"));
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
    let x = rect.left() + COLUMNS.2;
    paint::pieces(painter, x, middle, rect.right() - INSET - x, &values);
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
