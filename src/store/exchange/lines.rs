//! JSON lines: `{"position":…,"stream":…,"version":…,"type":…,"time":…,"id":…,"data":…,"metadata":…,"hash":…}`.
//!
//! Where a text is not what a JSON parser would write back (spaces, escapes, doubled keys), it stands as a string in
//! `data_text` or `metadata_text` instead, so that every byte of it comes back.

use std::io::{BufRead, Read as _, Write};

use serde_json::{Map, Value};

use super::{ReadRecords, Record, WriteRecords, time_of, time_text};
use crate::error::{Error, Result};
use crate::limits::{INPUT_LINE_BYTES_MAX, PAYLOAD_DEPTH_MAX};
use crate::store::native::parse;

pub(super) struct Writer;

impl WriteRecords for Writer {
    fn write(&mut self, record: &Record, to: &mut dyn Write) -> Result<()> {
        let mut line = Vec::with_capacity(record.data.len() + 256);
        line.push(b'{');
        if let Some(position) = record.position {
            line.extend_from_slice(format!("\"position\":{position},").as_bytes());
        }
        text(&mut line, "stream", &record.stream);
        if let Some(version) = record.version {
            line.extend_from_slice(format!(",\"version\":{version}").as_bytes());
        }
        line.push(b',');
        text(&mut line, "type", &record.event_type);
        if let Some(time) = record.time {
            line.push(b',');
            text(&mut line, "time", &time_text(time));
        }
        if let Some(id) = &record.id {
            line.push(b',');
            text(&mut line, "id", id);
        }
        json(&mut line, "data", &record.data)?;
        if let Some(metadata) = &record.metadata {
            json(&mut line, "metadata", metadata)?;
        }
        line.push(b',');
        text(&mut line, "hash", &blake3::Hash::from_bytes(record.hash()).to_hex());
        line.extend_from_slice(b"}\n");
        to.write_all(&line)?;
        Ok(())
    }
}

/// `"name":"text"`, escaped.
fn text(line: &mut Vec<u8>, name: &str, text: &str) {
    line.extend_from_slice(format!("\"{name}\":{}", Value::from(text)).as_bytes());
}

/// `,"name":json`, or `,"name_text":"json"` where parsing would change it.
fn json(line: &mut Vec<u8>, name: &str, json: &[u8]) -> Result<()> {
    let written =
        std::str::from_utf8(json).map_err(|error| Error::Corrupt(format!("the {name} is not UTF-8: {error}")))?;
    // One level is the line's own.
    let is_same = crate::event::nesting(written) < PAYLOAD_DEPTH_MAX
        && parse(written).is_ok_and(|value| value.to_string().as_bytes() == json);
    line.push(b',');
    if is_same {
        line.extend_from_slice(format!("\"{name}\":{written}").as_bytes());
    } else {
        text(line, &format!("{name}_text"), written);
    }
    Ok(())
}

pub(super) struct Reader<R> {
    from: R,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, number: 0, bytes: Vec::new() }
    }

    fn line(&self) -> Result<Option<Record>> {
        let line = std::str::from_utf8(&self.bytes).map_err(|error| Error::Input(error.to_string()))?.trim();
        if line.is_empty() {
            return Ok(None);
        }
        let not_json = |error: serde_json::Error| Error::Input(format!("it is not JSON: {error}"));
        let Value::Object(mut fields) = parse(line).map_err(not_json)? else {
            return Err(Error::Input("it is not a JSON object".to_owned()));
        };
        let stream = string(&mut fields, "stream")?.ok_or_else(|| missing("stream"))?;
        let event_type = string(&mut fields, "type")?.ok_or_else(|| missing("type"))?;
        let record = Record {
            position: whole(&mut fields, "position")?,
            stream,
            version: whole(&mut fields, "version")?,
            event_type,
            time: string(&mut fields, "time")?.map(|text| time_of(&text)).transpose()?,
            id: string(&mut fields, "id")?,
            data: json_text(&mut fields, "data")?.ok_or_else(|| missing("data"))?,
            metadata: json_text(&mut fields, "metadata")?,
        };
        if let Some(hash) = string(&mut fields, "hash")?
            && blake3::Hash::from_bytes(record.hash()).to_hex().as_str() != hash
        {
            return Err(Error::Input("its hash does not hold: it is not what was exported".to_owned()));
        }
        Ok(Some(record))
    }
}

impl<R: BufRead> ReadRecords for Reader<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        loop {
            self.bytes.clear();
            let limit = INPUT_LINE_BYTES_MAX as u64 + 1;
            if (&mut self.from).take(limit).read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let line = if self.bytes.len() > INPUT_LINE_BYTES_MAX {
                Err(Error::Input(format!("it is longer than {INPUT_LINE_BYTES_MAX} bytes")))
            } else {
                self.line()
            };
            if let Some(record) = line.map_err(|error| error.context(format!("line {}", self.number)))? {
                return Ok(Some(record));
            }
        }
    }
}

fn missing(name: &str) -> Error {
    Error::Input(format!("the field \"{name}\" is missing"))
}

/// A field that holds a text.
pub(super) fn string(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::Input(format!("the field \"{name}\" is no text"))),
    }
}

/// A field that holds a whole number.
pub(super) fn whole(fields: &mut Map<String, Value>, name: &str) -> Result<Option<i64>> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| Error::Input(format!("the field \"{name}\" is no whole number of 64 bits"))),
    }
}

/// JSON, or the text of it.
fn json_text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<Vec<u8>>> {
    if let Some(text) = string(fields, &format!("{name}_text"))? {
        return Ok(Some(text.into_bytes()));
    }
    // `metadata: null` is what `events --json` prints for none.
    let is_none = |value: &Value| name == "metadata" && value.is_null();
    Ok(fields.shift_remove(name).filter(|value| !is_none(value)).map(|value| value.to_string().into_bytes()))
}
