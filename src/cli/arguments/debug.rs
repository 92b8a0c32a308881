//! Running on to a breakpoint, the sandbox, and what is taken along for a test.

use clap::{Args, ValueEnum};

use super::{LogArguments, ReducerArguments};

/// `break`.
#[derive(Args, Debug)]
pub struct BreakArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only in this stream [default: in the whole log]
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only in the streams of this category
    #[arg(long, value_name = "CATEGORY", conflicts_with = "stream")]
    pub category: Option<String>,
    /// From after this version of the stream [default: from before the first event; with --back, from after the last]
    #[arg(long, value_name = "VERSION", requires = "stream", allow_negative_numbers = true)]
    pub from: Option<i64>,
    /// From after the event at this position of the log
    #[arg(long, value_name = "POSITION", conflicts_with = "from", allow_negative_numbers = true)]
    pub from_position: Option<i64>,
    /// Run backwards: to the last hit before there
    #[arg(long)]
    pub back: bool,
    /// Stop at a condition: a JavaScript expression over `event`, `state` and `before`
    ///
    /// Over `state` alone, as in `state.balance < 0`, it stops where the condition becomes true. A condition that looks at
    /// `event` or `before` stops at every event at which it holds.
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub on: Vec<String>,
    /// Stop at every event of this type; `*` is any text, `?` any one character
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Vec<String>,
    /// Stop where the value at this JSON pointer changes, comes or goes
    #[arg(long, value_name = "POINTER")]
    pub change: Vec<String>,
    /// Stop at every event that cannot be decoded or folded
    #[arg(long)]
    pub fault: bool,
    /// Fold all events of the category or log into one state, instead of each stream into its own
    #[arg(long, conflicts_with = "stream")]
    pub together: bool,
    /// Go on from hit to hit, up to this many
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `whatif`.
#[derive(Args, Debug)]
pub struct WhatifArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only this stream; the edits name its events by version [default: the whole log, whose events they name by position]
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only the streams of this category; the edits name events by position
    #[arg(long, value_name = "CATEGORY", conflicts_with = "stream")]
    pub category: Option<String>,
    /// The edits: a JSON array in a file, or `-` for standard input
    ///
    /// `{"skip":5}`, `{"edit":5,"data":{…}}` (also `"type"`), `{"insert_after":5,"type":"T","data":{…}}` (also `"metadata"`,
    /// `"time"`, `"stream"`), `{"move":5,"after":9}`. The numbers are versions of the stream, or positions of the log.
    #[arg(long, value_name = "FILE", required_unless_present = "skip")]
    pub edits: Option<std::path::PathBuf>,
    /// Without this event, too
    #[arg(long, value_name = "VERSION", allow_negative_numbers = true)]
    pub skip: Vec<i64>,
    /// Print the whole difference after this version (or position) instead: what leads from the real state to the other
    #[arg(long, value_name = "VERSION", visible_alias = "position", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// Fold all events of the category or log into one state, instead of each stream into its own
    #[arg(long, conflicts_with = "stream")]
    pub together: bool,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
    /// Leave out what this JSON pointer names, and all below; `*` is any key or index, `**` any number of them
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<String>,
    /// Know objects in arrays by this key: those that only moved are no difference
    #[arg(long, value_name = "KEY")]
    pub by_key: Vec<String>,
}

/// `check`.
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// Path of the bundle
    pub bundle: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// How events become state [default: the reducer in the bundle].
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// What is made of a slice of a stream.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Artefact {
    /// The events and the state that they come to, as JSON
    Fixture,
    /// The skeleton of a test in Rust
    Rust,
    /// The skeleton of a test in TypeScript
    Typescript,
    /// The skeleton of a test in Python
    Python,
    /// The skeleton of a test in Java
    Java,
    /// One file that opens as a log, and that `check` runs
    Bundle,
}

impl Artefact {
    /// The word that is typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixture => "fixture",
            Self::Rust => "rust",
            Self::Typescript => "typescript",
            Self::Python => "python",
            Self::Java => "java",
            Self::Bundle => "bundle",
        }
    }
}
