//! Two places compared: A was chosen, B is the cursor. They may be of two streams.

use std::sync::Arc;

use super::{Session, Tab};
use crate::event::Scope;
use crate::protocol::{Arrays, DiffAt, DiffFor, DiffPlace, Request};

/// The diff pane.
#[derive(Clone, Debug, Default)]
pub struct DiffPane {
    /// A.
    pub from: Option<DiffPlace>,
    /// Patterns of paths that are left out.
    pub ignore: Vec<String>,
    /// How the items of arrays are found again.
    pub arrays: Arrays,
    /// True where what is the same is shown, too.
    pub shows_all: bool,
    /// The newest answer; it may be of other places than are asked about.
    pub shown: Option<Arc<DiffAt>>,
}

/// What a person does in the Diff tab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DiffAction {
    /// Show all lines, or only those that changed.
    ShowAll(bool),
    /// Find array items again in another way.
    SetArrays(Arrays),
    /// Leave a pattern of paths out.
    Ignore(String),
    /// Leave it out no more.
    Unignore(String),
    /// Compare no more.
    Close,
}

impl Session {
    /// What is to be compared now.
    #[must_use]
    pub fn diff_wanted(&self) -> Option<DiffFor> {
        let from = self.diff.from.clone()?;
        let (stream, position) = match &self.scope {
            Scope::Stream(stream) => (stream.clone(), self.cursor),
            Scope::Category(_) | Scope::Log => self.place_on_show().filter(|_| self.state_is_current())?,
        };
        let to = DiffPlace { stream, position };
        Some(DiffFor { from, to, ignore: self.diff.ignore.clone(), arrays: self.diff.arrays })
    }

    /// The answer for A and the cursor, if it is here.
    #[must_use]
    pub fn diff_on_show(&self) -> Option<&Arc<DiffAt>> {
        let wanted = self.diff_wanted()?;
        self.diff.shown.as_ref().filter(|shown| shown.asked == wanted && self.is_of_reducer(&shown.reducer))
    }

    pub(super) fn apply_diff(&mut self, action: DiffAction) {
        match action {
            DiffAction::ShowAll(all) => self.diff.shows_all = all,
            DiffAction::SetArrays(arrays) => self.diff.arrays = arrays,
            DiffAction::Ignore(pattern) => {
                if !self.diff.ignore.contains(&pattern) && !pattern.is_empty() {
                    self.diff.ignore.push(pattern);
                }
            }
            DiffAction::Unignore(pattern) => self.diff.ignore.retain(|known| *known != pattern),
            DiffAction::Close => self.diff.from = None,
        }
        self.ask_diff();
    }

    /// Compares from this position of the scope to the cursor.
    pub(super) fn compare_from(&mut self, position: u64) {
        let place = match &self.scope {
            Scope::Stream(stream) => {
                Some(DiffPlace { stream: stream.clone(), position: position.min(self.events.events()) })
            }
            Scope::Category(_) | Scope::Log if position == self.cursor => {
                self.place_on_show().map(|(stream, position)| DiffPlace { stream, position })
            }
            // Before its oldest event every stream is empty.
            Scope::Category(_) | Scope::Log if position == 0 => {
                self.stream_on_show().map(|stream| DiffPlace { stream: stream.clone(), position: 0 })
            }
            Scope::Category(_) | Scope::Log => None,
        };
        match place {
            Some(place) => self.diff.from = Some(place),
            None => self.say("Move the cursor there first: then X sets A at it"),
        }
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
        if let Some(wanted) = self.diff_wanted() {
            self.following = false;
            self.play.direction = 0;
            self.diff.from = Some(wanted.to);
            self.go_to(Scope::Stream(wanted.from.stream), wanted.from.position);
        }
        self.ask_diff();
    }

    /// Leaves the selected path out of comparisons, or takes it in again.
    pub(super) fn ignore_path(&mut self) {
        match self.path_in_hand().filter(|path| !path.is_empty()) {
            Some(path) if self.diff.ignore.contains(&path) => self.apply_diff(DiffAction::Unignore(path)),
            Some(path) => {
                self.tab = Tab::Diff;
                self.apply_diff(DiffAction::Ignore(path));
            }
            None => self.say("Select a path first: then I leaves it out of the comparison"),
        }
    }

    /// Finds array items again in the next of the three ways.
    pub(super) fn cycle_arrays(&mut self) {
        let next = match self.diff.arrays {
            Arrays::ByKey => Arrays::ByValue,
            Arrays::ByValue => Arrays::ByIndex,
            Arrays::ByIndex => Arrays::ByKey,
        };
        self.tab = Tab::Diff;
        self.apply_diff(DiffAction::SetArrays(next));
    }

    /// Copies the difference as RFC 6902.
    pub(super) fn copy_patch(&mut self) {
        let patch = self.diff_on_show().map(|shown| shown.patch.clone());
        match patch {
            Some(Some(patch)) => {
                self.copied = Some(patch);
                self.say("Copied the difference from A to B as JSON Patch");
            }
            Some(None) => self.say("The difference is longer than the window holds: the command diff prints it"),
            None => self.say("There is no difference on show: X sets A at the cursor"),
        }
    }

    /// Asks where the tab is open and what it shows is not what is asked for.
    pub(super) fn ask_diff(&mut self) {
        if self.tab != Tab::Diff || self.diff_on_show().is_some() {
            return;
        }
        if let Some(asked) = self.diff_wanted() {
            let (generation, ticket) = (self.generation, self.ticket);
            self.request(Request::Diff { generation, ticket, asked });
        }
    }
}
