//! A native log whose older part was archived: hot and archived events as one log, at any position.
//!
//! The hot file is read by [`SqliteLog`], which knows nothing of archives and counts from its own first event; what was
//! archived stands before that, in the log, in each stream and in each category.

use super::native::{Pointer, archived_to, pointers};
use super::reader::SqliteLog;
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::{
    At, CategoryInfo, Growth, Head, LogInfo, PageEnd, Place, Seal, Sifted, Snapshot, StreamInfo, StreamPage, Totals,
};
use crate::payload::Decoder;
use crate::store::archive::{ArchiveFile, open_all};
use crate::store::{EventLog, Stopper};

/// Hot and archived events as one log.
pub struct TieredLog {
    hot: SqliteLog,
    info: LogInfo,
    pointers: Vec<Pointer>,
    cold: Vec<ArchiveFile>,
}

impl TieredLog {
    /// Looks for the archives of a native log.
    ///
    /// # Errors
    /// `Open` where one is missing, `Corrupt` where it is another one.
    pub fn new(hot: SqliteLog) -> Result<Self> {
        let mut log = Self { info: hot.info().clone(), hot, pointers: Vec::new(), cold: Vec::new() };
        log.look_for_archives()?;
        Ok(log)
    }

    /// True where the archives are others than before.
    fn look_for_archives(&mut self) -> Result<bool> {
        let archived = self.hot.look("find the archives of the log", archived_to)?;
        self.info = self.hot.info().clone();
        let is_new = archived != self.archived_to();
        if is_new {
            self.pointers = self.hot.look("find the archives of the log", pointers)?;
            self.cold = open_all(self.hot.path(), &self.pointers)?;
        }
        for file in &self.cold {
            self.info.evidence.push(format!(
                "positions {} to {} are read from the archive {}",
                file.first,
                file.last,
                file.path().display()
            ));
        }
        Ok(is_new)
    }

    fn archived_to(&self) -> i64 {
        self.pointers.last().map_or(0, |pointer| pointer.last)
    }

    /// How many events of a scope were archived.
    fn archived(&mut self, scope: &Scope) -> Result<u64> {
        match scope {
            _ if self.cold.is_empty() => Ok(0),
            Scope::Log => Ok(u64::try_from(self.archived_to()).unwrap_or_default()),
            scope => self.hot.archived(scope),
        }
    }

    /// Reads on in the archives; `None` where they hold nothing after this place.
    fn read_cold(
        &mut self,
        scope: &Scope,
        from: &Resume,
        limit: usize,
        into: &mut EventBatch,
    ) -> Result<Option<PageEnd>> {
        let mut next = match (scope, from) {
            (_, Resume::Start) => 1,
            (Scope::Stream(_), Resume::AfterVersion(version)) => version.saturating_add(1),
            (Scope::Log | Scope::Category(_), Resume::After(Seq::Number(position))) => position.saturating_add(1),
            _ => return Ok(None),
        };
        let mut end = None;
        for file in &mut self.cold {
            let Some(read) = file.read(scope, next, limit, into)? else { continue };
            next = match &read.next {
                Resume::After(Seq::Number(key)) | Resume::AfterVersion(key) => key + 1,
                _ => next,
            };
            end = Some(read);
            if into.len() >= limit {
                break;
            }
        }
        Ok(end)
    }

    /// The event of a scope at a 0-based position, given to `found`.
    fn at<T>(&mut self, scope: &Scope, position: u64, found: impl FnOnce(i64, Option<Time>) -> T) -> Result<Option<T>> {
        let place = self.locate(scope, position)?;
        let (mut at, mut resume, mut batch) = (place.position, place.resume, EventBatch::new());
        loop {
            let end = self.read(scope, &resume, PAGE_EVENTS_MAX, &mut batch)?;
            let index = usize::try_from(position - at).unwrap_or(usize::MAX);
            if let Some(raw) = batch.get(index) {
                return Ok(Some(found(raw.seq.number().unwrap_or_default(), raw.time)));
            }
            if batch.is_empty() || end.at_end {
                return Ok(None);
            }
            at += batch.len() as u64;
            resume = end.next;
        }
    }

