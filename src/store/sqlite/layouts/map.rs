//! The map from a layout's columns to our words: SQL texts, and how their values are read.

use crate::event::Scope;
use crate::payload::Decoder;

use super::super::directory::Directory;
use super::super::schema::{Table, quoted};

/// A layout that fits a file.
#[derive(Debug)]
pub(in crate::store::sqlite) struct Recognised {
    /// Its short name: `emmett`.
    pub(in crate::store::sqlite) layout: &'static str,
    /// In words, with the library's versions.
    pub(in crate::store::sqlite) title: &'static str,
    /// The table that holds its events.
    pub(in crate::store::sqlite) table: String,
    /// What it was recognised by, one fact each.
    pub(in crate::store::sqlite) evidence: Vec<String>,
    /// How sure it is; the surest wins.
    pub(in crate::store::sqlite) confidence: Confidence,
    /// Where its columns are.
    pub(in crate::store::sqlite) map: Map,
}

/// How sure a layout is that a file is of its kind, from 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::store::sqlite) struct Confidence(pub(in crate::store::sqlite) u8);

/// Where the events of a layout are. Every text is SQL over `e`, the table of events.
#[derive(Clone, Debug)]
pub(in crate::store::sqlite) struct Map {
    /// What stands behind FROM; the table of events is named `e` in it.
    pub(in crate::store::sqlite) from: String,
    /// The same for one stream, where it is another: an event that is linked into several streams.
    pub(in crate::store::sqlite) from_stream: Option<String>,
    /// The log's order: a whole number, unique.
    pub(in crate::store::sqlite) key: String,
    /// Where a row holds several events: which row, and which place in it, the key is made of.
    pub(in crate::store::sqlite) places: Option<Places>,
    /// The stream's name as stored.
    pub(in crate::store::sqlite) stream: String,
    /// The same, unmistakable: where ids are shown alone, this tells streams with the same id apart.
    pub(in crate::store::sqlite) full_stream: Option<String>,
    /// The condition that an event is of the stream whose stored name is `:stream`, or whose first event has the key
    /// `:first`; an index must serve it.
    pub(in crate::store::sqlite) of_stream: String,
    /// Streams of which an index of names cannot tell: kept in memory after one pass over the log.
    pub(in crate::store::sqlite) directory: Option<Directory>,
    /// How a stored name is shown.
    pub(in crate::store::sqlite) names: Names,
    /// The number in the stream.
    pub(in crate::store::sqlite) version: String,
    /// How a stream is read: by the log's key where versions may be missing.
    pub(in crate::store::sqlite) in_stream: Order,
    /// The type's name.
    pub(in crate::store::sqlite) event_type: String,
    /// The category of an event.
    pub(in crate::store::sqlite) category: String,
    /// The condition that an event is of `:category`, cheaper than comparing the category itself.
    pub(in crate::store::sqlite) of_category: String,
    /// Whether the category is a matter of the name alone.
    pub(in crate::store::sqlite) categories: Categories,
    /// When, and how that is written.
    pub(in crate::store::sqlite) time: Option<(String, TimeForm)>,
    /// The event's id.
    pub(in crate::store::sqlite) id: Option<String>,
    /// The payload.
    pub(in crate::store::sqlite) data: String,
    /// The metadata.
    pub(in crate::store::sqlite) metadata: Option<String>,
    /// What else must hold for a row to be an event.
    pub(in crate::store::sqlite) filter: Option<String>,
    /// What else must hold where more than one stream is looked at, so that an event is there once.
    pub(in crate::store::sqlite) once: Option<String>,
    /// Where totals come from.
    pub(in crate::store::sqlite) totals: TotalsFrom,
    /// Where the library's own snapshots are.
    pub(in crate::store::sqlite) snapshots: Option<SnapshotMap>,
    /// How payloads become JSON.
    pub(in crate::store::sqlite) decoder: Decoder,
}

