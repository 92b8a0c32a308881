//! A projection over its own sources: reads the log in the order that KurrentDB would, resolves links, and keeps what
//! came out beside the states.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time};
use crate::limits::{PAGE_EVENTS_MAX, PROJECTION_LISTED_MAX};
use crate::payload::{Decoder, HIDDEN};
use crate::reducer::javascript::projection::{Delivered, Emitted, Input, Machine, category_of, created};
use crate::store::EventLog;

/// An event that the projection failed on.
#[derive(Clone, PartialEq, Debug)]
pub struct ProjectionFault {
    /// How many events of the log were looked at before it.
    pub index: u64,
    /// Its place in the log.
    pub position: Seq,
    /// Its stream.
    pub stream: String,
    /// Its number there.
    pub version: Option<i64>,
    /// Its type.
    pub event_type: String,
    /// The callback that failed: a type's name, `$any`, `partitionBy`, …
    pub callback: String,
    /// Why.
    pub message: String,
}

/// Something emitted, and by which event.
#[derive(Clone, PartialEq, Debug)]
pub struct EmittedAt {
    /// The place of the event in the log.
    pub position: Seq,
    /// What it would have written.
    pub emitted: Emitted,
    /// What the server would add to the metadata.
    pub would_add: Value,
}

/// A line that a script logged, and at which event; none while the script was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedAt {
    /// The place of the event in the log.
    pub position: Option<Seq>,
    /// The line.
    pub line: String,
}

/// A projection and all that came out of it so far.
pub struct Projection {
    machine: Machine,
    looked_at: u64,
    /// What it would have written, oldest first, at most [`PROJECTION_LISTED_MAX`].
    pub emitted: Vec<EmittedAt>,
    /// What it logged, likewise.
    pub logs: Vec<LoggedAt>,
    /// What it failed on, likewise.
    pub faults: Vec<ProjectionFault>,
    /// How many faults there were.
    pub faults_total: u64,
}

impl Projection {
    /// Compiles a projection. `name` is the file's name, for messages.
    ///
    /// # Errors
    /// `Input` with the reason where the definition is refused.
    pub fn compile(name: &str, text: &str) -> Result<Self> {
        let machine = Machine::compile(name, text)?;
        let logs = machine.take_logs().into_iter().map(|line| LoggedAt { position: None, line }).collect();
        Ok(Self { machine, looked_at: 0, emitted: Vec::new(), logs, faults: Vec::new(), faults_total: 0 })
    }

    /// The projection itself: states, results, warnings.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Runs over a log up to and with the event at `until`, or to its end.
    ///
    /// # Errors
    /// As the log; `Stopped` where `stop` said so, asked once a page.
    pub fn run(&mut self, log: &mut dyn EventLog, until: Option<Seq>, stop: &dyn Fn() -> bool) -> Result<()> {
        let ran = self.read_on(log, until, stop);
        self.settle();
        ran
    }

    /// Writes the states that are still inside of the engine. [`Projection::run`] does; after [`Projection::take`], call
    /// it before asking for a state.
    pub fn settle(&mut self) {
        self.machine.settle();
        self.machine.notice_globals();
    }

    fn read_on(&mut self, log: &mut dyn EventLog, until: Option<Seq>, stop: &dyn Fn() -> bool) -> Result<()> {
        let decoder = log.decoder();
        let scope = self.scope(log)?;
        let (mut resume, mut batch) = (Resume::Start, EventBatch::new());
        loop {
            if stop() {
                return Err(Error::Stopped);
            }
            let end = log.read(&scope, &resume, PAGE_EVENTS_MAX, &mut batch)?;
            for raw in batch.iter() {
                if until.is_some_and(|until| raw.seq > until) {
                    return Ok(());
                }
                if raw.event_type == "$>" && self.resolves(raw.stream) {
                    self.follow(log, &decoder, &raw)?;
                } else {
                    self.take(&raw, &decoder);
                }
            }
            if end.at_end {
                return Ok(());
            }
            resume = end.next;
        }
    }

    /// Takes the next event of the log; one that the sources do not have changes nothing.
    pub fn take(&mut self, raw: &RawEvent<'_>, decoder: &Decoder) {
        self.looked_at += 1;
        if raw.event_type == "$>" && self.resolves(raw.stream) {
            self.machine.warn("links-unavailable", "a link could not be resolved, and was passed over");
            return;
        }
        let payload = Payload::of(raw, decoder);
        let metadata = decoder.metadata(raw).map(text);
        let delivered = self.machine.deliver(&payload.input(raw, decoder, metadata.as_deref(), raw.time));
        self.keep(raw, metadata.as_deref(), delivered);
    }

    /// Delivers what a link points to.
    fn follow(&mut self, log: &mut dyn EventLog, decoder: &Decoder, link: &RawEvent<'_>) -> Result<()> {
        let target = std::str::from_utf8(link.data).ok().and_then(|text| text.trim_matches('"').split_once('@'));
        let target = target.and_then(|(number, stream)| Some((number.parse::<i64>().ok()?, StreamId::new(stream))));
        let mut batch = EventBatch::new();
        if let Some((number, stream)) = &target {
            log.read(&Scope::Stream(stream.clone()), &Resume::AfterVersion(number - 1), 1, &mut batch)?;
        }
        let number = target.map(|(number, _)| number);
        let Some(raw) = batch.get(0).filter(|raw| raw.version == number) else {
            self.looked_at += 1;
            self.machine.warn("links-unavailable", "a link could not be resolved, and was passed over");
            return Ok(());
        };
        self.looked_at += 1;
        let payload = Payload::of(&raw, decoder);
        let metadata = decoder.metadata(&raw).map(text);
        let link_metadata = decoder.metadata(link).map(text);
        let mut input = payload.input(&raw, decoder, metadata.as_deref(), link.time);
        input.link_metadata = link_metadata.as_deref();
        let delivered = self.machine.deliver_resolved(&input);
        self.keep(link, metadata.as_deref(), delivered);
        Ok(())
    }

