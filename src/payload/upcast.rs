//! Events of an older form, brought up to date before anybody folds them.
//!
//! ```toml
//! [[upcast]]
//! type = "OrderPlaced"                   # events of these types; * and ? as ever
//! version = 1                            # of this schema version; without it of any
//! to = 2                                 # what they are then: the next entry may go on from there
//! set = { "/currency" = { value = "EUR" }, "/customer/name" = "/data/name" }
//! remove = ["/name"]                     # set, merge, add, push and remove, as in rules of a reducer
//!
//! [[upcast]]
//! type = "OrderPlaced"
//! version = 2
//! to = 3
//! file = "upcasters/order-placed.js"     # export default (data, event) => data
//! version_at = "/data/schema"            # where an event says its version, if the usual places do not hold it
//! layout = "emmett"                      # in logs of this layout alone
//! ```
//!
//! An event says its schema version in its metadata or payload (`schema_version`, `event_version`, `class_version`, also in
//! other spellings); one that says none has version 1. All entries that fit apply, in the order of the file. What fails
//! marks the event, and no reducer sees it half changed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::event::{Event, Value};
use crate::limits::SCRIPT_BYTES_MAX;
use crate::reducer::pattern::matches;
use crate::reducer::rules::Rules;
use crate::reducer::{Reducer, javascript};

/// Where libraries keep the version of an event's schema: in the metadata, then in the payload.
const PLACES: [&str; 8] = [
    "schema_version",
    "schemaVersion",
    "event_version",
    "eventVersion",
    "class_version",
    "$schemaVersion",
    "message_schema_version",
    "x-schema-version",
];
/// What an entry may do without a file.
const DOES: [&str; 5] = ["set", "merge", "add", "push", "remove"];

/// One entry of `[[upcast]]`.
#[derive(Debug)]
pub(super) struct Upcaster {
    /// What it is for.
    pub(super) said: Upcast,
    version_at: Option<String>,
    step: Mutex<Step>,
}

/// What an upcaster is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upcast {
    /// The types, as a pattern.
    pub event_type: String,
    /// The schema version, none for any.
    pub version: Option<String>,
    /// The schema version that comes out of it.
    pub to: Option<String>,
    /// The script's file, none for rules.
    pub file: Option<String>,
}

enum Step {
    Rules(Box<dyn Reducer>),
    Script(Box<dyn Reducer>),
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rules(_) => "Rules",
            Self::Script(_) => "Script",
        })
    }
}

/// What became of an event.
#[derive(Default)]
pub(super) struct Outcome {
    /// The entries that applied, by their places in the file.
    pub(super) applied: Vec<usize>,
    /// The entry that failed, and why.
    pub(super) failed: Option<(usize, String)>,
    /// The payload as it is now.
    pub(super) data: Value,
}

