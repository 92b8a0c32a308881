//! Events in files that other programs read: JSON lines, CSV, CloudEvents, Parquet. Out of any log, into a native one.
//!
//! JSON lines, CSV and Parquet keep every byte of a native log's events; each JSON line and each row of Parquet carries a
//! hash of its event, which is checked when it is read again. CloudEvents keep what their specification has a place for.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::event::{RawEvent, Seq, StreamId, Time};
use crate::payload::Decoder;
use crate::store::seal::{Hash, event_hash};

mod cloudevents;
mod csv;
mod export;
mod import;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;

pub use export::{Filter, export};
pub use import::{Imported, import};

/// How events stand in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JSON object a line (`.jsonl`, `.ndjson`).
    Lines,
    /// RFC 4180, with a line of names (`.csv`).
    Csv,
    /// CloudEvents 1.0 in their JSON format: one a line, or one array (`.json`).
    CloudEvents,
    /// Apache Parquet (`.parquet`), where this program was built with it.
    Parquet,
}

impl Format {
    /// The format that a file's name tells.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Lines),
            "csv" => Some(Self::Csv),
            "json" | "cloudevents" => Some(Self::CloudEvents),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Its name: `jsonl`, `csv`, `cloudevents`, `parquet`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines => "jsonl",
            Self::Csv => "csv",
            Self::CloudEvents => "cloudevents",
            Self::Parquet => "parquet",
        }
    }
}

/// An event on its way from one place to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its place in the log that it comes from.
    pub position: Option<i64>,
    /// The stream.
    pub stream: String,
    /// The version in it; the next one where there is none.
    pub version: Option<i64>,
    /// The type's name.
    pub event_type: String,
    /// When.
    pub time: Option<Time>,
    /// The id.
    pub id: Option<String>,
    /// The payload: JSON text.
    pub data: Vec<u8>,
    /// The metadata: JSON text.
    pub metadata: Option<Vec<u8>>,
}

impl Record {
    /// An event of a log. A native log's texts are kept as they are, unless something is masked; others are decoded first.
    ///
    /// # Errors
    /// `Corrupt` where the payload cannot be decoded.
    pub fn from_raw(raw: &RawEvent<'_>, decoder: &Decoder, is_native: bool) -> Result<Self> {
        let (data, metadata, time) = if is_native && !decoder.is_masking() {
            (raw.data.to_vec(), raw.metadata.map(<[u8]>::to_vec), raw.time)
        } else {
            let decoded = decoder.decode(raw);
            let data = decoded.data.map_err(|fault| {
                let place = raw.version.map_or_else(|| raw.seq.to_string(), |version| version.to_string());
                Error::Corrupt(format!("version {place} of stream \"{}\" cannot be decoded: {fault}", raw.stream))
            })?;
            let metadata = Some(decoded.metadata).filter(|metadata| !metadata.is_null());
            (data.to_string().into_bytes(), metadata.map(|metadata| metadata.to_string().into_bytes()), decoded.time)
        };
        Ok(Self {
            position: raw.seq.number(),
            stream: raw.stream.to_owned(),
            version: raw.version,
            event_type: raw.event_type.to_owned(),
            time,
            id: raw.id.map(str::to_owned),
            data,
            metadata,
        })
    }

    /// A hash of everything but the place in the log, which an import may change.
    #[must_use]
    pub fn hash(&self) -> Hash {
        event_hash(&RawEvent {
            category: None,
            seq: Seq::Number(0),
            stream: &self.stream,
            version: self.version,
            event_type: &self.event_type,
            time: self.time,
            id: self.id.as_deref(),
            data: &self.data,
            metadata: self.metadata.as_deref(),
        })
    }

    fn stream_id(&self) -> StreamId {
        StreamId::new(&self.stream)
    }
}

/// Writes records in one format.
trait WriteRecords {
    fn write(&mut self, record: &Record, to: &mut dyn Write) -> Result<()>;

    /// Writes what is still held, after the last record.
    fn finish(&mut self, _to: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// Reads records of one format.
trait ReadRecords {
    /// The next record. Errors say where, in the format's own words.
    fn next(&mut self) -> Result<Option<Record>>;
}

/// What writes a format.
fn writer(format: Format) -> Result<Box<dyn WriteRecords>> {
    Ok(match format {
        Format::Lines => Box::new(lines::Writer),
        Format::Csv => Box::new(csv::Writer::default()),
        Format::CloudEvents => Box::new(cloudevents::Writer),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::Writer::new()?),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(without_parquet()),
    })
}

/// What reads a file in a format.
fn reader(format: Format, path: &Path) -> Result<Box<dyn ReadRecords>> {
    let open = || {
        let file = File::open(path).map_err(|error| Error::Open(format!("{error}: {}", path.display())))?;
        Ok::<_, Error>(BufReader::with_capacity(1 << 20, file))
    };
    Ok(match format {
        Format::Lines => Box::new(lines::Reader::new(open()?)),
        Format::Csv => Box::new(csv::Reader::new(open()?)),
        Format::CloudEvents => Box::new(cloudevents::Reader::new(open()?)),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::Reader::open(path)?),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(without_parquet()),
    })
}

#[cfg(not(feature = "parquet"))]
fn without_parquet() -> Error {
    Error::Unsupported(
        "this eventscope was built without Parquet (build it with it: cargo install --path . --features parquet)"
            .to_owned(),
    )
}

/// A time in a file: RFC 3339, or microseconds since 1970 where the year has no four digits.
fn time_text(time: Time) -> String {
    let text = time.to_string();
    if Time::parse(&text) == Some(time) { text } else { time.0.to_string() }
}

fn time_of(text: &str) -> Result<Time> {
    Time::parse(text)
        .or_else(|| text.parse().ok().map(Time))
        .ok_or_else(|| Error::Input(format!("\"{text}\" is no time (RFC 3339)")))
}
