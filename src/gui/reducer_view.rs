//! The reducer view: what folds which streams, the text of one, and what an edit of it changes in the state.

use egui::{Color32, FontSelection, Margin, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::inspector::difference::both;
use super::inspector::tree;
use super::layout::Room;
use super::paint::{self, Piece};
use super::reducer_text::{LINE, coloured};
use super::rows::{Place, Rows, scroll_ui};
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{self, Button, Info, Look, Segment, Tip, chip, clickable, empty_ui, segments, tip};
use super::words;
use crate::protocol::{Change, StateLines, TrialAt};
use crate::session::{Action, Command, EditorAction, Field as TextField, NewReducer};

const NUMBER: f32 = 36.0;
const MARK: f32 = 20.0;
const BOTTOM: f32 = 148.0;
const BINDING: f32 = 48.0;
const COLUMN: f32 = 104.0;

/// What the view keeps for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReducerLocal {
    states: Place,
    bottom: Place,
}

/// Draws the view.
pub fn reducer_view_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut ReducerLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    let (left, right) = match scene.room {
        Room::Narrow => (200.0, 240.0),
        Room::Medium => (244.0, 320.0),
        _ => (256.0, 400.0),
    };
    let list = rect.with_max_x(rect.left() + left);
    let states = rect.with_min_x(rect.right() - right);
    let middle = Rect::from_min_max(pos2(list.right(), rect.top()), pos2(states.left(), rect.bottom()));
    list_ui(ui, list, scene, out);
    editor_ui(ui, middle, scene, local, out);
    states_ui(ui, states, scene, local, out);
    paint::vline(ui.painter(), list.right() - 1.0, rect.top(), rect.bottom(), theme.line_subtle);
    paint::vline(ui.painter(), states.left(), rect.top(), rect.bottom(), theme.line_subtle);
}

/// The bindings, and how to begin another reducer.
#[expect(clippy::too_many_lines, reason = "a list, two buttons and a foot, from the top down")]
fn list_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let info = session.reducer.info.as_deref();
    let bindings = info.map_or(&[][..], |info| &info.bindings);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let title = Piece::new("Reducers", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, rect.left() + INSET, head.center().y, 100.0, title);
    let count = bindings.len().to_string();
    paint::left(painter, x + 8.0, head.center().y, 40.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let mut y = head.bottom();
    let here = session.state.shown.as_ref().and_then(|state| state.by.streams.as_deref());
    for (index, binding) in bindings.iter().enumerate() {
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), BINDING));
        if row.bottom() > rect.bottom() - 180.0 {
            break;
        }
        y = row.bottom();
        let file = binding.file.as_deref();
        let edited = file.is_some() && session.editor.file.as_deref() == file;
        let name = format!("{} folded by {}, {}", binding.streams, binding.kind.name(), file.unwrap_or("built in"));
        let told = Info { role: Role::ListItem, name: &name, enabled: file.is_some(), selected: Some(edited) };
        let response = clickable(ui, row, ("binding", index), &told);
        if edited {
            painter.rect_filled(row, 0.0, theme.bg_selected);
            painter.rect_filled(row.with_max_x(row.left() + 2.0), 0.0, theme.accent);
        } else if response.hovered() && file.is_some() {
            painter.rect_filled(row, 0.0, theme.bg_hover);
        }
        let room = rect.width() - 24.0;
        let streams = paint::fit_middle(painter, &binding.streams, Type::DATA, room - 40.0);
        let end = paint::left(
            painter,
            row.left() + INSET,
            row.top() + 16.0,
            room,
            Piece::new(&streams, Type::DATA, theme.text),
        );
        if here == Some(&binding.streams) {
            paint::left(painter, end + 8.0, row.top() + 16.0, 60.0, Piece::new("here", Type::CAPTION, theme.cursor));
        }
        let short = file.map_or("", |file| file.rsplit(['/', '\\']).next().unwrap_or(file));
        let note = match (edited && session.editor.is_changed(), short) {
            (true, _) => format!("{}, not saved", binding.kind.name()),
            (false, "") => binding.kind.name().to_owned(),
            (false, short) => format!("{}, {short}", binding.kind.name()),
        };
        paint::left(
            painter,
            row.left() + INSET,
            row.top() + 33.0,
            room,
            Piece::new(&note, Type::CAPTION, theme.text_muted),
        );
        let words = Tip { name: &name, key: "", help: "Click to edit its text" };
        if tip(response, &words, theme).clicked()
            && let Some(file) = file
        {
            out.push(Action::Editor(EditorAction::Open(file.to_owned())));
        }
    }
    if bindings.is_empty() {
        let words = Piece::new("Auto folds every stream", Type::LABEL, theme.text_muted);
        paint::left(painter, rect.left() + INSET, y + 18.0, rect.width(), words);
        y += 36.0;
    }
    paint::hline(painter, rect.left(), rect.right(), y, theme.line_subtle);
    y += 12.0;
    let stream = session.stream_on_show().map_or("", |stream| stream.category());
    let title = if stream.is_empty() { "A new reducer".to_owned() } else { format!("A new reducer for {stream}") };
    paint::left(
        painter,
        rect.left() + INSET,
        y + 8.0,
        rect.width() - 24.0,
        Piece::new(&title, Type::LABEL_STRONG, theme.text_strong),
    );
    y += 24.0;
    for (text, kind, help) in [
        ("JavaScript", NewReducer::JavaScript, "A function, or a KurrentDB projection as it is"),
        ("Rules", NewReducer::Rules, "A table: set, add, push, remove, by type"),
    ] {
        let name = format!("New reducer in {text}");
        let button = Button { name: &name, tip: Tip { name: &name, key: "", help }, ..Button::new(text) };
        let width = button.width(painter).max(96.0);
        let place = Rect::from_min_size(pos2(rect.left() + INSET, y), vec2(width, 28.0));
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Editor(EditorAction::New(kind)));
        }
        y += 34.0;
    }
    let place = info.and_then(|info| info.workspace.as_deref().or(info.workspace_place.as_deref()));
    let foot = match (info.and_then(|info| info.error.as_deref()), place) {
        (Some(error), _) => error.to_owned(),
        (None, Some(place)) => format!("Kept in {place}, so that your team can share it"),
        (None, None) => "This log has no folder for a workspace file".to_owned(),
    };
    let color = if info.is_some_and(|info| info.error.is_some()) { theme.danger } else { theme.text_muted };
    let piece = Piece::new(&foot, Type::CAPTION, color);
    let at = pos2(rect.left() + INSET, rect.bottom() - 44.0);
    paint::paragraph(painter, at, rect.width() - 2.0 * INSET, egui::Align2::LEFT_TOP, 15.0, &piece);
    let said = ui.interact(rect.with_min_y(rect.bottom() - 48.0), ui.scope_id().with("kept in"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, &foot));
}

