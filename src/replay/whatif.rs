//! What if: a scope's events with some skipped, edited, put in or put elsewhere, folded beside the real line.
//!
//! A sandbox. The log is read and never touched, no checkpoint is kept of what is made up, and nothing of it outlives the
//! pass. Both lines are the same up to the first edit, so the pass begins there, at a kept state; and where both states
//! are the same again and no edit is left, the rest is the same too, and is not read.
//!
//! The two lines are told slot by slot. An event that stands on both is one slot; one that is skipped, put in, or put
//! elsewhere is a slot on one of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Replay;
use super::breakpoints::{Fold, Looked, RunProgress};
use super::diff::{Rules, diff_by};
use super::scan::{Pace, undecoded};
use crate::error::{Error, Result};
use crate::event::{Event, EventBatch, RawEvent, Scope, Seq, StreamId, Time, Value};
use crate::limits::{FOLD_LOOK_UP_EVERY_EVENTS, PAGE_EVENTS_MAX};
use crate::log::At;

mod plan;

use plan::{Arrival, Plan};

/// One change to the line of events. Rows count a scope's events from 0, on the real line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// The event of this row did not happen.
    Skip(u64),
    /// The event of this row was another one.
    Replace {
        /// The row.
        row: u64,
        /// Its payload instead, where that changes.
        data: Option<Value>,
        /// Its type instead, where that changes.
        event_type: Option<String>,
    },
    /// Another event happened, before the event of this row; after all of them where the row is their number.
    Insert {
        /// The row.
        row: u64,
        /// The event.
        event: Made,
    },
    /// The event of one row happened before that of another.
    Move {
        /// The row of the event.
        row: u64,
        /// The row before which it goes; after all of them where it is their number.
        before: u64,
    },
}

/// An event that never was.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// The type.
    pub event_type: String,
    /// The payload.
    pub data: Value,
    /// The metadata.
    pub metadata: Option<Value>,
    /// The stream; by default the scope's, or that of the event before it.
    pub stream: Option<String>,
    /// When, in microseconds since 1970; by default when the event before it was.
    pub time_us: Option<i64>,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// It is the same on both lines.
    Same,
    /// It is on the real line only.
    Skipped,
    /// It is another one in the sandbox.
    Edited,
    /// It is in the sandbox only.
    Inserted,
    /// It stands here on the real line, and elsewhere in the sandbox.
    MovedAway,
    /// It stands here in the sandbox, and elsewhere on the real line.
    MovedHere,
}

/// One slot of the two lines, and how far their states are apart after it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Slot {
    /// Events of the scope that are folded on the real line.
    pub real_position: u64,
    /// Events that are folded in the sandbox.
    pub sandbox_position: u64,
    /// What became of the event.
    pub did: Did,
    /// The event's stream.
    pub stream: String,
    /// Its version; `None` for one that was put in.
    pub version: Option<i64>,
    /// Its type, in the sandbox where it is there.
    pub event_type: String,
    /// When, in microseconds since 1970.
    pub time_us: Option<i64>,
    /// Operations that lead from the real state to the sandbox's: how many paths differ.
    pub changed: u64,
    /// Why the real line could not fold it.
    pub real_fault: Option<String>,
    /// Why the sandbox could not fold it.
    pub sandbox_fault: Option<String>,
}

/// How the two lines compare as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Compared {
    /// Events of the scope before the first edit: both lines are the same up to there.
    pub same_until: u64,
    /// Slots that were compared.
    pub slots: u64,
    /// Of them, those after which the states differ.
    pub differing: u64,
    /// Real position after which both lines are the same for good; `None` where the states differ to the end.
    pub rejoined_at: Option<u64>,
    /// Slots at which the sandbox has a fault that the real line has not.
    pub new_faults: u64,
    /// Paths that differ at the end.
    pub changed_at_end: u64,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// Hears of each slot with the real state and the sandbox's after it, as a person sees them. Ends the pass where it breaks.
pub type TellSlot<'a> = &'a mut dyn FnMut(&Slot, &Value, &Value) -> ControlFlow<()>;

/// The states of both lines in the reducer's own form.
struct Pair {
    real: Value,
    sandbox: Value,
}

