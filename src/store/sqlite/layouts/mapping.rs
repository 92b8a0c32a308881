//! The map of a table that no library is known for: as a person writes it in `eventscope.toml`, and as SQL.
//!
//! ```toml
//! [mapping]
//! table = "my_app_events"
//! stream = "thing"          # or several columns: ["tenant", "thing"]
//! version = "rev"
//! type = "what"
//! time = "happened_ms"
//! payload = "body"
//! metadata = "ctx"
//! ```
//!
//! A column may be followed by a path into the JSON that it holds: `type = "body.kind"`.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use super::super::directory::Directory;
use super::super::schema::{Schema, Table, quoted};
use super::words::{before, separator, values, where_json};
use super::{Confidence, Map, Order, Recognised, TimeForm};
use crate::error::{Error, Result};

/// Which column holds what.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The table of events.
    pub table: String,
    /// The log's order: a column of whole numbers, each once [default: the row's number].
    pub order: Option<String>,
    /// The stream: a column, or several that name it together; none for a log without streams.
    #[serde(default)]
    pub stream: Columns,
    /// The number in the stream.
    pub version: Option<String>,
    /// The type's name.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// When.
    pub time: Option<String>,
    /// The event's id.
    pub id: Option<String>,
    /// The payload.
    pub payload: Option<String>,
    /// The metadata.
    pub metadata: Option<String>,
}

/// One column or several.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Columns {
    /// One.
    One(String),
    /// Several, in this order.
    Several(Vec<String>),
}

impl Default for Columns {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Columns {
    /// Their names, in order.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

impl Mapping {
    /// The mappings in a workspace file: `[mapping]`, or where a file holds several logs, each `[[mapping]]`.
    ///
    /// # Errors
    /// `Input` where the file cannot be read or is malformed, with the place.
    pub fn in_file(path: &Path) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Input(format!("cannot read {}: {error}", path.display())))?;
        Self::in_text(&text, path)
    }

    /// The same of a text; `path` is for messages.
    ///
    /// # Errors
    /// `Input` where it is malformed, with the place.
    pub fn in_text(text: &str, path: &Path) -> Result<Vec<Self>> {
        #[derive(Deserialize)]
        struct File {
            mapping: Option<toml::Value>,
        }
        let malformed = |error: toml::de::Error| Error::Input(format!("{}: {error}", path.display()));
        match toml::from_str::<File>(text).map_err(malformed)?.mapping {
            None => Ok(Vec::new()),
            Some(toml::Value::Array(each)) => {
                each.into_iter().map(|one| one.try_into().map_err(malformed)).collect::<Result<_>>()
            }
            Some(one) => Ok(vec![one.try_into().map_err(malformed)?]),
        }
    }

    /// The columns of stream, version and type: those that make a table a log.
    pub(super) fn naming(&self) -> Vec<&str> {
        let others = [&self.version, &self.event_type].into_iter().flatten().map(String::as_str);
        self.stream.all().into_iter().chain(others).collect()
    }