fn editor_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut ReducerLocal, out: &mut Vec<Action>) {
    let (theme, editor) = (scene.theme, &scene.session.editor);
    let Some(file) = editor.file.as_deref() else {
        let words = ["No reducer is open", "Choose one on the left, or begin a new one"];
        empty_ui(ui, rect, icons::CODE, words, None, theme);
        return;
    };
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let painter = ui.painter().clone();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let x = paint::left(
        &painter,
        head.left() + INSET,
        head.center().y,
        240.0,
        Piece::new(name, Type::DATA_MEDIUM, theme.text_strong),
    );
    if editor.is_changed() {
        painter.circle_filled(pos2(x + 10.0, head.center().y), 3.0, theme.warn);
        paint::left(&painter, x + 20.0, head.center().y, 80.0, Piece::new("not saved", Type::LABEL, theme.text_muted));
    }
    let note = "no files, no network, a limit of time and memory for each event";
    paint::right(&painter, head.right() - INSET, head.center().y, Piece::new(note, Type::CAPTION, theme.text_muted));
    paint::hline(&painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let bar = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), 44.0));
    bar_ui(ui, bar, scene, out);
    let mut body = rect.with_min_y(bar.bottom());
    if let Some(refused) = &editor.refused {
        let line = body.with_max_y(body.top() + height::FOOT);
        painter.rect_filled(line, 0.0, theme.bg_removed);
        let x = line.left() + 32.0;
        paint::icon(
            &painter,
            pos2(line.left() + 18.0, line.center().y),
            icons::WARNING,
            Type::icon_fill(14.0),
            theme.danger,
        );
        paint::left(
            &painter,
            x,
            line.center().y,
            line.right() - INSET - x,
            Piece::new(refused, Type::LABEL, theme.danger),
        );
        let said = ui.interact(line, ui.scope_id().with("refused"), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, refused));
        crate::gui::widgets::hover_text(said, refused);
        body.min.y = line.bottom();
    }
    let bottom = body.with_min_y((body.bottom() - BOTTOM).max(body.top() + 60.0));
    text_ui(ui, body.with_max_y(bottom.top()), scene, out);
    bottom_ui(ui, bottom, scene, local, out);
}