/// A comparison on its way.
struct Lines<'a> {
    scope: &'a Scope,
    fold: Fold,
    rules: &'a Rules,
    /// By stream where each has its own state, and only those that an edit has touched; else one, without a name.
    pairs: HashMap<String, Pair>,
    real_position: u64,
    sandbox_position: u64,
    compared: Compared,
    is_over: bool,
}

/// The event beside which something comes to stand.
struct Neighbour {
    seq: Seq,
    stream: String,
    category: String,
    time: Option<Time>,
    /// True where it comes after what arrives, false where it was the last of all.
    is_next: bool,
}

/// An event with the lines that it stands on.
struct Standing<'e> {
    real: Option<Event<'e>>,
    sandbox: Option<Event<'e>>,
    fault: Option<String>,
    did: Did,
}

impl Replay {
    /// Folds a scope's events with and without the edits, and tells the slots from the first edit on.
    ///
    /// # Errors
    /// `Input` where an edit names a row that is not there, or two of them contradict each other; `Stopped` where
    /// `progress` broke; else as the log.
    pub fn what_if(
        &mut self,
        scope: &Scope,
        fold: Fold,
        edits: &[Edit],
        rules: &Rules,
        progress: RunProgress<'_>,
        tell: TellSlot<'_>,
    ) -> Result<Compared> {
        let started = Instant::now();
        self.notice_other_history(scope)?;
        self.take_up(scope)?;
        let extent = self.log.extent(scope)?;
        if edits.is_empty() {
            return Ok(Compared { same_until: extent, rejoined_at: Some(extent), ..Compared::default() });
        }
        let mut plan = Plan::new(edits, extent)?;
        for row in plan.moved_rows() {
            let mut batch = EventBatch::new();
            if let Some(raw) = self.raw_at(scope, row, &mut batch)? {
                plan.keep_moved(row, &raw);
            }
        }
        let first = plan.first();
        let mut lines = Lines {
            scope,
            fold,
            rules,
            pairs: HashMap::new(),
            real_position: first,
            sandbox_position: first,
            compared: Compared { same_until: first, ..Compared::default() },
            is_over: false,
        };
        self.both_lines(&mut lines, &mut plan, extent, progress, tell)?;
        lines.compared.elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(lines.compared)
    }

