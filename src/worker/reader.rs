//! The reader: opens the log, gives rows, one event, and how many there are.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::{Outlet, rows, sentence};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, Time};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::At;
use crate::protocol::{EventRow, Generation, Reply, Request};
use crate::store::EventLog;

struct Reader<'a> {
    outlet: &'a Outlet,
    log: Option<Box<dyn EventLog>>,
    batch: EventBatch,
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut reader = Reader { outlet, log: None, batch: EventBatch::new() };
    for request in requests {
        match request {
            Request::Open { generation, locator } => reader.open(generation, locator),
            Request::Close => reader.log = None,
            Request::Extent { generation, scope, as_of } => {
                reader.answer(generation, |reader, log| {
                    let as_of = match as_of {
                        Some((other, position)) => reader.as_of(log, &scope, &other, position)?,
                        None => None,
                    };
                    let events = log.extent(&scope)?;
                    reader.outlet.send(Reply::Extent { generation, scope, events, as_of });
                    Ok(())
                });
            }
            Request::Locate { generation, scope, at } => {
                reader.answer(generation, |reader, log| {
                    let position = log.position_of(&scope, &at)?;
                    reader.outlet.send(Reply::Located { generation, scope, position });
                    Ok(())
                });
            }
            Request::Rows { generation, scope, first, count } => {
                reader.answer(generation, |reader, log| {
                    let rows = reader.rows(log, &scope, first, count)?;
                    reader.outlet.send(Reply::Rows { generation, scope, first, rows });
                    Ok(())
                });
            }
            Request::Detail { generation, scope, row } => {
                reader.answer(generation, |reader, log| {
                    let decoder = log.decoder();
                    let mut found = None;
                    reader.each(log, &scope, row, 1, |raw, row| found = Some(rows::detail(&decoder, raw, row)))?;
                    if let Some(detail) = found {
                        reader.outlet.send(Reply::Detail { generation, scope, detail: Arc::new(detail) });
                    }
                    Ok(())
                });
            }
            _ => {}
        }
    }
}

impl Reader<'_> {
    fn open(&mut self, generation: Generation, locator: String) {
        if !self.outlet.shared.is_newest_opening(generation) {
            return;
        }
        let opened = crate::store::open(&locator);
        match opened {
            Ok(log) => {
                self.outlet.shared.register("reader", log.as_ref());
                let info = Arc::new(log.info().clone());
                let demo = super::demo::is_demo(&locator);
                self.log = Some(log);
                self.outlet.send(Reply::Opened { generation, info, demo, time: Time::now() });
            }
            Err(error) => {
                let message = sentence(&error.to_string());
                if super::mapper::is_mappable(&locator) {
                    self.outlet.send(Reply::Mappable { generation, locator: locator.clone() });
                }
                self.outlet.send(Reply::OpenFailed { generation, locator, message });
            }
        }
    }

    /// Answers, unless the question is out of date.
    fn answer(&mut self, generation: Generation, work: impl FnOnce(&mut Self, &mut dyn EventLog) -> Result<()>) {
        if !self.outlet.shared.is_newest(generation) {
            return;
        }
        let Some(mut log) = self.log.take() else { return };
        if let Err(error) = work(self, log.as_mut()) {
            self.outlet.failed(generation, &error);
        }
        self.log = Some(log);
    }

    /// How many events of a scope stand at or before a place in another one; `None` where that place is no more.
    fn as_of(&mut self, log: &mut dyn EventLog, scope: &Scope, other: &Scope, position: u64) -> Result<Option<u64>> {
        let Some(row) = position.checked_sub(1) else { return Ok(Some(0)) };
        let mut seq = None;
        self.each(log, other, row, 1, |raw, _| seq = Some(raw.seq))?;
        seq.map(|seq| log.position_of(scope, &At::Seq(seq))).transpose()
    }

    fn rows(&mut self, log: &mut dyn EventLog, scope: &Scope, first: u64, count: u64) -> Result<Vec<EventRow>> {
        let decoder = log.decoder();
        let mut found = Vec::new();
        self.each(log, scope, first, count, |raw, _| found.push(rows::row(&decoder, raw)))?;
        Ok(found)
    }

    /// Gives `count` events from the 0-based row `first` on, fewer at the end of the scope.
    fn each(
        &mut self,
        log: &mut dyn EventLog,
        scope: &Scope,
        first: u64,
        count: u64,
        mut give: impl FnMut(&crate::event::RawEvent<'_>, u64),
    ) -> Result<()> {
        let place = log.locate(scope, first)?;
        let (mut position, mut resume) = (place.position, place.resume);
        let end = first.checked_add(count).ok_or_else(|| Error::Input("a row beyond all numbers".to_owned()))?;
        while position < end {
            let limit = u32::try_from(end - position).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
            let page = log.read(scope, &resume, limit, &mut self.batch)?;
            for raw in self.batch.iter() {
                if position >= first {
                    give(&raw, position);
                }
                position += 1;
            }
            if page.at_end || self.batch.is_empty() {
                break;
            }
            resume = page.next;
        }
        Ok(())
    }
}
