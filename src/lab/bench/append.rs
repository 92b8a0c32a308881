//! Batched appends beside the bare loop.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use serde::Serialize;

use super::{Scale, rate, ratio, remove};
use crate::error::Result;
use crate::event::StreamId;
use crate::limits::WAL_CHECKPOINT_PAGES;
use crate::store::native::bare::{Bare, BareRow, same_events};
use crate::store::native::{Append, Expected, Ids, NewEvent, Store};

/// Streams that the events go round.
const STREAMS: i64 = 1_000;
/// Events that go to one stream before the next one has its turn.
const RUN_EVENTS: i64 = 10;
/// Pages after which SQLite checkpoints by default.
const DEFAULT_CHECKPOINT_PAGES: u32 = 1_000;

/// Batched appends of one size.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct AppendFigure {
    /// Bytes of a payload.
    pub payload_bytes: usize,
    /// Events in one transaction.
    pub batch: usize,
    /// Events a second of this store, seals included.
    pub events_per_second: f64,
    /// Events a second of the bare loop, with as many pages between two checkpoints as this store's.
    pub limit_events_per_second: f64,
    /// Ours by the limit.
    pub ratio: f64,
    /// Events a second of the bare loop with SQLite's default checkpointing.
    pub default_events_per_second: f64,
    /// Ours by that.
    pub default_ratio: f64,
}

/// The events of the bench, in order: the same for every contestant.
pub(super) struct Story {
    ids: Ids,
    payload: String,
    made: i64,
    streams: i64,
}

impl Story {
    pub(super) fn new(payload_bytes: usize, streams: i64) -> Self {
        let payload = format!("{{\"text\":\"{}\"}}", "x".repeat(payload_bytes.saturating_sub(11)));
        Self { ids: Ids::default(), payload, made: 0, streams }
    }

    pub(super) fn name(stream_id: i64) -> String {
        format!("account-{stream_id}")
    }

    /// The stream and the version of the event with this number, from 0.
    fn place(&self, number: i64) -> (i64, i64) {
        let (run, in_run) = (number / RUN_EVENTS, number % RUN_EVENTS);
        (run % self.streams + 1, run / self.streams * RUN_EVENTS + in_run + 1)
    }

    pub(super) fn appends(&mut self, count: usize) -> Vec<Append> {
        let mut appends: Vec<Append> = Vec::new();
        let mut last = 0;
        for _ in 0..count {
            let (stream_id, version) = self.place(self.made);
            self.made += 1;
            if stream_id != last {
                let stream = StreamId::new(&Self::name(stream_id));
                appends.push(Append { stream, expected: Expected::Version(version - 1), events: Vec::new() });
                last = stream_id;
            }
            if let Some(append) = appends.last_mut() {
                append.events.push(NewEvent::new("MoneyMoved", self.payload.as_str()));
            }
        }
        appends
    }

    fn rows(&mut self, count: usize) -> Vec<BareRow> {
        let rows = (0..count).map(|_| {
            let (stream_id, version) = self.place(self.made);
            self.made += 1;
            BareRow {
                stream_id,
                version,
                event_type: "MoneyMoved".to_owned(),
                time: 1_767_225_600_000_000 + self.made,
                id: self.ids.make().to_string(),
                data: self.payload.clone(),
            }
        });
        rows.collect()
    }
}

/// One who appends, with the time that it took so far.
struct Contestant {
    story: Story,
    seconds: f64,
    events: u64,
}

impl Contestant {
    fn new(payload_bytes: usize) -> Self {
        Self { story: Story::new(payload_bytes, STREAMS), seconds: 0.0, events: 0 }
    }

    /// Works for about `turn`, or as long as the first one did: `transactions` of them. What is appended is made
    /// beforehand, and is not counted.
    fn turn<T>(
        &mut self,
        turn: Duration,
        transactions: Option<u64>,
        batch: usize,
        mut make: impl FnMut(&mut Story, usize) -> T,
        mut append: impl FnMut(T) -> Result<()>,
    ) -> Result<u64> {
        let (mut done, mut spent) = (0, Duration::ZERO);
        while transactions.map_or(spent < turn, |transactions| done < transactions) {
            let made = make(&mut self.story, batch);
            let started = Instant::now();
            append(made)?;
            spent += started.elapsed();
            done += 1;
        }
        self.seconds += spent.as_secs_f64();
        self.events += done * batch as u64;
        Ok(done)
    }

    /// Closing is part of the work: it moves what is left of the `-wal` into the log.
    fn close<T>(&mut self, log: T) {
        let started = Instant::now();
        drop(log);
        self.seconds += started.elapsed().as_secs_f64();
    }

    fn rate(&self) -> f64 {
        rate(self.events, self.seconds)
    }
}

/// Measures one size: everybody appends the same events, in turns.
pub(super) fn measure(scale: &Scale, folder: &Path, payload_bytes: usize, batch: usize) -> Result<AppendFigure> {
    let [ours_path, bare_path, default_path] = ["ours.db", "bare.db", "default.db"].map(|name| folder.join(name));
    for path in [&ours_path, &bare_path, &default_path] {
        remove(path);
        Bare::create(path, STREAMS, Story::name)?;
    }
    let turn = Duration::from_millis(scale.turn_ms);
    let mut ours = Contestant::new(payload_bytes);
    let mut bare = Contestant::new(payload_bytes);
    let mut default = Contestant::new(payload_bytes);
    for number in 0..scale.turns {
        let mut store = Store::open(&ours_path)?;
        let done = ours.turn(turn, None, batch, Story::appends, |appends| store.append_all(&appends).map(|_| ()))?;
        ours.close(store);
        let limit = |contestant: &mut Contestant, path: &Path, pages| -> Result<()> {
            let mut log = Bare::open(path, pages)?;
            contestant.turn(turn, Some(done), batch, Story::rows, |rows| log.insert(&rows))?;
            contestant.close(log);
            Ok(())
        };
        // Who comes second has the disk that the first one left: they take turns in that too.
        if number % 2 == 0 {
            limit(&mut bare, &bare_path, WAL_CHECKPOINT_PAGES)?;
            limit(&mut default, &default_path, DEFAULT_CHECKPOINT_PAGES)?;
        } else {
            limit(&mut default, &default_path, DEFAULT_CHECKPOINT_PAGES)?;
            limit(&mut bare, &bare_path, WAL_CHECKPOINT_PAGES)?;
        }
    }
    same_events(&ours_path, &bare_path)?;
    for path in [&ours_path, &bare_path, &default_path] {
        remove(path);
    }
    Ok(AppendFigure {
        payload_bytes,
        batch,
        events_per_second: ours.rate(),
        limit_events_per_second: bare.rate(),
        ratio: ratio(ours.rate(), bare.rate()),
        default_events_per_second: default.rate(),
        default_ratio: ratio(ours.rate(), default.rate()),
    })
}
