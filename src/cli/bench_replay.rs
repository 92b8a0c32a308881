//! The replay's part of the bench: folding beside the bare limit, seeks and steps in one long stream, and a large state.
//!
//! Folding is read, parse, fold; its limit is the same scan with the JSON only skipped over, by the fastest parser that is
//! here (`serde_json` without making values), or for scripts a bare loop of the engine over payloads in memory. Both take
//! turns, and the middle one of the turns' ratios counts.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope, StreamId};
use crate::limits::{CHECKPOINT_EVERY_EVENTS, PAGE_EVENTS_MAX};
use crate::reducer::Reducer;
use crate::reducer::auto::Auto;
use crate::reducer::javascript::{self, bare_loop};
use crate::replay::{FoldedState, Replay};
use crate::store::cache::Cache;
use crate::store::native::bare::bare_skip;
use crate::store::native::{Expected, NewEvent, Store};

use super::bench_window::Row;
use super::output::{bytes, thousands};

/// How much longer than folding 4,096 events a seek may take.
const SEEK_RATIO: f64 = 1.5;
/// How much of folding 4,096 events a step back may take.
const STEP_RATIO: f64 = 0.1;
/// What the process may hold.
const MEMORY_BYTES_MAX: u64 = 300 << 20;
/// What a step in a state of a megabyte may take.
const LARGE_STEP_MS: f64 = 100.0;
/// Events that are folded.
const FOLDED: u64 = 1_000_000;
/// Seeks to random positions, and steps back from there.
const SEEKS: usize = 300;
/// Events in one transaction.
const BATCH: u64 = 10_000;
/// Keys of the large state: about a megabyte.
const LARGE_KEYS: usize = 11_000;

/// The reducer that is measured.
const SCRIPT: &str = "export default (state, event) => ({ ...state, balance: event.data.balance, last: event.data.reference, \
     count: (state.count ?? 0) + 1 })";
/// The same work on a payload alone.
const BARE_SCRIPT: &str = "(state, data) => ({ ...state, balance: data.balance, last: data.reference, \
     count: (state.count ?? 0) + 1 })";

/// Folding beside its limit.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct FoldFigure {
    /// Events that were folded.
    pub events: u64,
    /// Events a second.
    pub events_per_second: f64,
    /// Events a second of the limit.
    pub limit_events_per_second: f64,
    /// The middle one of the turns' ratios.
    pub ratio: f64,
}

/// What the replay costs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ReplayFigure {
    /// *Auto*, beside a scan that skips over the JSON.
    pub auto: FoldFigure,
    /// A script, beside a bare loop of the engine over the same payloads.
    pub javascript: FoldFigure,
    /// Events of the long stream.
    pub events: u64,
    /// Milliseconds that folding 4,096 of its events takes.
    pub fold_4096_ms: f64,
    /// Milliseconds of a seek to a random position: half of them.
    pub seek_ms_p50: f64,
    /// Milliseconds of a seek: 99 of 100.
    pub seek_ms_p99: f64,
    /// Milliseconds of a step back: 99 of 100.
    pub step_back_ms_p99: f64,
    /// The most bytes that the process held meanwhile; `None` where the system does not say.
    pub memory_bytes: Option<u64>,
    /// Bytes of the large state.
    pub large_state_bytes: u64,
    /// Milliseconds of the slowest step in it, forwards or back.
    pub large_step_ms_max: f64,
}

impl ReplayFigure {
    /// The rows of the table.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let rate = |value: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "a rate is shown without its fraction")]
            let whole = value as i64;
            format!("{}/s", thousands(whole))
        };
        let ms = |value: f64| format!("{value:.2} ms");
        let mut rows = Vec::new();
        for (name, figure, why) in [
            ("Auto", &self.auto, "the scan with the JSON skipped over; 0.50 is the aim"),
            ("JavaScript", &self.javascript, "a bare QuickJS loop over the payloads; 0.70 is the aim"),
        ] {
            let what = format!("fold {} events, {name}", thousands(figure.events));
            let pair = (rate(figure.events_per_second), rate(figure.limit_events_per_second));
            rows.push((what, pair, figure.ratio, why));
        }
        let events = thousands(self.events);
        let times = [
            (
                format!("seek in a stream of {events}, p99"),
                self.seek_ms_p99,
                self.fold_4096_ms * SEEK_RATIO,
                "1.5 times the fold of 4,096 events",
            ),
            (
                "step back in it, p99".to_owned(),
                self.step_back_ms_p99,
                self.fold_4096_ms * STEP_RATIO,
                "a tenth of the fold of 4,096 events",
            ),
            (
                format!("step in a state of {}, slowest", bytes(self.large_state_bytes)),
                self.large_step_ms_max,
                LARGE_STEP_MS,
                "what a step may take",
            ),
        ];
        for (what, ours, limit, why) in times {
            rows.push((what, (ms(ours), ms(limit)), limit / ours.max(1e-6), why));
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
        if let Some(held) = self.memory_bytes {
            let ratio = MEMORY_BYTES_MAX as f64 / held.max(1) as f64;
            rows.push((
                "memory meanwhile".to_owned(),
                (bytes(held), bytes(MEMORY_BYTES_MAX)),
                ratio,
                "what it may hold",
            ));
        }
        rows
    }
}

