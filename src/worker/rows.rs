//! Events → rows and details, ready to be drawn.

use std::sync::Arc;

use crate::event::{RawEvent, StreamId, Value};
use crate::limits::ROW_PAYLOAD_CHARS_MAX;
use crate::payload::Decoder;
use crate::protocol::{EventDetail, EventRow, StateLines};

/// Bytes of a payload that the hex view gets.
const RAW_BYTES_MAX: usize = 64 << 10;

pub(super) fn row(decoder: &Decoder, raw: &RawEvent<'_>) -> EventRow {
    let decoded = decoder.decode(raw);
    let (payload, fault) = match &decoded.data {
        Ok(value) => (pairs(value), None),
        Err(fault) => (Vec::new(), Some(fault.clone())),
    };
    EventRow {
        seq: raw.seq.to_string(),
        stream: StreamId::new(raw.stream),
        version: raw.version,
        event_type: Arc::from(raw.event_type),
        time: decoded.time,
        payload,
        fault,
    }
}

pub(super) fn detail(decoder: &Decoder, raw: &RawEvent<'_>, row: u64) -> EventDetail {
    let decoded = decoder.decode(raw);
    let json = crate::payload::object::event_object(raw, &decoded).to_string();
    let (data, fault) = match &decoded.data {
        Ok(value) => (StateLines::of(value), None),
        Err(fault) => (StateLines::default(), Some(fault.clone())),
    };
    let metadata = if decoded.metadata.is_null() { StateLines::default() } else { StateLines::of(&decoded.metadata) };
    EventDetail {
        row,
        seq: raw.seq.to_string(),
        stream: StreamId::new(raw.stream),
        version: raw.version,
        event_type: Arc::from(raw.event_type),
        time: decoded.time,
        id: raw.id.map(str::to_owned),
        bytes: raw.data.len() as u64,
        decoded_by: decoded.decoded_by,
        data,
        upcast: decoder.upcast(raw).map(|data| data.as_ref().map(StateLines::of)),
        masked: decoded.is_masked,
        raw: if decoded.is_masked { Vec::new() } else { raw.data[..raw.data.len().min(RAW_BYTES_MAX)].to_vec() },
        fault,
        metadata,
        json,
    }
}

/// The first values of a payload, as `key value` pairs; a nested value gives its own first ones.
fn pairs(value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut room = ROW_PAYLOAD_CHARS_MAX;
    collect(value, String::new(), &mut pairs, &mut room);
    pairs
}

fn collect(value: &Value, path: String, pairs: &mut Vec<(String, String)>, room: &mut usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                if *room == 0 {
                    return;
                }
                let path = if path.is_empty() { cut(key, 40) } else { format!("{path}.{}", cut(key, 40)) };
                // Deeper levels say little in one line.
                if path.matches('.').count() > 3 {
                    return;
                }
                collect(value, path, pairs, room);
            }
        }
        Value::Array(items) => push(path, format!("[{} items]", items.len()), pairs, room),
        Value::Object(_) => push(path, "{}".to_owned(), pairs, room),
        Value::String(text) => push(path, Value::String(cut(text, *room)).to_string(), pairs, room),
        leaf => push(path, cut(&leaf.to_string(), *room), pairs, room),
    }
}

fn push(path: String, text: String, pairs: &mut Vec<(String, String)>, room: &mut usize) {
    *room = room.saturating_sub(path.chars().count() + text.chars().count() + 3);
    pairs.push((path, text));
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
