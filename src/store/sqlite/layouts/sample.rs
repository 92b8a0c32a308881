//! What the first rows of a table hold, column by column, and what stands inside of its JSON: what a guess rests on.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

use super::super::fault::fault;
use super::super::pages::{bytes_of, text_of};
use super::super::schema::{Table, quoted};
use crate::error::Result;
use crate::event::{RawEvent, Seq, Time};
use crate::payload::Decoder;

/// Rows that a guess looks at.
pub(in crate::store::sqlite) const ROWS_LOOKED_AT: usize = 500;
/// Bytes of a value that is looked into: what is larger says no more of its kind.
const VALUE_BYTES_LOOKED_AT: usize = 64 << 10;
/// Paths into JSON that are looked at.
const PATHS_MAX: usize = 64;

/// What the first rows of a column hold; a missing value is `None`.
pub(super) struct Sample {
    /// The column, or a path into its JSON behind a dot.
    pub(super) name: String,
    pub(super) values: Vec<Option<String>>,
    /// How many values are objects, as they are or once they are decoded.
    objects: usize,
    /// What decoding the first of them did.
    decoded_by: String,
    /// True where it is a path into the JSON of a column.
    pub(super) is_path: bool,
}

impl Sample {
    fn new(name: String, is_path: bool) -> Self {
        Self { name, values: Vec::new(), objects: 0, decoded_by: String::new(), is_path }
    }

    /// Several columns as one.
    pub(super) fn joined(parts: &[&Self]) -> Self {
        let name = parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", ");
        let rows = parts.iter().map(|part| part.values.len()).min().unwrap_or(0);
        let value = |row: usize| -> Option<String> {
            let values: Option<Vec<&str>> = parts.iter().map(|part| part.values[row].as_deref()).collect();
            values.map(|values| values.join("\u{1f}"))
        };
        Self { values: (0..rows).map(value).collect(), ..Self::new(name, false) }
    }

    pub(super) fn held(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten().map(String::as_str)
    }

    /// The part of the values that are so, in hundredths; 0 where there are none.
    pub(super) fn share(&self, is_so: impl Fn(&str) -> bool) -> usize {
        let all = self.held().count();
        (self.held().filter(|value| is_so(value)).count() * 100).checked_div(all).unwrap_or(0)
    }

    pub(super) fn distinct(&self) -> usize {
        self.held().collect::<BTreeSet<_>>().len()
    }

    pub(super) fn is_full(&self) -> bool {
        !self.values.is_empty() && self.values.iter().all(Option::is_some)
    }

    pub(super) fn is_number(&self) -> bool {
        self.share(|value| value.parse::<i64>().is_ok()) == 100
    }

    /// How many values are objects.
    pub(super) fn objects(&self) -> usize {
        self.objects
    }

    /// What decoding the first object did: `JSON`, `zlib, JSON`.
    pub(super) fn decoded_by(&self) -> &str {
        &self.decoded_by
    }

    /// True where nearly all values are objects.
    pub(super) fn is_object(&self) -> bool {
        let all = self.held().count();
        all > 0 && self.objects * 100 >= all * 80
    }

    pub(super) fn is_time(&self) -> bool {
        /// From 2001 on, in seconds; more is milliseconds, microseconds or nanoseconds.
        const SECONDS_MIN: f64 = 1e9;
        /// Julian days from 1858 to 2268.
        const DAYS: std::ops::Range<f64> = 2_400_000.0..2_550_000.0;
        let is_number = self.share(|value| value.parse::<f64>().is_ok()) == 100;
        if is_number {
            let is_whole = self.is_number();
            return self.share(|value| {
                value
                    .parse::<f64>()
                    .is_ok_and(|number| (SECONDS_MIN..1e19).contains(&number) || (!is_whole && DAYS.contains(&number)))
            }) == 100;
        }
        self.share(|value| value.len() >= 10 && Time::parse(value).is_some()) >= 95
    }

    /// True where each value is a word, as names of types are.
    pub(super) fn holds_words(&self) -> bool {
        let is_word = |value: &str| {
            value.len() <= 200
                && value.starts_with(|letter: char| letter.is_alphabetic())
                && value.chars().all(|letter| letter.is_alphanumeric() || "_-.:$\\/+".contains(letter))
        };
        self.is_full() && !self.is_number() && self.share(is_word) == 100 && !self.is_time()
    }

    /// Names of kinds: few of them, and each a word.
    pub(super) fn is_type(&self) -> bool {
        self.holds_words() && self.distinct() >= 2 && self.distinct() * 4 <= self.values.len().max(8)
    }

    /// True where all values are different, and each is a UUID or a ULID.
    pub(super) fn is_id(&self) -> bool {
        let is_id = |value: &str| match value.len() {
            26 => value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            32 => value.bytes().all(|byte| byte.is_ascii_hexdigit()),
            36 => value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
            _ => false,
        };
        self.is_full() && self.share(is_id) == 100 && self.distinct() == self.values.len()
    }

    /// How well a name goes with words: the first word counts most; a whole name more than a part.
    pub(super) fn likes(&self, words: &[&str]) -> usize {
        let name = self.name.rsplit('.').next().unwrap_or_default().to_lowercase();
        let best = words.iter().enumerate().filter(|(_, word)| name.contains(*word));
        best.map(|(index, word)| (words.len() - index) * 2 + usize::from(name == *word)).max().unwrap_or(0)
    }
}

