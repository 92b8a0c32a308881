//! How libraries lay their events out in tables. A layout is data more than code: what it is recognised by, and a map
//! from its columns to our words. The reader is the same for all.

use rusqlite::Connection;

use super::schema::Schema;
use crate::error::{Error, Result};
use crate::payload::Decoder;

mod emmett;
mod eventsourcing;
mod native;

/// A layout that fits a file.
#[derive(Debug)]
pub(super) struct Recognised {
    /// Its short name: `emmett`.
    pub(super) layout: &'static str,
    /// In words, with the library's versions.
    pub(super) title: &'static str,
    /// What it was recognised by, one fact each.
    pub(super) evidence: Vec<String>,
    /// How sure it is; the surest wins.
    pub(super) confidence: Confidence,
    /// Where its columns are.
    pub(super) map: Map,
}

/// How sure a layout is that a file is of its kind, from 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Confidence(pub(super) u8);

/// Where the events of a layout are. Every text is SQL over `e`, the table of events.
#[derive(Clone, Debug)]
pub(super) struct Map {
    /// What stands behind FROM; the table of events is named `e` in it.
    pub(super) from: String,
    /// The log's order: a whole number, unique.
    pub(super) key: String,
    /// The stream's name as stored.
    pub(super) stream: String,
    /// The condition that an event is of the stream whose stored name is `:stream`; an index must serve it.
    pub(super) of_stream: String,
    /// How a stored name is shown.
    pub(super) names: Names,
    /// The number in the stream.
    pub(super) version: String,
    /// The type's name.
    pub(super) event_type: String,
    /// The category of an event.
    pub(super) category: String,
    /// The condition that an event is of `:category`, cheaper than comparing the category itself.
    pub(super) of_category: String,
    /// Whether the category is a matter of the name alone.
    pub(super) categories: Categories,
    /// When, and how that is written.
    pub(super) time: Option<(String, TimeForm)>,
    /// The event's id.
    pub(super) id: Option<String>,
    /// The payload.
    pub(super) data: String,
    /// The metadata.
    pub(super) metadata: Option<String>,
    /// What else must hold for a row to be an event.
    pub(super) filter: Option<&'static str>,
    /// Where totals come from.
    pub(super) totals: TotalsFrom,
    /// Where the library's own snapshots are.
    pub(super) snapshots: Option<SnapshotMap>,
    /// How payloads become JSON.
    pub(super) decoder: Decoder,
}

/// How a stored stream name is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Names {
    /// As it is.
    Plain,
    /// Stored as 32 hex digits, shown as a UUID with dashes.
    Uuid,
}

/// What decides the category of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Categories {
    /// Its name.
    ByName,
    /// The type of its first event.
    ByType,
}

/// Where totals come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TotalsFrom {
    /// From the native table of streams, kept by the writer; positions and versions have no gaps.
    StreamsTable,
    /// By counting.
    Counting,
}

/// How a time is written in its column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TimeForm {
    /// Microseconds since 1970.
    Microseconds,
    /// Text as RFC 3339 has it, with or without an offset; UTC without one.
    Text,
}

/// Where snapshots are. Every text is SQL over the tables in `from`.
#[derive(Clone, Debug)]
pub(super) struct SnapshotMap {
    pub(super) from: String,
    /// The stream's name as stored.
    pub(super) stream: String,
    /// The version that it stands after.
    pub(super) version: String,
    /// The user's name for it.
    pub(super) name: Option<&'static str>,
    /// The reducer that made it.
    pub(super) reducer: Option<&'static str>,
    /// The hash of the event that it stands after.
    pub(super) event_hash: Option<&'static str>,
    /// When, in microseconds since 1970; where there is none, the snapshot itself may say it.
    pub(super) time: Option<&'static str>,
    /// The state as stored.
    pub(super) state: String,
    /// Who wrote them.
    pub(super) source: &'static str,
}

impl Names {
    /// The name as people see it.
    pub(super) fn shown(self, stored: &str) -> String {
        match self {
            Self::Plain => stored.to_owned(),
            Self::Uuid => crate::event::uuid_with_dashes(stored).unwrap_or_else(|| stored.to_owned()),
        }
    }

    /// The name as it is stored.
    pub(super) fn stored(self, shown: &str) -> String {
        if self == Self::Uuid && shown.len() == 36 {
            let bare = shown.replace('-', "");
            if crate::event::uuid_with_dashes(&bare).is_some_and(|dashed| dashed == shown) {
                return bare;
            }
        }
        shown.to_owned()
    }
}

/// Finds the layout of a file.
///
/// # Errors
/// `Open` with the tables' names where none fits.
pub(super) fn recognise(connection: &Connection) -> Result<Recognised> {
    let schema = Schema::read(connection)?;
    let mut best: Option<Recognised> = None;
    for recognise in [native::recognise, emmett::recognise, eventsourcing::recognise] {
        if let Some(found) = recognise(&schema, connection)?
            && best.as_ref().is_none_or(|best| found.confidence > best.confidence)
        {
            best = Some(found);
        }
    }
    best.ok_or_else(|| {
        let tables = match schema.tables.len() {
            0 => "the database has no tables".to_owned(),
            _ => format!("no table looks like an event log (tables: {})", schema.names()),
        };
        Error::Open(format!("{tables}; known are Eventscope's own logs, Emmett, and Python's eventsourcing"))
    })
}
