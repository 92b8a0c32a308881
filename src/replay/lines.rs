//! A JSON value as flat lines, with what changed since an older value marked: what a tree view draws.
//!
//! A state of 30,000 lines is laid out here once, off the window's thread; the window draws the forty that it shows.

use std::borrow::Cow;
use std::sync::Arc;

use crate::event::Value;
use crate::limits::{LINE_CHARS_MAX, STATE_LINES_MAX};

/// What a line shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineKind {
    /// An object with this many keys.
    Object(u32),
    /// An array with this many items.
    Array(u32),
    /// A text.
    Text,
    /// A number, every digit as stored.
    Number,
    /// true, false or null.
    Word,
}

/// How a line differs from the older value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It does not.
    Same,
    /// Something below it does.
    Below,
    /// Its value does.
    Changed,
    /// It was not there.
    Added,
    /// It is there no more; the line shows the older value.
    Removed,
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Levels below the root; the root is 0.
    pub depth: u16,
    /// The key or the index in an array; empty for the root.
    pub key: Box<str>,
    /// What it shows.
    pub kind: LineKind,
    /// A leaf's value as JSON text, cut to [`LINE_CHARS_MAX`]; for a container a short form of its content.
    pub text: Box<str>,
    /// The older value as JSON text where it changed; for an array that grew or shrank, its older count.
    pub old: Option<Box<str>>,
    /// How it differs.
    pub change: Change,
    /// How many lines below belong to it.
    pub below: u32,
    /// The index of the line that it stands in; the root's is its own.
    pub parent: u32,
    /// The whole JSON text where `text` is cut: for copying, never for drawing.
    pub whole: Option<Arc<str>>,
}

/// A value in lines.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StateLines {
    /// The lines; the first is the root.
    pub lines: Vec<Line>,
    /// True where the value has more than [`STATE_LINES_MAX`] lines and the rest is left out.
    pub cut: bool,
    /// Leaf paths that changed, as the badge `±5` counts them: an added or removed item counts once.
    pub changed: u64,
}

