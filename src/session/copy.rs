//! Copying out of the state: a value, or the pointer to it.

use super::Session;
use crate::protocol::{Change, LineKind, StateLines};

impl Session {
    /// Copies the value of the selected path as JSON; without one, the whole state.
    pub(super) fn copy_value(&mut self) {
        let Some(state) = self.state.shown.clone() else { return };
        let path = self.path_in_hand().unwrap_or_default();
        let index = state.lines.index_of(&path).filter(|index| state.lines.lines[*index].change != Change::Removed);
        match index.and_then(|index| json_of(&state.lines, index)) {
            Some(text) => {
                self.copied = Some(text);
                let what = if path.is_empty() { "the state".to_owned() } else { path };
                self.say(format!("Copied {what} as JSON"));
            }
            None => self.say("There is no whole value to copy here: it is absent, or longer than the window holds"),
        }
    }

    pub(super) fn copy_pointer(&mut self) {
        match self.path_in_hand() {
            Some(path) => {
                self.say(format!("Copied the pointer {path}"));
                self.copied = Some(path);
            }
            None => self.say("Select a path of the state first"),
        }
    }
}

/// The JSON of a line and all below it, out of what the window holds; `None` where some of it was cut.
fn json_of(lines: &StateLines, index: usize) -> Option<String> {
    let line = lines.lines.get(index)?;
    let (open, close) = match line.kind {
        LineKind::Object(_) => ('{', '}'),
        LineKind::Array(_) => ('[', ']'),
        LineKind::Text | LineKind::Number | LineKind::Word => {
            return Some(line.whole.as_deref().unwrap_or(&line.text).to_owned());
        }
    };
    let mut text = String::from(open);
    let end = index + 1 + line.below as usize;
    let mut at = index + 1;
    while at < end {
        let child = lines.lines.get(at)?;
        if child.change != Change::Removed {
            if text.len() > 1 {
                text.push(',');
            }
            if open == '{' {
                text.push_str(&serde_json::to_string(&*child.key).ok()?);
                text.push(':');
            }
            text.push_str(&json_of(lines, at)?);
        }
        at += 1 + child.below as usize;
    }
    // A long state is cut at its end: what is not there cannot be copied.
    if lines.cut && end >= lines.lines.len() {
        return None;
    }
    text.push(close);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_copied_as_it_is_now() {
        let old = json!({"a": [1, 2, 3], "b/c": {"d": "x\"y"}, "gone": 1});
        let new = json!({"a": [1, 3], "b/c": {"d": "x\"y", "e": null}, "n": 12_345_678_901_234_567_890_u64});
        let lines = StateLines::between(&old, &new);
        let copied: serde_json::Value = serde_json::from_str(&json_of(&lines, 0).unwrap()).unwrap();
        assert_eq!(copied, new);
        let long = json!({"t": "\u{202e}x".repeat(5_000), "n": 1});
        assert_eq!(json_of(&StateLines::of(&long), 0), Some(long.to_string()));
    }
}
