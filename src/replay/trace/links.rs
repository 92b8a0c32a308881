//! The ids of cause and whole that an event carries, wherever its library keeps them: in the metadata, else in the
//! payload, by whatever spelling (`causationId`, `$causedBy`, `causation_id`, also nested).

use crate::event::{RawEvent, Value};
use crate::payload::Decoder;

/// Names of the id of the cause, in small letters and without signs.
const CAUSES: [&str; 6] = ["causationid", "causedby", "cause", "causeid", "causationmessageid", "causingeventid"];
/// Names of the id of the whole, likewise.
const WHOLES: [&str; 4] = ["correlationid", "corr", "corrid", "correlation"];
/// How deep in the metadata such names are looked for.
const DEPTH_MAX: usize = 3;

/// The ids that one event carries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Links {
    /// Of its cause: an event, or a command, or the whole.
    pub cause: Option<String>,
    /// Of the whole that it belongs to.
    pub whole: Option<String>,
}

impl Links {
    /// The ids in an event.
    #[must_use]
    pub fn of(raw: &RawEvent<'_>, decoder: &Decoder) -> Self {
        let mut links = Self::default();
        if let Some(stored) = decoder.metadata(raw).filter(|stored| !stored.is_empty())
            && may_hold_one(&stored)
        {
            match serde_json::from_slice::<Value>(&stored) {
                Ok(metadata) => links.look(&metadata, 0),
                // Stored in another form: only the decoder knows it.
                Err(_) => links.look(&decoder.decode(raw).metadata, 0),
            }
        }
        if links == Self::default()
            && may_hold_one(raw.data)
            && let Ok(event) = decoder.event(raw)
        {
            links.look_at_fields(&event.data);
        }
        links
    }

    fn look(&mut self, value: &Value, depth: usize) {
        self.look_at_fields(value);
        if depth < DEPTH_MAX
            && let Value::Object(fields) = value
        {
            for inner in fields.values().filter(|inner| inner.is_object()) {
                self.look(inner, depth + 1);
            }
        }
    }

    fn look_at_fields(&mut self, value: &Value) {
        let Value::Object(fields) = value else { return };
        for (name, value) in fields {
            let name = plain(name);
            let slot = if CAUSES.contains(&name.as_str()) {
                &mut self.cause
            } else if WHOLES.contains(&name.as_str()) {
                &mut self.whole
            } else {
                continue;
            };
            if slot.is_none() {
                *slot = match value {
                    Value::String(id) if !id.is_empty() => Some(id.clone()),
                    Value::Number(id) => Some(id.to_string()),
                    _ => None,
                };
            }
        }
    }
}

/// True where the bytes may hold one of the names: JSON has it in clear, and other forms are looked into.
fn may_hold_one(bytes: &[u8]) -> bool {
    let is_json = matches!(bytes.first(), Some(b'{' | b'['));
    !is_json || bytes.windows(4).any(|part| part.eq_ignore_ascii_case(b"caus") || part.eq_ignore_ascii_case(b"corr"))
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An id for comparing: a UUID is the same with and without dashes, in large and in small letters.
#[must_use]
pub fn key(id: &str) -> String {
    let bare = id.replace('-', "");
    if crate::event::uuid_with_dashes(&bare).is_some() { bare.to_ascii_lowercase() } else { id.to_owned() }
}
