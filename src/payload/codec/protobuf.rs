//! Protobuf by a descriptor set. A field that proto3 leaves out because it has the default value is shown with it: a
//! balance that fell to 0 did change. Fields that the descriptor does not know are shown by their numbers.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

use serde_json::{Map, Number};

use super::descriptor::{Descriptors, Field, Message, low_32};
use super::{Budget, Bytes, check_depth, unzigzag, well_known};
use crate::event::Value;
use crate::payload::object::hex;

const DOUBLE: u64 = 1;
const FLOAT: u64 = 2;
const INT64: u64 = 3;
const UINT64: u64 = 4;
const INT32: u64 = 5;
const FIXED64: u64 = 6;
const FIXED32: u64 = 7;
const BOOL: u64 = 8;
const STRING: u64 = 9;
const GROUP: u64 = 10;
const MESSAGE: u64 = 11;
const BYTES: u64 = 12;
const UINT32: u64 = 13;
const ENUM: u64 = 14;
const SFIXED32: u64 = 15;
const SFIXED64: u64 = 16;
const SINT32: u64 = 17;
const SINT64: u64 = 18;

/// How fields are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::payload) enum FieldNames {
    /// As the `.proto` file has them.
    #[default]
    Proto,
    /// As Protobuf's own JSON has them: `orderId`.
    Json,
}

/// Decodes a payload as a message of this full name.
///
/// # Errors
/// Why it does not fit.
pub(in crate::payload) fn decode(
    descriptors: &Descriptors,
    names: FieldNames,
    message: &str,
    payload: &[u8],
) -> Result<Value, String> {
    let mut reader = Reader { descriptors, names, budget: Budget::new() };
    reader.message(message, payload, 0)
}

/// What is on the wire for one field.
#[derive(Clone, Copy)]
pub(super) enum Wire<'a> {
    Varint(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'a [u8]),
    Group(&'a [u8]),
}

/// A decoder at work.
pub(super) struct Reader<'d> {
    pub(super) descriptors: &'d Descriptors,
    names: FieldNames,
    budget: Budget,
}

