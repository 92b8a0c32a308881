//! Merging a JSON text into a value (RFC 7396) without making a value of it first.
//!
//! A text is read once into marks, and only a text that is sound and simple is merged: what has escapes, exponents, a key
//! twice, or is no object is left to the parser. So nothing is changed before all of it is known to be good.

use crate::event::Value;

/// Nesting up to which a text is simple.
const DEPTH_MAX: usize = 32;
/// Keys of one object up to which each is compared with those before it.
const KEYS_MAX: usize = 32;

#[derive(Clone, Copy)]
enum Mark {
    /// A key: its bytes, without quotes.
    Key(u32, u32),
    Text(u32, u32),
    Number(u32, u32),
    True,
    False,
    Null,
    /// An array: its bytes, with brackets.
    Array(u32, u32),
    Open,
    Close,
}

/// A text that was read into marks. It keeps its memory from text to text.
#[derive(Default)]
pub(super) struct Patch {
    marks: Vec<Mark>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Patch {
    /// Merges a text into a value; false where it is not simple, or its outermost object has a key that `is_special`, and
    /// then nothing has changed.
    pub(super) fn merge(&mut self, text: &str, target: &mut Value, is_special: &dyn Fn(&str) -> bool) -> bool {
        self.marks.clear();
        let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
        let simple = u32::try_from(text.len()).is_ok() && self.read(&mut reader).is_some();
        if !simple || self.has_outer_key(text, is_special) {
            return false;
        }
        let mut next = 1;
        apply(&self.marks, &mut next, text, target)
    }

    fn has_outer_key(&self, text: &str, is_special: &dyn Fn(&str) -> bool) -> bool {
        let mut depth = 0_usize;
        self.marks.iter().any(|mark| {
            match mark {
                Mark::Open => depth += 1,
                Mark::Close => depth = depth.saturating_sub(1),
                Mark::Key(from, to) => return depth == 1 && is_special(part(text, *from, *to)),
                _ => {}
            }
            false
        })
    }

    /// An object and nothing after it.
    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        reader.space();
        (reader.bytes.get(reader.at) == Some(&b'{')).then_some(())?;
        self.object(reader, 1)?;
        reader.space();
        (reader.at == reader.bytes.len()).then_some(())
    }

    fn object(&mut self, reader: &mut Reader<'_>, depth: usize) -> Option<()> {
        reader.take(b'{')?;
        self.marks.push(Mark::Open);
        let mut keys = [(0_usize, 0_usize); KEYS_MAX];
        let mut count = 0;
        reader.space();
        if reader.bytes.get(reader.at) == Some(&b'}') {
            reader.at += 1;
            self.marks.push(Mark::Close);
            return Some(());
        }
        loop {
            reader.space();
            let (from, to) = reader.string()?;
            let key = reader.bytes.get(from..to)?;
            if count == KEYS_MAX || keys[..count].iter().any(|known| reader.bytes.get(known.0..known.1) == Some(key)) {
                return None;
            }
            keys[count] = (from, to);
            count += 1;
            self.marks.push(Mark::Key(place(from), place(to)));
            reader.space();
            reader.take(b':')?;
            reader.space();
            self.value(reader, depth)?;
            reader.space();
            match reader.bytes.get(reader.at)? {
                b',' => reader.at += 1,
                b'}' => {
                    reader.at += 1;
                    self.marks.push(Mark::Close);
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn value(&mut self, reader: &mut Reader<'_>, depth: usize) -> Option<()> {
        let mark = match reader.bytes.get(reader.at)? {
            b'"' => {
                let (from, to) = reader.string()?;
                Mark::Text(place(from), place(to))
            }
            b'{' if depth < DEPTH_MAX => return self.object(reader, depth + 1),
            b'[' => {
                let (from, to) = reader.array()?;
                Mark::Array(place(from), place(to))
            }
            b't' => reader.word(b"true", Mark::True)?,
            b'f' => reader.word(b"false", Mark::False)?,
            b'n' => reader.word(b"null", Mark::Null)?,
            _ => {
                let (from, to) = reader.number()?;
                Mark::Number(place(from), place(to))
            }
        };
        self.marks.push(mark);
        Some(())
    }
}

impl Reader<'_> {
    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (*self.bytes.get(self.at)? == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8], mark: Mark) -> Option<Mark> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())?;
        Some(mark)
    }

    /// A string without escapes: where its bytes are.
    fn string(&mut self) -> Option<(usize, usize)> {
        self.take(b'"')?;
        let from = self.at;
        let length = self.bytes.get(from..)?.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < 0x20)?;
        self.at = from + length;
        let to = self.at;
        self.take(b'"')?;
        Some((from, to))
    }

    /// A number without an exponent, and not a negative zero.
    fn number(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.digits()?;
        let leads_with_zero = self.bytes.get(whole.0) == Some(&b'0');
        if leads_with_zero && (whole.1 - whole.0 > 1 || from < whole.0) {
            return None;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            return None;
        }
        Some((from, self.at))
    }

    fn digits(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > from).then_some((from, self.at))
    }

    /// An array that the parser takes: where its bytes are.
    fn array(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        let mut stream =
            serde_json::Deserializer::from_slice(self.bytes.get(from..)?).into_iter::<serde::de::IgnoredAny>();
        stream.next()?.ok()?;
        self.at = from + stream.byte_offset();
        Some((from, self.at))
    }
}

