//! The JSON of Python's `eventsourcing`: typed values, and the library's own fields in the payload.
//!
//! Its transcoder writes a value that JSON has no form for as `{"_type_": NAME, "_data_": …}`.

use crate::event::{Time, Value, uuid_with_dashes};

/// A payload taken apart.
pub(super) struct Envelope {
    /// The event's own fields, as plain values.
    pub(super) data: Value,
    /// The library's fields that are no time: `originator_topic`. Null where there is none.
    pub(super) metadata: Value,
    /// `timestamp`.
    pub(super) time: Option<Time>,
}

/// Takes the library's own fields out of a payload and makes its typed values plain.
pub(super) fn open_envelope(payload: Value) -> Envelope {
    let mut data = plain(payload);
    let (mut metadata, mut time) = (Value::Null, None);
    if let Value::Object(fields) = &mut data {
        time = fields.get("timestamp").and_then(Value::as_str).and_then(Time::parse);
        if time.is_some() {
            fields.shift_remove("timestamp");
        }
        if let Some(topic) = fields.shift_remove("originator_topic") {
            let mut kept = serde_json::Map::new();
            kept.insert("originator_topic".to_owned(), topic);
            metadata = Value::Object(kept);
        }
    }
    Envelope { data, metadata, time }
}

/// The class that an event type begins with: `Order` of `Order.OrderPlaced`; the whole where it has no dot.
pub(super) fn class_of(event_type: &str) -> &str {
    event_type.rsplit_once('.').map_or(event_type, |(class, _)| class)
}

/// A value without its type marks. Depth is bounded by what was parsed.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Object(mut fields) => {
            if fields.len() == 2
                && fields.contains_key("_data_")
                && let Some(Value::String(type_name)) = fields.get("_type_")
            {
                let is_uuid = type_name == "uuid_hex";
                let inner = plain(fields.get_mut("_data_").map(Value::take).unwrap_or_default());
                return match inner {
                    Value::String(text) if is_uuid => Value::String(uuid_with_dashes(&text).unwrap_or(text)),
                    other => other,
                };
            }
            for field in fields.values_mut() {
                *field = plain(field.take());
            }
            Value::Object(fields)
        }
        other => other,
    }
}
