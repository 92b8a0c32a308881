//! Guessing the map of a table that no library is known for. What counts is what the columns hold; their names only
//! decide between equals. A table without types, or without anything that events could belong to, is no event log.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::super::schema::{Schema, Table};
use super::Confidence;
use super::mapping::{Columns, Mapping};
use super::sample::{Sample, samples};
use crate::error::Result;

/// From here on a guess is good enough to open a log with.
pub(super) const SURE: Confidence = Confidence(55);
/// As sure as a guess can be.
const SURE_MAX: u8 = 80;
/// The same where no version counts up: many a table looks like this.
const SURE_MAX_WITHOUT_VERSION: u8 = 45;
/// Columns of which two together are tried as the stream.
const LIKELY_STREAMS_MAX: usize = 8;
/// What a sign of another kind of table takes away.
const DOUBT: u8 = 30;

const STREAMS: &[&str] =
    &["stream", "aggregate", "entity", "subject", "root", "thing", "source", "document", "owner", "ref", "key", "id"];
/// So many of them are said of nothing else.
const SURE_STREAMS: usize = 6;
const VERSIONS: &[&str] = &["version", "revision", "rev", "sequence", "seq", "number", "position", "ver", "no", "nr"];
const TYPES: &[&str] = &["type", "event", "name", "kind", "what", "action", "verb"];
const PAYLOADS: &[&str] = &["data", "payload", "body", "content", "properties", "args", "json", "detail"];
const METADATA: &[&str] = &["meta", "ctx", "context", "header", "extra"];
const TIMES: &[&str] = &["occurred", "happened", "time", "created", "recorded", "at", "stamp", "date", "when", "ts"];
const IDS: &[&str] = &["event_id", "message_id", "uuid", "ulid", "guid", "id"];
/// What an outbox or a queue keeps of each delivery.
const DELIVERIES: &[&str] = &[
    "published",
    "processed",
    "dispatched",
    "delivered",
    "sent",
    "acked",
    "attempt",
    "retries",
    "retry",
    "locked",
    "status",
    "last_error",
];
/// Names of tables that hold copies of events, or something else that looks like them.
const OTHERS: &[&str] = &["outbox", "inbox", "queue", "snapshot", "audit", "backup", "job", "projection"];

/// A guess, how sure it is, and why.
pub(super) struct Guess {
    pub(super) mapping: Mapping,
    pub(super) confidence: Confidence,
    pub(super) evidence: Vec<String>,
}

/// The best guess of each table that may be an event log, the surest first.
///
/// # Errors
/// As SQLite says.
pub(super) fn guess(schema: &Schema, connection: &Connection) -> Result<Vec<Guess>> {
    let mut guesses = Vec::new();
    for table in &schema.tables {
        let samples = samples(connection, table)?;
        guesses.extend(guess_one(table, &samples));
    }
    guesses.sort_by_key(|guess| std::cmp::Reverse(guess.confidence));
    Ok(guesses)
}

/// What events belong to, and their number in it.
struct Places {
    streams: Vec<String>,
    version: Option<String>,
    is_unique: bool,
    /// True where there was too little to look at.
    is_scant: bool,
}

