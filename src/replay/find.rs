//! When a condition held: all intervals of versions, also where it healed and came back.
//!
//! One pass; an interval is told as soon as it ends, so that memory does not grow with how many there are.

use std::ops::{ControlFlow, Range};

use super::Replay;
use super::scan::{Looks, Progress, Scanned, Step};
use crate::error::Result;
use crate::event::{StreamId, Time};
use crate::limits::FAULTS_KEPT_MAX;
use crate::log::Fault;

/// Versions in a row at which a condition held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interval {
    /// Position after the first event at which it held.
    pub from_position: u64,
    /// Version of that event; its number in the stream where the log numbers none.
    pub from_version: i64,
    /// Its type.
    pub event_type: Box<str>,
    /// When.
    pub time: Option<Time>,
    /// Position after the last event at which it held.
    pub to_position: u64,
    /// Version of that event.
    pub to_version: i64,
    /// True where it was the last event that was looked at: the condition still holds.
    pub holds_still: bool,
}

/// How a search went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// How many intervals were told.
    pub intervals: u64,
    /// Events at which the condition itself failed, oldest first, at most [`FAULTS_KEPT_MAX`]: it did not hold there.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub faults_total: u64,
    /// What was read for it.
    pub scanned: Scanned,
}

/// A condition on one event and the states around it, and what it looks at.
pub struct Condition<'a> {
    /// What it looks at.
    pub looks: Looks,
    /// True where it holds, or why that cannot be said.
    pub holds: &'a mut dyn FnMut(&Step<'_>) -> std::result::Result<bool, String>,
}

impl Replay {
    /// Tells all intervals between two positions (or the stream's end) in which a condition held, oldest first. `tell`
    /// ends the search where it breaks.
    ///
    /// # Errors
    /// `Stopped` where `progress` broke; else as the log.
    pub fn find(
        &mut self,
        stream: &StreamId,
        range: Range<u64>,
        condition: &mut Condition<'_>,
        progress: Progress<'_>,
        tell: &mut dyn FnMut(Interval) -> ControlFlow<()>,
    ) -> Result<Found> {
        let mut found = Found::default();
        let mut open: Option<Interval> = None;
        let mut ended = ControlFlow::Continue(());
        let looks = condition.looks;
        found.scanned = self.scan(stream, range, looks, progress, &mut |step| {
            let holds = (condition.holds)(step).unwrap_or_else(|message| {
                found.faults_total += 1;
                if found.faults.len() < FAULTS_KEPT_MAX {
                    found.faults.push(Fault { position: step.position - 1, version: step.raw.version, message });
                }
                false
            });
            match (&mut open, holds) {
                (Some(interval), true) => {
                    interval.to_position = step.position;
                    interval.to_version = step.version();
                }
                (None, true) => open = Some(interval_at(step)),
                (Some(_), false) => {
                    if let Some(interval) = open.take() {
                        found.intervals += 1;
                        ended = tell(interval);
                    }
                }
                (None, false) => {}
            }
            ended
        })?;
        if let Some(interval) = open {
            found.intervals += 1;
            let _ = tell(Interval { holds_still: true, ..interval });
        }
        Ok(found)
    }
}

fn interval_at(step: &Step<'_>) -> Interval {
    Interval {
        from_position: step.position,
        from_version: step.version(),
        event_type: step.raw.event_type.into(),
        time: step.time(),
        to_position: step.position,
        to_version: step.version(),
        holds_still: false,
    }
}
