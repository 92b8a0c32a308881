//! Two positions of the stream compared: A was chosen, B is the cursor.

use std::sync::Arc;

use super::{Session, Tab};
use crate::protocol::{DiffAt, Request};

/// The diff pane.
#[derive(Clone, Debug, Default)]
pub struct DiffPane {
    /// How many events of the stream are folded at A.
    pub from: Option<u64>,
    /// The newest answer; it may be of other positions than are asked about.
    pub shown: Option<Arc<DiffAt>>,
}

impl Session {
    /// The answer for A and the cursor, if it is here.
    #[must_use]
    pub fn diff_on_show(&self) -> Option<&Arc<DiffAt>> {
        let stream = self.scope.stream();
        let is_asked = |shown: &&Arc<DiffAt>| {
            Some(&shown.stream) == stream
                && Some(shown.from) == self.diff.from
                && shown.to == self.cursor
                && self.is_of_reducer(&shown.reducer)
        };
        self.diff.shown.as_ref().filter(is_asked)
    }

    /// Compares from this position to the cursor.
    pub(super) fn compare_from(&mut self, position: u64) {
        self.diff.from = Some(position.min(self.events.events()));
        self.tab = Tab::Diff;
        self.ask_diff();
    }

    /// Sets A at the cursor.
    pub(super) fn compare_from_here(&mut self) {
        if self.log.is_some() {
            self.compare_from(self.cursor);
        }
    }

    /// The cursor goes to A, and A to where the cursor was.
    pub(super) fn swap_compared(&mut self) {
        if self.log.is_none() {
            return;
        }
        self.tab = Tab::Diff;
        if let Some(from) = self.diff.from.replace(self.cursor) {
            self.following = false;
            self.play.direction = 0;
            self.move_cursor(from);
        }
        self.ask_diff();
    }

    /// Asks where the tab is open and what it shows is not what is asked for.
    pub(super) fn ask_diff(&mut self) {
        let (Tab::Diff, Some(from)) = (self.tab, self.diff.from) else { return };
        let Some(stream) = self.scope.stream().cloned() else { return };
        if self.diff_on_show().is_none() {
            let (generation, ticket, to) = (self.generation, self.ticket, self.cursor);
            self.request(Request::Diff { generation, ticket, stream, from, to });
        }
    }
}
