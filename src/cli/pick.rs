//! Which events a command prints: what `--filter` and `--where` say, for every command that takes them.

use std::ops::ControlFlow;

use super::arguments::PickArguments;
use super::output::{Halt, Printed, counted, thousands};
use super::progress::{Meter, note};
use super::workspace_of;
use crate::error::Result;
use crate::event::{RawEvent, Resume, Scope};
use crate::filter::Filter;
use crate::reducer::expression::Expression;
use crate::replay::search::{Reducers, Search, Seen, States, Wanted};
use crate::store::{self, EventLog};
use crate::workspace;

impl PickArguments {
    /// True where something is picked.
    #[must_use]
    pub fn picks(&self) -> bool {
        self.filter.is_some() || self.condition.is_some()
    }

    /// What they ask for. States are folded from a second view of the log, for a pass that begins at `from`.
    pub(super) fn wanted(&self, locator: &str, from: &Resume) -> Result<Wanted> {
        let filter = Filter::parse(self.filter.as_deref().unwrap_or_default())?;
        let condition = self.condition.as_deref().map(Expression::compile).transpose()?;
        let states = match &condition {
            Some(condition) if condition.needs_state() => {
                Some(States::new(store::open(locator)?, self.reducers(locator)?, from))
            }
            _ => None,
        };
        Ok(Wanted { filter, condition, states })
    }

    fn reducers(&self, locator: &str) -> Result<Reducers> {
        Ok(match &self.reducer.reducer {
            Some(name) => Reducers::one(workspace::reducer_named(name, self.reducer.consent())?),
            None => Reducers::bound(Box::new(workspace_of(locator, &self.reducer)?)),
        })
    }
}

/// Goes through a scope and tells every event that is picked, with progress in a terminal: how many were scanned.
pub(super) fn pass(
    log: &mut dyn EventLog,
    (scope, from): (Scope, Resume),
    wanted: Wanted,
    tell: &mut dyn FnMut(&RawEvent<'_>) -> std::result::Result<ControlFlow<()>, Halt>,
    flush: &mut dyn FnMut() -> Printed,
) -> std::result::Result<Seen, Halt> {
    let mut search = Search::new(log, scope.clone(), from, wanted);
    let mut meter = Meter::scanned();
    while !search.is_over() {
        let mut told: Printed = Ok(());
        search.page(log, &mut |_, raw| match tell(raw) {
            Ok(flow) => flow,
            Err(halt) => {
                told = Err(halt);
                ControlFlow::Break(())
            }
        })?;
        told?;
        if meter.is_due() {
            // What is there already is shown before how far the rest is.
            flush()?;
            meter.count(|| log.extent(&scope))?;
            let _ = meter.tell(search.seen().scanned);
        }
    }
    meter.end();
    Ok(search.seen())
}

/// Says on standard error what could not be decided on.
pub(super) fn tell_what_was_left_out(seen: &Seen) {
    if seen.undecodable > 0 {
        note(&format!(
            "{} could not be decoded and {} not searched (is:undecodable finds them)",
            counted(seen.undecodable, "event"),
            if seen.undecodable == 1 { "was" } else { "were" }
        ));
    }
    if let Some(first) = &seen.first_fault {
        let version = first.version.map_or_else(
            || format!("position {}", first.position),
            |version| format!("version {version} of {}", first.stream),
        );
        note(&format!(
            "the condition failed at {} of {}, first at {version}: {}",
            thousands(seen.faults),
            counted(seen.scanned, "event"),
            first.message
        ));
    }
}
