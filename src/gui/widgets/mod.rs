//! The controls, in the measures of the design. Each is placed in a rectangle, shows its focus, and says its name to a
//! screen reader.

mod banner;
mod button;
mod chip;
mod field;
mod menu;
mod segment;
mod tab;
mod tip;

pub use banner::{Banner, empty_ui};
pub use button::{Button, Icon, Look, toggle};
pub use chip::{badge, chip, chip_width, keycaps, keycaps_width, note_keys, shown_key, written_keycaps};
pub use field::Field;
pub use menu::{menu_choice_ui, menu_item_ui, menu_text_ui};
pub use segment::{Segment, segments, segments_width};
pub use tab::{Tab, tab};
pub use tip::{Tip, describe, hover_text, note_dialog, tip};

use egui::{Id, Rect, Response, Role, Sense, Ui, WidgetInfo};

/// Something that can be clicked: with an id of its own, a name and a role.
pub fn clickable(ui: &Ui, rect: Rect, salt: impl std::hash::Hash + std::fmt::Debug, info: &Info<'_>) -> Response {
    let id: Id = ui.scope_id().with(&salt);
    let sense = if info.enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| {
        let mut described = WidgetInfo::labeled(info.role, info.enabled, info.name);
        described.selected = info.selected;
        described
    });
    response
}

/// What a screen reader is told about a control.
#[derive(Clone, Copy, Debug)]
pub struct Info<'a> {
    /// What it is.
    pub role: Role,
    /// Its name.
    pub name: &'a str,
    /// False where it cannot be used now.
    pub enabled: bool,
    /// Whether it is on, where it can be on or off.
    pub selected: Option<bool>,
}

impl<'a> Info<'a> {
    /// A button.
    #[must_use]
    pub fn button(name: &'a str) -> Self {
        Self { role: Role::Button, name, enabled: true, selected: None }
    }
}