impl Upcaster {
    /// Reads an entry; nothing where it is for other layouts. What it names is added to `hasher`.
    ///
    /// # Errors
    /// `Input` with what is wrong.
    pub(super) fn parse(
        part: &toml::Value,
        folder: &Path,
        layout: &str,
        hasher: &mut blake3::Hasher,
    ) -> Result<Option<Self>> {
        let wrong = |why: String| Error::Input(format!("[[upcast]]: {why}"));
        let mut table = part.as_table().cloned().ok_or_else(|| wrong("an entry is no table".to_owned()))?;
        let mut text = |key: &str| match table.remove(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(toml::Value::Integer(number)) if key == "version" || key == "to" => Ok(Some(number.to_string())),
            Some(other) => Err(wrong(format!("{key} = {other} is no text"))),
        };
        let (layouts, version_at, file) = (text("layout")?, text("version_at")?, text("file")?);
        let said = Upcast {
            version: text("version")?.map(|version| plain(&version)),
            to: text("to")?.map(|version| plain(&version)),
            event_type: text("type")?.ok_or_else(|| wrong("type is missing".to_owned()))?,
            file: file.clone(),
        };
        if let Some(unknown) = table.keys().find(|key| !DOES.contains(&key.as_str())) {
            return Err(wrong(format!("{unknown} is not known (type, version, to, file, {})", DOES.join(", "))));
        }
        if version_at.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
            return Err(wrong("version_at is no JSON pointer (as /metadata/schema)".to_owned()));
        }
        let step = match file {
            Some(_) if !table.is_empty() => {
                return Err(wrong("an entry has either a file or set, merge, add, push, remove".to_owned()));
            }
            Some(name) => {
                let path = folder.join(&name);
                let text = crate::payload::rule::bytes_of(&path, SCRIPT_BYTES_MAX).map_err(wrong)?;
                hasher.update(&text);
                let text = String::from_utf8(text).map_err(|_| wrong(format!("{} is no text", path.display())))?;
                if !javascript::is_module(&text) {
                    return Err(wrong(format!("{name} exports nothing (export default (data, event) => data)")));
                }
                Step::Script(Box::new(javascript::Module::compile(&name, &text)?))
            }
            None if table.is_empty() => {
                return Err(wrong("an entry does nothing: it needs a file, or set, …".to_owned()));
            }
            None => {
                table.insert("on".to_owned(), toml::Value::String("*".to_owned()));
                let mut file = toml::Table::new();
                file.insert("rule".to_owned(), toml::Value::Array(vec![toml::Value::Table(table)]));
                Step::Rules(Box::new(Rules::parse("[[upcast]]", &file.to_string())?))
            }
        };
        if layouts.is_some_and(|pattern| !matches(&pattern, layout)) {
            return Ok(None);
        }
        Ok(Some(Self { said, version_at, step: Mutex::new(step) }))
    }

    fn fits(&self, event: &Event<'_>, version: Option<&str>) -> bool {
        if !matches(&self.said.event_type, event.event_type) {
            return false;
        }
        let Some(wanted) = &self.said.version else { return true };
        let given = match (version, &self.version_at) {
            (Some(version), _) => Some(version.to_owned()),
            (None, Some(pointer)) => version_at(event, pointer),
            (None, None) => version_of(event),
        };
        given.as_deref().unwrap_or("1") == wanted
    }

    fn apply(&self, event: Event<'_>) -> std::result::Result<Value, String> {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *step {
            Step::Rules(rules) => {
                let mut state = event.data.clone();
                rules.fold(&mut state, event).map_err(|fault| fault.0)?;
                Ok(state)
            }
            Step::Script(script) => {
                let mut state = Value::Array(vec![event.data.clone()]);
                let folded = script.fold(&mut state, event).map_err(|fault| fault.0);
                script.take_console();
                folded?;
                Ok(match state {
                    Value::Array(mut parts) if parts.len() == 1 => parts.swap_remove(0),
                    _ => Value::Null,
                })
            }
        }
    }
}

/// Applies all that fit, one after another.
pub(super) fn upcast(upcasters: &[Upcaster], mut event: Event<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut version: Option<String> = None;
    for (index, upcaster) in upcasters.iter().enumerate() {
        if !upcaster.fits(&event, version.as_deref()) {
            continue;
        }
        outcome.applied.push(index);
        match upcaster.apply(event.clone()) {
            Ok(data) => event.data = data,
            Err(why) => {
                outcome.failed = Some((index, why));
                break;
            }
        }
        if let Some(to) = &upcaster.said.to {
            version = Some(to.clone());
        }
    }
    outcome.data = event.data;
    outcome
}

/// The schema version that an event says, in the usual places.
fn version_of(event: &Event<'_>) -> Option<String> {
    let metadata: Option<Value> = event.metadata.as_ref().and_then(|stored| serde_json::from_slice(stored).ok());
    let found = |of: &Value| PLACES.iter().find_map(|place| of.get(*place)).and_then(text_of);
    metadata.as_ref().and_then(found).or_else(|| found(&event.data))
}

fn version_at(event: &Event<'_>, pointer: &str) -> Option<String> {
    if let Some(rest) = pointer.strip_prefix("/metadata") {
        let metadata: Value = serde_json::from_slice(event.metadata.as_ref()?).ok()?;
        return metadata.pointer(rest).and_then(text_of);
    }
    event.data.pointer(pointer.strip_prefix("/data").unwrap_or(pointer)).and_then(text_of)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(plain(&number.to_string())),
        _ => None,
    }
}

/// `1.0`, `v1` and `1` are the same.
fn plain(version: &str) -> String {
    let version = version.trim().trim_start_matches(['v', 'V']);
    version.strip_suffix(".0").unwrap_or(version).to_owned()
}

impl std::fmt::Display for Upcast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.event_type)?;
        if let Some(version) = &self.version {
            write!(f, " of version {version}")?;
        }
        if let Some(to) = &self.to {
            write!(f, " to version {to}")?;
        }
        Ok(())
    }
}
