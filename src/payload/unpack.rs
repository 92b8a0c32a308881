//! Compression in front of a payload: zlib, gzip and zstd, recognised by their first bytes, and deflate, which has none;
//! bounded when unpacked.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

use crate::limits::PAYLOAD_BYTES_MAX;

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A payload without its compression.
pub(super) struct Opened<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    packing: &'static str,
}

impl<'a> Opened<'a> {
    /// A payload that has none.
    pub(super) fn plain(stored: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(stored), packing: "" }
    }

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
        return Err(too_large(stored.len()));
    }
    let unpacked = match stored {
        [0x1f, 0x8b, 8, ..] => open(stored, "gzip")?,
        // RFC 1950: method 8, a window of at most 32 KiB, and the first two bytes a multiple of 31.
        [method, flags, ..]
            if method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31) =>
        {
            open(stored, "zlib")?
        }
        _ if stored.starts_with(&ZSTD_MAGIC) => open(stored, "zstd")?,
        _ => None,
    };
    Ok(unpacked.unwrap_or(Opened::plain(stored)))
}

/// Bytes as deflate alone unpacks them: that has no mark of its own, so the caller must see that the result is something.
pub(super) fn deflated(stored: &[u8]) -> Option<Vec<u8>> {
    let unpacked = open(stored, "deflate").ok().flatten()?;
    Some(unpacked.bytes.into_owned())
}

/// The compression of this name.
pub(super) fn known(name: &str) -> Option<&'static str> {
    ["zlib", "gzip", "deflate", "zstd"].into_iter().find(|known| *known == name)
}

/// Takes this compression off, one of those that are [`known`].
///
/// # Errors
/// Where the bytes are not packed so.
pub(super) fn forced(stored: &[u8], packing: &'static str) -> Result<Opened<'static>, String> {
    if stored.len() > PAYLOAD_BYTES_MAX {
        return Err(too_large(stored.len()));
    }
    open(stored, packing)?.ok_or_else(|| format!("{packing}: the {} bytes are not packed so", stored.len()))
}

fn too_large(len: usize) -> String {
    format!("{len} bytes: larger than the {} MiB that are decoded", PAYLOAD_BYTES_MAX >> 20)
}

/// Nothing where the bytes are not packed so; an error where they unpack to too much.
fn open(stored: &[u8], packing: &'static str) -> Result<Option<Opened<'static>>, String> {
    match packing {
        "gzip" => inflate(GzDecoder::new(stored), packing),
        "zlib" => inflate(ZlibDecoder::new(stored), packing),
        "deflate" => inflate(DeflateDecoder::new(stored), packing),
        _ => {
            // A frame that says that its window is larger is not begun with.
            match StreamingDecoder::new_with_max_window_size(stored, PAYLOAD_BYTES_MAX as u64) {
                Ok(decoder) => inflate(decoder, packing),
                Err(_) => Ok(None),
            }
        }
    }
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
