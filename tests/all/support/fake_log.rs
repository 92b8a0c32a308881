//! An event log in memory, whose history a test can change under its reader.

use std::sync::{Arc, Mutex};

use eventscope::error::Result;
use eventscope::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use eventscope::log::{
    Access, At, Capabilities, CategoryInfo, Growth, Head, LogInfo, PageEnd, Place, Snapshot, StreamInfo, StreamPage,
    Totals,
};
use eventscope::payload::Decoder;
use eventscope::store::{EventLog, Stopper};

/// One event of the fake log.
#[derive(Clone, Debug, PartialEq)]
pub struct FakeEvent {
    pub stream: String,
    pub event_type: String,
    pub data: String,
}

/// The log's content, shared with the test.
#[derive(Default)]
pub struct Content {
    pub events: Vec<FakeEvent>,
    pub epoch: u64,
    /// Events that reads have given in all: what a fold costs.
    pub given: u64,
}

pub struct FakeLog {
    pub content: Arc<Mutex<Content>>,
    info: LogInfo,
}

impl FakeLog {
    pub fn new(content: Arc<Mutex<Content>>) -> Self {
        let info = LogInfo {
            locator: "fake".to_owned(),
            name: "fake".to_owned(),
            engine: "fake",
            layout: "fake".to_owned(),
            layout_title: "fake".to_owned(),
            evidence: Vec::new(),
            access: Access::AtRest,
            read_only: true,
            journal: "none",
            bytes_total: 0,
            capabilities: Capabilities { event_ids: false, times: true, metadata: false, stores_snapshots: false },
        };
        Self { content, info }
    }

    fn rows(&self, scope: &Scope) -> Vec<(usize, i64, FakeEvent)> {
        let content = self.content.lock().unwrap();
        let mut versions = std::collections::HashMap::new();
        let mut rows = Vec::new();
        for (index, event) in content.events.iter().enumerate() {
            let version = versions.entry(event.stream.clone()).or_insert(0_i64);
            *version += 1;
            let wanted = match scope {
                Scope::Log => true,
                Scope::Category(category) => StreamId::new(&event.stream).category() == &**category,
                Scope::Stream(stream) => stream.as_str() == event.stream,
            };
            if wanted {
                rows.push((index, *version, event.clone()));
            }
        }
        rows
    }
}

impl EventLog for FakeLog {
    fn info(&self) -> &LogInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        Decoder::default()
    }

    fn head(&mut self) -> Result<Head> {
        let content = self.content.lock().unwrap();
        let last = i64::try_from(content.events.len()).unwrap();
        Ok(Head { last: (last > 0).then_some(Seq::Number(last)), epoch: content.epoch })
    }

    fn totals(&mut self) -> Result<Totals> {
        Ok(Totals { events: self.extent(&Scope::Log)?, ..Totals::default() })
    }

    fn extent(&mut self, scope: &Scope) -> Result<u64> {
        Ok(self.rows(scope).len() as u64)
    }

    fn categories(&mut self) -> Result<Vec<CategoryInfo>> {
        Ok(Vec::new())
    }

    fn streams(&mut self, _page: &StreamPage) -> Result<Vec<StreamInfo>> {
        Ok(Vec::new())
    }

    fn stream(&mut self, stream: &StreamId) -> Result<Option<StreamInfo>> {
        let events = self.rows(&Scope::Stream(stream.clone())).len() as u64;
        Ok((events > 0).then(|| StreamInfo {
            stream: stream.clone(),
            category: stream.category().into(),
            events,
            first_version: Some(1),
            last_version: Some(i64::try_from(events).unwrap()),
            last_time: None,
        }))
    }

    /// Knows every tenth place only, so that readers must read on from there.
    fn locate(&mut self, scope: &Scope, position: u64) -> Result<Place> {
        let position = position.min(self.extent(scope)?) / 10 * 10;
        let rows = self.rows(scope);
        let resume = match position.checked_sub(1).and_then(|row| rows.get(usize::try_from(row).unwrap())) {
            Some((index, _, _)) => Resume::After(Seq::Number(i64::try_from(*index).unwrap() + 1)),
            None => Resume::Start,
        };
        Ok(Place { position, resume })
    }

    fn position_of(&mut self, scope: &Scope, at: &At) -> Result<u64> {
        let rows = self.rows(scope);
        Ok(match at {
            At::Version(version) => rows.iter().filter(|(_, known, _)| known <= version).count() as u64,
            At::Seq(Seq::Number(number)) => {
                rows.iter().filter(|(index, _, _)| i64::try_from(*index).unwrap() < *number).count() as u64
            }
            _ => 0,
        })
    }

    fn read(&mut self, scope: &Scope, from: &Resume, limit: u32, into: &mut EventBatch) -> Result<PageEnd> {
        into.clear();
        let after = match from {
            Resume::After(Seq::Number(number)) => *number,
            _ => 0,
        };
        let rows = self.rows(scope);
        let mut next = from.clone();
        let mut left = rows.iter().filter(|(index, _, _)| i64::try_from(*index).unwrap() >= after).peekable();
        while into.len() < limit as usize
            && let Some((index, version, event)) = left.next()
        {
            let seq = Seq::Number(i64::try_from(*index).unwrap() + 1);
            into.push(&RawEvent {
                seq,
                stream: &event.stream,
                category: None,
                version: Some(*version),
                event_type: &event.event_type,
                time: Some(Time(i64::try_from(*index).unwrap() * 1_000_000)),
                id: None,
                data: event.data.as_bytes(),
                metadata: None,
            });
            next = Resume::After(seq);
        }
        self.content.lock().unwrap().given += into.len() as u64;
        Ok(PageEnd { next, at_end: left.peek().is_none() })
    }

    fn growth(&mut self, _after: &Resume) -> Result<Growth> {
        Ok(Growth::default())
    }

    fn end(&mut self) -> Result<Resume> {
        Ok(Resume::Start)
    }

    fn snapshots(&mut self, _stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
        Ok(Vec::new())
    }

    fn stopper(&self) -> Stopper {
        Stopper::new(|| {})
    }
}
