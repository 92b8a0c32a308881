//! The state of any stream at any position, fast.
//!
//! A fold begins at the nearest known state at or before the position: one in memory (every 64 events around where the
//! user is), else a checkpoint of the cache, else the empty state. On its way it keeps both kinds for the next time.
//! A checkpoint is used only if the log still holds the event that it stands after; else it and all after it go.
//!
//! Replay is total: an event that cannot be decoded or folded leaves the state as it was, is remembered as a fault, and
//! the fold goes on.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::event::{Event, EventBatch, RawEvent, Resume, Scope, StreamId, Value};
use crate::limits::{
    CHECKPOINT_EVERY_EVENTS, CHECKPOINT_EVERY_STATE_SIZES, CONSOLE_LINES_MAX, FAULTS_KEPT_MAX,
    FOLD_LOOK_UP_EVERY_EVENTS, PAGE_EVENTS_MAX, STATE_EVERY_EVENTS, STATES_KEPT_BYTES_MAX,
};
use crate::log::{At, Fault};
use crate::payload::Decoder;
use crate::reducer::{Bind, Decode, Reducer, Shown};
use crate::store::EventLog;
use crate::store::cache::{Cache, Checkpoint};

pub mod align;
pub mod artefact;
mod binding;
pub mod blame;
pub mod breakpoints;
pub mod cost;
mod crowd;
pub mod density;
pub mod diff;
pub mod find;
pub mod folding;
pub mod ignore;
mod instant;
mod kept;
pub mod lines;
mod masked;
pub mod project;
pub mod scan;
pub mod search;
pub mod snapshots;
mod stored;
pub mod trace;
pub mod whatif;

use binding::Bound;
use kept::{Kept, KeptState};

/// Events that a fold hands to a reducer at first, before it knows how long they take.
const RUN_EVENTS_FIRST: usize = 1;
/// How long the reducer may take for one hand of events before fewer are handed to it.
const RUN_TIME: Duration = Duration::from_millis(10);

/// A state at a position of a stream, and how it came to be.
#[derive(Clone, Debug)]
pub struct FoldedState {
    /// How many events are folded.
    pub position: u64,
    /// The version of the last of them.
    pub version: Option<i64>,
    /// The state.
    pub shown: Shown,
    /// The state one event before; the same as `shown` at position 0.
    pub before: Shown,
    /// Hash of the last folded event.
    pub event_hash: Option<[u8; 32]>,
    /// Events that could not be folded, oldest first, at most [`FAULTS_KEPT_MAX`].
    pub faults: Vec<Fault>,
    /// How many there are.
    pub faults_total: u64,
    /// Events that were folded for this answer.
    pub folded: u64,
    /// The position of the kept state that the fold began from; 0 where it began from the empty state.
    pub from_position: u64,
    /// What a script printed at the last folded event.
    pub console: Vec<String>,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// Folds the streams of one log with one reducer.
pub struct Replay {
    log: Box<dyn EventLog>,
    decoder: Decoder,
    reducer: Box<dyn Reducer>,
    reducer_id: String,
    bound: Option<Bound>,
    cache: Option<Cache>,
    kept: Kept,
    batch: EventBatch,
    epoch: u64,
    spacing: Spacing,
    console: Vec<String>,
}

/// How far apart states are kept. The limits are the default; tests make them tiny, so that the edges come at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spacing {
    /// Events between two states in memory.
    pub state_events: u64,
    /// Events between two checkpoints, at least.
    pub checkpoint_events: u64,
    /// Event bytes between two checkpoints, as a multiple of the state's size.
    pub checkpoint_state_sizes: u64,
    /// Bytes of the states that a pass over many streams holds.
    pub streams_bytes: usize,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            state_events: STATE_EVERY_EVENTS,
            checkpoint_events: CHECKPOINT_EVERY_EVENTS,
            checkpoint_state_sizes: CHECKPOINT_EVERY_STATE_SIZES,
            streams_bytes: STATES_KEPT_BYTES_MAX,
        }
    }
}

