//! What the state is, and why.

use clap::Args;

use super::LogArguments;
use crate::workspace::Consent;

/// How events become state.
#[derive(Args, Debug, Default)]
pub struct ReducerArguments {
    /// How events become state: auto, or a file (.js, .toml) [default: what the workspace file binds to the stream, or auto]
    #[arg(long, value_name = "NAME|FILE")]
    pub reducer: Option<String>,
    /// Say yes to the program that the reducer's file runs; the yes is remembered for that file and command
    #[arg(long)]
    pub allow_process: bool,
}

impl ReducerArguments {
    /// What the user says about running programs.
    #[must_use]
    pub fn consent(&self) -> Consent {
        if self.allow_process { Consent::Given } else { Consent::Remembered }
    }
}

/// `state`.
#[derive(Args, Debug)]
pub struct StateArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The stream
    #[arg(long, value_name = "STREAM", required_unless_present_any = ["category", "whole_log"])]
    pub stream: Option<String>,
    /// All events of this category instead, folded into one state
    #[arg(long, value_name = "CATEGORY", conflicts_with = "stream")]
    pub category: Option<String>,
    /// All events of the log instead, folded into one state
    #[arg(long, conflicts_with_all = ["stream", "category"])]
    pub whole_log: bool,
    /// After this version of the stream; 0 is before the first event [default: the last]
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["time", "position", "category", "whole_log"], allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// After all events up to and with this position of the log: as of the same instant, whatever the stream
    #[arg(long, value_name = "POSITION", conflicts_with = "time", allow_negative_numbers = true)]
    pub position: Option<i64>,
    /// After all events up to this time (RFC 3339, or a date)
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `project`.
#[derive(Args, Debug)]
pub struct ProjectArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The projection: a JavaScript file as KurrentDB runs it
    #[arg(long, value_name = "FILE")]
    pub reducer: String,
    /// The partition to show [default: the state without partitions]
    #[arg(long, value_name = "KEY")]
    pub partition: Option<String>,
    /// Up to and with the event at this position of the log [default: the last]
    #[arg(long, value_name = "POSITION", allow_negative_numbers = true)]
    pub position: Option<i64>,
}

/// `diff`.
#[derive(Args, Debug)]
pub struct DiffArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The stream
    #[arg(long, value_name = "STREAM")]
    pub stream: String,
    /// From the state after this version; 0 is before the first event [default with --to-stream: the last]
    #[arg(long, value_name = "VERSION", required_unless_present = "to_stream", allow_negative_numbers = true)]
    pub from: Option<i64>,
    /// To the state after this version [default: the last]
    #[arg(long, value_name = "VERSION", allow_negative_numbers = true)]
    pub to: Option<i64>,
    /// To the state of this stream [default: the same stream]
    #[arg(long, value_name = "STREAM")]
    pub to_stream: Option<String>,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
    /// Leave out what this JSON pointer names, and all below; `*` is any key or index, `**` any number of them
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<String>,
    /// Know objects in arrays by this key: those that only moved are no difference
    ///
    /// Given more than once, the first key that tells all items of an array apart is used; where none does, the items
    /// are compared by place.
    #[arg(long, value_name = "KEY")]
    pub by_key: Vec<String>,
}

/// `blame`.
#[derive(Args, Debug)]
pub struct BlameArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The stream
    #[arg(long, value_name = "STREAM")]
    pub stream: String,
    /// The value, as a JSON pointer: /balance, /lines/0/price; empty for the whole state
    #[arg(long, value_name = "POINTER")]
    pub path: String,
    /// Up to this version [default: the last]
    #[arg(long, value_name = "VERSION", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `find`.
#[derive(Args, Debug)]
pub struct FindArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only in this stream [default: in all, one after the other]
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only in the streams of this category
    #[arg(long, value_name = "CATEGORY", conflicts_with = "stream")]
    pub category: Option<String>,
    /// The condition: a JavaScript expression over `event`, `state` and `before` (the state before the event)
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub when: String,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}
