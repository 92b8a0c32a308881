//! A log that grows: does it stay fast? Rates, reads, opening and memory, in a large log beside a small one.

use std::path::Path;

use serde::Serialize;

use super::append::Story;
use super::{MemoryFigure, Scale, median, memory, milliseconds, rate, ratio, remove, repeated, seconds, thousandths};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope, StreamId};
use crate::limits::PAGE_EVENTS_MAX;
use crate::store::exchange::{self, Filter, Format};
use crate::store::native::Store;
use crate::store::native::bare::bare_scan;

/// Bytes of a payload.
const PAYLOAD_BYTES: usize = 200;
/// Events in one transaction.
const BATCH: usize = 1_000;
/// Events of each stream of the large log.
const STREAM_EVENTS: u64 = 1_000;
/// Events of the log that opening and listing are compared with.
pub(super) const EVENTS_OF_SMALL: u64 = 10_000;

/// What a large log costs.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct LargeFigures {
    /// The rate of appends in a large log beside that in a small one.
    pub growth: GrowthFigure,
    /// All events in order.
    pub read: ReadFigure,
    /// All events searched for a text.
    pub search: super::SearchFigure,
    /// One stream whose events lie scattered through the large log.
    pub stream: StreamFigure,
    /// Opening the large log beside opening one of 10,000 events.
    pub open: OpenFigure,
    /// Memory while the large log was written.
    pub append_memory: MemoryFigure,
    /// Memory while it was exported as JSON lines.
    pub export_memory: MemoryFigure,
}

/// The rate of appends as the log grows.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct GrowthFigure {
    /// Events of the large log.
    pub events: u64,
    /// Events of the small log.
    pub events_small: u64,
    /// Events a second at the end of the large log.
    pub events_per_second: f64,
    /// Events a second up to the size of the small log.
    pub limit_events_per_second: f64,
    /// The large log's by the small one's.
    pub ratio: f64,
}

/// Reading everything in order.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct ReadFigure {
    /// Events that were read.
    pub events: u64,
    /// Events a second, in pages as every reader gets them.
    pub events_per_second: f64,
    /// Events a second of a bare scan of the same columns.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
}

/// Reading one stream.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct StreamFigure {
    /// Events of the stream.
    pub stream_events: u64,
    /// Milliseconds for the stream, scattered through the large log.
    pub ms: f64,
    /// Milliseconds for a stream of as many events in a log of ten such streams.
    pub limit_ms: f64,
    /// The small log's by the large log's.
    pub ratio: f64,
}

/// Opening a log.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct OpenFigure {
    /// Events of the large log.
    pub events: u64,
    /// Milliseconds until the large log is open and its totals known.
    pub ms: f64,
    /// Milliseconds for the log of 10,000 events.
    pub limit_ms: f64,
    /// The small log's by the large log's.
    pub ratio: f64,
}

