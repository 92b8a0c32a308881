//! The snapshots of the stream on show, newest first.

use egui::{Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::InspectorLocal;
use super::difference::{both, difference_line};
use crate::gui::chart::{Chart, Series};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Icon, Look, Tip, chip, chip_width, empty_ui, tip};
use crate::gui::{icons, words};
use crate::limits::COST_SAVED_US_MIN;
use crate::log::Snapshot;
use crate::protocol::{AuditAt, AuditRow, Change, Line, StateLines, Verdict};
use crate::session::{Action, AuditAction, Command};

const ACTIONS: f32 = 44.0;
const ROW: f32 = 48.0;
const HALF: f32 = 24.0;
const CHART_HEAD: f32 = 32.0;
const CHART: f32 = 84.0;
const ADVICE: f32 = 64.0;
/// Values that drifted and are listed; all are counted.
const DIFFERENCES_MAX: usize = 500;

/// Draws the Snapshots tab.
pub fn snapshots_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    foot_ui(ui, foot, scene);
    let body = rect.with_max_y(foot.top());
    let stream = session.stream_on_show();
    let known = session.snapshots.as_ref().filter(|(of, _)| Some(of) == stream).map(|(_, snapshots)| snapshots);
    match known {
        _ if stream.is_none() => {
            let words = ["Choose a stream", "Snapshots are kept for one stream at a time"];
            empty_ui(ui, body, icons::STACK, words, None, scene.theme);
        }
        None => {
            let words = Piece::new("Reading…", Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        }
        Some(snapshots) if snapshots.is_empty() => {
            let bar = body.with_max_y(body.top() + ACTIONS);
            actions_ui(ui, bar, scene, out);
            let mut rest = body.with_min_y(bar.bottom());
            if let Some(audit) = session.audit_on_show() {
                rest = audit_ui(ui, rest, scene, audit, snapshots);
            }
            let words =
                ["No snapshot yet", "Keep the state at this version to compare later; Verify all says where one pays"];
            empty_ui(ui, rest, icons::STACK, words, None, scene.theme);
        }
        Some(snapshots) => {
            let bar = body.with_max_y(body.top() + ACTIONS);
            actions_ui(ui, bar, scene, out);
            let mut rest = body.with_min_y(bar.bottom());
            if let Some(audit) = session.audit_on_show() {
                rest = audit_ui(ui, rest, scene, audit, snapshots);
            }
            list_ui(ui, rest, scene, snapshots, local, out);
        }
    }
}

fn actions_ui(ui: &Ui, bar: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let take = Button {
        text: "Take snapshot…",
        hint: Command::Snapshot.key(),
        diamond: true,
        look: Look::Primary,
        enabled: session.cursor > 0 && !session.is_sandbox(),
        ..Button::command(Command::Snapshot)
    };
    let verify = Button {
        text: if session.is_auditing() { "Verifying…" } else { "Verify all" },
        icon: Some(Icon::new(icons::SHIELD_CHECK).sized(14.0)),
        enabled: !session.is_auditing(),
        ..Button::command(Command::VerifySnapshots)
    };
    let mut left = bar.left() + INSET;
    for (button, command) in [(take, Command::Snapshot), (verify, Command::VerifySnapshots)] {
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(left, bar.top() + 8.0), vec2(width, 28.0));
        if place.right() <= bar.right() - 4.0 && button.show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        left = place.right() + 8.0;
    }
    if let Some(audit) = session.audit_on_show() {
        let folded = words::count(audit.folded, "event", "events");
        let text = format!("{folded} in {}", words::elapsed(audit.elapsed_us));
        if left + paint::width(ui.painter(), &text, Type::CAPTION) < bar.right() - INSET {
            let piece = Piece::new(&text, Type::CAPTION, theme.text_muted);
            paint::right(ui.painter(), bar.right() - INSET, bar.center().y, piece);
        }
    }
    paint::hline(ui.painter(), bar.left(), bar.right(), bar.bottom() - 1.0, theme.line_subtle);
}

