//! Events of one chunk, as bytes and back.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Seq, Time};
use crate::store::seal::put;

/// What stands for the length of metadata that is not there.
const NONE: u64 = u64::MAX;

/// Compresses the bytes of a chunk.
///
/// # Errors
/// `Other`: never, as it writes into memory.
pub(super) fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Adds an event to the bytes of a chunk.
pub(super) fn add(bytes: &mut Vec<u8>, raw: &RawEvent<'_>) {
    put(bytes, raw, raw.seq.number().unwrap_or_default());
}

/// The events of a chunk; `bytes_max` bounds what damaged data may unfold to.
///
/// # Errors
/// `Corrupt`.
pub(super) fn unpack(packed: &[u8], bytes_max: u64) -> Result<EventBatch> {
    let damaged = || Error::Corrupt("a chunk of the archive is damaged (restore a copy of the archive)".to_owned());
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed).take(bytes_max + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
    if bytes.len() as u64 > bytes_max {
        return Err(damaged());
    }
    let (mut batch, mut left) = (EventBatch::new(), bytes.as_slice());
    while !left.is_empty() {
        let event = event(&mut left).ok_or_else(damaged)?;
        batch.push(&event);
    }
    Ok(batch)
}

fn event<'a>(left: &mut &'a [u8]) -> Option<RawEvent<'a>> {
    let (position, version, time) = (number(left)?, number(left)?, number(left)?);
    let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).ok();
    let (stream, event_type, id) = (text(field(left)?)?, text(field(left)?)?, text(field(left)?)?);
    let data = field(left)?;
    let metadata = if left.get(..8)? == NONE.to_le_bytes() {
        *left = left.get(8..)?;
        None
    } else {
        Some(field(left)?)
    };
    Some(RawEvent {
        category: None,
        seq: Seq::Number(position),
        stream,
        version: Some(version),
        event_type,
        time: Some(Time(time)),
        id: Some(id),
        data,
        metadata,
    })
}

fn number(left: &mut &[u8]) -> Option<i64> {
    let (bytes, rest) = left.split_first_chunk::<8>()?;
    *left = rest;
    Some(i64::from_le_bytes(*bytes))
}

fn field<'a>(left: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_le_bytes(number(left)?.to_le_bytes())).ok()?;
    let (field, rest) = left.split_at_checked(length)?;
    *left = rest;
    Some(field)
}
