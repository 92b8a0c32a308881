//! The figures of the README, reproduced: each in one run, beside the limit that it is measured against.
//!
//! The limit of an append is a bare loop that inserts the same rows into the same tables, triggers and all, with the
//! same durability; of a read, a bare scan of the same columns. A disk swings by more than these ratios, so contestants
//! take many short turns on it (A B C, B C A, …), and the middle one of the rounds' ratios counts. Each pays for its
//! checkpoints: a turn ends when the thread beside the writer has nothing to do.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::error::Result;

/// How often what takes microseconds is measured.
const REPEATS: u32 = 21;

mod append;
mod group;
mod large;
mod memory;
mod search;
mod streams;

pub use append::AppendFigure;
pub use group::GroupFigure;
pub use large::{GrowthFigure, LargeFigures, OpenFigure, ReadFigure, StreamFigure};
pub use memory::MemoryFigure;
pub use search::SearchFigure;
pub use streams::ListFigure;

/// A part of the bench, to be run alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Batched appends.
    Append,
    /// Many threads.
    Group,
    /// A large log: how appends slow down, reading, opening, and the memory that it takes to write and to export it.
    Large,
    /// Many streams.
    Streams,
}

impl Section {
    /// All of them, in the order in which they are run.
    pub const ALL: [Self; 4] = [Self::Append, Self::Group, Self::Large, Self::Streams];
}

/// How much to measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    /// Milliseconds that one turn of a contestant takes, about.
    pub turn_ms: u64,
    /// Turns of each contestant: an odd number, of which the middle one counts.
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
        Self { turn_ms: 200, turns: 15, threads: 64, events: 10_000_000, events_small: 100_000, streams: 1_000_000 };
    /// Some seconds: to see that it works. Its ratios say little.
    pub const QUICK: Self =
        Self { turn_ms: 40, turns: 5, threads: 64, events: 100_000, events_small: 10_000, streams: 20_000 };
}

/// Everything that one run measured. Rates are per second; a ratio is ours by the limit's, so more is better. What was
/// not asked for is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Figures {
    /// Batched appends, one figure for each size of payload and of batch.
    pub append: Vec<AppendFigure>,
    /// Many threads that each append one event at a time.
    pub group_commit: Option<GroupFigure>,
    /// What a large log costs.
    #[serde(flatten)]
    pub large: Option<LargeFigures>,
    /// The first 100 of many streams beside the same of a log of 10,000 events.
    pub list: Option<ListFigure>,
}

/// Measures in a folder, which holds nothing of it afterwards. `progress` hears what is being measured.
///
/// # Errors
/// As every append and read: a full disk, above all.
pub fn run(scale: &Scale, sections: &[Section], folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<Figures> {
    let mut figures = Figures::default();
    for section in Section::ALL.into_iter().filter(|section| sections.contains(section)) {
        match section {
            Section::Append => {
                for payload_bytes in [200, 1_024] {
                    for batch in [1, 100, 1_000, 10_000] {
                        progress(&format!("append: {payload_bytes} B, batches of {batch}"));
                        figures.append.push(append::measure(scale, folder, payload_bytes, batch)?);
                    }
                }
            }
            Section::Group => {
                progress("group commit");
                figures.group_commit = Some(group::measure(scale, folder)?);
            }
            Section::Large => figures.large = Some(large::measure(scale, folder, progress)?),
            Section::Streams => {
                progress("many streams");
                figures.list = Some(streams::measure(scale, folder)?);
            }
        }
    }
    Ok(figures)
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
    thousandths(ours / limit.max(1e-9))
}

fn thousandths(value: f64) -> f64 {
    round(value, 1_000.0)
}

fn milliseconds(seconds: f64) -> f64 {
    round(seconds * 1e3, 1_000.0)
}

/// The middle one of several measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
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