/// The columns of a table, and behind them the paths of scalar values that nearly every object of a column has, down to
/// two levels.
///
/// # Errors
/// As SQLite says.
pub(super) fn samples(connection: &Connection, table: &Table) -> Result<Vec<Sample>> {
    read(connection, table).map_err(|error| fault(error, "look at its tables"))
}

fn read(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Sample>> {
    let order = table.row_number().map_or_else(String::new, |row| format!(" ORDER BY {row}"));
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {} FROM {}{order} LIMIT {ROWS_LOOKED_AT}", columns.join(", "), quoted(&table.name));
    let mut samples: Vec<Sample> = table.columns.iter().map(|column| Sample::new(column.name.clone(), false)).collect();
    let mut inside: Vec<Inside> = table.columns.iter().map(|_| Inside::default()).collect();
    let decoder = Decoder::json();
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        for (index, (sample, inside)) in samples.iter_mut().zip(&mut inside).enumerate() {
            let value = row.get_ref(index)?;
            if value == ValueRef::Null {
                sample.values.push(None);
                continue;
            }
            sample.values.push(Some(text_of(value).into_owned()));
            let bytes = bytes_of(value);
            let may_be_object = matches!(value, ValueRef::Text(_) | ValueRef::Blob(_))
                && bytes.len() <= VALUE_BYTES_LOOKED_AT
                && (matches!(value, ValueRef::Blob(_)) || bytes.first() == Some(&b'{'));
            if may_be_object && let Some((found, by)) = object_in(&decoder, &bytes) {
                sample.objects += 1;
                if sample.objects == 1 {
                    sample.decoded_by = by;
                }
                // SQL can only look into what is text.
                if bytes.first() == Some(&b'{') {
                    inside.take("", &found, count, 2);
                }
            }
        }
        count += 1;
    }
    let paths: Vec<Sample> = samples
        .iter()
        .zip(inside)
        .filter(|(sample, _)| sample.is_object())
        .flat_map(|(sample, inside)| inside.samples(&sample.name, count))
        .collect();
    samples.extend(paths);
    Ok(samples)
}

/// The object that bytes decode to, and what decoding did.
fn object_in(decoder: &Decoder, bytes: &[u8]) -> Option<(Value, String)> {
    let raw = RawEvent {
        seq: Seq::Number(0),
        stream: "",
        category: None,
        version: None,
        event_type: "",
        time: None,
        id: None,
        data: bytes,
        metadata: None,
    };
    let decoded = decoder.decode(&raw);
    decoded.data.ok().filter(Value::is_object).map(|value| (value, decoded.decoded_by))
}

/// The scalar values inside of a column's JSON, by path: row and text.
#[derive(Default)]
struct Inside(BTreeMap<String, Vec<(usize, String)>>);

impl Inside {
    fn take(&mut self, above: &str, value: &Value, row: usize, levels: u8) {
        let Value::Object(fields) = value else { return };
        for (key, value) in fields {
            let is_plain = key.chars().all(|sign| sign.is_alphanumeric() || sign == '_');
            let path = format!("{above}.{key}");
            if !is_plain || (self.0.len() >= PATHS_MAX && !self.0.contains_key(&path)) {
                continue;
            }
            match value {
                Value::Object(_) if levels > 1 => self.take(&path, value, row, levels - 1),
                Value::String(text) => self.0.entry(path).or_default().push((row, text.clone())),
                Value::Number(number) => self.0.entry(path).or_default().push((row, number.to_string())),
                _ => {}
            }
        }
    }

    fn samples(self, column: &str, rows: usize) -> Vec<Sample> {
        let is_common = |held: &Vec<(usize, String)>| held.len() * 100 >= rows * 95;
        self.0
            .into_iter()
            .filter(|(_, held)| is_common(held))
            .map(|(path, held)| {
                let mut sample = Sample::new(format!("{column}{path}"), true);
                sample.values = vec![None; rows];
                for (row, text) in held {
                    sample.values[row] = Some(text);
                }
                sample
            })
            .collect()
    }
}
