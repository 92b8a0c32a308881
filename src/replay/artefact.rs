//! What is taken along from a log: a slice of a stream with the state that it comes to, as a fixture, as a test in some
//! language, or as a repro bundle; and the check of a bundle.
//!
//! All of it goes through the log's decoder: what is masked on the screen is masked in the file.

use serde_json::json;

use super::diff::{Operation, diff};
use super::{FoldedState, Replay};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, StreamId, Value};
use crate::limits::{ARTEFACT_EVENTS_MAX, BUNDLE_BYTES_MAX, PAGE_EVENTS_MAX};
use crate::log::Bookmark;
use crate::reducer::Reducer;
use crate::store::bundle::{Bundle, BundleLog, Expected, Mark, Sliced, Source};

pub mod skeleton;

/// Some events of a stream, with the states on both sides of them.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The name of the log.
    pub log: String,
    /// The stream.
    pub stream: StreamId,
    /// Its category.
    pub category: String,
    /// True where something in it may have been masked.
    pub masked: bool,
    /// The reducer's id.
    pub reducer: String,
    /// The version before the first of them.
    pub from_version: Option<i64>,
    /// The state before them; null where there is none.
    pub from_state: Value,
    /// They.
    pub events: Vec<Sliced>,
    /// What they come to.
    pub expected: Expected,
}

/// What the check of a bundle found.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// True where the events come to what was expected.
    pub holds: bool,
    /// The reducer's id.
    pub reducer: String,
    /// The operations that lead from the expected state to the one that was folded.
    pub diff: Vec<Operation>,
    /// What was folded.
    pub folded: Expected,
}

impl Replay {
    /// Cuts the events between two positions out of a stream.
    ///
    /// # Errors
    /// `Input` where they are more than [`ARTEFACT_EVENTS_MAX`], or too large for a file that people look at; else as the
    /// log.
    pub fn slice(&mut self, stream: &StreamId, positions: std::ops::Range<u64>) -> Result<Slice> {
        let scope = Scope::Stream(stream.clone());
        let count = positions.end.saturating_sub(positions.start);
        if count > ARTEFACT_EVENTS_MAX {
            return Err(Error::Input(format!(
                "{count} events are too many for one file, at most {ARTEFACT_EVENTS_MAX}"
            )));
        }
        let before = self.state_at(stream, positions.start, &|| false)?;
        let after = self.state_at(stream, positions.end, &|| false)?;
        let category =
            self.log.stream(stream)?.map_or_else(|| stream.category().to_owned(), |info| info.category.to_string());
        Ok(Slice {
            log: self.log.info().name.clone(),
            stream: stream.clone(),
            category,
            masked: self.decoder.is_masking(),
            reducer: self.reducer_id.clone(),
            from_version: before.version,
            from_state: before.shown.state,
            events: self.sliced(&scope, positions.start, count)?,
            expected: expected(after),
        })
    }

    fn sliced(&mut self, scope: &Scope, first: u64, count: u64) -> Result<Vec<Sliced>> {
        let place = self.log.locate(scope, first)?;
        let (mut skip, mut resume) = (first - place.position, place.resume);
        let mut batch = EventBatch::new();
        let (mut events, mut bytes) = (Vec::new(), 0_u64);
        while (events.len() as u64) < count {
            let wanted = (count - events.len() as u64).saturating_add(skip);
            let limit = u32::try_from(wanted).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(scope, &resume, limit, &mut batch)?;
            for raw in batch.iter() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                bytes += raw.data.len() as u64;
                if bytes > BUNDLE_BYTES_MAX / 4 {
                    return Err(Error::Input(format!(
                        "the events hold more than {} bytes: too many for one file",
                        BUNDLE_BYTES_MAX / 4
                    )));
                }
                let decoded = self.decoder.event(&raw);
                let metadata = self.decoder.metadata(&raw);
                let metadata = metadata.map(|stored| {
                    let text = || Value::String(String::from_utf8_lossy(&stored).into_owned());
                    serde_json::from_slice(&stored).unwrap_or_else(|_| text())
                });
                events.push(Sliced {
                    version: raw.version,
                    event_type: raw.event_type.to_owned(),
                    time: self.decoder.time(&raw).map(|time| time.to_string()),
                    id: raw.id.map(str::to_owned),
                    decode_error: decoded.as_ref().err().cloned(),
                    data: decoded.map(|event| event.data).unwrap_or_default(),
                    metadata,
                });
            }
            if end.at_end || batch.is_empty() {
                break;
            }
            resume = end.next;
        }
        Ok(events)
    }
}

fn expected(folded: FoldedState) -> Expected {
    Expected { version: folded.version, exists: folded.shown.exists, state: folded.shown.state, faults: folded.faults }
}

impl Slice {
    /// The slice as a fixture: one JSON object.
    #[must_use]
    pub fn fixture(&self) -> Value {
        json!({
            "eventscope_fixture": 1,
            "log": self.log,
            "stream": self.stream.as_str(),
            "category": self.category,
            "masked": self.masked,
            "reducer": self.reducer,
            "from": { "version": self.from_version, "state": self.from_state },
            "events": self.events,
            "expected": self.expected,
        })
    }

    /// The slice as a bundle. It has to begin at the stream's first event.
    #[must_use]
    pub fn bundle(self, reducer: Source, bookmarks: &[Bookmark], wanted: Option<Value>) -> Bundle {
        let marks = bookmarks.iter().filter(|mark| mark.stream == self.stream);
        let expected = match wanted {
            // What a person expects: no word about faults.
            Some(state) => Expected { exists: !state.is_null(), state, faults: Vec::new(), ..self.expected },
            None => self.expected,
        };
        Bundle {
            eventscope_bundle: Bundle::VERSION,
            log: self.log,
            stream: self.stream.as_str().to_owned(),
            category: self.category,
            masked: self.masked,
            reducer,
            cursor: expected.version,
            bookmarks: marks.map(|mark| Mark { version: mark.version, note: mark.note.clone() }).collect(),
            events: self.events,
            expected,
        }
    }
}

/// Folds a bundle's events and compares.
///
/// # Errors
/// As a fold of a log.
pub fn check(path: &std::path::Path, bundle: Bundle, reducer: Box<dyn Reducer>) -> Result<Checked> {
    let stream = StreamId::new(&bundle.stream);
    let (wanted, count) = (bundle.expected.clone(), bundle.events.len() as u64);
    let mut replay = Replay::new(Box::new(BundleLog::new(path, bundle)), reducer, None);
    let folded = expected(replay.state_at(&stream, count, &|| false)?);
    let diff = diff(&wanted.state, &folded.state);
    let places = |expected: &Expected| expected.faults.iter().map(|fault| fault.position).collect::<Vec<_>>();
    let holds = diff.is_empty() && wanted.exists == folded.exists && places(&wanted) == places(&folded);
    Ok(Checked { holds, reducer: replay.reducer_id().to_owned(), diff, folded })
}