impl StateLines {
    /// A value with nothing marked.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let mut lines = Self::default();
        lines.push(0, "", value, Change::Same);
        lines
    }

    /// A value with what changed since `old` marked. Null is no value at all: an object that came into being has all
    /// its keys added, one that ceased to be has them removed.
    #[must_use]
    pub fn between(old: &Value, new: &Value) -> Self {
        let mut lines = Self::default();
        let nothing = Value::Object(serde_json::Map::new());
        match (old, new) {
            (Value::Null, Value::Object(_)) => lines.push_pair(0, "", &nothing, new),
            (Value::Object(_), Value::Null) => lines.push_pair(0, "", old, &nothing),
            _ => lines.push_pair(0, "", old, new),
        };
        lines
    }

    /// The JSON pointer (RFC 6901) of a line; empty for the root.
    #[must_use]
    pub fn pointer(&self, index: usize) -> String {
        self.pointer_of(index, |key| escaped(key).into_owned())
    }

    /// The pointer as it is shown: of each key no more than so many characters.
    #[must_use]
    pub fn pointer_shown(&self, index: usize, chars_max: usize) -> String {
        self.pointer_of(index, |key| escaped(&crate::visible::start(key, chars_max)).into_owned())
    }

    fn pointer_of(&self, index: usize, written: impl Fn(&str) -> String) -> String {
        let mut keys: Vec<&str> = Vec::new();
        let mut at = index;
        while let Some(line) = self.lines.get(at).filter(|line| line.depth > 0) {
            keys.push(&line.key);
            at = line.parent as usize;
        }
        keys.iter().rev().flat_map(|key| ["/".to_owned(), written(key)]).collect()
    }

    /// The line of a JSON pointer, where it is there. What was removed is found only where nothing else is there.
    #[must_use]
    pub fn index_of(&self, pointer: &str) -> Option<usize> {
        let mut at = 0;
        self.lines.first()?;
        if pointer.is_empty() {
            return Some(0);
        }
        for step in pointer.strip_prefix('/')?.split('/') {
            let step = step.replace("~1", "/").replace("~0", "~");
            let named = || self.children(at).filter(|child| *self.lines[*child].key == *step);
            at = named().find(|child| self.lines[*child].change != Change::Removed).or_else(|| named().next())?;
        }
        Some(at)
    }

    /// The lines that stand directly in a line.
    fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let end = self.lines.get(parent).map_or(0, |line| parent + 1 + line.below as usize).min(self.lines.len());
        let first = (parent + 1 < end).then_some(parent + 1);
        std::iter::successors(first, move |at| {
            let next = at + 1 + self.lines.get(*at)?.below as usize;
            (next < end).then_some(next)
        })
    }

    /// A value and all below it, marked alike.
    fn push(&mut self, depth: u16, key: &str, value: &Value, change: Change) {
        let Some(at) = self.open(depth, key, value, change) else { return };
        match value {
            Value::Object(map) => {
                for (key, child) in map {
                    self.push(depth + 1, key, child, change);
                }
            }
            Value::Array(items) => {
                for (index, child) in items.iter().enumerate() {
                    self.push(depth + 1, &index.to_string(), child, change);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        self.close(at);
    }

    /// A value beside its older form. True where anything differs.
    fn push_pair(&mut self, depth: u16, key: &str, old: &Value, new: &Value) -> bool {
        match (old, new) {
            (Value::Object(before), Value::Object(after)) => {
                let Some(at) = self.open(depth, key, new, Change::Same) else { return old != new };
                let mut differs = false;
                for (key, child) in after {
                    match before.get(key) {
                        Some(older) => differs |= self.push_pair(depth + 1, key, older, child),
                        None => differs |= self.push_counted(depth + 1, key, child, Change::Added),
                    }
                }
                for (key, child) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
                    differs |= self.push_counted(depth + 1, key, child, Change::Removed);
                }
                self.close_pair(at, differs, None)
            }
            (Value::Array(before), Value::Array(after)) => {
                let Some(at) = self.open(depth, key, new, Change::Same) else { return old != new };
                let differs = self.push_items(depth + 1, before, after);
                let count = (before.len() != after.len()).then(|| before.len().to_string());
                self.close_pair(at, differs, count)
            }
            _ if old == new => {
                self.push(depth, key, new, Change::Same);
                false
            }
            _ => {
                let at = self.lines.len();
                self.push(depth, key, new, Change::Added);
                if let Some(line) = self.lines.get_mut(at) {
                    line.change = Change::Changed;
                    line.old = Some(short_text(old).into());
                }
                self.changed += 1;
                true
            }
        }
    }

    /// Items are matched from both ends, so that one that was taken out or put in moves no other; between the ends by
    /// index.
    fn push_items(&mut self, depth: u16, before: &[Value], after: &[Value]) -> bool {
        let (head, tail) = common_ends(before, after);
        let (before_to, after_to) = (before.len() - tail, after.len() - tail);
        let paired_to = before_to.min(after_to);
        let mut differs = false;
        for (index, child) in after.iter().enumerate().take(head) {
            self.push(depth, &index.to_string(), child, Change::Same);
        }
        for (index, (old, new)) in before.iter().zip(after).enumerate().take(paired_to).skip(head) {
            differs |= self.push_pair(depth, &index.to_string(), old, new);
        }
        for (index, child) in before.iter().enumerate().take(before_to).skip(paired_to) {
            differs |= self.push_counted(depth, &index.to_string(), child, Change::Removed);
        }
        for (index, child) in after.iter().enumerate().take(after_to).skip(paired_to) {
            differs |= self.push_counted(depth, &index.to_string(), child, Change::Added);
        }
        for (index, child) in after.iter().enumerate().skip(after_to) {
            self.push(depth, &index.to_string(), child, Change::Same);
        }
        differs
    }

    fn push_counted(&mut self, depth: u16, key: &str, value: &Value, change: Change) -> bool {
        self.changed += 1;
        self.push(depth, key, value, change);
        true
    }

    fn open(&mut self, depth: u16, key: &str, value: &Value, change: Change) -> Option<usize> {
        if self.lines.len() >= STATE_LINES_MAX {
            self.cut = true;
            return None;
        }
        let kind = match value {
            Value::Object(map) => LineKind::Object(u32::try_from(map.len()).unwrap_or(u32::MAX)),
            Value::Array(items) => LineKind::Array(u32::try_from(items.len()).unwrap_or(u32::MAX)),
            Value::String(_) => LineKind::Text,
            Value::Number(_) => LineKind::Number,
            Value::Bool(_) | Value::Null => LineKind::Word,
        };
        let at = self.lines.len();
        let mut parent = at.saturating_sub(1);
        while let Some(line) = self.lines.get(parent).filter(|line| line.depth >= depth && line.depth > 0) {
            parent = line.parent as usize;
        }
        self.lines.push(Line {
            depth,
            key: key.into(),
            kind,
            text: short_text(value).into(),
            old: None,
            change,
            below: 0,
            parent: u32::try_from(parent).unwrap_or(u32::MAX),
            whole: whole_text(value),
        });
        Some(at)
    }

    fn close(&mut self, at: usize) {
        let below = u32::try_from(self.lines.len() - at - 1).unwrap_or(u32::MAX);
        if let Some(line) = self.lines.get_mut(at) {
            line.below = below;
        }
    }

    fn close_pair(&mut self, at: usize, differs: bool, old_count: Option<String>) -> bool {
        self.close(at);
        if let Some(line) = self.lines.get_mut(at)
            && differs
        {
            line.change = Change::Below;
            line.old = old_count.map(String::into_boxed_str);
        }
        differs
    }
}

/// A key as a pointer writes it.
fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { Cow::Owned(key.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(key) }
}

/// The whole of a leaf that [`short_text`] cuts.
fn whole_text(value: &Value) -> Option<Arc<str>> {
    let is_cut = match value {
        Value::String(text) => text.len() > LINE_CHARS_MAX / 6,
        Value::Number(number) => number.as_str().len() > LINE_CHARS_MAX,
        _ => false,
    };
    let text = is_cut.then(|| value.to_string())?;
    text.chars().nth(LINE_CHARS_MAX).map(|_| Arc::from(text.as_str()))
}

/// How many items two arrays share at their start and, after that, at their end.
pub(super) fn common_ends(before: &[Value], after: &[Value]) -> (usize, usize) {
    let head = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(|(old, new)| old == new).count();
    (head, tail)
}

/// A leaf as JSON text, cut to [`LINE_CHARS_MAX`]; a container by the first two of its values.
#[must_use]
pub fn short_text(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{ }".to_owned(),
        Value::Array(items) if items.is_empty() => "[ ]".to_owned(),
        Value::Object(map) => {
            let dots = if map.len() > 2 { ", …" } else { "" };
            let parts: Vec<String> = map.values().take(2).map(inner_text).collect();
            format!("{{ {}{dots} }}", parts.join(", "))
        }
        Value::Array(items) => {
            let dots = if items.len() > 2 { ", …" } else { "" };
            let parts: Vec<String> = items.iter().take(2).map(inner_text).collect();
            format!("[ {}{dots} ]", parts.join(", "))
        }
        Value::String(text) if text.chars().nth(LINE_CHARS_MAX).is_some() => {
            let head: String = text.chars().take(LINE_CHARS_MAX).collect();
            let mut cut = Value::String(head).to_string();
            cut.pop();
            cut_to(&cut, LINE_CHARS_MAX)
        }
        leaf => {
            let text = leaf.to_string();
            if text.chars().nth(LINE_CHARS_MAX).is_some() { cut_to(&text, LINE_CHARS_MAX) } else { text }
        }
    }
}

