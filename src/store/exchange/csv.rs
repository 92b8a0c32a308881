//! CSV as RFC 4180 has it: a line of names, fields in quotes where they need them, quotes doubled.

use std::io::{BufRead, Write};

use super::{ReadRecords, Record, WriteRecords, time_of, time_text};
use crate::error::{Error, Result};
use crate::limits::INPUT_LINE_BYTES_MAX;

/// The columns, in the order in which they are written.
const COLUMNS: [&str; 8] = ["position", "stream", "version", "type", "time", "id", "data", "metadata"];

#[derive(Default)]
pub(super) struct Writer {
    has_begun: bool,
}

impl WriteRecords for Writer {
    fn write(&mut self, record: &Record, to: &mut dyn Write) -> Result<()> {
        let mut line = Vec::with_capacity(record.data.len() + 256);
        if !self.has_begun {
            self.has_begun = true;
            line.extend_from_slice(COLUMNS.join(",").as_bytes());
            line.extend_from_slice(b"\r\n");
        }
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let (position, version) = (number(record.position), number(record.version));
        let time = record.time.map(time_text).unwrap_or_default();
        let fields: [&[u8]; 8] = [
            position.as_bytes(),
            record.stream.as_bytes(),
            version.as_bytes(),
            record.event_type.as_bytes(),
            time.as_bytes(),
            record.id.as_deref().unwrap_or_default().as_bytes(),
            &record.data,
            record.metadata.as_deref().unwrap_or_default(),
        ];
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                line.push(b',');
            }
            quote(&mut line, field);
        }
        line.extend_from_slice(b"\r\n");
        to.write_all(&line)?;
        Ok(())
    }
}

fn quote(line: &mut Vec<u8>, field: &[u8]) {
    let is_plain = !field.iter().any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n'));
    if is_plain {
        line.extend_from_slice(field);
        return;
    }
    line.push(b'"');
    for byte in field {
        if *byte == b'"' {
            line.push(b'"');
        }
        line.push(*byte);
    }
    line.push(b'"');
}

pub(super) struct Reader<R> {
    from: R,
    /// The number of the record that was read last, the line of names not counted.
    number: u64,
    /// Where each column is, once the names were read.
    places: Option<[Option<usize>; 8]>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, number: 0, places: None }
    }

    /// The fields of the next line that is not empty.
    fn fields(&mut self) -> Result<Option<Vec<String>>> {
        loop {
            let Some(fields) = self.any_fields()? else { return Ok(None) };
            if fields.len() > 1 || fields.first().is_some_and(|field| !field.is_empty()) {
                return Ok(Some(fields));
            }
        }
    }

    fn any_fields(&mut self) -> Result<Option<Vec<String>>> {
        let (mut fields, mut field) = (Vec::new(), Vec::new());
        let (mut quoted, mut was_quoted, mut any) = (false, false, false);
        let mut total = 0;
        let text = |field: Vec<u8>| {
            String::from_utf8(field).map_err(|error| Error::Input(format!("it is not UTF-8: {error}")))
        };
        loop {
            let mut byte = [0];
            let read = std::io::Read::read(&mut self.from, &mut byte)?;
            if read == 0 {
                if quoted {
                    return Err(Error::Input("a quoted field does not end".to_owned()));
                }
                if !any {
                    return Ok(None);
                }
                break;
            }
            any = true;
            total += 1;
            if total > 2 * INPUT_LINE_BYTES_MAX {
                return Err(Error::Input(format!("it is longer than {} bytes", 2 * INPUT_LINE_BYTES_MAX)));
            }
            match (byte[0], quoted) {
                (b'"', true) => (quoted, was_quoted) = (false, true),
                (b'"', false) if was_quoted => {
                    // Two of them are one.
                    field.push(b'"');
                    (quoted, was_quoted) = (true, false);
                }
                (b'"', false) if field.is_empty() => quoted = true,
                (b',', false) => {
                    fields.push(text(std::mem::take(&mut field))?);
                    was_quoted = false;
                }
                (b'\r', false) => {}
                (b'\n', false) => break,
                (_, false) if was_quoted => return Err(Error::Input("text follows a quoted field".to_owned())),
                (other, _) => field.push(other),
            }
        }
        fields.push(text(field)?);
        Ok(Some(fields))
    }

    fn record(&mut self) -> Result<Option<Record>> {
        let places = if let Some(places) = self.places {
            places
        } else {
            let Some(names) = self.fields()? else { return Ok(None) };
            // A byte order mark is no part of a name.
            let place = |column: &str| names.iter().position(|name| name.trim_start_matches('\u{feff}') == column);
            if let Some(name) = ["stream", "type", "data"].into_iter().find(|name| place(name).is_none()) {
                return Err(Error::Input(format!(
                    "the first line names no column \"{name}\" (there are {})",
                    COLUMNS.join(", ")
                )));
            }
            *self.places.insert(COLUMNS.map(place))
        };
        let Some(mut fields) = self.fields()? else { return Ok(None) };
        self.number += 1;
        let mut take = |column: usize| -> Option<String> {
            let field = fields.get_mut(places.get(column).copied().flatten()?)?;
            Some(std::mem::take(field)).filter(|field| !field.is_empty())
        };
        let whole = |text: Option<String>, name: &str| {
            text.map(|text| text.parse().map_err(|_| Error::Input(format!("the {name} \"{text}\" is no whole number"))))
                .transpose()
        };
        Ok(Some(Record {
            position: whole(take(0), "position")?,
            stream: take(1).unwrap_or_default(),
            version: whole(take(2), "version")?,
            event_type: take(3).unwrap_or_default(),
            time: take(4).map(|text| time_of(&text)).transpose()?,
            id: take(5),
            data: take(6).unwrap_or_default().into_bytes(),
            metadata: take(7).map(String::into_bytes),
        }))
    }
}

impl<R: BufRead> ReadRecords for Reader<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        self.record().map_err(|error| error.context(format!("record {}", self.number + 1)))
    }
}
