//! One pass over a stream, event by event, without keeping states: what blame and find look through.
//!
//! A pass folds only where somebody looks at the state, and copies the state or the event only where somebody looks at
//! those. It reads pages as a seek does, and memory does not grow with the stream.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use super::Replay;
use crate::error::{Error, Result};
use crate::event::{Event, EventBatch, RawEvent, Scope, StreamId, Time, Value};
use crate::limits::{FOLD_LOOK_UP_EVERY_EVENTS, PAGE_EVENTS_MAX};
use crate::payload::Decoder;

/// How long a pass folds before it asks again whether it is to go on.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What a pass is to hand out; the rest is null, and costs nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Looks {
    /// The event, decoded.
    pub event: bool,
    /// The state after the event.
    pub state: bool,
    /// The state before the event.
    pub before: bool,
}

impl Looks {
    /// All of it.
    pub const ALL: Self = Self { event: true, state: true, before: true };
    /// The state after the event alone.
    pub const STATE: Self = Self { event: false, state: true, before: false };

    pub(super) fn folds(self) -> bool {
        self.state || self.before
    }
}

/// Somebody who looks at the events of a pass.
pub trait Visit {
    /// The state before the next event, where the pass folds: what is wanted of it is taken here, without a copy of all.
    fn before(&mut self, state: &Value) {
        let _ = state;
    }

    /// The event, and the states around it. Ends the pass where it breaks.
    fn visit(&mut self, step: &Step<'_>) -> ControlFlow<()>;
}

impl<F: FnMut(&Step<'_>) -> ControlFlow<()>> Visit for F {
    fn visit(&mut self, step: &Step<'_>) -> ControlFlow<()> {
        self(step)
    }
}

/// One event of a pass, with the states on both sides of it as a person sees them.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// How many events of the scope stand up to here, this one included.
    pub position: u64,
    /// The event as the log holds it.
    pub raw: RawEvent<'a>,
    /// The event, decoded; `None` where nobody looks. Where it cannot be decoded its data is null.
    pub event: Option<&'a Event<'a>>,
    /// The state before it.
    pub before: &'a Value,
    /// The state after it.
    pub state: &'a Value,
    /// Why it could not be decoded or folded, and left the state as it was.
    pub fault: Option<&'a str>,
    /// What a script printed at it.
    pub console: &'a [String],
    pub(super) decoder: &'a Decoder,
}

impl Step<'_> {
    /// The event's version; its number in the stream, from 1, where the log numbers none.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.raw.version.unwrap_or_else(|| i64::try_from(self.position).unwrap_or(i64::MAX))
    }

    /// The event without its data: for somebody who looks at none of it.
    #[must_use]
    pub fn bare_event(&self) -> Event<'_> {
        undecoded(&self.raw, self.decoder)
    }

    /// When, where the log says so.
    #[must_use]
    pub fn time(&self) -> Option<Time> {
        self.decoder.time(&self.raw)
    }
}

/// What a pass read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scanned {
    /// Events that were looked at.
    pub events: u64,
    /// Their payload bytes, as stored.
    pub bytes: u64,
    /// Of them, events that could not be decoded or folded.
    pub faults: u64,
    /// Microseconds that the pass took.
    pub elapsed_us: u64,
}

/// Hears before each page how many events the pass has looked at, and ends it where it breaks.
pub type Progress<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

impl Replay {
    /// As [`Replay::scan_in`], of one stream.
    ///
    /// # Errors
    /// As [`Replay::scan_in`].
    pub fn scan(
        &mut self,
        stream: &StreamId,
        range: Range<u64>,
        looks: Looks,
        progress: Progress<'_>,
        visit: &mut dyn FnMut(&Step<'_>) -> ControlFlow<()>,
    ) -> Result<Scanned> {
        self.scan_in(&Scope::Stream(stream.clone()), range, looks, progress, &mut { visit })
    }

    /// Looks at the events of a scope from one position to another, or to its end, in order: the first is the one that
    /// leads from `range.start` to the position after it. One reducer folds them all into one state. `visit` ends the
    /// pass where it breaks.
    ///
    /// # Errors
    /// `Stopped` where `progress` broke; else as the log.
    pub fn scan_in(
        &mut self,
        scope: &Scope,
        range: Range<u64>,
        looks: Looks,
        progress: Progress<'_>,
        visit: &mut dyn Visit,
    ) -> Result<Scanned> {
        let started = Instant::now();
        self.notice_other_history(scope)?;
        self.take_up(scope)?;
        let mut state =
            if looks.folds() { self.own_state_at(scope, range.start, &mut *progress)? } else { Value::Null };
        let mut batch = std::mem::take(&mut self.batch);
        let scanned = self.pages(scope, range, looks, &mut state, &mut batch, progress, visit);
        self.batch = batch;
        let elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Scanned { elapsed_us, ..scanned? })
    }

