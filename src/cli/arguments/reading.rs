//! Reading a log: its streams and its events.

use clap::Args;

use super::{LogArguments, PickArguments};

/// `map`.
#[derive(Args, Debug)]
pub struct MapArguments {
    /// Path of the log
    pub log: String,
}

/// `streams`.
#[derive(Args, Debug)]
pub struct StreamsArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only the streams of this category
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<String>,
}

/// `events`.
#[derive(Args, Debug)]
pub struct EventsArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only this stream, by version
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only the streams of this category
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<String>,
    /// Only events of this type
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
    /// Only events after this version of the stream
    #[arg(long, value_name = "VERSION", requires = "stream", allow_negative_numbers = true)]
    pub after_version: Option<i64>,
    /// Only events after this position of the log
    #[arg(long, value_name = "POSITION", allow_negative_numbers = true)]
    pub after_position: Option<i64>,
    /// At most this many events
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<u64>,
    /// Which of them.
    #[command(flatten)]
    pub pick: PickArguments,
}

/// `tail`.
#[derive(Args, Debug)]
pub struct TailArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Print the events that are there already, too
    #[arg(long)]
    pub from_start: bool,
    /// End after this many events
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<u64>,
    /// Which of them.
    #[command(flatten)]
    pub pick: PickArguments,
}
