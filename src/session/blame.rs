//! Who set a path of the state: what is asked, what is known, which of the events is chosen.

use std::sync::Arc;

use super::{Region, Session, Tab};
use crate::protocol::{BlameAt, BlameRow, Change, Request};

/// The blame pane.
#[derive(Clone, Debug, Default)]
pub struct BlamePane {
    /// The JSON pointer that is asked about.
    pub path: Option<String>,
    /// The newest answer; it may be of another path or stream than is asked about.
    pub shown: Option<Arc<BlameAt>>,
    /// What is typed into the path field, while it differs from the path that is asked about.
    pub typed: Option<String>,
    /// The index of the chosen row; `None`: the one that holds at the cursor.
    pub selected: Option<usize>,
}

impl Session {
    /// The answer to what is asked, if it is here.
    #[must_use]
    pub fn blame_on_show(&self) -> Option<&Arc<BlameAt>> {
        let stream = self.stream_on_show();
        let pane = &self.blame;
        pane.shown.as_ref().filter(|shown| {
            Some(&shown.path) == pane.path.as_ref()
                && Some(&shown.stream) == stream
                && self.is_of_reducer(&shown.reducer)
        })
    }

    /// The index of the row that set the value at the cursor: all before it are later writes. One behind the last where
    /// nothing up to the cursor set it.
    #[must_use]
    pub fn blame_at_cursor(&self, rows: &[BlameRow]) -> usize {
        let version = self.state.shown.as_ref().and_then(|state| state.version);
        version.map_or(rows.len(), |version| rows.partition_point(|row| row.version > version))
    }

    /// The chosen row: by hand, or the one that holds at the cursor.
    #[must_use]
    pub fn blame_row(&self) -> Option<usize> {
        let rows = &self.blame_on_show()?.rows;
        let row = self.blame.selected.unwrap_or_else(|| self.blame_at_cursor(rows));
        (row < rows.len()).then_some(row)
    }

    /// Asks about the selected path, or, where that is on show already, goes on to an earlier write or a later one.
    pub(super) fn blame(&mut self, earlier: bool) {
        if self.log.is_none() {
            return;
        }
        if self.tab != Tab::Blame {
            let path = self.state.selected.clone().or_else(|| self.first_changed_path());
            if path.is_some() {
                self.blame.path = path;
                self.blame.selected = None;
            }
            self.tab = Tab::Blame;
            self.ask_blame();
            return;
        }
        let Some(count) = self.blame_on_show().map(|shown| shown.rows.len()) else { return };
        let row = match self.blame_row() {
            Some(row) if earlier => (row + 1).min(count.saturating_sub(1)),
            Some(row) => row.saturating_sub(1),
            None => count.saturating_sub(1),
        };
        self.select_blame(row);
    }

    /// Chooses a write; its event is selected in the list of events, and the cursor stays.
    pub(super) fn select_blame(&mut self, row: usize) {
        let Some(shown) = self.blame_on_show() else { return };
        let Some(position) = shown.rows.get(row).map(|row| row.position) else { return };
        let in_scope = self.scope.stream() == Some(&shown.stream);
        self.blame.selected = Some(row);
        self.region = Region::Inspector;
        if in_scope && let Some(event_row) = position.checked_sub(1) {
            self.select_row_keeping_region(event_row);
        }
    }

    /// Asks about another path: a JSON pointer, with or without its first slash.
    pub(super) fn blame_path(&mut self, text: &str) {
        let text = text.trim();
        let path = if text.is_empty() || text.starts_with('/') { text.to_owned() } else { format!("/{text}") };
        self.blame.typed = None;
        self.blame.path = Some(path);
        self.blame.selected = None;
        self.tab = Tab::Blame;
        self.ask_blame();
    }

    /// Asks where the tab is open and what it shows is not what is asked for, or ends before the cursor.
    pub(super) fn ask_blame(&mut self) {
        if self.tab != Tab::Blame {
            return;
        }
        if self.blame.path.is_none() {
            self.blame.path = self.state.selected.clone().or_else(|| self.first_changed_path());
        }
        let Some(stream) = self.stream_on_show().cloned() else { return };
        let Some(path) = self.blame.path.clone() else { return };
        let at_cursor = self.state.shown.as_ref().and_then(|state| state.version);
        let known = self.blame_on_show().is_some_and(|shown| shown.last_version >= at_cursor);
        if !known {
            self.request(Request::Blame { generation: self.generation, ticket: self.ticket, stream, path });
        }
    }

    /// The first leaf that the event at the cursor changed.
    fn first_changed_path(&self) -> Option<String> {
        let lines = &self.state.shown.as_ref()?.lines;
        let changed = |change| matches!(change, Change::Changed | Change::Added | Change::Removed);
        let index = lines.lines.iter().position(|line| line.below == 0 && changed(line.change))?;
        Some(lines.pointer(index))
    }
}
