//! Many streams: does listing them stay fast?

use std::path::Path;

use serde::Serialize;

use super::large::{EVENTS_OF_SMALL, fill};
use super::{Scale, milliseconds, ratio, remove, repeated};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::log::StreamPage;
use crate::store::native::{Append, Expected, NewEvent, Store};

/// Streams that are listed.
const LISTED: u32 = 100;
/// Streams that come to be in one transaction.
const BATCH: usize = 10_000;

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

pub(super) fn measure(scale: &Scale, folder: &Path) -> Result<ListFigure> {
    let [small, many] = ["small.db", "many.db"].map(|name| folder.join(name));
    for path in [&small, &many] {
        remove(path);
    }
    let mut store = Store::create(&many)?;
    for begin in (1..=scale.streams).step_by(BATCH) {
        let end = (begin + BATCH as u64).min(scale.streams + 1);
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
    // Ten events in each: more streams than are listed.
    fill(&small, EVENTS_OF_SMALL, EVENTS_OF_SMALL / 10)?;
    let (ours, limit) = (list_seconds(&many)?, list_seconds(&small)?);
    for path in [&small, &many] {
        remove(path);
    }
    Ok(ListFigure {
        streams: scale.streams,
        ms: milliseconds(ours),
        limit_ms: milliseconds(limit),
        ratio: ratio(limit, ours),
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
