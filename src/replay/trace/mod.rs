//! What caused an event, and what it caused: the tree of its whole, across all streams.
//!
//! Libraries keep two ids beside an event: that of its cause, and that of the whole (the correlation). The log is read from
//! its beginning, once for the tree, and once more for each cause above that belongs to another whole. What is kept of it is
//! bounded; the rest is counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use crate::limits::{PAGE_EVENTS_MAX, TRACE_EVENTS_MAX, TRACE_PASSES_MAX};
use crate::payload::Decoder;
use crate::store::EventLog;

mod links;
mod mentions;

use mentions::Mentions;

pub use links::{Links, key};

/// Which event is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The one with this id.
    Id(String),
    /// The one at this place in the log.
    Place(Seq),
    /// The one with this version in this stream.
    Version(StreamId, i64),
}

/// One event of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traced {
    /// Its place in the log.
    pub seq: Seq,
    /// Its stream.
    pub stream: StreamId,
    /// Its number there.
    pub version: Option<i64>,
    /// Its type.
    pub event_type: Arc<str>,
    /// When.
    pub time: Option<Time>,
    /// Its id, where the log has one.
    pub id: Option<String>,
    /// The ids that it carries.
    pub links: Links,
    /// The place of its cause in [`Trace::events`], where that is an event of this tree.
    pub parent: Option<usize>,
    /// How many causes stand above it.
    pub depth: usize,
}

/// The tree of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    /// Each cause before what it caused, these in the order of the log.
    pub events: Vec<Traced>,
    /// The place of the event that was asked for.
    pub target: usize,
    /// The id of the whole.
    pub correlation: Option<String>,
    /// Events beyond the [`TRACE_EVENTS_MAX`] that are listed, by type.
    pub more: BTreeMap<String, u64>,
    /// Events of the log that were read.
    pub read: u64,
}