    fn keep(&mut self, raw: &RawEvent<'_>, metadata: Option<&str>, delivered: Delivered) {
        for line in delivered.logs {
            if self.logs.len() < PROJECTION_LISTED_MAX {
                self.logs.push(LoggedAt { position: Some(raw.seq), line });
            }
        }
        for emitted in delivered.emitted {
            if self.emitted.len() < PROJECTION_LISTED_MAX {
                let would_add = would_add(raw, metadata, emitted.metadata.as_ref());
                self.emitted.push(EmittedAt { position: raw.seq, emitted, would_add });
            }
        }
        if let Some((callback, message)) = delivered.fault {
            self.faults_total += 1;
            if self.faults.len() < PROJECTION_LISTED_MAX {
                self.faults.push(ProjectionFault {
                    index: self.looked_at - 1,
                    position: raw.seq,
                    stream: raw.stream.to_owned(),
                    version: raw.version,
                    event_type: raw.event_type.to_owned(),
                    callback,
                    message,
                });
            }
        }
    }

    /// A single stream that the log holds is read alone, everything else in the order of the log.
    fn scope(&mut self, log: &mut dyn EventLog) -> Result<Scope> {
        let wanted = self.machine.definition().streams.clone();
        let mut held = HashMap::new();
        for name in &wanted {
            let stream = StreamId::new(name);
            let is_held = log.stream(&stream)?.is_some();
            if is_held {
                self.machine.reads_as_it_is(name);
            } else if name.starts_with('$') && !name.starts_with("$ce-") && !name.starts_with("$et-") {
                self.machine.warn("links-unavailable", format!("this log has no stream {name}: it reads as empty"));
            }
            held.insert(name.clone(), (stream, is_held));
        }
        Ok(match wanted.as_slice() {
            [name] => match held.remove(name) {
                Some((stream, true)) => Scope::Stream(stream),
                Some((stream, false)) if !name.starts_with('$') => Scope::Stream(stream),
                _ => Scope::Log,
            },
            _ => Scope::Log,
        })
    }

    fn resolves(&self, stream: &str) -> bool {
        self.machine.definition().streams.iter().any(|name| name == stream)
    }
}

/// A payload as KurrentDB would hold it.
struct Payload<'a> {
    text: Option<Cow<'a, str>>,
    is_json: bool,
}

impl<'a> Payload<'a> {
    fn of(raw: &RawEvent<'a>, decoder: &Decoder) -> Self {
        if raw.data.is_empty() {
            return Self { text: None, is_json: true };
        }
        if *decoder == Decoder::json()
            && let Ok(text) = std::str::from_utf8(raw.data)
        {
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            // Nobody says whether it was meant to be JSON: what begins like it and is broken was.
            let meant = text.trim_start().starts_with(['{', '[', '"']);
            if is_json || meant || decoder.event(raw).is_err() {
                return Self { text: Some(Cow::Borrowed(text)), is_json: is_json || meant };
            }
        }
        match decoder.event(raw) {
            Ok(event) => Self { text: Some(Cow::Owned(event.data.to_string())), is_json: true },
            Err(_) if decoder.is_masking() => Self { text: Some(Cow::Borrowed(HIDDEN)), is_json: false },
            Err(_) => Self { text: Some(String::from_utf8_lossy(raw.data)), is_json: false },
        }
    }

    fn input<'b>(
        &'b self,
        raw: &RawEvent<'b>,
        decoder: &Decoder,
        metadata: Option<&'b str>,
        time: Option<Time>,
    ) -> Input<'b> {
        let by_name = *decoder == Decoder::json();
        let seed = raw.seq.number().unwrap_or(1).unsigned_abs() % 2_147_483_647;
        Input {
            stream: raw.stream,
            category: if by_name { category_of(raw.stream) } else { Some(decoder.category(raw)) },
            version: raw.version,
            event_type: raw.event_type,
            id: raw.id,
            data: self.text.as_deref(),
            is_json: self.is_json,
            metadata,
            link_metadata: None,
            created: time.map(created),
            milliseconds: time.map_or(0, Time::milliseconds),
            seed: i32::try_from(seed).unwrap_or(1),
        }
    }
}

/// Metadata as text.
fn text(stored: Cow<'_, [u8]>) -> String {
    String::from_utf8(stored.into_owned())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// What the server would add to the metadata of something emitted.
fn would_add(raw: &RawEvent<'_>, metadata: Option<&str>, given: Option<&Value>) -> Value {
    let mut added = json!({ "$causedBy": raw.id });
    let source: Option<Value> = metadata.and_then(|text| serde_json::from_str(text).ok());
    let correlation = source.as_ref().and_then(|source| source.get("$correlationId"));
    let has_its_own = given.is_some_and(|given| given.get("$correlationId").is_some());
    if let (Some(correlation), false) = (correlation, has_its_own) {
        added["$correlationId"] = correlation.clone();
    }
    added
}
