//! Who set a value: every event that added, changed or removed what stands at a JSON pointer, newest first.
//!
//! One pass from the beginning of the stream. The pointer is read anew after each event, so an item of an array is what
//! stands at its index, and a parent that goes takes all its paths with it.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::Replay;
use super::scan::{Looks, Progress, Scanned};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time, Value};
use crate::limits::BLAME_BYTES_MAX;

/// An event that changed the value.
#[derive(Clone, PartialEq, Debug)]
pub struct Setting {
    /// How many events of the stream are folded, this one included.
    pub position: u64,
    /// Its version; its number in the stream where the log numbers none.
    pub version: i64,
    /// Its type.
    pub event_type: Box<str>,
    /// When.
    pub time: Option<Time>,
    /// The value before it, `None` where there was none.
    pub from: Option<Arc<Value>>,
    /// The value after it, `None` where there is none any more.
    pub to: Option<Arc<Value>>,
}

/// All that set a value.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Blame {
    /// Newest first.
    pub settings: Vec<Setting>,
    /// Older ones that are left out because the values hold more than [`BLAME_BYTES_MAX`] bytes.
    pub left_out: u64,
    /// What was read for it.
    pub scanned: Scanned,
}

impl Replay {
    /// Every event up to a position (or the stream's end) that changed the value at a JSON pointer (RFC 6901; the empty
    /// one is the whole state), newest first.
    ///
    /// # Errors
    /// `Input` where it is no pointer; `Stopped` where `progress` broke; else as the log.
    pub fn blame(&mut self, stream: &StreamId, pointer: &str, position: u64, progress: Progress<'_>) -> Result<Blame> {
        check_pointer(pointer)?;
        let empty = self.reducer.empty();
        let mut value = at(&self.reducer.peek(&empty), pointer).cloned().map(Arc::new);
        let mut settings: VecDeque<Setting> = VecDeque::new();
        let (mut bytes, mut left_out) = (0, 0);
        let scanned = self.scan(stream, 0..position, Looks::STATE, progress, &mut |step| {
            let now = at(step.state, pointer);
            if now == value.as_deref() {
                return ControlFlow::Continue(());
            }
            let to = now.cloned().map(Arc::new);
            bytes += cost(to.as_deref());
            settings.push_front(Setting {
                position: step.position,
                version: step.version(),
                event_type: step.raw.event_type.into(),
                time: step.time(),
                from: std::mem::replace(&mut value, to.clone()),
                to,
            });
            while bytes > BLAME_BYTES_MAX && settings.len() > 1 {
                bytes -= settings.pop_back().map_or(0, |oldest| cost(oldest.to.as_deref()));
                left_out += 1;
            }
            ControlFlow::Continue(())
        })?;
        Ok(Blame { settings: settings.into(), left_out, scanned })
    }
}

/// The value at a pointer. A state that is null is none: the entity does not exist.
pub(super) fn at<'a>(state: &'a Value, pointer: &str) -> Option<&'a Value> {
    if state.is_null() { None } else { state.pointer(pointer) }
}

/// About the bytes that a value holds in memory, with its setting.
fn cost(value: Option<&Value>) -> usize {
    fn below(value: &Value) -> usize {
        32 + match value {
            Value::String(text) => text.len(),
            Value::Number(number) => number.as_str().len(),
            Value::Array(items) => items.iter().map(below).sum(),
            Value::Object(map) => map.iter().map(|(key, value)| key.len() + 56 + below(value)).sum(),
            Value::Null | Value::Bool(_) => 0,
        }
    }
    128 + value.map_or(0, below)
}

/// Checks a JSON pointer (RFC 6901): empty, or keys that each follow a `/`, with `~` only as `~0` or `~1`.
///
/// # Errors
/// `Input` where it is none.
pub fn check_pointer(pointer: &str) -> Result<()> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(Error::Input(format!(
            "\"{pointer}\" is not a JSON pointer (begin it with a slash, as in /{pointer})"
        )));
    }
    let escapes_hold = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !escapes_hold {
        return Err(Error::Input(format!("\"{pointer}\" is not a JSON pointer (write ~ in a key as ~0, and / as ~1)")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_begins_with_a_slash_and_escapes_its_tildes() {
        for pointer in ["", "/", "/a", "/a~1b/~0/0", "//"] {
            assert!(check_pointer(pointer).is_ok(), "{pointer}");
        }
        for wrong in ["a", "a/b", "/a~", "/a~2b", "#/a"] {
            assert!(check_pointer(wrong).is_err(), "{wrong}");
        }
    }
}
