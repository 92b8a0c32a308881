//! A repro bundle: one JSON file with the events of a stream, the reducer, and the state that they are to come to.
//!
//! It is a log of its own: it opens like any other, to be read only. Its events are decoded, upcast and masked already.

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::Value;
use crate::limits::BUNDLE_BYTES_MAX;
use crate::log::Fault;

mod log;

pub use log::BundleLog;

/// The version of the format.
const VERSION: u32 = 1;
/// The key that a bundle begins with.
const MARK: &[u8] = b"\"eventscope_bundle\"";
/// Bytes in which it stands.
const MARK_BYTES: usize = 256;

/// The file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// The version of the format.
    pub eventscope_bundle: u32,
    /// The name of the log that it was cut from.
    pub log: String,
    /// The stream.
    pub stream: String,
    /// Its category.
    pub category: String,
    /// True where something in it was masked.
    pub masked: bool,
    /// What folds the events.
    pub reducer: Source,
    /// The version at which the person was; `None` before the first event, and where the log numbers none.
    pub cursor: Option<i64>,
    /// Places that the person marked.
    pub bookmarks: Vec<Mark>,
    /// The events, from the stream's first one.
    pub events: Vec<Sliced>,
    /// What they are to come to.
    pub expected: Expected,
}

/// A reducer's text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// `auto`, or the file's name, which tells the kind.
    pub name: String,
    /// The text; `None` for what is built in, or runs outside of the bundle.
    pub text: Option<String>,
}

/// A marked place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The version.
    pub version: Option<i64>,
    /// What the person wrote to it.
    pub note: String,
}

/// One event, decoded.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Sliced {
    /// The number in the stream.
    pub version: Option<i64>,
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When: RFC 3339.
    pub time: Option<String>,
    /// The event's id.
    pub id: Option<String>,
    /// The payload.
    pub data: Value,
    /// The metadata.
    pub metadata: Option<Value>,
    /// Why the payload could not be decoded, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode_error: Option<String>,
}

/// A state, and what could not be folded on the way to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expected {
    /// The version of the last event.
    pub version: Option<i64>,
    /// False where the entity does not exist there.
    pub exists: bool,
    /// The state; null where it does not exist.
    pub state: Value,
    /// The events that could not be folded.
    pub faults: Vec<Fault>,
}

impl Bundle {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = VERSION;

    /// Reads a bundle.
    ///
    /// # Errors
    /// `Open` where there is no such file, it is no bundle, or a newer Eventscope wrote it.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |why: &dyn std::fmt::Display| Error::Open(format!("{why}: {}", path.display()));
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
        file.take(BUNDLE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| failed(&error))?;
        if text.len() as u64 > BUNDLE_BYTES_MAX {
            return Err(failed(&format!("the bundle has more than {BUNDLE_BYTES_MAX} bytes")));
        }
        let bundle: Self =
            serde_json::from_str(&text).map_err(|error| failed(&format!("this is no bundle ({error})")))?;
        if bundle.eventscope_bundle != VERSION {
            let version = bundle.eventscope_bundle;
            return Err(failed(&format!(
                "the bundle has format {version}, and this Eventscope knows {VERSION} (use a newer Eventscope)"
            )));
        }
        Ok(bundle)
    }

    /// Writes it to a file that must not exist yet.
    ///
    /// # Errors
    /// `Input` where the file exists; `Other` where it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::Other(error.to_string()))?;
        write_new(path, &text)
    }
}

/// Writes a text and a line break to a file that must not exist yet.
///
/// # Errors
/// `Input` where the file exists; `Other` where it cannot be written.
pub fn write_new(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::Input(format!("{} exists already (give another name)", path.display()))
        }
        _ => Error::Other(format!("cannot write {}: {error}", path.display())),
    };
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)
}

/// True where the file begins as a bundle does.
#[must_use]
pub fn is_bundle(path: &Path) -> bool {
    let mut head = Vec::with_capacity(MARK_BYTES);
    let read = std::fs::File::open(path).and_then(|file| file.take(MARK_BYTES as u64).read_to_end(&mut head));
    read.is_ok() && head.trim_ascii_start().starts_with(b"{") && head.windows(MARK.len()).any(|part| part == MARK)
}
