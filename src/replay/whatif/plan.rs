//! The edits, by the rows that they touch.

use std::collections::BTreeMap;

use super::{Edit, Made};
use crate::error::{Error, Result};
use crate::event::{Event, EventBatch, RawEvent, Value};
use crate::limits::EDITS_MAX;

/// What the sandbox makes of the event of a row.
#[derive(Clone, Default)]
pub(super) struct Change {
    pub(super) skipped: bool,
    pub(super) moved: bool,
    data: Option<Value>,
    event_type: Option<String>,
}

impl Change {
    pub(super) fn apply<'e>(&'e self, mut event: Event<'e>) -> Event<'e> {
        if let Some(data) = &self.data {
            event.data = data.clone();
        }
        if let Some(event_type) = &self.event_type {
            event.event_type = event_type;
        }
        event
    }

    fn replaces(&self) -> bool {
        self.data.is_some() || self.event_type.is_some()
    }
}

/// An event that comes to stand in the sandbox.
pub(super) enum Arrival {
    /// One that was made up.
    Made(Made),
    /// One from elsewhere on the real line, and what it was replaced by.
    Moved { batch: EventBatch, change: Option<Change> },
}

enum Coming {
    Made(Made),
    Moved(u64),
}

/// All edits.
pub(super) struct Plan {
    changes: BTreeMap<u64, Change>,
    coming: BTreeMap<u64, Vec<Coming>>,
    moved: BTreeMap<u64, EventBatch>,
}

impl Plan {
    /// Puts edits in order.
    ///
    /// # Errors
    /// `Input` where one names a row that a scope of so many events has not, or two contradict each other.
    pub(super) fn new(edits: &[Edit], extent: u64) -> Result<Self> {
        if edits.len() > EDITS_MAX {
            return Err(Error::Input(format!("{} edits, at most {EDITS_MAX}", edits.len())));
        }
        let mut plan = Self { changes: BTreeMap::new(), coming: BTreeMap::new(), moved: BTreeMap::new() };
        for edit in edits {
            let (row, last) = match edit {
                Edit::Skip(row) | Edit::Replace { row, .. } => (*row, extent.checked_sub(1)),
                Edit::Insert { row, .. } => (*row, Some(extent)),
                Edit::Move { row, before } if *before <= extent => (*row, extent.checked_sub(1)),
                Edit::Move { before, .. } => (*before, Some(extent)),
            };
            if last.is_none_or(|last| row > last) {
                return Err(Error::Input(format!("an edit is of event {}, and there are {extent}", row + 1)));
            }
            plan.take(edit)?;
        }
        Ok(plan)
    }

    fn take(&mut self, edit: &Edit) -> Result<()> {
        let twice = |row: u64| Error::Input(format!("two edits contradict each other at event {}", row + 1));
        match edit {
            Edit::Skip(row) => {
                let change = self.changes.entry(*row).or_default();
                if change.moved || change.replaces() {
                    return Err(twice(*row));
                }
                change.skipped = true;
            }
            Edit::Replace { row, data, event_type } => {
                let change = self.changes.entry(*row).or_default();
                if change.skipped || (change.data.is_some() && data.is_some()) {
                    return Err(twice(*row));
                }
                change.data = data.clone().or(change.data.take());
                change.event_type = event_type.clone().or(change.event_type.take());
            }
            Edit::Insert { row, event } => self.coming.entry(*row).or_default().push(Coming::Made(event.clone())),
            Edit::Move { row, before } => {
                let change = self.changes.entry(*row).or_default();
                if change.skipped || change.moved {
                    return Err(twice(*row));
                }
                change.moved = true;
                self.coming.entry(*before).or_default().push(Coming::Moved(*row));
            }
        }
        Ok(())
    }

    /// The first row that is touched.
    pub(super) fn first(&self) -> u64 {
        let rows = self.changes.keys().next().into_iter().chain(self.coming.keys().next());
        rows.min().copied().unwrap_or(0)
    }

    pub(super) fn moved_rows(&self) -> Vec<u64> {
        self.changes.iter().filter(|(_, change)| change.moved).map(|(row, _)| *row).collect()
    }

    pub(super) fn keep_moved(&mut self, row: u64, raw: &RawEvent<'_>) {
        let mut batch = EventBatch::new();
        batch.push(raw);
        self.moved.insert(row, batch);
    }

    pub(super) fn change_at(&self, row: u64) -> Option<&Change> {
        self.changes.get(&row)
    }

    /// True where no edit touches this row or a later one.
    pub(super) fn is_done_after(&self, row: u64) -> bool {
        self.changes.range(row..).next().is_none() && self.coming.range(row..).next().is_none()
    }

    /// What comes to stand before this row, in the order of the edits.
    pub(super) fn arrivals_at(&mut self, row: u64) -> Vec<Arrival> {
        let Some(coming) = self.coming.remove(&row) else { return Vec::new() };
        coming.into_iter().filter_map(|one| self.arrival(one)).collect()
    }

    /// What comes to stand before this row and all later ones.
    pub(super) fn arrivals_from(&mut self, row: u64) -> Vec<Arrival> {
        let rows: Vec<u64> = self.coming.range(row..).map(|(row, _)| *row).collect();
        rows.into_iter().flat_map(|row| self.arrivals_at(row)).collect()
    }

    fn arrival(&mut self, coming: Coming) -> Option<Arrival> {
        Some(match coming {
            Coming::Made(made) => Arrival::Made(made),
            Coming::Moved(row) => {
                let change = self.changes.get(&row).filter(|change| change.replaces()).cloned();
                Arrival::Moved { batch: self.moved.remove(&row)?, change }
            }
        })
    }
}
