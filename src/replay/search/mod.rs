//! One pass over a scope, page by page, for the events that pass a filter and a condition.
//!
//! Memory does not grow with the log, and a pass can be left between two pages: the first hits are there at once, and
//! whoever waits for more hears how far the pass is.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope};
use crate::filter::Filter;
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::Sifted;
use crate::reducer::expression::Expression;
use crate::store::EventLog;

pub mod facets;
mod sieve;
mod states;

pub use sieve::{ConditionFault, Sieve};
pub use states::{Reducers, States};

/// What is looked for.
pub struct Wanted {
    /// Terms that must hold.
    pub filter: Filter,
    /// A condition that must hold, too.
    pub condition: Option<Expression>,
    /// The states that the condition looks at; needed where it does.
    pub states: Option<States>,
}

/// What a pass has seen so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Events that were looked at.
    pub scanned: u64,
    /// Of them, events that pass.
    pub hits: u64,
    /// Events that nothing but their payload could decide on, which cannot be decoded: none of them is a hit.
    pub undecodable: u64,
    /// Events at which the condition itself failed: none of them is a hit.
    pub faults: u64,
    /// The first of those.
    pub first_fault: Option<ConditionFault>,
}

/// A pass on its way.
pub struct Search {
    scope: Scope,
    way: Way,
    sieve: Sieve,
    batch: EventBatch,
    /// The rows of the events in the batch, counted from where the pass began.
    rows: Vec<u64>,
    scanned: u64,
    hits: u64,
    is_over: bool,
}

/// Which way a pass goes.
enum Way {
    /// From a place on.
    Forward(Resume),
    /// From this row on, back to the oldest event.
    Back(u64),
}

impl Search {
    /// A pass over a scope from a place on.
    #[must_use]
    pub fn new(log: &dyn EventLog, scope: Scope, from: Resume, wanted: Wanted) -> Self {
        Self {
            scope,
            way: Way::Forward(from),
            sieve: Sieve::new(log.decoder(), wanted),
            batch: EventBatch::new(),
            rows: Vec::new(),
            scanned: 0,
            hits: 0,
            is_over: false,
        }
    }

    /// A pass over the first `events` of a scope, the newest of them first. States cannot be folded on the way back.
    #[must_use]
    pub fn back(log: &dyn EventLog, scope: Scope, events: u64, wanted: Wanted) -> Self {
        let wanted = Wanted { states: None, ..wanted };
        Self { way: Way::Back(events), is_over: events == 0, ..Self::new(log, scope, Resume::Start, wanted) }
    }

    /// What it has seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { scanned: self.scanned, hits: self.hits, ..self.sieve.seen() }
    }

    /// True where it has seen everything, or was left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Looks at the next page and tells its hits in order, each with its row: how many events of the scope stand before
    /// it, or between it and where the pass began. Where `tell` breaks, the pass is over.
    ///
    /// # Errors
    /// As the log, and as the reducers of its states.
    pub fn page(
        &mut self,
        log: &mut dyn EventLog,
        tell: &mut dyn FnMut(u64, &RawEvent<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        if self.is_over {
            return Ok(());
        }
        match &self.way {
            Way::Forward(resume) => {
                let resume = resume.clone();
                let end = self.sift(log, &resume, PAGE_EVENTS_MAX, self.scanned)?;
                self.way = Way::Forward(end.page.next);
                self.is_over = end.page.at_end;
                for (row, raw) in self.rows.iter().zip(self.batch.iter()) {
                    if self.sieve.passes(&raw)? {
                        self.hits += 1;
                        if tell(*row, &raw).is_break() {
                            self.is_over = true;
                            break;
                        }
                    }
                }
                self.scanned += end.looked_at;
            }
            Way::Back(end) => self.page_back(log, *end, tell)?,
        }
        Ok(())
    }

    /// Puts what is wanted of the next events into the batch, and their rows beside it; the first of them is `row`.
    fn sift(&mut self, log: &mut dyn EventLog, from: &Resume, limit: u32, row: u64) -> Result<Sifted> {
        let Self { scope, sieve, batch, rows, .. } = self;
        rows.clear();
        let mut looked_at = 0;
        let mut is_wanted = |raw: &RawEvent<'_>| {
            let wants = sieve.wants(raw);
            if wants {
                rows.push(looked_at);
            }
            looked_at += 1;
            wants
        };
        let end = log.sift(scope, from, limit, &mut is_wanted, batch)?;
        // Where the log had to begin the page anew, what it saw before counts for nothing.
        let anew = looked_at - end.looked_at;
        rows.drain(..rows.len().saturating_sub(batch.len()));
        for looked_at in rows.iter_mut() {
            *looked_at = row + *looked_at - anew;
        }
        Ok(end)
    }

    /// The page before a row, its newest event first.
    fn page_back(
        &mut self,
        log: &mut dyn EventLog,
        end: u64,
        tell: &mut dyn FnMut(u64, &RawEvent<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let begin = end.saturating_sub(u64::from(PAGE_EVENTS_MAX));
        let place = log.locate(&self.scope, begin)?;
        let (mut row, mut resume) = (place.position, place.resume);
        let mut found: Vec<(u64, EventBatch)> = Vec::new();
        while row < end {
            let limit = u32::try_from(end - row).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let page = self.sift(log, &resume, limit, row)?;
            for (row, raw) in self.rows.iter().zip(self.batch.iter()) {
                if *row >= begin && self.sieve.passes(&raw)? {
                    let mut kept = EventBatch::new();
                    kept.push(&raw);
                    found.push((*row, kept));
                }
            }
            row += page.looked_at;
            if page.page.at_end || page.looked_at == 0 {
                break;
            }
            resume = page.page.next;
        }
        self.scanned += end - begin;
        self.way = Way::Back(begin);
        self.is_over = begin == 0;
        for (row, kept) in found.iter().rev() {
            let Some(raw) = kept.get(0) else { continue };
            self.hits += 1;
            if tell(*row, &raw).is_break() {
                self.is_over = true;
                break;
            }
        }
        Ok(())
    }
}