/// Several events in one row: the key is `row * per_row + place`, so that the row's own index serves it.
#[derive(Clone, Debug)]
pub(in crate::store::sqlite) struct Places {
    /// The row's number.
    pub(in crate::store::sqlite) row: String,
    /// The event's place in the row, from 0.
    pub(in crate::store::sqlite) place: String,
    /// More than a row has places.
    pub(in crate::store::sqlite) per_row: u32,
}

/// What is read in which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store::sqlite) enum Order {
    /// By the log's own key.
    Key,
    /// By the number in the stream.
    Version,
}

/// How a stored stream name is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store::sqlite) enum Names {
    /// As it is.
    Plain,
    /// Stored as 32 hex digits, shown as a UUID with dashes.
    Uuid,
}

/// What decides the category of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store::sqlite) enum Categories {
    /// Its name.
    Name,
    /// The type of its first event.
    Type,
    /// The value that each event has in [`Map::category`].
    Column,
}

/// Where totals come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store::sqlite) enum TotalsFrom {
    /// From the native table of streams, kept by the writer; positions and versions have no gaps.
    StreamsTable,
    /// By counting.
    Counting,
}

/// How a time is written in its column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store::sqlite) enum TimeForm {
    /// Microseconds since 1970.
    Microseconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Seconds since 1970, with or without a fraction.
    Seconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// Days since noon on 24 November 4714 BC, with their fraction, as SQLite's `julianday` counts them.
    JulianDays,
    /// Text as RFC 3339 has it, with or without an offset; UTC without one.
    Text,
}

/// Where snapshots are. Every text is SQL over the tables in `from`.
#[derive(Clone, Debug)]
pub(in crate::store::sqlite) struct SnapshotMap {
    pub(in crate::store::sqlite) from: String,
    /// The stream's name as stored.
    pub(in crate::store::sqlite) stream: String,
    /// The same, unmistakable, as [`Map::full_stream`].
    pub(in crate::store::sqlite) full_stream: Option<String>,
    /// The version that it stands after.
    pub(in crate::store::sqlite) version: String,
    /// Where `version` is a cursor that holds the id of an event: the query for its version, by `:id`.
    pub(in crate::store::sqlite) version_of_event: Option<String>,
    /// The user's name for it.
    pub(in crate::store::sqlite) name: Option<String>,
    /// The reducer that made it.
    pub(in crate::store::sqlite) reducer: Option<&'static str>,
    /// The hash of the event that it stands after.
    pub(in crate::store::sqlite) event_hash: Option<&'static str>,
    /// When; where there is none, the snapshot itself may say it.
    pub(in crate::store::sqlite) time: Option<(String, TimeForm)>,
    /// The state as stored.
    pub(in crate::store::sqlite) state: String,
    /// Who wrote them.
    pub(in crate::store::sqlite) source: &'static str,
}

impl Names {
    /// The name as people see it.
    pub(in crate::store::sqlite) fn shown(self, stored: &str) -> String {
        match self {
            Self::Plain => stored.to_owned(),
            Self::Uuid => crate::event::uuid_with_dashes(stored).unwrap_or_else(|| stored.to_owned()),
        }
    }

    /// The name as it is stored.
    pub(in crate::store::sqlite) fn stored(self, shown: &str) -> String {
        if self == Self::Uuid && shown.len() == 36 {
            let bare = shown.replace('-', "");
            if crate::event::uuid_with_dashes(&bare).is_some_and(|dashed| dashed == shown) {
                return bare;
            }
        }
        shown.to_owned()
    }
}

impl Map {
    /// A map of one table, which is `e`, with nothing in it but its key: a start for a layout's own.
    pub(in crate::store::sqlite) fn of(table: &Table, key: &str) -> Self {
        Self {
            from: format!("{} e", quoted(&table.name)),
            from_stream: None,
            key: key.to_owned(),
            places: None,
            stream: "''".to_owned(),
            full_stream: None,
            of_stream: "0".to_owned(),
            directory: None,
            names: Names::Plain,
            version: "NULL".to_owned(),
            in_stream: Order::Version,
            event_type: "''".to_owned(),
            category: "''".to_owned(),
            of_category: "0".to_owned(),
            categories: Categories::Column,
            time: None,
            id: None,
            data: "NULL".to_owned(),
            metadata: None,
            filter: None,
            once: None,
            totals: TotalsFrom::Counting,
            snapshots: None,
            decoder: Decoder::json(),
        }
    }

