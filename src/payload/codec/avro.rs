//! Avro by a schema: one value, bare, or behind the header of its single-object encoding or of a schema registry.
//!
//! Decimals keep every digit; dates and times are text.

use std::str::FromStr;

use serde_json::{Map, Number};

use super::avro_schema::{Kind, Meaning};
use super::{Budget, Bytes, check_depth, date, push_fraction, time_of_day, unzigzag};
use crate::event::{Time, Value, uuid_with_dashes};
use crate::payload::object::hex;

pub(in crate::payload) use super::avro_schema::Schema;

/// Bytes of one decimal: its digits take time that grows with their square.
const DECIMAL_BYTES_MAX: usize = 512;
/// Digits behind the point of a decimal.
const SCALE_MAX: u32 = 2_000;

/// Decodes a payload: as the record of this name, or as the schema's only type. Gives what else was in front of it.
///
/// # Errors
/// Why it does not fit.
pub(in crate::payload) fn decode(schema: &Schema, name: &str, payload: &[u8]) -> Result<(Value, &'static str), String> {
    let top = schema.top(name).ok_or_else(|| format!("the schema has no record {name} (name it with message)"))?;
    let whole = |payload: &[u8]| -> Result<Value, String> {
        let mut reader = Reader { schema, budget: Budget::new() };
        let mut bytes = Bytes::new(payload);
        let value = reader.value(top, &mut bytes, 0)?;
        if bytes.is_empty() { Ok(value) } else { Err(format!("has {} bytes too many", bytes.rest.len())) }
    };
    let bare = whole(payload);
    if let Ok(value) = bare {
        return Ok((value, ""));
    }
    let behind = match payload {
        [0xc3, 0x01, rest @ ..] => rest.get(8..).map(|rest| (rest, "single-object header, ")),
        [0, rest @ ..] => rest.get(4..).map(|rest| (rest, "registry header, ")),
        _ => None,
    };
    if let Some((rest, header)) = behind
        && let Ok(value) = whole(rest)
    {
        return Ok((value, header));
    }
    bare.map(|value| (value, ""))
}

struct Reader<'s> {
    schema: &'s Schema,
    budget: Budget,
}

impl Reader<'_> {
    fn value(&mut self, place: usize, bytes: &mut Bytes<'_>, depth: usize) -> Result<Value, String> {
        check_depth(depth)?;
        self.budget.spend()?;
        let schema = self.schema;
        Ok(match schema.kind(place) {
            Kind::Null | Kind::Pending => Value::Null,
            Kind::Boolean => match bytes.take(1)? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => return Err("has a boolean that is neither true nor false".to_owned()),
            },
            Kind::Int(meaning) => {
                let number = unzigzag(bytes.varint()?);
                let number = i32::try_from(number).map_err(|_| "has an int of more than 32 bits")?;
                number_of(i64::from(number), *meaning)
            }
            Kind::Long(meaning) => number_of(unzigzag(bytes.varint()?), *meaning),
            Kind::Float => {
                let number = f32::from_le_bytes(bytes.array()?);
                let text = number.to_string();
                Number::from_str(&text).map_or(Value::String(text), Value::Number)
            }
            Kind::Double => {
                let number = f64::from_le_bytes(bytes.array()?);
                Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
            }
            Kind::Bytes(meaning) => bytes_of(counted(bytes)?, *meaning),
            Kind::Fixed { size, meaning } => bytes_of(bytes.take(*size)?, *meaning),
            Kind::String => {
                Value::from(std::str::from_utf8(counted(bytes)?).map_err(|_| "has a string that is no text")?)
            }
            Kind::Enum(symbols) => {
                let index = usize::try_from(unzigzag(bytes.varint()?)).unwrap_or(usize::MAX);
                symbols
                    .get(index)
                    .map(|symbol| Value::from(symbol.as_str()))
                    .ok_or("has a symbol that its enum has not")?
            }
            Kind::Union(members) => {
                let index = usize::try_from(unzigzag(bytes.varint()?)).unwrap_or(usize::MAX);
                let member = *members.get(index).ok_or("has a branch that its union has not")?;
                self.value(member, bytes, depth + 1)?
            }
            Kind::Record { fields, .. } => {
                let mut object = Map::new();
                for (name, of) in fields {
                    object.insert(name.clone(), self.value(*of, bytes, depth + 1)?);
                }
                Value::Object(object)
            }
            Kind::Array(items) => {
                let mut list = Vec::new();
                while let Some(count) = block(bytes)? {
                    for _ in 0..count {
                        list.push(self.value(*items, bytes, depth + 1)?);
                    }
                }
                Value::Array(list)
            }
            Kind::Map(values) => {
                let mut object = Map::new();
                while let Some(count) = block(bytes)? {
                    for _ in 0..count {
                        let key = std::str::from_utf8(counted(bytes)?).map_err(|_| "has a key that is no text")?;
                        object.insert(key.to_owned(), self.value(*values, bytes, depth + 1)?);
                    }
                }
                Value::Object(object)
            }
        })
    }
}

