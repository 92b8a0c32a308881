//! Seals: what makes a change behind the database's back show.
//!
//! Each event has a BLAKE3 hash over all of its fields; a seal is a hash over the hashes of a range of events and the
//! seal before it, so that the seals are a chain from the first event on. Beside it stand the first bytes of each
//! event's hash: they name the event that differs.

use std::collections::VecDeque;

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId};
use crate::limits::VERIFY_DOUBTS_KEPT_MAX;
use crate::log::Seal;
use crate::store::EventLog;

/// A BLAKE3 hash.
pub type Hash = [u8; 32];

/// Bytes of an event's hash that its seal keeps.
pub const MARK_BYTES: usize = 4;
/// What stands for the seal before the first one.
pub const NO_HASH: Hash = [0; 32];

/// Seals that verify holds at once: 4 KiB each.
const SEALS_PAGE: u32 = 256;

/// The hash of one event: every field, each with its length before it, so that no two events look alike.
#[must_use]
pub fn event_hash(raw: &RawEvent<'_>) -> Hash {
    let mut head = [0; 24];
    head[..8].copy_from_slice(&raw.seq.number().unwrap_or_default().to_le_bytes());
    head[8..16].copy_from_slice(&raw.version.unwrap_or_default().to_le_bytes());
    head[16..].copy_from_slice(&raw.time.map_or(i64::MIN, |time| time.0).to_le_bytes());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    let fields = [raw.stream.as_bytes(), raw.event_type.as_bytes(), raw.id.unwrap_or_default().as_bytes(), raw.data];
    for field in fields {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    if let Some(metadata) = raw.metadata {
        hasher.update(&(metadata.len() as u64).to_le_bytes());
        hasher.update(metadata);
    }
    *hasher.finalize().as_bytes()
}

/// The hash of a range of events, from the one before it and those of its events.
#[must_use]
pub fn range_hash(before: &[u8], first: i64, last: i64, events: &[Hash]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&first.to_le_bytes());
    hasher.update(&last.to_le_bytes());
    hasher.update(events.as_flattened());
    *hasher.finalize().as_bytes()
}

/// The first bytes of each hash.
#[must_use]
pub fn marks(events: &[Hash]) -> Vec<u8> {
    events.iter().flat_map(|hash| &hash[..MARK_BYTES]).copied().collect()
}

/// A seal that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The first position that differs.
    pub position: i64,
    /// The stream of the event that stands there, if one does.
    pub stream: Option<StreamId>,
    /// Its version.
    pub version: Option<i64>,
    /// What differs, in words.
    pub detail: String,
}

/// Compares events with the seals over them, as both are read in order.
#[derive(Default)]
pub struct Checker {
    waiting: VecDeque<Seal>,
    /// The end of the last seal that was fetched.
    fetched_to: i64,
    is_at_end: bool,
    /// The end and the hash of the last seal that was compared.
    before: Option<(i64, Vec<u8>)>,
    events: Vec<(i64, Hash)>,
    broken: Vec<Broken>,
}

impl Checker {
    /// Fetches the seals over a page of events, before they are looked at.
    ///
    /// # Errors
    /// As every read.
    pub fn fetch(&mut self, log: &mut dyn EventLog, page: &[RawEvent<'_>]) -> Result<()> {
        let upto = page.last().and_then(|raw| raw.seq.number()).unwrap_or_default();
        self.fetch_to(log, upto)
    }

    fn fetch_to(&mut self, log: &mut dyn EventLog, position: i64) -> Result<()> {
        while !self.is_at_end && self.fetched_to < position {
            let seals = log.seals(self.fetched_to, SEALS_PAGE)?;
            match seals.last() {
                Some(last) => self.fetched_to = last.last,
                None => self.is_at_end = true,
            }
            self.waiting.extend(seals);
        }
        Ok(())
    }

    /// How many events are sealed, of those that were compared.
    #[must_use]
    pub fn sealed(&self) -> u64 {
        self.before.as_ref().map_or(0, |(to, _)| u64::try_from(*to).unwrap_or_default())
    }

    /// Looks at the next event.
    pub fn look(&mut self, raw: &RawEvent<'_>) {
        let Some(position) = raw.seq.number() else { return };
        while self.waiting.front().is_some_and(|seal| seal.last < position) {
            self.compare();
        }
        if self.waiting.is_empty() {
            return;
        }
        self.events.push((position, event_hash(raw)));
        if self.waiting.front().is_some_and(|seal| seal.last == position) {
            self.compare();
        }
    }

    /// The seals that do not hold, where all events up to `head` were looked at.
    ///
    /// # Errors
    /// As every read.
    pub fn end(&mut self, log: &mut dyn EventLog, head: Option<Seq>) -> Result<Vec<Broken>> {
        let head = head.and_then(Seq::number).unwrap_or_default();
        self.fetch_to(log, head.saturating_add(1))?;
        // A seal that ends between both was written while we read; one that ends after both has lost its events.
        let now = log.head()?.last.and_then(Seq::number).unwrap_or_default();
        while self.waiting.front().is_some_and(|seal| seal.last <= head || seal.last > now) {
            self.compare();
        }
        let mut batch = EventBatch::new();
        let mut found = std::mem::take(&mut self.broken);
        for broken in &mut found {
            let before = match broken.position {
                1 => Resume::Start,
                position => Resume::After(Seq::Number(position - 1)),
            };
            log.read(&Scope::Log, &before, 1, &mut batch)?;
            if let Some(raw) = batch.get(0).filter(|raw| raw.seq == Seq::Number(broken.position)) {
                (broken.stream, broken.version) = (Some(StreamId::new(raw.stream)), raw.version);
            }
        }
        Ok(found)
    }

    fn compare(&mut self) {
        let Some(seal) = self.waiting.pop_front() else { return };
        let events = std::mem::take(&mut self.events);
        let before = self.before.take().unwrap_or_else(|| (0, NO_HASH.to_vec()));
        let broken = compare(&before, &seal, &events);
        // As many as are kept of other doubts: a log with more is damaged beyond naming.
        if self.broken.len() < VERIFY_DOUBTS_KEPT_MAX {
            self.broken.extend(broken);
        }
        self.before = Some((seal.last, seal.hash));
    }
}

/// What differs between a seal and the events of its range.
fn compare((before_to, before): &(i64, Vec<u8>), seal: &Seal, events: &[(i64, Hash)]) -> Option<Broken> {
    let broken = |position, detail: String| Some(Broken { position, stream: None, version: None, detail });
    if seal.first != before_to + 1 {
        return broken(
            before_to + 1,
            format!("the seal up to position {} begins at {}, not at {}", seal.last, seal.first, before_to + 1),
        );
    }
    let mut marks = seal.marks.chunks(MARK_BYTES);
    let mut events_here = events.iter();
    for position in seal.first..=seal.last {
        let Some(mark) = marks.next() else {
            return broken(position, format!("the seal up to position {} was cut short", seal.last));
        };
        match events_here.next() {
            Some((here, hash)) if *here == position => {
                if hash.get(..MARK_BYTES) != Some(mark) {
                    return broken(
                        position,
                        format!("the event at position {position} is not the one that was sealed"),
                    );
                }
            }
            _ => return broken(position, format!("the event at position {position} was sealed and is not there")),
        }
    }
    let hashes: Vec<Hash> = events.iter().map(|(_, hash)| *hash).collect();
    if range_hash(before, seal.first, seal.last, &hashes)[..] != seal.hash {
        return broken(
            seal.first,
            format!("the seal over positions {} to {} does not hold, though its marks do", seal.first, seal.last),
        );
    }
    None
}
