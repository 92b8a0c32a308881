//! What can be typed: the commands, their options and help texts. Other programs depend on these names.

mod debug;
mod keeping;
mod lab;
mod payload;
mod reading;
mod screenshot;
mod search;
mod shell;
mod why;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::locator::Locator;

pub use debug::*;
pub use keeping::*;
pub use lab::*;
pub use payload::*;
pub use reading::*;
pub use screenshot::*;
pub use search::*;
pub use shell::*;
pub use why::*;

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
    /// Show what the workspace file masks
    #[arg(long, global = true)]
    pub unmask: bool,
    /// The workspace file [default: eventscope.toml beside the log]
    #[arg(long, value_name = "FILE", requires = "log")]
    pub workspace: Option<PathBuf>,
    /// Where in the log the window begins.
    #[command(flatten)]
    pub place: PlaceArguments,
}

impl Arguments {
    /// The log to open in the window, and how it is to be opened.
    #[must_use]
    pub fn locator(&self) -> Option<String> {
        self.log.as_ref().map(|log| locator(log, self.workspace.as_deref()))
    }
}

/// Where in a log the window begins.
#[derive(Args, Debug, Default, PartialEq)]
pub struct PlaceArguments {
    /// Begin at this stream
    #[arg(long, value_name = "STREAM", requires = "log", conflicts_with = "category")]
    pub stream: Option<String>,
    /// Begin at this category
    #[arg(long, value_name = "CATEGORY", requires = "log")]
    pub category: Option<String>,
    /// The cursor stands after this version of the stream
    #[arg(long, value_name = "VERSION", requires = "stream", allow_negative_numbers = true)]
    pub at_version: Option<i64>,
    /// The cursor stands after so many events of what is looked at
    #[arg(long, value_name = "POSITION", requires = "log", conflicts_with = "at_version")]
    pub position: Option<u64>,
    /// The tab of the inspector
    #[arg(long, value_enum, requires = "log")]
    pub tab: Option<Tab>,
    /// The view
    #[arg(long, value_enum, requires = "log")]
    pub view: Option<StartView>,
}

/// The views that a window can begin with.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartView {
    /// Streams, events, inspector and time.
    Replay,
    /// How fast the log is written to.
    Live,
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
    Events(PrintEventsArguments),
    /// Print the events that hold some words, or pass a filter
    Search(SearchArguments),
    /// Count events by type, category, stream, month, or the value at a path
    Facets(FacetsArguments),
    /// Print the state of a stream at a version or a time
    State(StateArguments),
    /// Print what changed between two versions of a stream, or what differs between two streams
    Diff(DiffArguments),
    /// Print who set a value of the state, newest first
    Blame(BlameArguments),
    /// Print all intervals of versions in which a condition held
    Find(FindArguments),
    /// Run on to where a breakpoint hits, forwards or backwards: a condition, a type, or a change of a value
    Break(BreakArguments),
    /// Fold the events of a repro bundle and compare with the state that it expects; exit code 1 where it differs
    Check(CheckArguments),
    /// Fold with some events skipped, edited, put in or moved, beside the real line; the log is untouched
    Whatif(WhatifArguments),
    /// Run a KurrentDB projection over its own sources; what it would write is shown, never written
    Project(ProjectArguments),
    /// Keep the state of a stream as a snapshot
    Snapshot(SnapshotArguments),
    /// List the snapshots, or fold and compare them
    Snapshots(SnapshotsArguments),
    /// Append events to a log that Eventscope made; makes the log where there is none
    Append(AppendArguments),
    /// Look for gaps, duplicates, times going backwards and payloads that cannot be decoded
    Verify(VerifyArguments),
    /// Print what caused an event, what it caused, and all that belongs to the same correlation
    Trace(TraceArguments),
    /// Try the upcasters of the workspace file on every event, and print the first that each fails on
    Upcasts(LogArguments),
    /// Guess which columns of unknown tables hold what, as TOML for the workspace file
    Map(MapArguments),
    /// Print events as they arrive
    Tail(TailArguments),
    /// Copy the events of any log, or of a file, into a log that Eventscope made; makes the log where there is none
    Import(ImportArguments),
    /// Write events to a file: JSON lines, CSV, CloudEvents; or a slice of a stream as a test or a repro bundle
    Export(ExportArguments),
    /// Copy the older part of a log that Eventscope made to a compressed, sealed file, and verify it there
    Archive(ArchiveArguments),
    /// Write a log of made-up events, the same for the same seed
    Generate(GenerateArguments),
    /// Measure the store beside the bare database, as the README shows it
    Bench(BenchArguments),
    /// Measure the window with a log: a part of the bench
    #[command(hide = true)]
    WindowFigures(WindowFiguresArguments),
    /// Open a window and say when it is there: a part of the bench
    #[command(hide = true)]
    WindowFirstFrame(FirstFrameArguments),
    /// Draw the window as a PNG picture, without a display or a graphics card
    Screenshot(ScreenshotArguments),
    /// Print what a shell needs to complete the commands and options
    Completions(CompletionsArguments),
    /// Print the manual page, in the form that `man` reads
    Man,
}

/// A log and how to print.
#[derive(Args, Debug)]
pub struct LogArguments {
    /// Path of the log
    pub log: String,
    /// The workspace file [default: eventscope.toml beside the log]
    #[arg(long, value_name = "FILE")]
    pub workspace: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// A log that Eventscope made, and how to print: no workspace file says how to read it.
#[derive(Args, Debug)]
pub struct OwnLogArguments {
    /// Path of the log
    pub log: String,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl LogArguments {
    /// The log, and how it is to be opened.
    #[must_use]
    pub fn locator(&self) -> String {
        locator(&self.log, self.workspace.as_deref())
    }
}

/// A log as it was typed, with the workspace file that was named.
pub(crate) fn locator(log: &str, workspace: Option<&Path>) -> String {
    match workspace {
        Some(_) => Locator::parse(log).with_workspace(workspace).to_string(),
        None => log.to_owned(),
    }
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
}