/// Measures in a folder, which holds nothing of it afterwards.
///
/// # Errors
/// As appending and folding.
pub fn measure(events: u64, turns: u32, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<ReplayFigure> {
    let folded = FOLDED.min(events);
    let short = folder.join("fold.db");
    progress("replay: a stream to fold");
    fill(&short, folded)?;
    progress("replay: fold, Auto");
    let auto = fold_auto(&short, folded, turns)?;
    progress("replay: fold, JavaScript");
    let javascript = fold_script(&short, folded, turns)?;
    remove(&short);
    progress("replay: a long stream");
    let long = folder.join("seek.db");
    fill(&long, events)?;
    forget_peak();
    progress("replay: seeks and steps");
    let seeks = seeks(&long, &folder.join("seek.cache.db"), events)?;
    let memory_bytes = peak();
    remove(&long);
    remove(&folder.join("seek.cache.db"));
    progress("replay: a large state");
    let large = folder.join("large-state.db");
    let (large_state_bytes, large_step_ms_max) = large_steps(&large)?;
    remove(&large);
    Ok(ReplayFigure {
        auto,
        javascript,
        events,
        fold_4096_ms: seeks.fold_4096_ms,
        seek_ms_p50: seeks.seek_ms_p50,
        seek_ms_p99: seeks.seek_ms_p99,
        step_back_ms_p99: seeks.step_back_ms_p99,
        memory_bytes,
        large_state_bytes,
        large_step_ms_max,
    })
}

fn stream() -> StreamId {
    StreamId::new("account-1")
}

/// Payloads of about 200 B, as a ledger has them.
fn payload(number: u64) -> String {
    let (amount, balance) = (number * 7 % 900 + 1, number * 13 % 100_000);
    format!(
        "{{\"accountId\":\"10001\",\"amount\":{amount}.{:02},\"balance\":{balance}.{:02},\"currency\":\"EUR\",\
         \"reference\":\"payment {number:08} of the month\",\"counterparty\":{{\"name\":\"Shop {}\",\"country\":\"DE\"}},\
         \"booked\":true,\"channel\":\"card\"}}",
        number % 100,
        number % 97,
        number % 50
    )
}

fn fill(path: &Path, events: u64) -> Result<()> {
    let mut store = Store::create(path)?;
    for first in (0..events).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let last = (first + BATCH).min(events);
        let batch: Vec<NewEvent> = (first..last).map(|number| NewEvent::new("MoneyMoved", payload(number))).collect();
        store.append(&stream(), Expected::Any, &batch)?;
    }
    Ok(())
}

fn open(path: &Path, reducer: Box<dyn Reducer>, cache: Option<Cache>) -> Result<Replay> {
    Ok(Replay::new(crate::store::open(&path.to_string_lossy())?, reducer, cache))
}

fn seconds<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let started = Instant::now();
    let done = work()?;
    Ok((done, started.elapsed().as_secs_f64()))
}

fn fold(path: &Path, reducer: Box<dyn Reducer>, events: u64) -> Result<FoldedState> {
    let folded = open(path, reducer, None)?.state_at(&stream(), events, &|| false)?;
    if folded.faults_total > 0 || folded.position != events {
        return Err(Error::Other("the bench could not fold its own events".to_owned()));
    }
    Ok(folded)
}

fn fold_auto(path: &Path, events: u64, turns: u32) -> Result<FoldFigure> {
    let mut pairs = Vec::new();
    for _ in 0..turns {
        let ours = seconds(|| fold(path, Box::new(Auto), events))?.1;
        let (skipped, limit) = seconds(|| bare_skip(path))?;
        if skipped != events {
            return Err(Error::Corrupt(format!("the bare scan skipped over {skipped} payloads, not {events}")));
        }
        pairs.push((ours, limit));
    }
    Ok(figure(events, &pairs))
}

fn fold_script(path: &Path, events: u64, turns: u32) -> Result<FoldFigure> {
    let mut pairs = Vec::new();
    for _ in 0..turns {
        let reducer = javascript::compile("bench.js", SCRIPT)?;
        let (folded, ours) = seconds(|| fold(path, reducer, events))?;
        let (bare, limit) = bare(path)?;
        if bare != folded.shown.state["count"] {
            return Err(Error::Corrupt(format!(
                "the bare loop counted {bare} events, the reducer {}",
                folded.shown.state
            )));
        }
        pairs.push((ours, limit));
    }
    Ok(figure(events, &pairs))
}

