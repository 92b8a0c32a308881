//! A bundle as a log: one stream, in memory, to be read only.

use std::path::Path;

use super::Bundle;
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use crate::limits::PAGE_BYTES_MAX;
use crate::log::{
    Access, At, Capabilities, CategoryInfo, Growth, Head, LogInfo, PageEnd, Place, Snapshot, StreamInfo, StreamPage,
    Totals,
};
use crate::payload::Decoder;
use crate::store::{EventLog, Stopper};

/// The events of a bundle.
pub struct BundleLog {
    info: LogInfo,
    stream: StreamId,
    category: String,
    rows: Vec<Row>,
}

struct Row {
    version: Option<i64>,
    event_type: String,
    time: Option<Time>,
    id: Option<String>,
    data: Vec<u8>,
    metadata: Option<Vec<u8>>,
}

impl BundleLog {
    /// Opens a bundle to read it.
    ///
    /// # Errors
    /// As [`Bundle::read`].
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self::new(path, Bundle::read(path)?))
    }

    /// The log that a bundle is.
    #[must_use]
    pub fn new(path: &Path, bundle: Bundle) -> Self {
        let stream = StreamId::new(&bundle.stream);
        let rows: Vec<Row> = bundle
            .events
            .into_iter()
            .map(|event| Row {
                version: event.version,
                event_type: event.event_type,
                time: event.time.as_deref().and_then(Time::parse),
                id: event.id,
                // What could not be decoded there cannot be decoded here.
                data: event.decode_error.unwrap_or_else(|| event.data.to_string()).into_bytes(),
                metadata: event.metadata.map(|metadata| metadata.to_string().into_bytes()),
            })
            .collect();
        let masked = if bundle.masked { ", masked" } else { "" };
        let info = LogInfo {
            locator: path.to_string_lossy().into_owned(),
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            engine: "bundle",
            layout: "bundle".to_owned(),
            layout_title: "repro bundle".to_owned(),
            evidence: vec![format!("{} events of {} out of {}{masked}", rows.len(), bundle.stream, bundle.log)],
            access: Access::AtRest,
            read_only: true,
            journal: "none",
            bytes_total: std::fs::metadata(path).map_or(0, |file| file.len()),
            capabilities: Capabilities {
                event_ids: rows.iter().any(|row| row.id.is_some()),
                times: rows.iter().any(|row| row.time.is_some()),
                metadata: rows.iter().any(|row| row.metadata.is_some()),
                stores_snapshots: false,
            },
        };
        Self { info, stream, category: bundle.category, rows }
    }

    fn holds(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Log => true,
            Scope::Category(category) => **category == self.category,
            Scope::Stream(stream) => *stream == self.stream,
        }
    }

    fn first_time(&self) -> Option<Time> {
        self.rows.iter().find_map(|row| row.time)
    }

    fn last_time(&self) -> Option<Time> {
        self.rows.iter().rev().find_map(|row| row.time)
    }

    fn own_stream(&self) -> Option<StreamInfo> {
        (!self.rows.is_empty()).then(|| StreamInfo {
            stream: self.stream.clone(),
            category: self.category.as_str().into(),
            events: self.rows.len() as u64,
            first_version: self.rows.first().and_then(|row| row.version),
            last_version: self.rows.last().and_then(|row| row.version),
            last_time: self.last_time(),
        })
    }

    fn count_of(&self, resume: &Resume) -> usize {
        match resume {
            Resume::After(Seq::Number(count)) => usize::try_from(*count).unwrap_or(0).min(self.rows.len()),
            _ => 0,
        }
    }

    fn resume_at(count: usize) -> Resume {
        match i64::try_from(count) {
            Ok(0) | Err(_) => Resume::Start,
            Ok(count) => Resume::After(Seq::Number(count)),
        }
    }
}

/// The key of the event at this index.
fn number_of(index: usize) -> i64 {
    i64::try_from(index + 1).unwrap_or(i64::MAX)
}

