//! The vocabulary: events, streams, scopes, positions, times.
//!
//! Layer 0. A batch holds events as raw bytes in one buffer, so that reading a page allocates nothing per event and
//! a payload is parsed only where somebody looks at it or folds it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use serde_json::Value;

/// How deep the arrays and objects of a JSON text are nested, without parsing it: what bounds a parser's stack.
#[must_use]
pub fn nesting(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The name of a stream: the ordered events of one entity. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamId(Arc<str>);

impl StreamId {
    /// A stream of this name; any text is a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The category by name: what stands before the first `-`, or the whole name where there is none.
    #[must_use]
    pub fn category(&self) -> &str {
        category_of(&self.0)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for StreamId {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The category of a stream by its name: what stands before the first `-`, or the whole name where there is none.
#[must_use]
pub fn category_of(stream: &str) -> &str {
    stream.split_once('-').map_or(stream, |(category, _)| category)
}

/// A UUID of 32 hex digits with its dashes put in; `None` where the text is something else.
#[must_use]
pub fn uuid_with_dashes(text: &str) -> Option<String> {
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    Some(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)))
}

/// What is looked at: the whole log, the streams of one category, or one stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    /// Every event, in the log's own order.
    Log,
    /// The streams of one kind, in the log's own order.
    Category(Arc<str>),
    /// One stream, by version.
    Stream(StreamId),
}

impl Scope {
    /// The stream, where the scope is one.
    #[must_use]
    pub fn stream(&self) -> Option<&StreamId> {
        match self {
            Self::Stream(id) => Some(id),
            Self::Log | Self::Category(_) => None,
        }
    }
}

/// The log's own ordering key of one event. It may have gaps and is opaque outside the engine: it can be compared
/// within one log, shown, and handed back, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Seq {
    /// One number: SQLite, PostgreSQL, JetStream.
    Number(i64),
    /// A place in one partition: Kafka.
    Partition {
        /// The partition.
        partition: i32,
        /// The offset in it.
        offset: i64,
    },
    /// Commit and prepare position: KurrentDB.
    Commit {
        /// The commit position.
        commit: u64,
        /// The prepare position.
        prepare: u64,
    },
}

impl Seq {
    /// The number, for engines that order by one number.
    #[must_use]
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Partition { .. } | Self::Commit { .. } => None,
        }
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Partition { partition, offset } => write!(f, "{partition}:{offset}"),
            Self::Commit { commit, prepare } => write!(f, "{commit}/{prepare}"),
        }
    }
}

/// Where reading goes on. It comes from the engine and goes back to it; nobody else computes one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Resume {
    /// At the oldest event of the scope.
    #[default]
    Start,
    /// After this event, in the log's own order.
    After(Seq),
    /// After this version of the stream.
    AfterVersion(i64),
    /// At the next offset of each partition.
    Partitions(BTreeMap<i32, i64>),
}

/// A point in time: microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(pub i64);

impl Time {
    /// The time now, by the machine's clock.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// Reads an RFC 3339 time (`2026-07-19T14:32:29.816Z`, also with a space, an offset, or a date alone, which is
    /// midnight UTC; without an offset it is UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return Some(Self(timestamp.as_microsecond()));
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        let timestamp = jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self(timestamp.as_microsecond()))
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Formats by `strftime` rules in UTC; empty where the time lies outside years -9999 to 9999.
    #[must_use]
    pub fn format(self, pattern: &str) -> String {
        jiff::Timestamp::from_microsecond(self.0)
            .map(|timestamp| timestamp.strftime(pattern).to_string())
            .unwrap_or_default()
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, with as many digits of the second as it has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

/// One event as the log holds it. Borrowed from an [`EventBatch`].
#[derive(Clone, Copy, Debug)]
pub struct RawEvent<'a> {
    /// The log's own ordering key.
    pub seq: Seq,
    /// The stream, empty where the log has none.
    pub stream: &'a str,
    /// The category of the stream, where the log says it; else the decoder's rule does.
    pub category: Option<&'a str>,
    /// The number in the stream, as its writer numbered it.
    pub version: Option<i64>,
    /// The type's name.
    pub event_type: &'a str,
    /// The time column, where the layout has one. A time inside the payload is known only after decoding.
    pub time: Option<Time>,
    /// The event's id, where the log has one.
    pub id: Option<&'a str>,
    /// The payload as stored.
    pub data: &'a [u8],
    /// The metadata as stored, where the log has any.
    pub metadata: Option<&'a [u8]>,
}

