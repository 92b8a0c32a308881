//! AES-GCM around payloads, as Python's `eventsourcing` lays it out: 12 bytes of nonce, 16 of tag, the ciphertext.
//!
//! The key comes out of the environment, `EVENTSCOPE_KEY` (base64), or out of the file that `EVENTSCOPE_KEY_FILE` names.
//! It is never given on a command line, never stored, and never shown.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::Aead;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A key of 16 or 32 bytes. Cheap to clone; it does not show what it is.
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    cipher: Cipher,
    mark: String,
}

enum Cipher {
    Short(Box<Aes128Gcm>),
    Long(Box<Aes256Gcm>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl Key {
    /// The key that the environment gives, `None` where it gives none.
    ///
    /// # Errors
    /// What is wrong with it, without its text.
    pub fn from_environment() -> Result<Option<Self>, String> {
        if let Some(text) = std::env::var_os("EVENTSCOPE_KEY") {
            return Self::parse(&text.to_string_lossy()).map(Some).map_err(|why| format!("EVENTSCOPE_KEY {why}"));
        }
        let Some(path) = std::env::var_os("EVENTSCOPE_KEY_FILE") else { return Ok(None) };
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("cannot read EVENTSCOPE_KEY_FILE: {error}"))?;
        Self::parse(&text).map(Some).map_err(|why| format!("the key in EVENTSCOPE_KEY_FILE {why}"))
    }

    /// A key in base64.
    ///
    /// # Errors
    /// What is wrong with it, without its text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = base64(text.trim()).ok_or("is no base64")?;
        let wrong = || format!("has {} bytes: it must have 16 or 32", bytes.len());
        let cipher = match bytes.len() {
            16 => Cipher::Short(Box::new(Aes128Gcm::new_from_slice(&bytes).map_err(|_| wrong())?)),
            32 => Cipher::Long(Box::new(Aes256Gcm::new_from_slice(&bytes).map_err(|_| wrong())?)),
            _ => return Err(wrong()),
        };
        // 32 bits of a hash tell two keys apart, and say nothing of either.
        let mark = blake3::derive_key("eventscope: which key", &bytes);
        Ok(Self(Arc::new(Inner { cipher, mark: super::object::hex(&mark[..4]) })))
    }

    /// 8 hex digits that tell this key from another one, and nothing about it.
    pub(super) fn mark(&self) -> String {
        self.0.mark.clone()
    }

    /// The plain bytes, `None` where the key is not that of these bytes.
    pub(super) fn decrypt(&self, stored: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = stored.split_at_checked(NONCE_BYTES)?;
        let (tag, text) = rest.split_at_checked(TAG_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let joined = [text, tag].concat();
        match &self.0.cipher {
            Cipher::Short(cipher) => cipher.decrypt(&nonce.into(), joined.as_slice()).ok(),
            Cipher::Long(cipher) => cipher.decrypt(&nonce.into(), joined.as_slice()).ok(),
        }
    }
}

/// The bytes of base64 in either alphabet, `None` where it is none.
fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, held) = (((bits << 6) | u32::from(six)) & 0xffff, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
