//! Whether one event passes: a look at its bytes first, and only where they leave it open, at its decoded values.
//!
//! The look at the bytes must never lose a hit. It is taken only where payloads are JSON without further rules, and it
//! gives an event up only where the bytes are JSON, so that nothing that cannot be decoded goes uncounted, and hold a
//! text that every hit has to hold neither as they are nor with their escapes written out.

use serde::de::IgnoredAny;

use super::states::States;
use super::{Seen, Wanted};
use crate::error::Result;
use crate::event::{Event, RawEvent, Seq, Value, nesting};
use crate::filter::{Comparison, Contained, Filter, Head, Part, Subject, Test, compare_numbers};
use crate::limits::{PAYLOAD_BYTES_MAX, PAYLOAD_DEPTH_MAX};
use crate::payload::Decoder;
use crate::reducer::expression::Expression;

/// An event at which the condition failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConditionFault {
    /// Its place in the log.
    pub position: Seq,
    /// Its stream.
    pub stream: String,
    /// Its number there.
    pub version: Option<i64>,
    /// Why.
    pub message: String,
}

/// What decides about one event after another.
pub struct Sieve {
    filter: Filter,
    condition: Option<Expression>,
    states: Option<States>,
    decoder: Decoder,
    probes: Vec<Probe>,
    seen: Seen,
    unescaped: Vec<u8>,
}

/// A text that the bytes of every hit hold.
struct Probe {
    part: Part,
    text: Contained,
}

impl Sieve {
    /// A sieve for events whose payloads this decoder reads.
    #[must_use]
    pub fn new(decoder: Decoder, wanted: Wanted) -> Self {
        let is_plain = decoder == Decoder::json();
        let probes = if is_plain { probes(&wanted.filter) } else { Vec::new() };
        let Wanted { filter, condition, states } = wanted;
        let states = states.filter(|_| condition.as_ref().is_some_and(Expression::needs_state));
        Self { filter, condition, states, decoder, probes, seen: Seen::default(), unescaped: Vec::new() }
    }

    /// What could not be decided, and why.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// False where the event cannot pass, as far as one sees without decoding it.
    pub fn wants(&mut self, raw: &RawEvent<'_>) -> bool {
        // What happens to a state must be seen whole.
        self.states.is_some() || (self.filter.may_pass(&self.head(raw)) && !self.lacks_a_probe(raw))
    }

    /// True where the event passes.
    ///
    /// # Errors
    /// As the reducers of the states, and the log that they are folded from.
    pub fn passes(&mut self, raw: &RawEvent<'_>) -> Result<bool> {
        let may_pass = self.filter.may_pass(&self.head(raw));
        if self.states.is_none() && !may_pass {
            return Ok(false);
        }
        let needs_payload = self.needs_payload();
        let needs_time = raw.time.is_none() && self.decoder.reads_envelopes() && self.filter.asks_for_time();
        if !needs_payload && !needs_time && !self.filter.needs_metadata() && self.states.is_none() {
            return Ok(self.holds(raw, &Ok(self.bare_event(raw, Value::Null))));
        }
        let (event, metadata) = self.decoded(raw);
        let passes = may_pass && {
            let time = event.as_ref().map_or(raw.time, |event| event.time);
            let head = Head { time, is_time_known: true, ..self.head(raw) };
            let data = event.as_ref().ok().map(|event| &event.data);
            let asks = self.filter.asks_for_values() || needs_time || self.looks_at_event();
            self.seen.undecodable += u64::from(data.is_none() && asks);
            // A time that stands in such a payload is not known.
            (data.is_some() || !needs_time) && self.filter.passes(&Subject { head, data, metadata: &metadata })
        };
        if self.states.is_none() {
            return Ok(passes && self.holds(raw, &event));
        }
        let holds = self.fold(raw, event, passes)?;
        Ok(passes && holds)
    }

