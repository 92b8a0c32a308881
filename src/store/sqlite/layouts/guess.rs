//! Guessing the map of a table that no library is known for. What counts is what the columns hold; their names only
//! decide between equals. A table without types or without versions that count up is no event log.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::super::fault::fault;
use super::super::pages::text_of;
use super::super::schema::{Schema, Table, quoted};
use super::Confidence;
use super::mapping::{Columns, Mapping};
use crate::error::Result;
use crate::event::Time;

/// Rows that a guess looks at.
const ROWS_LOOKED_AT: usize = 500;
/// From here on a guess is good enough to open a log with.
pub(super) const SURE: Confidence = Confidence(55);

const STREAMS: &[&str] = &["stream", "aggregate", "entity", "subject", "root", "thing", "source", "document"];
const VERSIONS: &[&str] = &["version", "revision", "rev", "sequence", "seq", "number", "position"];
const TYPES: &[&str] = &["type", "event", "name", "kind", "what", "action"];
const PAYLOADS: &[&str] = &["data", "payload", "body", "content", "properties", "args"];
const METADATA: &[&str] = &["meta", "ctx", "context", "header", "extra"];
const TIMES: &[&str] = &["occurred", "happened", "time", "created", "at", "stamp", "date", "when"];
const IDS: &[&str] = &["event_id", "message_id", "uuid", "guid", "id"];

/// A guess, how sure it is, and why.
pub(super) struct Guess {
    pub(super) mapping: Mapping,
    pub(super) confidence: Confidence,
    pub(super) evidence: Vec<String>,
}

/// What the first rows of a column hold; a missing value is `None`.
struct Sample {
    name: String,
    values: Vec<Option<String>>,
}

impl Sample {
    fn held(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten().map(String::as_str)
    }

    /// The part of the values that are so, in hundredths; 0 where there are none.
    fn share(&self, is_so: impl Fn(&str) -> bool) -> usize {
        let all = self.held().count();
        (self.held().filter(|value| is_so(value)).count() * 100).checked_div(all).unwrap_or(0)
    }

    fn distinct(&self) -> usize {
        self.held().collect::<BTreeSet<_>>().len()
    }

    fn is_full(&self) -> bool {
        self.values.iter().all(Option::is_some)
    }

    fn is_number(&self) -> bool {
        self.share(|value| value.parse::<i64>().is_ok()) == 100
    }

    fn is_json_object(&self) -> bool {
        let is_object =
            |value: &str| value.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok();
        self.share(is_object) >= 80
    }

    fn is_time(&self) -> bool {
        if self.is_number() {
            // From 2001 on, in seconds, milliseconds or microseconds.
            return self.share(|value| value.parse::<i64>().is_ok_and(|number| number > 1_000_000_000)) == 100;
        }
        self.share(|value| value.len() >= 10 && Time::parse(value).is_some()) >= 95
    }

    /// Names of kinds: few of them, and each a word.
    fn is_type(&self) -> bool {
        let is_word = |value: &str| {
            value.len() <= 200
                && value.starts_with(|letter: char| letter.is_alphabetic())
                && value.chars().all(|letter| letter.is_alphanumeric() || "_-.:$\\/".contains(letter))
        };
        self.is_full()
            && !self.is_number()
            && self.share(is_word) == 100
            && self.distinct() >= 2
            && self.distinct() * 4 <= self.values.len().max(8)
            && !self.is_time()
    }

    /// How well a name goes with words: the first word counts most; a whole name more than a part.
    fn likes(&self, words: &[&str]) -> usize {
        let name = self.name.to_lowercase();
        let best = words.iter().enumerate().filter(|(_, word)| name.contains(*word));
        best.map(|(index, word)| (words.len() - index) * 2 + usize::from(name == *word)).max().unwrap_or(0)
    }
}

/// The best guess of each table that may be an event log, the surest first.
///
/// # Errors
/// As SQLite says.
pub(super) fn guess(schema: &Schema, connection: &Connection) -> Result<Vec<Guess>> {
    let mut guesses = Vec::new();
    for table in &schema.tables {
        let samples = samples(connection, table).map_err(|error| fault(error, "look at its tables"))?;
        guesses.extend(guess_one(table, &samples));
    }
    guesses.sort_by_key(|guess| std::cmp::Reverse(guess.confidence));
    Ok(guesses)
}

