//! CloudEvents 1.0 in their JSON format (`application/cloudevents+json`), one a line, or one array of them.
//!
//! The stream is the `subject` (where there is none, the `source`); version and metadata travel as the extension
//! attributes `streamversion` and `metadata`, the latter as text, since an extension holds no objects.

use std::io::{BufRead, Write};

use serde_json::{Map, Value, json};

use super::lines::{string, whole};
use super::{ReadRecords, Record, WriteRecords, time_of, time_text};
use crate::error::{Error, Result};
use crate::limits::INPUT_LINE_BYTES_MAX;
use crate::store::native::parse;

/// The source of every event that we export: the producer, not the stream.
const SOURCE: &str = "/eventscope";

pub(super) struct Writer;

impl WriteRecords for Writer {
    fn write(&mut self, record: &Record, to: &mut dyn Write) -> Result<()> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let data = parse(&text(&record.data))
            .map_err(|error| Error::Corrupt(format!("the payload of an event is not JSON: {error}")))?;
        let mut event = json!({
            "specversion": "1.0",
            "id": record.id.clone().unwrap_or_else(|| blake3::Hash::from_bytes(record.hash()).to_hex().to_string()),
            "source": SOURCE,
            "type": record.event_type,
            "subject": record.stream,
        });
        if let Some(fields) = event.as_object_mut() {
            if let Some(time) = record.time {
                fields.insert("time".to_owned(), time_text(time).into());
            }
            if let Some(version) = record.version {
                fields.insert("streamversion".to_owned(), version.into());
            }
            if let Some(metadata) = &record.metadata {
                fields.insert("metadata".to_owned(), text(metadata).into());
            }
            fields.insert("datacontenttype".to_owned(), "application/json".into());
            fields.insert("data".to_owned(), data);
        }
        writeln!(to, "{event}")?;
        Ok(())
    }
}

pub(super) struct Reader<R> {
    from: R,
    number: u64,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, number: 0 }
    }

    /// The text of the next object, whatever stands between objects.
    fn object(&mut self) -> Result<Option<String>> {
        let (mut text, mut depth, mut in_string, mut escaped) = (Vec::new(), 0_u32, false, false);
        loop {
            let mut byte = [0];
            if std::io::Read::read(&mut self.from, &mut byte)? == 0 {
                return if text.is_empty() { Ok(None) } else { Err(Error::Input("it is cut short".to_owned())) };
            }
            let byte = byte[0];
            if depth == 0 && byte != b'{' {
                if byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',') {
                    continue;
                }
                return Err(Error::Input("it is no JSON object".to_owned()));
            }
            text.push(byte);
            if text.len() > INPUT_LINE_BYTES_MAX {
                return Err(Error::Input(format!("it is longer than {INPUT_LINE_BYTES_MAX} bytes")));
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' if !in_string => depth += 1,
                b'}' if !in_string => {
                    depth -= 1;
                    if depth == 0 {
                        let text = String::from_utf8(text).map_err(|error| Error::Input(error.to_string()))?;
                        return Ok(Some(text));
                    }
                }
                _ => {}
            }
        }
    }

    fn record(&mut self) -> Result<Option<Record>> {
        let Some(text) = self.object()? else { return Ok(None) };
        self.number += 1;
        let value = parse(&text).map_err(|error| Error::Input(format!("it is not JSON: {error}")))?;
        let Value::Object(fields) = value else { return Ok(None) };
        from_fields(fields).map(Some)
    }
}

fn from_fields(mut fields: Map<String, Value>) -> Result<Record> {
    let need = |text: Option<String>, name: &str| {
        text.ok_or_else(|| Error::Input(format!("the attribute \"{name}\" is missing")))
    };
    let version = need(string(&mut fields, "specversion")?, "specversion")?;
    if version != "1.0" {
        return Err(Error::Input(format!("it is of CloudEvents {version}, and 1.0 is read here")));
    }
    if fields.contains_key("data_base64") {
        return Err(Error::Unsupported("its data is binary (data_base64), and payloads are JSON here".to_owned()));
    }
    let source = need(string(&mut fields, "source")?, "source")?;
    Ok(Record {
        position: None,
        stream: string(&mut fields, "subject")?.unwrap_or(source),
        version: whole(&mut fields, "streamversion")?,
        event_type: need(string(&mut fields, "type")?, "type")?,
        time: string(&mut fields, "time")?.map(|text| time_of(&text)).transpose()?,
        id: Some(need(string(&mut fields, "id")?, "id")?),
        data: fields.shift_remove("data").unwrap_or(Value::Null).to_string().into_bytes(),
        metadata: string(&mut fields, "metadata")?.map(String::into_bytes),
    })
}

impl<R: BufRead> ReadRecords for Reader<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        self.record().map_err(|error| error.context(format!("event {}", self.number + 1)))
    }
}