/// What a load costs by version, and where the next snapshot pays, at the lower end; returns what is left above.
fn audit_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, audit: &AuditAt, snapshots: &[Snapshot]) -> Rect {
    let theme = scene.theme;
    if let Some(refused) = &audit.refused {
        let note = rect.with_min_y(rect.bottom() - ADVICE);
        paint::left(
            ui.painter(),
            note.left() + INSET,
            note.center().y,
            note.width() - 24.0,
            Piece::new(refused, Type::LABEL, theme.danger),
        );
        let said = ui.interact(note, ui.scope_id().with("no audit"), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, refused));
        return rect.with_max_y(note.top());
    }
    let mut rest = rect;
    if rest.height() > ADVICE + 2.0 * ROW {
        let note = rest.with_min_y(rest.bottom() - ADVICE);
        advice_ui(ui, note, scene, audit, snapshots);
        rest.max.y = note.top();
    }
    if rest.height() > CHART_HEAD + CHART + 2.0 * ROW && audit.events > 0 {
        let chart = rest.with_min_y(rest.bottom() - CHART - CHART_HEAD);
        cost_ui(ui, chart, scene, audit);
        rest.max.y = chart.top();
    }
    rest
}

fn advice_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, audit: &AuditAt, snapshots: &[Snapshot]) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let pays = audit.would_save_us >= COST_SAVED_US_MIN;
    let bytes = snapshots.last().map_or(0, |snapshot| snapshot.bytes);
    let title = format!("{} since a sound snapshot", words::count(audit.unsaved, "event", "events"));
    let last = audit.last_version.map_or_else(String::new, |version| format!(" at {}", words::thousands(version)));
    let text = if pays {
        let saves = words::elapsed(audit.would_save_us);
        let size = if bytes > 0 { format!(", for {} each", words::bytes(bytes)) } else { String::new() };
        format!("One{last} saves {saves} a load. One every {} keeps it quick{size}", words::thousands(audit.every))
    } else {
        "Another one would save less than a millisecond a load".to_owned()
    };
    let (icon, color) = if pays { (icons::WARNING, theme.warn) } else { (icons::CHECK_CIRCLE, theme.live) };
    paint::icon(painter, pos2(rect.left() + 18.0, rect.top() + 18.0), icon, Type::icon(14.0), color);
    let x = rect.left() + 36.0;
    let room = rect.right() - INSET - x;
    paint::left(painter, x, rect.top() + 18.0, room, Piece::new(&title, Type::LABEL_MEDIUM, theme.text_strong));
    let piece = Piece::new(&text, Type::CAPTION, theme.text_muted);
    paint::paragraph(painter, pos2(x, rect.top() + 28.0), room, egui::Align2::LEFT_TOP, 15.0, &piece);
    let said = ui.interact(rect, ui.scope_id().with("advice"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {text}")));
}

/// Milliseconds of a load by version: it grows from each sound snapshot to the next.
#[expect(clippy::cast_precision_loss, reason = "places and milliseconds of a chart")]
fn cost_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, audit: &AuditAt) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let head = rect.with_max_y(rect.top() + CHART_HEAD);
    let title = Piece::new("Cost of a load by version", Type::LABEL_STRONG, theme.text_strong);
    paint::left(painter, head.left() + INSET, head.center().y, 220.0, title);
    let each = format!("{} a thousand events", words::elapsed(audit.fold_us_per_thousand));
    paint::right(painter, head.right() - INSET, head.center().y, Piece::new(&each, Type::DATA_SMALL, theme.text_muted));
    let cost = |events: u64| events as f64 * audit.fold_us_per_thousand as f64 / 1e6;
    let load = audit.load_us as f64 / 1e3;
    let mut points = vec![(0.0, Some(0.0))];
    let mut from = 0;
    for row in audit.rows.iter().filter(|row| row.verdict == Verdict::Sound) {
        let base = if from == 0 { 0.0 } else { load };
        points.push((row.position as f64, Some(base + cost(row.position.saturating_sub(from)))));
        points.push((row.position as f64, Some(load)));
        from = row.position;
    }
    let base = if from == 0 { 0.0 } else { load };
    points.push((audit.events as f64, Some(base + cost(audit.events.saturating_sub(from)))));
    let series = [Series { points: &points, color: theme.series[0], dashed: false, sloped: true }];
    let cursor = Some(scene.session.cursor as f64).filter(|_| scene.session.scope.stream() == Some(&audit.stream));
    let span = (0.0, (audit.events as f64).max(1.0));
    let chart = Chart { span, series: &series, cursor, ring: None, parts: None, dots: false, from_zero: true };
    let plot = rect.with_min_y(head.bottom());
    chart.show(painter, plot, theme, &|value| format!("{} ms", words::figures(value)));
    let said = ui.interact(plot, ui.scope_id().with("cost"), Sense::HOVER);
    let now = words::figures(base + cost(audit.events.saturating_sub(from)));
    let sentence = format!("Cost of a load by version, {now} ms at the newest");
    said.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
}