/// How many items the next block has; nothing at the end.
fn block(bytes: &mut Bytes<'_>) -> Result<Option<u64>, String> {
    let count = unzigzag(bytes.varint()?);
    if count < 0 {
        // Its size in bytes follows, for those who pass over it.
        bytes.varint()?;
    }
    Ok(Some(count.unsigned_abs()).filter(|count| *count > 0))
}

fn counted<'a>(bytes: &mut Bytes<'a>) -> Result<&'a [u8], String> {
    let len = usize::try_from(unzigzag(bytes.varint()?)).map_err(|_| "ends in the middle of a value")?;
    bytes.take(len)
}

fn number_of(number: i64, meaning: Meaning) -> Value {
    let text = match meaning {
        Meaning::Date => date(number),
        Meaning::TimeOfDay(nanoseconds) => number.checked_mul(nanoseconds).and_then(time_of_day),
        Meaning::Timestamp { per_second, is_local } => timestamp(number, per_second, is_local),
        Meaning::Plain | Meaning::Decimal { .. } | Meaning::Uuid => None,
    };
    text.map_or_else(|| Value::from(number), Value::from)
}

fn timestamp(number: i64, per_second: i64, is_local: bool) -> Option<String> {
    let microseconds = number.div_euclid(per_second).checked_mul(1_000_000)?;
    let mut text = Time(microseconds).format("%Y-%m-%dT%H:%M:%S");
    if text.is_empty() {
        return None;
    }
    push_fraction(
        &mut text,
        number.rem_euclid(per_second).unsigned_abs() * (1_000_000_000 / per_second.unsigned_abs()),
    );
    text.push_str(if is_local { "" } else { "Z" });
    Some(text)
}

fn bytes_of(bytes: &[u8], meaning: Meaning) -> Value {
    let text = hex(bytes);
    match meaning {
        Meaning::Decimal { scale } if bytes.len() <= DECIMAL_BYTES_MAX && scale <= SCALE_MAX => decimal(bytes, scale),
        Meaning::Uuid => Value::from(uuid_with_dashes(&text).unwrap_or(text)),
        _ => Value::from(text),
    }
}

/// A number of so many digits behind the point, out of a whole one in two's complement.
fn decimal(bytes: &[u8], scale: u32) -> Value {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    // The digits by nines, the lowest first.
    let mut digits: Vec<u32> = vec![0];
    let mut carry_in = u8::from(is_negative);
    let mut magnitude: Vec<u8> = bytes.to_vec();
    if is_negative {
        for byte in magnitude.iter_mut().rev() {
            let (sum, overflow) = (!*byte).overflowing_add(carry_in);
            *byte = sum;
            carry_in = u8::from(overflow);
        }
    }
    for byte in magnitude {
        let mut carry = u64::from(byte);
        for part in &mut digits {
            let sum = u64::from(*part) * 256 + carry;
            *part = u32::try_from(sum % 1_000_000_000).unwrap_or_default();
            carry = sum / 1_000_000_000;
        }
        if carry > 0 {
            digits.push(u32::try_from(carry).unwrap_or_default());
        }
    }
    let all = digits.iter().rev().fold(String::new(), |all, part| all + &format!("{part:09}"));
    let scale = scale as usize;
    let mut text = all.trim_start_matches('0').to_owned();
    while text.len() <= scale {
        text.insert(0, '0');
    }
    if scale > 0 {
        text.insert(text.len() - scale, '.');
    }
    if is_negative {
        text.insert(0, '-');
    }
    Number::from_str(&text).map_or(Value::String(text), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit() {
        for (bytes, scale, expected) in [
            (&[0x04, 0xd2][..], 2, "12.34"),
            (&[0xfb, 0x2e], 2, "-12.34"),
            (&[0x01], 3, "0.001"),
            (&[0x00], 2, "0.00"),
            (&[], 0, "0"),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0, 0], 0, "-2361183241434822606848"),
            (&[0x7f; 16], 10, "16947088034297690360.2766409564"),
        ] {
            let shown = decimal(bytes, scale).to_string();
            if bytes.len() < 16 {
                assert_eq!(shown, expected);
            } else {
                assert!(shown.contains('.') && shown.len() > 30, "{shown}");
            }
        }
    }
}
