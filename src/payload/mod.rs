//! Bytes as a log stores them → JSON.
//!
//! What was detected is always said (`decoded_by`), never guessed silently; what cannot be decoded is data with a
//! fault, shown as hex with its size, and never stops the rest.
//!
//! All payloads, metadata and states that anybody sees pass through a [`Decoder`]: what the workspace file hides is hidden
//! here and nowhere else.

use std::borrow::Cow;
use std::sync::Arc;

use crate::event::{Event, RawEvent, Seq, Time, Value};

mod binary;
mod codec;
pub mod crypt;
mod json;
mod mask;
mod opaque;
mod rule;
mod settings;
mod typed;
mod unpack;
mod upcast;
mod yaml;

pub mod object;

pub use mask::HIDDEN;
pub use settings::{Masking, Settings};
pub use upcast::Upcast;

/// How the payloads of one layout become JSON. Plain data, cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decoder {
    rules: Rules,
    key: Option<crypt::Key>,
    settings: Option<Arc<Settings>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Rules {
    /// JSON, also behind zlib or gzip.
    #[default]
    Json,
    /// The same, with the typed values and the envelope of Python's `eventsourcing`.
    EventSourcing,
    /// Bytes that nothing here can read; what they are is said.
    Opaque(&'static str),
}

/// A payload after decoding.
#[derive(Clone, PartialEq, Debug)]
pub struct Decoded {
    /// The value, or why it cannot be had.
    pub data: Result<Value, String>,
    /// What decoding did: `JSON`, `zlib, JSON`; empty where it failed before anything was known.
    pub decoded_by: String,
    /// The metadata as JSON, null where there is none.
    pub metadata: Value,
    /// When: the time column, else the time in the payload.
    pub time: Option<Time>,
    /// True where the stored bytes may not be shown, because something of them is hidden.
    pub is_masked: bool,
}

impl Decoder {
    /// For layouts that store plain JSON.
    #[must_use]
    pub fn json() -> Self {
        Self { rules: Rules::Json, ..Self::default() }
    }

    /// For Python's `eventsourcing`: typed values become plain ones, `timestamp` becomes the time and
    /// `originator_topic` becomes metadata.
    #[must_use]
    pub fn eventsourcing() -> Self {
        Self { rules: Rules::EventSourcing, ..Self::default() }
    }

    /// The same with a key for payloads that are encrypted.
    #[must_use]
    pub fn with_key(mut self, key: Option<crypt::Key>) -> Self {
        self.key = key;
        self
    }

    /// The same with what a workspace file says of payloads.
    #[must_use]
    pub fn with_settings(mut self, settings: Option<Settings>) -> Self {
        self.settings = settings.map(Arc::new);
        self
    }

    /// What hides something, where anything is hidden.
    fn masks(&self) -> Option<&mask::Masks> {
        self.settings.as_ref().map(|settings| &settings.masks).filter(|masks| !masks.is_empty())
    }

    /// True where something of payloads is hidden: then stored bytes may not be shown.
    #[must_use]
    pub fn is_masking(&self) -> bool {
        self.masks().is_some()
    }

    /// The name of a reducer that folds what this decoder gives: the same reducer makes another state of events that were
    /// decoded with another key, or with other settings.
    #[must_use]
    pub fn name_reducer(&self, reducer: &str) -> String {
        let key = self.key.as_ref().map(crypt::Key::mark);
        let marks: Vec<&str> = [key.as_deref(), self.settings.as_ref().map(|settings| settings.fingerprint())]
            .into_iter()
            .flatten()
            .collect();
        if marks.is_empty() { reducer.to_owned() } else { format!("{reducer} +{}", marks.join("+")) }
    }

    /// A state, or what was made of one, without what is hidden.
    #[must_use]
    pub fn masked(&self, mut state: Value) -> Value {
        if let Some(masks) = self.masks() {
            masks.payload(&mut state);
        }
        state
    }

    /// The metadata of an event as reducers get it: as stored, without what is hidden.
    #[must_use]
    pub fn metadata<'a>(&self, raw: &RawEvent<'a>) -> Option<Cow<'a, [u8]>> {
        let stored = raw.metadata?;
        let Some(masks) = self.masks() else { return Some(Cow::Borrowed(stored)) };
        let mut metadata = self.stored_metadata(stored);
        masks.metadata(&mut metadata);
        Some(Cow::Owned(metadata.to_string().into_bytes()))
    }

    fn stored_metadata(&self, stored: &[u8]) -> Value {
        match self.rules {
            Rules::Opaque(_) => opaque::any(stored),
            Rules::Json | Rules::EventSourcing => json::any(stored),
        }
    }

    /// True where payloads carry the time and metadata of their events.
    #[must_use]
    pub fn reads_envelopes(&self) -> bool {
        self.rules == Rules::EventSourcing
    }

    /// For layouts whose payloads cannot be read; `what` says what they are.
    #[must_use]
    pub fn opaque(what: &'static str) -> Self {
        Self { rules: Rules::Opaque(what), ..Self::default() }
    }

    /// Decodes one event whole: for lists, details, and the command line.
    #[must_use]
    pub fn decode(&self, raw: &RawEvent<'_>) -> Decoded {
        let mut decoded = self.decode_all(raw);
        if let Some(masks) = self.masks() {
            decoded.is_masked = true;
            match &mut decoded.data {
                Ok(data) => masks.payload(data),
                Err(fault) => *fault = opaque::without_text(fault),
            }
            masks.metadata(&mut decoded.metadata);
        }
        decoded
    }

    /// The same with nothing hidden.
    fn decode_all(&self, raw: &RawEvent<'_>) -> Decoded {
        let stored = raw.metadata.map_or(Value::Null, |metadata| self.stored_metadata(metadata));
        let is_masked = false;
        let (data, decoded_by) = match self.value(Some(raw.event_type), raw.data) {
            Ok((data, decoded_by)) => (data, decoded_by),
            Err((fault, decoded_by)) => {
                return Decoded { data: Err(fault), decoded_by, metadata: stored, time: raw.time, is_masked };
            }
        };
        if self.rules != Rules::EventSourcing {
            return Decoded { data: Ok(data), decoded_by, metadata: stored, time: raw.time, is_masked };
        }
        let envelope = typed::open_envelope(data);
        Decoded {
            data: Ok(envelope.data),
            decoded_by,
            metadata: if stored.is_null() { envelope.metadata } else { stored },
            time: raw.time.or(envelope.time),
            is_masked,
        }
    }

    /// The value of a payload and what decoding did, or why it cannot be had and what was done up to there.
    fn value(&self, event_type: Option<&str>, stored: &[u8]) -> Result<(Value, String), (String, String)> {
        let Some(rule) = self.settings.as_ref().and_then(|settings| settings.rule(event_type)) else {
            return self.detected(stored);
        };
        match self.key.as_ref().filter(|_| !rule.decrypts()).and_then(|key| key.decrypt(stored)) {
            // The layout's own encryption stands around whatever the rule decodes.
            Some(plain) => rule
                .decode(event_type, &plain, |bytes| self.detected(bytes))
                .map(|(data, by)| (data, format!("AES-GCM, {by}"))),
            None => rule.decode(event_type, stored, |bytes| self.detected(bytes)),
        }
    }

    /// The same where nobody says what it is.
    fn detected(&self, stored: &[u8]) -> Result<(Value, String), (String, String)> {
        if let Rules::Opaque(what) = self.rules {
            return opaque::value(stored, what).map_err(|fault| (fault, String::new()));
        }
        if let Some(key) = &self.key {
            return match key.decrypt(stored) {
                Some(plain) => Self { rules: self.rules, ..Self::default() }
                    .detected(&plain)
                    .map(|(data, by)| (data, format!("AES-GCM, {by}")))
                    .map_err(|(fault, by)| {
                        (fault, if by.is_empty() { "AES-GCM".to_owned() } else { format!("AES-GCM, {by}") })
                    }),
                // Some of a log may be as it was before it was encrypted.
                None => Self { rules: self.rules, ..Self::default() }.detected(stored).map_err(|_| {
                    (format!("AES-GCM: the key does not fit these {} bytes", stored.len()), String::new())
                }),
            };
        }
        let opened = unpack::unpack(stored).map_err(|fault| (fault, String::new()))?;
        match json::parse(&opened, stored.len()) {
            Ok(data) => Ok((data, opened.decoded_by())),
            Err(fault) => match other_form(&opened) {
                Some(found) => Ok(found),
                None => Err((fault, opened.unpacked_by().to_owned())),
            },
        }
    }

    /// Decodes one event for folding: the payload, brought up to date, and the time.
    ///
    /// # Errors
    /// Why the payload cannot be decoded, or brought up to date.
    pub fn event<'a>(&self, raw: &RawEvent<'a>) -> Result<Event<'a>, String> {
        let event = self.decoded_event(raw)?;
        match &self.settings {
            Some(settings) if !settings.upcasters.is_empty() => self.brought_up_to_date(settings, event),
            _ => Ok(event),
        }
    }

    /// The event as it is decoded, without what is hidden.
    fn decoded_event<'a>(&self, raw: &RawEvent<'a>) -> Result<Event<'a>, String> {
        let (data, time) = match (self.payload(raw), self.masks()) {
            (Ok((mut data, time)), Some(masks)) => {
                masks.payload(&mut data);
                (data, time)
            }
            (Err(fault), Some(_)) => return Err(opaque::without_text(&fault)),
            (found, None) => found?,
        };
        Ok(Event {
            seq: raw.seq,
            stream: raw.stream,
            category: self.category(raw),
            version: raw.version,
            event_type: raw.event_type,
            time,
            id: raw.id,
            data,
            metadata: self.metadata(raw),
        })
    }

    fn brought_up_to_date<'a>(&self, settings: &Settings, mut event: Event<'a>) -> Result<Event<'a>, String> {
        let outcome = upcast::upcast(&settings.upcasters, event.clone());
        if let Some((index, why)) = outcome.failed {
            let said = settings.upcasters.get(index).map(|upcaster| upcaster.said.to_string()).unwrap_or_default();
            return Err(format!("the upcaster of {said} failed: {why}"));
        }
        // What had a name that is hidden may have got another one, and the other way round.
        event.data = self.masked(outcome.data);
        Ok(event)
    }

    /// What upcasters make of an event: nothing where none applies.
    ///
    /// # Errors
    /// Why one failed; where the payload cannot be decoded there is nothing to apply one to.
    pub fn upcast(&self, raw: &RawEvent<'_>) -> Result<Option<Value>, String> {
        let Some(settings) = self.settings.as_ref().filter(|settings| !settings.upcasters.is_empty()) else {
            return Ok(None);
        };
        let Ok(event) = self.decoded_event(raw) else { return Ok(None) };
        let before = event.data.clone();
        let after = self.brought_up_to_date(settings, event)?.data;
        Ok((after != before).then_some(after))
    }

    /// The upcasters, in the order of the workspace file.
    #[must_use]
    pub fn upcasts(&self) -> Vec<Upcast> {
        let settings = self.settings.iter();
        settings.flat_map(|settings| &settings.upcasters).map(|upcaster| upcaster.said.clone()).collect()
    }

    /// Which upcasters apply to an event, by their places in [`Decoder::upcasts`], and which of them fails, and why.
    #[must_use]
    pub fn try_upcasts(&self, raw: &RawEvent<'_>) -> (Vec<usize>, Option<(usize, String)>) {
        match (&self.settings, self.decoded_event(raw)) {
            (Some(settings), Ok(event)) => {
                let outcome = upcast::upcast(&settings.upcasters, event);
                (outcome.applied, outcome.failed)
            }
            _ => (Vec::new(), None),
        }
    }

    /// The payload and the time, with nothing hidden.
    fn payload(&self, raw: &RawEvent<'_>) -> Result<(Value, Option<Time>), String> {
        let (parsed, _) = self.value(Some(raw.event_type), raw.data).map_err(|(fault, _)| fault)?;
        Ok(match self.rules {
            Rules::Json | Rules::Opaque(_) => (parsed, raw.time),
            Rules::EventSourcing => {
                let envelope = typed::open_envelope(parsed);
                (envelope.data, raw.time.or(envelope.time))
            }
        })
    }

    /// The category of an event's stream, by the layout's rule.
    #[must_use]
    pub fn category<'a>(&self, raw: &RawEvent<'a>) -> &'a str {
        if let Some(category) = raw.category {
            return category;
        }
        match self.rules {
            Rules::Json | Rules::Opaque(_) => crate::event::category_of(raw.stream),
            Rules::EventSourcing => typed::class_of(raw.event_type),
        }
    }

    /// The time that an event carries: its column, else its payload.
    #[must_use]
    pub fn time(&self, raw: &RawEvent<'_>) -> Option<Time> {
        raw.time.or_else(|| match self.rules {
            Rules::Json | Rules::Opaque(_) => None,
            Rules::EventSourcing => self.payload(raw).ok().and_then(|(_, time)| time),
        })
    }

    /// Decodes a snapshot that the log's own library stored: the state, and when it was taken.
    ///
    /// # Errors
    /// Why the snapshot cannot be decoded.
    pub fn snapshot(&self, stored: &[u8]) -> Result<(Value, Option<Time>), String> {
        let (parsed, _) = self
            .value(None, stored)
            .map_err(|(fault, _)| if self.is_masking() { opaque::without_text(&fault) } else { fault })?;
        let (state, time) = match self.rules {
            Rules::Json | Rules::Opaque(_) => (parsed, None),
            Rules::EventSourcing => {
                let mut envelope = typed::open_envelope(parsed);
                let state = envelope.data.get_mut("state").map(Value::take).unwrap_or(envelope.data);
                (state, envelope.time)
            }
        };
        Ok((self.masked(state), time))
    }
}

