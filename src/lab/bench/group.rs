//! Many threads that each append one event at a time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::append::{Contestant, STREAMS, Story, Turn};
use super::{Scale, median, rate, remove, seconds, thousandths};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::WAL_CHECKPOINT_PAGES;
use crate::store::native::bare::Triggers;
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
    /// Events a second of the bare loop with one commit for each event.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
    /// Events a second of one thread that appends to this store, one event at a time.
    pub alone_events_per_second: f64,
    /// Ours by that.
    pub alone_ratio: f64,
}

pub(super) fn measure(scale: &Scale, folder: &Path) -> Result<GroupFigure> {
    let path = folder.join("group.db");
    let turn = Duration::from_millis(2 * scale.turn_ms);
    let mut bare = Contestant::bare(folder.join("bare.db"), PAYLOAD_BYTES, WAL_CHECKPOINT_PAGES, Triggers::On)?;
    let mut alone = Contestant::ours(folder.join("alone.db"), PAYLOAD_BYTES)?;
    let [mut together_rates, mut bare_rates, mut alone_rates] = [const { Vec::new() }; 3];
    let made = AtomicI64::new(0);
    remove(&path);
    for round in 0..=scale.turns {
        let store = Store::open_or_create(&path)?;
        let (events, together) = seconds(|| many(store, scale.threads, turn, &made))?;
        let (bare_events, bare_seconds) = bare.turn(Turn::Time(turn), 1)?;
        let (alone_events, alone_seconds) = alone.turn(Turn::Time(turn), 1)?;
        // The first round warms up.
        if round > 0 {
            together_rates.push(rate(events, together));
            bare_rates.push(rate(bare_events, bare_seconds));
            alone_rates.push(rate(alone_events, alone_seconds));
        }
    }
    bare.end();
    alone.end();
    remove(&path);
    let by = |limit: &[f64]| {
        thousandths(median(together_rates.iter().zip(limit).map(|(ours, limit)| ours / limit.max(1e-9)).collect()))
    };
    Ok(GroupFigure {
        threads: scale.threads,
        ratio: by(&bare_rates),
        alone_ratio: by(&alone_rates),
        events_per_second: median(together_rates),
        limit_events_per_second: median(bare_rates),
        alone_events_per_second: median(alone_rates),
    })
}

fn event() -> NewEvent {
    NewEvent::new("MoneyMoved", format!("{{\"text\":\"{}\"}}", "x".repeat(PAYLOAD_BYTES - 11)))
}

/// Many threads append the story's events, from number `made` on; how many there were.
fn many(store: Store, threads: usize, turn: Duration, made: &AtomicI64) -> Result<u64> {
    let shared = SharedStore::new(store)?;
    let is_over = AtomicBool::new(false);
    let begun_at = made.load(Ordering::Relaxed);
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for number in 0..threads {
            let (shared, is_over) = (shared.clone(), &is_over);
            let append = move || -> Result<()> {
                let event = [event()];
                while !is_over.load(Ordering::Relaxed) {
                    let (stream, _) = Story::place(made.fetch_add(1, Ordering::Relaxed), STREAMS);
                    shared.append(&StreamId::new(&Story::name(stream)), Expected::Any, &event)?;
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
        Ok(u64::try_from(made.load(Ordering::Relaxed) - begun_at).unwrap_or_default())
    })
}
