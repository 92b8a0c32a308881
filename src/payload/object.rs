//! One event as the JSON object that people copy and programs read: the same in the window and on the command line.

use std::fmt::Write as _;

use crate::event::{RawEvent, Seq, Value};
use crate::payload::Decoded;

/// The event as one object: `position stream version type time id data metadata`, in this order. Where the payload
/// cannot be decoded, `data` is null and `raw` (the stored bytes in hex, unless something is masked) and `decode_error`
/// follow.
#[must_use]
pub fn event_object(raw: &RawEvent<'_>, decoded: &Decoded) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("position".to_owned(), position(raw.seq));
    object.insert("stream".to_owned(), raw.stream.into());
    object.insert("version".to_owned(), raw.version.into());
    object.insert("type".to_owned(), raw.event_type.into());
    object.insert("time".to_owned(), decoded.time.map(|time| time.to_string()).into());
    object.insert("id".to_owned(), raw.id.into());
    let data = decoded.data.as_ref().ok().cloned().unwrap_or(Value::Null);
    object.insert("data".to_owned(), data);
    object.insert("metadata".to_owned(), decoded.metadata.clone());
    if let Err(fault) = &decoded.data {
        let stored = if decoded.is_masked { Value::from(super::HIDDEN) } else { hex(raw.data).into() };
        object.insert("raw".to_owned(), stored);
        object.insert("decode_error".to_owned(), fault.as_str().into());
    }
    Value::Object(object)
}

/// The log's own ordering key: a number where the engine orders by one number, else text.
#[must_use]
pub fn position(seq: Seq) -> Value {
    seq.number().map_or_else(|| seq.to_string().into(), Value::from)
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Time;
    use serde_json::json;

    fn raw(data: &[u8]) -> RawEvent<'_> {
        RawEvent {
            seq: Seq::Number(7),
            stream: "user-1",
            category: None,
            version: Some(2),
            event_type: "UserNameUpdated",
            time: None,
            id: None,
            data,
            metadata: None,
        }
    }

    #[test]
    fn a_decoded_event_has_its_fields_in_order() {
        let data: Value = serde_json::from_str(r#"{"n":12345678901234567890123,"a":1}"#).unwrap();
        let decoded = Decoded {
            data: Ok(data),
            decoded_by: "JSON".into(),
            metadata: json!({"by": "x"}),
            time: Some(Time(0)),
            is_masked: false,
        };
        let text = event_object(&raw(b"{}"), &decoded).to_string();
        assert_eq!(
            text,
            r#"{"position":7,"stream":"user-1","version":2,"type":"UserNameUpdated","time":"1970-01-01T00:00:00Z","id":null,"data":{"n":12345678901234567890123,"a":1},"metadata":{"by":"x"}}"#
        );
    }

    #[test]
    fn an_undecodable_event_shows_its_bytes() {
        let decoded = Decoded {
            data: Err("not JSON".into()),
            decoded_by: String::new(),
            metadata: Value::Null,
            time: None,
            is_masked: false,
        };
        let object = event_object(&raw(&[0, 255, 16]), &decoded);
        assert_eq!(object["data"], Value::Null);
        assert_eq!(object["raw"], "00ff10");
        assert_eq!(object["decode_error"], "not JSON");
    }
}
