//! Breakpoints in the window: their list below the streams, and what is told of a run under the event list.

use egui::{Painter, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::paint::{self, Piece};
use super::rows::{Place, Rows, scroll_ui};
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{self, Button, Field, Icon, Look, Tip, keycaps, tip};
use super::words;
use crate::protocol::Way;
use crate::session::{
    Action, BreakpointAction, BreakpointsShown, Command, Field as TextField, Running, SetBreakpoint, Stopped,
};

const ROW: f32 = 42.0;
const FIELD: f32 = 36.0;
const RUN: f32 = 44.0;
const ROWS_MAX: usize = 4;
/// The height of the bar that tells of a run.
pub const BAR: f32 = 32.0;

/// How high the list is, with its head, in a panel of this height.
#[must_use]
pub fn breakpoints_height(scene: &Scene<'_>, panel: f32) -> f32 {
    let pane = &scene.session.breakpoints;
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let rows = pane.list.len().clamp(1, ROWS_MAX) as f32;
    let field = if pane.draft.is_some() { FIELD } else { 0.0 };
    (height::HEAD + field + rows * ROW + RUN).min((panel * 0.6).max(height::HEAD + RUN))
}

/// The two tabs over what stands below the streams.
pub fn tabs_ui(ui: &Ui, bar: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let pane = &scene.session.breakpoints;
    let count = if pane.list.is_empty() { String::new() } else { pane.list.len().to_string() };
    let tabs = [
        ("Types", "", BreakpointsShown::Types, "The types of the events, and how many there are"),
        ("Breakpoints", count.as_str(), BreakpointsShown::Breakpoints, "Where a run stops"),
    ];
    let mut x = bar.left();
    for (name, count, shows, help) in tabs {
        let chosen = pane.shown == (shows == BreakpointsShown::Breakpoints);
        let shown = widgets::Tab { name, count, pad: INSET, chosen, tip: Tip { name, key: "", help } };
        let response = widgets::tab(ui, x, bar, &shown, scene.theme);
        if response.clicked() {
            out.push(Action::Breakpoint(BreakpointAction::Show(shows)));
        }
        x = response.rect.right();
    }
    let add = Button::icon_of(Command::BreakWhen, Icon::new(icons::PLUS).sized(14.0));
    let place = Rect::from_center_size(pos2(bar.right() - 20.0, bar.center().y), vec2(28.0, 28.0));
    if add.show(ui, place, scene.theme).clicked() {
        out.push(Action::Run(Command::BreakWhen));
    }
}

/// The list of breakpoints, with the field of a new one and the buttons that run.
pub fn list_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, place: &mut Place, out: &mut Vec<Action>) {
    let (theme, pane) = (scene.theme, &scene.session.breakpoints);
    let mut body = rect;
    if let Some(draft) = &pane.draft {
        let line = body.with_max_y(body.top() + FIELD);
        draft_ui(ui, line, draft, scene, out);
        body.min.y = line.bottom();
    }
    let run = body.with_min_y(body.bottom() - RUN);
    run_ui(ui, run, scene, out);
    body.max.y = run.top();
    if pane.list.is_empty() {
        let words = ["No breakpoint yet", "Ctrl+B sets one on a row"];
        let middle = body.center();
        for (text, y) in [(words[0], middle.y - 8.0), (words[1], middle.y + 8.0)] {
            paint::centred(ui.painter(), pos2(middle.x, y), Piece::new(text, Type::CAPTION, theme.text_muted));
        }
        let said = ui.interact(body, ui.scope_id().with("no breakpoint"), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}. {}", words[0], words[1])));
        return;
    }
    let rows = Rows { count: pane.list.len() as u64, height: ROW, view: body.height() };
    *place = rows.kept(*place);
    let (range, mut y) = rows.visible(*place);
    let painter = ui.painter().with_clip_rect(body.intersect(ui.clip_rect()));
    for row in range {
        let at = Rect::from_min_size(body.min + vec2(0.0, y), vec2(body.width(), ROW));
        y += ROW;
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        if let Some(one) = pane.list.get(index) {
            row_ui(ui, &painter, at, body, (index, one), scene, out);
        }
    }
    *place = scroll_ui(ui, ui.scope_id().with("breakpoints"), body, &rows, *place, theme, "Scroll breakpoints");
}