    /// The state at a position in the reducer's own form.
    pub(super) fn own_state_at(&mut self, scope: &Scope, position: u64, progress: Progress<'_>) -> Result<Value> {
        if position == 0 {
            return Ok(self.reducer.empty());
        }
        let progress = RefCell::new(progress);
        let stop = || (*progress.borrow_mut())(0).is_break();
        let mut fold = self.begin(scope, position)?;
        self.fold_to(scope, &mut fold, position, &stop)?;
        Ok(fold.state)
    }

    #[expect(clippy::too_many_arguments, reason = "one pass, taken apart from what is borrowed around it")]
    fn pages(
        &mut self,
        scope: &Scope,
        range: Range<u64>,
        looks: Looks,
        state: &mut Value,
        batch: &mut EventBatch,
        progress: Progress<'_>,
        visit: &mut dyn Visit,
    ) -> Result<Scanned> {
        let mut scanned = Scanned::default();
        let mut position = range.start;
        let place = self.log.locate(scope, position)?;
        let (mut skip, mut resume) = (position - place.position, place.resume);
        let mut before = if looks.before { self.reducer.peek(state).into_owned() } else { Value::Null };
        let mut pace = Pace::begin();
        while position < range.end {
            if progress(scanned.events).is_break() {
                return Err(Error::Stopped);
            }
            let wanted = (range.end - position).saturating_add(skip).min(FOLD_LOOK_UP_EVERY_EVENTS);
            let limit = u32::try_from(wanted).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(scope, &resume, limit, batch)?;
            for raw in batch.iter() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                if looks.folds() && pace.is_slow() && progress(scanned.events).is_break() {
                    return Err(Error::Stopped);
                }
                position += 1;
                scanned.events += 1;
                scanned.bytes += raw.data.len() as u64;
                if looks.folds() {
                    visit.before(&self.reducer.peek(state));
                }
                let (event, fault) = self.take_in(&raw, looks, state);
                let console = if looks.folds() { self.reducer.take_console() } else { Vec::new() };
                scanned.faults += u64::from(fault.is_some());
                let shown = if looks.folds() { self.reducer.peek(state) } else { Cow::Owned(Value::Null) };
                let step = Step {
                    position,
                    raw,
                    event: event.as_ref(),
                    before: &before,
                    state: &shown,
                    fault: fault.as_deref(),
                    console: &console,
                    decoder: &self.decoder,
                };
                if visit.visit(&step).is_break() {
                    return Ok(scanned);
                }
                if looks.before {
                    before = shown.into_owned();
                }
            }
            if end.at_end || batch.is_empty() {
                break;
            }
            resume = end.next;
        }
        Ok(scanned)
    }

    /// Decodes and folds one event. Gives the event where somebody looks at it, and what went wrong.
    pub(super) fn take_in<'a>(
        &mut self,
        raw: &RawEvent<'a>,
        looks: Looks,
        state: &mut Value,
    ) -> (Option<Event<'a>>, Option<String>) {
        if !looks.event && !looks.folds() {
            return (None, None);
        }
        match self.decoder.event(raw) {
            Ok(event) if looks.folds() => {
                let copy = looks.event.then(|| event.clone());
                (copy, self.reducer.fold(state, event).err().map(|fault| fault.0))
            }
            Ok(event) => (Some(event), None),
            Err(fault) => (looks.event.then(|| undecoded(raw, &self.decoder)), Some(fault)),
        }
    }
}

/// Time since somebody was asked whether the pass is to go on: a reducer may take seconds for one event.
pub(super) struct Pace(Instant);

impl Pace {
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// True where it is time to ask again.
    pub(super) fn is_slow(&mut self) -> bool {
        let now = Instant::now();
        let slow = now - self.0 > ASK_EVERY;
        if slow {
            self.0 = now;
        }
        slow
    }
}

/// All that is known of an event that cannot be decoded.
pub(super) fn undecoded<'a>(raw: &RawEvent<'a>, decoder: &Decoder) -> Event<'a> {
    Event {
        seq: raw.seq,
        stream: raw.stream,
        category: decoder.category(raw),
        version: raw.version,
        event_type: raw.event_type,
        time: raw.time,
        id: raw.id,
        data: Value::Null,
        metadata: decoder.metadata(raw),
    }
}
