//! What each part of a mapping finds in the first rows of its table: a sentence, and whether it speaks for it.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::super::schema::Schema;
use super::mapping::Mapping;
use super::sample::{Sample, samples};
use crate::error::{Error, Result};
use crate::event::Time;

/// A part of a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MapPart {
    /// What events belong to.
    Stream,
    /// Their number in it.
    Version,
    /// Their type.
    Type,
    /// When.
    Time,
    /// The payload.
    Payload,
    /// The log's order.
    Order,
    /// The id.
    Id,
    /// The metadata.
    Metadata,
}

/// Whether what was found speaks for the choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It does.
    Fine,
    /// It may not be what was meant.
    Caution,
    /// It cannot be.
    Wrong,
    /// Nothing was chosen.
    Nothing,
}

/// What one part finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartCheck {
    /// The part.
    pub part: MapPart,
    /// The first value there is.
    pub first: Option<String>,
    /// Whether it speaks for the choice.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub text: String,
}

impl MapPart {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Stream, Self::Version, Self::Type, Self::Time, Self::Payload, Self::Order, Self::Id, Self::Metadata];
}

/// Checks every part.
///
/// # Errors
/// `Open` where the table is not there; as SQLite says.
pub(in crate::store::sqlite) fn check(
    schema: &Schema,
    connection: &Connection,
    mapping: &Mapping,
) -> Result<Vec<PartCheck>> {
    let table = schema
        .table(&mapping.table)
        .ok_or_else(|| Error::Open(format!("there is no table \"{}\" (tables: {})", mapping.table, schema.names())))?;
    let all = samples(connection, table)?;
    let find = |name: &str| all.iter().find(|sample| sample.name.eq_ignore_ascii_case(name));
    let streams: Vec<&str> = mapping.stream.all();
    let stream_samples: Vec<&Sample> = streams.iter().filter_map(|name| find(name)).collect();
    let stream = (!stream_samples.is_empty()).then(|| Sample::joined(&stream_samples));
    let mut checks = Vec::new();
    for part in MapPart::ALL {
        let chosen = match part {
            MapPart::Stream => streams.first().copied(),
            MapPart::Version => mapping.version.as_deref(),
            MapPart::Type => mapping.event_type.as_deref(),
            MapPart::Time => mapping.time.as_deref(),
            MapPart::Payload => mapping.payload.as_deref(),
            MapPart::Order => mapping.order.as_deref(),
            MapPart::Id => mapping.id.as_deref(),
            MapPart::Metadata => mapping.metadata.as_deref(),
        };
        let missing = if part == MapPart::Stream {
            streams.iter().find(|name| find(name).is_none()).copied()
        } else {
            chosen.filter(|name| find(name).is_none())
        };
        let (verdict, text) = match (chosen, missing) {
            (_, Some(name)) => (Verdict::Wrong, format!("\"{name}\" is not there, or in too few rows")),
            (None, _) => nothing(part, table.row_number().is_some()),
            (Some(name), None) => match (part, find(name), &stream) {
                (MapPart::Stream, _, Some(stream)) => stream_check(stream),
                (MapPart::Version, Some(version), Some(stream)) => version_check(stream, version),
                (MapPart::Version, Some(version), None) => number_check(version),
                (MapPart::Type, Some(sample), _) => type_check(sample),
                (MapPart::Time, Some(sample), _) => time_check(sample),
                (MapPart::Payload | MapPart::Metadata, Some(sample), _) => payload_check(sample),
                (MapPart::Order, Some(sample), _) => order_check(sample),
                (MapPart::Id, Some(sample), _) => id_check(sample),
                _ => (Verdict::Nothing, String::new()),
            },
        };
        let first = match part {
            MapPart::Stream => {
                stream.as_ref().and_then(|stream| stream.held().next().map(|it| it.replace('\u{1f}', "-")))
            }
            _ => chosen.and_then(find).and_then(|sample| sample.held().next().map(str::to_owned)),
        };
        let first = first.map(|first| first.chars().take(200).collect());
        checks.push(PartCheck { part, first, verdict, text });
    }
    Ok(checks)
}

fn nothing(part: MapPart, has_row_number: bool) -> (Verdict, String) {
    match part {
        MapPart::Type => (Verdict::Caution, "Not mapped: all events are of one type without a name".to_owned()),
        MapPart::Payload => (Verdict::Caution, "Not mapped: events have no payload".to_owned()),
        MapPart::Stream => (Verdict::Caution, "Not mapped: the log is one stream".to_owned()),
        MapPart::Order if has_row_number => (Verdict::Nothing, "The row's own number".to_owned()),
        MapPart::Order => (Verdict::Wrong, "The table has no row numbers: choose a column of whole numbers".to_owned()),
        _ => (Verdict::Nothing, "Not mapped".to_owned()),
    }
}

