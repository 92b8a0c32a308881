//! One row of the event list, and the columns that it is set in.

use std::fmt::Write as _;

use egui::{Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::event::Scope;
use crate::gui::breakpoints::disc_at;
use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, RADIUS_1, Theme, height};
use crate::gui::widgets::{Info, Tip, badge, clickable, describe, menu_text_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{Breakpoint, Edit, EventRow, RowChange, short_text};
use crate::session::{Action, BreakpointAction, Command, Region, RowMark};

/// The delta gives way to this much of the payload.
const PAYLOAD_MIN: f32 = 64.0;

/// The columns that a person may hide, by their names.
pub const HIDEABLE: [&str; 6] = ["Position", "Version", "Stream", "Time", "Delta", "Payload"];

/// True where a column is not shown, by the person's wish.
pub fn is_hidden(scene: &Scene<'_>, column: &str) -> bool {
    scene.session.preferences.hidden_columns.iter().any(|hidden| hidden == column)
}

/// Right or left edges of the columns, in points of the window.
pub struct Columns {
    pub position: Option<f32>,
    pub version: f32,
    pub stream: Option<f32>,
    pub kind: f32,
    pub kind_width: f32,
    pub time: f32,
    pub time_shown: bool,
    pub delta: Option<f32>,
    pub payload: f32,
    pub payload_end: f32,
    pub diff: f32,
}

impl Columns {
    /// The columns in a list this wide.
    pub fn of(rect: Rect, scene: &Scene<'_>) -> Self {
        let mut x = rect.left() + 40.0;
        let many = scene.session.scope.stream().is_none();
        let tight = scene.room == Room::Tight;
        // In a scope of several streams the position says more than the version, and there must be room for both.
        let shown = |column| !is_hidden(scene, column);
        let position = ((scene.room >= Room::Normal || many) && shown("Position")).then(|| {
            x += if tight { 60.0 } else { 72.0 };
            x
        });
        let version_shown = (scene.room >= Room::Normal || !many) && shown("Version");
        if version_shown {
            x += if scene.room <= Room::Narrow { 52.0 } else { 60.0 };
        }
        let version = x;
        x += 16.0;
        let stream = (many && shown("Stream")).then(|| {
            let start = x;
            x += if tight { 104.0 } else { 104.0 + 12.0 };
            start
        });
        let kind = x;
        let kind_width = if tight && many { 116.0 } else { 132.0 };
        x += kind_width;
        // Where there is least room the time of an event of many streams stands in its tooltip and tab.
        let time_shown = !(tight && many) && shown("Time");
        let time = x;
        x += if time_shown { 92.0 } else { 0.0 };
        let payload_room = rect.right() - INSET - 40.0 - x - 60.0 - 16.0;
        let delta = (scene.room > Room::Narrow && payload_room >= PAYLOAD_MIN && shown("Delta")).then(|| {
            x += 60.0;
            x
        });
        x += 16.0;
        let diff = rect.right() - INSET;
        let payload_end = if shown("Payload") { diff - 34.0 } else { x };
        Self {
            position,
            version: if version_shown { version } else { f32::NAN },
            stream,
            kind,
            kind_width,
            time,
            time_shown,
            delta,
            payload: x,
            payload_end,
            diff,
        }
    }

    /// True over the columns whose text may be cut.
    fn may_cut(&self, x: f32) -> bool {
        (self.kind..self.time).contains(&x) || (self.payload..self.payload_end).contains(&x)
    }

    /// True where the version has a column.
    pub fn version_shown(&self) -> bool {
        !self.version.is_nan()
    }
}

/// How a row stands to the cursor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    Past,
    Cursor,
    Future,
}

