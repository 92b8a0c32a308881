//! The event list: a window of rows over a scope of any length, and the pages that are known.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::{ROWS_PAGE, ROWS_PAGES_MAX};
use crate::protocol::{EventRow, RowChange};

/// The event list.
#[derive(Clone, Debug, Default)]
pub struct EventsPane {
    /// How many events the scope holds; `None` until that is known.
    pub extent: Option<u64>,
    /// The topmost row, 0-based.
    pub top: u64,
    /// The part of it that is scrolled out, 0 to 1.
    pub top_part: f32,
    /// Whole rows that there is room for.
    pub rows_shown: u64,
    /// The range that the list is limited to: the events behind the first position, up to and with the second.
    pub range: Option<(u64, u64)>,
    /// The selected row, where it is not the one at the cursor.
    pub selected: Option<u64>,
    pages: BTreeMap<u64, Vec<EventRow>>,
    changes: BTreeMap<u64, Vec<RowChange>>,
    /// By page: how many rows it had when that was asked.
    changes_asked: BTreeMap<u64, u64>,
    /// By page: of how many rows it was told.
    changes_told: BTreeMap<u64, u64>,
    asked: BTreeSet<u64>,
}

impl EventsPane {
    /// An empty list with room for so many rows.
    #[must_use]
    pub fn with_room(rows_shown: u64) -> Self {
        Self { rows_shown, ..Self::default() }
    }

