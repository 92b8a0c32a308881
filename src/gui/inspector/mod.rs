//! The inspector: the state at the cursor, what changed between two positions, the selected event, who set a value, the snapshots of the stream.

mod blame;
mod causation;
mod diff;
pub mod difference;
pub mod event;
mod notes;
mod pins;
mod sandbox;
mod snapshots;
mod state;
pub mod tree;

pub use snapshots::kept_in;

use egui::{Rect, Ui, pos2, vec2};

use super::fonts::Type;
use super::paint::{self, Piece};
use super::rows::Place;
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{self, Tip, tab};
use super::{glyphs, words};
use crate::protocol::EventRow;
use crate::session::{Action, Command, Tab};

/// What the inspector keeps for itself: where its lists stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct InspectorLocal {
    state: Place,
    revealed: u64,
    pub event: Place,
    pub event_row: Option<u64>,
    diff: Place,
    blame: Place,
    snapshots: Place,
    causation: Place,
    refolded: Place,
    sandbox: Place,
    changes: Place,
}

pub const HEAD: f32 = 52.0;
/// Under these widths the tabs stand closer together, and closer still.
const NARROW: f32 = 480.0;
const NARROWEST: f32 = 360.0;

/// Draws the inspector.
pub fn inspector_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    ui.painter().rect_filled(rect, 0.0, theme.bg_panel);
    let bar = Rect::from_min_size(rect.min, vec2(rect.width(), height::HEAD));
    tabs_ui(ui, bar, scene, out);
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, bar.bottom()), rect.max);
    match scene.session.tab {
        Tab::State => state::state_ui(ui, body, scene, local, out),
        Tab::Diff => diff::diff_ui(ui, body, scene, local, out),
        Tab::Event => event::event_ui(ui, body, scene, local, out),
        Tab::Blame => blame::blame_ui(ui, body, scene, local, out),
        Tab::Snapshots => snapshots::snapshots_ui(ui, body, scene, local, out),
        Tab::Causation => causation::causation_ui(ui, body, scene, local, out),
    }
    paint::vline(ui.painter(), rect.left(), rect.top(), rect.bottom(), theme.line_subtle);
}

fn tabs_ui(ui: &Ui, bar: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let session = scene.session;
    paint::hline(ui.painter(), bar.left(), bar.right(), bar.bottom() - 1.0, scene.theme.line_subtle);
    let kept = session.snapshots.as_ref().filter(|(stream, _)| session.stream_on_show() == Some(stream));
    let count = kept.map_or_else(String::new, |(_, snapshots)| words::thousands(snapshots.len() as u64));
    let tabs = [
        (Tab::State, Command::TabState, ""),
        (Tab::Diff, Command::TabDiff, ""),
        (Tab::Event, Command::TabEvent, ""),
        (Tab::Blame, Command::TabBlame, ""),
        (Tab::Snapshots, Command::TabSnapshots, count.as_str()),
        (Tab::Causation, Command::TabCausation, ""),
    ];
    let mut x = bar.left() + 2.0;
    // Six tabs fit into the narrowest inspector where they stand closer together.
    let pad = match bar.width() {
        width if width < NARROWEST => 4.0,
        width if width < NARROW => 7.0,
        _ => 12.0,
    };
    for (which, command, count) in tabs {
        let chosen = session.tab == which;
        let shown = widgets::Tab { name: command.label(), count, pad, chosen, tip: Tip::command(command) };
        let response = tab(ui, x, bar, &shown, scene.theme);
        if response.clicked() {
            out.push(Action::Run(command));
        }
        x = response.rect.right();
    }
}

/// The head of a tab: which event it is about. `row` is the event's 0-based row.
pub fn head_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, event: Option<&EventRow>, title: &str, right: f32) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let x = rect.left() + 38.0;
    let room = right - x - INSET;
    let upper = rect.top() + 18.0;
    let lower = rect.top() + 35.0;
    let Some(event) = event else {
        let left = rect.left() + INSET;
        paint::left(painter, left, upper, right - left, Piece::new(title, Type::BODY_STRONG, theme.text_strong));
        let words = if scene.session.cursor == 0 { "Nothing is folded yet" } else { "Reading…" };
        paint::left(painter, left, lower, right - left, Piece::new(words, Type::CAPTION, theme.text_muted));
        return;
    };
    let at = pos2(rect.left() + 19.0, rect.center().y - 0.5);
    glyphs::paint(painter, at, scene.looks.of(&event.event_type), theme, 1.0);
    paint::left(painter, x, upper, room, Piece::new(&event.event_type, Type::BODY_STRONG, theme.text_strong));
    let version = event.version.map(words::thousands).unwrap_or_default();
    let time = event.time.map(|time| words::time(time, "%-d %b %H:%M:%S%.3f")).unwrap_or_default();
    let zone = format!(" {}", words::zone());
    let mut pieces = Vec::new();
    if event.version.is_some() {
        pieces.push(Piece::new("Version ", Type::CAPTION, theme.text_muted));
        pieces.push(Piece::new(&version, Type::DATA_SMALL, theme.cursor));
    }
    if event.time.is_some() {
        pieces.push(Piece::new(" · ", Type::CAPTION, theme.text_muted));
        pieces.push(Piece::new(&time, Type::DATA_SMALL, theme.text_muted));
        pieces.push(Piece::new(&zone, Type::CAPTION, theme.text_muted));
    }
    if paint::layout(painter, &pieces, f32::INFINITY).size().x > room {
        pieces.pop();
    }
    paint::pieces(painter, x, lower, room, &pieces);
}