/// Draws a row and says what was done with it.
#[expect(clippy::too_many_arguments, reason = "one row of a table: its place, its columns, its scene")]
pub fn row_ui(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    clip: Rect,
    row: u64,
    columns: &Columns,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let (session, theme) = (scene.session, scene.theme);
    let Some(event) = session.events.row(row) else {
        loading_row(painter, rect, columns, theme);
        return;
    };
    let when = match (row + 1).cmp(&session.cursor) {
        std::cmp::Ordering::Less => When::Past,
        std::cmp::Ordering::Equal => When::Cursor,
        std::cmp::Ordering::Greater => When::Future,
    };
    let selected = session.events.selected == Some(row);
    let fault = fault_of(scene, row, event);
    let mark = session.sandbox_mark(row);
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("event", row)), Sense::CLICK);
    let sentence = sentence_of(scene, row, event, when, fault.as_deref());
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &sentence));

    let fill = if selected {
        Some(theme.bg_selected)
    } else if when == When::Cursor {
        Some(theme.bg_cursor)
    } else if mark.is_some() {
        Some(theme.bg_caution)
    } else if fault.is_some() {
        Some(theme.bg_removed)
    } else if response.hovered() {
        Some(theme.bg_hover)
    } else {
        None
    };
    if let Some(fill) = fill {
        painter.rect_filled(rect, 0.0, fill);
    }
    let edge = rect.with_max_x(rect.left() + 2.0);
    if selected {
        painter.rect_filled(edge, 0.0, theme.accent);
        if session.region == Region::Events {
            painter.rect_stroke(rect, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
        }
    } else if when == When::Cursor {
        painter.rect_filled(edge, 0.0, theme.cursor);
    }
    if mark.is_some() {
        painter.rect_filled(edge, 0.0, theme.warn);
    }
    let look = RowLook { when, lit: fill.is_some(), fault: fault.as_deref(), mark };
    draw_row(painter, rect, row, event, columns, scene, look);
    arrivals(painter, rect, row, columns, scene);

    breakpoint_ui(ui, painter, rect, clip, (row, event), scene, out);
    row_menu_ui(&response, (row, event), scene, out);
    // A double click soon after a click elsewhere counts as a triple one.
    if response.double_clicked() || response.triple_clicked() {
        out.push(Action::MoveCursor(row + 1));
    } else if response.clicked() {
        out.push(Action::SelectRow(row));
    }
    let help = "Click to select, double click to move the cursor here";
    describe(&response, &Tip { name: &sentence, key: Command::CursorToSelection.key(), help });
    // Only where text may be cut: a tooltip over every row would hide the next ones.
    let cut = response.hover_pos().is_some_and(|at| columns.may_cut(at.x));
    if cut {
        let (name, text) = (&*event.event_type, whole_payload(event, fault.as_deref()));
        tip(response, &Tip { name, key: "", help: &text }, theme);
    }
}

/// The first slot of the gutter: a breakpoint that is set on this row, or the place to click for one.
fn breakpoint_ui(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    clip: Rect,
    (row, event): (u64, &EventRow),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let place = Rect::from_min_size(rect.min + vec2(4.0, 0.0), vec2(16.0, rect.height())).intersect(clip);
    let set = scene.session.breakpoint_on(&event.seq);
    let version = event.version.map_or_else(|| words::thousands(row + 1), words::thousands);
    let name = format!("Breakpoint on {version}");
    let info = Info { role: Role::CheckBox, name: &name, enabled: true, selected: Some(set.is_some()) };
    let response = clickable(ui, place, ("row breakpoint", row), &info);
    if let Some(set) = set {
        disc_at(painter, pos2(rect.left() + 14.0, rect.center().y), set.enabled, scene);
    } else if response.hovered() {
        painter.circle_stroke(
            pos2(rect.left() + 14.0, rect.center().y),
            4.0,
            Stroke::new(1.0, scene.theme.line_control),
        );
    }
    if tip(response, &Tip { name: &name, key: Command::BreakHere.key(), help: "Click to set or take out" }, scene.theme)
        .clicked()
    {
        out.push(Action::Breakpoint(BreakpointAction::ToggleRow(row)));
    }
}

/// What can be done with a row, by a right click.
fn row_menu_ui(response: &egui::Response, (row, event): (u64, &EventRow), scene: &Scene<'_>, out: &mut Vec<Action>) {
    let of_type = format!("Breakpoint on {}", scene.looks.label(&event.event_type));
    let items = [
        ("Move the cursor here", Action::MoveCursor(row + 1)),
        ("Compare from here", Action::CompareFrom(row + 1)),
        ("Off or on in the sandbox", Action::Run(Command::SandboxToggle)),
        ("Edit in the sandbox…", Action::Run(Command::SandboxEdit)),
        ("Breakpoint on this row", Action::Breakpoint(BreakpointAction::ToggleRow(row))),
        (&of_type, Action::Breakpoint(BreakpointAction::Toggle(Breakpoint::Type(event.event_type.to_string())))),
    ];
    egui::Popup::context_menu(response).width(240.0).show(|ui| {
        for (label, action) in items {
            if menu_text_ui(ui, label, scene.theme) {
                // The commands are about the selected row.
                out.push(Action::SelectRow(row));
                out.push(action);
                ui.close();
            }
        }
    });
}

