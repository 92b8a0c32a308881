//! Into a native log, from a file or from any log: whole or not at all, and resumed where it was interrupted.
//!
//! A new log is made beside its place (`LOG.importing`), in many transactions, and takes its name when it is whole; an
//! import that was interrupted goes on in what it finds there. Into a log that exists, everything goes in one
//! transaction.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Format, ReadRecords, Record, reader};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope};
use crate::limits::{GENERATE_BATCH_EVENTS, PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use crate::locator::Locator;
use crate::payload::Decoder;
use crate::store::EventLog;
use crate::store::native::{Append, Expected, NewEvent, Store};

/// How every SQLite file begins.
const SQLITE_MARK: &[u8] = b"SQLite format 3\0";
/// How every Parquet file begins.
const PARQUET_MARK: &[u8] = b"PAR1";
/// Events of one stream that are appended together.
const RUN_EVENTS_MAX: usize = 256;

/// What an import did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// Events of the source.
    pub events: u64,
    /// How many of them were in the log already.
    pub repeated: u64,
    /// How many of them an interrupted import had left: it went on after them.
    pub resumed_after: u64,
    /// True where the source numbers versions from 0: here they are one higher.
    pub renumbered: bool,
}

/// Imports a log or a file; `format` where its name does not tell. Streams, versions, ids and times are kept; an event
/// without an id gets one that is the same each time.
///
/// # Errors
/// `Input` where the source cannot be understood, with the place in it; `Conflict` where versions have gaps or an event
/// stands in the log with another content; as every append. Nothing of it is in the log then.
pub fn import(log: &Path, from: &Path, format: Option<Format>, progress: &mut dyn FnMut(u64)) -> Result<Imported> {
    let mut source = Source::open(from, format)?;
    if std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0) {
        return into_existing(log, &mut source, progress);
    }
    let staged = staged_path(log);
    let mut store = Store::open_or_create(&staged)?;
    let resumed_after = skip_what_is_there(&mut store, &mut source, &staged)?;
    let mut imported = Imported { resumed_after, events: resumed_after, ..Imported::default() };
    loop {
        let batch = source.next_batch()?;
        if batch.is_empty() {
            break;
        }
        let appended = store.append_all(&batch)?;
        imported.count(&batch, appended.iter().map(|one| one.repeated));
        progress(imported.events);
    }
    imported.renumbered = source.renumbered;
    drop(store);
    if std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0) {
        return Err(Error::Conflict(format!(
            "{} was made by somebody else meanwhile: what was imported is in {}",
            log.display(),
            staged.display()
        )));
    }
    std::fs::rename(&staged, log)
        .map_err(|error| Error::Other(format!("cannot name the log {}: {error}", log.display())))?;
    Ok(imported)
}

impl Imported {
    fn count(&mut self, batch: &[Append], repeated: impl Iterator<Item = bool>) {
        for (append, repeated) in batch.iter().zip(repeated) {
            let events = append.events.len() as u64;
            self.events += events;
            self.repeated += if repeated { events } else { 0 };
        }
    }
}

fn into_existing(log: &Path, source: &mut Source, progress: &mut dyn FnMut(u64)) -> Result<Imported> {
    let mut store = Store::open(log)?;
    let mut imported = Imported::default();
    store.append_stream(
        "import",
        || source.next_batch(),
        |batch, repeated| {
            imported.count(batch, repeated.iter().copied());
            progress(imported.events);
        },
    )?;
    imported.renumbered = source.renumbered;
    Ok(imported)
}

/// Where a new log is made until it is whole.
fn staged_path(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".importing");
    PathBuf::from(name)
}

/// Passes over the records that an interrupted import has left, and checks that they are those of this source.
fn skip_what_is_there(store: &mut Store, source: &mut Source, staged: &Path) -> Result<u64> {
    let there = store.last_position()?;
    let mut after = 0;
    while after < there {
        for kept in store.read_all(after, PAGE_EVENTS_MAX)? {
            after = kept.position;
            let same = source.next()?.is_some_and(|record| {
                (record.stream.as_str(), record.event_type.as_str()) == (kept.stream.as_str(), &kept.event_type)
                    && record.id.as_deref() == Some(&kept.id)
                    && record.data == kept.data
            });
            if !same {
                return Err(Error::Conflict(format!(
                    "an import was interrupted here, and its event {after} is not that of this source (delete {} to \
                     begin anew)",
                    staged.display()
                )));
            }
        }
    }
    Ok(u64::try_from(there).unwrap_or_default())
}