/// What the list shows, in steps of half a row.
enum Item {
    /// A snapshot, by its index; the next step belongs to it.
    One(usize),
    /// The snapshots of libraries as one; the next step belongs to it.
    Libraries(Vec<usize>),
    /// How many values of the open one differ.
    Differs(usize),
    /// A line that differs, of the open one.
    Line(usize, usize),
    /// The second half of what stands above.
    Half,
}

fn items(scene: &Scene<'_>, snapshots: &[Snapshot]) -> Vec<Item> {
    let session = scene.session;
    let libraries: Vec<usize> =
        (0..snapshots.len()).rev().filter(|index| snapshots[*index].reducer.is_none()).collect();
    let folded = libraries.len() > 1;
    let mut items = Vec::new();
    for index in (0..snapshots.len()).rev() {
        let snapshot = &snapshots[index];
        let of_library = folded && snapshot.reducer.is_none();
        if of_library && libraries.first() == Some(&index) {
            items.extend([Item::Libraries(libraries.clone()), Item::Half]);
        }
        if of_library && !session.audit.libraries_open {
            continue;
        }
        items.extend([Item::One(index), Item::Half]);
        let open = session.audit.open.as_ref() == Some(&(snapshot.version, snapshot.source.clone()));
        let lines = session.audited(snapshot.version, &snapshot.source).and_then(|row| row.lines.as_ref());
        if let Some(lines) = lines.filter(|_| open) {
            items.push(Item::Differs(index));
            let differs = |change| !matches!(change, Change::Same | Change::Below);
            let differing = lines.lines.iter().enumerate().filter(|(_, line)| differs(line.change));
            items.extend(differing.map(|(line, _)| Item::Line(index, line)).take(DIFFERENCES_MAX));
        }
    }
    items
}

fn list_ui(
    ui: &Ui,
    rect: Rect,
    scene: &Scene<'_>,
    snapshots: &[Snapshot],
    local: &mut InspectorLocal,
    out: &mut Vec<Action>,
) {
    let items = items(scene, snapshots);
    let rows = Rows { count: items.len() as u64, height: HALF, view: rect.height() };
    local.snapshots = rows.kept(local.snapshots);
    let (range, mut y) = rows.visible(local.snapshots);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let mut index = usize::try_from(row).unwrap_or(usize::MAX);
        let mut top = rect.top() + y;
        y += HALF;
        // A row of which only the second half is in view is drawn from where it begins.
        if matches!(items.get(index), Some(Item::Half)) {
            if y > HALF {
                continue;
            }
            index = index.saturating_sub(1);
            top -= HALF;
        }
        let place = |height: f32| Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height));
        match items.get(index) {
            Some(Item::One(one)) => {
                if let Some(snapshot) = snapshots.get(*one) {
                    one_ui(ui, &painter, place(ROW), rect, snapshot, scene, out);
                }
            }
            Some(Item::Libraries(all)) => libraries_ui(ui, &painter, place(ROW), rect, (snapshots, all), scene, out),
            Some(Item::Differs(one)) => {
                let snapshot = snapshots.get(*one);
                let row = snapshot.and_then(|snapshot| scene.session.audited(snapshot.version, &snapshot.source));
                let count = row.and_then(|row| row.lines.as_ref()).map_or(0, |lines| lines.changed);
                let text = format!("Snapshot ≠ replay, {}", words::count(count, "value differs", "values differ"));
                let at = place(HALF);
                let piece = Piece::new(&text, Type::CAPTION, scene.theme.text_muted);
                paint::left(&painter, at.left() + 32.0, at.center().y, at.width() - 44.0, piece);
            }
            Some(Item::Line(one, line)) => {
                let snapshot = snapshots.get(*one);
                let row = snapshot.and_then(|snapshot| scene.session.audited(snapshot.version, &snapshot.source));
                if let Some(lines) = row.and_then(|row| row.lines.as_ref()) {
                    drift_ui(ui, &painter, place(HALF), rect, (lines, *line), scene, out);
                }
            }
            Some(Item::Half) | None => {}
        }
    }
    local.snapshots =
        scroll_ui(ui, ui.scope_id().with("snapshots"), rect, &rows, local.snapshots, scene.theme, "Scroll snapshots");
}

