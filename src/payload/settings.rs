//! What a workspace file says of payloads: how they are decoded (`[[decode]]`), brought up to date (`[[upcast]]`), and
//! what of them is hidden (`[mask]`).

use std::path::Path;
use std::sync::OnceLock;

use super::mask::Masks;
use super::rule::Rule;
use super::upcast::Upcaster;
use crate::error::{Error, Result};
use crate::limits::SETTINGS_MAX;

/// The parts of one workspace file that are about payloads, for one log.
#[derive(Debug)]
pub struct Settings {
    pub(super) rules: Vec<Rule>,
    pub(super) upcasters: Vec<Upcaster>,
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
    /// The settings in the text of a workspace file, for a log of this layout; none where it says nothing of its payloads.
    /// `path` is that file, for messages and for the files that it names.
    ///
    /// # Errors
    /// `Input` where the text or a file that it names is malformed, or cannot be read.
    pub fn parse(path: &Path, text: &str, layout: &str, masking: Masking) -> Result<Option<Self>> {
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
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut rules = Vec::new();
        for part in entries(&table, "decode").map_err(malformed)? {
            hasher.update(b"decode").update(part.to_string().as_bytes());
            rules.extend(Rule::parse(part, folder, layout, &mut hasher).map_err(|error| malformed(error.to_string()))?);
        }
        let mut upcasters = Vec::new();
        for part in entries(&table, "upcast").map_err(malformed)? {
            hasher.update(b"upcast").update(part.to_string().as_bytes());
            let upcaster = Upcaster::parse(part, folder, layout, &mut hasher);
            upcasters.extend(upcaster.map_err(|error| malformed(error.to_string()))?);
        }
        if masks.is_empty() && rules.is_empty() && upcasters.is_empty() {
            return Ok(None);
        }
        let fingerprint = hasher.finalize().to_hex().get(..8).unwrap_or_default().to_owned();
        Ok(Some(Self { rules, upcasters, masks, fingerprint }))
    }

    /// What it does, one fact each.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let masks = (!self.masks.is_empty())
            .then(|| "the workspace file masks parts of payloads (--unmask shows them)".to_owned());
        let upcasts = self.upcasters.iter().map(|upcaster| format!("the workspace file upcasts {}", upcaster.said));
        self.rules.iter().map(Rule::fact).chain(upcasts).chain(masks).collect()
    }

    /// The rule for events of this type, or for snapshots.
    pub(super) fn rule(&self, event_type: Option<&str>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(event_type))
    }

    /// 8 hex digits that change with what an event is taken for.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The entries of a list of tables, none where the file has no such list.
fn entries<'a>(table: &'a toml::Table, name: &str) -> std::result::Result<&'a [toml::Value], String> {
    let Some(part) = table.get(name) else { return Ok(&[]) };
    let list = part.as_array().ok_or_else(|| format!("{name} is no list: write [[{name}]] above each entry"))?;
    if list.len() > SETTINGS_MAX {
        return Err(format!("[[{name}]] has {} entries, more than the {SETTINGS_MAX} that are used", list.len()));
    }
    Ok(list)
}

/// Set where the whole program was asked to show everything.
static UNMASKED: OnceLock<()> = OnceLock::new();

/// Whether masks hide anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Masking {
    /// What `[mask]` names is hidden.
    #[default]
    On,
    /// Everything is shown: somebody asked for that in so many words.
    Off,
}

impl Masking {
    /// Shows everything from now on, in every log that this program opens: for an explicit flag, and nothing else.
    pub fn switch_off() {
        // A second time changes nothing.
        let _ = UNMASKED.set(());
    }

    /// What holds for the logs that this program opens.
    #[must_use]
    pub fn of_program() -> Self {
        if UNMASKED.get().is_some() { Self::Off } else { Self::On }
    }
}