/// A fold on its way.
struct Fold {
    position: u64,
    version: Option<i64>,
    state: Value,
    event_hash: Option<[u8; 32]>,
    faults: Vec<Fault>,
    faults_total: u64,
}

impl Replay {
    /// Opens a log for replay, with checkpoints in the user's cache folder.
    ///
    /// # Errors
    /// As [`crate::store::open`].
    pub fn open(locator: &str, reducer: Box<dyn Reducer>) -> Result<Self> {
        let log = crate::store::open(locator)?;
        let cache = Cache::open_for(locator);
        Ok(Self::new(log, reducer, cache))
    }

    /// A replay over a log that is open.
    #[must_use]
    pub fn new(log: Box<dyn EventLog>, reducer: Box<dyn Reducer>, cache: Option<Cache>) -> Self {
        let decoder = log.decoder();
        let reducer_id = decoder.name_reducer(&reducer.id().0);
        let reducer = masked::guard(reducer, &decoder);
        Self {
            log,
            decoder,
            reducer,
            reducer_id,
            bound: None,
            cache,
            kept: Kept::default(),
            batch: EventBatch::new(),
            epoch: 0,
            spacing: Spacing::default(),
            console: Vec::new(),
        }
    }

    /// The same replay with states kept at other distances.
    #[must_use]
    pub fn with_spacing(mut self, spacing: Spacing) -> Self {
        self.spacing = spacing;
        self
    }

    /// Folds with another reducer from now on, every stream.
    pub fn fold_with(&mut self, reducer: Box<dyn Reducer>) {
        self.reducer_id = self.decoder.name_reducer(&reducer.id().0);
        self.reducer = masked::guard(reducer, &self.decoder);
        self.bound = None;
        self.kept.clear();
    }

    /// Folds each stream with the reducer that is bound to it from now on; a category or the whole log as one goes on
    /// with the reducer that it has.
    pub fn fold_as_bound(&mut self, bind: Box<dyn Bind>) {
        self.bound = Some(Bound::new(bind));
        self.kept.clear();
    }

    /// Lets go of the states in memory: the next seek begins at a checkpoint.
    pub fn let_go(&mut self) {
        self.kept.clear();
    }

    /// The log.
    pub fn log(&mut self) -> &mut dyn EventLog {
        self.log.as_mut()
    }

    /// The reducer's name and hash.
    #[must_use]
    pub fn reducer_id(&self) -> &str {
        &self.reducer_id
    }

    /// How many events of a stream stand up to and with this version.
    fn position_of_version(&mut self, stream: &StreamId, version: i64) -> Result<u64> {
        self.log.position_of(&Scope::Stream(stream.clone()), &At::Version(version))
    }

    /// Keeps the state at a position as a checkpoint, however near the next one is: somebody wants to begin here again.
    fn keep_here(&mut self, stream: &StreamId, position: u64) -> Result<()> {
        let scope = Scope::Stream(stream.clone());
        self.take_up(&scope)?;
        let mut fold = self.begin(&scope, position)?;
        self.fold_to(&scope, &mut fold, position, &|| false)?;
        if fold.position == position
            && let Some(hash) = fold.event_hash
        {
            self.keep_checkpoint(&scope, &KeptState::of(&fold, hash));
        }
        Ok(())
    }

    /// Forgets the states in memory and drops the cache's checkpoints of a scope: the log has other history than before.
    pub fn forget(&mut self, scope: &Scope) {
        self.kept.clear();
        if let Some(cache) = &self.cache {
            cache.drop_from(name_of(scope), 0);
        }
    }

    /// Forgets what was kept where the log was replaced, truncated or restored since the last look.
    fn notice_other_history(&mut self, scope: &Scope) -> Result<()> {
        let epoch = self.log.head()?.epoch;
        if epoch != self.epoch {
            self.epoch = epoch;
            self.forget(scope);
        }
        Ok(())
    }

