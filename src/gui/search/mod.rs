//! The search screen: it lies over streams, events and inspector, and leaves time and live plot where they are.

mod bar;
mod facets;
mod preview;
mod results;

use egui::{Rect, Ui};

use super::inspector::InspectorLocal;
use super::rows::Place;
use super::scene::Scene;
use crate::session::Action;

pub use facets::facets_ui;
pub use preview::preview_ui;

/// What the search screen keeps for itself.
#[derive(Clone, Debug, Default)]
pub struct SearchLocal {
    hits: Place,
    chosen: Option<usize>,
    facets: Place,
    /// Facets whose list is closed.
    closed: Vec<String>,
    preview: InspectorLocal,
}

/// Draws the field, how far the search is, and what it found.
pub fn search_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut SearchLocal, out: &mut Vec<Action>) {
    ui.painter().rect_filled(rect, 0.0, scene.theme.bg_panel);
    let below = bar::bar_ui(ui, rect, scene, out);
    let below = bar::progress_ui(ui, below, scene, out);
    results::results_ui(ui, below, scene, local, out);
    // Over what is below it.
    bar::proposals_ui(ui, rect, scene, out);
}