/// A payload that is no JSON, in another form that says itself what it is.
fn other_form(opened: &unpack::Opened<'_>) -> Option<(Value, String)> {
    let is_yaml = || yaml::value(&opened.bytes).map(|value| (value, "YAML"));
    let Some((value, form)) = binary::value(&opened.bytes).or_else(is_yaml) else {
        let inflated = unpack::deflated(&opened.bytes)?;
        return match json::text(&inflated) {
            Some(value) => Some((value, "deflate, JSON".to_owned())),
            None => binary::value(&inflated).map(|(value, form)| (value, format!("deflate, {form}"))),
        };
    };
    let by = match opened.unpacked_by() {
        "" => form.to_owned(),
        packing => format!("{packing}, {form}"),
    };
    Some((value, by))
}

/// A hash of one event as stored: checkpoints and snapshots keep it, so that a log that holds other history than
/// before is noticed. BLAKE3 over the fields, each with its length in front.
#[must_use]
pub fn hash(raw: &RawEvent<'_>) -> [u8; 32] {
    fn field(hasher: &mut blake3::Hasher, bytes: &[u8]) {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    fn optional(hasher: &mut blake3::Hasher, bytes: Option<&[u8]>) {
        hasher.update(&[u8::from(bytes.is_some())]);
        field(hasher, bytes.unwrap_or_default());
    }
    let mut hasher = blake3::Hasher::new();
    match raw.seq {
        Seq::Number(number) => field(&mut hasher, &number.to_le_bytes()),
        other => field(&mut hasher, other.to_string().as_bytes()),
    }
    field(&mut hasher, raw.stream.as_bytes());
    optional(&mut hasher, raw.version.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
    field(&mut hasher, raw.event_type.as_bytes());
    field(&mut hasher, raw.data);
    optional(&mut hasher, raw.metadata);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests;