    /// The state after `position` events of a stream; beyond its end, the state at its end.
    ///
    /// # Errors
    /// As [`Replay::state_in`].
    pub fn state_at(&mut self, stream: &StreamId, position: u64, stop: &dyn Fn() -> bool) -> Result<FoldedState> {
        self.state_in(&Scope::Stream(stream.clone()), position, stop)
    }

    /// The state after `position` events of a scope, all of them folded by the one reducer in the scope's own order;
    /// beyond its end, the state at its end.
    ///
    /// `stop` is asked every [`FOLD_LOOK_UP_EVERY_EVENTS`] events. What was folded until then is kept as checkpoints, so
    /// that asking again goes on from there.
    ///
    /// # Errors
    /// `Stopped` where `stop` said so; else as the log.
    pub fn state_in(&mut self, scope: &Scope, position: u64, stop: &dyn Fn() -> bool) -> Result<FoldedState> {
        let started = Instant::now();
        self.notice_other_history(scope)?;
        self.take_up(scope)?;
        // The state one event before is wanted too, to show what the last event changed.
        let base = position.saturating_sub(1);
        let mut fold = self.begin(scope, base)?;
        let from_position = fold.position;
        let mut folded = self.fold_to(scope, &mut fold, base, stop)?;
        self.console.clear();
        let before = self.reducer.show(fold.state.clone());
        if position > 0 {
            folded += self.fold_to(scope, &mut fold, position, stop)?;
        }
        Ok(FoldedState {
            console: std::mem::take(&mut self.console),
            position: fold.position,
            version: fold.version,
            shown: self.reducer.show(fold.state),
            before,
            event_hash: fold.event_hash,
            faults: fold.faults,
            faults_total: fold.faults_total,
            folded,
            from_position,
            elapsed_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// The nearest known state at or before a position: in memory, in the cache, or in a snapshot.
    fn begin(&mut self, scope: &Scope, position: u64) -> Result<Fold> {
        let in_memory = self.kept.nearest(scope, position);
        let memory_position = in_memory.as_ref().map_or(0, |kept| kept.position);
        let cached = if memory_position + self.spacing.state_events <= position {
            self.begin_from_cache(scope, position, memory_position)?
        } else {
            None
        };
        let known = cached.as_ref().map_or(memory_position, |fold| fold.position);
        if let Some(fold) = self.begin_from_snapshot(scope, position, known)? {
            return Ok(fold);
        }
        if let Some(fold) = cached {
            return Ok(fold);
        }
        if let Some(kept) = in_memory
            && let Ok(state) = parse(&kept.state)
        {
            return Ok(Fold {
                position: kept.position,
                version: kept.version,
                state,
                event_hash: Some(kept.event_hash),
                faults: kept.faults,
                faults_total: kept.faults_total,
            });
        }
        Ok(Fold {
            position: 0,
            version: None,
            state: self.reducer.empty(),
            event_hash: None,
            faults: Vec::new(),
            faults_total: 0,
        })
    }

    /// The cache's nearest checkpoint, if it is nearer than `better_than` and the log still holds its event.
    fn begin_from_cache(&mut self, scope: &Scope, position: u64, better_than: u64) -> Result<Option<Fold>> {
        let key = self.reducer_key(scope);
        loop {
            let Some(cache) = &self.cache else { return Ok(None) };
            let Some(checkpoint) = cache.nearest(name_of(scope), &key, position) else { return Ok(None) };
            if checkpoint.position <= better_than {
                return Ok(None);
            }
            let stands_after = self.event_at(scope, checkpoint.position - 1)?;
            if let Some((version, hash)) = stands_after
                && hash == checkpoint.event_hash
                && let Ok(state) = parse(&checkpoint.state)
                && let Ok(faults) = serde_json::from_str(&checkpoint.faults)
            {
                return Ok(Some(Fold {
                    position: checkpoint.position,
                    version,
                    state,
                    event_hash: Some(hash),
                    faults,
                    faults_total: checkpoint.faults_total,
                }));
            }
            // The log was changed, truncated or restored under us, or the checkpoint is damaged.
            self.kept.clear();
            if let Some(cache) = &self.cache {
                cache.drop_from(name_of(scope), checkpoint.position);
                if cache.nearest(name_of(scope), &key, position).as_ref() == Some(&checkpoint) {
                    // It cannot be dropped (a cache that is read-only): do without the cache.
                    self.cache = None;
                }
            }
        }
    }

    /// Version and hash of the event in this 0-based row of a stream.
    fn event_at(&mut self, scope: &Scope, row: u64) -> Result<Option<(Option<i64>, [u8; 32])>> {
        let mut place = self.log.locate(scope, row)?;
        loop {
            let skip = row - place.position;
            let limit = u32::try_from(skip + 1).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(scope, &place.resume, limit, &mut self.batch)?;
            let count = self.batch.len() as u64;
            if count > skip {
                let index = usize::try_from(skip).unwrap_or(usize::MAX);
                return Ok(self.batch.get(index).map(|raw| (raw.version, raw.hash())));
            }
            if end.at_end || count == 0 {
                return Ok(None);
            }
            place.position += count;
            place.resume = end.next;
        }
    }

    /// Folds on to a position, or to the end of the stream. Gives how many events were folded.
    fn fold_to(&mut self, scope: &Scope, fold: &mut Fold, position: u64, stop: &dyn Fn() -> bool) -> Result<u64> {
        if fold.position >= position {
            return Ok(0);
        }
        let began = fold.position;
        let place = self.log.locate(scope, fold.position)?;
        let (mut skip, mut resume): (u64, Resume) = (fold.position - place.position, place.resume);
        let mut bytes_since_checkpoint = 0;
        let mut checkpointed_at = fold.position;
        let mut batch = std::mem::take(&mut self.batch);
        let mut stopped = false;
        let result = loop {
            if stopped || stop() {
                break Err(Error::Stopped);
            }
            let wanted =
                (position - fold.position + skip).min(u64::from(PAGE_EVENTS_MAX)).min(FOLD_LOOK_UP_EVERY_EVENTS);
            let limit = u32::try_from(wanted).unwrap_or(PAGE_EVENTS_MAX);
            let end = match self.log.read(scope, &resume, limit, &mut batch) {
                Ok(end) => end,
                Err(error) => break Err(error),
            };
            let events: Vec<RawEvent<'_>> = batch.iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)).collect();
            skip = skip.saturating_sub(batch.len() as u64);
            let mut rest = events.as_slice();
            while let Some((run, later)) = self.next_run(fold.position, position, checkpointed_at, rest) {
                rest = later;
                let Some(raw) = run.last() else { break };
                if !self.fold_run(fold, run, stop) {
                    stopped = true;
                    break;
                }
                bytes_since_checkpoint += run.iter().map(|raw| raw.data.len()).sum::<usize>();
                if fold.position.is_multiple_of(self.spacing.state_events) {
                    let near = fold.position + self.spacing.checkpoint_events >= position;
                    let due = fold.position - checkpointed_at >= self.spacing.checkpoint_events;
                    if near || due {
                        let kept = KeptState::of(fold, raw.hash());
                        let paid = bytes_since_checkpoint as u64
                            >= self.spacing.checkpoint_state_sizes * kept.state.len() as u64;
                        if due && paid {
                            self.keep_checkpoint(scope, &kept);
                            checkpointed_at = fold.position;
                            bytes_since_checkpoint = 0;
                        }
                        if near {
                            self.kept.keep(scope, kept);
                        }
                    }
                }
                if fold.position == position {
                    fold.event_hash = Some(raw.hash());
                }
            }
            if fold.position >= position || end.at_end || batch.is_empty() {
                if let Some(raw) = batch.get(batch.len().saturating_sub(1))
                    && end.at_end
                    && fold.position < position
                {
                    fold.event_hash = Some(raw.hash());
                }
                break Ok(fold.position - began);
            }
            resume = end.next;
        };
        self.batch = batch;
        result
    }

    /// The events up to the next place where a state may be kept, or to the position; and those after them.
    fn next_run<'e, 'a>(
        &self,
        from: u64,
        position: u64,
        checkpointed_at: u64,
        events: &'e [RawEvent<'a>],
    ) -> Option<(&'e [RawEvent<'a>], &'e [RawEvent<'a>])> {
        let near = position.saturating_sub(self.spacing.checkpoint_events);
        let due = checkpointed_at + self.spacing.checkpoint_events;
        let end = near.min(due).max(from + 1).next_multiple_of(self.spacing.state_events).min(position);
        let count = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX).min(events.len());
        (count > 0).then(|| events.split_at(count))
    }

    /// Folds a run of events; false where `stop` ended it on its way. A reducer that takes its time for each event is
    /// asked for a few at once only, so that a newer question never waits for a whole run of them.
    fn fold_run(&mut self, fold: &mut Fold, run: &[RawEvent<'_>], stop: &dyn Fn() -> bool) -> bool {
        let mut rest = run;
        let mut count = RUN_EVENTS_FIRST;
        self.console.clear();
        while !rest.is_empty() {
            let (some, later) = rest.split_at(count.min(rest.len()));
            rest = later;
            let started = Instant::now();
            let faults = self.reducer.fold_run(&mut fold.state, some, &self.decoder);
            let slow = started.elapsed() > RUN_TIME;
            count = if slow { (count / 2).max(1) } else { count * 2 };
            keep_lines(&mut self.console, self.reducer.take_console());
            fold.faults_total += faults.len() as u64;
            for (index, fault) in faults {
                if fold.faults.len() < FAULTS_KEPT_MAX {
                    let version = some.get(index).and_then(|raw| raw.version);
                    fold.faults.push(Fault { position: fold.position + index as u64, version, message: fault.0 });
                }
            }
            fold.position += some.len() as u64;
            fold.version = some.last().and_then(|raw| raw.version);
            if slow && stop() {
                return false;
            }
        }
        true
    }

    fn keep_checkpoint(&mut self, scope: &Scope, kept: &KeptState) {
        if let Some(cache) = &self.cache {
            let checkpoint = Checkpoint {
                position: kept.position,
                event_hash: kept.event_hash,
                faults_total: kept.faults_total,
                faults: serde_json::to_string(&kept.faults).unwrap_or_else(|_| "[]".to_owned()),
                state: kept.state.clone(),
            };
            cache.keep(name_of(scope), &self.reducer_key(scope), &checkpoint);
        }
    }

    /// What the cache knows the reducer by: a category's states are not those of a stream with its name.
    fn reducer_key(&self, scope: &Scope) -> String {
        match scope {
            Scope::Stream(_) => self.reducer_id.clone(),
            Scope::Category(_) => format!("{} over the category", self.reducer_id),
            Scope::Log => format!("{} over the log", self.reducer_id),
        }
    }
}

impl Decode for Decoder {
    fn event<'a>(&self, raw: &RawEvent<'a>) -> std::result::Result<Event<'a>, String> {
        Decoder::event(self, raw)
    }

    fn text<'a>(&self, raw: &RawEvent<'a>) -> Option<&'a str> {
        if *self == Self::json() { std::str::from_utf8(raw.data).ok() } else { None }
    }

    fn category<'a>(&self, raw: &RawEvent<'a>) -> &'a str {
        Decoder::category(self, raw)
    }
}

/// The name under which the cache keeps a scope's states.
fn name_of(scope: &Scope) -> &str {
    match scope {
        Scope::Stream(stream) => stream.as_str(),
        Scope::Category(category) => category,
        Scope::Log => "",
    }
}

/// Keeps the newest lines of what was printed, bounded.
fn keep_lines(console: &mut Vec<String>, lines: Vec<String>) {
    console.extend(lines);
    let over = console.len().saturating_sub(CONSOLE_LINES_MAX);
    console.drain(..over);
}

fn parse(text: &[u8]) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    // Nesting was bounded when the payloads were decoded.
    deserializer.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut deserializer)
}
