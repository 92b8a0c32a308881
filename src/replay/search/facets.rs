//! How many events there are of each kind: by type, stream, category, or the value at a path.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::event::{RawEvent, Time, Value};
use crate::filter::{Filter, Name, Place, Term, Test};
use crate::limits::{FACET_VALUE_CHARS_MAX, FACET_VALUES_KEPT_MAX};
use crate::payload::Decoder;

/// What events are counted by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Facet {
    /// A name beside the payload.
    Name(Name),
    /// The month of their time, in UTC.
    Month,
    /// The value at a place; each where there are several.
    Value(Place),
}

/// How often one value came.
#[derive(Clone, PartialEq, Debug)]
pub struct FacetCount {
    /// The value.
    pub value: Value,
    /// Events that have it.
    pub events: u64,
}

/// What was counted for one facet.
#[derive(Clone, PartialEq, Debug)]
pub struct Counted {
    /// What by.
    pub facet: Facet,
    /// The values, the most frequent first.
    pub values: Vec<FacetCount>,
    /// Different values, those not listed among them; at least so many where not all of them were kept.
    pub distinct: u64,
    /// Events whose value is none of those listed.
    pub other: u64,
    /// Events that have no value there, or an array or an object.
    pub without: u64,
    /// False where there were more values than are kept: then a listed count may be too low.
    pub is_exact: bool,
}

impl Facet {
    /// Reads `type`, `stream`, `category`, `month`, or a path: `data.kind`, `meta.user`.
    ///
    /// # Errors
    /// `Input` where it is none of them.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(name) = [Name::Type, Name::Stream, Name::Category].into_iter().find(|name| name.word() == text) {
            return Ok(Self::Name(name));
        }
        if text == "month" {
            return Ok(Self::Month);
        }
        let unknown = || {
            Error::Input(format!(
                "cannot count by \"{text}\" (give type, category, stream, month, or a path: data.kind)"
            ))
        };
        let filter = Filter::parse(&format!("has:{text}")).map_err(|_| unknown())?;
        match filter.terms() {
            [term] => match term.test() {
                Test::Has(place) => Ok(Self::Value(place.clone())),
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    /// The term of a filter that keeps, or where `excludes` leaves out, the events with a value.
    #[must_use]
    pub fn term(&self, value: &Value, excludes: bool) -> Option<Term> {
        match self {
            Self::Name(name) => Term::of_name(*name, value.as_str()?, excludes),
            Self::Value(place) => Term::of_value(place, value, excludes),
            Self::Month => None,
        }
    }
}

impl std::fmt::Display for Facet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name.word()),
            Self::Month => f.write_str("month"),
            Self::Value(place) => place.fmt(f),
        }
    }
}

/// Counts events by several facets at once.
pub struct Facets {
    decoder: Decoder,
    tables: Vec<Table>,
}

struct Table {
    facet: Facet,
    values: HashMap<String, (Value, u64)>,
    spilled: u64,
    without: u64,
}

impl Facets {
    /// Counters by these facets, for events whose payloads this decoder reads.
    #[must_use]
    pub fn new(decoder: Decoder, by: &[Facet]) -> Self {
        let table = |facet: &Facet| Table { facet: facet.clone(), values: HashMap::new(), spilled: 0, without: 0 };
        Self { decoder, tables: by.iter().map(table).collect() }
    }

    /// Counts one event.
    pub fn count(&mut self, raw: &RawEvent<'_>) {
        let looks_inside = self.tables.iter().any(|table| matches!(table.facet, Facet::Value(_)));
        let decoded = looks_inside.then(|| self.decoder.decode(raw));
        let (category, time) = (self.decoder.category(raw), raw.time);
        for table in &mut self.tables {
            match &table.facet {
                Facet::Name(Name::Type) => table.add_text(raw.event_type),
                Facet::Name(Name::Stream) => table.add_text(raw.stream),
                Facet::Name(Name::Category) => table.add_text(category),
                Facet::Name(Name::Id) => table.add_text(raw.id.unwrap_or_default()),
                Facet::Month => match time.or_else(|| self.decoder.time(raw)) {
                    Some(time) => table.add_text(&month(time)),
                    None => table.without += 1,
                },
                Facet::Value(place) => {
                    let root = decoded.as_ref().and_then(|decoded| match place.part {
                        crate::filter::Part::Payload => decoded.data.as_ref().ok(),
                        crate::filter::Part::Metadata => Some(&decoded.metadata),
                    });
                    let mut found: Vec<Value> = Vec::new();
                    if let Some(root) = root {
                        place.any(root, &mut |value| {
                            if !value.is_array() && !value.is_object() && !found.contains(value) {
                                found.push(value.clone());
                            }
                            false
                        });
                    }
                    table.without += u64::from(found.is_empty());
                    for value in found {
                        table.add(value.to_string(), || value);
                    }
                }
            }
        }
    }

    /// What was counted, at most so many values of each facet.
    #[must_use]
    pub fn counted(&self, values_max: usize) -> Vec<Counted> {
        self.tables.iter().map(|table| table.counted(values_max)).collect()
    }
}

impl Table {
    fn add_text(&mut self, text: &str) {
        match self.values.get_mut(text) {
            Some((_, events)) => *events += 1,
            None => self.add(text.to_owned(), || Value::from(text)),
        }
    }

    fn add(&mut self, key: String, value: impl FnOnce() -> Value) {
        let is_full = self.values.len() >= FACET_VALUES_KEPT_MAX || key.len() > FACET_VALUE_CHARS_MAX;
        match self.values.get_mut(&key) {
            Some((_, events)) => *events += 1,
            None if is_full => self.spilled += 1,
            None => {
                self.values.insert(key, (value(), 1));
            }
        }
    }

    fn counted(&self, values_max: usize) -> Counted {
        let mut all: Vec<(&String, &(Value, u64))> = self.values.iter().collect();
        all.sort_by(|(one, (_, fewer)), (other, (_, more))| more.cmp(fewer).then_with(|| one.cmp(other)));
        let other: u64 = all.iter().skip(values_max).map(|(_, (_, events))| events).sum();
        Counted {
            facet: self.facet.clone(),
            values: all
                .iter()
                .take(values_max)
                .map(|(_, (value, events))| FacetCount { value: value.clone(), events: *events })
                .collect(),
            distinct: all.len() as u64 + u64::from(self.spilled > 0),
            other: other + self.spilled,
            without: self.without,
            is_exact: self.spilled == 0,
        }
    }
}

fn month(time: Time) -> String {
    time.format("%Y-%m")
}