    /// How many of the archived events of a scope stand before the first that is after a place.
    fn cold_position(
        &mut self,
        scope: &Scope,
        archived: u64,
        is_before: impl Fn(i64, Option<Time>) -> bool,
    ) -> Result<u64> {
        let (mut low, mut high) = (0, archived);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(scope, middle, &is_before)?.unwrap_or(true) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// True where a page of a native log does not begin where the one before has ended: events were archived meanwhile.
fn is_torn(scope: &Scope, from: &Resume, page: &EventBatch) -> bool {
    let Some(first) = page.get(0) else { return false };
    match (scope, from) {
        (Scope::Log, Resume::Start) => first.seq > Seq::Number(1),
        (Scope::Log, Resume::After(Seq::Number(after))) => first.seq.number() > after.checked_add(1),
        (Scope::Stream(_), Resume::Start) => first.version > Some(1),
        (Scope::Stream(_), Resume::AfterVersion(after)) => first.version > after.checked_add(1),
        _ => false,
    }
}

impl EventLog for TieredLog {
    fn info(&self) -> &LogInfo {
        if self.cold.is_empty() { self.hot.info() } else { &self.info }
    }

    fn decoder(&self) -> Decoder {
        self.hot.decoder()
    }

    fn head(&mut self) -> Result<Head> {
        let is_unchanged = self.hot.is_unchanged();
        let head = self.hot.head()?;
        if !is_unchanged {
            self.look_for_archives()?;
        }
        let hot = self.hot.info();
        (self.info.access, self.info.journal, self.info.bytes_total) = (hot.access, hot.journal, hot.bytes_total);
        Ok(head)
    }

    fn totals(&mut self) -> Result<Totals> {
        let mut totals = self.hot.totals()?;
        if !self.cold.is_empty() {
            totals.events += self.archived(&Scope::Log)?;
            totals.first_time = self.at(&Scope::Log, 0, |_, time| time)?.flatten();
        }
        Ok(totals)
    }

    fn extent(&mut self, scope: &Scope) -> Result<u64> {
        Ok(self.archived(scope)? + self.hot.extent(scope)?)
    }

    fn categories(&mut self) -> Result<Vec<CategoryInfo>> {
        self.hot.categories()
    }

    fn streams(&mut self, page: &StreamPage) -> Result<Vec<StreamInfo>> {
        self.hot.streams(page)
    }

    fn stream(&mut self, stream: &StreamId) -> Result<Option<StreamInfo>> {
        self.hot.stream(stream)
    }

    fn locate(&mut self, scope: &Scope, position: u64) -> Result<Place> {
        let archived = self.archived(scope)?;
        if position >= archived && archived > 0 {
            let hot = self.hot.locate(scope, position - archived)?;
            let resume = match (hot.resume, scope) {
                // The hot part begins after the archived one.
                (Resume::Start, Scope::Stream(_)) => Resume::AfterVersion(i64::try_from(archived).unwrap_or(i64::MAX)),
                (Resume::Start, _) => Resume::After(Seq::Number(self.archived_to())),
                (resume, _) => resume,
            };
            return Ok(Place { position: hot.position + archived, resume });
        }
        if archived == 0 {
            return self.hot.locate(scope, position);
        }
        let before = i64::try_from(position).unwrap_or(i64::MAX);
        Ok(match scope {
            _ if position == 0 => Place { position: 0, resume: Resume::Start },
            Scope::Log => Place { position, resume: Resume::After(Seq::Number(before)) },
            Scope::Stream(_) => Place { position, resume: Resume::AfterVersion(before) },
            Scope::Category(category) => {
                let mut passed = 0;
                for file in &self.cold {
                    if let Some((before, first)) = file.locate_in_category(category, position - passed)? {
                        let resume = if first <= 1 { Resume::Start } else { Resume::After(Seq::Number(first - 1)) };
                        return Ok(Place { position: passed + before, resume });
                    }
                    passed += file.events_in_category(category)?;
                }
                Place { position: 0, resume: Resume::Start }
            }
        })
    }

    fn position_of(&mut self, scope: &Scope, at: &At) -> Result<u64> {
        let archived = self.archived(scope)?;
        if archived == 0 {
            return self.hot.position_of(scope, at);
        }
        let cold = match (at, scope) {
            (At::Version(version), Scope::Stream(_)) => u64::try_from(*version).unwrap_or(0).min(archived),
            (At::Seq(Seq::Number(key)), _) => self.cold_position(scope, archived, |position, _| position <= *key)?,
            // No place here: it says so.
            (At::Version(_) | At::Seq(_), _) => return self.hot.position_of(scope, at),
            (At::Time(wanted), _) => {
                self.cold_position(scope, archived, |_, time| time.is_none_or(|time| time <= *wanted))?
            }
        };
        if cold < archived { Ok(cold) } else { Ok(archived + self.hot.position_of(scope, at)?) }
    }

    fn read(&mut self, scope: &Scope, from: &Resume, limit: u32, into: &mut EventBatch) -> Result<PageEnd> {
        for _ in 0..2 {
            into.clear();
            if !self.cold.is_empty()
                && let Some(end) = self.read_cold(scope, from, limit.clamp(1, PAGE_EVENTS_MAX) as usize, into)?
            {
                return Ok(end);
            }
            let end = self.hot.read(scope, from, limit, into)?;
            if !is_torn(scope, from, into) || !self.look_for_archives()? {
                return Ok(end);
            }
        }
        Err(Error::Busy("events are being archived faster than they can be read (try again)".to_owned()))
    }

    fn sift(
        &mut self,
        scope: &Scope,
        from: &Resume,
        limit: u32,
        is_wanted: &mut dyn FnMut(&RawEvent<'_>) -> bool,
        into: &mut EventBatch,
    ) -> Result<Sifted> {
        let is_hot = match (scope, from) {
            (Scope::Log, Resume::Start) => self.cold.is_empty(),
            (Scope::Log, Resume::After(Seq::Number(after))) => *after >= self.archived_to(),
            _ => false,
        };
        if is_hot {
            let mut first = None;
            let mut look = |raw: &RawEvent<'_>| {
                first.get_or_insert(raw.seq);
                is_wanted(raw)
            };
            let sifted = self.hot.sift(scope, from, limit, &mut look, into)?;
            let expected = match from {
                Resume::After(Seq::Number(after)) => after.saturating_add(1),
                _ => 1,
            };
            // Where events were archived meanwhile, they are read there.
            if first.and_then(Seq::number).is_none_or(|first| first <= expected) || !self.look_for_archives()? {
                return Ok(sifted);
            }
        }
        let page = self.read(scope, from, limit, into)?;
        let looked_at = into.len() as u64;
        into.retain(is_wanted);
        Ok(Sifted { page, looked_at })
    }

    fn growth(&mut self, after: &Resume) -> Result<Growth> {
        self.hot.growth(after)
    }

    fn end(&mut self) -> Result<Resume> {
        self.hot.end()
    }

    fn snapshots(&mut self, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
        self.hot.snapshots(stream)
    }

    fn seals(&mut self, after: i64, limit: u32) -> Result<Vec<Seal>> {
        self.hot.seals(after, limit)
    }

    fn stopper(&self) -> Stopper {
        self.hot.stopper()
    }
}
