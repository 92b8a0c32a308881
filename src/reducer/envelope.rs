//! What a library wraps around the fields of an event, for *Auto*: the tags of Rust's serde, and envelopes that repeat at
//! one level what the columns say.
//!
//! Each form is taken for one only where it names the event's own type, or has all the fields of the library.

use crate::event::Value;

/// Names under which a tag stands beside the fields.
const TAGS: [&str; 6] = ["type", "kind", "tag", "t", "event", "event_type"];
/// Names under which the fields stand beside a tag.
const CONTENTS: [&str; 5] = ["data", "content", "payload", "value", "c"];
/// The fields that `eventsource-py` writes beside the event's own: the first five are always there.
const EVENTSOURCE_PY: [&str; 13] = [
    "event_id",
    "event_type",
    "occurred_at",
    "aggregate_id",
    "aggregate_version",
    "event_version",
    "aggregate_type",
    "tenant_id",
    "actor_id",
    "correlation_id",
    "causation_id",
    "metadata",
    "recorded_at",
];

/// True where a field of this name may be part of what [`own_fields`] takes off: without one, the fields are the event's own.
pub(super) fn may_wrap(event_type: &str, field: &str) -> bool {
    field == EVENTSOURCE_PY[0] || TAGS.contains(&field) || name_of(event_type) == field
}

fn name_of(event_type: &str) -> &str {
    event_type.rsplit(['.', ':', '/', '\\', '$']).next().unwrap_or(event_type)
}

/// The event's own fields. A unit variant has none, which is null.
pub(super) fn own_fields(event_type: &str, data: Value) -> Value {
    let name = name_of(event_type);
    match data {
        // `"AccountFrozen"`
        Value::String(text) if text == name => Value::Null,
        Value::Object(mut fields) => {
            // `{"ItemAdded": {…}}`
            if fields.len() == 1
                && let Some(inner) = fields.get_mut(name)
            {
                return match inner.take() {
                    inner @ (Value::Object(_) | Value::Null) => inner,
                    other => Value::Object(std::iter::once((name.to_owned(), other)).collect()),
                };
            }
            if EVENTSOURCE_PY[..5].iter().all(|field| fields.contains_key(*field)) {
                for field in EVENTSOURCE_PY {
                    fields.shift_remove(field);
                }
                return Value::Object(fields);
            }
            let tag = TAGS.into_iter().find(|tag| fields.get(*tag).and_then(Value::as_str) == Some(name));
            let Some(tag) = tag else { return Value::Object(fields) };
            // `{"type": "ItemAdded", "sku": …}`
            fields.shift_remove(tag);
            // `{"type": "ItemAdded", "data": {…}}`
            let content = CONTENTS.into_iter().find(|content| fields.get(*content).is_some_and(Value::is_object));
            match content {
                Some(content) if fields.len() == 1 => fields.shift_remove(content).unwrap_or_default(),
                _ => Value::Object(fields),
            }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tags_of_serde_are_taken_off() {
        let own = json!({"sku": "A", "qty": 2});
        for tagged in [
            json!({"ItemAdded": {"sku": "A", "qty": 2}}),
            json!({"type": "ItemAdded", "sku": "A", "qty": 2}),
            json!({"type": "ItemAdded", "data": {"sku": "A", "qty": 2}}),
            json!({"t": "ItemAdded", "c": {"sku": "A", "qty": 2}}),
            own.clone(),
        ] {
            assert_eq!(own_fields("ItemAdded", tagged.clone()), own, "{tagged}");
            assert_eq!(own_fields("shop::Order.ItemAdded", tagged.clone()), own, "{tagged}");
        }
        assert_eq!(own_fields("Frozen", json!("Frozen")), Value::Null);
        assert_eq!(own_fields("Frozen", json!({"Frozen": null})), Value::Null);
        assert_eq!(own_fields("Renamed", json!({"Renamed": "Ada"})), json!({"Renamed": "Ada"}));
    }

    #[test]
    fn fields_that_are_no_tags_stay() {
        for data in [
            json!({"ItemRemoved": {"sku": "A"}}),
            json!({"type": "gift", "sku": "A"}),
            json!({"data": {"sku": "A"}}),
            json!("ItemRemoved"),
            json!([1]),
        ] {
            assert_eq!(own_fields("ItemAdded", data.clone()), data);
        }
    }

    #[test]
    fn the_envelope_of_eventsource_py_is_taken_off() {
        let stored = json!({
            "event_id": "1", "event_type": "Paid", "occurred_at": "2026-01-01T00:00:00Z", "aggregate_id": "2",
            "aggregate_version": 3, "aggregate_type": "Order", "metadata": {}, "amount": "1.00"
        });
        assert_eq!(own_fields("Paid", stored), json!({"amount": "1.00"}));
    }
}
