//! Protobuf's well-known types, as what they stand for: times, durations, wrapped values, JSON.

use serde_json::Map;

use super::descriptor::Message;
use super::protobuf::{Reader, Wire, float, wire};
use super::{Bytes, push_fraction};
use crate::event::{Time, Value};

/// The value of a well-known type; nothing for any other message.
pub(super) fn value(
    reader: &mut Reader<'_>,
    name: &str,
    message: &Message,
    payload: &[u8],
    depth: usize,
) -> Result<Option<Value>, String> {
    let Some(short) = name.strip_prefix("google.protobuf.") else { return Ok(None) };
    match short {
        "Timestamp" => {
            seconds_and_nanoseconds(payload, depth).map(|(seconds, nanoseconds)| timestamp(seconds, nanoseconds))
        }
        "Duration" => {
            seconds_and_nanoseconds(payload, depth).map(|(seconds, nanoseconds)| Some(duration(seconds, nanoseconds)))
        }
        "BoolValue" | "StringValue" | "BytesValue" | "Int32Value" | "Int64Value" | "UInt32Value" | "UInt64Value"
        | "FloatValue" | "DoubleValue" => {
            let found = reader.fields(message, payload, depth)?;
            Ok(Some(found.into_iter().find(|(number, _)| *number == 1).map_or_else(|| zero(short), |(_, value)| value)))
        }
        "Struct" => {
            let found = reader.fields(message, payload, depth)?;
            Ok(Some(found.into_iter().next().map_or_else(|| Value::Object(Map::new()), |(_, fields)| fields)))
        }
        "ListValue" => {
            let found = reader.fields(message, payload, depth)?;
            Ok(Some(found.into_iter().next().map_or_else(|| Value::Array(Vec::new()), |(_, items)| items)))
        }
        "Value" => {
            let found = reader.fields(message, payload, depth)?;
            Ok(Some(match found.into_iter().next_back() {
                // The null value is an enum of one.
                None | Some((1, _)) => Value::Null,
                Some((_, value)) => value,
            }))
        }
        "Any" => any(reader, payload, depth),
        _ => Ok(None),
    }
}

fn zero(short: &str) -> Value {
    match short {
        "BoolValue" => Value::Bool(false),
        "StringValue" | "BytesValue" => Value::from(""),
        "FloatValue" | "DoubleValue" => float(0.0),
        _ => Value::from(0),
    }
}

/// Of a message that the descriptor set has: its fields, behind `@type`.
fn any(reader: &mut Reader<'_>, payload: &[u8], depth: usize) -> Result<Option<Value>, String> {
    let (mut url, mut inner) = ("", &[][..]);
    let mut bytes = Bytes::new(payload);
    while !bytes.is_empty() {
        match wire(&mut bytes, depth)? {
            (1, Wire::Bytes(text)) => url = std::str::from_utf8(text).map_err(|_| "an Any's type is no text")?,
            (2, Wire::Bytes(value)) => inner = value,
            _ => {}
        }
    }
    let name = url.rsplit('/').next().unwrap_or_default();
    if reader.descriptors.message(name).is_none() {
        return Ok(None);
    }
    let mut object = Map::new();
    object.insert("@type".to_owned(), Value::from(url));
    match reader.message(name, inner, depth + 1)? {
        Value::Object(fields) => object.extend(fields),
        other => {
            object.insert("value".to_owned(), other);
        }
    }
    Ok(Some(Value::Object(object)))
}

fn seconds_and_nanoseconds(payload: &[u8], depth: usize) -> Result<(i64, i64), String> {
    let (mut seconds, mut nanoseconds) = (0, 0);
    let mut bytes = Bytes::new(payload);
    while !bytes.is_empty() {
        match wire(&mut bytes, depth)? {
            (1, Wire::Varint(number)) => seconds = number.cast_signed(),
            (2, Wire::Varint(number)) => nanoseconds = number.cast_signed(),
            _ => {}
        }
    }
    Ok((seconds, nanoseconds))
}

/// RFC 3339 to the nanosecond; nothing where it is no time, so that its numbers are shown.
fn timestamp(seconds: i64, nanoseconds: i64) -> Option<Value> {
    if !(0..1_000_000_000).contains(&nanoseconds) {
        return None;
    }
    let mut text = Time(seconds.checked_mul(1_000_000)?).format("%Y-%m-%dT%H:%M:%S");
    if text.is_empty() {
        return None;
    }
    push_fraction(&mut text, nanoseconds.unsigned_abs());
    text.push('Z');
    Some(Value::from(text))
}

/// `-1.5s`
fn duration(seconds: i64, nanoseconds: i64) -> Value {
    let sign = if seconds < 0 || nanoseconds < 0 { "-" } else { "" };
    let mut text = format!("{sign}{}", seconds.unsigned_abs());
    push_fraction(&mut text, nanoseconds.unsigned_abs());
    text.push('s');
    Value::from(text)
}
