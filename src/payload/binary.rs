//! Binary forms that describe themselves: MessagePack, CBOR, and SQLite's JSONB.
//!
//! Each is taken for one only where the whole payload is an object with names, to its last byte: noise is that by chance
//! once in billions.

use std::str::FromStr;

use serde_json::{Map, Number};

use super::object::hex;
use crate::event::Value;
use crate::limits::PAYLOAD_BINARY_DEPTH_MAX;

/// Its name, whether a first byte is that of an object in it, and what reads it.
type Form = (&'static str, fn(u8) -> bool, fn(&mut Input<'_>, usize) -> Option<Value>);

const FORMS: [Form; 3] = [
    ("MessagePack", |head| matches!(head, 0x80..=0x8f | 0xde | 0xdf), msgpack),
    // An object, or the tag that marks CBOR.
    ("CBOR", |head| head >> 5 == 5 || head == 0xd9, cbor),
    ("JSONB", |head| head & 15 == 12, jsonb),
];

/// The value of a payload in the form of this name, whatever it is: somebody said so.
pub(super) fn as_form(bytes: &[u8], name: &str) -> Option<Value> {
    let (_, _, read) = FORMS.into_iter().find(|(known, ..)| *known == name)?;
    let mut input = Input { bytes };
    read(&mut input, 0).filter(|_| input.bytes.is_empty())
}

/// The value of a payload in one of these forms, with the form's name.
pub(super) fn value(bytes: &[u8]) -> Option<(Value, &'static str)> {
    let head = *bytes.first()?;
    FORMS.into_iter().filter(|(_, is_object, _)| is_object(head)).find_map(|(name, _, read)| {
        let mut input = Input { bytes };
        let value = read(&mut input, 0)?;
        (input.bytes.is_empty() && value.as_object().is_some_and(|fields| !fields.is_empty())).then_some((value, name))
    })
}

struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// A whole number of so many bytes, the highest first.
    fn number(&mut self, len: usize) -> Option<u64> {
        self.take(len).map(|bytes| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn len(&mut self, len: usize) -> Option<usize> {
        usize::try_from(self.number(len)?).ok()
    }

    fn text(&mut self, len: usize) -> Option<&'a str> {
        std::str::from_utf8(self.take(len)?).ok()
    }
}

fn number(text: &str) -> Option<Value> {
    Number::from_str(text).ok().map(Value::Number)
}

/// A number with a fraction; what JSON has no number for is its name.
fn float(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
}

