//! Batched appends beside the bare loop.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Scale, median, rate, remove, thousandths};
use crate::error::Result;
use crate::event::StreamId;
use crate::limits::WAL_CHECKPOINT_PAGES;
use crate::store::native::bare::{Bare, BareRow, Triggers, same_events};
use crate::store::native::{Append, Expected, Ids, NewEvent, Store};

/// Streams that the events go round.
pub(super) const STREAMS: i64 = 1_000;
/// Events that go to one stream before the next one has its turn.
const RUN_EVENTS: i64 = 10;
/// Pages after which SQLite checkpoints by default.
pub(super) const DEFAULT_CHECKPOINT_PAGES: u32 = 1_000;

/// Batched appends of one size. A ratio is the median of those of all rounds: what disturbed one round counts once.
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
    /// Events a second of a bare loop without triggers, which checks nothing and keeps the totals of streams by itself.
    pub unchecked_events_per_second: f64,
    /// Ours by that.
    pub unchecked_ratio: f64,
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
    pub(super) fn place(number: i64, streams: i64) -> (i64, i64) {
        let (run, in_run) = (number / RUN_EVENTS, number % RUN_EVENTS);
        (run % streams + 1, run / streams * RUN_EVENTS + in_run + 1)
    }

    pub(super) fn appends(&mut self, count: usize) -> Vec<Append> {
        let mut appends: Vec<Append> = Vec::new();
        let mut last = 0;
        for _ in 0..count {
            let (stream_id, version) = Self::place(self.made, self.streams);
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

    pub(super) fn rows(&mut self, count: usize) -> Vec<BareRow> {
        let rows = (0..count).map(|_| {
            let (stream_id, version) = Self::place(self.made, self.streams);
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

/// One who appends: its log, the events that it makes, and the seconds of each round.
pub(super) struct Contestant {
    log: Log,
    path: PathBuf,
    story: Story,
    rounds: Vec<f64>,
}

enum Log {
    Ours(Box<Store>),
    Bare(Bare),
}

/// How long one turn is.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// About so long.
    Time(Duration),
    /// So many transactions.
    Transactions(u64),
}

impl Contestant {
    pub(super) fn ours(path: PathBuf, payload_bytes: usize) -> Result<Self> {
        remove(&path);
        Bare::create(&path, STREAMS, Story::name)?;
        let log = Log::Ours(Box::new(Store::open(&path)?));
        Ok(Self { log, path, story: Story::new(payload_bytes, STREAMS), rounds: Vec::new() })
    }

    pub(super) fn bare(path: PathBuf, payload_bytes: usize, pages: u32, triggers: Triggers) -> Result<Self> {
        remove(&path);
        Bare::create(&path, STREAMS, Story::name)?;
        let log = Log::Bare(Bare::open(&path, pages, triggers)?);
        Ok(Self { log, path, story: Story::new(payload_bytes, STREAMS), rounds: Vec::new() })
    }

    /// Appends for one turn, and gives transactions and seconds. What is appended is made beforehand, and is not counted;
    /// what a thread beside the writer has still to do when the turn ends, is.
    pub(super) fn turn(&mut self, turn: Turn, batch: usize) -> Result<(u64, f64)> {
        let (mut done, mut spent) = (0, Duration::ZERO);
        while match turn {
            Turn::Time(time) => spent < time,
            Turn::Transactions(transactions) => done < transactions,
        } {
            match &mut self.log {
                Log::Ours(store) => {
                    let appends = self.story.appends(batch);
                    let started = Instant::now();
                    store.append_all(&appends)?;
                    spent += started.elapsed();
                }
                Log::Bare(bare) => {
                    let rows = self.story.rows(batch);
                    let started = Instant::now();
                    bare.insert(&rows)?;
                    spent += started.elapsed();
                }
            }
            done += 1;
        }
        if let Log::Ours(store) = &mut self.log {
            let started = Instant::now();
            store.settle();
            spent += started.elapsed();
        }
        Ok((done, spent.as_secs_f64()))
    }

    /// Removes the log.
    pub(super) fn end(self) {
        drop(self.log);
        remove(&self.path);
    }

    /// The seconds of the middle round.
    fn seconds(&self) -> f64 {
        median(self.rounds.clone())
    }

    /// The middle one of the rounds' ratios: the other's seconds by these.
    fn ratio(&self, other: &Self) -> f64 {
        thousandths(median(self.rounds.iter().zip(&other.rounds).map(|(ours, other)| other / ours.max(1e-9)).collect()))
    }
}

/// Measures one size: everybody appends the same events, in many short turns on the same disk, each time in another order.
pub(super) fn measure(scale: &Scale, folder: &Path, payload_bytes: usize, batch: usize) -> Result<AppendFigure> {
    let [ours, bare, default, unchecked] =
        ["ours.db", "bare.db", "default.db", "unchecked.db"].map(|name| folder.join(name));
    let mut all = [
        Contestant::ours(ours.clone(), payload_bytes)?,
        Contestant::bare(bare.clone(), payload_bytes, WAL_CHECKPOINT_PAGES, Triggers::On)?,
        Contestant::bare(default, payload_bytes, DEFAULT_CHECKPOINT_PAGES, Triggers::On)?,
        Contestant::bare(unchecked, payload_bytes, WAL_CHECKPOINT_PAGES, Triggers::Off)?,
    ];
    // One turn by time tells how many transactions are a turn; it warms up, and does not count.
    let (transactions, _) = all[0].turn(Turn::Time(Duration::from_millis(scale.turn_ms)), batch)?;
    for other in &mut all[1..] {
        other.turn(Turn::Transactions(transactions), batch)?;
    }
    for round in 0..scale.turns as usize {
        for place in 0..all.len() {
            let who = (round + place) % all.len();
            let (_, seconds) = all[who].turn(Turn::Transactions(transactions), batch)?;
            all[who].rounds.push(seconds);
        }
    }
    let events = transactions * batch as u64;
    let [ours_rate, bare_rate, default_rate, unchecked_rate] = [0, 1, 2, 3].map(|who| rate(events, all[who].seconds()));
    let [bare_ratio, default_ratio, unchecked_ratio] = [1, 2, 3].map(|other| all[0].ratio(&all[other]));
    same_events(&ours, &bare)?;
    all.into_iter().for_each(Contestant::end);
    Ok(AppendFigure {
        payload_bytes,
        batch,
        events_per_second: ours_rate,
        limit_events_per_second: bare_rate,
        ratio: bare_ratio,
        default_events_per_second: default_rate,
        default_ratio,
        unchecked_events_per_second: unchecked_rate,
        unchecked_ratio,
    })
}
