//! One pass over a scope, page by page, for the events that pass a filter and a condition.
//!
//! Memory does not grow with the log, and a pass can be left between two pages: the first hits are there at once, and
//! whoever waits for more hears how far the pass is.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope};
use crate::filter::Filter;
use crate::limits::PAGE_EVENTS_MAX;
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
    resume: Resume,
    sieve: Sieve,
    batch: EventBatch,
    scanned: u64,
    hits: u64,
    is_over: bool,
}

impl Search {
    /// A pass over a scope from a place on.
    #[must_use]
    pub fn new(log: &dyn EventLog, scope: Scope, from: Resume, wanted: Wanted) -> Self {
        Self {
            scope,
            resume: from,
            sieve: Sieve::new(log.decoder(), wanted),
            batch: EventBatch::new(),
            scanned: 0,
            hits: 0,
            is_over: false,
        }
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

    /// Looks at the next page and tells its hits in order. Where `tell` breaks, the pass is over.
    ///
    /// # Errors
    /// As the log, and as the reducers of its states.
    pub fn page(
        &mut self,
        log: &mut dyn EventLog,
        tell: &mut dyn FnMut(&RawEvent<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        if self.is_over {
            return Ok(());
        }
        let Self { scope, resume, sieve, batch, .. } = self;
        let end = log.sift(scope, resume, PAGE_EVENTS_MAX, &mut |raw| sieve.wants(raw), batch)?;
        self.resume = end.page.next;
        self.is_over = end.page.at_end;
        for raw in self.batch.iter() {
            if self.sieve.passes(&raw)? {
                self.hits += 1;
                if tell(&raw).is_break() {
                    self.is_over = true;
                    break;
                }
            }
        }
        self.scanned += end.looked_at;
        Ok(())
    }
}