/// The name of a field: text, or a number's digits.
fn name(value: Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn fields(
    input: &mut Input<'_>,
    len: usize,
    depth: usize,
    read: fn(&mut Input<'_>, usize) -> Option<Value>,
) -> Option<Value> {
    let mut fields = Map::new();
    for _ in 0..len {
        fields.insert(name(read(input, depth)?)?, read(input, depth)?);
    }
    Some(Value::Object(fields))
}

fn items(
    input: &mut Input<'_>,
    len: usize,
    depth: usize,
    read: fn(&mut Input<'_>, usize) -> Option<Value>,
) -> Option<Value> {
    // Each item takes a byte at least, so that a wrong length cannot ask for memory.
    (0..len).map(|_| read(input, depth)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// <https://github.com/msgpack/msgpack/blob/master/spec.md>
fn msgpack(input: &mut Input<'_>, depth: usize) -> Option<Value> {
    if depth > PAYLOAD_BINARY_DEPTH_MAX {
        return None;
    }
    let (head, deeper) = (input.byte()?, depth + 1);
    let signed = |number: u64, bits: u32| Value::from(number.cast_signed() << (64 - bits) >> (64 - bits));
    Some(match head {
        0x00..=0x7f => Value::from(head),
        0x80..=0x8f => fields(input, usize::from(head & 15), deeper, msgpack)?,
        0x90..=0x9f => items(input, usize::from(head & 15), deeper, msgpack)?,
        0xa0..=0xbf => Value::from(input.text(usize::from(head & 31))?),
        0xc0 => Value::Null,
        0xc1 => return None,
        0xc2 => Value::Bool(false),
        0xc3 => Value::Bool(true),
        0xc4..=0xc6 => {
            let len = input.len(1 << (head - 0xc4))?;
            Value::from(hex(input.take(len)?))
        }
        0xc7..=0xc9 => {
            let len = input.len(1 << (head - 0xc7))?;
            extension(input, len)?
        }
        0xca => float(f64::from(f32::from_bits(u32::try_from(input.number(4)?).ok()?))),
        0xcb => float(f64::from_bits(input.number(8)?)),
        0xcc..=0xcf => Value::from(input.number(1 << (head - 0xcc))?),
        0xd0..=0xd3 => signed(input.number(1 << (head - 0xd0))?, 8 << (head - 0xd0)),
        0xd4..=0xd8 => extension(input, 1 << (head - 0xd4))?,
        0xd9..=0xdb => {
            let len = input.len(1 << (head - 0xd9))?;
            Value::from(input.text(len)?)
        }
        0xdc | 0xdd => {
            let len = input.len(2 << (head - 0xdc))?;
            items(input, len, deeper, msgpack)?
        }
        0xde | 0xdf => {
            let len = input.len(2 << (head - 0xde))?;
            fields(input, len, deeper, msgpack)?
        }
        0xe0..=0xff => Value::from(head.cast_signed()),
    })
}

/// A typed piece of bytes; type -1 is a time.
fn extension(input: &mut Input<'_>, len: usize) -> Option<Value> {
    let (kind, bytes) = (input.byte()?.cast_signed(), input.take(len)?);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let time = match (kind, len) {
        (-1, 4) => Some((number(bytes).cast_signed(), 0)),
        (-1, 8) => Some(((number(bytes) & 0x3_ffff_ffff).cast_signed(), number(bytes) >> 34)),
        (-1, 12) => Some((number(&bytes[4..]).cast_signed(), number(&bytes[..4]))),
        _ => None,
    };
    if let Some((seconds, nanoseconds)) = time {
        let microseconds = seconds.checked_mul(1_000_000)?.checked_add(i64::try_from(nanoseconds / 1_000).ok()?)?;
        return Some(Value::from(crate::event::Time(microseconds).to_string()));
    }
    Some(serde_json::json!({"type": kind, "bytes": hex(bytes)}))
}

/// RFC 8949.
fn cbor(input: &mut Input<'_>, depth: usize) -> Option<Value> {
    if depth > PAYLOAD_BINARY_DEPTH_MAX {
        return None;
    }
    let (head, deeper) = (input.byte()?, depth + 1);
    let (major, low) = (head >> 5, head & 31);
    if low == 31 {
        return endless(input, major, deeper);
    }
    if major == 7 {
        return Some(match low {
            20 => Value::Bool(false),
            21 => Value::Bool(true),
            22 | 23 => Value::Null,
            25 => float(half(u16::try_from(input.number(2)?).ok()?)),
            26 => float(f64::from(f32::from_bits(u32::try_from(input.number(4)?).ok()?))),
            27 => float(f64::from_bits(input.number(8)?)),
            _ => return None,
        });
    }
    let argument = match low {
        0..=23 => u64::from(low),
        24..=27 => input.number(1 << (low - 24))?,
        _ => return None,
    };
    let len = usize::try_from(argument).ok()?;
    Some(match major {
        0 => Value::from(argument),
        1 => number(&(-1 - i128::from(argument)).to_string())?,
        2 => Value::from(hex(input.take(len)?)),
        3 => Value::from(input.text(len)?),
        4 => items(input, len, deeper, cbor)?,
        5 => fields(input, len, deeper, cbor)?,
        // A tag says what the value is; a number of any size is one.
        _ => match (argument, cbor(input, deeper)?) {
            (2 | 3, Value::String(digits)) if digits.len() <= 32 => {
                let magnitude = i128::from_str_radix(&digits, 16).ok()?;
                number(&(if argument == 2 { magnitude } else { -1 - magnitude }).to_string())?
            }
            (_, value) => value,
        },
    })
}

/// Text, bytes, items or fields up to a break.
fn endless(input: &mut Input<'_>, major: u8, depth: usize) -> Option<Value> {
    const BREAK: u8 = 0xff;
    let (mut text, mut list, mut map) = (String::new(), Vec::new(), Map::new());
    while *input.bytes.first()? != BREAK {
        let value = cbor(input, depth)?;
        match major {
            2 | 3 => text.push_str(value.as_str()?),
            4 => list.push(value),
            5 => {
                map.insert(name(value)?, cbor(input, depth)?);
            }
            _ => return None,
        }
    }
    input.byte()?;
    Some(match major {
        2 | 3 => Value::String(text),
        4 => Value::Array(list),
        5 => Value::Object(map),
        _ => return None,
    })
}

fn half(bits: u16) -> f64 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, f64::from(bits & 1_023));
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction > 0.0 => f64::NAN,
        31 => f64::INFINITY,
        _ => (1.0 + fraction / 1_024.0) * 2_f64.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

/// <https://sqlite.org/jsonb.html>
fn jsonb(input: &mut Input<'_>, depth: usize) -> Option<Value> {
    if depth > PAYLOAD_BINARY_DEPTH_MAX {
        return None;
    }
    let head = input.byte()?;
    let len = match head >> 4 {
        len @ 0..=11 => usize::from(len),
        more => input.len(1 << (more - 12))?,
    };
    let body = input.take(len)?;
    let text = || std::str::from_utf8(body).ok();
    let mut inner = Input { bytes: body };
    Some(match head & 15 {
        0 if len == 0 => Value::Null,
        1 if len == 0 => Value::Bool(true),
        2 if len == 0 => Value::Bool(false),
        3 | 5 => number(text()?)?,
        7 | 10 => Value::from(text()?),
        8 | 9 => serde_json::from_str(&format!("\"{}\"", text()?)).ok()?,
        11 => {
            let mut list = Vec::new();
            while !inner.bytes.is_empty() {
                list.push(jsonb(&mut inner, depth + 1)?);
            }
            Value::Array(list)
        }
        12 => {
            let mut map = Map::new();
            while !inner.bytes.is_empty() {
                let Value::String(name) = jsonb(&mut inner, depth + 1)? else { return None };
                map.insert(name, jsonb(&mut inner, depth + 1)?);
            }
            Value::Object(map)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn each_form_is_read_and_named() {
        let cases = [
            ("82a7636f6d70616374c3a6736368656d6100", "MessagePack", json!({"compact": true, "schema": 0})),
            ("81a16ecfffffffffffffffff", "MessagePack", json!({"n": u64::MAX})),
            ("83a161ffa162d080a163d1ff00", "MessagePack", json!({"a": -1, "b": -128, "c": -256})),
            ("81a174d6ff5e0be100", "MessagePack", json!({"t": "2020-01-01T00:00:00Z"})),
            ("a26161016162820203", "CBOR", json!({"a": 1, "b": [2, 3]})),
            ("bf6346756ef563416d7421ff", "CBOR", json!({"Fun": true, "Amt": -2})),
            ("a16168f93e00", "CBOR", json!({"h": 1.5})),
            ("a1616e1bffffffffffffffff", "CBOR", json!({"n": u64::MAX})),
            ("5c1761133176", "", Value::Null),
            ("4c17611331", "JSONB", json!({"a": 1})),
        ];
        for (stored, form, expected) in cases {
            match value(&bytes(stored)) {
                Some((value, name)) => assert_eq!((name, value), (form, expected), "{stored}"),
                None => assert_eq!(form, "", "{stored}"),
            }
        }
        let big = value(&bytes("a1616ec249010000000000000000")).unwrap().0;
        assert_eq!(big.to_string(), r#"{"n":18446744073709551616}"#, "every digit");
    }

    #[test]
    fn what_sqlite_writes_is_read() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let text = r#"{"a":[1,-2.5,1e3,null,true,{"b":"\u00fc \"x\""}],"long":"0123456789012345678901234567890","n":12345678901234567890123}"#;
        let stored: Vec<u8> = connection.query_row("SELECT jsonb(?1)", [text], |row| row.get(0)).unwrap();
        let (read, form) = value(&stored).unwrap();
        assert_eq!((form, read), ("JSONB", serde_json::from_str(text).unwrap()));
    }

    #[test]
    fn noise_is_no_form_and_nesting_ends() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let noise: Vec<u8> = (0..random.usize(12..80)).map(|_| random.u8(..)).collect();
            assert_eq!(value(&noise), None);
        }
        assert_eq!(value(&vec![0x91; 100_000]), None);
        assert_eq!(value(&vec![0x81; 100_000]), None);
        assert_eq!(value(&vec![0xbf; 100_000]), None);
    }
}
