//! Reading an event log in a SQLite file, whatever its layout: [`SqliteLog`].

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;

use super::connect::Link;
use super::directory::Directory;
use super::extents::Extent;
use super::layouts::{self, Map, Mapping, Order, Recognised, TotalsFrom};
use super::pages::{self, Path as Along};
use super::{counted, growth, hot, inspect, kept, payloads};
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use crate::limits::PAGE_EVENTS_MAX;
use crate::locator::Locator;
use crate::log::{
    At, Capabilities, CategoryInfo, Growth, Head, LogInfo, PageEnd, Place, Seal, Sifted, Snapshot, StreamInfo,
    StreamPage, Totals,
};
use crate::payload::{self, Decoder};
use crate::store::{EventLog, Stopper};

/// Scopes whose extents are kept. One holds 16 bytes a thousand events.
const EXTENTS_MAX: usize = 64;

/// An event log in a SQLite file, read through the map of its layout. It never writes.
pub struct SqliteLog {
    link: Link,
    map: Map,
    info: LogInfo,
    head: Head,
    /// The newest event and its hash: where it is no longer what it was, history was rewritten.
    witness: Option<(i64, [u8; 32])>,
    extents: HashMap<Scope, Extent>,
    names: hot::Names,
    /// Device and file number of the file that the layout was recognised in.
    identity: (u64, u64),
}

impl SqliteLog {
    /// Opens a file and recognises its layout.
    ///
    /// # Errors
    /// `Open` in plain words, with what to do.
    pub fn open(locator: &str) -> Result<Self> {
        Self::open_as(locator, None)
    }

    /// The same, by this mapping where one is given.
    ///
    /// # Errors
    /// As [`SqliteLog::open`].
    pub(super) fn open_as(locator: &str, given: Option<&Mapping>) -> Result<Self> {
        let place = Locator::parse(locator);
        let mut link = Link::open(place.file())?;
        let recognised = recognise(&mut link, &place, given)?;
        let mut log = Self {
            info: describe(locator, &link, &recognised),
            map: recognised.map,
            identity: link.identity(),
            head: Head::default(),
            witness: None,
            extents: HashMap::new(),
            names: hot::Names::default(),
            link,
        };
        log.head()?;
        Ok(log)
    }

    /// Runs something with the connection and the map.
    fn ask<T>(&mut self, doing: &str, mut ask: impl FnMut(&Connection, &Map) -> Result<T>) -> Result<T> {
        let map = &self.map;
        let answer = self.link.call(doing, |connection| ask(connection, map));
        self.info.access = self.link.access();
        self.info.journal = self.link.journal();
        answer
    }

    /// Runs something with what is known of a scope, brought up to date first.
    fn measure<T>(
        &mut self,
        scope: &Scope,
        mut ask: impl FnMut(&mut Extent, &Connection, &Map) -> Result<T>,
    ) -> Result<T> {
        if self.extents.len() >= EXTENTS_MAX && !self.extents.contains_key(scope) {
            self.extents.clear();
        }
        let mut known = self.extents.remove(scope);
        let answer = self.ask("count events", |connection, map| {
            let mut extent = match (known.take(), scope, map.totals) {
                (None, Scope::Category(category), TotalsFrom::StreamsTable) => {
                    kept::category_extent(connection, category)?
                }
                (Some(mut extent), _, TotalsFrom::StreamsTable) => {
                    extent.extend_from_known(connection, map, scope)?;
                    extent
                }
                (extent, _, _) => {
                    let mut extent = extent.unwrap_or_default();
                    extent.extend(connection, map, scope)?;
                    extent
                }
            };
            let answer = ask(&mut extent, connection, map)?;
            Ok((extent, answer))
        });
        let (extent, answer) = answer?;
        self.extents.insert(scope.clone(), extent);
        Ok(answer)
    }

