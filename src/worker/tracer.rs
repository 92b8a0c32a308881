//! The tracer: reads the log for the tree of one event. It has the log open for itself, so that no row waits for it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::{Outlet, sentence};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, Seq};
use crate::limits::{PAGE_EVENTS_MAX, TASK_TELLS_EVERY_MS};
use crate::protocol::{Generation, Reply, Request, Ticket, Trace, TraceAt};
use crate::replay::trace::{Wanted, trace};
use crate::store::EventLog;

/// The log, opened when the first question comes.
#[derive(Default)]
struct Bench {
    locator: Option<String>,
    log: Option<Box<dyn EventLog>>,
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut bench = Bench::default();
    for request in requests {
        match request {
            Request::Open { generation, locator } if outlet.shared.is_newest_opening(generation) => {
                bench = Bench { locator: Some(locator), log: None };
            }
            Request::Close => bench = Bench::default(),
            Request::Trace { generation, ticket, scope, row } => {
                let mut told = TraceAt { ticket, ..TraceAt::default() };
                match bench.tree(outlet, generation, ticket, (&scope, row)) {
                    Ok(tree) => (told.read, told.tree) = (tree.read, Some(Arc::new(tree))),
                    Err(error) if error.is_stopped() => continue,
                    Err(error) => told.failure = Some(sentence(&error.to_string())),
                }
                outlet.send(Reply::Traced { generation, trace: Arc::new(told) });
            }
            _ => {}
        }
    }
}

impl Bench {
    fn tree(
        &mut self,
        outlet: &Outlet,
        generation: Generation,
        ticket: Ticket,
        (scope, row): (&Scope, u64),
    ) -> Result<Trace> {
        let stop = || !outlet.shared.is_newest_trace(ticket) || !outlet.shared.is_newest(generation);
        if stop() {
            return Err(Error::Stopped);
        }
        let log = self.log(outlet)?;
        log.head()?;
        let seq = seq_of(log, scope, row)?;
        let mut told = Instant::now();
        let mut progress = |read: u64| {
            if told.elapsed() >= Duration::from_millis(TASK_TELLS_EVERY_MS) {
                told = Instant::now();
                let trace = Arc::new(TraceAt { ticket, read, ..TraceAt::default() });
                outlet.send(Reply::Traced { generation, trace });
            }
            if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        trace(log, &Wanted::Place(seq), &mut progress)?.ok_or_else(gone)
    }

    fn log(&mut self, outlet: &Outlet) -> Result<&mut dyn EventLog> {
        if self.log.is_none() {
            let locator = self.locator.as_deref().ok_or_else(|| Error::Other("no log is open".to_owned()))?;
            let log = crate::store::open(locator)?;
            outlet.shared.register("tracer", log.as_ref());
            self.log = Some(log);
        }
        Ok(self.log.as_mut().ok_or_else(gone)?.as_mut())
    }
}

fn gone() -> Error {
    Error::Other("the event is no more in the log".to_owned())
}

/// The key of the event in this row.
fn seq_of(log: &mut dyn EventLog, scope: &Scope, row: u64) -> Result<Seq> {
    let mut batch = EventBatch::new();
    let mut place = log.locate(scope, row)?;
    loop {
        let skip = row - place.position;
        let limit = u32::try_from(skip + 1).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
        let end = log.read(scope, &place.resume, limit, &mut batch)?;
        if let Some(raw) = usize::try_from(skip).ok().and_then(|skip| batch.get(skip)) {
            return Ok(raw.seq);
        }
        if end.at_end || batch.is_empty() {
            return Err(gone());
        }
        place.position += batch.len() as u64;
        place.resume = end.next;
    }
}
