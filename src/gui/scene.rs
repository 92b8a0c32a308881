//! What every panel may look at while it draws, and nothing that it may change.

use egui::{Id, Rect, Ui, UiBuilder};

use super::glyphs::Looks;
use super::layout::Room;
use super::theme::Theme;
use crate::event::Time;
use crate::protocol::EventRow;
use crate::session::Session;

/// What a panel draws from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What the person is looking at.
    pub session: &'a Session,
    /// The colours.
    pub theme: &'a Theme,
    /// How event types look.
    pub looks: &'a Looks,
    /// The time now, for ages.
    pub now: Time,
    /// How much room there is across.
    pub room: Room,
    /// The height of the window.
    pub window_height: f32,
}

impl Scene<'_> {
    /// The row of the event at the cursor, if it is known.
    #[must_use]
    pub fn cursor_event(&self) -> Option<&EventRow> {
        self.session.events.row(self.session.cursor_row()?)
    }

    /// The position after the event with this version, where the scope is the stream and its versions have no gaps
    /// that are known of.
    #[must_use]
    pub fn position_of_version(&self, version: i64) -> Option<u64> {
        self.session.scope.stream()?;
        let shown = self.session.state.shown.as_ref().filter(|state| state.scope == self.session.scope)?;
        let (position, known) = (shown.position, shown.version?);
        position.checked_add_signed(version - known).filter(|position| *position <= self.session.events.events())
    }
}

/// Draws a region: its own ids, nothing outside its rectangle.
pub fn region_ui<R>(ui: &mut Ui, name: &'static str, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().scope_id(Id::unique(("eventscope", name))).max_rect(rect);
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect);
        content(ui)
    })
    .inner
}
