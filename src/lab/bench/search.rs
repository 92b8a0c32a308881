//! Searching a whole log for a text that is not in it, beside a bare scan with a substring test.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use super::{Scale, median, rate, ratio, seconds};
use crate::error::{Error, Result};
use crate::event::{Resume, Scope};
use crate::filter::Filter;
use crate::replay::search::{Search, Wanted};
use crate::store::native::bare::bare_substring_scan;

/// A text that no payload of the bench holds.
const TEXT: &str = "overdraft";

/// Searching everything.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct SearchFigure {
    /// Events that were scanned.
    pub events: u64,
    /// Events a second of the search: in any case, with a check that each payload that is passed over is JSON.
    pub events_per_second: f64,
    /// Events a second of a bare scan of positions, with a substring test on the payload.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
}

/// Searches a log in turns with the bare scan.
pub(super) fn measure(scale: &Scale, path: &Path) -> Result<SearchFigure> {
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    let mut events = 0;
    for _ in 0..scale.turns {
        let (bare_hits, bare) = seconds(|| bare_substring_scan(path, TEXT))?;
        let ((scanned, hits), searched) = seconds(|| search(path))?;
        if hits != bare_hits {
            return Err(Error::Corrupt(format!("the bare scan found {bare_hits} events, the search {hits}")));
        }
        events = scanned;
        ours.push(searched);
        limit.push(bare);
    }
    let (ours, limit) = (rate(events, median(ours)), rate(events, median(limit)));
    Ok(SearchFigure { events, events_per_second: ours, limit_events_per_second: limit, ratio: ratio(ours, limit) })
}

/// Events that were scanned, and hits.
fn search(path: &Path) -> Result<(u64, u64)> {
    let mut log = crate::store::open(&path.to_string_lossy())?;
    let wanted = Wanted { filter: Filter::parse(TEXT)?, condition: None, states: None };
    let mut search = Search::new(log.as_ref(), Scope::Log, Resume::Start, wanted);
    while !search.is_over() {
        search.page(log.as_mut(), &mut |_, _| ControlFlow::Continue(()))?;
    }
    let seen = search.seen();
    Ok((seen.scanned, seen.hits))
}
