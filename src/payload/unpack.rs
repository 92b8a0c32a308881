//! Compression in front of JSON: zlib and gzip, recognised by their first bytes and bounded when unpacked.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::limits::PAYLOAD_BYTES_MAX;

/// A payload without its compression.
pub(super) struct Opened<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    packing: &'static str,
}

impl Opened<'_> {
    /// What parsing it as JSON amounts to: `JSON`, `zlib, JSON`, `empty`.
    pub(super) fn decoded_by(&self) -> String {
        match (self.packing, self.bytes.is_empty()) {
            ("", true) => "empty".to_owned(),
            ("", false) => "JSON".to_owned(),
            (packing, true) => format!("{packing}, empty"),
            (packing, false) => format!("{packing}, JSON"),
        }
    }

    /// The compression alone, empty where there is none.
    pub(super) fn unpacked_by(&self) -> &'static str {
        self.packing
    }
}

/// Takes compression off. Bytes that only look compressed are handed on as they are.
pub(super) fn unpack(stored: &[u8]) -> Result<Opened<'_>, String> {
    if stored.len() > PAYLOAD_BYTES_MAX {
        return Err(format!(
            "{} bytes: larger than the {} MiB that are decoded",
            stored.len(),
            PAYLOAD_BYTES_MAX >> 20
        ));
    }
    let unpacked = match stored {
        [0x1f, 0x8b, 8, ..] => inflate(GzDecoder::new(stored), "gzip")?,
        // RFC 1950: method 8, a window of at most 32 KiB, and the first two bytes a multiple of 31.
        [method, flags, ..]
            if method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31) =>
        {
            inflate(ZlibDecoder::new(stored), "zlib")?
        }
        _ => None,
    };
    Ok(unpacked.unwrap_or(Opened { bytes: Cow::Borrowed(stored), packing: "" }))
}

/// Bytes as deflate alone unpacks them: that has no mark of its own, so the caller must see that the result is something.
pub(super) fn deflated(stored: &[u8]) -> Option<Vec<u8>> {
    let unpacked = inflate(DeflateDecoder::new(stored), "deflate").ok().flatten()?;
    Some(unpacked.bytes.into_owned())
}

fn inflate(decoder: impl Read, packing: &'static str) -> Result<Option<Opened<'static>>, String> {
    let mut bytes = Vec::new();
    match decoder.take(PAYLOAD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > PAYLOAD_BYTES_MAX => {
            Err(format!("{packing}: unpacks to more than the {} MiB that are decoded", PAYLOAD_BYTES_MAX >> 20))
        }
        Ok(_) => Ok(Some(Opened { bytes: Cow::Owned(bytes), packing })),
        Err(_) => Ok(None),
    }
}