    /// The row, if it is known.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<&EventRow> {
        let offset = usize::try_from(row % ROWS_PAGE).unwrap_or(usize::MAX);
        self.pages.get(&(row / ROWS_PAGE))?.get(offset)
    }

    /// What the event of this row did to the state of its stream, if that is known.
    #[must_use]
    pub fn change(&self, row: u64) -> Option<&RowChange> {
        let offset = usize::try_from(row % ROWS_PAGE).unwrap_or(usize::MAX);
        self.changes.get(&(row / ROWS_PAGE))?.get(offset)
    }

    /// True while what the events of a page did is on its way.
    #[must_use]
    pub fn changes_wanted(&self) -> bool {
        !self.changes_asked.is_empty()
    }

    /// Notes that it was asked what the events of a page did.
    pub fn note_changes_asked(&mut self, first: u64, count: u64) {
        self.changes_asked.insert(first / ROWS_PAGE, count);
    }

    /// Notes that what the events of a page did was not told after all.
    pub fn forget_changes_asked(&mut self, first: u64) {
        self.changes_asked.remove(&(first / ROWS_PAGE));
    }

    /// Forgets what events did: another reducer folds.
    pub fn forget_changes(&mut self) {
        self.changes.clear();
        self.changes_asked.clear();
        self.changes_told.clear();
    }

    /// The known pages around the view of which it is neither known nor asked what their events did: first row, count.
    #[must_use]
    pub fn changes_missing(&self) -> Vec<(u64, u64)> {
        let (from, to) = (self.top / ROWS_PAGE, (self.top + self.rows_shown) / ROWS_PAGE);
        let rows_of = |page: u64| self.pages.get(&page).map_or(0, Vec::len) as u64;
        let missing =
            |page: &u64| !self.changes_asked.contains_key(page) && self.changes_told.get(page) != Some(&rows_of(*page));
        let known = (from..=to).filter(|page| self.pages.contains_key(page)).filter(missing);
        known.map(|page| (page * ROWS_PAGE, rows_of(page))).collect()
    }

    /// Takes what the events of a page did.
    pub fn absorb_changes(&mut self, first: u64, changes: Vec<RowChange>) {
        let page = first / ROWS_PAGE;
        let Some(count) = self.changes_asked.remove(&page) else { return };
        if self.pages.contains_key(&page) {
            self.changes_told.insert(page, count);
            self.changes.insert(page, changes);
        }
    }

    /// How many events the scope holds, as far as that is known.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.extent.unwrap_or(0)
    }

    /// The rows that are listed: all, or those of the range.
    #[must_use]
    pub fn listed(&self) -> std::ops::Range<u64> {
        let events = self.events();
        self.range.map_or(0..events, |(from, to)| from.min(events)..to.min(events))
    }

    /// The topmost row where the last row stands at the bottom.
    #[must_use]
    pub fn top_max(&self) -> u64 {
        let listed = self.listed();
        listed.end.saturating_sub(self.rows_shown).max(listed.start)
    }

    /// Scrolls so that the list begins and ends with the range.
    pub fn keep_in_range(&mut self) {
        let kept = self.top.clamp(self.listed().start, self.top_max());
        if kept != self.top {
            (self.top, self.top_part) = (kept, 0.0);
        }
    }

    /// True where the whole row is in view.
    #[must_use]
    pub fn is_in_view(&self, row: u64) -> bool {
        let cut = self.top_part > 0.0;
        row >= self.top + u64::from(cut) && row < self.top + self.rows_shown
    }

    /// Scrolls so that a row is in view: as little as needed, or to a third of the height where it was far away.
    pub fn bring_into_view(&mut self, row: u64) {
        let shown = self.rows_shown.max(1);
        if self.is_in_view(row) {
            return;
        }
        let near = shown / 2;
        let row = row.clamp(self.listed().start, self.listed().end.saturating_sub(1).max(self.listed().start));
        self.top = if row < self.top && self.top - row <= near {
            row
        } else if row >= self.top + shown && row - (self.top + shown) < near {
            row + 1 - shown
        } else {
            row.saturating_sub(shown / 3)
        };
        self.top = self.top.clamp(self.listed().start, self.top_max());
        self.top_part = 0.0;
    }

    /// Takes the extent. A page that ended at the old extent is asked for anew.
    pub fn absorb_extent(&mut self, events: u64) {
        let old = self.extent.replace(events);
        // The page that ended at the old extent is asked for anew; its known rows stay on screen until then.
        if let Some(old) = old
            && events > old
        {
            self.asked.remove(&(old / ROWS_PAGE));
        }
        self.top = self.top.min(self.top_max());
    }

    /// Takes rows that arrived.
    pub fn absorb_rows(&mut self, first: u64, rows: Vec<EventRow>) {
        let page = first / ROWS_PAGE;
        self.asked.remove(&page);
        self.pages.insert(page, rows);
        while self.pages.len() > ROWS_PAGES_MAX {
            let here = self.top / ROWS_PAGE;
            let farthest = self.pages.keys().copied().max_by_key(|page| page.abs_diff(here));
            let Some(farthest) = farthest else { break };
            self.pages.remove(&farthest);
            self.changes.remove(&farthest);
            self.changes_told.remove(&farthest);
        }
    }

    /// The pages around the view that are neither known nor asked for; they count as asked for from now on.
    pub fn pages_wanted(&mut self) -> Vec<u64> {
        let events = self.events();
        if events == 0 {
            return Vec::new();
        }
        let last_page = (events - 1) / ROWS_PAGE;
        let from = (self.top / ROWS_PAGE).saturating_sub(1);
        let to = ((self.top + self.rows_shown) / ROWS_PAGE + 1).min(last_page);
        let here = self.top / ROWS_PAGE;
        let mut wanted: Vec<u64> =
            (from..=to).filter(|&page| !self.known(page) && !self.asked.contains(&page)).collect();
        wanted.sort_by_key(|page| page.abs_diff(here));
        self.asked.extend(&wanted);
        wanted
    }

    /// Forgets that rows were asked for: the answers may never come.
    pub fn forget_asked(&mut self) {
        self.asked.clear();
    }

    /// Forgets all rows: the log holds others.
    pub fn forget_pages(&mut self) {
        self.pages.clear();
        self.changes.clear();
        self.changes_asked.clear();
        self.changes_told.clear();
        self.asked.clear();
    }

    fn known(&self, page: u64) -> bool {
        let expected = self.events().saturating_sub(page * ROWS_PAGE).min(ROWS_PAGE);
        self.pages.get(&page).is_some_and(|rows| rows.len() as u64 >= expected)
    }
}