impl EventLog for BundleLog {
    fn info(&self) -> &LogInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        Decoder::json()
    }

    fn head(&mut self) -> Result<Head> {
        let last = i64::try_from(self.rows.len()).ok().filter(|count| *count > 0).map(Seq::Number);
        Ok(Head { last, epoch: 0 })
    }

    fn totals(&mut self) -> Result<Totals> {
        let streams = u64::from(!self.rows.is_empty());
        Ok(Totals {
            events: self.rows.len() as u64,
            streams,
            categories: streams,
            snapshots: 0,
            first_time: self.first_time(),
            last_time: self.last_time(),
        })
    }

    fn extent(&mut self, scope: &Scope) -> Result<u64> {
        Ok(if self.holds(scope) { self.rows.len() as u64 } else { 0 })
    }

    fn categories(&mut self) -> Result<Vec<CategoryInfo>> {
        let own = self.own_stream();
        let category = |own: StreamInfo| CategoryInfo {
            category: own.category,
            streams: 1,
            events: Some(own.events),
            last_time: own.last_time,
        };
        Ok(own.map(category).into_iter().collect())
    }

    fn streams(&mut self, page: &StreamPage) -> Result<Vec<StreamInfo>> {
        let wanted = |own: &StreamInfo| {
            let name = own.stream.as_str().to_lowercase();
            page.category.as_deref().is_none_or(|category| *category == *own.category)
                && page.contains.as_deref().is_none_or(|part| name.contains(&part.to_lowercase()))
                && page.after.as_ref().is_none_or(|after| own.stream > *after)
                && page.limit > 0
        };
        Ok(self.own_stream().filter(wanted).into_iter().collect())
    }

    fn stream(&mut self, stream: &StreamId) -> Result<Option<StreamInfo>> {
        Ok(self.own_stream().filter(|own| own.stream == *stream))
    }

    fn locate(&mut self, scope: &Scope, position: u64) -> Result<Place> {
        let count =
            if self.holds(scope) { self.rows.len().min(usize::try_from(position).unwrap_or(usize::MAX)) } else { 0 };
        Ok(Place { position: count as u64, resume: Self::resume_at(count) })
    }

    fn position_of(&mut self, scope: &Scope, at: &At) -> Result<u64> {
        if !self.holds(scope) {
            return Ok(0);
        }
        let upto = |passes: &dyn Fn(usize, &Row) -> bool| {
            let last = self.rows.iter().enumerate().rposition(|(index, row)| passes(index, row));
            last.map_or(0, |index| index as u64 + 1)
        };
        Ok(match at {
            At::Version(version) => upto(&|index, row| row.version.unwrap_or_else(|| number_of(index)) <= *version),
            At::Time(time) => upto(&|_, row| row.time.is_some_and(|it| it <= *time)),
            At::Seq(Seq::Number(number)) => upto(&|index, _| number_of(index) <= *number),
            At::Seq(other) => return Err(Error::Input(format!("{other} is no position of this log: it has numbers"))),
        })
    }

    fn read(&mut self, scope: &Scope, from: &Resume, limit: u32, into: &mut EventBatch) -> Result<PageEnd> {
        into.clear();
        let first = self.count_of(from);
        if !self.holds(scope) {
            return Ok(PageEnd { next: from.clone(), at_end: true });
        }
        let mut count = first;
        for row in self.rows.iter().skip(first).take(limit as usize) {
            if into.bytes_total() >= PAGE_BYTES_MAX {
                break;
            }
            count += 1;
            into.push(&RawEvent {
                seq: Seq::Number(i64::try_from(count).unwrap_or(i64::MAX)),
                stream: self.stream.as_str(),
                category: Some(&self.category),
                version: row.version,
                event_type: &row.event_type,
                time: row.time,
                id: row.id.as_deref(),
                data: &row.data,
                metadata: row.metadata.as_deref(),
            });
        }
        Ok(PageEnd { next: Self::resume_at(count), at_end: count >= self.rows.len() })
    }

    fn growth(&mut self, after: &Resume) -> Result<Growth> {
        // The file is read once: it does not grow.
        Ok(Growth { next: after.clone(), ..Growth::default() })
    }

    fn end(&mut self) -> Result<Resume> {
        Ok(Self::resume_at(self.rows.len()))
    }

    fn snapshots(&mut self, _stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
        Ok(Vec::new())
    }

    fn stopper(&self) -> Stopper {
        // Every read is a copy out of memory: there is nothing to stop.
        Stopper::new(|| {})
    }
}