fn guess_one(table: &Table, samples: &[Sample]) -> Option<Guess> {
    let (event_type, places) = types_and_places(table, samples)?;
    let mut taken: Vec<&str> = places.streams.iter().map(String::as_str).collect();
    taken.extend([event_type.name.as_str()].into_iter().chain(places.version.as_deref()));
    let free = |sample: &Sample| !sample.is_path && !taken.contains(&sample.name.as_str());
    let metadata = best(samples, METADATA, |sample| free(sample) && sample.is_object() && sample.likes(METADATA) > 0);
    let is_metadata = |sample: &Sample| metadata.is_some_and(|metadata| metadata.name == sample.name);
    let payload = best(samples, PAYLOADS, |sample| free(sample) && sample.is_object() && !is_metadata(sample));
    // What nobody can read yet is a payload by its name alone.
    let unread = best(samples, PAYLOADS, |sample| {
        free(sample)
            && sample.likes(PAYLOADS) > 0
            && sample.likes(METADATA) == 0
            && !sample.is_time()
            && !is_metadata(sample)
    });
    let time = best(samples, TIMES, |sample| free(sample) && sample.is_full() && sample.is_time())
        .or_else(|| best(samples, TIMES, |sample| sample.is_path && sample.is_time() && sample.likes(TIMES) > 0));
    let is_unique = |column: &str| table.unique.iter().any(|key| key.len() == 1 && key[0].eq_ignore_ascii_case(column));
    let id = best(samples, IDS, |sample| {
        let is_key = is_unique(&sample.name) && sample.is_full() && !sample.is_number() && !sample.is_time();
        free(sample) && (is_key || sample.is_id())
    });
    let order = match table.row_number() {
        Some(_) => None,
        None => Some(order_of(table, samples)?),
    };

    let mut evidence = vec![format!("\"{}\" holds {} names of types", event_type.name, event_type.distinct())];
    let streams = quoted_list(&places.streams);
    let mut confidence = if places.is_scant {
        evidence.push(format!(
            "{} rows are too few to tell: it has the names and the key of an event log",
            event_type.values.len()
        ));
        35
    } else if let Some(version) = &places.version {
        evidence.push(format!("\"{version}\" counts up by one in each {streams}"));
        40
    } else {
        evidence.push(format!("{streams} repeats, and no column counts up by one in it: there are no versions"));
        15
    };
    if places.is_unique {
        confidence += 20;
        evidence.push(format!("{streams} and \"{}\" are a unique key", places.version.as_deref().unwrap_or_default()));
    }
    for (found, what, points) in
        [(payload, "JSON objects", 15), (time, "times", 10), (metadata, "JSON objects", 5), (id, "ids", 5)]
    {
        if let Some(sample) = found {
            confidence += points;
            evidence.push(format!("\"{}\" holds {what}", sample.name));
        }
    }
    if payload.is_none()
        && let Some(sample) = unread
    {
        confidence += 5;
        evidence.push(format!("\"{}\" is named like a payload", sample.name));
    }
    confidence = confidence.min(if places.version.is_some() { SURE_MAX } else { SURE_MAX_WITHOUT_VERSION });
    for doubt in doubts(table) {
        confidence = confidence.saturating_sub(DOUBT);
        evidence.push(doubt);
    }
    let name = |sample: Option<&Sample>| sample.map(|sample| sample.name.clone());
    let mut streams = places.streams;
    Some(Guess {
        mapping: Mapping {
            table: table.name.clone(),
            order,
            stream: if streams.len() == 1 { Columns::One(streams.remove(0)) } else { Columns::Several(streams) },
            version: places.version,
            event_type: Some(event_type.name.clone()),
            time: name(time),
            id: name(id),
            payload: name(payload.or(unread)),
            metadata: name(metadata),
        },
        confidence: Confidence(confidence),
        evidence,
    })
}

/// What speaks for another kind of table: an outbox, a queue, an audit trail, copies.
fn doubts(table: &Table) -> Vec<String> {
    let is_like = |name: &str, words: &[&str]| {
        let name = name.to_lowercase();
        name.split(|sign: char| !sign.is_alphanumeric()).any(|part| words.iter().any(|word| part.starts_with(word)))
    };
    let deliveries: Vec<String> =
        table.columns.iter().map(|column| column.name.clone()).filter(|name| is_like(name, DELIVERIES)).collect();
    let mut doubts = Vec::new();
    if !deliveries.is_empty() {
        doubts.push(format!("{} is what an outbox or a queue keeps: perhaps no event log", quoted_list(&deliveries)));
    }
    if is_like(&table.name, OTHERS) {
        doubts.push(format!("its name, \"{}\", is not that of an event log", table.name));
    }
    doubts
}

fn quoted_list(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" with ")
}

/// The names of types, and what the events belong to. Types are a column, or where none is named like one, a value
/// inside of a column's JSON that is; a column that says one thing of all that belongs together is the kind of that.
fn types_and_places<'a>(table: &Table, samples: &'a [Sample]) -> Option<(&'a Sample, Places)> {
    let liked = |sample: &Sample| match (sample.likes(TYPES), sample.likes(&STREAMS[..SURE_STREAMS])) {
        (likes, 0) => likes,
        _ => 0,
    };
    let mut types: Vec<&Sample> = samples.iter().filter(|sample| sample.is_type()).collect();
    types.retain(|sample| !sample.is_path || liked(sample) > 0);
    types.sort_by_key(|sample| std::cmp::Reverse((liked(sample) > 0, !sample.is_path, liked(sample))));
    let found = types.iter().find_map(|event_type| {
        let places = numbered(table, samples, event_type)?;
        let parts: Vec<&Sample> =
            places.streams.iter().filter_map(|name| samples.iter().find(|sample| sample.name == *name)).collect();
        varies(&Sample::joined(&parts), event_type).then_some((*event_type, places))
    });
    let found = found.or_else(|| by_names(table, samples));
    found.or_else(|| types.iter().find_map(|event_type| Some((*event_type, unnumbered(samples, event_type)?))))
}

