//! Pinned paths: watched beside the state, in whatever stream.

use std::sync::Arc;

use super::{Session, Tab};
use crate::limits::PINS_MAX;
use crate::protocol::{PinAt, PinsAt, Request};

/// The pinned paths.
#[derive(Clone, Debug, Default)]
pub struct PinsPane {
    /// JSON pointers, the oldest pin first.
    pub paths: Vec<String>,
    /// The newest answer; it may be of another position than the cursor's.
    pub shown: Option<Arc<PinsAt>>,
}

impl Session {
    /// Pins the selected path, or takes its pin out.
    pub(super) fn toggle_pin(&mut self) {
        match self.path_in_hand() {
            Some(path) => self.toggle_pin_of(path),
            None => self.say("Select a path of the state first: then W pins it"),
        }
    }

    pub(super) fn toggle_pin_of(&mut self, path: String) {
        if let Some(at) = self.pins.paths.iter().position(|pinned| *pinned == path) {
            self.pins.paths.remove(at);
        } else if self.pins.paths.len() >= PINS_MAX {
            self.say(format!("{PINS_MAX} paths are pinned already: take one out first"));
        } else {
            self.pins.paths.push(path);
        }
        self.ask_pins();
    }

    /// The path that a command is about: the one of the Blame tab where that is open, else the selected one.
    #[must_use]
    pub fn path_in_hand(&self) -> Option<String> {
        match (&self.blame.path, self.tab) {
            (Some(path), Tab::Blame) => Some(path.clone()),
            _ => self.state.selected.clone(),
        }
    }

    /// True where a path is pinned.
    #[must_use]
    pub fn is_pinned(&self, path: &str) -> bool {
        self.pins.paths.iter().any(|pinned| pinned == path)
    }

    /// What is known of a pinned path at the state on show.
    #[must_use]
    pub fn pin_on_show(&self, path: &str) -> Option<&PinAt> {
        let (shown, (stream, position)) = (self.pins.shown.as_ref()?, self.place_on_show()?);
        let holds = shown.stream == stream && shown.position == position && self.is_of_reducer(&shown.reducer);
        shown.pins.iter().filter(|_| holds).find(|pin| pin.path == path)
    }

    /// The stream of the state on show, and how many of its events are folded, where that is known.
    pub(super) fn place_on_show(&self) -> Option<(crate::event::StreamId, u64)> {
        let state = self.state.shown.as_ref()?;
        let stream = state.stream.clone()?;
        Some((stream, state.in_stream))
    }

    /// Asks for the values of the pinned paths at the state on show.
    pub(super) fn ask_pins(&mut self) {
        if self.pins.paths.is_empty() {
            return;
        }
        let Some((stream, position)) = self.place_on_show() else { return };
        let (generation, ticket, paths) = (self.generation, self.ticket, self.pins.paths.clone());
        self.request(Request::Pins { generation, ticket, stream, position, paths });
    }
}