fn draft_ui(ui: &mut Ui, rect: Rect, draft: &str, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let field = Field {
        name: "New breakpoint",
        hint: "state.balance < 0",
        icon: None,
        key: "",
        data: true,
        wrong: false,
        tip: Tip {
            name: "New breakpoint",
            key: "Enter",
            help: "A condition, a type's name, a path that begins with a slash, or the word fault",
        },
    };
    if scene.session.wants_focus == Some(TextField::Breakpoint) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let place = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * INSET, height::CONTROL));
    let mut text = draft.to_owned();
    let response = field.show(ui, place, &mut text, scene.theme);
    if response.changed() {
        out.push(Action::Breakpoint(BreakpointAction::SetDraft(text)));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::Breakpoint(BreakpointAction::Add));
    }
}

fn run_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), scene.theme.line_subtle);
    let middle = rect.center().y;
    let any = scene.session.breakpoints.list.iter().any(|one| one.enabled);
    let mut left = rect.left() + INSET;
    for (text, command) in [("Run back", Command::RunBack), ("Run", Command::RunForward)] {
        let button = Button { text, hint: command.key(), enabled: any, ..Button::command(command) };
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(left, middle - 14.0), vec2(width, 28.0));
        if button.show(ui, place, scene.theme).clicked() {
            out.push(Action::Run(command));
        }
        left = place.right() + 8.0;
    }
}

fn row_ui(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    clip: Rect,
    (index, one): (usize, &SetBreakpoint),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let (name, kind) = (one.name(), one.kind());
    let sentence = format!("Breakpoint {name}, {kind}");
    let chosen = scene.session.breakpoints.chosen == Some(index);
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("breakpoint", index)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, chosen, &sentence));
    if chosen {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if response.clicked() {
        out.push(Action::Breakpoint(BreakpointAction::Choose(index)));
    }
    let upper = rect.top() + 14.0;
    let disc = pos2(rect.left() + 17.0, upper);
    let switch_name = format!("{} breakpoint {name}", if one.enabled { "Turn off" } else { "Turn on" });
    let switch = widgets::Info { role: Role::CheckBox, name: &switch_name, enabled: true, selected: Some(one.enabled) };
    let place = Rect::from_center_size(pos2(disc.x, rect.center().y), vec2(24.0, ROW)).intersect(clip);
    let toggled = widgets::clickable(ui, place, ("breakpoint on", index), &switch);
    disc_at(painter, disc, one.enabled, scene);
    let words = Tip { name: &switch_name, key: "", help: "One that is off stays in the list and stops nothing" };
    if tip(toggled, &words, theme).clicked() {
        out.push(Action::Breakpoint(BreakpointAction::Enable(index)));
    }
    let remove_name = format!("Remove breakpoint {name}");
    let remove = Button {
        name: &remove_name,
        text: "",
        icon: Some(Icon::new(icons::X).sized(12.0)),
        look: Look::Bare,
        tip: Tip { name: &remove_name, key: "", help: "Take it out of the list" },
        ..Button::new(&remove_name)
    };
    let place = Rect::from_center_size(pos2(rect.right() - 20.0, rect.center().y), vec2(24.0, 24.0));
    if clip.contains_rect(place) && remove.show(ui, place, theme).clicked() {
        out.push(Action::Breakpoint(BreakpointAction::Remove(index)));
    }
    let x = rect.left() + 32.0;
    let room = place.left() - 4.0 - x;
    let color = if one.enabled { theme.text } else { theme.text_muted };
    let shown = paint::fit_middle(painter, &name, Type::DATA, room);
    paint::left(painter, x, upper, room, Piece::new(&shown, Type::DATA, color));
    paint::left(painter, x, rect.top() + 30.0, room, Piece::new(&kind, Type::CAPTION, theme.text_muted));
    tip(response, &Tip { name: &sentence, key: "", help: "" }, theme);
}

/// The disc of a breakpoint; an open one where it is off.
pub fn disc_at(painter: &Painter, at: egui::Pos2, on: bool, scene: &Scene<'_>) {
    if on {
        painter.circle_filled(at, 4.5, scene.theme.danger);
    } else {
        painter.circle_stroke(at, 4.0, Stroke::new(1.5, scene.theme.danger));
    }
}