/// One value that the snapshot has otherwise than the fold.
fn drift_ui(
    ui: &Ui,
    painter: &egui::Painter,
    rect: Rect,
    clip: Rect,
    (lines, index): (&StateLines, usize),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let Some(line) = lines.lines.get(index) else { return };
    let theme = scene.theme;
    let path = lines.pointer(index);
    let named = Line { key: path.as_str().into(), depth: 0, ..line.clone() };
    difference_line(painter, rect, &named, theme);
    let (before, now) = both(line);
    let sentence = format!("{path}, {before} in the snapshot, {now} by the fold");
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("drift", index)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
    if response.clicked() {
        out.push(Action::BlamePath(path));
    }
    tip(response, &Tip { name: &sentence, key: Command::BlameEarlier.key(), help: "Click to see who set it" }, theme);
}

fn one_ui(
    ui: &Ui,
    painter: &egui::Painter,
    place: Rect,
    clip: Rect,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let position = scene.position_of_version(snapshot.version);
    let audited = scene.session.audited(snapshot.version, &snapshot.source);
    let key = (snapshot.version, snapshot.source.as_str());
    let response = ui.interact(place.intersect(clip), ui.scope_id().with(("snapshot", key)), Sense::CLICK);
    let verdict = verdict_of(scene, snapshot);
    let sentence = format!("{}, {}", sentence(snapshot), verdict.1.to_lowercase());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
    let open = scene.session.audit.open.as_ref().is_some_and(|open| open.0 == key.0 && open.1 == key.1);
    if open {
        painter.rect_filled(place, 0.0, scene.theme.bg_selected);
    } else if response.hovered() {
        painter.rect_filled(place, 0.0, scene.theme.bg_hover);
    }
    row_of(painter, place, snapshot, audited, verdict, scene);
    if response.clicked() {
        out.push(Action::Audit(AuditAction::Toggle(snapshot.version, snapshot.source.clone())));
        out.extend(position.map(Action::MoveCursor));
    }
    let help = "Click to move the cursor there; one that drifts says where";
    tip(response, &Tip { name: &sentence, key: Command::NextSnapshot.key(), help }, scene.theme);
}

fn libraries_ui(
    ui: &Ui,
    painter: &egui::Painter,
    rect: Rect,
    clip: Rect,
    (snapshots, all): (&[Snapshot], &[usize]),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let open = scene.session.audit.libraries_open;
    let of = |index: &usize| snapshots.get(*index);
    let newest = all.iter().find_map(of);
    let (count, last) = (words::thousands(all.len() as u64), newest.map_or(0, |snapshot| snapshot.version));
    let text = format!("the last at {}", words::thousands(last));
    let sentence = format!("Written by the library, {count} snapshots, {text}");
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with("libraries"), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, open, &sentence));
    if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if response.clicked() {
        out.push(Action::Audit(AuditAction::ToggleLibraries));
    }
    let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    paint::icon(painter, pos2(rect.left() + 18.0, rect.center().y), caret, Type::icon_bold(10.0), theme.text_muted);
    let x = rect.left() + 32.0;
    let title = [
        Piece::new("Written by the library", Type::LABEL_MEDIUM, theme.text_strong),
        Piece::new("  ", Type::LABEL_MEDIUM, theme.text_muted),
        Piece::new(&count, Type::DATA_SMALL, theme.text_muted),
    ];
    paint::pieces(painter, x, rect.top() + 16.0, rect.width() - 140.0, &title);
    paint::left(
        painter,
        x,
        rect.top() + 33.0,
        rect.width() - 140.0,
        Piece::new(&text, Type::CAPTION, theme.text_muted),
    );
    let (icon, word, color) = match newest {
        Some(snapshot) => verdict_of(scene, snapshot),
        None => (icons::MINUS, "Not checked", theme.text_muted),
    };
    let width = chip_width(painter, Some(icon), word);
    chip(painter, rect.right() - INSET - width, rect.center().y, Some(icon), word, color, theme);
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    tip(response, &Tip { name: &sentence, key: "", help: "Click to list them one by one" }, theme);
}