fn empties(sample: &Sample) -> usize {
    sample.values.iter().filter(|value| value.as_deref().is_none_or(str::is_empty)).count()
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn stream_check(stream: &Sample) -> (Verdict, String) {
    let (distinct, empty) = (stream.distinct(), empties(stream));
    if stream.values.is_empty() {
        return (Verdict::Nothing, "The table is empty".to_owned());
    }
    if empty > 0 {
        return (Verdict::Caution, format!("{distinct} distinct, empty in {}", counted(empty, "row")));
    }
    if distinct == stream.values.len() && distinct > 1 {
        return (Verdict::Caution, "Different in every row: no two events belong together".to_owned());
    }
    (Verdict::Fine, format!("{distinct} distinct, never empty"))
}

fn number_check(sample: &Sample) -> (Verdict, String) {
    match sample.held().find(|value| value.parse::<i64>().is_err()) {
        Some(value) => (Verdict::Wrong, format!("\"{}\" is no whole number", cut(value))),
        None => (Verdict::Fine, "Whole numbers".to_owned()),
    }
}

fn version_check(stream: &Sample, version: &Sample) -> (Verdict, String) {
    if let (Verdict::Wrong, text) = number_check(version) {
        return (Verdict::Wrong, text);
    }
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut begins, mut breaks, mut falls) = (i64::MAX, 0, 0);
    for (stream, version) in stream.held().zip(version.held()) {
        let Ok(version) = version.parse::<i64>() else { continue };
        match last.insert(stream, version) {
            None => begins = begins.min(version),
            Some(before) if version <= before => falls += 1,
            Some(before) if version != before.wrapping_add(1) => breaks += 1,
            Some(_) => {}
        }
    }
    let from = if begins == 0 { ", from 0 on" } else { "" };
    match (falls, breaks) {
        (0, 0) => (Verdict::Fine, format!("Rises by 1 in each stream{from}")),
        (0, _) => (Verdict::Caution, format!("Rises, with {}", counted(breaks, "gap"))),
        _ => (Verdict::Wrong, format!("Falls or repeats in {}", counted(falls, "row"))),
    }
}

fn type_check(sample: &Sample) -> (Verdict, String) {
    let (distinct, empty) = (sample.distinct(), empties(sample));
    if empty > 0 {
        return (Verdict::Caution, format!("{distinct} distinct, empty in {}", counted(empty, "row")));
    }
    if distinct > 20 && distinct * 2 > sample.values.len() {
        return (Verdict::Caution, format!("{distinct} distinct: more than types usually are"));
    }
    (Verdict::Fine, format!("{distinct} distinct"))
}

fn time_check(sample: &Sample) -> (Verdict, String) {
    let empty = empties(sample);
    let all = sample.held().count() - sample.held().filter(|value| value.is_empty()).count();
    let is_number = sample.share(|value| value.parse::<f64>().is_ok()) == 100;
    let form = if is_number {
        let largest = sample.held().filter_map(|value| value.parse::<f64>().ok()).fold(0.0, f64::max);
        match largest {
            size if size < 2_400_000.0 => None,
            size if size < 2_550_000.0 => Some("Julian days"),
            size if size < 1e9 => None,
            size if size < 1e11 => Some("Unix seconds"),
            size if size < 1e14 => Some("Unix milliseconds"),
            size if size < 1e17 => Some("Unix microseconds"),
            _ => Some("Unix nanoseconds"),
        }
    } else {
        let read = sample.held().filter(|value| Time::parse(value).is_some()).count();
        if read < all {
            let text = format!("{} of {}: no time that can be read", all - read, counted(all, "row"));
            return (if read == 0 { Verdict::Wrong } else { Verdict::Caution }, text);
        }
        Some("ISO 8601 text")
    };
    let has_zone = |value: &str| {
        let time = value.get(10..).unwrap_or_default();
        value.ends_with(['Z', 'z']) || time.contains('+') || time.contains('-')
    };
    match form {
        None => (Verdict::Wrong, "Numbers that are no times".to_owned()),
        Some(form) if empty > 0 => (Verdict::Caution, format!("{form}, empty in {}", counted(empty, "row"))),
        Some(form) if !is_number && sample.share(has_zone) < 100 => {
            (Verdict::Caution, format!("{form}, no zone given, read as UTC"))
        }
        Some(form) => (Verdict::Fine, form.to_owned()),
    }
}

fn payload_check(sample: &Sample) -> (Verdict, String) {
    let all = sample.held().filter(|value| !value.is_empty()).count();
    let (objects, by) = (sample.objects(), sample.decoded_by());
    let by = if by.is_empty() { "Objects".to_owned() } else { by.replacen(", ", " behind ", 1) };
    if all == 0 {
        return (Verdict::Caution, "Empty in all rows".to_owned());
    }
    if objects == all {
        return (Verdict::Fine, format!("{by} in all rows"));
    }
    if objects == 0 {
        return (Verdict::Caution, "No objects: shown as they are, or as bytes".to_owned());
    }
    (Verdict::Caution, format!("{by} in {objects} of {}", counted(all, "row")))
}

fn order_check(sample: &Sample) -> (Verdict, String) {
    if let (Verdict::Wrong, text) = number_check(sample) {
        return (Verdict::Wrong, text);
    }
    if sample.distinct() < sample.values.len() {
        return (Verdict::Wrong, "Some numbers come more than once".to_owned());
    }
    let mut numbers: Vec<i64> = sample.held().filter_map(|value| value.parse().ok()).collect();
    let rises = numbers.is_sorted();
    numbers.sort_unstable();
    let gaps = numbers.windows(2).filter(|two| two[1] != two[0].wrapping_add(1)).count();
    let order = if rises { "Rises" } else { "Each once, in another order than the rows" };
    (Verdict::Fine, if gaps == 0 { order.to_owned() } else { format!("{order}, {}", counted(gaps, "gap")) })
}

fn id_check(sample: &Sample) -> (Verdict, String) {
    let (distinct, all) = (sample.distinct(), sample.held().count());
    if distinct < all {
        return (Verdict::Caution, format!("{distinct} distinct in {}: some repeat", counted(all, "row")));
    }
    (Verdict::Fine, "Different in every row".to_owned())
}

fn cut(value: &str) -> String {
    value.chars().take(40).collect()
}
