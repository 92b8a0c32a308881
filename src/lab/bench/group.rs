//! Many threads that each append one event at a time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::append::Story;
use super::{Scale, rate, ratio, remove};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::store::native::{Expected, NewEvent, SharedStore, Store};

/// Bytes of a payload.
const PAYLOAD_BYTES: usize = 200;

/// Many threads beside one that commits event by event.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct GroupFigure {
    /// Threads.
    pub threads: usize,
    /// Events a second of all of them, each acknowledged when durable.
    pub events_per_second: f64,
    /// Events a second of one writer with one commit for each event.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
}

pub(super) fn measure(scale: &Scale, folder: &Path) -> Result<GroupFigure> {
    let path = folder.join("group.db");
    let (mut alone, mut together) = ((0, 0.0), (0, 0.0));
    for _ in 0..scale.turns {
        let turn = Duration::from_millis(scale.turn_ms);
        for (sum, is_shared) in [(&mut alone, false), (&mut together, true)] {
            remove(&path);
            let store = Store::create(&path)?;
            let started = Instant::now();
            let events = if is_shared { many(store, scale.threads, turn)? } else { one(store, turn)? };
            *sum = (sum.0 + events, sum.1 + started.elapsed().as_secs_f64());
        }
    }
    remove(&path);
    let (ours, limit) = (rate(together.0, together.1), rate(alone.0, alone.1));
    let ratio = ratio(ours, limit);
    Ok(GroupFigure { threads: scale.threads, events_per_second: ours, limit_events_per_second: limit, ratio })
}

fn event() -> NewEvent {
    NewEvent::new("MoneyMoved", format!("{{\"text\":\"{}\"}}", "x".repeat(PAYLOAD_BYTES - 11)))
}

fn one(mut store: Store, turn: Duration) -> Result<u64> {
    let (started, mut events) = (Instant::now(), 0);
    let event = [event()];
    while started.elapsed() < turn {
        let stream = StreamId::new(&Story::name(events % 64 + 1));
        store.append(&stream, Expected::Any, &event)?;
        events += 1;
    }
    Ok(u64::try_from(events).unwrap_or_default())
}

fn many(store: Store, threads: usize, turn: Duration) -> Result<u64> {
    let shared = SharedStore::new(store)?;
    let (is_over, events) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for number in 0..threads {
            let (shared, is_over, events) = (shared.clone(), &is_over, &events);
            let append = move || -> Result<()> {
                let stream = StreamId::new(&Story::name(i64::try_from(number).unwrap_or_default() + 1));
                let event = [event()];
                while !is_over.load(Ordering::Relaxed) {
                    shared.append(&stream, Expected::Any, &event)?;
                    events.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            };
            let spawned =
                std::thread::Builder::new().name(format!("bench-writer-{number}")).spawn_scoped(scope, append);
            match spawned {
                Ok(writer) => writers.push(writer),
                Err(error) => {
                    is_over.store(true, Ordering::Relaxed);
                    return Err(Error::Other(format!("cannot start {threads} threads: {error}")));
                }
            }
        }
        std::thread::sleep(turn);
        is_over.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().map_err(|_| Error::Other("a thread of the bench has panicked".to_owned()))??;
        }
        Ok(events.load(Ordering::Relaxed))
    })
}
