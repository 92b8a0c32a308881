//! A JSON value as flat lines, with what changed since an older value marked: what a tree view draws.
//!
//! A state of 30,000 lines is laid out here once, off the window's thread; the window draws the forty that it shows.

use crate::event::Value;

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
    /// A leaf's value as JSON text, cut to [`crate::limits::LINE_CHARS_MAX`]; for a container a short form of its content.
    pub text: Box<str>,
    /// The older value as JSON text where it changed; for an array that grew or shrank, its older count.
    pub old: Option<Box<str>>,
    /// How it differs.
    pub change: Change,
    /// How many lines below belong to it.
    pub below: u32,
}

/// A value in lines.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StateLines {
    /// The lines; the first is the root.
    pub lines: Vec<Line>,
    /// True where the value has more than [`crate::limits::STATE_LINES_MAX`] lines and the rest is left out.
    pub cut: bool,
    /// Leaf paths that changed, as the badge `±5` counts them.
    pub changed: u64,
}

impl StateLines {
    /// A value with nothing marked.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let _ = value;
        todo!()
    }

    /// A value with what changed since `old` marked; `None` and null are no value at all.
    #[must_use]
    pub fn between(old: &Value, new: &Value) -> Self {
        let _ = (old, new);
        todo!()
    }

    /// The JSON pointer (RFC 6901) of a line.
    #[must_use]
    pub fn pointer(&self, index: usize) -> String {
        let _ = index;
        todo!()
    }
}