fn samples(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Sample>> {
    let order = table.row_number().map_or_else(String::new, |row| format!(" ORDER BY {row}"));
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {} FROM {}{order} LIMIT {ROWS_LOOKED_AT}", columns.join(", "), quoted(&table.name));
    let mut samples: Vec<Sample> =
        table.columns.iter().map(|column| Sample { name: column.name.clone(), values: Vec::new() }).collect();
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (index, sample) in samples.iter_mut().enumerate() {
            let value = row.get_ref(index)?;
            let is_null = matches!(value, rusqlite::types::ValueRef::Null);
            sample.values.push((!is_null).then(|| text_of(value).into_owned()));
        }
    }
    Ok(samples)
}

fn guess_one(table: &Table, samples: &[Sample]) -> Option<Guess> {
    let is_unique = |columns: &[&str]| table.unique.iter().any(|key| same_columns(key, columns));
    let event_type = best(samples, TYPES, Sample::is_type)?;
    let (stream, version) = stream_and_version(table, samples, event_type)?;
    let taken = [event_type.name.as_str(), stream.name.as_str(), version.name.as_str()];
    let free = |sample: &Sample| !taken.contains(&sample.name.as_str());
    let metadata =
        best(samples, METADATA, |sample| free(sample) && sample.is_json_object() && sample.likes(METADATA) > 0);
    let is_metadata = |sample: &Sample| metadata.is_some_and(|metadata| metadata.name == sample.name);
    let payload = best(samples, PAYLOADS, |sample| free(sample) && sample.is_json_object() && !is_metadata(sample));
    let time = best(samples, TIMES, |sample| free(sample) && sample.is_full() && sample.is_time());
    let id = best(samples, IDS, |sample| {
        free(sample) && sample.is_full() && !sample.is_number() && !sample.is_time() && is_unique(&[&sample.name])
    });
    let mut evidence = vec![
        table.evidence(&[&stream.name, &version.name, &event_type.name]),
        format!("\"{}\" holds {} names of types", event_type.name, event_type.distinct()),
        format!("\"{}\" counts up by one in each \"{}\"", version.name, stream.name),
    ];
    let mut confidence = 35;
    if is_unique(&[&stream.name, &version.name]) {
        confidence += 20;
        evidence.push(format!("\"{}\" and \"{}\" are a unique key", stream.name, version.name));
    }
    for (found, what, points) in
        [(payload, "JSON objects", 15), (time, "times", 10), (metadata, "JSON objects", 5), (id, "ids", 5)]
    {
        if let Some(sample) = found {
            confidence += points;
            evidence.push(format!("\"{}\" holds {what}", sample.name));
        }
    }
    let name = |sample: Option<&Sample>| sample.map(|sample| sample.name.clone());
    Some(Guess {
        mapping: Mapping {
            table: table.name.clone(),
            order: None,
            stream: Columns::One(stream.name.clone()),
            version: Some(version.name.clone()),
            event_type: Some(event_type.name.clone()),
            time: name(time),
            id: name(id),
            payload: name(payload),
            metadata: name(metadata),
        },
        confidence: Confidence(confidence.min(80)),
        evidence,
    })
}

fn same_columns(key: &[String], columns: &[&str]) -> bool {
    key.len() == columns.len() && columns.iter().all(|name| key.iter().any(|column| column.eq_ignore_ascii_case(name)))
}

/// The sample that fits and whose name is liked best.
fn best<'a>(samples: &'a [Sample], words: &[&str], fits: impl Fn(&Sample) -> bool) -> Option<&'a Sample> {
    // The first among equals.
    samples.iter().rev().filter(|sample| fits(sample)).max_by_key(|sample| sample.likes(words))
}

/// Two columns of which the second counts up by one within the first.
fn stream_and_version<'a>(
    table: &Table,
    samples: &'a [Sample],
    event_type: &Sample,
) -> Option<(&'a Sample, &'a Sample)> {
    let mut pairs = Vec::new();
    for version in samples.iter().filter(|sample| sample.is_full() && sample.is_number() && !sample.is_time()) {
        for stream in samples.iter().filter(|sample| sample.is_full() && sample.name != version.name) {
            let is_value = stream.is_json_object() || stream.is_time() || stream.name == event_type.name;
            if !is_value && counts_up(stream, version) {
                let is_unique = table.unique.iter().any(|key| same_columns(key, &[&stream.name, &version.name]));
                pairs.push((is_unique, stream.likes(STREAMS) + version.likes(VERSIONS), stream, version));
            }
        }
    }
    pairs
        .into_iter()
        .max_by_key(|(is_unique, likes, ..)| (*is_unique, *likes))
        .map(|(_, _, stream, version)| (stream, version))
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