impl Reader<'_> {
    /// A message as an object; the well-known types as what they stand for.
    pub(super) fn message(&mut self, name: &str, payload: &[u8], depth: usize) -> Result<Value, String> {
        check_depth(depth)?;
        self.budget.spend()?;
        let Some(message) = self.descriptors.message(name) else {
            return Err(format!("the descriptor set has no message {name}"));
        };
        if let Some(value) = well_known::value(self, name, message, payload, depth)? {
            return Ok(value);
        }
        let found = self.fields(message, payload, depth)?;
        let mut object = Map::new();
        let (known, unknown): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(number, _)| message.fields.iter().any(|field| field.number == *number));
        let mut known: std::collections::HashMap<u64, Value> = known.into_iter().collect();
        for field in &message.fields {
            let value = match known.remove(&field.number) {
                Some(value) => value,
                None => match self.missing(field)? {
                    Some(value) => value,
                    None => continue,
                },
            };
            let shown = if self.names == FieldNames::Json { &field.json_name } else { &field.name };
            object.insert(shown.clone(), value);
        }
        for (number, value) in unknown {
            object.insert(format!("field {number}"), value);
        }
        Ok(Value::Object(object))
    }

    /// The fields that are there, in the order in which each first comes.
    pub(super) fn fields(
        &mut self,
        message: &Message,
        payload: &[u8],
        depth: usize,
    ) -> Result<Vec<(u64, Value)>, String> {
        let mut bytes = Bytes::new(payload);
        let mut found: Vec<(u64, Value)> = Vec::new();
        let mut places: std::collections::HashMap<u64, usize> = std::collections::HashMap::new();
        while !bytes.is_empty() {
            let (number, wire) = wire(&mut bytes, depth)?;
            let field = message.fields.iter().find(|field| field.number == number);
            let next = found.len();
            let place = *places.entry(number).or_insert(next);
            if place == next {
                found.push((number, Value::Null));
            }
            let Some((_, slot)) = found.get_mut(place) else { continue };
            match field {
                Some(field) if field.is_repeated => self.repeated(field, wire, slot, depth)?,
                // Of several the last one holds.
                Some(field) => *slot = self.one(field, wire, depth)?,
                None => {
                    self.budget.spend()?;
                    *slot = unknown(wire);
                }
            }
        }
        Ok(found)
    }

    fn repeated(&mut self, field: &Field, wire: Wire<'_>, slot: &mut Value, depth: usize) -> Result<(), String> {
        if let (MESSAGE, Some(entry)) = (field.kind, self.descriptors.message(&field.type_name))
            && entry.is_map_entry
        {
            return self.map_entry(entry, wire, slot, depth);
        }
        if slot.is_null() {
            *slot = Value::Array(Vec::new());
        }
        // One after another in one piece, or each with its own tag: both are right.
        let mut items = Vec::new();
        match wire {
            Wire::Bytes(packed) if !matches!(field.kind, STRING | BYTES | MESSAGE | GROUP) => {
                let mut bytes = Bytes::new(packed);
                while !bytes.is_empty() {
                    let wire = match field.kind {
                        DOUBLE | FIXED64 | SFIXED64 => Wire::Eight(bytes.array()?),
                        FLOAT | FIXED32 | SFIXED32 => Wire::Four(bytes.array()?),
                        _ => Wire::Varint(bytes.varint()?),
                    };
                    items.push(self.one(field, wire, depth)?);
                }
            }
            wire => items.push(self.one(field, wire, depth)?),
        }
        if let Value::Array(list) = slot {
            list.append(&mut items);
        }
        Ok(())
    }

    fn map_entry(&mut self, entry: &Message, wire: Wire<'_>, slot: &mut Value, depth: usize) -> Result<(), String> {
        let Wire::Bytes(payload) = wire else { return Err("a map's entry is no message".to_owned()) };
        check_depth(depth + 1)?;
        let found = self.fields(entry, payload, depth + 1)?;
        let mut part = |number: u64| -> Result<Value, String> {
            let field = entry.fields.iter().find(|field| field.number == number);
            match (found.iter().find(|(of, _)| *of == number), field) {
                (Some((_, value)), _) => Ok(value.clone()),
                (None, Some(field)) => self.default(field),
                (None, None) => Ok(Value::Null),
            }
        };
        let (key, value) = (part(1)?, part(2)?);
        let key = match key {
            Value::String(key) => key,
            other => other.to_string(),
        };
        if slot.is_null() {
            *slot = Value::Object(Map::new());
        }
        if let Value::Object(fields) = slot {
            fields.insert(key, value);
        }
        Ok(())
    }

    fn one(&mut self, field: &Field, wire: Wire<'_>, depth: usize) -> Result<Value, String> {
        self.budget.spend()?;
        let misfit = || format!("field {} is not of the type that the descriptor set says", field.name);
        Ok(match (field.kind, wire) {
            (INT64, Wire::Varint(number)) => Value::from(number.cast_signed()),
            (UINT64, Wire::Varint(number)) => Value::from(number),
            (INT32, Wire::Varint(number)) => Value::from(low_32(number)),
            (UINT32, Wire::Varint(number)) => Value::from(low_32(number).cast_unsigned()),
            (SINT32 | SINT64, Wire::Varint(number)) => Value::from(unzigzag(number)),
            (BOOL, Wire::Varint(number)) => Value::Bool(number != 0),
            (ENUM, Wire::Varint(number)) => self.enum_value(field, low_32(number)),
            (DOUBLE, Wire::Eight(bytes)) => float(f64::from_le_bytes(bytes)),
            (FIXED64, Wire::Eight(bytes)) => Value::from(u64::from_le_bytes(bytes)),
            (SFIXED64, Wire::Eight(bytes)) => Value::from(i64::from_le_bytes(bytes)),
            (FLOAT, Wire::Four(bytes)) => single(f32::from_le_bytes(bytes)),
            (FIXED32, Wire::Four(bytes)) => Value::from(u32::from_le_bytes(bytes)),
            (SFIXED32, Wire::Four(bytes)) => Value::from(i32::from_le_bytes(bytes)),
            (STRING, Wire::Bytes(bytes)) => {
                Value::from(std::str::from_utf8(bytes).map_err(|_| format!("field {} is no text", field.name))?)
            }
            (BYTES, Wire::Bytes(bytes)) => Value::from(hex(bytes)),
            (MESSAGE, Wire::Bytes(bytes)) | (GROUP | MESSAGE, Wire::Group(bytes)) => {
                self.message(&field.type_name, bytes, depth + 1)?
            }
            _ => return Err(misfit()),
        })
    }

    fn enum_value(&self, field: &Field, number: i32) -> Value {
        self.descriptors.enum_value(&field.type_name, number).map_or_else(|| Value::from(number), Value::from)
    }

    /// What a field has that is not on the wire: nothing where that is told apart from the default value.
    fn missing(&mut self, field: &Field) -> Result<Option<Value>, String> {
        if field.is_repeated {
            self.budget.spend()?;
            let is_map = self.descriptors.message(&field.type_name).is_some_and(|entry| entry.is_map_entry);
            return Ok(Some(if is_map { Value::Object(Map::new()) } else { Value::Array(Vec::new()) }));
        }
        if field.has_presence || matches!(field.kind, MESSAGE | GROUP) {
            return Ok(None);
        }
        self.default(field).map(Some)
    }

    fn default(&mut self, field: &Field) -> Result<Value, String> {
        self.budget.spend()?;
        Ok(match field.kind {
            STRING | BYTES => Value::from(""),
            BOOL => Value::Bool(false),
            ENUM => self.enum_value(field, 0),
            DOUBLE | FLOAT => float(0.0),
            MESSAGE | GROUP => Value::Null,
            _ => Value::from(0),
        })
    }
}

