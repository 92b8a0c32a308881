//! Places in a payload or its metadata: `data.lines.*.price`.

use std::fmt;

use super::number::is_number;
use crate::event::Value;

/// The payload or the metadata.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// `data`.
    Payload,
    /// `meta`.
    Metadata,
}

/// A step down.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// Into the value of this key, or where there is an array, of this index from 0.
    Key(String),
    /// Into all values.
    Any,
}

/// A path from the payload or the metadata down. An empty path is the whole.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// Where it begins.
    pub part: Part,
    /// Where it leads.
    pub steps: Vec<Step>,
}

impl Place {
    /// The whole payload.
    pub const PAYLOAD: Self = Self { part: Part::Payload, steps: Vec::new() };

    /// The place of a value that a JSON pointer names (`/lines/0/price`).
    #[must_use]
    pub fn at_pointer(part: Part, pointer: &str) -> Self {
        let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
        Self { part, steps: keys.map(Step::Key).collect() }
    }

    /// True where `found` says so of one of the values at this place.
    pub fn any(&self, root: &Value, found: &mut dyn FnMut(&Value) -> bool) -> bool {
        any_below(root, &self.steps, found)
    }

    /// The last key, where the path ends in one: every payload that has a value there holds this text.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            // An index stands in no payload as text.
            Step::Key(key) if key.parse::<usize>().is_err() => Some(key.as_str()),
            _ => None,
        })
    }
}

fn any_below(value: &Value, steps: &[Step], found: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return found(value) };
    match (step, value) {
        (Step::Key(key), Value::Object(fields)) => {
            fields.get(key.as_str()).is_some_and(|below| any_below(below, rest, found))
        }
        (Step::Key(key), Value::Array(items)) => {
            let below = key.parse::<usize>().ok().and_then(|index| items.get(index));
            below.is_some_and(|below| any_below(below, rest, found))
        }
        (Step::Any, Value::Object(fields)) => fields.values().any(|below| any_below(below, rest, found)),
        (Step::Any, Value::Array(items)) => items.iter().any(|below| any_below(below, rest, found)),
        _ => false,
    }
}

impl fmt::Display for Place {
    /// As the filter language writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.part {
            Part::Payload => "data",
            Part::Metadata => "meta",
        })?;
        for step in &self.steps {
            match step {
                Step::Any => f.write_str(".*")?,
                Step::Key(key) if !key.is_empty() && key.chars().all(is_bare) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, ".{}", quoted(key))?,
            }
        }
        Ok(())
    }
}

/// True for the signs of a key that needs no quotes.
pub(super) fn is_bare(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '$' | '@')
}

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as the value of a comparison: in quotes where it would be read as something else.
pub(super) fn value_text(text: &str) -> String {
    let is_plain = !text.is_empty() && text.chars().all(|sign| is_bare(sign) || sign == '.');
    if is_plain && !is_number(text) && !matches!(text, "true" | "false" | "null") {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A name as a pattern that only it fits.
pub(super) fn name_text(name: &str) -> String {
    if !name.is_empty() && name.chars().all(|sign| is_bare(sign) || matches!(sign, '.' | '/' | ':' | '|')) {
        name.to_owned()
    } else {
        quoted(name)
    }
}