    /// The event, or why it cannot be decoded, and its metadata where the filter looks at it.
    fn decoded<'a>(&self, raw: &RawEvent<'a>) -> (std::result::Result<Event<'a>, String>, Value) {
        if !self.filter.needs_metadata() {
            return (self.decoder.event(raw), Value::Null);
        }
        let decoded = self.decoder.decode(raw);
        let time = decoded.time;
        let event = decoded.data.map(|data| Event { time, ..self.bare_event(raw, data) });
        (event, decoded.metadata)
    }

    /// True where an event must be decoded to be decided on.
    fn needs_payload(&self) -> bool {
        self.filter.needs_payload() || self.looks_at_event()
    }

    fn looks_at_event(&self) -> bool {
        self.condition.as_ref().is_some_and(Expression::needs_event)
    }

    fn bare_event<'a>(&self, raw: &RawEvent<'a>, data: Value) -> Event<'a> {
        Event {
            seq: raw.seq,
            stream: raw.stream,
            category: self.decoder.category(raw),
            version: raw.version,
            event_type: raw.event_type,
            time: raw.time,
            id: raw.id,
            data,
            metadata: self.decoder.metadata(raw),
        }
    }

    /// The condition where it looks at no state.
    fn holds(&mut self, raw: &RawEvent<'_>, event: &std::result::Result<Event<'_>, String>) -> bool {
        let Some(mut condition) = self.condition.take() else { return true };
        let holds = match event {
            Ok(event) => condition.eval(event, &Value::Null, &Value::Null),
            Err(_) => condition.eval(&self.bare_event(raw, Value::Null), &Value::Null, &Value::Null),
        };
        self.condition = Some(condition);
        self.noted(raw, holds)
    }

    /// Folds the event, and asks the condition where it may pass.
    fn fold(&mut self, raw: &RawEvent<'_>, event: std::result::Result<Event<'_>, String>, asks: bool) -> Result<bool> {
        let (Some(mut states), Some(mut condition)) = (self.states.take(), self.condition.take()) else {
            return Ok(false);
        };
        let shown = match &event {
            Ok(event) if condition.needs_event() => event.clone(),
            _ => self.bare_event(raw, Value::Null),
        };
        let holds = states.fold(raw, event, condition.needs_before(), &mut |before, state| {
            if asks { condition.eval(&shown, state, before) } else { Ok(false) }
        });
        (self.states, self.condition) = (Some(states), Some(condition));
        Ok(self.noted(raw, holds?))
    }

    fn noted(&mut self, raw: &RawEvent<'_>, holds: Result<bool>) -> bool {
        holds.unwrap_or_else(|error| {
            self.seen.faults += 1;
            self.seen.first_fault.get_or_insert_with(|| ConditionFault {
                position: raw.seq,
                stream: raw.stream.to_owned(),
                version: raw.version,
                message: error.to_string(),
            });
            false
        })
    }

    fn head<'a>(&self, raw: &RawEvent<'a>) -> Head<'a> {
        Head {
            event_type: raw.event_type,
            stream: raw.stream,
            category: self.decoder.category(raw),
            id: raw.id,
            version: raw.version,
            position: raw.seq.number(),
            bytes: raw.data.len() as u64,
            time: raw.time,
            is_time_known: raw.time.is_some() || !self.decoder.reads_envelopes(),
        }
    }

    /// True where the bytes are JSON and lack a text that every hit holds.
    fn lacks_a_probe(&mut self, raw: &RawEvent<'_>) -> bool {
        let looks_at_event = self.looks_at_event();
        let Self { probes, unescaped, .. } = self;
        let lacks = probes.iter().any(|probe| match probe.part {
            Part::Payload => is_without(raw.data, &probe.text, unescaped),
            Part::Metadata => raw.metadata.is_none_or(|metadata| is_without(metadata, &probe.text, unescaped)),
        });
        // A payload that cannot be decoded must be counted.
        lacks && (!self.filter.needs_payload() && !looks_at_event || is_decodable_json(raw.data, unescaped))
    }
}

/// What the bytes of every event that passes hold.
fn probes(filter: &Filter) -> Vec<Probe> {
    let mut probes = Vec::new();
    for term in filter.terms().iter().filter(|term| !term.is_excluding()) {
        let Some(place) = term.place() else { continue };
        let mut add = |text: Contained| probes.push(Probe { part: place.part, text });
        if let Some(key) = place.last_key().filter(|key| !key.is_empty()) {
            add(Contained::exactly(key));
        }
        match term.test() {
            Test::Contains(_, contained) => add(contained.clone()),
            // A number may be written otherwise.
            Test::Value(_, Comparison::Equal, wanted)
                if !wanted.text.is_empty() && compare_numbers(&wanted.text, "0").is_none() =>
            {
                add(Contained::exactly(&wanted.text));
            }
            _ => {}
        }
    }
    probes
}

/// True where bytes that begin as a JSON object or array do hold a text neither as they are nor with their escapes
/// written out. Other bytes may become anything.
fn is_without(bytes: &[u8], text: &Contained, unescaped: &mut Vec<u8>) -> bool {
    let begins_as_json = matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['));
    if !begins_as_json || text.may_be_in(bytes) {
        return false;
    }
    memchr::memchr(b'\\', bytes).is_none() || (unescape(bytes, unescaped) && !text.may_be_in(unescaped))
}

/// Writes bytes with their escapes written out; false where one of them is none, or half of a character.
fn unescape(bytes: &[u8], into: &mut Vec<u8>) -> bool {
    into.clear();
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        into.extend_from_slice(&rest[..at]);
        let (plain, length) = match rest.get(at + 1) {
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(sign @ (b'"' | b'\\' | b'/')) => (char::from(*sign), 2),
            Some(b'u') => {
                let digits = rest.get(at + 2..at + 6).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let Some(plain) = code.and_then(char::from_u32) else { return false };
                (plain, 6)
            }
            _ => return false,
        };
        into.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &rest[at + length..];
    }
    into.extend_from_slice(rest);
    true
}

/// True where the decoder reads these bytes as JSON for certain.
fn is_decodable_json(bytes: &[u8], unescaped: &mut Vec<u8>) -> bool {
    // Half of a character passes as JSON where nobody reads it.
    if memchr::memchr(b'\\', bytes).is_some() && !unescape(bytes, unescaped) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    // So many levels do not fit into fewer bytes.
    let is_shallow = text.len() < PAYLOAD_DEPTH_MAX || nesting(text) <= PAYLOAD_DEPTH_MAX;
    text.len() <= PAYLOAD_BYTES_MAX && is_shallow && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_written_out() {
        let mut into = Vec::new();
        for (bytes, expected) in [
            (r#"{"a":"\u00e9\/\"\\\n"}"#, Some("{\"a\":\"é/\"\\\n\"}")),
            ("plain", Some("plain")),
            (r"\ud83d\ude00", None),
            (r"\u00", None),
            (r"\x", None),
            ("\\", None),
            (r"\u+0e9", None),
        ] {
            let is_whole = unescape(bytes.as_bytes(), &mut into);
            let written = is_whole.then(|| String::from_utf8(into.clone()).unwrap());
            assert_eq!(written.as_deref(), expected, "{bytes}");
        }
    }
}
