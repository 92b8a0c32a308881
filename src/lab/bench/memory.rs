//! How much memory a work takes: the high-water mark of the process, as Linux keeps it.

use serde::Serialize;

use crate::error::Result;

/// Bytes that no work on a log may hold.
const LIMIT_BYTES: u64 = 200_000_000;

/// The most memory that the process held during a work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct MemoryFigure {
    /// Events of the work.
    pub events: u64,
    /// The most bytes that were held; `null` where the system does not say.
    pub bytes: Option<u64>,
    /// What it may hold.
    pub limit_bytes: u64,
}

/// Runs a work on so many events, and tells the most memory that was held meanwhile.
pub(super) fn of<T>(events: u64, work: impl FnOnce() -> Result<T>) -> Result<(T, MemoryFigure)> {
    // The mark begins anew. Where that is not allowed it holds what came before too, which is no less.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let done = work()?;
    Ok((done, MemoryFigure { events, bytes: peak_bytes(), limit_bytes: LIMIT_BYTES }))
}

fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1_024)
}