/// Writes a large log, and measures what can be measured with it.
pub(super) fn measure(scale: &Scale, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<LargeFigures> {
    let [large, small] = ["large.db", "small.db"].map(|name| folder.join(name));
    for path in [&large, &small] {
        remove(path);
    }
    progress("a large log");
    let turn = (scale.events_small / 10).max(BATCH as u64);
    let filled = scale.events.saturating_sub(turn * u64::from(scale.turns));
    let (growing, append_memory) = memory::of(filled, || grow(scale, filled, &large, progress))?;
    progress("append to a large log");
    let growth = compare(scale, turn, growing, Growing::create(&small, scale.events_small / STREAM_EVENTS)?)?;
    remove(&small);
    progress("a small log");
    fill(&small, EVENTS_OF_SMALL, EVENTS_OF_SMALL / STREAM_EVENTS)?;
    progress("read everything");
    let read = read(scale, &large)?;
    progress("search everything");
    let search = super::search::measure(scale, &large)?;
    progress("read a stream");
    let first = StreamId::new(&Story::name(1));
    let (ours, limit) = (stream_seconds(&large, &first)?, stream_seconds(&small, &first)?);
    let stream = StreamFigure {
        stream_events: STREAM_EVENTS.min(scale.events),
        ms: milliseconds(ours),
        limit_ms: milliseconds(limit),
        ratio: ratio(limit, ours),
    };
    progress("open");
    let (ours, limit) = (open_seconds(&large)?, open_seconds(&small)?);
    let open = OpenFigure {
        events: scale.events,
        ms: milliseconds(ours),
        limit_ms: milliseconds(limit),
        ratio: ratio(limit, ours),
    };
    progress("export");
    let (exported, export_memory) = memory::of(scale.events, || export(&large, &folder.join("large.jsonl")))?;
    if exported != scale.events {
        return Err(Error::Corrupt(format!("{exported} of {} events were exported", scale.events)));
    }
    for path in [&large, &small] {
        remove(path);
    }
    Ok(LargeFigures { growth, read, search, stream, open, append_memory, export_memory })
}

/// Exports everything into a file, which goes again.
fn export(log: &Path, to: &Path) -> Result<u64> {
    let mut log = crate::store::open(&log.to_string_lossy())?;
    let mut filter = Filter { scope: Scope::Log, from: Resume::Start, passes: &mut |_| Ok(true), limit: u64::MAX };
    let exported = exchange::export(&mut *log, &mut filter, Format::Lines, to, &mut |_| {});
    // Best effort: the folder goes too.
    let _ = std::fs::remove_file(to);
    exported
}

/// A log of so many events in so many streams.
pub(super) fn fill(path: &Path, events: u64, streams: u64) -> Result<()> {
    let mut store = Store::create(path)?;
    let mut story = Story::new(PAYLOAD_BYTES, i64::try_from(streams.max(1)).unwrap_or(i64::MAX));
    for _ in 0..events / BATCH as u64 {
        store.append_all(&story.appends(BATCH))?;
    }
    Ok(())
}

/// A store that grows by batches.
struct Growing {
    store: Store,
    story: Story,
}

impl Growing {
    fn create(path: &Path, streams: u64) -> Result<Self> {
        let story = Story::new(PAYLOAD_BYTES, i64::try_from(streams.max(1)).unwrap_or(i64::MAX));
        Ok(Self { store: Store::create(path)?, story })
    }

    /// Appends, and gives the seconds.
    fn append(&mut self, events: u64) -> Result<f64> {
        let mut spent = 0.0;
        for _ in 0..events / BATCH as u64 {
            let appends = self.story.appends(BATCH);
            spent += seconds(|| self.store.append_all(&appends))?.1;
        }
        spent += seconds(|| {
            self.store.settle();
            Ok(())
        })?
        .1;
        Ok(spent)
    }
}

/// Fills the large log.
fn grow(scale: &Scale, events: u64, path: &Path, progress: &mut dyn FnMut(&str)) -> Result<Growing> {
    let mut large = Growing::create(path, scale.events / STREAM_EVENTS)?;
    let mut left = events;
    while left > 0 {
        let part = left.min(1_000_000);
        large.append(part)?;
        left -= part;
        progress(&format!("a large log: {left} events to go"));
    }
    Ok(large)
}

/// Fills the small log, and compares how fast both go on, in turns.
fn compare(scale: &Scale, turn: u64, mut large: Growing, mut small: Growing) -> Result<GrowthFigure> {
    small.append(scale.events_small)?;
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..scale.turns {
        limit.push(small.append(turn)?);
        ours.push(large.append(turn)?);
    }
    let by_turn = ours.iter().zip(&limit).map(|(ours, limit)| limit / ours.max(1e-9)).collect();
    Ok(GrowthFigure {
        events: scale.events,
        events_small: scale.events_small,
        ratio: thousandths(median(by_turn)),
        events_per_second: rate(turn, median(ours)),
        limit_events_per_second: rate(turn, median(limit)),
    })
}

/// Reads everything, by pages and bare, in turns.
fn read(scale: &Scale, path: &Path) -> Result<ReadFigure> {
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    let mut events = 0;
    // Both once to warm up. Many turns where they are short.
    let turns = (20_000_000 / scale.events.max(1)).clamp(3, u64::from(scale.turns.max(3)));
    for turn in 0..=turns {
        let (scanned, bare) = seconds(|| bare_scan(path))?;
        let (paged, by_pages) = seconds(|| read_all(path))?;
        if scanned != paged {
            return Err(Error::Corrupt(format!(
                "the bare scan found {scanned:?} events and bytes, the reader {paged:?}"
            )));
        }
        events = paged.0;
        if turn > 0 {
            ours.push(by_pages);
            limit.push(bare);
        }
    }
    let by_turn = ours.iter().zip(&limit).map(|(ours, limit): (&f64, &f64)| limit / ours.max(1e-9)).collect();
    Ok(ReadFigure {
        events,
        ratio: thousandths(median(by_turn)),
        events_per_second: rate(events, median(ours)),
        limit_events_per_second: rate(events, median(limit)),
    })
}

/// Events, and bytes of their texts.
fn read_all(path: &Path) -> Result<(u64, u64)> {
    let mut log = crate::store::open(&path.to_string_lossy())?;
    let (mut batch, mut from) = (EventBatch::new(), Resume::Start);
    let (mut events, mut bytes) = (0, 0);
    loop {
        let end = log.read(&Scope::Log, &from, PAGE_EVENTS_MAX, &mut batch)?;
        events += batch.len() as u64;
        bytes += batch.bytes_total() as u64;
        if end.at_end {
            return Ok((events, bytes));
        }
        from = end.next;
    }
}

fn stream_seconds(path: &Path, stream: &StreamId) -> Result<f64> {
    let mut log = crate::store::open(&path.to_string_lossy())?;
    let scope = Scope::Stream(stream.clone());
    let mut batch = EventBatch::new();
    repeated(|| log.read(&scope, &Resume::Start, PAGE_EVENTS_MAX, &mut batch).map(|_| ()))
}

fn open_seconds(path: &Path) -> Result<f64> {
    repeated(|| {
        let mut log = crate::store::open(&path.to_string_lossy())?;
        log.extent(&Scope::Log).map(|_| ())
    })
}
