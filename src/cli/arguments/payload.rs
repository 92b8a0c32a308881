//! Payloads as they are stored and as they are understood, and what links events.

use clap::{Args, ValueEnum};

use super::{EventsArguments, LogArguments};

/// `events`.
#[derive(Args, Debug)]
pub struct PrintEventsArguments {
    /// Which events.
    #[command(flatten)]
    pub events: EventsArguments,
    /// The payloads as they are stored, decoded, or brought up to date by the upcasters of the workspace file
    #[arg(long = "as", value_name = "FORM", default_value = "decoded")]
    pub form: PayloadForm,
}

/// In which form payloads are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PayloadForm {
    /// The stored bytes.
    Raw,
    /// What they say.
    #[default]
    Decoded,
    /// What reducers see.
    Upcast,
}

/// `trace`.
#[derive(Args, Debug)]
pub struct TraceArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The event: its id, its position in the log, or STREAM@VERSION
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub event: String,
}