fn bar_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, editor) = (scene.theme, &scene.session.editor);
    let painter = ui.painter();
    let middle = rect.center().y;
    let changed = editor.is_changed();
    let save = Button {
        text: "Save",
        hint: Command::SaveReducer.key(),
        look: Look::Primary,
        enabled: changed,
        ..Button::command(Command::SaveReducer)
    };
    let revert = Button {
        enabled: changed && editor.exists,
        tip: Tip { name: "Revert", key: "", help: "Take the saved text again" },
        ..Button::new("Revert")
    };
    let mut right = rect.right() - INSET;
    for (button, action) in [(save, Action::Run(Command::SaveReducer)), (revert, Action::Editor(EditorAction::Revert))]
    {
        let width = button.width(painter);
        let place = Rect::from_min_size(pos2(right - width, middle - 14.0), vec2(width, 28.0));
        if button.show(ui, place, theme).clicked() {
            out.push(action);
        }
        right = place.left() - 8.0;
    }
    let left = rect.left() + INSET;
    let (word, color) = if editor.is_trying() { ("Folding…", theme.text_muted) } else { ("Re-folded", theme.live) };
    let Some(trial) = &editor.trial else { return };
    let shown = chip(painter, left, middle, (!editor.is_trying()).then_some(icons::CHECK), word, color, theme);
    let events = words::count(trial.events, "event", "events");
    let text = format!(
        "{events} in {}, {}, {}",
        words::elapsed(trial.elapsed_us),
        words::count(trial.lines.changed, "path differs", "paths differ"),
        words::count(trial.faults_total, "fault", "faults")
    );
    let x = shown.right() + 8.0;
    paint::left(painter, x, middle, right - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
    let said = ui.interact(
        Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom())),
        ui.scope_id().with("trial"),
        Sense::HOVER,
    );
    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("{word}, {text}")));
}

/// The text with its line numbers; a line that differs from the saved text has an edge.
fn text_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, editor) = (scene.theme, &scene.session.editor);
    ui.painter().rect_filled(rect, 0.0, theme.bg_field);
    let id = ui.scope_id().with("reducer text");
    if scene.session.wants_focus == Some(TextField::Editor) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let saved: Vec<&str> = editor.saved.lines().collect();
    let mut text = editor.text.clone();
    let colors = theme.clone();
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    inner.set_clip_rect(rect.intersect(ui.clip_rect()));
    ScrollArea::both().id_salt("reducer").auto_shrink(false).show(&mut inner, |ui| {
        let top = ui.cursor().top();
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _: f32| coloured(ui, text.as_str(), &colors);
        let margin = Margin { left: 64, right: 12, top: 4, bottom: 4 };
        let edit = TextEdit::multiline(&mut text)
            .id(id)
            .code_editor()
            .font(FontSelection::FontId(Type::DATA.font()))
            .frame(egui::Frame::NONE.inner_margin(margin))
            .background_color(Color32::TRANSPARENT)
            .desired_width(f32::INFINITY)
            .desired_rows(12)
            .layouter(&mut layouter);
        let response = ui.add(edit).accessible_name("Reducer text");
        if response.changed() {
            out.push(Action::Editor(EditorAction::SetText(text.clone())));
        }
        let painter = ui.painter();
        let clip = painter.clip_rect();
        for (index, line) in editor.text.lines().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "lines of a script")]
            let y = top + 4.0 + LINE * index as f32;
            if y + LINE < clip.top() || y > clip.bottom() {
                continue;
            }
            let number = (index + 1).to_string();
            let at = rect.left() + NUMBER;
            paint::right(painter, at, y + LINE / 2.0, Piece::new(&number, Type::DATA_SMALL, theme.text_muted));
            if saved.get(index) != Some(&line) && editor.is_changed() {
                let edge = Rect::from_min_size(pos2(at + MARK - 6.0, y), vec2(2.0, LINE));
                painter.rect_filled(edge, 0.0, theme.live);
            }
        }
    });
}