/// The first characters, and `…`.
fn cut_to(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).chain(['…']).collect()
}

fn inner_text(value: &Value) -> String {
    match value {
        Value::Object(_) => "{ … }".to_owned(),
        Value::Array(_) => "[ … ]".to_owned(),
        Value::String(text) if text.chars().nth(24).is_some() => {
            let head: String = text.chars().take(24).collect();
            format!("{}…\"", Value::String(head).to_string().trim_end_matches('"'))
        }
        leaf => leaf.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn marks(lines: &StateLines) -> Vec<String> {
        let sign = |change| match change {
            Change::Same => ' ',
            Change::Below => '.',
            Change::Changed => '~',
            Change::Added => '+',
            Change::Removed => '-',
        };
        (0..lines.lines.len())
            .map(|index| {
                let line = &lines.lines[index];
                let old = line.old.as_deref().map(|old| format!(" was {old}")).unwrap_or_default();
                format!("{}{} {}{old}", sign(line.change), lines.pointer(index), line.text)
            })
            .collect()
    }

    #[test]
    fn changed_added_and_removed_paths_are_marked_and_counted() {
        let old = json!({"name": "Alice", "age": 3, "tags": ["a", "b", "c"], "gone": {"x": 1}});
        let new = json!({"name": "Alicia", "age": 3, "tags": ["a", "c"], "new": 1.50});
        let lines = StateLines::between(&old, &new);
        assert_eq!(
            marks(&lines),
            [
                ". { \"Alicia\", 3, … }",
                "~/name \"Alicia\" was \"Alice\"",
                " /age 3",
                "./tags [ \"a\", \"c\" ] was 3",
                " /tags/0 \"a\"",
                "-/tags/1 \"b\"",
                " /tags/1 \"c\"",
                "+/new 1.5",
                "-/gone { 1 }",
                "-/gone/x 1",
            ]
        );
        assert_eq!(lines.changed, 4);
        assert_eq!(lines.lines[0].below, 9);
    }

    #[test]
    fn a_value_that_came_into_being_has_its_keys_added() {
        let lines = StateLines::between(&Value::Null, &json!({"a": 1, "b": {"c": 2}}));
        assert_eq!(lines.changed, 2);
        assert_eq!(marks(&lines), [". { 1, { … } }", "+/a 1", "+/b { 2 }", "+/b/c 2"]);
    }

    #[test]
    fn pointers_escape_their_keys() {
        let lines = StateLines::of(&json!({"a/b": {"~": [true]}}));
        assert_eq!(lines.pointer(3), "/a~1b/~0/0");
        assert_eq!(lines.pointer(0), "");
    }

    #[test]
    fn every_line_is_found_by_its_pointer() {
        let old = json!({"a/b": {"~": [true, 2]}, "gone": {"x": 1}, "n": 1});
        let new = json!({"a/b": {"~": [true, {"": null}]}, "n": {"y": [[3]]}});
        let lines = StateLines::between(&old, &new);
        for index in 0..lines.lines.len() {
            let found = lines.index_of(&lines.pointer(index)).unwrap();
            assert_eq!(lines.pointer(found), lines.pointer(index));
            assert!(found == index || lines.lines[index].change == Change::Removed, "{}", lines.pointer(index));
        }
        for absent in ["/a", "/a~1b/~0/2", "/n/y/0/0/0", "n"] {
            assert_eq!(lines.index_of(absent), None, "{absent}");
        }
    }

    #[test]
    fn what_is_cut_for_drawing_is_whole_for_copying() {
        let long = "\u{1}".repeat(LINE_CHARS_MAX);
        let lines = StateLines::of(&json!([long, "short"]));
        assert_eq!(lines.lines[1].whole.as_deref(), Some(json!(long).to_string().as_str()));
        assert!(lines.lines[1].text.chars().count() <= LINE_CHARS_MAX + 2);
        assert_eq!(lines.lines[2].whole, None);
        let key = "k".repeat(10_000);
        let lines = StateLines::of(&json!({ key: 1 }));
        assert_eq!(lines.pointer_shown(1, 5), "/kkkkk…");
    }

    #[test]
    fn a_long_line_and_a_long_state_are_cut() {
        let long = "x".repeat(LINE_CHARS_MAX * 2);
        let lines = StateLines::of(&json!([long]));
        assert_eq!(lines.lines[1].text.chars().count(), LINE_CHARS_MAX + 1);
        let many = Value::Array(vec![Value::Null; STATE_LINES_MAX + 5]);
        let lines = StateLines::of(&many);
        assert!(lines.cut);
        assert_eq!(lines.lines.len(), STATE_LINES_MAX);
    }
}
