//! The state at the cursor as a tree, with what the event at the cursor changed.

use egui::{Key, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::notes::notes_ui;
use super::pins::pins_ui;
use super::{HEAD, InspectorLocal, difference, head_ui, tree};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{
    Button, Field, Icon, Info, Segment, Tip, clickable, empty_ui, keycaps, keycaps_width, menu_text_ui, segments, tip,
};
use crate::gui::{icons, words};
use crate::protocol::{Breakpoint, StateAt, StateLines, Trouble};
use crate::session::{Action, BreakpointAction, Command, Field as TextField, Region};

/// How strong a state is drawn that is older than the cursor.
const LATE: f32 = 0.6;

/// Draws the State tab.
pub fn state_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    let title = if session.cursor == 0 { "Before the oldest event" } else { "Event at the cursor" };
    let right = if session.cursor == 0 { rect.right() } else { marks_ui(ui, head, scene, out) };
    head_ui(ui, head, scene, scene.cursor_event(), title, right);
    let below = pins_ui(ui, rect.with_min_y(head.bottom()), scene, out);
    let controls = Rect::from_min_size(below.left_top(), vec2(rect.width(), height::HEAD));
    controls_ui(ui, controls, scene, out);
    if session.is_sandbox() {
        let rest = rect.with_min_y(controls.bottom() + 4.0);
        super::sandbox::sandbox_ui(ui, rest, scene, local, out);
        return;
    }
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    let mut body = Rect::from_min_max(controls.left_bottom() + vec2(0.0, 4.0), foot.right_top());
    foot_ui(ui, foot, scene);

    let Some(state) = &session.state.shown else {
        if session.cursor == 0 {
            let words = ["Nothing is folded yet", "Step forward to see the first state"];
            empty_ui(ui, body, icons::TRAY, words, None, scene.theme);
        } else {
            loading(ui, body, scene);
        }
        return;
    };
    body = notes_ui(ui, body, scene, state, out);
    if let Some(refolded) = session.reducer.refolded.as_ref().filter(|_| session.reducer.shows_refolded) {
        difference::difference_ui(ui, body, scene, &refolded.lines, &mut local.refolded);
        return;
    }
    let refused = matches!(state.by.trouble, Some(Trouble::Refused(_) | Trouble::Unasked { .. }));
    if refused {
        let words = ["Nothing can be folded here", "The reducer of this stream cannot be used"];
        empty_ui(ui, body, icons::WARNING, words, None, scene.theme);
        return;
    }
    if !state.exists && session.state.visible().is_empty() {
        let words = if state.position == 0 {
            ["Nothing exists yet", "Step forward to see the first state"]
        } else {
            ["It does not exist here", "At this position nothing was created, or it was deleted"]
        };
        empty_ui(ui, body, icons::TRAY, words, None, scene.theme);
        return;
    }
    if session.state.visible().is_empty() {
        let words = if session.state.filter.is_empty() {
            ["Nothing changed", "The event at the cursor changed no path"]
        } else {
            ["No path matches", "No key and no value contains this text"]
        };
        empty_ui(ui, body, icons::FUNNEL, words, None, scene.theme);
        return;
    }
    let faded = !session.state_is_current() || matches!(state.by.trouble, Some(Trouble::Outdated(_)));
    ui.scope(|ui| {
        if faded {
            ui.set_opacity(LATE);
        }
        tree_ui(ui, body, scene, state, local, out);
    });
}

fn controls_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let session = scene.session;
    let row =
        Rect::from_min_max(pos2(rect.left() + INSET, rect.top() + 6.0), pos2(rect.right() - INSET, rect.top() + 34.0));
    let help = Command::OnlyChanged;
    let choice = |text, sentence| Segment { text, tip: Tip { name: text, key: help.key(), help: sentence } };
    let choices =
        [choice("All", "Show all paths of the state"), choice("Changed", "Show what the event at the cursor changed")];
    let chosen = usize::from(session.state.only_changed);
    let (left, clicked) = segments(ui, row, &choices, chosen, scene.theme);
    if clicked.is_some_and(|index| index != chosen) {
        out.push(Action::Run(Command::OnlyChanged));
    }
    let field = Field {
        name: Command::FilterPaths.label(),
        hint: "Filter paths",
        icon: Some(icons::MAGNIFYING_GLASS),
        key: "",
        data: true,
        wrong: false,
        tip: Tip::command(Command::FilterPaths),
    };
    if session.wants_focus == Some(TextField::Paths) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut text = session.state.filter.clone();
    let right = if text.is_empty() { left - 8.0 } else { hits_ui(ui, row.with_max_x(left - 8.0), scene, out) };
    let place = row.with_max_x(right);
    let response = field.show(ui, place, &mut text, scene.theme);
    if response.changed() {
        out.push(Action::SetPathFilter(text));
    }
    // Enter in the field goes from hit to hit and stays in it.
    let (enter, shift) = ui.input(|input| (input.key_pressed(Key::Enter), input.modifiers.shift));
    if response.lost_focus() && enter {
        out.push(Action::Run(if shift { Command::HitBefore } else { Command::NextHit }));
        response.request_focus();
    }
}

