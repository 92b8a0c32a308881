//! Payloads in formats that do not describe themselves: their size, and the text that shows through.

use serde_json::json;

use super::object::hex;
use crate::event::Value;

/// Letters that a run of text has at least: fewer come about by chance.
const RUN_CHARS_MIN: usize = 4;
/// Runs that are shown.
const RUNS_MAX: usize = 8;
/// Letters of one run that are shown.
const RUN_CHARS_MAX: usize = 60;

/// What stands before the text in a fault.
const WITH_TEXT: &str = ", with the text ";

/// A fault without the text that it shows.
pub(super) fn without_text(fault: &str) -> String {
    fault.split_once(WITH_TEXT).map_or(fault, |(fault, _)| fault).to_owned()
}

/// Null for an empty payload; a fault that says what the bytes are for any other.
pub(super) fn value(stored: &[u8], what: &str) -> Result<(Value, String), String> {
    if stored.is_empty() {
        return Ok((Value::Null, "empty".to_owned()));
    }
    let runs: Vec<String> = runs(stored).iter().map(|run| format!("\"{run}\"")).collect();
    let text = if runs.is_empty() { String::new() } else { format!("{WITH_TEXT}{}", runs.join(", ")) };
    Err(format!("{what}: {} bytes{text}", stored.len()))
}

/// Metadata of that kind: its bytes, and its text.
pub(super) fn any(stored: &[u8]) -> Value {
    match super::json::any(stored) {
        Value::String(_) => json!({"bytes": hex(stored), "text": runs(stored)}),
        other => other,
    }
}

/// Runs of text in bytes, the first few.
fn runs(stored: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stored);
    text.split(|letter: char| letter.is_control() || letter == char::REPLACEMENT_CHARACTER)
        .filter(|run| run.chars().count() >= RUN_CHARS_MIN)
        .take(RUNS_MAX)
        .map(|run| run.chars().take(RUN_CHARS_MAX).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shows_through_and_bytes_are_counted() {
        let fault = value(b"\x0dJos\xc3\xa9 \xc3\x91and\xc3\xba\x03EUR\x00", "bitcode").unwrap_err();
        assert_eq!(fault, "bitcode: 19 bytes, with the text \"Jos\u{e9} \u{d1}and\u{fa}\"");
        assert_eq!(value(&[1, 255], "bitcode").unwrap_err(), "bitcode: 2 bytes");
        assert_eq!(value(b"", "bitcode").unwrap(), (Value::Null, "empty".to_owned()));
        assert_eq!(any(b"\x01user"), json!({"bytes": "0175736572", "text": ["user"]}));
    }
}
