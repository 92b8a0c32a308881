//! Whether an event mentions one of some ids at all: found in its bytes, without parsing them. Of a million events a few
//! do, and only those are looked at closely.

use std::collections::HashSet;

use crate::event::RawEvent;

/// Ids by their hashes. It may say yes where there is none, and never no where there is one.
#[derive(Default)]
pub(super) struct Mentions(HashSet<u64>);

impl Mentions {
    pub(super) fn add(&mut self, id: &str) {
        self.0.insert(id.bytes().fold(EMPTY, hashed));
    }

    /// True where the metadata or the payload may hold one of the ids.
    pub(super) fn are_in(&self, raw: &RawEvent<'_>) -> bool {
        raw.metadata.is_some_and(|metadata| self.are_in_bytes(metadata)) || self.are_in_bytes(raw.data)
    }

    fn are_in_bytes(&self, bytes: &[u8]) -> bool {
        let Some(first) = bytes.first() else { return false };
        // Packed or binary, or with escapes in it: only parsing tells.
        if !matches!(first, b'{' | b'[') || bytes.contains(&ESCAPE) {
            return true;
        }
        // Strings, and what stands between signs outside of them: numbers.
        let (mut hash, mut in_string) = (EMPTY, false);
        for byte in bytes {
            let ends = match byte {
                b'"' => {
                    in_string = !in_string;
                    true
                }
                b',' | b':' | b'{' | b'}' | b'[' | b']' => !in_string,
                byte => !in_string && byte.is_ascii_whitespace(),
            };
            if !ends {
                hash = hashed(hash, *byte);
                continue;
            }
            if hash != EMPTY && self.0.contains(&hash) {
                return true;
            }
            hash = EMPTY;
        }
        false
    }
}

const ESCAPE: u8 = b'\\';
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a without dashes and without case, so that a UUID is the same however it is written.
fn hashed(hash: u64, byte: u8) -> u64 {
    match byte {
        b'-' => hash,
        byte => (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_however_it_is_written() {
        let mut ids = Mentions::default();
        for id in ["5A0C-1f", "77", "order: 7, late"] {
            ids.add(id);
        }
        let found = [
            r#"{"a":"5a0c1F"}"#,
            r#"{"a": "5A0C-1f", "b": 1}"#,
            r#"{"a":[77]}"#,
            r#"{"a":"order: 7, late"}"#,
            r#"{"a":"\u0035"}"#,
            "packed",
        ];
        for text in found {
            assert!(ids.are_in_bytes(text.as_bytes()), "{text}");
        }
        for text in [r#"{"a":"5a0c1"}"#, r#"{"a":"x5a0c1f"}"#, r#"{"a":770}"#, r#"{"a":"order"}"#, "{}", ""] {
            assert!(!ids.are_in_bytes(text.as_bytes()), "{text}");
        }
    }
}