/// The same where there is too little to look at: plain names, and a unique key over stream and version, which nothing
/// that is there speaks against.
fn by_names<'a>(table: &Table, samples: &'a [Sample]) -> Option<(&'a Sample, Places)> {
    let column = |name: &String| samples.iter().find(|sample| sample.name.eq_ignore_ascii_case(name));
    let is_free_of_gaps = |sample: &Sample| sample.values.iter().all(Option::is_some);
    let places = table.unique.iter().filter(|key| key.len() >= 2).find_map(|key| {
        let columns: Vec<&Sample> = key.iter().map(column).collect::<Option<_>>()?;
        let is_version = |sample: &&&Sample| {
            sample.likes(VERSIONS) > 0 && is_free_of_gaps(sample) && (sample.values.is_empty() || sample.is_number())
        };
        let version = *columns.iter().filter(is_version).max_by_key(|sample| sample.likes(VERSIONS))?;
        let streams: Vec<&Sample> = columns.iter().copied().filter(|sample| sample.name != version.name).collect();
        let are_streams = streams.iter().any(|sample| sample.likes(STREAMS) > 0) && steps(&streams, version).is_some();
        are_streams.then(|| Places {
            streams: streams.iter().map(|stream| stream.name.clone()).collect(),
            version: Some(version.name.clone()),
            is_unique: true,
            is_scant: true,
        })
    })?;
    let event_type = best(samples, TYPES, |sample| {
        let is_taken = places.streams.contains(&sample.name) || places.version.as_ref() == Some(&sample.name);
        let are_words = sample.values.is_empty() || sample.holds_words();
        !sample.is_path && !is_taken && sample.likes(TYPES) > 0 && is_free_of_gaps(sample) && are_words
    })?;
    best(samples, PAYLOADS, |sample| sample.likes(PAYLOADS) > 0).map(|_| (event_type, places))
}

/// How often a version is one more than the one before in its stream; nothing where it is often something else.
fn steps(streams: &[&Sample], version: &Sample) -> Option<usize> {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut steps, mut breaks) = (0, 0);
    let joined = Sample::joined(streams);
    for (stream, version) in joined.held().zip(version.held()) {
        let version = version.parse::<i64>().ok()?;
        match last.insert(stream, version) {
            None if version >= 0 => {}
            Some(before) if version == before.wrapping_add(1) => steps += 1,
            _ => breaks += 1,
        }
    }
    (breaks * 20 <= steps).then_some(steps)
}

/// True where a column says several things of most streams that have several events.
fn varies(stream: &Sample, event_type: &Sample) -> bool {
    let mut said: BTreeMap<&str, (&str, usize, bool)> = BTreeMap::new();
    for (stream, event_type) in stream.held().zip(event_type.held()) {
        let (first, events, has_several) = said.entry(stream).or_insert((event_type, 0, false));
        *events += 1;
        *has_several |= *first != event_type;
    }
    let long = said.values().filter(|(_, events, _)| *events > 2);
    let (all, several) = long.fold((0, 0), |(all, several), (_, _, has)| (all + 1, several + usize::from(*has)));
    all == 0 || several * 2 >= all
}

/// The sample that fits and whose name is liked best, the first among equals.
fn best<'a>(samples: &'a [Sample], words: &[&str], fits: impl Fn(&Sample) -> bool) -> Option<&'a Sample> {
    samples.iter().rev().filter(|sample| fits(sample)).max_by_key(|sample| sample.likes(words))
}

