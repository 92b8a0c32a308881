//! The state on show: always labelled with its own position, which of its lines are visible, and what is looked for in it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::protocol::{Change, StateAt, StateLines};

/// The state pane.
#[derive(Clone, Debug, Default)]
pub struct StatePane {
    /// The state on show. It may be older than the cursor: compare its position.
    pub shown: Option<Arc<StateAt>>,
    /// Show only paths that contain this text.
    pub filter: String,
    /// Show only what the event at the cursor changed.
    pub only_changed: bool,
    /// The JSON pointer of the selected line.
    pub selected: Option<String>,
    /// Goes up when the selected line is to be brought into view.
    pub reveals: u64,
    closed: BTreeSet<String>,
    /// The lines of `closed` that this state has, in order.
    closed_lines: Vec<u32>,
    selected_line: Option<u32>,
    visible: Vec<u32>,
    hits: Vec<u32>,
}

impl StatePane {
    /// The indexes of the lines to draw, in order.
    #[must_use]
    pub fn visible(&self) -> &[u32] {
        &self.visible
    }

    /// The indexes of the lines that contain the text of the filter themselves, in order; none without a filter.
    #[must_use]
    pub fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// Which of the hits is selected, from 0.
    #[must_use]
    pub fn hit(&self) -> Option<usize> {
        self.hits.binary_search(&self.selected_line?).ok()
    }

    /// True where the node of this line is closed.
    #[must_use]
    pub fn is_closed(&self, line: usize) -> bool {
        u32::try_from(line).is_ok_and(|line| self.closed_lines.binary_search(&line).is_ok())
    }

    /// The line that is selected, where this state has it.
    #[must_use]
    pub fn selected_line(&self) -> Option<usize> {
        self.selected_line.map(|line| line as usize)
    }

    /// The row of the selected line among the visible ones.
    #[must_use]
    pub fn selected_row(&self) -> Option<usize> {
        self.visible.binary_search(&self.selected_line?).ok()
    }

    /// Opens or closes a node.
    pub fn toggle(&mut self, pointer: String) {
        if !self.closed.remove(&pointer) {
            self.closed.insert(pointer);
        }
        self.refresh();
    }

    /// Selects a line.
    pub fn select(&mut self, pointer: String) {
        self.selected_line = self.line_of(&pointer);
        self.selected = Some(pointer);
    }

    /// Selects the visible line so many rows further (before, where negative), and brings it into view.
    pub fn select_by(&mut self, by: i64) {
        let Some(last) = self.visible.len().checked_sub(1) else { return };
        let by = isize::try_from(by).unwrap_or_default();
        let row = self.selected_row().map_or(0, |row| row.saturating_add_signed(by).min(last));
        if let Some(line) = self.visible.get(row).copied() {
            self.select_line(line);
        }
    }

    /// Selects the next hit of the filter, or the one before; from the last on to the first. What it stands in is opened.
    pub fn select_hit(&mut self, forwards: bool) {
        let Some(count) = self.hits.len().checked_sub(1).map(|last| last + 1) else { return };
        let from = self.selected_line.unwrap_or(0);
        let next = match (self.hits.binary_search(&from), forwards) {
            (Ok(hit), true) => (hit + 1) % count,
            (Err(hit), true) => hit % count,
            (Ok(hit) | Err(hit), false) => (hit + count - 1) % count,
        };
        self.select_line(self.hits[next]);
        self.open_above();
    }

    fn select_line(&mut self, line: u32) {
        let Some(state) = &self.shown else { return };
        self.selected = Some(state.lines.pointer(line as usize));
        self.selected_line = Some(line);
        self.reveals += 1;
    }

    /// Opens what the selected line stands in.
    fn open_above(&mut self) {
        let (Some(state), Some(line)) = (&self.shown, self.selected_line) else { return };
        let mut at = line as usize;
        let mut opened = false;
        while let Some(line) = state.lines.lines.get(at).filter(|line| line.depth > 0) {
            at = line.parent as usize;
            opened |= !self.closed.is_empty() && self.closed.remove(&state.lines.pointer(at));
        }
        if opened {
            self.refresh();
        }
    }

