//! What a workspace file says of payloads: how they are decoded (`[[decode]]`), brought up to date (`[[upcast]]`), and
//! what of them is hidden (`[mask]`).

use std::path::Path;

use super::mask::Masks;
use crate::error::{Error, Result};

/// The parts of one workspace file that are about payloads, for one log.
#[derive(Debug)]
pub struct Settings {
    pub(super) masks: Masks,
    /// A hash of all that changes what an event is taken for.
    fingerprint: String,
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Settings {}

impl Settings {
    /// The settings in the text of a workspace file, for a log of this layout; none where it says nothing of payloads.
    /// `path` is that file, for messages and for the files that it names.
    ///
    /// # Errors
    /// `Input` where the text or a file that it names is malformed, or cannot be read.
    pub fn parse(path: &Path, text: &str, masking: Masking) -> Result<Option<Self>> {
        let malformed = |why: String| Error::Input(format!("{}: {why}", path.display()));
        let table: toml::Table = toml::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let mut hasher = blake3::Hasher::new();
        let masks = match (table.get("mask"), masking) {
            (Some(part), Masking::On) => {
                hasher.update(b"mask").update(part.to_string().as_bytes());
                Masks::parse(part).map_err(|error| malformed(error.to_string()))?
            }
            _ => Masks::default(),
        };
        if masks.is_empty() {
            return Ok(None);
        }
        let fingerprint = hasher.finalize().to_hex().get(..8).unwrap_or_default().to_owned();
        Ok(Some(Self { masks, fingerprint }))
    }

    /// What it does, one fact each.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        if self.masks.is_empty() {
            return Vec::new();
        }
        vec!["the workspace file masks parts of payloads".to_owned()]
    }

    /// 8 hex digits that change with what an event is taken for.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Whether masks hide anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Masking {
    /// What `[mask]` names is hidden.
    #[default]
    On,
    /// Everything is shown: somebody asked for that in so many words.
    Off,
}
