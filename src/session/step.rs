//! What a step forward or back goes to: the next event, or the next one that matters.

use super::Command;

/// What a step forward or back goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StepBy {
    /// The next event.
    #[default]
    Event,
    /// The next event that changes a pinned path.
    Change,
    /// Where the next breakpoint hits.
    Breakpoint,
    /// The next bookmark.
    Bookmark,
}

impl StepBy {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Event, Self::Change, Self::Breakpoint, Self::Bookmark];

    /// Its name, and what it means.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Event => ("Event", "Forward and back go to the next event"),
            Self::Change => ("Change", "Forward and back go to the next change of a pinned path"),
            Self::Breakpoint => ("Breakpoint", "Forward and back run to where a breakpoint hits"),
            Self::Bookmark => ("Bookmark", "Forward and back go to the next bookmark"),
        }
    }

    /// The command of a step.
    pub(super) fn command(self, forward: bool) -> Option<Command> {
        match (self, forward) {
            (Self::Event, _) => None,
            (Self::Change, true) => Some(Command::NextChange),
            (Self::Change, false) => Some(Command::ChangeBefore),
            (Self::Breakpoint, true) => Some(Command::RunForward),
            (Self::Breakpoint, false) => Some(Command::RunBack),
            (Self::Bookmark, true) => Some(Command::NextBookmark),
            (Self::Bookmark, false) => Some(Command::PreviousBookmark),
        }
    }
}