    /// Takes into the directory of streams what is new, where the log has one.
    fn catch_up(&mut self) -> Result<()> {
        let Some(mut directory) = self.map.directory.take() else { return Ok(()) };
        let mut is_first = true;
        let extended = self.ask("list the streams", |connection, map| {
            // What was taken in while the files changed may be wrong.
            if !std::mem::take(&mut is_first) {
                directory = Directory::default();
            }
            directory.extend(connection, map)
        });
        let is_ambiguous = directory.is_ambiguous();
        self.map.directory = Some(if extended.is_ok() { directory } else { Directory::default() });
        extended?;
        if is_ambiguous && self.map.show_full_names() {
            self.extents.clear();
            self.head.epoch += 1;
            return self.catch_up();
        }
        Ok(())
    }

    /// The same, where this is needed to find the events of a scope.
    fn find(&mut self, scope: &Scope) -> Result<()> {
        let known = self.map.directory.as_ref().zip(scope.stream());
        if known.is_some_and(|(directory, stream)| directory.first_key(stream.as_str()).is_none()) {
            return self.catch_up();
        }
        Ok(())
    }

    /// True where positions are sums: the log and the streams of a native log.
    fn is_gapless(&self, scope: &Scope) -> bool {
        self.map.totals == TotalsFrom::StreamsTable && !matches!(scope, Scope::Category(_))
    }

    /// The first key or version and the count of a gapless scope.
    fn gapless(&mut self, scope: &Scope) -> Result<(i64, u64)> {
        match scope.stream() {
            Some(stream) => self.ask("count events", |connection, _| kept::hot_versions(connection, stream)),
            None => self.ask("count events", |connection, _| {
                let ends = kept::ends(connection)?;
                Ok((ends.map_or(1, |(first, _)| first), kept::events_between(ends)))
            }),
        }
    }

    /// The time of the event at a 0-based position.
    fn time_at(&mut self, scope: &Scope, position: u64, batch: &mut EventBatch) -> Result<Option<Time>> {
        let place = self.locate(scope, position)?;
        let (mut at, mut resume) = (place.position, place.resume);
        loop {
            let wanted = u32::try_from(position - at + 1).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let end = self.read(scope, &resume, wanted, batch)?;
            let index = usize::try_from(position - at).unwrap_or(usize::MAX);
            if let Some(event) = batch.get(index) {
                return Ok(self.map.decoder.time(&event));
            }
            if batch.is_empty() || end.at_end {
                return Ok(None);
            }
            at += batch.len() as u64;
            resume = end.next;
        }
    }

