//! The snapshots of the stream on show, newest first.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::InspectorLocal;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Look, Tip, chip, chip_width, empty_ui, tip};
use crate::gui::{icons, words};
use crate::log::Snapshot;
use crate::session::{Action, Command};

const ACTIONS: f32 = 44.0;
const ROW: f32 = 48.0;

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
            let words = ["No snapshot yet", "Keep the state at this version to compare later"];
            let take = Button { text: "Take snapshot…", ..Button::command(Command::Snapshot) };
            let take = Button { enabled: session.cursor > 0, ..take };
            if empty_ui(ui, body, icons::STACK, words, Some(&take), scene.theme) {
                out.push(Action::Run(Command::Snapshot));
            }
        }
        Some(snapshots) => {
            let bar = body.with_max_y(body.top() + ACTIONS);
            let take = Button {
                text: "Take snapshot…",
                hint: Command::Snapshot.key(),
                diamond: true,
                look: Look::Primary,
                enabled: session.cursor > 0,
                ..Button::command(Command::Snapshot)
            };
            let width = take.width(ui.painter());
            let place = Rect::from_min_size(pos2(bar.left() + INSET, bar.top() + 8.0), vec2(width, 28.0));
            if take.show(ui, place, scene.theme).clicked() {
                out.push(Action::Run(Command::Snapshot));
            }
            paint::hline(ui.painter(), bar.left(), bar.right(), bar.bottom() - 1.0, scene.theme.line_subtle);
            list_ui(ui, body.with_min_y(bar.bottom()), scene, snapshots, local, out);
        }
    }
}

fn list_ui(
    ui: &Ui,
    rect: Rect,
    scene: &Scene<'_>,
    snapshots: &[Snapshot],
    local: &mut InspectorLocal,
    out: &mut Vec<Action>,
) {
    let rows = Rows { count: snapshots.len() as u64, height: ROW, view: rect.height() };
    local.snapshots = rows.kept(local.snapshots);
    let (range, mut y) = rows.visible(local.snapshots);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), ROW));
        y += ROW;
        let newest_first = usize::try_from(row).ok().and_then(|row| snapshots.iter().rev().nth(row));
        let Some(snapshot) = newest_first else { continue };
        let position = scene.position_of_version(snapshot.version);
        let sense = if position.is_some() { Sense::CLICK } else { Sense::HOVER };
        let response = ui.interact(place.intersect(rect), ui.scope_id().with(("snapshot", row)), sense);
        let sentence = sentence(snapshot);
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
        if response.hovered() && position.is_some() {
            painter.rect_filled(place, 0.0, scene.theme.bg_hover);
        }
        row_of(&painter, place, snapshot, scene);
        if let (true, Some(position)) = (response.clicked(), position) {
            out.push(Action::MoveCursor(position));
        }
        let help = if position.is_some() { "Move the cursor here" } else { "" };
        tip(response, &Tip { name: &sentence, key: "", help }, scene.theme);
    }
    local.snapshots =
        scroll_ui(ui, ui.scope_id().with("snapshots"), rect, &rows, local.snapshots, scene.theme, "Scroll snapshots");
}

fn sentence(snapshot: &Snapshot) -> String {
    let name = snapshot.name.as_deref().unwrap_or("without a name");
    let kept = match &snapshot.state {
        Ok(_) => String::new(),
        Err(why) => format!(", cannot be read: {why}"),
    };
    format!("Snapshot {name} at version {}, kept by {}{kept}", words::thousands(snapshot.version), snapshot.source)
}

fn row_of(painter: &egui::Painter, rect: Rect, snapshot: &Snapshot, scene: &Scene<'_>) {
    let theme = scene.theme;
    paint::diamond(painter, pos2(rect.left() + 18.0, rect.center().y), theme.snapshot, false);
    let x = rect.left() + 32.0;
    let (upper, lower) = (rect.top() + 16.0, rect.top() + 33.0);
    let (icon, verdict, color) = match &snapshot.state {
        Ok(_) => (None, snapshot.source.as_str(), theme.text_soft),
        Err(_) => (Some(icons::WARNING), "Unreadable", theme.warn),
    };
    let verdict = paint::cut_middle(verdict, 24);
    let width = chip_width(painter, icon, &verdict);
    let chip = chip(painter, rect.right() - INSET - width, rect.center().y, icon, &verdict, color, theme);
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
    facts.extend(snapshot.reducer.clone());
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
