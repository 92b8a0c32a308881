//! What can be typed: the commands, their options and help texts. Other programs depend on these names.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::workspace::Consent;

/// Point it at an event log, and see what happened, step by step, and why the state is what it is.
#[derive(Parser, Debug)]
#[command(name = "eventscope", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Arguments {
    /// What to do; without one the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The log to open in the window.
    #[arg(value_name = "LOG")]
    pub log: Option<String>,
}

const AFTER_HELP: &str = "\
Exit codes: 0 fine; 1 the answer is no (nothing found, drift, findings); 2 usage or malformed input; 3 the log cannot be opened, or \
there is no display; 4 the expected version does not hold; 5 other failure.";

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show a believable wallet ledger with a live writer: in the window, or as a tour in the terminal
    Demo,
    /// Say what a log is and how it was opened
    Info(LogArguments),
    /// List the streams
    Streams(StreamsArguments),
    /// Print events in order
    Events(EventsArguments),
    /// Print the state of a stream at a version or a time
    State(StateArguments),
    /// Print what changed between two versions of a stream, or what differs between two streams
    Diff(DiffArguments),
    /// Print who set a value of the state, newest first
    Blame(BlameArguments),
    /// Print all intervals of versions in which a condition held
    Find(FindArguments),
    /// Run a KurrentDB projection over its own sources; what it would write is shown, never written
    Project(ProjectArguments),
    /// Keep the state of a stream as a snapshot
    Snapshot(SnapshotArguments),
    /// List the snapshots, or fold and compare them
    Snapshots(SnapshotsArguments),
    /// Append events to a log that Eventscope made; makes the log where there is none
    Append(AppendArguments),
    /// Look for gaps, duplicates, times going backwards and payloads that cannot be decoded
    Verify(LogArguments),
    /// Guess which columns of unknown tables hold what, as TOML for the workspace file
    Map(MapArguments),
    /// Print events as they arrive
    Tail(TailArguments),
    /// Copy the events of any log, or of a file, into a log that Eventscope made; makes the log where there is none
    Import(ImportArguments),
    /// Write events to a file: JSON lines, CSV, or CloudEvents
    Export(ExportArguments),
    /// Copy the older part of a log that Eventscope made to a compressed, sealed file, and verify it there
    Archive(ArchiveArguments),
    /// Write a log of made-up events, the same for the same seed
    Generate(GenerateArguments),
    /// Measure the store beside the bare database, as the README shows it
    Bench(BenchArguments),
    /// Draw the window as a PNG picture, without a display or a graphics card
    Screenshot(ScreenshotArguments),
}

/// A log and how to print.
#[derive(Args, Debug)]
pub struct LogArguments {
    /// Path of the log
    pub log: String,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

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
}

/// `state`.
#[derive(Args, Debug)]
pub struct StateArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The stream
    #[arg(long, value_name = "STREAM")]
    pub stream: String,
    /// After this version; 0 is before the first event [default: the last]
    #[arg(long, value_name = "VERSION", conflicts_with = "time", allow_negative_numbers = true)]
    pub version: Option<i64>,
    /// After all events up to this time (RFC 3339, or a date)
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// How events become state.
    #[command(flatten)]
    pub reducer: ReducerArguments,
}

/// How events become state.
#[derive(Args, Debug, Default)]
pub struct ReducerArguments {
    /// How events become state: auto, or a file (.js, .toml) [default: what the workspace file binds to the stream, or auto]
    #[arg(long, value_name = "NAME|FILE")]
    pub reducer: Option<String>,
    /// The workspace file [default: eventscope.toml beside the log]
    #[arg(long, value_name = "FILE")]
    pub workspace: Option<std::path::PathBuf>,
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
}

/// `append`.
#[derive(Args, Debug)]
pub struct AppendArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
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
        }
    }
}

/// `import`.
#[derive(Args, Debug)]
pub struct ImportArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// The log or the file to import
    #[arg(long, value_name = "OTHER")]
    pub from: String,
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
}

/// `archive`.
#[derive(Args, Debug)]
pub struct ArchiveArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
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

/// `bench`.
#[derive(Args, Debug)]
pub struct BenchArguments {
    /// A small run of some seconds: to see that it works
    #[arg(long)]
    pub quick: bool,
    /// Events of the large log [default: 10,000,000; quick: 100,000]
    #[arg(long, value_name = "COUNT")]
    pub events: Option<u64>,
    /// The folder to measure in: the disk that counts [default: the system's folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<std::path::PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `generate`.
#[derive(Args, Debug)]
pub struct GenerateArguments {
    /// The log.
    #[command(flatten)]
    pub log: LogArguments,
    /// How many events
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    pub events: u64,
    /// Over how many streams
    #[arg(long, value_name = "COUNT", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub streams: u64,
    /// About how many bytes a payload has
    #[arg(long, value_name = "BYTES", default_value_t = 160)]
    pub payload_bytes: usize,
    /// The same seed gives the same events
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// The wallet ledger of the demo instead: nine months, 50,000 events, three planted bugs
    #[arg(long, conflicts_with_all = ["events", "streams", "payload_bytes", "seed"])]
    pub wallet: bool,
}

/// `screenshot`.
#[derive(Args, Debug)]
pub struct ScreenshotArguments {
    /// Path of the log; not needed for the view `welcome`
    #[arg(required_unless_present = "view")]
    pub log: Option<String>,
    /// The PNG file to write
    #[arg(long, value_name = "PNG")]
    pub out: std::path::PathBuf,
    /// Size of the window in points
    #[arg(long, value_name = "WxH", default_value = "1440x900", value_parser = size)]
    pub size: (u32, u32),
    /// Pixels a point
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    pub scale: f32,
    /// The theme
    #[arg(long, value_enum, default_value_t = Theme::Dark)]
    pub theme: Theme,
    /// The view [default: replay, or welcome without a log]
    #[arg(long, value_enum)]
    pub view: Option<View>,
    /// The tab of the inspector
    #[arg(long, value_enum, default_value_t = Tab::State)]
    pub tab: Tab,
    /// The stream to show
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// The cursor stands after this version of the stream
    #[arg(long, value_name = "VERSION", requires = "stream", allow_negative_numbers = true)]
    pub version: Option<i64>,
}

/// The look of a screenshot.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// What the window shows.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The page without a log.
    Welcome,
    /// Streams, events, inspector and time.
    Replay,
    /// The palette over them.
    Palette,
}

/// What the inspector shows.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// The state at the cursor.
    State,
    /// What changed since before the first event.
    Diff,
    /// The event at the cursor.
    Event,
    /// Who set the value that the event at the cursor changed.
    Blame,
    /// The stream's snapshots.
    Snapshots,
}

/// Reads `1440x900`; each side is 1 to 16,384 points.
fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=16_384).contains(side));
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "give width and height in points, 1 to 16384 each, as in 1440x900".to_owned())
}

/// Reads a factor of 0.5 to 4.
fn scale(text: &str) -> Result<f32, String> {
    text.parse::<f32>()
        .ok()
        .filter(|factor| (0.5..=4.0).contains(factor))
        .ok_or_else(|| "give a factor of 0.5 to 4".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_path_alone_opens_the_window() {
        let arguments = Arguments::try_parse_from(["eventscope", "orders.db"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.log.as_deref(), Some("orders.db"));
    }

    #[test]
    fn a_size_is_two_sides() {
        assert_eq!(size("1440x900"), Ok((1440, 900)));
        for wrong in ["1440", "0x9", "1440x", "1440x900x2", "-1x5", "99999x1"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