/// Hears how many events were read, and ends the search where it breaks.
pub type Progress<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// The tree of an event; nothing where the log has no such event.
///
/// # Errors
/// `Stopped` where `progress` broke; else as the log.
pub fn trace(log: &mut dyn EventLog, wanted: &Wanted, progress: Progress<'_>) -> Result<Option<Trace>> {
    let decoder = log.decoder();
    let mut read = 0;
    let Some(target) = target(log, wanted, &decoder, &mut read, progress)? else { return Ok(None) };
    let mut found = Found::from(target);
    pages(log, &Scope::Log, Resume::Start, &mut read, progress, &mut |raw| {
        found.take(raw, &decoder);
        ControlFlow::Continue(())
    })?;
    // What stands above need not belong to the same whole.
    let mut sought_before = HashSet::new();
    for _ in 0..TRACE_PASSES_MAX {
        let mut sought = found.missing_causes();
        sought.retain(|cause| sought_before.insert(cause.clone()));
        if sought.is_empty() {
            break;
        }
        pages(log, &Scope::Log, Resume::Start, &mut read, progress, &mut |raw| {
            if raw.id.is_some_and(|id| sought.remove(&key(id))) {
                let links = Links::of(raw, &decoder);
                found.keep(traced(raw, links, &decoder));
            }
            if sought.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    Ok(Some(found.tree(read)))
}

fn target(
    log: &mut dyn EventLog,
    wanted: &Wanted,
    decoder: &Decoder,
    read: &mut u64,
    progress: Progress<'_>,
) -> Result<Option<Traced>> {
    let (scope, from) = match wanted {
        Wanted::Version(stream, _) => (Scope::Stream(stream.clone()), Resume::Start),
        Wanted::Place(Seq::Number(number)) => (Scope::Log, Resume::After(Seq::Number(number.saturating_sub(1)))),
        Wanted::Place(_) | Wanted::Id(_) => (Scope::Log, Resume::Start),
    };
    let wanted_id = if let Wanted::Id(id) = wanted { Some(key(id)) } else { None };
    let mut target = None;
    pages(log, &scope, from, read, progress, &mut |raw| {
        let is_it = match wanted {
            Wanted::Id(_) => raw.id.is_some_and(|id| wanted_id.as_deref() == Some(key(id).as_str())),
            Wanted::Place(seq) => raw.seq == *seq,
            Wanted::Version(_, version) => raw.version == Some(*version),
        };
        if is_it {
            target = Some(traced(raw, Links::of(raw, decoder), decoder));
        }
        let is_past = matches!(wanted, Wanted::Place(seq) if raw.seq >= *seq);
        if is_it || is_past { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(target)
}

/// Reads a scope page by page, until `each` breaks.
fn pages(
    log: &mut dyn EventLog,
    scope: &Scope,
    mut from: Resume,
    read: &mut u64,
    progress: Progress<'_>,
    each: &mut dyn FnMut(&RawEvent<'_>) -> ControlFlow<()>,
) -> Result<()> {
    let mut batch = EventBatch::new();
    loop {
        if progress(*read).is_break() {
            return Err(Error::Stopped);
        }
        let end = log.read(scope, &from, PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            *read += 1;
            if each(&raw).is_break() {
                return Ok(());
            }
        }
        if end.at_end || batch.is_empty() {
            return Ok(());
        }
        from = end.next;
    }
}

fn traced(raw: &RawEvent<'_>, links: Links, decoder: &Decoder) -> Traced {
    Traced {
        seq: raw.seq,
        stream: StreamId::new(raw.stream),
        version: raw.version,
        event_type: Arc::from(raw.event_type),
        time: decoder.time(raw),
        id: raw.id.map(str::to_owned),
        links,
        parent: None,
        depth: 0,
    }
}

/// What was found so far.
struct Found {
    target: Seq,
    /// The id of the whole, as compared and as written.
    whole: Option<(String, String)>,
    events: BTreeMap<Seq, Traced>,
    by_id: HashMap<String, Seq>,
    /// The ids of which an event must mention one.
    mentioned: Mentions,
    more: BTreeMap<String, u64>,
}

impl Found {
    fn from(target: Traced) -> Self {
        let whole = target.links.whole.as_ref().map(|whole| (key(whole), whole.clone()));
        let mut found = Self {
            target: target.seq,
            whole,
            events: BTreeMap::new(),
            by_id: HashMap::new(),
            mentioned: Mentions::default(),
            more: BTreeMap::new(),
        };
        if let Some((whole, _)) = &found.whole {
            found.mentioned.add(whole);
        }
        found.keep(target);
        found
    }

    /// Takes an event that belongs to the whole, or was caused by one that is kept.
    fn take(&mut self, raw: &RawEvent<'_>, decoder: &Decoder) {
        if raw.seq == self.target || !self.mentioned.are_in(raw) {
            return;
        }
        let links = Links::of(raw, decoder);
        let is_of_whole = match (&links.whole, &self.whole) {
            (Some(given), Some((whole, _))) => key(given) == *whole,
            _ => false,
        };
        let is_caused = || links.cause.as_ref().is_some_and(|cause| self.by_id.contains_key(&key(cause)));
        if is_of_whole || is_caused() {
            if self.events.len() >= TRACE_EVENTS_MAX {
                *self.more.entry(raw.event_type.to_owned()).or_default() += 1;
            } else {
                self.keep(traced(raw, links, decoder));
            }
        }
    }

    fn keep(&mut self, event: Traced) {
        if let Some(id) = &event.id {
            self.mentioned.add(id);
            self.by_id.insert(key(id), event.seq);
        }
        self.events.insert(event.seq, event);
    }

    /// Causes of kept events that are not kept, and are not the whole itself.
    fn missing_causes(&self) -> HashSet<String> {
        let causes = self.events.values().filter_map(|event| {
            let cause = key(event.links.cause.as_deref()?);
            let is_whole = event.links.whole.as_deref().is_some_and(|whole| key(whole) == cause);
            (!is_whole && !self.by_id.contains_key(&cause)).then_some(cause)
        });
        causes.collect()
    }

    fn tree(self, read: u64) -> Trace {
        let mut children: BTreeMap<Option<Seq>, Vec<Seq>> = BTreeMap::new();
        for event in self.events.values() {
            let cause = event.links.cause.as_deref().and_then(|cause| self.by_id.get(&key(cause)));
            let parent = cause.copied().filter(|parent| *parent != event.seq);
            children.entry(parent).or_default().push(event.seq);
        }
        let mut ordered = Vec::with_capacity(self.events.len());
        let mut left = self.events;
        // Causes in a ring have no beginning: the first of them in the log is taken for it.
        let mut roots = children.get(&None).cloned().unwrap_or_default();
        roots.reverse();
        let mut stack: Vec<(Seq, Option<usize>, usize)> = roots.into_iter().map(|seq| (seq, None, 0)).collect();
        loop {
            let next = stack.pop().or_else(|| left.keys().next().map(|seq| (*seq, None, 0)));
            let Some((seq, parent, depth)) = next else { break };
            let Some(event) = left.remove(&seq) else { continue };
            let place = ordered.len();
            ordered.push(Traced { parent, depth, ..event });
            for child in children.get(&Some(seq)).into_iter().flatten().rev() {
                stack.push((*child, Some(place), depth + 1));
            }
        }
        Trace {
            target: ordered.iter().position(|event: &Traced| event.seq == self.target).unwrap_or(0),
            events: ordered,
            correlation: self.whole.map(|(_, whole)| whole),
            more: self.more,
            read,
        }
    }
}