/// What could not be folded, and what was printed.
fn bottom_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, local: &mut ReducerLocal, out: &mut Vec<Action>) {
    let (theme, editor) = (scene.theme, &scene.session.editor);
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_strong);
    let trial = editor.trial.as_deref();
    let count = |count: u64| if count == 0 { String::new() } else { words::thousands(count) };
    let (printed, faults) = trial.map_or((0, 0), |trial| (trial.console_total, trial.faults_total));
    let (printed, faults) = (count(printed), count(faults));
    let tabs = [
        ("Console", printed.as_str(), true, "What the script printed"),
        ("Faults", faults.as_str(), false, "Events that could not be folded: each is skipped, replay goes on"),
    ];
    let bar = rect.with_max_y(rect.top() + height::HEAD);
    let mut x = bar.left();
    for (name, count, console, help) in tabs {
        let chosen = editor.shows_console == console;
        let shown = widgets::Tab { name, count, pad: INSET, chosen, tip: Tip { name, key: "", help } };
        let response = widgets::tab(ui, x, bar, &shown, theme);
        if response.clicked() {
            out.push(Action::Editor(EditorAction::ShowConsole(console)));
        }
        x = response.rect.right();
    }
    let list = rect.with_min_y(bar.bottom());
    let Some(trial) = trial else { return };
    let rows: Vec<(u64, i64, &str)> = if editor.shows_console {
        trial.console.iter().map(|(position, version, line)| (*position, *version, line.as_str())).collect()
    } else {
        trial
            .faults
            .iter()
            .map(|fault| (fault.position + 1, fault.version.unwrap_or(0), fault.message.as_str()))
            .collect()
    };
    if rows.is_empty() {
        let words = if editor.shows_console { "Nothing was printed" } else { "Every event could be folded" };
        paint::left(
            painter,
            list.left() + INSET,
            list.top() + 16.0,
            240.0,
            Piece::new(words, Type::CAPTION, theme.text_muted),
        );
        return;
    }
    let sizes = Rows { count: rows.len() as u64, height: height::ROW, view: list.height() };
    local.bottom = sizes.kept(local.bottom);
    let (range, mut y) = sizes.visible(local.bottom);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    for row in range {
        let at = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::ROW));
        y += height::ROW;
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        let Some((position, version, text)) = rows.get(index) else { continue };
        let name = format!("Version {}: {text}", words::thousands(*version));
        let response =
            clickable(ui, at.intersect(list), ("told", index), &Info { role: Role::ListItem, ..Info::button(&name) });
        if response.hovered() {
            clipped.rect_filled(at, 0.0, theme.bg_hover);
        }
        let middle = at.center().y;
        let version = words::thousands(*version);
        paint::right(&clipped, at.left() + 64.0, middle, Piece::new(&version, Type::DATA, theme.text_soft));
        let color = if editor.shows_console { theme.text } else { theme.danger };
        paint::left(&clipped, at.left() + 80.0, middle, at.width() - 170.0, Piece::new(text, Type::DATA, color));
        paint::right(&clipped, at.right() - INSET, middle, Piece::new("Go there", Type::CAPTION, theme.accent));
        if tip(response, &Tip { name: &name, key: "", help: "Click to move the cursor there" }, theme).clicked() {
            out.push(Action::Editor(EditorAction::GoTo(*position)));
        }
    }
    local.bottom = scroll_ui(ui, ui.scope_id().with("told"), list, &sizes, local.bottom, theme, "Scroll what was told");
}

/// The saved state beside the edited one, and where the two part.
fn states_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, local: &mut ReducerLocal, out: &mut Vec<Action>) {
    let (theme, editor) = (scene.theme, &scene.session.editor);
    let painter = ui.painter();
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let position = words::thousands(scene.session.cursor);
    let title = format!("At position {position}");
    paint::left(
        painter,
        rect.left() + INSET,
        head.center().y,
        160.0,
        Piece::new(&title, Type::LABEL_STRONG, theme.text_strong),
    );
    let choice = |text, help| Segment { text, tip: Tip { name: text, key: "", help } };
    let choices = [choice("All", "Show the whole state"), choice("Differing", "Show only what differs")];
    let place = Rect::from_min_max(
        pos2(rect.left(), head.center().y - 12.0),
        pos2(rect.right() - INSET, head.center().y + 12.0),
    );
    let (_, clicked) = segments(ui, place, &choices, usize::from(editor.only_differing), theme);
    if let Some(index) = clicked {
        out.push(Action::Editor(EditorAction::OnlyDiffering(index == 1)));
    }
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let body = rect.with_min_y(head.bottom());
    let Some(trial) = &editor.trial else {
        let words = ["Nothing is tried yet", "The state by the edited text stands here beside the saved one's"];
        empty_ui(ui, body, icons::COLUMNS, words, None, theme);
        return;
    };
    let parts = body.with_min_y(body.bottom() - 96.0);
    parts_ui(ui, parts, scene, trial, out);
    let body = body.with_max_y(parts.top());
    let titles = body.with_max_y(body.top() + 28.0);
    let words = words::count(trial.lines.changed, "path differs", "paths differ");
    paint::left(
        painter,
        body.left() + INSET,
        titles.center().y,
        160.0,
        Piece::new(&words, Type::CAPTION, theme.text_muted),
    );
    let right = body.right() - INSET;
    paint::right(painter, right, titles.center().y, Piece::new("Edited", Type::CAPTION_MEDIUM, theme.text_muted));
    paint::right(
        painter,
        right - COLUMN,
        titles.center().y,
        Piece::new("Saved", Type::CAPTION_MEDIUM, theme.text_muted),
    );
    let faded = editor.refused.is_some() || editor.is_trying();
    lines_ui(ui, body.with_min_y(titles.bottom()), scene, &trial.lines, faded, local);
}