/// A place in a text whose length fits.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn part(text: &str, from: u32, to: u32) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

/// Merges the object whose marks begin at `next` into a value. False where a part turned out to be none after all, which
/// the reader has ruled out.
fn apply(marks: &[Mark], next: &mut usize, text: &str, target: &mut Value) -> bool {
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(map) = target else { return false };
    let mut whole = true;
    while let Some(mark) = marks.get(*next) {
        *next += 1;
        let Mark::Key(from, to) = *mark else { return whole };
        let key = part(text, from, to);
        let Some(value) = marks.get(*next) else { return false };
        *next += 1;
        match *value {
            // Keeps the order of the other keys.
            Mark::Null => drop(map.shift_remove(key)),
            Mark::Open => {
                if let Some(slot) = map.get_mut(key) {
                    whole &= apply(marks, next, text, slot);
                } else {
                    let mut fresh = Value::Null;
                    whole &= apply(marks, next, text, &mut fresh);
                    map.insert(key.to_owned(), fresh);
                }
            }
            leaf => {
                if let Some(slot) = map.get_mut(key) {
                    whole &= set(slot, leaf, text);
                } else {
                    let mut fresh = Value::Null;
                    whole &= set(&mut fresh, leaf, text);
                    map.insert(key.to_owned(), fresh);
                }
            }
        }
    }
    whole
}

fn set(slot: &mut Value, leaf: Mark, text: &str) -> bool {
    match leaf {
        Mark::Text(from, to) => {
            let new = part(text, from, to);
            if let Value::String(old) = slot {
                if old != new {
                    old.clear();
                    old.push_str(new);
                }
            } else {
                *slot = Value::String(new.to_owned());
            }
        }
        Mark::Number(from, to) => {
            let new = part(text, from, to);
            if matches!(slot, Value::Number(old) if old.as_str() == new) {
                return true;
            }
            let Ok(number) = new.parse::<serde_json::Number>() else { return false };
            *slot = Value::Number(number);
        }
        Mark::Array(from, to) => {
            let Ok(items) = serde_json::from_str(part(text, from, to)) else { return false };
            *slot = items;
        }
        Mark::True => *slot = Value::Bool(true),
        Mark::False => *slot = Value::Bool(false),
        Mark::Key(..) | Mark::Null | Mark::Open | Mark::Close => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::auto::merge;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn texts() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][0-9])?",
            "\"[a-c\\u{e4} ]{0,3}\"",
            Just("\"\\\\n\\\"\"".to_owned()),
            Just("007".to_owned()),
            Just("[1, {\"a\": null}]".to_owned()),
            Just("[1,]".to_owned()),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop::collection::vec(("[a-d]", inner, "[ \\n]?"), 0..5).prop_map(|parts| {
                let parts: Vec<String> = parts
                    .into_iter()
                    .map(|(key, value, space)| format!("{space}\"{key}\"{space}:{value}{space}"))
                    .collect();
                format!("{{{}}}", parts.join(","))
            })
        })
    }

    proptest! {
        #[test]
        fn it_merges_as_the_parser_would_or_not_at_all(first in texts(), second in texts(), junk in "[ }x]{0,2}") {
            let mut patch = Patch::default();
            let mut state = json!({"a": {"b": 1}, "c": "x", "d": [1]});
            for text in [first, second.clone() + &junk, second] {
                let (mut expected, before) = (state.clone(), state.clone());
                let parsed = serde_json::from_str::<Value>(&text);
                if patch.merge(&text, &mut state, &|_| false) {
                    merge(&mut expected, parsed.unwrap());
                    prop_assert_eq!(&state, &expected);
                    prop_assert_eq!(state.to_string(), expected.to_string());
                } else {
                    prop_assert_eq!(&state, &before);
                }
            }
        }
    }

    #[test]
    fn what_is_common_is_simple() {
        let mut patch = Patch::default();
        let mut state = Value::Null;
        assert!(patch.merge(
            r#" {"a": 12.50, "b": {"c": [1, 2], "d": null}, "e": "käufer", "f": true } "#,
            &mut state,
            &|_| false
        ));
        assert!(!patch.merge(r#"{"g": 1, "h": {"a": 1}}"#, &mut state, &|key| key == "h"));
        assert!(patch.merge(r#"{"b": {"h": null}}"#, &mut state, &|key| key == "h"));
        assert_eq!(state.to_string(), r#"{"a":12.50,"b":{"c":[1,2]},"e":"käufer","f":true}"#);
        for other in
            ["[]", "1", "{\"a\":1} 2", "{\"a\":1,\"a\":2}", "{\"a\":1e5}", "{\"a\":\"\\n\"}", "{\"a\":}", "{", ""]
        {
            assert!(!patch.merge(other, &mut state, &|_| false), "{other}");
        }
    }
}
