//! A log that grows: does it stay fast? Rates, reads, and opening, in a large log beside a small one.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::append::Story;
use super::{Scale, median, milliseconds, rate, ratio, remove, seconds};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope, StreamId};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::StreamPage;
use crate::store::native::bare::bare_scan;
use crate::store::native::{Append, Expected, NewEvent, Store};

/// Bytes of a payload.
const PAYLOAD_BYTES: usize = 200;
/// Events in one transaction.
const BATCH: usize = 1_000;
/// Events of each stream of the large log.
const STREAM_EVENTS: u64 = 1_000;
/// Events of the log that opening and listing are compared with.
const EVENTS_OF_SMALL: u64 = 10_000;
/// Streams that are listed.
const LISTED: u32 = 100;
/// How often what takes microseconds is measured.
const REPEATS: u32 = 21;

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

/// Listing streams.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct ListFigure {
    /// Streams of the log.
    pub streams: u64,
    /// Milliseconds for the first 100.
    pub ms: f64,
    /// Milliseconds for the first 100 of a log of 10,000 events.
    pub limit_ms: f64,
    /// The small log's by the large log's.
    pub ratio: f64,
}

/// What [`measure`] finds.
pub(super) struct Scaled {
    pub(super) growth: GrowthFigure,
    pub(super) read: ReadFigure,
    pub(super) search: super::SearchFigure,
    pub(super) stream: StreamFigure,
    pub(super) open: OpenFigure,
    pub(super) list: ListFigure,
}

pub(super) fn measure(scale: &Scale, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<Scaled> {
    let [large, small, many] = ["large.db", "small.db", "many.db"].map(|name| folder.join(name));
    for path in [&large, &small, &many] {
        remove(path);
    }
    progress("a small log");
    fill(&small, EVENTS_OF_SMALL, EVENTS_OF_SMALL / STREAM_EVENTS)?;
    progress("a large log");
    let growth = grow(scale, &large, progress)?;
    progress("read everything");
    let read = read(scale, &large)?;
    progress("search everything");
    let search = super::search::measure(scale, &large)?;
    progress("read a stream");
    let first = StreamId::new(&Story::name(1));
    let (ours, limit) = (stream_seconds(&large, &first)?, stream_seconds(&small, &first)?);
    let events = STREAM_EVENTS.min(scale.events);
    let stream = StreamFigure {
        stream_events: events,
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
    remove(&large);
    progress("many streams");
    let mut store = Store::create(&many)?;
    for begin in (1..=scale.streams).step_by(10_000) {
        let end = (begin + 10_000).min(scale.streams + 1);
        let batch: Vec<Append> = (begin..end)
            .map(|number| Append {
                stream: StreamId::new(&format!("customer-{number}")),
                expected: Expected::None,
                events: vec![NewEvent::new("CustomerRegistered", "{}")],
            })
            .collect();
        store.append_all(&batch)?;
    }
    drop(store);
    // As many streams in the small log as are listed.
    remove(&small);
    fill(&small, EVENTS_OF_SMALL, EVENTS_OF_SMALL / 10)?;
    let (ours, limit) = (list_seconds(&many)?, list_seconds(&small)?);
    let list = ListFigure {
        streams: scale.streams,
        ms: milliseconds(ours),
        limit_ms: milliseconds(limit),
        ratio: ratio(limit, ours),
    };
    for path in [&small, &many] {
        remove(path);
    }
    Ok(Scaled { growth, read, search, stream, open, list })
}

/// A log of so many events in so many streams.
fn fill(path: &Path, events: u64, streams: u64) -> Result<()> {
    let mut store = Store::create(path)?;
    let mut story = Story::new(PAYLOAD_BYTES, i64::try_from(streams.max(1)).unwrap_or(i64::MAX));
    for _ in 0..events / BATCH as u64 {
        store.append_all(&story.appends(BATCH))?;
    }
    Ok(())
}

/// Fills the large log, and compares its end with its beginning.
fn grow(scale: &Scale, path: &Path, progress: &mut dyn FnMut(&str)) -> Result<GrowthFigure> {
    let mut store = Store::create(path)?;
    let streams = (scale.events / STREAM_EVENTS).max(1);
    let mut story = Story::new(PAYLOAD_BYTES, i64::try_from(streams).unwrap_or(i64::MAX));
    let mut append = |events: u64| -> Result<f64> {
        let mut spent = 0.0;
        for _ in 0..events / BATCH as u64 {
            let appends = story.appends(BATCH);
            spent += seconds(|| store.append_all(&appends))?.1;
        }
        Ok(spent)
    };
    let first = append(scale.events_small)?;
    let mut left = scale.events.saturating_sub(2 * scale.events_small);
    while left > 0 {
        let part = left.min(1_000_000);
        append(part)?;
        left -= part;
        progress(&format!("a large log: {left} events to go"));
    }
    let last = append(scale.events_small)?;
    let (ours, limit) = (rate(scale.events_small, last), rate(scale.events_small, first));
    Ok(GrowthFigure {
        events: scale.events,
        events_small: scale.events_small,
        events_per_second: ours,
        limit_events_per_second: limit,
        ratio: ratio(ours, limit),
    })
}

/// Reads everything, by pages and bare, in turns.
fn read(scale: &Scale, path: &Path) -> Result<ReadFigure> {
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    let mut events = 0;
    for _ in 0..scale.turns {
        let (scanned, bare) = seconds(|| bare_scan(path))?;
        let (paged, by_pages) = seconds(|| read_all(path))?;
        if scanned != paged {
            return Err(Error::Corrupt(format!(
                "the bare scan found {scanned:?} events and bytes, the reader {paged:?}"
            )));
        }
        events = paged.0;
        ours.push(by_pages);
        limit.push(bare);
    }
    let (ours, limit) = (rate(events, median(ours)), rate(events, median(limit)));
    Ok(ReadFigure { events, events_per_second: ours, limit_events_per_second: limit, ratio: ratio(ours, limit) })
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

fn list_seconds(path: &Path) -> Result<f64> {
    let mut log = crate::store::open(&path.to_string_lossy())?;
    let page = StreamPage { limit: LISTED, ..StreamPage::default() };
    repeated(|| {
        let listed = log.streams(&page)?.len();
        if listed == LISTED as usize { Ok(()) } else { Err(Error::Corrupt(format!("{listed} streams were listed"))) }
    })
}

/// The median of several runs, once it was run to warm up.
fn repeated(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    work()?;
    let mut runs = Vec::new();
    for _ in 0..REPEATS {
        let started = Instant::now();
        work()?;
        runs.push(started.elapsed().as_secs_f64());
    }
    Ok(median(runs))
}