/// How many paths contain the text, which of them is selected, and the way to the next. Returns its left end.
fn hits_ui(ui: &Ui, row: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let pane = &scene.session.state;
    let mut right = row.right();
    for (icon, command) in [(icons::CARET_DOWN, Command::NextHit), (icons::CARET_UP, Command::HitBefore)] {
        let place = Rect::from_min_max(pos2(right - 24.0, row.center().y - 12.0), pos2(right, row.center().y + 12.0));
        let button =
            Button { enabled: !pane.hits().is_empty(), ..Button::icon_of(command, Icon::new(icon).sized(12.0)) };
        if button.show(ui, place, scene.theme).clicked() {
            out.push(Action::Run(command));
        }
        right = place.left();
    }
    let count = words::thousands(pane.hits().len() as u64);
    let said = match pane.hit() {
        Some(hit) => format!("{} of {count}", words::thousands(hit as u64 + 1)),
        None => count,
    };
    let piece = Piece::new(&said, Type::DATA_SMALL, scene.theme.text_muted);
    let start = paint::right(ui.painter(), right - 4.0, row.center().y, piece);
    let place = Rect::from_min_max(pos2(start, row.top()), pos2(right - 4.0, row.bottom()));
    let sentence = match pane.hits().len() {
        0 => "No hit".to_owned(),
        hits => {
            format!("Hit {said}, {}", words::count(hits as u64, "path contains the text", "paths contain the text"))
        }
    };
    let response = ui.interact(place, ui.scope_id().with("hits"), Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
    start - 8.0
}

fn tree_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, state: &StateAt, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let visible = session.state.visible();
    let rows = Rows { count: visible.len() as u64, height: height::TREE_ROW, view: rect.height() };
    if local.revealed != session.state.reveals {
        local.revealed = session.state.reveals;
        if let Some(row) = session.state.selected_row() {
            local.state = rows.bringing_into_view(local.state, row as u64);
        }
    }
    local.state = rows.kept(local.state);
    let (range, mut y) = rows.visible(local.state);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let index =
            usize::try_from(row).ok().and_then(|row| visible.get(row)).map_or(usize::MAX, |index| *index as usize);
        let Some(line) = state.lines.lines.get(index) else { continue };
        let closed = line.below > 0 && session.state.is_closed(index);
        let response = ui.interact(place.intersect(rect), ui.scope_id().with(("line", index)), Sense::CLICK);
        let chosen = session.state.selected_line() == Some(index);
        let sentence = tree::sentence(&state.lines, index, line);
        response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, chosen, &sentence));
        if response.hovered() {
            painter.rect_filled(place, 0.0, scene.theme.bg_hover);
        }
        tree::line(&painter, place, line, closed, scene.theme);
        if chosen {
            hints_ui(ui, &painter, place, scene, &state.lines.pointer(index), out);
            painter.rect_stroke(place, 0.0, Stroke::new(1.0, scene.theme.accent), StrokeKind::Inside);
        }
        if response.clicked() {
            let on_caret = response.interact_pointer_pos().is_some_and(|at| tree::caret_rect(place, line).contains(at));
            let path = state.lines.pointer(index);
            if line.below > 0 && (on_caret || chosen) {
                out.push(Action::ToggleNode(path));
            } else {
                out.push(Action::SelectPath(path));
            }
            out.push(Action::Focus(Region::Inspector));
        }
        path_menu_ui(&response, &state.lines, index, scene, out);
        let help = if line.below > 0 { "Click to select, click again to open or close" } else { "Click to select" };
        tip(response, &Tip { name: &sentence, key: "", help }, scene.theme);
    }
    local.state = scroll_ui(ui, ui.scope_id().with("tree"), rect, &rows, local.state, scene.theme, "Scroll the state");
}

/// What can be done with a path, by a right click.
fn path_menu_ui(response: &egui::Response, lines: &StateLines, index: usize, scene: &Scene<'_>, out: &mut Vec<Action>) {
    egui::Popup::context_menu(response).width(240.0).show(|ui| {
        let path = lines.pointer(index);
        let pin = if scene.session.is_pinned(&path) { "Unpin" } else { "Pin" };
        let change = BreakpointAction::Toggle(Breakpoint::Change(path.clone()));
        let selected = |command| vec![Action::SelectPath(path.clone()), Action::Run(command)];
        let items = [
            ("Who set it", selected(Command::BlameEarlier)),
            (pin, vec![Action::TogglePin(path.clone())]),
            ("Breakpoint where it changes", vec![Action::Breakpoint(change)]),
            ("Copy value", selected(Command::CopyValue)),
            ("Copy pointer", selected(Command::CopyPointer)),
        ];
        for (label, actions) in items {
            if menu_text_ui(ui, label, scene.theme) {
                out.extend(actions);
                ui.close();
            }
        }
    });
}

