//! The watcher: looks at the head twenty times a second and samples the throughput four times a second.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::Outlet;
use super::commits::Commits;
use crate::error::Result;
use crate::event::{EventBatch, Resume, Scope, Time};
use crate::limits::{HEAD_POLL_MS, SAMPLE_MS};
use crate::log::Head;
use crate::protocol::{Generation, Reply, Request, Sample};
use crate::store::EventLog;

/// Samples after the last event for which the plot still moves: its narrowest window.
const SAMPLES_IN_VIEW: u32 = 600;
/// Samples of a log that nobody has written to yet: two seconds of them show that it is followed.
const SAMPLES_AT_FIRST: u32 = 8;

struct Watch {
    generation: Generation,
    log: Box<dyn EventLog>,
    head: Head,
    counted_to: Resume,
    events_total: u64,
    sampled: Instant,
    quiet_samples: u32,
    silent: bool,
    grown: bool,
    failures: u32,
    batch: EventBatch,
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet, commits: &Commits) {
    let mut watch: Option<Watch> = None;
    loop {
        let request = match &watch {
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => requests.recv_timeout(Duration::from_millis(HEAD_POLL_MS)),
        };
        match request {
            Ok(Request::Open { generation, locator }) => {
                if outlet.shared.is_newest_opening(generation)
                    && let Ok(log) = crate::store::open(&locator)
                {
                    outlet.shared.register("watcher", log.as_ref());
                    match Watch::begin(generation, log) {
                        Ok(begun) => watch = Some(begun),
                        Err(error) => outlet.failed(generation, &error.context("cannot follow the log")),
                    }
                }
            }
            Ok(Request::Close) => watch = None,
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let Some(watching) = &mut watch else { continue };
                if let Err(error) = watching.look(outlet, commits) {
                    watching.failures += 1;
                    // A lock may hold for a moment; a lasting failure is said once.
                    if watching.failures == 20 {
                        outlet.failed(watching.generation, &error.context("cannot follow the log"));
                    }
                } else {
                    watching.failures = 0;
                }
            }
        }
    }
}

impl Watch {
    fn begin(generation: Generation, mut log: Box<dyn EventLog>) -> Result<Self> {
        let head = log.head()?;
        let counted_to = log.end()?;
        let events_total = log.extent(&Scope::Log)?;
        Ok(Self {
            generation,
            log,
            head,
            counted_to,
            events_total,
            sampled: Instant::now(),
            // The window shows the quiet of its first moments.
            quiet_samples: 0,
            silent: false,
            grown: false,
            failures: 0,
            batch: EventBatch::new(),
        })
    }

    fn look(&mut self, outlet: &Outlet, commits: &Commits) -> Result<()> {
        let head = self.log.head()?;
        if head.epoch != self.head.epoch {
            self.head = head;
            self.counted_to = self.log.end()?;
            self.events_total = self.log.extent(&Scope::Log)?;
            outlet.send(Reply::Replaced { generation: self.generation });
        } else if head.last != self.head.last {
            self.head = head;
            outlet.send(Reply::Grew { generation: self.generation });
        }
        let span = self.sampled.elapsed();
        if span >= Duration::from_millis(SAMPLE_MS) {
            self.sampled = Instant::now();
            self.sample(outlet, commits, span)?;
        }
        Ok(())
    }

    fn sample(&mut self, outlet: &Outlet, commits: &Commits, span: Duration) -> Result<()> {
        let growth = self.log.growth(&self.counted_to)?;
        let now = Time::now();
        let lag_ms = if growth.events > 0 {
            self.newest_time()?.map(|time| now.milliseconds() - time.milliseconds())
        } else {
            None
        };
        self.counted_to = growth.next;
        self.events_total += growth.events;
        self.grown |= growth.events > 0;
        self.quiet_samples = if growth.events > 0 { 0 } else { self.quiet_samples.saturating_add(1) };
        let sample = Sample {
            at_ms: now.milliseconds(),
            span_ms: u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1),
            events: growth.events,
            bytes: growth.bytes,
            by_type: growth.by_type,
            by_stream: growth.by_stream,
            commits: commits.take(),
            lag_ms,
            events_total: self.events_total,
            bytes_total: self.log.info().bytes_total,
        };
        // Nothing has happened for as long as the plot shows: the window may sleep, and the silence is told when it ends.
        let patience = if self.grown { SAMPLES_IN_VIEW } else { SAMPLES_AT_FIRST };
        if self.quiet_samples > patience {
            self.silent = true;
            return Ok(());
        }
        if std::mem::take(&mut self.silent) {
            let silence = Sample {
                at_ms: sample.at_ms - i64::try_from(sample.span_ms).unwrap_or(0),
                span_ms: sample.span_ms,
                events_total: sample.events_total - sample.events,
                bytes_total: sample.bytes_total,
                ..Sample::default()
            };
            outlet.send(Reply::Sample { generation: self.generation, sample: silence });
        }
        outlet.send(Reply::Sample { generation: self.generation, sample });
        Ok(())
    }

    fn newest_time(&mut self) -> Result<Option<Time>> {
        let events = self.log.extent(&Scope::Log)?;
        let place = self.log.locate(&Scope::Log, events.saturating_sub(1))?;
        if events.saturating_sub(place.position) > u64::from(crate::limits::PAGE_EVENTS_MAX) {
            return Ok(None);
        }
        let limit = u32::try_from(events - place.position).unwrap_or(1).max(1);
        self.log.read(&Scope::Log, &place.resume, limit, &mut self.batch)?;
        Ok(self.batch.get(self.batch.len().saturating_sub(1)).and_then(|raw| raw.time))
    }
}