/// The payload as far as the row knows it, or why it cannot be shown.
fn whole_payload(event: &EventRow, fault: Option<&str>) -> String {
    if let Some(fault) = fault {
        return fault.to_owned();
    }
    let pairs =
        event.payload.iter().map(|(key, value)| if key.is_empty() { value.clone() } else { format!("{key} {value}") });
    pairs.collect::<Vec<_>>().join(" · ")
}

/// Why the event could not be decoded, or not be folded.
fn fault_of(scene: &Scene<'_>, row: u64, event: &EventRow) -> Option<String> {
    if event.fault.is_some() {
        return event.fault.clone();
    }
    if let Some(RowChange::Fault(fault)) = scene.session.events.change(row) {
        return Some(fault.clone());
    }
    let state = scene.session.state.shown.as_ref()?;
    if state.stream.as_ref() != Some(&event.stream) || event.version.is_none() {
        return None;
    }
    state.faults.iter().find(|fault| fault.version == event.version).map(|fault| fault.message.clone())
}

fn sentence_of(scene: &Scene<'_>, row: u64, event: &EventRow, when: When, fault: Option<&str>) -> String {
    let number = match event.version {
        Some(version) if scene.session.scope.stream().is_some() => format!("Version {}", words::thousands(version)),
        Some(version) => {
            let position = words::thousands(row + 1);
            format!("Position {position}, stream {} version {}", event.stream, words::thousands(version))
        }
        None => format!("Position {}", words::thousands(row + 1)),
    };
    let mut sentence = format!("{number}, {}", event.event_type);
    if let Some(time) = event.time {
        let _ = write!(sentence, ", {}", words::day_and_time(time));
    }
    if let Some(fault) = fault {
        let _ = write!(sentence, ", fault: {fault}");
    }
    match when {
        When::Cursor => {
            if let Some(changed) = changed_at_cursor(scene) {
                let _ = write!(sentence, ", {} changed", words::count(changed, "path", "paths"));
            }
            sentence.push_str(", at the cursor");
        }
        When::Future => sentence.push_str(", after the cursor"),
        When::Past => {}
    }
    sentence
}

fn changed_at_cursor(scene: &Scene<'_>) -> Option<u64> {
    let session = scene.session;
    session.state.shown.as_ref().filter(|_| session.state_is_current()).map(|state| state.changed)
}

#[derive(Clone, Copy)]
struct RowLook<'a> {
    when: When,
    lit: bool,
    fault: Option<&'a str>,
    mark: Option<RowMark<'a>>,
}

fn draw_row(
    painter: &Painter,
    rect: Rect,
    row: u64,
    event: &EventRow,
    columns: &Columns,
    scene: &Scene<'_>,
    look: RowLook<'_>,
) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let future = look.when == When::Future;
    // A future row that is lit up needs the stronger of the two greys.
    let dim = if look.lit { theme.text_muted } else { theme.text_future };
    let of = |color| if future { dim } else { color };
    let number = match look.when {
        When::Cursor => theme.cursor,
        _ => of(theme.text_soft),
    };
    gutter(painter, rect, event, scene, look);
    if let Some(right) = columns.position {
        let text = if scene.session.scope == Scope::Log {
            words::thousands(row + 1)
        } else {
            event.seq.parse::<i64>().map_or_else(|_| event.seq.clone(), words::thousands)
        };
        paint::right(painter, right, middle, Piece::new(&text, Type::DATA, number));
    }
    if columns.version_shown()
        && let Some(version) = event.version
    {
        paint::right(painter, columns.version, middle, Piece::new(&words::thousands(version), Type::DATA, number));
    }
    if let Some(left) = columns.stream {
        let name = paint::cut_middle(event.stream.as_str(), 14);
        paint::left(painter, left, middle, 110.0, Piece::new(&name, Type::DATA, of(theme.text_soft)));
    }
    let strength = if future { 0.5 } else { 1.0 };
    glyphs::paint(painter, pos2(columns.kind + 6.0, middle), scene.looks.of(&event.event_type), theme, strength);
    let face = if look.when == When::Cursor { Type::LABEL_MEDIUM } else { Type::LABEL };
    let color = if look.when == When::Cursor { theme.text_strong } else { of(theme.text) };
    let room = columns.kind_width - 24.0;
    let label = paint::fit_middle(painter, scene.looks.label(&event.event_type), face, room);
    let off = matches!(look.mark, Some(RowMark::Off | RowMark::Moved(_)));
    let piece = Piece::new(&label, face, color);
    paint::left(painter, columns.kind + 20.0, middle, room, if off { piece.struck() } else { piece });
    time_of(painter, middle, row, event, columns, scene, of(theme.text_soft));
    if columns.payload_end - columns.payload > 40.0 {
        payload(painter, middle, event, columns, look, scene, dim);
    }
    badge_of(painter, middle, row, columns, scene, look);
}