/// What the bare loop counted, and the seconds that it took, without reading.
fn bare(path: &Path) -> Result<(crate::event::Value, f64)> {
    let mut log = crate::store::open(&path.to_string_lossy())?;
    let (mut batch, mut from) = (EventBatch::new(), Resume::Start);
    let mut at_end = false;
    let mut next_page = |texts: &mut Vec<String>| -> Result<bool> {
        texts.clear();
        if at_end {
            return Ok(false);
        }
        let end = log.read(&Scope::Log, &from, PAGE_EVENTS_MAX, &mut batch)?;
        texts.extend(batch.iter().map(|raw| String::from_utf8_lossy(raw.data).into_owned()));
        at_end = end.at_end;
        from = end.next;
        Ok(true)
    };
    let mut spent = 0.0;
    let mut state = crate::event::Value::Null;
    let mut texts = Vec::new();
    let mut looped = bare_loop(BARE_SCRIPT)?;
    while next_page(&mut texts)? {
        let started = Instant::now();
        looped.fold(&texts)?;
        spent += started.elapsed().as_secs_f64();
    }
    if let Some(last) = looped.state()?.get("count") {
        state = last.clone();
    }
    Ok((state, spent))
}

fn figure(events: u64, pairs: &[(f64, f64)]) -> FoldFigure {
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown with a few digits")]
    let rate = |seconds: f64| (events as f64 / seconds.max(1e-9)).round();
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    FoldFigure {
        events,
        events_per_second: rate(middle(pairs.iter().map(|pair| pair.0).collect())),
        limit_events_per_second: rate(middle(pairs.iter().map(|pair| pair.1).collect())),
        ratio: middle(pairs.iter().map(|(ours, limit)| limit / ours.max(1e-9)).collect()),
    }
}

struct Seeks {
    fold_4096_ms: f64,
    seek_ms_p50: f64,
    seek_ms_p99: f64,
    step_back_ms_p99: f64,
}

fn seeks(path: &Path, cache: &Path, events: u64) -> Result<Seeks> {
    let mut replay = open(path, Box::new(Auto), Cache::open_file(cache))?;
    // The first fold keeps the checkpoints.
    let (_, all) = seconds(|| replay.state_at(&stream(), events, &|| false))?;
    #[expect(clippy::cast_precision_loss, reason = "a time is shown with a few digits")]
    let fold_4096_ms = all * 1e3 * CHECKPOINT_EVERY_EVENTS.min(events) as f64 / events.max(1) as f64;
    let (mut seeks, mut steps) = (Vec::new(), Vec::new());
    let mut lot = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..SEEKS {
        lot ^= lot << 13;
        lot ^= lot >> 7;
        lot ^= lot << 17;
        let position = lot % events + 1;
        // Nothing near is in memory: as after opening the log.
        replay.let_go();
        seeks.push(seconds(|| replay.state_at(&stream(), position, &|| false))?.1 * 1e3);
        steps.push(seconds(|| replay.state_at(&stream(), position - 1, &|| false))?.1 * 1e3);
    }
    let part = |values: &mut Vec<f64>, percent: usize| {
        values.sort_by(f64::total_cmp);
        values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    Ok(Seeks {
        fold_4096_ms,
        seek_ms_p50: part(&mut seeks, 50),
        seek_ms_p99: part(&mut seeks, 99),
        step_back_ms_p99: part(&mut steps, 99),
    })
}

/// Bytes of a large state, and milliseconds of the slowest of some steps in it.
fn large_steps(path: &Path) -> Result<(u64, f64)> {
    let mut store = Store::create(path)?;
    let keys: Vec<String> = (0..LARGE_KEYS)
        .map(|key| format!("\"key{key:06}\":{{\"name\":\"item number {key:06}\",\"count\":{key},\"tags\":[\"a\",\"b\"],\"on\":true}}"))
        .collect();
    let mut events = vec![NewEvent::new("StockTaken", format!("{{{}}}", keys.join(",")))];
    events.extend((0..1_000).map(|number| {
        NewEvent::new("StockChanged", format!("{{\"key{:06}\":{{\"count\":{number}}}}}", number * 7 % LARGE_KEYS))
    }));
    store.append(&stream(), Expected::Any, &events)?;
    drop(store);
    let mut replay = open(path, Box::new(Auto), None)?;
    let state = replay.state_at(&stream(), 500, &|| false)?.shown.state.to_string().len() as u64;
    let mut slowest = 0.0_f64;
    for position in (501..541).chain((480..540).rev()) {
        slowest = slowest.max(seconds(|| replay.state_at(&stream(), position, &|| false))?.1 * 1e3);
    }
    Ok((state, slowest))
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        // Best effort: the folder goes as a whole.
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

/// The high-water mark of the process begins anew, where that is allowed.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1_024)
}