/// The next field on the wire: its number, and what it has.
pub(super) fn wire<'a>(bytes: &mut Bytes<'a>, depth: usize) -> Result<(u64, Wire<'a>), String> {
    let tag = bytes.varint()?;
    let number = tag >> 3;
    if number == 0 || number >= 1 << 29 {
        return Err(format!("has a field with the number {number}"));
    }
    let wire = match tag & 7 {
        0 => Wire::Varint(bytes.varint()?),
        1 => Wire::Eight(bytes.array()?),
        2 => Wire::Bytes(bytes.counted()?),
        3 => {
            let start = bytes.rest;
            let len = group(bytes, number, depth + 1)?;
            Wire::Group(start.get(..len).unwrap_or_default())
        }
        5 => Wire::Four(bytes.array()?),
        other => return Err(format!("has a field of wire type {other}")),
    };
    Ok((number, wire))
}

/// Passes over a group up to the end that has its number. Gives its length.
fn group(bytes: &mut Bytes<'_>, number: u64, depth: usize) -> Result<usize, String> {
    check_depth(depth)?;
    let whole = bytes.rest.len();
    loop {
        let before = whole - bytes.rest.len();
        let mut ahead = *bytes;
        let tag = ahead.varint()?;
        if tag & 7 == 4 {
            *bytes = ahead;
            return if tag >> 3 == number { Ok(before) } else { Err("has a group that ends another one".to_owned()) };
        }
        wire(bytes, depth)?;
    }
}

fn unknown(wire: Wire<'_>) -> Value {
    match wire {
        Wire::Varint(number) => Value::from(number),
        Wire::Eight(bytes) => Value::from(u64::from_le_bytes(bytes)),
        Wire::Four(bytes) => Value::from(u32::from_le_bytes(bytes)),
        Wire::Bytes(bytes) | Wire::Group(bytes) => Value::from(hex(bytes)),
    }
}

/// A number with a fraction; what JSON has no number for is its name.
pub(super) fn float(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
}

/// In as many digits as a single needs.
fn single(number: f32) -> Value {
    let text = number.to_string();
    match text.parse::<f64>() {
        Ok(exact) if number.is_finite() => float(exact),
        _ => Value::String(text),
    }
}