/// Columns, the last of which counts up by one within the others: those of a unique key; else one and one; else two
/// and one; else the same with what stands inside of JSON.
fn numbered(table: &Table, samples: &[Sample], event_type: &Sample) -> Option<Places> {
    let is_version = |sample: &Sample| sample.is_full() && sample.is_number() && !sample.is_time();
    let is_stream = |sample: &Sample| {
        sample.is_full() && !sample.is_object() && !sample.is_time() && sample.name != event_type.name
    };
    let places = |streams: &[&Sample], version: &Sample, is_unique: bool| Places {
        streams: streams.iter().map(|stream| stream.name.clone()).collect(),
        version: Some(version.name.clone()),
        is_unique,
        is_scant: false,
    };
    let keys = table.unique.iter().filter(|key| key.len() >= 2).filter_map(|key| {
        let columns: Option<Vec<&Sample>> =
            key.iter().map(|name| samples.iter().find(|sample| sample.name.eq_ignore_ascii_case(name))).collect();
        let columns = columns?;
        let versions = columns.iter().filter(|sample| is_version(sample));
        let version = versions.max_by_key(|sample| sample.likes(VERSIONS))?;
        let streams: Vec<&Sample> = columns.iter().copied().filter(|sample| sample.name != version.name).collect();
        let fits =
            streams.iter().all(|sample| sample.is_full() && !sample.is_object() && sample.name != event_type.name)
                && counts_up(&Sample::joined(&streams), version);
        fits.then(|| places(&streams, version, true))
    });
    if let Some(found) = keys.min_by_key(|found| found.streams.len()) {
        return Some(found);
    }
    for looks_inside in [false, true] {
        let some = |sample: &&Sample| !sample.is_path || looks_inside;
        let versions: Vec<&Sample> = samples.iter().filter(some).filter(|sample| is_version(sample)).collect();
        let streams: Vec<&Sample> = samples.iter().filter(some).filter(|sample| is_stream(sample)).collect();
        let mut pairs: Vec<(usize, &Sample, &Sample)> = Vec::new();
        for version in &versions {
            for stream in streams.iter().filter(|stream| stream.name != version.name) {
                if counts_up(stream, version) {
                    pairs.push((stream.likes(STREAMS) + version.likes(VERSIONS), stream, version));
                }
            }
        }
        if let Some((_, stream, version)) = pairs.into_iter().rev().max_by_key(|(likes, ..)| *likes) {
            return Some(places(&[stream], version, false));
        }
        let mut likely = streams;
        likely.sort_by_key(|sample| std::cmp::Reverse(sample.likes(STREAMS)));
        likely.truncate(LIKELY_STREAMS_MAX);
        for version in &versions {
            for (index, one) in likely.iter().enumerate() {
                for other in &likely[index + 1..] {
                    let is_other = one.name != version.name && other.name != version.name;
                    if is_other && counts_up(&Sample::joined(&[one, other]), version) {
                        return Some(places(&[one, other], version, false));
                    }
                }
            }
        }
    }
    None
}

/// A column that several events have in common, where nothing counts them.
fn unnumbered(samples: &[Sample], event_type: &Sample) -> Option<Places> {
    let is_stream = |sample: &Sample| {
        let distinct = sample.distinct();
        sample.is_full()
            && !sample.is_object()
            && !sample.is_time()
            && sample.name != event_type.name
            && sample.likes(STREAMS) > 0
            && distinct >= 2
            && distinct * 5 <= sample.values.len() * 4
    };
    let stream = best(samples, STREAMS, |sample| !sample.is_path && is_stream(sample))
        .or_else(|| best(samples, STREAMS, |sample| sample.is_path && is_stream(sample)))?;
    Some(Places { streams: vec![stream.name.clone()], version: None, is_unique: false, is_scant: false })
}

/// A column of whole numbers, each once: the order of a table whose rows have none.
fn order_of(table: &Table, samples: &[Sample]) -> Option<String> {
    let is_order = |sample: &Sample| {
        let is_key = table.unique.iter().any(|key| key.len() == 1 && key[0].eq_ignore_ascii_case(&sample.name));
        !sample.is_path
            && sample.is_full()
            && sample.is_number()
            && (is_key || sample.distinct() == sample.values.len())
    };
    best(samples, VERSIONS, is_order).map(|sample| sample.name.clone())
}

/// True where versions begin low, go up by one in nearly every stream, and do so in several events of a stream.
fn counts_up(stream: &Sample, version: &Sample) -> bool {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut steps, mut breaks) = (0, 0);
    for (stream, version) in stream.held().zip(version.held()) {
        let Ok(version) = version.parse::<i64>() else { return false };
        match last.insert(stream, version) {
            None if (0..=1).contains(&version) => {}
            Some(before) if version == before.wrapping_add(1) => steps += 1,
            _ => breaks += 1,
        }
    }
    // One stream over all would be the row's own number.
    last.len() >= 2 && steps >= last.len().min(10) && breaks * 20 <= steps
}