/// What stands in the gutter: a snapshot here, else a fault.
fn gutter(painter: &Painter, rect: Rect, event: &EventRow, scene: &Scene<'_>, look: RowLook<'_>) {
    let at = pos2(rect.left() + 32.0, rect.center().y);
    let kept = scene.session.snapshots.as_ref().is_some_and(|(stream, snapshots)| {
        *stream == event.stream && snapshots.iter().any(|snapshot| Some(snapshot.version) == event.version)
    });
    let marked = scene.session.bookmark_of(event).is_some();
    if kept {
        paint::diamond(painter, at, scene.theme.snapshot, true);
        if marked {
            painter.circle_filled(at + vec2(0.0, 9.0), 2.0, scene.theme.bookmark);
        }
    } else if marked {
        paint::icon(painter, at, icons::BOOKMARK_SIMPLE, Type::icon_fill(14.0), scene.theme.bookmark);
    } else if look.fault.is_some() {
        paint::icon(painter, at, icons::WARNING, Type::icon_fill(14.0), scene.theme.danger);
    }
}

fn time_of(
    painter: &Painter,
    middle: f32,
    row: u64,
    event: &EventRow,
    columns: &Columns,
    scene: &Scene<'_>,
    color: egui::Color32,
) {
    let Some(time) = event.time.filter(|_| columns.time_shown) else { return };
    let before = row.checked_sub(1).and_then(|before| scene.session.events.row(before)).and_then(|row| row.time);
    // The day is said where it is another than one row above.
    let day = |time: crate::event::Time| (time.0.saturating_add(words::offset_us(time))).div_euclid(86_400_000_000);
    let text = match before {
        Some(before) if day(before) == day(time) => words::clock(time),
        _ => words::day_and_minute(time),
    };
    paint::left(painter, columns.time, middle, 92.0, Piece::new(&text, Type::DATA, color));
    if let (Some(right), Some(before)) = (columns.delta, before) {
        paint::right(painter, right, middle, Piece::new(&words::delta(before, time), Type::DATA, color));
    }
}

fn payload(
    painter: &Painter,
    middle: f32,
    event: &EventRow,
    columns: &Columns,
    look: RowLook<'_>,
    scene: &Scene<'_>,
    dim: egui::Color32,
) {
    let theme = scene.theme;
    let width = columns.payload_end - columns.payload - 6.0;
    if let Some(fault) = look.fault {
        paint::left(painter, columns.payload, middle, width, Piece::new(fault, Type::DATA, theme.danger));
        return;
    }
    let future = look.when == When::Future;
    let key_color = if future {
        dim
    } else if look.lit {
        theme.text_soft
    } else {
        theme.text_muted
    };
    let value_color = if future { dim } else { theme.text };
    if let Some(RowMark::Edited(event_type, data)) = look.mark {
        let data = data.map(short_text);
        let new = [event_type, data.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let pieces = [Piece::new("→ ", Type::DATA, key_color), Piece::new(&new, Type::DATA, theme.text_strong)];
        paint::pieces(painter, columns.payload, middle, width, &pieces);
        return;
    }
    let mut pieces = Vec::with_capacity(event.payload.len() * 4);
    for (index, (key, value)) in event.payload.iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::new(" · ", Type::DATA, key_color));
        }
        if !key.is_empty() {
            pieces.push(Piece::new(key, Type::DATA, key_color));
            pieces.push(Piece::new(" ", Type::DATA, key_color));
        }
        pieces.push(Piece::new(value, Type::DATA, value_color));
    }
    if matches!(look.mark, Some(RowMark::Off | RowMark::Moved(_))) {
        pieces = pieces.into_iter().map(Piece::struck).collect();
    }
    paint::pieces(painter, columns.payload, middle, width, &pieces);
}