/// Where records come from.
struct Source {
    kind: Kind,
    number: u64,
    renumbered: bool,
    waiting: Option<Record>,
}

enum Kind {
    File(Box<dyn ReadRecords>),
    Log { log: Box<dyn EventLog>, decoder: Decoder, is_native: bool, page: VecDeque<Record>, from: Option<Resume> },
}

impl Source {
    fn open(path: &Path, format: Option<Format>) -> Result<Self> {
        let cannot = |error: std::io::Error| Error::Open(format!("{error}: {}", path.display()));
        let place = Locator::parse(&path.to_string_lossy());
        let file = place.file();
        let mut head = Vec::new();
        File::open(file).map_err(cannot)?.take(SQLITE_MARK.len() as u64).read_to_end(&mut head).map_err(cannot)?;
        let kind = if head == SQLITE_MARK && format.is_none() {
            let log = crate::store::open(&path.to_string_lossy())?;
            let (decoder, is_native) = (log.decoder(), log.info().layout == "native");
            Kind::Log { log, decoder, is_native, page: VecDeque::new(), from: Some(Resume::Start) }
        } else {
            let told = if head.starts_with(PARQUET_MARK) { Some(Format::Parquet) } else { Format::of(file) };
            let format = format.or(told).ok_or_else(|| {
                Error::Input(format!(
                    "{} is no log, and its name does not tell what it is (give --format jsonl, csv, cloudevents or \
                     parquet)",
                    path.display()
                ))
            })?;
            Kind::File(reader(format, file)?)
        };
        Ok(Self { kind, number: 0, renumbered: false, waiting: None })
    }

    /// The next record, with its id and the version that it has here.
    fn next(&mut self) -> Result<Option<Record>> {
        if let Some(record) = self.waiting.take() {
            return Ok(Some(record));
        }
        let Some(mut record) = self.kind.next()? else { return Ok(None) };
        self.number += 1;
        if self.number == 1 && record.version == Some(0) {
            self.renumbered = true;
        }
        if self.renumbered {
            record.version = record.version.map(|version| version.saturating_add(1));
        }
        if record.id.is_none() {
            record.id = Some(made_id(self.number, &record));
        }
        Ok(Some(record))
    }

    /// Records for one transaction, those of one stream that follow one another together; none at the end.
    fn next_batch(&mut self) -> Result<Vec<Append>> {
        let mut batch: Vec<Append> = Vec::new();
        let (mut events, mut bytes) = (0, 0);
        while events < GENERATE_BATCH_EVENTS && bytes < PAGE_BYTES_MAX {
            let Some(record) = self.next()? else { break };
            events += 1;
            bytes += record.data.len();
            let stream = record.stream_id();
            let expected = record.version.map_or(Expected::Any, |version| Expected::Version(version - 1));
            let event = NewEvent {
                id: record.id,
                event_type: record.event_type,
                time: record.time,
                data: record.data,
                metadata: record.metadata,
            };
            match batch.last_mut() {
                Some(last) if last.stream == stream && follows(last, expected) => last.events.push(event),
                _ => batch.push(Append { stream, expected, events: vec![event] }),
            }
        }
        Ok(batch)
    }
}

/// True where an event with this expected version is the next one of an append.
fn follows(append: &Append, expected: Expected) -> bool {
    append.events.len() < RUN_EVENTS_MAX
        && match (append.expected, expected) {
            (Expected::Any, Expected::Any) => true,
            (Expected::Version(first), Expected::Version(next)) => {
                i64::try_from(append.events.len()).is_ok_and(|count| first.checked_add(count) == Some(next))
            }
            _ => false,
        }
}

impl Kind {
    fn next(&mut self) -> Result<Option<Record>> {
        match self {
            Self::File(reader) => reader.next(),
            Self::Log { log, decoder, is_native, page, from } => {
                while page.is_empty() {
                    let Some(resume) = from.take() else { return Ok(None) };
                    let mut batch = EventBatch::new();
                    let end = log.read(&Scope::Log, &resume, PAGE_EVENTS_MAX, &mut batch)?;
                    for raw in batch.iter() {
                        page.push_back(Record::from_raw(&raw, decoder, *is_native)?);
                    }
                    if !end.at_end {
                        *from = Some(end.next);
                    }
                }
                Ok(page.pop_front())
            }
        }
    }
}

/// The id of an event that has none: the same for the same record at the same place, as a UUID of version 8.
fn made_id(number: u64, record: &Record) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(&record.hash());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}