impl RawEvent<'_> {
    /// BLAKE3 over stream, version, type, payload and metadata, each with its length before it: what a checkpoint and
    /// a snapshot remember of the event that they stand after. The ordering key is left out, so that a restored or
    /// imported copy of the same history has the same hashes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let version = self.version.map(i64::to_le_bytes);
        let version = version.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        for part in
            [self.stream.as_bytes(), version, self.event_type.as_bytes(), self.data, self.metadata.unwrap_or_default()]
        {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}

/// The texts of a row stand behind one another in the buffer, in this order.
const STREAM: usize = 0;
const CATEGORY: usize = 1;
const EVENT_TYPE: usize = 2;
const ID: usize = 3;
const DATA: usize = 4;
const METADATA: usize = 5;

/// Small, as a page of them is written and read for every page of events.
struct Row {
    seq: Seq,
    version: Option<i64>,
    time: Option<Time>,
    /// Where its texts begin.
    start: usize,
    /// Where each of them ends, from there on.
    ends: [u32; 6],
    has_category: bool,
    has_id: bool,
    has_metadata: bool,
}

/// Events of one page, their bytes in one buffer that is kept from page to page.
#[derive(Default)]
pub struct EventBatch {
    bytes: Vec<u8>,
    rows: Vec<Row>,
}

impl EventBatch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the events, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }

    /// How many events it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True where it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of all that it holds.
    #[must_use]
    pub fn bytes_total(&self) -> usize {
        self.bytes.len()
    }

    /// Copies one event in.
    #[inline]
    pub fn push(&mut self, event: &RawEvent<'_>) {
        let texts: [&[u8]; 6] = [
            event.stream.as_bytes(),
            event.category.unwrap_or_default().as_bytes(),
            event.event_type.as_bytes(),
            event.id.unwrap_or_default().as_bytes(),
            event.data,
            event.metadata.unwrap_or_default(),
        ];
        let start = self.bytes.len();
        // Once for all of them.
        self.bytes.reserve(texts.iter().map(|text| text.len()).sum());
        let ends = texts.map(|text| {
            self.bytes.extend_from_slice(text);
            u32::try_from(self.bytes.len() - start).unwrap_or(u32::MAX)
        });
        self.rows.push(Row {
            seq: event.seq,
            version: event.version,
            time: event.time,
            start,
            ends,
            has_category: event.category.is_some(),
            has_id: event.id.is_some(),
            has_metadata: event.metadata.is_some(),
        });
    }

    /// Keeps only events that this says yes to, in their order.
    pub fn retain(&mut self, mut keeps: impl FnMut(&RawEvent<'_>) -> bool) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.retain(|row| keeps(&self.view(row)));
        self.rows = rows;
    }

    /// The event at this index, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<RawEvent<'_>> {
        self.rows.get(index).map(|row| self.view(row))
    }

    /// The events in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RawEvent<'_>> {
        self.rows.iter().map(|row| self.view(row))
    }

    fn part(&self, row: &Row, part: usize) -> &[u8] {
        let end_of = |part: usize| row.start + row.ends.get(part).map_or(0, |end| *end as usize);
        let begin = part.checked_sub(1).map_or(row.start, end_of);
        self.bytes.get(begin..end_of(part)).unwrap_or_default()
    }

    fn text(&self, row: &Row, part: usize) -> &str {
        std::str::from_utf8(self.part(row, part)).unwrap_or_default()
    }

    fn view<'a>(&'a self, row: &Row) -> RawEvent<'a> {
        RawEvent {
            seq: row.seq,
            stream: self.text(row, STREAM),
            category: row.has_category.then(|| self.text(row, CATEGORY)),
            version: row.version,
            event_type: self.text(row, EVENT_TYPE),
            time: row.time,
            id: row.has_id.then(|| self.text(row, ID)),
            data: self.part(row, DATA),
            metadata: row.has_metadata.then(|| self.part(row, METADATA)),
        }
    }
}

/// One event, decoded, as a reducer folds it.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The log's own ordering key.
    pub seq: Seq,
    /// The stream, empty where the log has none.
    pub stream: &'a str,
    /// The category of the stream, as the layout knows it.
    pub category: &'a str,
    /// The number in the stream.
    pub version: Option<i64>,
    /// The type's name.
    pub event_type: &'a str,
    /// When, where the log says so.
    pub time: Option<Time>,
    /// The event's id.
    pub id: Option<&'a str>,
    /// The payload.
    pub data: Value,
    /// The metadata as stored, where the log has any.
    pub metadata: Option<Cow<'a, [u8]>>,
}
