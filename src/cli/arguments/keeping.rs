//! What is kept: snapshots, events that are written, copies and archives.

use clap::{Args, ValueEnum};

use super::{Artefact, EventsArguments, LogArguments, OwnLogArguments, ReducerArguments};
use crate::store::native::Durability;

/// `snapshot`.
#[derive(Args, Debug)]
pub struct SnapshotArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The stream
    #[arg(long, value_name = "STREAM", required_unless_present = "every")]
    pub stream: Option<String>,
    /// One for every stream that has passed a multiple of this many versions and has none there yet
    #[arg(long, value_name = "EVENTS", conflicts_with_all = ["stream", "version"], value_parser = clap::value_parser!(u32).range(1..))]
    pub every: Option<u32>,
    /// After this version [default: the last]
    #[arg(long, value_name = "VERSION", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// What to call it
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `snapshots`.
#[derive(Args, Debug)]
pub struct SnapshotsArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// Only of this stream
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Fold the events again and compare; exit code 1 where one differs
    #[arg(long)]
    pub verify: bool,
    /// How events become state: the audit folds with it.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// `append`.
#[derive(Args, Debug)]
pub struct AppendArguments {
    /// The log.
    #[command(flatten)]
    pub log: OwnLogArguments,
    /// The stream; with JSON lines, the stream of lines that name none
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// The type's name
    #[arg(long = "type", value_name = "TYPE", requires = "stream", requires = "data")]
    pub event_type: Option<String>,
    /// The payload
    #[arg(long, value_name = "JSON", requires = "event_type", allow_hyphen_values = true)]
    pub data: Option<String>,
    /// The metadata
    #[arg(long, value_name = "JSON", requires = "event_type", allow_hyphen_values = true)]
    pub metadata: Option<String>,
    /// The event's id; the same id again is the same append [default: a new UUID]
    #[arg(long, value_name = "ID", requires = "event_type")]
    pub id: Option<String>,
    /// The stream's last version before the append: a number, `none` (no such stream yet) or `any` [default: any]
    #[arg(long, value_name = "VERSION", requires = "event_type", allow_negative_numbers = true)]
    pub expected_version: Option<String>,
    /// Read JSON lines from standard input
    ///
    /// One object a line: `{"stream":…,"type":…,"data":…,"metadata":…,"id":…,"expected_version":…}`; the last three may
    /// be left out. This is also what happens where standard input is no terminal and no --type is given.
    #[arg(long, conflicts_with = "event_type")]
    pub stdin: bool,
    /// Lines in one transaction
    #[arg(long, value_name = "COUNT", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub batch: u32,
    /// When an event counts as kept, in SQLite's words (PRAGMA synchronous)
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = DurabilityLevel::Full)]
    pub durability: DurabilityLevel,
}

/// When an append counts as kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum DurabilityLevel {
    /// When it is on the disk: it survives a loss of power
    Full,
    /// When the system has it: it survives the death of the process
    Normal,
}

impl DurabilityLevel {
    /// The same word of the store.
    #[must_use]
    pub fn durability(self) -> Durability {
        match self {
            Self::Full => Durability::Full,
            Self::Normal => Durability::Normal,
        }
    }
}

/// `verify`.
#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// What an earlier verify printed, and was kept outside of the log: is it still the same history?
    #[arg(long, value_name = "POSITION:HASH")]
    pub anchor: Option<String>,
}

/// How events stand in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FileFormat {
    /// One JSON object a line
    Jsonl,
    /// RFC 4180, with a line of names
    Csv,
    /// CloudEvents 1.0 in their JSON format
    Cloudevents,
    /// Apache Parquet, where this program was built with it
    Parquet,
}

impl FileFormat {
    /// The same word of the store.
    #[must_use]
    pub fn format(self) -> crate::store::exchange::Format {
        use crate::store::exchange::Format;
        match self {
            Self::Jsonl => Format::Lines,
            Self::Csv => Format::Csv,
            Self::Cloudevents => Format::CloudEvents,
            Self::Parquet => Format::Parquet,
        }
    }
}

/// `import`.
#[derive(Args, Debug)]
pub struct ImportArguments {
    /// The log.
    #[command(flatten)]
    pub log: OwnLogArguments,
    /// The log or the file to import
    #[arg(long, value_name = "OTHER")]
    pub from: String,
    /// The workspace file of the log to import [default: eventscope.toml beside it]
    #[arg(long, value_name = "FILE")]
    pub workspace: Option<std::path::PathBuf>,
    /// What the file is, where its name does not tell
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FileFormat>,
}

/// `export`.
#[derive(Args, Debug)]
pub struct ExportArguments {
    /// Which events of which log.
    #[command(flatten)]
    pub events: EventsArguments,
    /// The file to write; it must not exist yet
    #[arg(long, value_name = "FILE")]
    pub to: String,
    /// What to write, where the name of the file does not tell
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FileFormat>,
    /// A slice of one stream with the state that it comes to, instead
    #[arg(long = "as", value_name = "KIND", conflicts_with = "format")]
    pub artefact: Option<Artefact>,
    /// With --as: up to this version [default: the last]
    #[arg(long, value_name = "VERSION", requires = "artefact", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// With --as bundle: the state as it should be, as JSON [default: as it is]
    #[arg(long, value_name = "FILE", requires = "artefact")]
    pub expect: Option<std::path::PathBuf>,
}

/// `archive`.
#[derive(Args, Debug)]
pub struct ArchiveArguments {
    /// The log.
    #[command(flatten)]
    pub log: OwnLogArguments,
    /// The events before the first one at or after this time (RFC 3339, or a date); the newest always stays
    #[arg(long, value_name = "TIME")]
    pub before: String,
    /// The archive to write; one that was written before by the same command is verified again and used
    #[arg(long, value_name = "FILE")]
    pub to: String,
    /// Remove the events from the log once the archive is verified; the log reads them there from then on
    #[arg(long)]
    pub trim: bool,
}