/// The events that the sandbox puts in before this row: they have no position of their own.
fn arrivals(painter: &Painter, rect: Rect, row: u64, columns: &Columns, scene: &Scene<'_>) {
    let theme = scene.theme;
    let mut right = columns.diff;
    for change in scene.session.sandbox_arrivals(row) {
        let word = match &change.edit {
            Edit::Insert { .. } => "new",
            _ => "moved here",
        };
        let text = format!("{word} {}", scene.looks.label(&change.event_type));
        let line = Rect::from_min_max(rect.min - vec2(0.0, 1.0), pos2(rect.right(), rect.top() + 1.0));
        painter.rect_filled(line, 0.0, theme.warn);
        let width = paint::width(painter, &text, Type::CAPTION_MEDIUM) + 12.0;
        let place = Rect::from_min_size(pos2(right - width, rect.top() - 8.0), vec2(width, 16.0));
        painter.rect(place, RADIUS_1, theme.bg_caution, Stroke::new(1.0, theme.warn), StrokeKind::Inside);
        paint::centred(painter, place.center(), Piece::new(&text, Type::CAPTION_MEDIUM, theme.warn));
        right = place.left() - 4.0;
    }
}

fn badge_of(painter: &Painter, middle: f32, row: u64, columns: &Columns, scene: &Scene<'_>, look: RowLook<'_>) {
    let theme = scene.theme;
    if let Some(mark) = look.mark {
        let text = match mark {
            RowMark::Off => "off",
            RowMark::Edited(..) => "edited",
            RowMark::Moved(_) => "moved",
        };
        paint::right(painter, columns.diff, middle, Piece::new(text, Type::CAPTION_MEDIUM, theme.warn));
        return;
    }
    let sandbox = scene.session.sandbox_on_show().filter(|_| scene.session.is_sandbox());
    if let Some(differing) = sandbox.and_then(|at| at.differing.get(&(row + 1))) {
        let text = format!("≠{}", words::thousands(*differing));
        badge(painter, columns.diff, middle, &text, Some(theme.bg_caution), theme.warn);
        return;
    }
    if look.fault.is_some() {
        badge(painter, columns.diff, middle, "!", None, theme.danger);
    } else if look.when == When::Cursor
        && let Some(changed) = changed_at_cursor(scene)
    {
        let text = if changed == 0 { "·".to_owned() } else { format!("±{}", words::thousands(changed)) };
        badge(painter, columns.diff, middle, &text, Some(theme.cursor), theme.on_cursor);
    } else if let Some(RowChange::Paths(changed)) = scene.session.events.change(row) {
        let text = if *changed == 0 { "·".to_owned() } else { format!("±{}", words::thousands(*changed)) };
        let future = look.when == When::Future;
        let color = match (future, look.lit) {
            (true, false) => theme.text_future,
            (true, true) => theme.text_muted,
            (false, _) => theme.text_soft,
        };
        badge(painter, columns.diff, middle, &text, (!future).then_some(theme.bg_active), color);
    }
}

/// Draws bars where rows are on their way.
pub fn loading_rows(painter: &Painter, rect: Rect, columns: &Columns, theme: &Theme) {
    let mut y = rect.top();
    while y < rect.bottom() {
        loading_row(
            painter,
            Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), height::ROW)),
            columns,
            theme,
        );
        y += height::ROW;
    }
}

/// A row that is on its way: bars of the same height, so that nothing jumps when it comes.
fn loading_row(painter: &Painter, rect: Rect, columns: &Columns, theme: &Theme) {
    let bar = |left: f32, width: f32| {
        let place = Rect::from_min_size(pos2(left, rect.center().y - 4.0), vec2(width, 8.0));
        painter.rect_filled(place, RADIUS_1, theme.bg_active);
    };
    if let Some(right) = columns.position {
        bar(right - 60.0, 60.0);
    }
    if columns.version_shown() {
        bar(columns.version - 44.0, 44.0);
    }
    bar(columns.kind, columns.kind_width - 32.0);
    if columns.time_shown {
        bar(columns.time, 76.0);
    }
    bar(columns.payload, (columns.payload_end - columns.payload - 40.0).clamp(0.0, 100.0));
}