    /// Takes a state.
    pub fn absorb(&mut self, state: Arc<StateAt>) {
        self.shown = Some(state);
        self.refresh();
    }

    /// Forgets the state; what is open, filtered and selected stays.
    pub fn clear(&mut self) {
        self.shown = None;
        self.refresh();
    }

    /// Works out which lines are visible: after a change of the state, the filter, or an open node.
    pub fn refresh(&mut self) {
        self.visible.clear();
        self.hits.clear();
        self.closed_lines.clear();
        self.selected_line = self.selected.as_deref().and_then(|pointer| self.line_of(pointer));
        let Some(state) = self.shown.clone().filter(|state| state.exists || state.changed > 0) else { return };
        let wanted = self.wanted_lines(&state.lines);
        self.show_lines(&state.lines, wanted.as_deref());
    }

    fn line_of(&self, pointer: &str) -> Option<u32> {
        self.shown.as_ref()?.lines.index_of(pointer).and_then(|line| u32::try_from(line).ok())
    }

    /// Which lines match, with what they stand in; `None` for all.
    fn wanted_lines(&mut self, lines: &StateLines) -> Option<Vec<bool>> {
        if !self.only_changed && self.filter.is_empty() {
            return None;
        }
        let filter = self.filter.to_lowercase();
        let mut wanted = vec![false; lines.lines.len()];
        for (index, line) in lines.lines.iter().enumerate() {
            let matches_change = !self.only_changed || !matches!(line.change, Change::Same | Change::Below);
            let matches_filter =
                filter.is_empty() || contains(&line.key, &filter) || (line.below == 0 && contains(&line.text, &filter));
            if !(matches_change && matches_filter) {
                continue;
            }
            if !filter.is_empty() {
                self.hits.push(u32::try_from(index).unwrap_or(u32::MAX));
            }
            let mut at = index;
            while !std::mem::replace(&mut wanted[at], true) {
                at = lines.lines[at].parent as usize;
            }
        }
        Some(wanted)
    }

    fn show_lines(&mut self, lines: &StateLines, wanted: Option<&[bool]>) {
        // Only what ends like a closed pointer can be one: the pointer of every other node need not be written.
        let ends: HashSet<(usize, &str)> = self
            .closed
            .iter()
            .map(|pointer| (pointer.matches('/').count(), pointer.rsplit('/').next().unwrap_or_default()))
            .collect();
        let mut index = 0;
        while let Some(line) = lines.lines.get(index) {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            if wanted.is_none_or(|wanted| wanted[index]) {
                self.visible.push(number);
            }
            let may_be_closed = line.below > 0
                && !ends.is_empty()
                && (line.key.contains(['~', '/']) || ends.contains(&(usize::from(line.depth), &*line.key)));
            let closed = may_be_closed && self.closed.contains(&lines.pointer(index));
            if closed {
                self.closed_lines.push(number);
            }
            index += if closed { line.below as usize + 1 } else { 1 };
        }
    }
}

/// True where a text contains another one that is in lower case, whatever the case of the first.
fn contains(text: &str, lower: &str) -> bool {
    if !lower.is_ascii() {
        return text.to_lowercase().contains(lower);
    }
    let Some(&first) = lower.as_bytes().first() else { return true };
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte.eq_ignore_ascii_case(&first)) {
        let start = from + at;
        match bytes.get(start..start + lower.len()) {
            Some(found) if found.eq_ignore_ascii_case(lower.as_bytes()) => return true,
            Some(_) => from = start + 1,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_case() {
        for (text, lower) in [("Alice", "lic"), ("ALICE", "alice"), ("käufer", "ufer"), ("KÄUFER", "käu"), ("a", "")]
        {
            assert!(contains(text, lower), "{text} {lower}");
        }
        for (text, lower) in [("Alice", "x"), ("al", "ali"), ("", "a"), ("aab", "abb")] {
            assert!(!contains(text, lower), "{text} {lower}");
        }
    }
}
