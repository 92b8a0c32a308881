//! Forms that do not say themselves what they are: they are decoded by what a workspace file names, a descriptor set or a
//! schema.

pub(super) mod avro;
mod avro_schema;
pub(super) mod descriptor;
pub(super) mod protobuf;
mod well_known;

use std::fmt::Write as _;

use crate::limits::{PAYLOAD_BINARY_DEPTH_MAX, PAYLOAD_VALUES_MAX};

/// What one payload may cost: values that are made, and how deep they nest.
struct Budget {
    values_left: usize,
}

impl Budget {
    fn new() -> Self {
        Self { values_left: PAYLOAD_VALUES_MAX }
    }

    /// Pays for one value.
    fn spend(&mut self) -> Result<(), String> {
        let left = self.values_left.checked_sub(1);
        self.values_left = left.ok_or_else(|| format!("more than the {PAYLOAD_VALUES_MAX} values that are decoded"))?;
        Ok(())
    }
}

fn check_depth(depth: usize) -> Result<(), String> {
    if depth > PAYLOAD_BINARY_DEPTH_MAX {
        return Err(format!("nested deeper than the {PAYLOAD_BINARY_DEPTH_MAX} levels that are decoded"));
    }
    Ok(())
}

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or("ends in the middle of a value")?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.try_into().map_err(|_| "ends in the middle of a value".to_owned())
    }

    /// A number in groups of seven bits, the lowest first: ten bytes at most.
    fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("has a number of more than 64 bits".to_owned())
    }

    /// A length, and as many bytes.
    fn counted(&mut self) -> Result<&'a [u8], String> {
        let len = usize::try_from(self.varint()?).map_err(|_| "ends in the middle of a value")?;
        self.take(len)
    }
}

/// A signed number out of one whose lowest bit is the sign.
fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// `2026-07-19`, of days since 1970.
fn date(days: i64) -> Option<String> {
    let microseconds = days.checked_mul(86_400_000_000)?;
    let text = crate::event::Time(microseconds).format("%Y-%m-%d");
    (!text.is_empty()).then_some(text)
}

/// `14:32:29.816`, of nanoseconds since midnight.
fn time_of_day(nanoseconds: i64) -> Option<String> {
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    if !(0..86_400).contains(&seconds) {
        return None;
    }
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    push_fraction(&mut text, nanoseconds.rem_euclid(1_000_000_000).unsigned_abs());
    Some(text)
}

/// The part of a second in as many digits as it needs.
fn push_fraction(text: &mut String, nanoseconds: u64) {
    if nanoseconds > 0 {
        let _ = write!(text, ".{nanoseconds:09}");
        text.truncate(text.trim_end_matches('0').len());
    }
}
