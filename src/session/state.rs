//! The state on show: always labelled with its own position, and which of its lines are visible.

use std::collections::BTreeSet;
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
    closed: BTreeSet<String>,
    visible: Vec<u32>,
}

impl StatePane {
    /// The indexes of the lines to draw, in order.
    #[must_use]
    pub fn visible(&self) -> &[u32] {
        &self.visible
    }

    /// True where the node at this JSON pointer is closed.
    #[must_use]
    pub fn is_closed(&self, pointer: &str) -> bool {
        self.closed.contains(pointer)
    }

    /// Opens or closes a node.
    pub fn toggle(&mut self, pointer: String) {
        if !self.closed.remove(&pointer) {
            self.closed.insert(pointer);
        }
        self.refresh();
    }

    /// Takes a state.
    pub fn absorb(&mut self, state: Arc<StateAt>) {
        self.shown = Some(state);
        self.refresh();
    }

    /// Forgets the state; what is open, filtered and selected stays.
    pub fn clear(&mut self) {
        self.shown = None;
        self.visible.clear();
    }

    /// Works out which lines are visible: after a change of the state, the filter, or an open node.
    pub fn refresh(&mut self) {
        self.visible = match &self.shown {
            Some(state) if state.exists || state.changed > 0 => visible_lines(&state.lines, self),
            _ => Vec::new(),
        };
    }
}

fn visible_lines(lines: &StateLines, pane: &StatePane) -> Vec<u32> {
    let filter = pane.filter.to_lowercase();
    let count = lines.lines.len();
    // A line is wanted where it matches itself; its parents are shown with it.
    let narrowed = pane.only_changed || !filter.is_empty();
    let mut wanted = vec![!narrowed; count];
    if narrowed {
        let mut parents: Vec<usize> = Vec::new();
        for (index, line) in lines.lines.iter().enumerate() {
            parents.truncate(usize::from(line.depth));
            let matches_filter = filter.is_empty()
                || line.key.to_lowercase().contains(&filter)
                || (line.below == 0 && line.text.to_lowercase().contains(&filter));
            let matches_change = !pane.only_changed || !matches!(line.change, Change::Same | Change::Below);
            if matches_filter && matches_change {
                wanted[index] = true;
                for &parent in &parents {
                    wanted[parent] = true;
                }
            }
            parents.push(index);
        }
    }
    let mut visible = Vec::with_capacity(count);
    let mut index = 0;
    while index < count {
        let line = &lines.lines[index];
        if wanted[index] {
            visible.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        let closed = line.below > 0 && !pane.closed.is_empty() && pane.closed.contains(&lines.pointer(index));
        index += if closed { line.below as usize + 1 } else { 1 };
    }
    visible
}