fn lines_ui(ui: &Ui, list: Rect, scene: &Scene<'_>, lines: &StateLines, faded: bool, local: &mut ReducerLocal) {
    let (theme, only) = (scene.theme, scene.session.editor.only_differing);
    let wanted: Vec<usize> =
        (1..lines.lines.len()).filter(|index| !only || lines.lines[*index].change != Change::Same).collect();
    let rows = Rows { count: wanted.len() as u64, height: height::TREE_ROW, view: list.height() };
    local.states = rows.kept(local.states);
    let (range, mut y) = rows.visible(local.states);
    let mut painter = ui.painter().with_clip_rect(list.intersect(ui.clip_rect()));
    if faded {
        painter.multiply_opacity(0.6);
    }
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let index = usize::try_from(row).ok().and_then(|row| wanted.get(row)).copied().unwrap_or(usize::MAX);
        let Some(line) = lines.lines.get(index) else { continue };
        let differs = !matches!(line.change, Change::Same | Change::Below);
        let middle = place.center().y;
        if differs {
            painter.rect_filled(place, 0.0, theme.bg_caution);
            painter.rect_filled(place.with_max_x(place.left() + 2.0), 0.0, theme.warn);
            paint::centred(&painter, pos2(place.left() + 12.0, middle), Piece::new("≠", Type::DATA_MEDIUM, theme.warn));
        }
        let x = place.left() + tree::indent(line.depth.saturating_sub(1));
        let right = place.right() - INSET;
        let room = (right - 2.0 * COLUMN - x).max(40.0);
        let key = paint::fit_middle(&painter, &line.key, Type::DATA, room);
        paint::left(
            &painter,
            x,
            middle,
            room,
            Piece::new(&key, Type::DATA, if differs { theme.text } else { theme.text_soft }),
        );
        let (saved, edited) = if differs { both(line) } else { (&*line.text, "same") };
        let show = |text: &str, right: f32, color| {
            let text = paint::fit_middle(&painter, text, Type::DATA, COLUMN - 12.0);
            paint::right(&painter, right, middle, Piece::new(&text, Type::DATA, color));
        };
        if differs {
            show(edited, right, theme.text_strong);
        } else if line.below == 0 {
            paint::right(&painter, right, middle, Piece::new(edited, Type::CAPTION, theme.text_muted));
        }
        if line.below == 0 || differs {
            show(saved, right - COLUMN, theme.text_soft);
        }
        let sentence = format!("{}, saved {saved}, edited {edited}", lines.pointer(index));
        let response = ui.interact(place.intersect(list), ui.scope_id().with(("state", index)), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &sentence));
        tip(response, &Tip { name: &sentence, key: "", help: "" }, theme);
    }
    local.states = scroll_ui(ui, ui.scope_id().with("states"), list, &rows, local.states, theme, "Scroll both states");
}

fn parts_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, trial: &TrialAt, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let left = rect.left() + INSET;
    let title = Piece::new("Where the two part", Type::LABEL_STRONG, theme.text_strong);
    paint::left(painter, left, rect.top() + 18.0, 200.0, title);
    let text = match &trial.parts_at {
        Some((_, version, event_type)) => {
            format!(
                "{} {event_type}, {} differ",
                words::thousands(*version),
                words::count(trial.differing, "version", "versions")
            )
        }
        None => format!("Nowhere, up to {}", words::count(trial.events, "event", "events")),
    };
    paint::left(painter, left, rect.top() + 40.0, rect.width() - 24.0, Piece::new(&text, Type::DATA, theme.text_soft));
    let said = ui.interact(rect.with_max_y(rect.top() + 52.0), ui.scope_id().with("parts"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Where the two part: {text}")));
    if let Some((position, _, _)) = trial.parts_at {
        let go = Button {
            tip: Tip { name: "Go to the first", key: "", help: "Move the cursor to where the two part" },
            ..Button::new("Go to the first")
        };
        let width = go.width(painter);
        let place = Rect::from_min_size(pos2(left, rect.top() + 56.0), vec2(width, 28.0));
        if go.show(ui, place, theme).clicked() {
            out.push(Action::Editor(EditorAction::GoTo(position)));
        }
    }
}