    /// The mapping as the workspace file has it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let text = |name: &str| toml::Value::String(name.to_owned()).to_string();
        let mut lines = format!("[mapping]\ntable = {}\n", text(&self.table));
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(lines, "{key} = {value}");
            }
        };
        line("order", self.order.as_deref().map(text));
        line(
            "stream",
            match self.stream.all().as_slice() {
                [] => None,
                [one] => Some(text(one)),
                several => Some(format!("[{}]", several.iter().map(|name| text(name)).collect::<Vec<_>>().join(", "))),
            },
        );
        for (key, value) in [
            ("version", &self.version),
            ("type", &self.event_type),
            ("time", &self.time),
            ("id", &self.id),
            ("payload", &self.payload),
            ("metadata", &self.metadata),
        ] {
            line(key, value.as_deref().map(text));
        }
        lines
    }

    /// The log that it describes.
    ///
    /// # Errors
    /// `Open` where the file has no such table or column.
    pub(in crate::store::sqlite) fn recognised(
        &self,
        schema: &Schema,
        connection: &rusqlite::Connection,
        (confidence, evidence): (Confidence, Vec<String>),
    ) -> Result<Recognised> {
        let table = schema.table(&self.table).ok_or_else(|| {
            Error::Open(format!(
                "the mapping names table \"{}\", which is not there (tables: {})",
                self.table,
                schema.names()
            ))
        })?;
        let row = table.row_number().map(|row| format!("e.{row}"));
        let key = match &self.order {
            Some(order) => column(table, 'e', order)?,
            None => row.ok_or_else(|| {
                Error::Open(format!(
                    "table \"{}\" has no order of its own (name a column as order in the mapping)",
                    table.name
                ))
            })?,
        };
        let one = |name: &Option<String>| name.as_ref().map(|name| column(table, 'e', name)).transpose();
        let streams: Vec<String> =
            self.stream.all().iter().map(|name| column(table, 'e', name)).collect::<Result<_>>()?;
        let stream = if streams.is_empty() {
            format!("'{}'", table.name.replace('\'', "''"))
        } else {
            streams.iter().map(|part| format!("coalesce({part}, '')")).collect::<Vec<_>>().join(" || '-' || ")
        };
        let own = quoted(&table.name);
        let same: Vec<String> = self
            .stream
            .all()
            .iter()
            .zip(&streams)
            .map(|(name, part)| {
                let first = column(table, 'f', name)?;
                Ok(format!("{part} IS (SELECT {first} FROM {own} f WHERE f.{} = :first)", key.trim_start_matches("e.")))
            })
            .collect::<Result<_>>()?;
        let sign = separator(&values(connection, &format!("{own} e"), &stream)?);
        let time = match one(&self.time)? {
            Some(time) => Some((time.clone(), form_of_time(connection, &own, &time)?)),
            None => None,
        };
        let version = one(&self.version)?;
        Ok(Recognised {
            layout: "mapped",
            title: "an application's own table, by a mapping",
            table: table.name.clone(),
            evidence,
            confidence,
            map: Map {
                of_stream: if same.is_empty() { "1".to_owned() } else { same.join(" AND ") },
                directory: Some(Directory::default()),
                in_stream: if version.is_some() { Order::Version } else { Order::Key },
                version: version.unwrap_or_else(|| "NULL".to_owned()),
                event_type: one(&self.event_type)?
                    .map_or_else(|| "''".to_owned(), |name| format!("coalesce({name}, '')")),
                time,
                id: one(&self.id)?,
                data: one(&self.payload)?.unwrap_or_else(|| "NULL".to_owned()),
                metadata: one(&self.metadata)?,
                ..Map::of(table, &key).by_category(&before(&format!("({stream})"), sign))
            }
            .with_stream(stream),
        })
    }
}

/// A column of a table as SQL, also with a path into its JSON behind a dot.
fn column(table: &Table, of: char, name: &str) -> Result<String> {
    if let Some(column) = table.column(name) {
        return Ok(format!("{of}.{}", quoted(&column.name)));
    }
    if let Some((head, path)) = name.split_once('.')
        && let Some(column) = table.column(head)
    {
        let whole = format!("{of}.{}", quoted(&column.name));
        let path = format!("$.{path}").replace('\'', "''");
        return Ok(format!("({})", where_json(&whole, &format!("{whole} ->> '{path}'"))));
    }
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    Err(Error::Open(format!(
        "the mapping names column \"{name}\" of table \"{}\", which is not there (columns: {})",
        table.name,
        columns.join(", ")
    )))
}

/// How a column writes times: by the size of its numbers, or as text.
fn form_of_time(connection: &rusqlite::Connection, table: &str, time: &str) -> Result<TimeForm> {
    let held = values(connection, &format!("{table} e"), time)?;
    let held: Vec<&String> = held.iter().filter(|value| !value.is_empty()).collect();
    if held.iter().any(|value| value.parse::<f64>().is_err()) {
        return Ok(TimeForm::Text);
    }
    #[expect(clippy::cast_possible_truncation, reason = "only its size counts, and a cast that saturates keeps that")]
    let largest =
        held.iter().filter_map(|value| value.parse::<f64>().ok()).reduce(f64::max).map(|number| number as i64);
    let has_fraction = held.iter().any(|value| value.parse::<i64>().is_err());
    if has_fraction && largest.is_some_and(|days| (2_400_000..2_550_000).contains(&days)) {
        return Ok(TimeForm::JulianDays);
    }
    Ok(form_of_number(largest))
}

/// Seconds up to the year 5138, then milliseconds, microseconds and nanoseconds; text where there are no numbers.
pub(super) fn form_of_number(number: Option<i64>) -> TimeForm {
    match number {
        None => TimeForm::Text,
        Some(number) if number < 100_000_000_000 => TimeForm::Seconds,
        Some(number) if number < 100_000_000_000_000 => TimeForm::Milliseconds,
        Some(number) if number < 100_000_000_000_000_000 => TimeForm::Microseconds,
        Some(_) => TimeForm::Nanoseconds,
    }
}
