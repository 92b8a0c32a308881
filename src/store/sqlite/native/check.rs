//! What an append or a snapshot must satisfy before the log is touched.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::append::Append;
use crate::error::{Error, Result};
use crate::event::{StreamId, Value};
use crate::limits;

/// Checks names, sizes and JSON of everything that is to be appended.
pub(super) fn appends(appends: &[Append]) -> Result<()> {
    let events: usize = appends.iter().map(|append| append.events.len()).sum();
    if events > limits::APPEND_EVENTS_MAX {
        let max = limits::APPEND_EVENTS_MAX;
        return Err(Error::Input(format!("{events} events in one append (at most {max}: append them in batches)")));
    }
    for append in appends {
        stream_name(&append.stream)?;
        if append.events.is_empty() {
            return Err(Error::Input(format!("no events to append to stream \"{}\"", append.stream)));
        }
        for event in &append.events {
            let place = || format!("event for stream \"{}\"", append.stream);
            name("event type", &event.event_type).map_err(|error| error.context(place()))?;
            if let Some(id) = &event.id {
                name("event id", id).map_err(|error| error.context(place()))?;
            }
            json("data", &event.data).map_err(|error| error.context(place()))?;
            if let Some(metadata) = &event.metadata {
                json("metadata", metadata).map_err(|error| error.context(place()))?;
            }
        }
    }
    Ok(())
}

/// Checks the name of a stream.
pub(super) fn stream_name(stream: &StreamId) -> Result<()> {
    name("stream name", stream.as_str())
}

/// Checks a name: not empty, not too long, and without the one character that SQLite's text functions stop at.
pub(super) fn name(what: &str, text: &str) -> Result<()> {
    let max = limits::NAME_BYTES_MAX;
    if text.is_empty() {
        Err(Error::Input(format!("the {what} is empty")))
    } else if text.len() > max {
        Err(Error::Input(format!("the {what} has {} bytes (at most {max})", text.len())))
    } else if text.contains('\0') {
        Err(Error::Input(format!("the {what} holds a NUL character")))
    } else {
        Ok(())
    }
}

/// Checks that these bytes are one JSON value that the program can read again.
fn json(what: &str, bytes: &[u8]) -> Result<()> {
    if bytes.len() > limits::PAYLOAD_BYTES_MAX {
        let max = limits::PAYLOAD_BYTES_MAX;
        return Err(Error::Input(format!("the {what} has {} bytes (at most {max})", bytes.len())));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::Input(format!("the {what} is not JSON: it is not UTF-8 ({error})")))?;
    let invalid = |error| Error::Input(format!("the {what} is not JSON: {error}"));
    // Walks the text without building anything and without recursion.
    serde_json::from_str::<IgnoredAny>(text).map_err(invalid)?;
    let max = limits::PAYLOAD_DEPTH_MAX;
    // As deep as there are opening brackets, at most: where those are few, nobody need look which of them nest.
    let opening = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if opening > max {
        let depth = crate::event::nesting(text);
        if depth > max {
            return Err(Error::Input(format!("the {what} is nested {depth} deep (at most {max})")));
        }
    }
    if text.contains("\\u") {
        // Half of a surrogate pair passes the walk, but is no character.
        parse(text).map_err(invalid)?;
    }
    Ok(())
}

/// Parses JSON up to the nesting that is accepted: deeper than the parser's own bound, and safe for the stack.
pub(crate) fn parse(json: &str) -> serde_json::Result<Value> {
    if crate::event::nesting(json) > limits::PAYLOAD_DEPTH_MAX {
        return Err(serde::de::Error::custom(format_args!("nested deeper than {}", limits::PAYLOAD_DEPTH_MAX)));
    }
    let mut parser = serde_json::Deserializer::from_str(json);
    parser.disable_recursion_limit();
    let value = Value::deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}
