//! Many threads that each append one event at a time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::append::{Contestant, DEFAULT_CHECKPOINT_PAGES, STREAMS, Story, Turn};
use super::{Scale, median, rate, remove, seconds, thousandths};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::WAL_CHECKPOINT_PAGES;
use crate::store::native::bare::{Bare, Triggers};
use crate::store::native::{Expected, Ids, NewEvent, SharedStore, Store};

/// Bytes of a payload.
const PAYLOAD_BYTES: usize = 200;

/// Many threads beside one that commits event by event.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct GroupFigure {
    /// Threads.
    pub threads: usize,
    /// Events a second of all of them, each acknowledged when durable.
    pub events_per_second: f64,
    /// Events a second of as many threads, each with a bare connection and one commit for each event.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
    /// Events a second of one bare loop with one commit for each event.
    pub loop_events_per_second: f64,
    /// Ours by that.
    pub loop_ratio: f64,
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
    let crowd_path = folder.join("crowd.db");
    remove(&crowd_path);
    Bare::create(&crowd_path, STREAMS, Story::name)?;
    let [mut together_rates, mut crowd_rates, mut bare_rates, mut alone_rates] = [const { Vec::new() }; 4];
    let crowd_made = AtomicI64::new(0);
    let made = AtomicI64::new(0);
    remove(&path);
    for round in 0..=scale.turns {
        let store = Store::open_or_create(&path)?;
        let (events, together) = seconds(|| many(store, scale.threads, turn, &made))?;
        let (crowd_events, crowd_seconds) = seconds(|| crowd(&crowd_path, scale.threads, turn, &crowd_made))?;
        let (bare_events, bare_seconds) = bare.turn(Turn::Time(turn), 1)?;
        let (alone_events, alone_seconds) = alone.turn(Turn::Time(turn), 1)?;
        // The first round warms up.
        if round > 0 {
            together_rates.push(rate(events, together));
            crowd_rates.push(rate(crowd_events, crowd_seconds));
            bare_rates.push(rate(bare_events, bare_seconds));
            alone_rates.push(rate(alone_events, alone_seconds));
        }
    }
    bare.end();
    alone.end();
    remove(&path);
    remove(&crowd_path);
    let by = |limit: &[f64]| {
        thousandths(median(together_rates.iter().zip(limit).map(|(ours, limit)| ours / limit.max(1e-9)).collect()))
    };
    Ok(GroupFigure {
        threads: scale.threads,
        ratio: by(&crowd_rates),
        loop_ratio: by(&bare_rates),
        alone_ratio: by(&alone_rates),
        events_per_second: median(together_rates),
        limit_events_per_second: median(crowd_rates),
        loop_events_per_second: median(bare_rates),
        alone_events_per_second: median(alone_rates),
    })
}

fn payload() -> String {
    format!("{{\"text\":\"{}\"}}", "x".repeat(PAYLOAD_BYTES - 11))
}

fn event() -> NewEvent {
    NewEvent::new("MoneyMoved", payload())
}

/// Many threads append the story's events, from number `made` on; how many there were.
fn many(store: Store, threads: usize, turn: Duration, made: &AtomicI64) -> Result<u64> {
    let shared = SharedStore::new(store)?;
    all_at_once(threads, turn, made, || {
        let (shared, event) = (shared.clone(), [event()]);
        Ok(move |number: i64| {
            let (stream, _) = Story::place(number, STREAMS);
            shared.append(&StreamId::new(&Story::name(stream)), Expected::Any, &event).map(|_| ())
        })
    })
}

/// The same threads without group commit: each has a connection of its own, and waits for the lock as SQLite does.
fn crowd(path: &Path, threads: usize, turn: Duration, made: &AtomicI64) -> Result<u64> {
    all_at_once(threads, turn, made, || {
        let (mut bare, mut ids) = (Bare::open(path, DEFAULT_CHECKPOINT_PAGES, Triggers::On)?, Ids::default());
        Ok(move |number: i64| {
            let (stream_id, _) = Story::place(number, STREAMS);
            let id = ids.make().to_string();
            bare.append_next(stream_id, "MoneyMoved", 1_767_225_600_000_000 + number, &id, &payload())
        })
    })
}

/// Runs many threads for one turn; each does its work with the next number of the story, again and again.
fn all_at_once<W: FnMut(i64) -> Result<()> + Send>(
    threads: usize,
    turn: Duration,
    made: &AtomicI64,
    worker: impl Fn() -> Result<W>,
) -> Result<u64> {
    let is_over = AtomicBool::new(false);
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for number in 0..threads {
            let (mut work, is_over, done) = (worker()?, &is_over, &done);
            let append = move || -> Result<()> {
                while !is_over.load(Ordering::Relaxed) {
                    work(made.fetch_add(1, Ordering::Relaxed))?;
                    done.fetch_add(1, Ordering::Relaxed);
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
        Ok(done.load(Ordering::Relaxed))
    })
}
