//! An anchor: a place in a log and the hash of the seal that ends there, kept outside of the log.
//!
//! Seals show a change by whoever does not compute them anew. Who can write to the file could: against that helps only
//! what stands where they cannot write, such as a commit, a ticket or a mail. An anchor is short enough for all of these,
//! and stands for every event up to it.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use super::EventLog;
use super::seal::Hash;
use crate::error::{Error, Result};

/// The end of a seal, and its hash. As text: `POSITION:HASH`, the hash in hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// The position of the last event that it stands for.
    pub position: i64,
    /// The hash of the seal that ends there, which holds those of all seals before.
    pub hash: Hash,
}

impl Anchor {
    /// How the log contradicts the anchor, in words; `None` where it holds. Whether the log's events are those of its
    /// seals is [`super::verify`]'s to find.
    ///
    /// # Errors
    /// As every read.
    pub fn contradiction(&self, log: &mut dyn EventLog) -> Result<Option<String>> {
        let seals = log.seals(self.position - 1, 1)?;
        let position = self.position;
        Ok(match seals.first() {
            Some(seal) if seal.last == position && seal.hash == self.hash => None,
            Some(seal) if seal.last == position => {
                Some(format!("the seal up to position {position} is not the anchored one: history was rewritten"))
            }
            _ => Some(format!("no seal ends at position {position}, where the anchor has one: it is another history")),
        })
    }
}

impl Display for Anchor {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.position, blake3::Hash::from_bytes(self.hash).to_hex())
    }
}

impl FromStr for Anchor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text.split_once(':').and_then(|(position, hash)| {
            let position = position.parse().ok().filter(|position| *position > 0)?;
            Some(Self { position, hash: *blake3::Hash::from_hex(hash).ok()?.as_bytes() })
        });
        parsed.ok_or_else(|| {
            Error::Input(format!(
                "\"{text}\" is no anchor (verify prints one: a position, a colon, 64 hexadecimal digits)"
            ))
        })
    }
}
