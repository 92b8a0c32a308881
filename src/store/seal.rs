//! Seals: what makes a change behind the database's back show.
//!
//! A seal is a BLAKE3 hash over a range of events, all of their fields, and the seal before it, so that the seals are a
//! chain from the first event on. Beside it stands a mark of each event, which names the one that differs.

use std::collections::VecDeque;

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId};
use crate::limits::VERIFY_DOUBTS_KEPT_MAX;
use crate::log::Seal;
use crate::store::EventLog;
use crate::store::anchor::Anchor;

/// A BLAKE3 hash.
pub type Hash = [u8; 32];

/// Bytes of an event's mark.
pub const MARK_BYTES: usize = 4;
/// What stands for the seal before the first one.
pub const NO_HASH: Hash = [0; 32];

/// Seals that verify holds at once: 4 KiB each.
const SEALS_PAGE: u32 = 256;

/// Bytes that are gathered before they are hashed: BLAKE3 hashes many KiB at once several times as fast as few.
const GATHERED_BYTES: usize = 64 << 10;

/// The hash of a range of events: BLAKE3 over the seal before, the first position, every field of every event (each
/// with its length before it, so that no two histories look alike), and the last position.
pub struct Range {
    hasher: blake3::Hasher,
    gathered: Vec<u8>,
    /// CRC-32 of each event: not to prove anything, but to name the event that differs.
    marks: Vec<u8>,
    last: i64,
}

impl Range {
    /// Begins the range that follows a seal.
    #[must_use]
    pub fn after(before: &[u8], first: i64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(before);
        hasher.update(&first.to_le_bytes());
        Self { hasher, gathered: Vec::new(), marks: Vec::new(), last: first - 1 }
    }

    /// Takes in the next event.
    pub fn push(&mut self, raw: &RawEvent<'_>) {
        let begin = self.gathered.len();
        let position = raw.seq.number().unwrap_or_default();
        put(&mut self.gathered, raw, position);
        let mut mark = flate2::Crc::new();
        mark.update(self.gathered.get(begin..).unwrap_or_default());
        self.marks.extend_from_slice(&mark.sum().to_le_bytes());
        self.last = position;
        if self.gathered.len() >= GATHERED_BYTES {
            self.hasher.update(&self.gathered);
            self.gathered.clear();
        }
    }

    /// Events taken in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len() / MARK_BYTES
    }

    /// True where there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The mark of each event, [`MARK_BYTES`] each.
    #[must_use]
    pub fn marks(&self) -> &[u8] {
        &self.marks
    }

    /// The hash of all that was taken in, up to the last position.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.gathered);
        hasher.update(&self.last.to_le_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Every field of an event, each with its length before it.
pub(crate) fn put(into: &mut Vec<u8>, raw: &RawEvent<'_>, position: i64) {
    into.extend_from_slice(&position.to_le_bytes());
    into.extend_from_slice(&raw.version.unwrap_or_default().to_le_bytes());
    into.extend_from_slice(&raw.time.map_or(i64::MIN, |time| time.0).to_le_bytes());
    let texts = [raw.stream.as_bytes(), raw.event_type.as_bytes(), raw.id.unwrap_or_default().as_bytes(), raw.data];
    for field in texts {
        into.extend_from_slice(&(field.len() as u64).to_le_bytes());
        into.extend_from_slice(field);
    }
    match raw.metadata {
        Some(metadata) => {
            into.extend_from_slice(&(metadata.len() as u64).to_le_bytes());
            into.extend_from_slice(metadata);
        }
        None => into.extend_from_slice(&u64::MAX.to_le_bytes()),
    }
}

/// The hash of one event with all its fields, but for its place in the log.
#[must_use]
pub fn event_hash(raw: &RawEvent<'_>) -> Hash {
    let mut bytes = Vec::new();
    put(&mut bytes, raw, 0);
    *blake3::hash(&bytes).as_bytes()
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
    /// The events of the first waiting seal so far, and their positions.
    range: Option<Range>,
    positions: Vec<i64>,
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

    /// The newest seal that was compared, as an anchor.
    #[must_use]
    pub fn newest(&self) -> Option<Anchor> {
        let (position, hash) = self.before.as_ref()?;
        Some(Anchor { position: *position, hash: hash.as_slice().try_into().ok()? })
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
        let before = self.before.as_ref().map_or((0, &NO_HASH[..]), |(to, hash)| (*to, hash.as_slice()));
        self.range.get_or_insert_with(|| Range::after(before.1, before.0 + 1)).push(raw);
        self.positions.push(position);
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
        let (before_to, before) = self.before.take().unwrap_or_else(|| (0, NO_HASH.to_vec()));
        let range = self.range.take().unwrap_or_else(|| Range::after(&before, before_to + 1));
        let broken = compare(before_to, &seal, &range, &std::mem::take(&mut self.positions));
        // As many as are kept of other doubts: a log with more is damaged beyond naming.
        if self.broken.len() < VERIFY_DOUBTS_KEPT_MAX {
            self.broken.extend(broken);
        }
        self.before = Some((seal.last, seal.hash));
    }
}

/// What differs between a seal and the events of its range.
fn compare(before_to: i64, seal: &Seal, range: &Range, positions: &[i64]) -> Option<Broken> {
    let broken = |position, detail: String| Some(Broken { position, stream: None, version: None, detail });
    if seal.first != before_to + 1 {
        let begin = before_to + 1;
        return broken(
            begin,
            format!("the seal up to position {} begins at {}, not at {begin}", seal.last, seal.first),
        );
    }
    let mut marks = seal.marks.chunks(MARK_BYTES);
    let mut events = positions.iter().zip(range.marks().chunks(MARK_BYTES));
    for position in seal.first..=seal.last {
        let Some(mark) = marks.next() else {
            return broken(position, format!("the seal up to position {} was cut short", seal.last));
        };
        match events.next() {
            Some((here, now)) if *here == position => {
                if now != mark {
                    return broken(
                        position,
                        format!("the event at position {position} is not the one that was sealed"),
                    );
                }
            }
            _ => return broken(position, format!("the event at position {position} was sealed and is not there")),
        }
    }
    if range.hash()[..] != seal.hash {
        return broken(
            seal.first,
            format!("the seal over positions {} to {} does not hold, though its marks do", seal.first, seal.last),
        );
    }
    None
}