    /// The same, its categories being what this says of an event.
    pub(in crate::store::sqlite) fn by_category(mut self, category: &str) -> Self {
        category.clone_into(&mut self.category);
        self.of_category = format!("{category} = :category");
        self.categories = Categories::Column;
        self
    }

    /// Shows the names of streams in full from now on; false where they are already.
    pub(in crate::store::sqlite) fn show_full_names(&mut self) -> bool {
        if let Some(snapshots) = &mut self.snapshots
            && let Some(full) = snapshots.full_stream.take()
        {
            snapshots.stream = full;
        }
        let full = self.full_stream.take();
        self.directory = self.directory.as_ref().map(|_| Directory::default());
        full.is_some_and(|full| {
            self.stream = full;
            true
        })
    }

    /// The same with this name of a stream.
    pub(in crate::store::sqlite) fn with_stream(mut self, stream: String) -> Self {
        self.stream = stream;
        self
    }

    /// The order in which a scope is read.
    pub(in crate::store::sqlite) fn order_of(&self, scope: &Scope) -> Order {
        match scope {
            Scope::Log | Scope::Category(_) => Order::Key,
            Scope::Stream(_) => self.in_stream,
        }
    }

    /// What a scope is ordered by.
    pub(in crate::store::sqlite) fn ordering(&self, scope: &Scope) -> &str {
        match self.order_of(scope) {
            Order::Key => &self.key,
            Order::Version => &self.version,
        }
    }

    /// What stands behind FROM for a scope.
    pub(in crate::store::sqlite) fn source_of(&self, scope: &Scope) -> &str {
        match (scope, &self.from_stream) {
            (Scope::Stream(_), Some(from)) => from,
            _ => &self.from,
        }
    }

    /// What stands behind ORDER BY for the key; `direction` is empty or ` DESC`.
    pub(in crate::store::sqlite) fn by_key(&self, direction: &str) -> String {
        match &self.places {
            Some(places) => format!("{}{direction}, {}{direction}", places.row, places.place),
            None => format!("{}{direction}", self.key),
        }
    }

    /// The condition that the key compares so with a parameter: `>`, `<=`, `=`.
    pub(in crate::store::sqlite) fn key_is(&self, comparison: &str, parameter: &str) -> String {
        let key = &self.key;
        match &self.places {
            Some(Places { row, per_row, .. }) => {
                let of_row = if comparison == ">" { ">=" } else { comparison };
                format!("({row} {of_row} {parameter} / {per_row} AND {key} {comparison} {parameter})")
            }
            None => format!("{key} {comparison} {parameter}"),
        }
    }

    /// The condition that what a scope is ordered by compares so with a parameter.
    pub(in crate::store::sqlite) fn place_is(&self, scope: &Scope, comparison: &str, parameter: &str) -> String {
        match self.order_of(scope) {
            Order::Key => self.key_is(comparison, parameter),
            Order::Version => format!("{} {comparison} {parameter}", self.version),
        }
    }
}

impl SnapshotMap {
    /// A map of one table of snapshots, which is `n`, without a stream.
    pub(in crate::store::sqlite) fn of(table: &Table, version: &str, state: &str, source: &'static str) -> Self {
        Self {
            from: format!("{} n", quoted(&table.name)),
            stream: "''".to_owned(),
            full_stream: None,
            version: version.to_owned(),
            version_of_event: None,
            name: None,
            reducer: None,
            event_hash: None,
            time: None,
            state: state.to_owned(),
            source,
        }
    }
}