    fn both_lines(
        &mut self,
        lines: &mut Lines<'_>,
        plan: &mut Plan,
        extent: u64,
        progress: RunProgress<'_>,
        tell: TellSlot<'_>,
    ) -> Result<()> {
        let mut row = lines.real_position;
        let of = extent.saturating_sub(row);
        let place = self.log.locate(lines.scope, row)?;
        let (mut skip, mut resume) = (row - place.position, place.resume);
        let (mut batch, mut pace, mut looked) = (EventBatch::new(), Pace::begin(), Looked { events: 0, of });
        let mut last = self.neighbour_before(lines.scope, row)?;
        loop {
            if progress(looked).is_break() {
                return Err(Error::Stopped);
            }
            let wanted = skip.saturating_add(FOLD_LOOK_UP_EVERY_EVENTS);
            let limit = u32::try_from(wanted).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(lines.scope, &resume, limit, &mut batch)?;
            for raw in batch.iter() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                if pace.is_slow() && progress(looked).is_break() {
                    return Err(Error::Stopped);
                }
                let mut neighbour = self.neighbour(&raw);
                for arrival in plan.arrivals_at(row) {
                    self.arrive(lines, &arrival, &neighbour, progress, tell)?;
                }
                self.row(lines, plan, row, &raw, progress, tell)?;
                neighbour.is_next = false;
                last = Some(neighbour);
                row += 1;
                looked.events += 1;
                if lines.is_over {
                    return Ok(());
                }
                if plan.is_done_after(row) && lines.pairs.values().all(|pair| pair.real == pair.sandbox) {
                    lines.compared.rejoined_at = Some(row);
                    return Ok(());
                }
            }
            if end.at_end || batch.is_empty() {
                break;
            }
            resume = end.next;
        }
        let last = last.unwrap_or_else(|| Neighbour {
            seq: Seq::Number(0),
            stream: String::new(),
            category: String::new(),
            time: None,
            is_next: false,
        });
        for arrival in plan.arrivals_from(row) {
            self.arrive(lines, &arrival, &last, progress, tell)?;
        }
        Ok(())
    }

    fn neighbour(&self, raw: &RawEvent<'_>) -> Neighbour {
        Neighbour {
            seq: raw.seq,
            stream: raw.stream.to_owned(),
            category: self.decoder.category(raw).to_owned(),
            time: self.decoder.time(raw),
            is_next: true,
        }
    }

    fn neighbour_before(&mut self, scope: &Scope, row: u64) -> Result<Option<Neighbour>> {
        let Some(row) = row.checked_sub(1) else { return Ok(None) };
        let mut batch = EventBatch::new();
        let neighbour = self.raw_at(scope, row, &mut batch)?.is_some();
        Ok(batch
            .get(batch.len().saturating_sub(1))
            .filter(|_| neighbour)
            .map(|raw| Neighbour { is_next: false, ..self.neighbour(&raw) }))
    }

    /// The event of one row, on the real line and in the sandbox.
    fn row(
        &mut self,
        lines: &mut Lines<'_>,
        plan: &Plan,
        row: u64,
        raw: &RawEvent<'_>,
        progress: RunProgress<'_>,
        tell: TellSlot<'_>,
    ) -> Result<()> {
        let change = plan.change_at(row);
        if lines.fold == Fold::Each && change.is_none() && !lines.pairs.contains_key(raw.stream) {
            // A stream that no edit has touched is the same on both lines.
            lines.real_position += 1;
            lines.sandbox_position += 1;
            return Ok(());
        }
        self.pair_before(lines, raw.stream, Some(raw.seq), progress)?;
        let decoded = self.decoder.event(raw);
        let fault = decoded.as_ref().err().cloned();
        let real = decoded.unwrap_or_else(|_| undecoded(raw, &self.decoder));
        let (sandbox, did) = match change {
            None => (Some(real.clone()), Did::Same),
            Some(change) if change.skipped => (None, Did::Skipped),
            Some(change) if change.moved => (None, Did::MovedAway),
            Some(change) => (Some(change.apply(real.clone())), Did::Edited),
        };
        self.slot(lines, Standing { real: Some(real), sandbox, fault, did }, tell);
        Ok(())
    }

    /// An event that stands in the sandbox only.
    fn arrive(
        &mut self,
        lines: &mut Lines<'_>,
        arrival: &Arrival,
        neighbour: &Neighbour,
        progress: RunProgress<'_>,
        tell: TellSlot<'_>,
    ) -> Result<()> {
        let before = neighbour.is_next.then_some(neighbour.seq);
        match arrival {
            Arrival::Moved { batch, change } => {
                let Some(raw) = batch.get(0) else { return Ok(()) };
                self.pair_before(lines, raw.stream, before, progress)?;
                let decoded = self.decoder.event(&raw);
                let fault = decoded.as_ref().err().cloned();
                let event = decoded.unwrap_or_else(|_| undecoded(&raw, &self.decoder));
                let event = change.as_ref().map_or_else(|| event.clone(), |change| change.apply(event.clone()));
                self.slot(lines, Standing { real: None, sandbox: Some(event), fault, did: Did::MovedHere }, tell);
            }
            Arrival::Made(made) => {
                let of_scope = lines.scope.stream().map(|stream| stream.as_str().to_owned());
                let stream = of_scope.or_else(|| made.stream.clone()).unwrap_or_else(|| neighbour.stream.clone());
                self.pair_before(lines, &stream, before, progress)?;
                let category = if stream == neighbour.stream {
                    neighbour.category.as_str()
                } else {
                    crate::event::category_of(&stream)
                };
                let metadata = made.metadata.as_ref().map(|metadata| metadata.to_string().into_bytes());
                let event = Event {
                    seq: neighbour.seq,
                    stream: &stream,
                    category,
                    version: None,
                    event_type: &made.event_type,
                    time: made.time_us.map(Time).or(neighbour.time),
                    id: None,
                    data: made.data.clone(),
                    metadata: metadata.map(Cow::Owned),
                };
                self.slot(lines, Standing { real: None, sandbox: Some(event), fault: None, did: Did::Inserted }, tell);
            }
        }
        Ok(())
    }

    /// Makes both states of a stream (or of all together) where there are none yet: those before the
    /// event with this key, or after all events.
    fn pair_before(
        &mut self,
        lines: &mut Lines<'_>,
        stream: &str,
        before: Option<Seq>,
        progress: RunProgress<'_>,
    ) -> Result<()> {
        let together = lines.fold == Fold::Together && lines.scope.stream().is_none();
        let key = if together { "" } else { stream };
        if !together {
            self.take_up_for(stream)?;
        }
        if lines.pairs.contains_key(key) {
            return Ok(());
        }
        let looked = Looked::default();
        let mut go_on = |_| progress(looked);
        let state = if together || lines.scope.stream().is_some() {
            self.own_state_at(lines.scope, lines.real_position, &mut go_on)?
        } else {
            let scope = Scope::Stream(StreamId::new(stream));
            let upto = match before {
                Some(seq) => self.log.position_of(&scope, &At::Seq(seq))?,
                None => self.log.extent(&scope)?,
            };
            // The event with this key itself is not folded yet, where it is one of the stream's own.
            let own = before.is_some_and(|seq| upto > 0 && self.is_last_of(&scope, upto, seq));
            self.own_state_at(&scope, upto - u64::from(own), &mut go_on)?
        };
        lines.pairs.insert(key.to_owned(), Pair { real: state.clone(), sandbox: state });
        Ok(())
    }

    fn is_last_of(&mut self, scope: &Scope, position: u64, seq: Seq) -> bool {
        let mut batch = EventBatch::new();
        matches!(self.raw_at(scope, position - 1, &mut batch), Ok(Some(raw)) if raw.seq == seq)
    }

    /// Folds the event on the lines that it stands on, and tells how far apart they are.
    fn slot(&mut self, lines: &mut Lines<'_>, standing: Standing<'_>, tell: TellSlot<'_>) {
        let Standing { real, sandbox, fault, did } = standing;
        let Some(event) = sandbox.as_ref().or(real.as_ref()) else { return };
        let mut slot = Slot {
            real_position: lines.real_position + u64::from(real.is_some()),
            sandbox_position: lines.sandbox_position + u64::from(sandbox.is_some()),
            did,
            stream: event.stream.to_owned(),
            version: event.version,
            event_type: event.event_type.to_owned(),
            time_us: event.time.map(|Time(microseconds)| microseconds),
            changed: 0,
            real_fault: None,
            sandbox_fault: None,
        };
        let together = lines.fold == Fold::Together && lines.scope.stream().is_none();
        let key = if together { "" } else { slot.stream.as_str() };
        let Some(pair) = lines.pairs.get_mut(key) else { return };
        if let Some(event) = real {
            slot.real_fault = match fault.clone() {
                Some(fault) => Some(fault),
                None => self.reducer.fold(&mut pair.real, event).err().map(|fault| fault.0),
            };
        }
        if let Some(event) = sandbox {
            // An event that cannot be decoded can be replaced by one that can.
            slot.sandbox_fault = match fault.filter(|_| event.data.is_null()) {
                Some(fault) => Some(fault),
                None => self.reducer.fold(&mut pair.sandbox, event).err().map(|fault| fault.0),
            };
        }
        lines.real_position = slot.real_position;
        lines.sandbox_position = slot.sandbox_position;
        let (real, sandbox) = (self.reducer.peek(&pair.real), self.reducer.peek(&pair.sandbox));
        if real != sandbox {
            slot.changed = diff_by(&real, &sandbox, lines.rules).len() as u64;
        }
        let compared = &mut lines.compared;
        compared.slots += 1;
        compared.differing += u64::from(slot.changed > 0);
        compared.new_faults += u64::from(slot.sandbox_fault.is_some() && slot.real_fault.is_none());
        compared.changed_at_end = slot.changed;
        lines.is_over = tell(&slot, &real, &sandbox).is_break();
    }
}
