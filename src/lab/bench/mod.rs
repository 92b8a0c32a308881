//! The figures of the README, reproduced: each in one run, beside the limit that it is measured against.
//!
//! The limit of an append is a bare loop that inserts the same rows into the same tables, triggers and all, with the
//! same durability; of a read, a bare scan of the same columns. Contestants take turns on the same disk, and each pays
//! for its checkpoints: a turn ends when its log is closed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::error::Result;

mod append;
mod group;
mod scale;
mod search;

pub use append::AppendFigure;
pub use group::GroupFigure;
pub use scale::{GrowthFigure, ListFigure, OpenFigure, ReadFigure, StreamFigure};
pub use search::SearchFigure;

/// How much to measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    /// Seconds that one contestant of the append figures works, about, for each turn.
    pub turn_ms: u64,
    /// Turns of each contestant.
    pub turns: u32,
    /// Threads that append at once.
    pub threads: usize,
    /// Events of the large log.
    pub events: u64,
    /// Events of the log that it is compared with.
    pub events_small: u64,
    /// Streams of the log whose streams are listed.
    pub streams: u64,
}

impl Scale {
    /// The scale of the README: some minutes, and some GB of disk.
    pub const FULL: Self =
        Self { turn_ms: 1_000, turns: 3, threads: 64, events: 10_000_000, events_small: 100_000, streams: 1_000_000 };
    /// Some seconds: to see that it works. Its ratios say little.
    pub const QUICK: Self =
        Self { turn_ms: 100, turns: 2, threads: 64, events: 100_000, events_small: 10_000, streams: 20_000 };
}

/// Everything that one run measured. Rates are per second; a ratio is ours by the limit's, so more is better.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figures {
    /// Batched appends, one figure for each size of payload and of batch.
    pub append: Vec<AppendFigure>,
    /// Many threads that each append one event at a time.
    pub group_commit: GroupFigure,
    /// The rate of appends in a large log beside that in a small one.
    pub growth: GrowthFigure,
    /// All events in order.
    pub read: ReadFigure,
    /// All events searched for a text.
    pub search: SearchFigure,
    /// One stream whose events lie scattered through the large log.
    pub stream: StreamFigure,
    /// Opening the large log beside opening one of 10,000 events.
    pub open: OpenFigure,
    /// The first 100 of many streams beside the same of a log of 10,000 events.
    pub list: ListFigure,
    /// The most memory that this process held, in bytes; `null` where the system does not say.
    pub memory_peak_bytes: Option<u64>,
}

/// Measures everything in a folder, which holds nothing of it afterwards. `progress` hears what is being measured.
///
/// # Errors
/// As every append and read: a full disk, above all.
pub fn run(scale: &Scale, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<Figures> {
    let mut figures = Vec::new();
    for payload_bytes in [200, 1_024] {
        for batch in [1, 100, 1_000, 10_000] {
            progress(&format!("append: {payload_bytes} B, batches of {batch}"));
            figures.push(append::measure(scale, folder, payload_bytes, batch)?);
        }
    }
    progress("group commit");
    let group_commit = group::measure(scale, folder)?;
    let logs = scale::measure(scale, folder, progress)?;
    Ok(Figures {
        append: figures,
        group_commit,
        growth: logs.growth,
        read: logs.read,
        search: logs.search,
        stream: logs.stream,
        open: logs.open,
        list: logs.list,
        memory_peak_bytes: memory_peak_bytes(),
    })
}

/// Removes a log and what SQLite puts beside it.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // What is not there needs no removing.
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

/// Seconds that something takes.
fn seconds<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let started = Instant::now();
    let done = work()?;
    Ok((done, started.elapsed().as_secs_f64()))
}

#[expect(clippy::cast_precision_loss, reason = "a rate is shown with a few digits")]
fn rate(count: u64, seconds: f64) -> f64 {
    round(count as f64 / seconds.max(1e-9), 1.0)
}

/// Rounded to so many parts of one.
fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn ratio(ours: f64, limit: f64) -> f64 {
    round(ours / limit.max(1e-9), 1_000.0)
}

fn milliseconds(seconds: f64) -> f64 {
    round(seconds * 1e3, 1_000.0)
}

/// The middle one of several measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The high-water mark of this process's memory, as Linux keeps it.
fn memory_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1_024)
}
