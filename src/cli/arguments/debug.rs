//! Running on to a breakpoint.

use clap::Args;

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