    /// How many events stand at or before a time, by halving: times are taken to go forward.
    fn position_at(&mut self, scope: &Scope, time: Time) -> Result<u64> {
        let mut batch = EventBatch::new();
        let (mut low, mut high) = (0, self.extent(scope)?);
        while low < high {
            let middle = low + (high - low) / 2;
            // An event without a time counts as before.
            if self.time_at(scope, middle, &mut batch)?.is_none_or(|at| at <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// How many events of a stream have a key up to this one.
    fn position_in_stream(&mut self, scope: &Scope, key: i64) -> Result<u64> {
        let counted = self.one_number(scope, |map| ("count(*)", map.key_is("<=", ":upto")), key)?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// How many events of a stream stand up to the last one with a version up to this one, in the order of keys.
    fn position_of_version(&mut self, scope: &Scope, version: i64) -> Result<u64> {
        let newest = |map: &Map| ("max(KEY)", format!("{} <= :upto", map.version));
        match self.one_number(scope, newest, version)? {
            Some(key) => self.position_in_stream(scope, key),
            None => Ok(0),
        }
    }

    /// One number about the events of a scope up to something.
    fn one_number(
        &mut self,
        scope: &Scope,
        of: impl Fn(&Map) -> (&'static str, String),
        upto: i64,
    ) -> Result<Option<i64>> {
        self.ask("find a position", |connection, map| {
            let (number, condition) = of(map);
            let (from, conditions) = (map.source_of(scope), map.conditions(scope, &[&condition]));
            let sql = format!("SELECT {} FROM {from}{conditions}", number.replace("KEY", &map.key));
            super::extents::with_scope(map, scope, vec![(":upto", &upto)], |parameters| {
                connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0))
            })
            .map_err(|error| super::fault::fault(error, "find a position"))
        })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        self.link.path()
    }

    /// True where nothing was written since the last call.
    pub(super) fn is_unchanged(&self) -> bool {
        self.link.is_unchanged()
    }

    /// Asks something of a native log that the seam has no word for.
    pub(super) fn look<T>(&mut self, doing: &str, look: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        self.ask(doing, |connection, _| look(connection))
    }

    /// The position after which a place lies, where it is one in the whole of a native log.
    fn hot_place(&self, scope: &Scope, from: &Resume) -> Option<i64> {
        match (scope, self.map.totals, from) {
            (Scope::Log, TotalsFrom::StreamsTable, Resume::Start) => Some(i64::MIN),
            (Scope::Log, TotalsFrom::StreamsTable, Resume::After(Seq::Number(after))) => Some(*after),
            _ => None,
        }
    }

    /// Looks at a page of a native log in order.
    fn sift_hot(
        &mut self,
        (after, limit): (i64, u32),
        mut is_wanted: impl FnMut(&RawEvent<'_>) -> bool,
        into: &mut EventBatch,
    ) -> Result<Sifted> {
        let mut names = std::mem::take(&mut self.names);
        let mut identity = self.identity;
        loop {
            let end = self.ask("read events", |connection, _| {
                hot::sift(connection, &mut names, (after, limit), &mut is_wanted, into)
            });
            if self.link.identity() == identity {
                self.names = names;
                return end;
            }
            // Another file under the same name has other streams.
            identity = self.link.identity();
            names = hot::Names::default();
        }
    }

    /// How many events of a stream or a category of a native log are in archives.
    pub(super) fn archived(&mut self, scope: &Scope) -> Result<u64> {
        self.ask("count archived events", |connection, _| kept::archived(connection, scope))
    }

    /// Begins anew after the file was replaced.
    fn recognise_again(&mut self) -> Result<()> {
        let recognised = recognise(&mut self.link, &Locator::parse(&self.info.locator), None)?;
        self.identity = self.link.identity();
        self.info = describe(&self.info.locator, &self.link, &recognised);
        self.map = recognised.map;
        Ok(())
    }
}

impl EventLog for SqliteLog {
    fn info(&self) -> &LogInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        self.map.decoder.clone()
    }

    fn head(&mut self) -> Result<Head> {
        if self.head.last.is_some() && self.link.is_unchanged() {
            return Ok(self.head);
        }
        let (known, mut batch) = (self.witness, EventBatch::new());
        let look = |connection: &Connection, map: &Map| {
            let last = growth::last_key(connection, map)?;
            let is_kept = match known {
                None => true,
                Some((key, hash)) => {
                    pages::read_key(connection, map, key, &mut batch)?;
                    batch.get(0).is_some_and(|event| payload::hash(&event) == hash)
                }
            };
            let witness = match (last, known) {
                (None, _) => None,
                (Some(last), Some((key, hash))) if last == key && is_kept => Some((last, hash)),
                (Some(last), _) => {
                    pages::read_key(connection, map, last, &mut batch)?;
                    batch.get(0).map(|event| (last, payload::hash(&event)))
                }
            };
            Ok((last, is_kept, witness))
        };
        let looked = self.ask("find the end of the log", look);
        if self.link.identity() != self.identity {
            // Another file under the same name: what the old map says of it is worth nothing.
            self.recognise_again()?;
            let epoch = self.head.epoch + 1;
            (self.head, self.witness) = (Head { last: None, epoch }, None);
            self.extents.clear();
            self.names = hot::Names::default();
            return self.head();
        }
        let (last, is_kept, witness) = looked?;
        if !is_kept {
            self.head.epoch += 1;
            self.extents.clear();
            self.map.directory = self.map.directory.as_ref().map(|_| Directory::default());
            self.names = hot::Names::default();
        }
        if self.head.last.is_some_and(|before| Some(before) != last.map(Seq::Number)) {
            self.link.note_written();
            self.info.access = self.link.access();
        }
        self.head.last = last.map(Seq::Number);
        self.witness = witness;
        self.info.bytes_total = inspect::bytes_total(self.link.path());
        Ok(self.head)
    }

    fn totals(&mut self) -> Result<Totals> {
        self.catch_up()?;
        let mut totals = match self.map.totals {
            TotalsFrom::StreamsTable => self.ask("sum up the log", |connection, _| kept::totals(connection))?,
            TotalsFrom::Counting => {
                let events = self.extent(&Scope::Log)?;
                self.ask("sum up the log", |connection, map| counted::totals(connection, map, events))?
            }
        };
        let mut batch = EventBatch::new();
        self.read(&Scope::Log, &Resume::Start, 1, &mut batch)?;
        totals.first_time = batch.get(0).and_then(|event| self.map.decoder.time(&event));
        self.ask("read the newest event", |connection, map| {
            pages::read_last(connection, map, &Scope::Log, &mut batch)
        })?;
        totals.last_time = batch.get(0).and_then(|event| self.map.decoder.time(&event));
        Ok(totals)
    }

    fn extent(&mut self, scope: &Scope) -> Result<u64> {
        self.find(scope)?;
        if self.is_gapless(scope) {
            return Ok(self.gapless(scope)?.1);
        }
        self.measure(scope, |extent, _, _| Ok(extent.events))
    }

    fn categories(&mut self) -> Result<Vec<CategoryInfo>> {
        self.catch_up()?;
        self.ask("list the categories", |connection, map| match map.totals {
            TotalsFrom::StreamsTable => kept::categories(connection),
            TotalsFrom::Counting => counted::categories(connection, map),
        })
    }

    fn streams(&mut self, page: &StreamPage) -> Result<Vec<StreamInfo>> {
        self.catch_up()?;
        self.ask("list the streams", |connection, map| match map.totals {
            TotalsFrom::StreamsTable => kept::streams(connection, page),
            TotalsFrom::Counting => counted::streams(connection, map, page),
        })
    }

    fn stream(&mut self, stream: &StreamId) -> Result<Option<StreamInfo>> {
        self.catch_up()?;
        self.ask("look up a stream", |connection, map| match map.totals {
            TotalsFrom::StreamsTable => kept::stream(connection, stream),
            TotalsFrom::Counting => counted::stream(connection, map, stream, None),
        })
    }

    fn locate(&mut self, scope: &Scope, position: u64) -> Result<Place> {
        self.find(scope)?;
        if self.is_gapless(scope) {
            let (first, events) = self.gapless(scope)?;
            return Ok(kept::place(scope, first, events, position));
        }
        self.measure(scope, |extent, connection, map| extent.locate(connection, map, scope, position))
    }

    fn position_of(&mut self, scope: &Scope, at: &At) -> Result<u64> {
        self.find(scope)?;
        let number = match (scope, at) {
            (_, At::Time(time)) => return self.position_at(scope, *time),
            (Scope::Stream(_), At::Version(version)) if self.map.in_stream == Order::Key => {
                return self.position_of_version(scope, *version);
            }
            (Scope::Stream(_), At::Version(version)) => *version,
            (_, At::Version(version)) => {
                return Err(Error::Input(format!("version {version} is a place in one stream only (name the stream)")));
            }
            (Scope::Stream(_), At::Seq(Seq::Number(key))) => return self.position_in_stream(scope, *key),
            (_, At::Seq(Seq::Number(key))) => *key,
            (_, At::Seq(other)) => {
                return Err(Error::Input(format!("{other} is no position of this log: it has numbers")));
            }
        };
        if self.is_gapless(scope) {
            let (first, events) = self.gapless(scope)?;
            let count = i128::from(number) - i128::from(first) + 1;
            return Ok(u64::try_from(count.max(0)).unwrap_or(u64::MAX).min(events));
        }
        self.measure(scope, |extent, connection, map| extent.position_of(connection, map, scope, number))
    }

    fn read(&mut self, scope: &Scope, from: &Resume, limit: u32, into: &mut EventBatch) -> Result<PageEnd> {
        self.find(scope)?;
        if let Some(after) = self.hot_place(scope, from) {
            return Ok(self.sift_hot((after, limit), |_: &RawEvent<'_>| true, into)?.page);
        }
        let path = match (scope, self.map.totals) {
            (Scope::Category(_), TotalsFrom::StreamsTable) => match self.extents.get(scope) {
                Some(extent) => extent.path,
                None => self.measure(scope, |extent, _, _| Ok(extent.path))?,
            },
            _ => Along::AlongLog,
        };
        self.ask("read events", |connection, map| pages::read(connection, map, scope, from, (limit, path), into))
    }

    fn sift(
        &mut self,
        scope: &Scope,
        from: &Resume,
        limit: u32,
        is_wanted: &mut dyn FnMut(&RawEvent<'_>) -> bool,
        into: &mut EventBatch,
    ) -> Result<Sifted> {
        if let Some(after) = self.hot_place(scope, from) {
            return self.sift_hot((after, limit), is_wanted, into);
        }
        let page = self.read(scope, from, limit, into)?;
        let looked_at = into.len() as u64;
        into.retain(is_wanted);
        Ok(Sifted { page, looked_at })
    }

    fn growth(&mut self, after: &Resume) -> Result<Growth> {
        self.ask("measure what is new", |connection, map| growth::growth(connection, map, after))
    }

    fn end(&mut self) -> Result<Resume> {
        let last = self.ask("find the end of the log", growth::last_key)?;
        Ok(last.map_or(Resume::Start, |last| Resume::After(Seq::Number(last))))
    }

    fn snapshots(&mut self, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
        self.ask("list the snapshots", |connection, map| match &map.snapshots {
            Some(snapshots) => growth::snapshots(connection, map, snapshots, stream),
            None => Ok(Vec::new()),
        })
    }

    fn seals(&mut self, after: i64, limit: u32) -> Result<Vec<Seal>> {
        self.ask("read the seals", |connection, map| match map.totals {
            TotalsFrom::StreamsTable => kept::seals(connection, after, limit),
            TotalsFrom::Counting => Ok(Vec::new()),
        })
    }

    fn stopper(&self) -> Stopper {
        self.link.stopper()
    }
}

/// The mappings in the workspace file that was named, else in the one beside the log.
fn mappings_for(place: &Locator) -> Result<Vec<Mapping>> {
    let beside = place.file().with_file_name("eventscope.toml");
    match &place.workspace {
        Some(named) => Mapping::in_file(named),
        None if beside.is_file() => Mapping::in_file(&beside),
        None => Ok(Vec::new()),
    }
}

/// The guessed mapping of the tables of a file, as TOML for its workspace file.
///
/// # Errors
/// `Open` where the file cannot be opened, or no table looks like an event log.
pub fn map_text(locator: &str) -> Result<String> {
    Link::open(Locator::parse(locator).file())?.call("look at its tables", layouts::map_text)
}

fn recognise(link: &mut Link, place: &Locator, given: Option<&Mapping>) -> Result<Recognised> {
    let shown = link.path().display().to_string();
    let mappings = match given {
        Some(given) => vec![given.clone()],
        None => mappings_for(place).map_err(|error| match place.workspace {
            // What was named on the command line is the caller's slip.
            Some(_) => error,
            None => Error::Open(error.to_string()),
        })?,
    };
    let table = place.table.as_deref().filter(|_| given.is_none());
    let recognised = link
        .call("recognise its tables", |connection| layouts::recognise(connection, table, &mappings))
        .map_err(|error| match error {
        Error::Open(text) => Error::Open(format!("{text}: {shown}")),
        other => Error::Open(format!("{other}: {shown}")),
    })?;
    payloads::configure(recognised, place)
}

fn describe(locator: &str, link: &Link, recognised: &Recognised) -> LogInfo {
    let map = &recognised.map;
    let is_native = map.totals == TotalsFrom::StreamsTable;
    let name = link.path().file_name().map_or_else(|| locator.to_owned(), |name| name.to_string_lossy().into_owned());
    LogInfo {
        locator: locator.to_owned(),
        name,
        engine: "sqlite",
        layout: recognised.layout.to_owned(),
        layout_title: recognised.title.to_owned(),
        evidence: recognised.evidence.clone(),
        access: link.access(),
        read_only: !is_native,
        journal: link.journal(),
        bytes_total: inspect::bytes_total(link.path()),
        capabilities: Capabilities {
            event_ids: map.id.is_some(),
            // A log without a column of times may carry them in its payloads.
            times: map.time.is_some() || map.decoder.reads_envelopes(),
            metadata: map.metadata.is_some() || map.decoder.reads_envelopes(),
            stores_snapshots: is_native,
        },
    }
}
