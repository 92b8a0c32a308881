//! What `append` is given: one event as options, or JSON lines. Malformed input is an `Input` error that says where.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::{INPUT_LINE_BYTES_MAX, PAYLOAD_DEPTH_MAX};
use crate::store::sqlite::native::{Append, Expected, NewEvent};

/// The fields that a line may have.
const FIELDS: &str = "stream, type, data, metadata, id, expected_version";

/// Reads an expected version: `any`, `none`, or a number.
pub fn expected_version(text: &str) -> Result<Expected> {
    match text {
        "any" => Ok(Expected::Any),
        "none" => Ok(Expected::None),
        number => number.parse().ok().filter(|version| *version >= 0).map(Expected::Version).ok_or_else(|| {
            Error::Input(format!("expected version \"{number}\" is not a number from 0, `none` or `any`"))
        }),
    }
}

/// Reads JSON of up to [`PAYLOAD_DEPTH_MAX`] levels.
pub fn json(text: &str) -> std::result::Result<Value, String> {
    if crate::event::nesting(text) > PAYLOAD_DEPTH_MAX {
        return Err(format!("it is nested deeper than {PAYLOAD_DEPTH_MAX} levels"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The depth is known: the parser's own, lower bound is not needed.
    deserializer.disable_recursion_limit();
    let value = serde::Deserialize::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// JSON lines, one append each.
pub struct Lines<R> {
    reader: R,
    default_stream: Option<String>,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads lines; those that name no stream go to `default_stream`.
    pub fn new(reader: R, default_stream: Option<String>) -> Self {
        Self { reader, default_stream, number: 0, bytes: Vec::new() }
    }

    /// The number of the line that was read last, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next append; empty lines are passed over.
    ///
    /// # Errors
    /// `Input` with the line's number where it is malformed, `Other` where it cannot be read.
    pub fn next(&mut self) -> Result<Option<Append>> {
        loop {
            self.bytes.clear();
            // One byte more than allowed, so that a line that is too long is told from one that just fits.
            let limit = INPUT_LINE_BYTES_MAX as u64 + 1;
            let read = (&mut self.reader).take(limit).read_until(b'\n', &mut self.bytes);
            if read.map_err(|error| Error::Other(format!("cannot read standard input: {error}")))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.bytes.len() > INPUT_LINE_BYTES_MAX {
                return Err(self.malformed(&format!("it is longer than {INPUT_LINE_BYTES_MAX} bytes")));
            }
            let line = std::str::from_utf8(&self.bytes).map_err(|error| self.malformed(&error.to_string()))?;
            if line.trim().is_empty() {
                continue;
            }
            return append(line.trim(), self.default_stream.as_deref()).map(Some).map_err(|why| self.malformed(&why));
        }
    }

    fn malformed(&self, why: &str) -> Error {
        Error::Input(format!("line {} of standard input: {why}", self.number))
    }
}

/// Reads one line.
fn append(line: &str, default_stream: Option<&str>) -> std::result::Result<Append, String> {
    let value = json(line).map_err(|why| format!("not JSON: {}", without_line(&why)))?;
    let Value::Object(mut fields) = value else {
        return Err(format!("not a JSON object with the fields {FIELDS}"));
    };
    let stream = text_field(&mut fields, "stream")?
        .or_else(|| default_stream.map(str::to_owned))
        .ok_or("the field \"stream\" is missing")?;
    let event_type = text_field(&mut fields, "type")?.ok_or("the field \"type\" is missing")?;
    let data = fields.shift_remove("data").ok_or("the field \"data\" is missing")?;
    let metadata = fields.shift_remove("metadata").filter(|metadata| !metadata.is_null());
    let id = text_field(&mut fields, "id")?;
    let expected = match fields.shift_remove("expected_version") {
        None | Some(Value::Null) => Expected::Any,
        Some(Value::String(text)) => expected_version(&text).map_err(|error| error.to_string())?,
        Some(other) => expected_version(&other.to_string()).map_err(|error| error.to_string())?,
    };
    if let Some(unknown) = fields.keys().next() {
        return Err(format!("the field \"{unknown}\" is unknown (there are {FIELDS})"));
    }
    let event = NewEvent {
        id,
        event_type,
        time: None,
        data: data.to_string().into_bytes(),
        metadata: metadata.map(|metadata| metadata.to_string().into_bytes()),
    };
    Ok(Append { stream: StreamId::new(&stream), expected, events: vec![event] })
}

fn text_field(fields: &mut Map<String, Value>, name: &str) -> std::result::Result<Option<String>, String> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("the field \"{name}\" is {other}, not a text")),
    }
}

/// The parser's message without its `line 1`, which is always 1 here and would contradict ours.
fn without_line(message: &str) -> String {
    message.replace(" at line 1 column ", " at column ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Lines<&[u8]> {
        Lines::new(text.as_bytes(), None)
    }

    #[test]
    fn a_line_with_every_field_is_read() {
        let line =
            r#"{"stream":"s","type":"T","data":{"n":1.10},"metadata":{"by":"me"},"id":"x","expected_version":3}"#;
        let append = lines(line).next().unwrap().unwrap();
        assert_eq!(append.stream.as_str(), "s");
        assert_eq!(append.expected, Expected::Version(3));
        assert_eq!(append.events[0].id.as_deref(), Some("x"));
        assert_eq!(append.events[0].data, br#"{"n":1.10}"#);
        assert_eq!(append.events[0].metadata.as_deref(), Some(&br#"{"by":"me"}"#[..]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            ("\n{", "line 2 of standard input: not JSON: EOF while parsing an object at column 1"),
            ("[]", "line 1 of standard input: not a JSON object"),
            (r#"{"type":"T","data":1}"#, "the field \"stream\" is missing"),
            (r#"{"stream":"s","data":1}"#, "the field \"type\" is missing"),
            (r#"{"stream":"s","type":"T"}"#, "the field \"data\" is missing"),
            (r#"{"stream":1,"type":"T","data":1}"#, "the field \"stream\" is 1, not a text"),
            (r#"{"stream":"s","type":"T","data":1,"date":2}"#, "the field \"date\" is unknown"),
            (r#"{"stream":"s","type":"T","data":1,"expected_version":"x"}"#, "expected version \"x\""),
            (r#"{"stream":"s","type":"T","data":1,"expected_version":-1}"#, "expected version \"-1\""),
            (r#"{"stream":"s","type":"T","data":1} 2"#, "not JSON: trailing characters"),
        ];
        for (text, expected) in cases {
            let error = lines(text).next().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{text}");
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_is_bounded_whatever_stands_in_strings() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(json(&deep(PAYLOAD_DEPTH_MAX)).is_ok());
        assert!(json(&deep(PAYLOAD_DEPTH_MAX + 1)).is_err());
        assert!(json(&deep(1_000_000)).is_err());
        assert_eq!(crate::event::nesting(r#"{"a":"[[\"[","b":[1]}"#), 2);
    }

    #[test]
    fn every_digit_of_a_number_is_kept() {
        let line = r#"{"stream":"s","type":"T","data":[12345678901234567890123,0.10]}"#;
        let append = lines(line).next().unwrap().unwrap();
        assert_eq!(append.events[0].data, b"[12345678901234567890123,0.10]");
    }
}
