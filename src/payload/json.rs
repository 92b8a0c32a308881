//! JSON with every digit and the order of its keys, to a depth that cannot overflow a stack.

use serde::Deserialize;

use super::unpack::Opened;
use crate::event::Value;
use crate::limits::PAYLOAD_DEPTH_MAX;

/// Parses an unpacked payload; `stored` is its size as stored, for the message.
pub(super) fn parse(opened: &Opened<'_>, stored: usize) -> Result<Value, String> {
    let bytes = opened.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&opened.bytes);
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    if depth_exceeds(bytes, PAYLOAD_DEPTH_MAX) {
        return Err(format!("nested deeper than the {PAYLOAD_DEPTH_MAX} levels that are decoded"));
    }
    let unknown = || match opened.unpacked_by() {
        "" => format!("not JSON, zlib or gzip: {stored} bytes, encrypted or in a format that is not known"),
        packing => format!("{packing}, then not JSON: {} bytes in a format that is not known", bytes.len()),
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if begins_like_json(bytes) => {
            return Err(format!("JSON with a byte that is not UTF-8, at byte {}", error.valid_up_to()));
        }
        Err(_) => return Err(unknown()),
    };
    value(text).map_err(|error| if begins_like_json(bytes) { format!("malformed JSON: {error}") } else { unknown() })
}

/// The object in bytes that are JSON, nothing where they are none.
pub(super) fn text(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| !depth_exceeds(bytes, PAYLOAD_DEPTH_MAX))?;
    value(text).ok().filter(Value::is_object)
}

/// What somebody stored beside the payload: JSON where it is JSON, else its text.
pub(super) fn any(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    let Ok(opened) = super::unpack::unpack(bytes) else { return text_of(bytes) };
    match parse(&opened, bytes.len()) {
        Ok(value) => value,
        Err(_) => super::other_form(&opened).map_or_else(|| text_of(bytes), |(value, _)| value),
    }
}

fn text_of(bytes: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(bytes).into_owned())
}

fn value(text: &str) -> serde_json::Result<Value> {
    let mut parser = serde_json::Deserializer::from_str(text);
    // The depth was checked before.
    parser.disable_recursion_limit();
    let value = Value::deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

/// True for what is JSON with a slip in it. Encrypted bytes may begin like JSON by chance, and do not read like text.
fn begins_like_json(bytes: &[u8]) -> bool {
    /// Enough to tell text from noise, of which every second byte is none.
    const LOOKED_AT: usize = 256;
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]);
    let strange = head
        .chars()
        .filter(|char| *char == char::REPLACEMENT_CHARACTER || (char.is_control() && !char.is_whitespace()))
        .count();
    matches!(first, Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'))
        && strange <= 1 + head.len() / 32
}

/// True where brackets outside strings nest deeper than `depth_max`. It overestimates at most, and only for malformed
/// text.
fn depth_exceeds(bytes: &[u8], depth_max: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_max {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