/// True where there is something to tell of a run.
#[must_use]
pub fn has_bar(scene: &Scene<'_>) -> bool {
    let pane = &scene.session.breakpoints;
    pane.running.is_some() || pane.stopped.is_some()
}

/// Tells of the run that is on its way, or why the last one stopped.
pub fn bar_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_bar);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    let pane = &scene.session.breakpoints;
    let (text, why, cost) = match (&pane.running, &pane.stopped) {
        (Some(running), _) => going(running),
        (None, Some(stopped)) => told(stopped, scene),
        (None, None) => return,
    };
    let running = pane.running.is_some();
    let refused = pane.stopped.as_ref().filter(|_| !running).is_some_and(|stopped| stopped.end.refused.is_some());
    let dot = pos2(rect.left() + 16.0, middle);
    let hit = pane.stopped.as_ref().is_some_and(|stopped| stopped.end.hit.is_some());
    disc_at(painter, dot, hit && !running, scene);
    let key = Command::Escape.key();
    let end = keycaps(painter, rect.right() - INSET, middle, key, theme);
    let close = Rect::from_min_max(pos2(end - 4.0, rect.top()), rect.max);
    let name = if running { "Stop the run" } else { "Dismiss the stop" };
    let info = widgets::Info { role: Role::Button, name, enabled: true, selected: None };
    let response = widgets::clickable(ui, close, name, &info);
    if tip(response, &Tip { name, key, help: "" }, theme).clicked() {
        out.push(Action::Run(Command::Escape));
    }
    let right = paint::right(painter, end - 12.0, middle, Piece::new(&cost, Type::CAPTION, theme.text_muted));
    let color = if refused { theme.danger } else { theme.text };
    let pieces = [
        Piece::new(&text, Type::LABEL, color),
        Piece::new("  ", Type::LABEL, color),
        Piece::new(&why, Type::DATA, theme.text_soft),
    ];
    paint::pieces(painter, rect.left() + 32.0, middle, right - 12.0 - rect.left() - 32.0, &pieces);
    let said = ui.interact(rect.with_max_x(right), ui.scope_id().with("run"), Sense::HOVER);
    let sentence = format!("{text} {why}, {cost}");
    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
    tip(said, &Tip { name: &sentence, key: "", help: "" }, theme);
}

fn way_word(way: Way) -> &'static str {
    match way {
        Way::Forward => "ran on",
        Way::Back => "ran back",
    }
}

fn going(running: &Running) -> (String, String, String) {
    let words = match running.way {
        Way::Forward => "Running on",
        Way::Back => "Running back",
    };
    let of = if running.word.of > 0 { format!(" of {}", words::thousands(running.word.of)) } else { String::new() };
    let cost = format!("{}{of} events passed", words::thousands(running.word.events));
    (format!("{words} from {}", words::thousands(running.from)), String::new(), cost)
}

fn told(stopped: &Stopped, scene: &Scene<'_>) -> (String, String, String) {
    let end = &stopped.end;
    if let Some(refused) = &end.refused {
        return (refused.clone(), String::new(), String::new());
    }
    let failed = if end.failed > 0 {
        let why = end.failure.as_deref().unwrap_or("");
        format!(", the condition failed at {}: {why}", words::count(end.failed, "event", "events"))
    } else {
        String::new()
    };
    let passed = words::count(end.events, "event", "events");
    let from = words::thousands(stopped.from);
    let cost = format!("{} from {from}, {passed} in {}{failed}", way_word(stopped.way), words::elapsed(end.elapsed_us));
    let Some(hit) = &end.hit else {
        let words = match stopped.way {
            Way::Forward => "Nothing stops up to the newest event",
            Way::Back => "Nothing stops back to the oldest event",
        };
        return (words.to_owned(), String::new(), cost);
    };
    let version = words::thousands(hit.version);
    let many = scene.session.scope.stream().is_none();
    let place = if many { format!("{version} of {}", hit.stream) } else { version };
    (format!("Stopped at {place}"), stopped.names.join(" · "), cost)
}
