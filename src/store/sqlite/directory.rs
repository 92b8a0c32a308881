//! The streams of a log whose index of names cannot tell them: streams of several columns, linked events, events
//! without a stream. One pass over the log finds them, and each later pass takes what is new.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;
use std::sync::Arc;

use rusqlite::{Connection, ToSql};

use super::fault::fault;
use super::layouts::{Map, Order};
use super::pages::{self, number_of, text_of};
use crate::error::Result;
use crate::event::{EventBatch, Scope, StreamId};
use crate::log::{CategoryInfo, StreamInfo, StreamPage};

/// What is known of the streams of one log.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    streams: BTreeMap<Arc<str>, Entry>,
    categories: BTreeMap<Arc<str>, (u64, u64)>,
    /// The keys of the first event, and of the last that was looked at.
    ends: Option<(i64, i64)>,
    hasher: RandomState,
    is_ambiguous: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    category: Arc<str>,
    events: u64,
    first_version: Option<i64>,
    last_version: Option<i64>,
    first_key: i64,
    last_key: i64,
    /// A hash of the full name.
    identity: u64,
}

impl Directory {
    /// Takes in what is new. The log begins with the key `first` now.
    ///
    /// # Errors
    /// As SQLite says.
    pub(super) fn extend(&mut self, connection: &Connection, map: &Map) -> Result<()> {
        let failed = |error| fault(error, "list the streams");
        let first = super::extents::first_key(connection, map).map_err(failed)?;
        if first != self.ends.map(|(first, _)| first) {
            *self = Self { hasher: self.hasher.clone(), ..Self::default() };
        }
        let after = self.ends.map(|(_, last)| last);
        let above = map.key_is(">", ":after");
        let more: &[&str] = if after.is_some() { &[&above] } else { &[] };
        let sql = format!(
            "SELECT {}, {}, {}, {}, {} FROM {}{} ORDER BY {}",
            map.key,
            map.stream,
            map.version,
            map.category,
            map.full_stream.as_deref().unwrap_or("NULL"),
            map.from,
            map.conditions(&Scope::Log, more),
            map.by_key(""),
        );
        let parameters: Vec<(&str, &dyn ToSql)> = after.iter().map(|after| (":after", after as &dyn ToSql)).collect();
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query(parameters.as_slice()).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let key: i64 = row.get(0).map_err(failed)?;
            let value = |index| row.get_ref(index).map_err(failed);
            let stored = text_of(value(1)?);
            let version = number_of(value(2)?);
            let identity = self.hasher.hash_one(text_of(value(4)?));
            let name = map.names.shown(&stored);
            self.add(&name, key, version, &text_of(value(3)?), identity);
            self.ends = Some((self.ends.map_or(key, |(first, _)| first), key));
        }
        Ok(())
    }

    fn add(&mut self, name: &str, key: i64, version: Option<i64>, category: &str, identity: u64) {
        if let Some(entry) = self.streams.get_mut(name) {
            entry.events += 1;
            entry.first_version = entry.first_version.into_iter().chain(version).min();
            entry.last_version = entry.last_version.into_iter().chain(version).max();
            entry.last_key = key;
            self.is_ambiguous |= entry.identity != identity;
            if let Some((_, events)) = self.categories.get_mut(&entry.category) {
                *events += 1;
            }
            return;
        }
        let category: Arc<str> = match self.categories.get_key_value(category) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(category),
        };
        let (streams, events) = self.categories.entry(Arc::clone(&category)).or_default();
        (*streams, *events) = (*streams + 1, *events + 1);
        let entry = Entry {
            category,
            events: 1,
            first_version: version,
            last_version: version,
            first_key: key,
            last_key: key,
            identity,
        };
        self.streams.insert(Arc::from(name), entry);
    }

    /// True where one name stands for several streams.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.is_ambiguous
    }

    /// The key of a stream's first event.
    pub(super) fn first_key(&self, stream: &str) -> Option<i64> {
        self.streams.get(stream).map(|entry| entry.first_key)
    }

    /// How many streams there are.
    pub(super) fn len(&self) -> u64 {
        self.streams.len() as u64
    }

    /// The categories, by name.
    pub(super) fn categories(&self) -> Vec<CategoryInfo> {
        let info = |(category, (streams, events)): (&Arc<str>, &(u64, u64))| CategoryInfo {
            category: Arc::clone(category),
            streams: *streams,
            events: Some(*events),
            last_time: None,
        };
        self.categories.iter().map(info).collect()
    }

    /// A page of streams, by name.
    ///
    /// # Errors
    /// Where the newest event of one cannot be read.
    pub(super) fn streams(&self, connection: &Connection, map: &Map, page: &StreamPage) -> Result<Vec<StreamInfo>> {
        let contains = page.contains.as_ref().map(|text| text.to_lowercase());
        let after = page.after.as_ref().map_or(Bound::Unbounded, |after| Bound::Excluded(after.as_str()));
        self.streams
            .range::<str, _>((after, Bound::Unbounded))
            .filter(|(_, entry)| page.category.as_ref().is_none_or(|category| **category == *entry.category))
            .filter(|(name, _)| contains.as_ref().is_none_or(|text| name.to_lowercase().contains(text)))
            .take(page.limit as usize)
            .map(|(name, entry)| info(connection, map, name, entry))
            .collect()
    }

    /// One stream.
    ///
    /// # Errors
    /// Where its newest event cannot be read.
    pub(super) fn stream(&self, connection: &Connection, map: &Map, stream: &StreamId) -> Result<Option<StreamInfo>> {
        let known = self.streams.get_key_value(stream.as_str());
        known.map(|(name, entry)| info(connection, map, name, entry)).transpose()
    }
}

fn info(connection: &Connection, map: &Map, name: &str, entry: &Entry) -> Result<StreamInfo> {
    let mut last = EventBatch::new();
    match map.in_stream {
        Order::Key => pages::read_key(connection, map, entry.last_key, &mut last)?,
        Order::Version => pages::read_last(connection, map, &Scope::Stream(StreamId::new(name)), &mut last)?,
    }
    Ok(StreamInfo {
        stream: StreamId::new(name),
        category: Arc::clone(&entry.category),
        events: entry.events,
        first_version: entry.first_version,
        last_version: entry.last_version,
        last_time: last.get(0).and_then(|event| map.decoder.time(&event)),
    })
}
