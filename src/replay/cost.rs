//! What folding costs here, what snapshots save of it, and where the next one pays.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Instant;

use super::Replay;
use super::scan::{Looks, Progress};
use crate::error::Result;
use crate::event::{StreamId, Value};
use crate::limits::{COST_EVENTS_MAX, COST_FOLD_US, COST_STREAMS_MAX, STREAMS_PAGE};
use crate::log::{Snapshot, StreamInfo, StreamPage};

/// What folding and loading cost, measured on one stream of the log.
#[derive(Clone, PartialEq, Debug)]
pub struct Cost {
    /// The stream.
    pub stream: StreamId,
    /// Events that were folded.
    pub events: u64,
    /// Microseconds that it took, with reading them.
    pub fold_us: u64,
    /// Microseconds that reading the state at their end from its bytes took: what a snapshot costs to load.
    pub load_us: u64,
}

/// Events that are folded at every load of a stream, for want of a newer snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsaved {
    /// The stream.
    pub stream: StreamId,
    /// Its newest version, where a snapshot would save them all.
    pub version: Option<i64>,
    /// How many.
    pub events: u64,
}

/// Where snapshots are missing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advice {
    /// The streams with most to save, the first one first, at most as many as were asked for.
    pub unsaved: Vec<Unsaved>,
    /// True where the log has more than [`COST_STREAMS_MAX`] streams, and the rest was not looked at.
    pub cut: bool,
}

impl Cost {
    /// Microseconds that folding so many events takes.
    #[must_use]
    pub fn of(&self, events: u64) -> u64 {
        let all = u128::from(self.fold_us) * u128::from(events) / u128::from(self.events.max(1));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// The number of events from which on loading a snapshot is quicker than folding them.
    #[must_use]
    pub fn pays_from(&self) -> u64 {
        (self.load_us.saturating_mul(self.events) / self.fold_us.max(1)).max(1)
    }

    /// The number of events between two snapshots that keeps every fold under [`COST_FOLD_US`].
    #[must_use]
    pub fn every(&self) -> u64 {
        (COST_FOLD_US.saturating_mul(self.events) / self.fold_us.max(1)).max(1)
    }
}

/// Measures what folding costs: over the first events of a stream, at most [`COST_EVENTS_MAX`]. `None` where it has
/// none.
///
/// # Errors
/// As [`Replay::scan`].
pub fn measure(replay: &mut Replay, stream: &StreamId, progress: Progress<'_>) -> Result<Option<Cost>> {
    let mut text = Vec::new();
    let mut look = |step: &super::scan::Step<'_>| {
        if step.position == COST_EVENTS_MAX {
            text = step.state.to_string().into_bytes();
        }
        ControlFlow::Continue(())
    };
    let scanned = replay.scan(stream, 0..COST_EVENTS_MAX, Looks::STATE, progress, &mut look)?;
    if scanned.events == 0 {
        return Ok(None);
    }
    if text.is_empty() {
        text = replay.state_at(stream, scanned.events, &|| false)?.shown.state.to_string().into_bytes();
    }
    let started = Instant::now();
    let loaded: Option<Value> = super::parse(&text).ok();
    let load_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    drop(loaded);
    Ok(Some(Cost { stream: stream.clone(), events: scanned.events, fold_us: scanned.elapsed_us.max(1), load_us }))
}

/// What each snapshot saves a load: the events up to its version that need no fold, counted from the newest usable one
/// before it. `None` where it is not usable itself. The snapshots stand by stream, oldest version first.
///
/// # Errors
/// As the log.
pub fn savings(replay: &mut Replay, snapshots: &[(Snapshot, bool)]) -> Result<Vec<Option<u64>>> {
    let mut before: Option<(&StreamId, u64)> = None;
    let mut savings = Vec::with_capacity(snapshots.len());
    for (snapshot, usable) in snapshots {
        if !usable {
            savings.push(None);
            continue;
        }
        let position = replay.position_of_version(&snapshot.stream, snapshot.version)?;
        let covered = before.filter(|(stream, _)| **stream == snapshot.stream).map_or(0, |(_, position)| position);
        savings.push(Some(position.saturating_sub(covered)));
        before = Some((&snapshot.stream, position));
    }
    Ok(savings)
}

/// The streams, one or all, whose loads fold most for want of a usable snapshot.
///
/// # Errors
/// As the log.
pub fn advise(
    replay: &mut Replay,
    stream: Option<&StreamId>,
    snapshots: &[(Snapshot, bool)],
    count: usize,
) -> Result<Advice> {
    let mut usable: HashMap<&StreamId, i64> = HashMap::new();
    for (snapshot, _) in snapshots.iter().filter(|(_, usable)| *usable) {
        let newest = usable.entry(&snapshot.stream).or_insert(snapshot.version);
        *newest = snapshot.version.max(*newest);
    }
    let mut advice = Advice::default();
    if let Some(stream) = stream {
        if let Some(info) = replay.log().stream(stream)? {
            let unsaved = unsaved(replay, &info, &usable)?;
            advice.unsaved.push(unsaved);
        }
        return Ok(advice);
    }
    let mut page = StreamPage { limit: STREAMS_PAGE, ..StreamPage::default() };
    let mut looked = 0;
    loop {
        let streams = replay.log().streams(&page)?;
        let Some(last) = streams.last() else { return Ok(advice) };
        page.after = Some(last.stream.clone());
        for info in &streams {
            // A stream that is shorter than what others save cannot save more.
            let least = advice.unsaved.get(count.saturating_sub(1)).map_or(0, |one| one.events);
            if info.events > least {
                advice.unsaved.push(unsaved(replay, info, &usable)?);
                advice.unsaved.sort_by_key(|one| std::cmp::Reverse(one.events));
                advice.unsaved.truncate(count);
            }
        }
        looked += streams.len();
        if looked >= COST_STREAMS_MAX {
            advice.cut = true;
            return Ok(advice);
        }
    }
}

fn unsaved(replay: &mut Replay, info: &StreamInfo, usable: &HashMap<&StreamId, i64>) -> Result<Unsaved> {
    let covered = match usable.get(&info.stream) {
        Some(version) => replay.position_of_version(&info.stream, *version)?,
        None => 0,
    };
    Ok(Unsaved { stream: info.stream.clone(), version: info.last_version, events: info.events.saturating_sub(covered) })
}