/// What can be done with the selected line, at its right end, always.
fn hints_ui(ui: &Ui, painter: &egui::Painter, rect: Rect, scene: &Scene<'_>, path: &str, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let pin = if scene.session.is_pinned(path) { "Unpin" } else { "Pin" };
    let middle = rect.center().y;
    let mut right = rect.right() - INSET;
    for (text, command) in [(pin, Command::Pin), ("Blame", Command::BlameEarlier)] {
        let keys = keycaps_width(painter, command.key());
        let width = paint::width(painter, text, Type::CAPTION) + 6.0 + keys;
        let place = Rect::from_min_max(pos2(right - width - 4.0, rect.top()), pos2(right + 4.0, rect.bottom()));
        painter.rect_filled(place, 0.0, theme.bg_selected);
        let info = Info { role: Role::Button, name: text, enabled: true, selected: None };
        let response = clickable(ui, place.intersect(painter.clip_rect()), ("hint", text), &info);
        let color = if response.hovered() { theme.text_strong } else { theme.text_soft };
        let x = keycaps(painter, right, middle, command.key(), theme);
        paint::right(painter, x - 6.0, middle, Piece::new(text, Type::CAPTION, color));
        if response.has_focus() {
            paint::focus_ring(painter, place, 4.0, theme);
        }
        if tip(response, &Tip::command(command), theme).clicked() {
            out.push(Action::Run(command));
        }
        right = place.left() - 8.0;
    }
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::STACK, Type::icon(14.0), theme.text_muted);
    let x = rect.left() + 32.0;
    if !session.state_is_current() {
        let version = scene.cursor_event().and_then(|event| event.version).filter(|_| session.scope.stream().is_some());
        let to = match version {
            Some(version) => format!("Folding to version {}…", words::thousands(version)),
            None => format!("Folding to position {}…", words::thousands(session.cursor)),
        };
        paint::left(painter, x, middle, rect.right() - x, Piece::new(&to, Type::CAPTION, theme.text_muted));
        return;
    }
    let Some(state) = &session.state.shown else { return };
    let size = words::bytes(state.bytes);
    let end =
        paint::right(painter, rect.right() - INSET, middle, Piece::new(&size, Type::DATA_SMALL, theme.text_muted));
    let said = |text| Piece::new(text, Type::CAPTION, theme.text_muted);
    let number = |text| Piece::new(text, Type::DATA_SMALL, theme.text_soft);
    let (folded, took) = (words::count(state.folded, "event", "events"), words::elapsed(state.elapsed_us));
    let from = state.from_version.map(words::thousands).unwrap_or_default();
    let mut pieces = vec![said("Folded "), number(&folded), said(" in "), number(&took)];
    if scene.window_height >= 700.0 && state.from_version.is_some() {
        pieces.extend([said(" from version "), number(&from)]);
        if paint::layout(painter, &pieces, f32::INFINITY).size().x > end - x - 8.0 {
            pieces.truncate(4);
        }
    }
    paint::pieces(painter, x, middle, end - x - 8.0, &pieces);
}

/// Bars of the same height as the lines that are on their way.
fn loading(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    for (index, width) in [72.0, 180.0, 140.0, 160.0, 96.0, 128.0].into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "six bars")]
        let y = rect.top() + (index as f32 + 0.5) * height::TREE_ROW;
        let x = rect.left() + if index == 0 { 24.0 } else { 40.0 };
        if y + 4.0 < rect.bottom() {
            let bar = Rect::from_min_size(pos2(x, y - 4.0), vec2(width, 8.0));
            ui.painter().rect_filled(bar, 4.0, scene.theme.bg_active);
        }
    }
}

/// The bookmark of the event at the cursor, and a command line that leads here: at the right end of the head. Returns
/// where they begin.
fn marks_ui(ui: &Ui, head: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let marked = scene.cursor_event().is_some_and(|event| scene.session.bookmark_of(event).is_some());
    let mark = if marked {
        Icon { color: Some(scene.theme.bookmark), ..Icon::filled(icons::BOOKMARK_SIMPLE) }
    } else {
        Icon::new(icons::BOOKMARK_SIMPLE)
    };
    let mut right = head.right() - 8.0;
    for (command, icon) in [(Command::CopyCommandLine, Icon::new(icons::LINK_SIMPLE)), (Command::Bookmark, mark)] {
        let place = Rect::from_min_size(egui::pos2(right - 28.0, head.center().y - 14.5), vec2(28.0, 28.0));
        if Button::icon_of(command, icon).show(ui, place, scene.theme).clicked() {
            out.push(Action::Run(command));
        }
        right -= 32.0;
    }
    right
}