fn sentence(snapshot: &Snapshot) -> String {
    let name = snapshot.name.as_deref().unwrap_or("without a name");
    let kept = match &snapshot.state {
        Ok(_) => String::new(),
        Err(why) => format!(", cannot be read: {why}"),
    };
    format!("Snapshot {name} at version {}, kept by {}{kept}", words::thousands(snapshot.version), snapshot.source)
}

/// What is known of a snapshot: an icon, a word, a colour.
fn verdict_of(scene: &Scene<'_>, snapshot: &Snapshot) -> (char, &'static str, Color32) {
    let theme = scene.theme;
    let folds_now = scene.session.state.shown.as_ref().map(|state| state.reducer.as_str());
    match scene.session.audited(snapshot.version, &snapshot.source).map(|row| row.verdict) {
        _ if snapshot.state.is_err() => (icons::WARNING, "Unreadable", theme.warn),
        Some(Verdict::Sound) => (icons::CHECK, "Sound", theme.live),
        Some(Verdict::Drift) => (icons::WARNING, "Drift", theme.warn),
        Some(Verdict::OtherReducer) => (icons::SWAP, "Other reducer", theme.text_soft),
        None if snapshot.reducer.as_deref() != folds_now => (icons::SWAP, "Other reducer", theme.text_soft),
        None => (icons::MINUS, "Not checked", theme.text_muted),
    }
}

fn row_of(
    painter: &egui::Painter,
    rect: Rect,
    snapshot: &Snapshot,
    audited: Option<&AuditRow>,
    (icon, word, color): (char, &str, Color32),
    scene: &Scene<'_>,
) {
    let theme = scene.theme;
    let sound = audited.is_some_and(|row| row.verdict == Verdict::Sound);
    paint::diamond(painter, pos2(rect.left() + 18.0, rect.center().y), theme.snapshot, sound);
    let x = rect.left() + 32.0;
    let (upper, lower) = (rect.top() + 16.0, rect.top() + 33.0);
    let width = chip_width(painter, Some(icon), word);
    let chip = chip(painter, rect.right() - INSET - width, rect.center().y, Some(icon), word, color, theme);
    let room = chip.left() - x - 8.0;
    let version = words::thousands(snapshot.version);
    let name = snapshot.name.as_deref();
    let title = [
        Piece::new(name.unwrap_or("Version"), Type::LABEL_MEDIUM, theme.text_strong),
        Piece::new("  ", Type::LABEL_MEDIUM, theme.text_muted),
        Piece::new(&version, Type::DATA_SMALL, theme.text_muted),
    ];
    paint::pieces(painter, x, upper, room, &title);
    let mut facts: Vec<String> = snapshot.time.map(words::day_and_minute).into_iter().collect();
    facts.push(words::bytes(snapshot.bytes));
    match audited {
        Some(AuditRow { verdict: Verdict::Sound, saves_us: Some(saves), .. }) => {
            facts.push(format!("saves {} a load", words::elapsed(*saves)));
        }
        Some(AuditRow { verdict: Verdict::Drift, .. }) => facts.push("not used".to_owned()),
        _ => facts.push(snapshot.reducer.clone().unwrap_or_else(|| snapshot.source.clone())),
    }
    paint::left(painter, x, lower, room, Piece::new(&facts.join(" · "), Type::CAPTION, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

/// Where a snapshot of yours is kept, in words.
pub fn kept_in(scene: &Scene<'_>) -> String {
    match &scene.session.log {
        Some(log) if log.info.capabilities.stores_snapshots && !log.info.read_only => {
            format!("{}, the log itself", log.info.name)
        }
        Some(_) => "a companion file of Eventscope, not in the log".to_owned(),
        None => String::new(),
    }
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::FILE, Type::icon(14.0), theme.text_muted);
    let text = format!("Yours are kept in {}", kept_in(scene));
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, rect.right() - INSET - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
}
