//! The state of every stream that a pass over many streams comes by: what a condition on `state` and `before` looks at.
//!
//! States are kept as long as they fit; one that was dropped, or whose beginning the pass has not seen, is folded from
//! the beginning of its stream.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::Result;
use crate::event::{Event, EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Value};
use crate::limits::{PAGE_EVENTS_MAX, SEARCH_STATES_BYTES_MAX};
use crate::payload::Decoder;
use crate::reducer::{Bind, Reducer, by_name};
use crate::store::EventLog;

/// Bytes that a kept state takes beside what it holds: its name, its place in the table.
const STATE_BYTES_AROUND: usize = 200;

/// Which reducer folds which stream, each made once.
pub struct Reducers {
    bind: Option<Box<dyn Bind>>,
    made: HashMap<usize, Box<dyn Reducer>>,
}

impl Reducers {
    /// One for all streams.
    #[must_use]
    pub fn one(reducer: Box<dyn Reducer>) -> Self {
        Self { bind: None, made: HashMap::from([(0, reducer)]) }
    }

    /// Those that are bound to streams.
    #[must_use]
    pub fn bound(bind: Box<dyn Bind>) -> Self {
        Self { bind: Some(bind), made: HashMap::new() }
    }

    fn of(&mut self, stream: &str) -> Result<&mut dyn Reducer> {
        let binding = self.bind.as_ref().map_or(0, |bind| bind.binding(stream));
        let reducer = match (self.made.entry(binding), &self.bind) {
            (Entry::Occupied(made), _) => made.into_mut(),
            (Entry::Vacant(place), Some(bind)) => place.insert(bind.reducer(stream)?),
            (Entry::Vacant(place), None) => place.insert(by_name("auto")?),
        };
        Ok(reducer.as_mut())
    }
}

/// States of streams, folded as a pass goes by.
pub struct States {
    log: Box<dyn EventLog>,
    decoder: Decoder,
    reducers: Reducers,
    kept: HashMap<Box<str>, Kept>,
    bytes_total: usize,
    bytes_max: usize,
    /// True where the pass has come by every event from the beginning on, and no state was dropped.
    is_complete: bool,
    batch: EventBatch,
}

struct Kept {
    state: Value,
    seq: Seq,
    version: Option<i64>,
    /// True where the stream's versions are known to leave some out.
    has_gaps: bool,
    /// What it took when it was measured, and what was folded into it since.
    bytes: usize,
    measured: usize,
}

impl States {
    /// States that are folded by these reducers. `log` is a second view of the log that is searched; a pass that begins
    /// at `from` hands its events in.
    #[must_use]
    pub fn new(log: Box<dyn EventLog>, reducers: Reducers, from: &Resume) -> Self {
        Self {
            decoder: log.decoder(),
            log,
            reducers,
            kept: HashMap::new(),
            bytes_total: 0,
            bytes_max: SEARCH_STATES_BYTES_MAX,
            is_complete: *from == Resume::Start,
            batch: EventBatch::new(),
        }
    }

    /// The same with other room for states: tests make it tiny.
    #[must_use]
    pub fn with_bytes_max(mut self, bytes_max: usize) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// Folds the next event of the pass and shows the states before and after it, as a person sees them. Without
    /// `wants_before` the first of both is null.
    ///
    /// # Errors
    /// As the reducers, and as the log.
    pub fn fold<T>(
        &mut self,
        raw: &RawEvent<'_>,
        event: std::result::Result<Event<'_>, String>,
        wants_before: bool,
        see: &mut dyn FnMut(&Value, &Value) -> T,
    ) -> Result<T> {
        let mut kept = self.state_before(raw)?;
        let reducer = self.reducers.of(raw.stream)?;
        let decoder = &self.decoder;
        let shown = |state: &Value, reducer: &dyn Reducer| decoder.masked(reducer.peek(state).into_owned());
        let before = if wants_before { shown(&kept.state, reducer) } else { Value::Null };
        // An event that cannot be decoded or folded leaves the state as it was.
        if let Ok(event) = event {
            let _ = reducer.fold(&mut kept.state, event);
        }
        let seen = see(&before, &shown(&kept.state, reducer));
        kept.seq = raw.seq;
        kept.version = raw.version;
        self.keep(raw, kept);
        Ok(seen)
    }

    fn state_before(&mut self, raw: &RawEvent<'_>) -> Result<Kept> {
        match self.kept.remove(raw.stream) {
            Some(kept) => {
                self.bytes_total -= kept.bytes;
                let follows = match (kept.version, raw.version) {
                    (Some(before), Some(version)) => {
                        version == before.wrapping_add(1) || (kept.has_gaps && version > before)
                    }
                    _ => raw.seq > kept.seq,
                };
                if follows { Ok(kept) } else { self.folded_anew(raw, Some(&kept)) }
            }
            None if self.is_complete && raw.version.is_none_or(|version| version <= 1) => {
                Ok(Kept::empty(self.reducers.of(raw.stream)?.empty(), raw))
            }
            None => self.folded_anew(raw, None),
        }
    }

    /// The state before an event, from the beginning of its stream.
    fn folded_anew(&mut self, raw: &RawEvent<'_>, passed: Option<&Kept>) -> Result<Kept> {
        let scope = Scope::Stream(StreamId::new(raw.stream));
        let mut kept = Kept::empty(self.reducers.of(raw.stream)?.empty(), raw);
        let (mut resume, mut last) = (Resume::Start, None);
        loop {
            let end = self.log.read(&scope, &resume, PAGE_EVENTS_MAX, &mut self.batch)?;
            for before in self.batch.iter() {
                if before.seq == raw.seq {
                    // The pass came by the event before: what lies between is not there.
                    kept.has_gaps = passed.is_some_and(|passed| last == Some(passed.seq));
                    return Ok(kept);
                }
                last = Some(before.seq);
                if let Ok(event) = self.decoder.event(&before) {
                    let _ = self.reducers.of(raw.stream)?.fold(&mut kept.state, event);
                }
                kept.bytes += before.data.len();
            }
            if end.at_end || self.batch.is_empty() {
                return Ok(kept);
            }
            resume = end.next;
        }
    }

    fn keep(&mut self, raw: &RawEvent<'_>, mut kept: Kept) {
        kept.bytes += raw.data.len();
        if kept.bytes > 2 * kept.measured {
            let text_bytes = serde_json::to_vec(&kept.state).map_or(0, |text| text.len());
            kept.bytes = STATE_BYTES_AROUND + raw.stream.len() + text_bytes;
            kept.measured = kept.bytes;
        }
        self.bytes_total += kept.bytes;
        self.kept.insert(raw.stream.into(), kept);
        if self.bytes_total > self.bytes_max {
            self.is_complete = false;
            let mut is_odd = false;
            self.kept.retain(|_, _| {
                is_odd = !is_odd;
                is_odd
            });
            self.bytes_total = self.kept.values().map(|kept| kept.bytes).sum();
            if self.bytes_total > self.bytes_max {
                self.kept.clear();
                self.bytes_total = 0;
            }
        }
    }
}

impl Kept {
    fn empty(state: Value, raw: &RawEvent<'_>) -> Self {
        Self { state, seq: raw.seq, version: None, has_gaps: false, bytes: 0, measured: 0 }
    }
}
