//! The same library without a window: what the window can tell, the command line tells as text or JSON.
//!
//! Decisions are in [`run`]; each command has a file. Standard output carries the answer, standard error carries what
//! went wrong, in words, and the exit code says which of both it is.

use std::process::ExitCode;

use crate::error::Error;
use crate::event::{Scope, StreamId};
use crate::reducer::Reducer;
use crate::replay::Replay;
use crate::workspace::{self, Workspace};

pub mod arguments;
pub mod output;

mod append;
mod append_input;
mod archive;
mod artefact;
mod bench;
mod bench_replay;
mod bench_window;
mod blame;
mod breakpoints;
mod check;
mod completions;
mod diff;
mod events;
mod export;
mod facets;
mod find;
mod forms;
mod generate;
mod import;
mod info;
mod man;
mod map;
mod pick;
mod progress;
mod project;
mod search;
mod snapshot;
mod snapshots;
mod state;
mod streams;
mod tail;
mod tour;
mod trace;
mod upcasts;
mod verify;
mod whatif;

use arguments::{Command, ReducerArguments, ScreenshotArguments};
use output::{Answer, Ending, Halt, Output};

/// Runs a command in the terminal and says how it ended. What draws the window is handed in: the command line knows
/// nothing of it.
#[must_use]
pub fn run(command: Command, screenshot: impl FnOnce(&ScreenshotArguments) -> crate::error::Result<()>) -> ExitCode {
    exit(match command {
        Command::Demo => printed(false, tour::run),
        Command::Info(arguments) => printed(arguments.json, |output| info::run(&arguments, output)),
        Command::Streams(arguments) => printed(arguments.log.json, |output| streams::run(&arguments, output)),
        Command::Events(arguments) => printed(arguments.events.log.json, |output| events::run(&arguments, output)),
        Command::Search(arguments) => printed(arguments.events.log.json, |output| search::run(arguments, output)),
        Command::Facets(arguments) => printed(arguments.log.json, |output| facets::run(&arguments, output)),
        Command::State(arguments) => printed(arguments.log.json, |output| state::run(&arguments, output)),
        Command::Diff(arguments) => printed(arguments.log.json, |output| diff::run(&arguments, output)),
        Command::Blame(arguments) => printed(arguments.log.json, |output| blame::run(&arguments, output)),
        Command::Find(arguments) => printed(arguments.log.json, |output| find::run(&arguments, output)),
        Command::Break(arguments) => printed(arguments.log.json, |output| breakpoints::run(&arguments, output)),
        Command::Check(arguments) => printed(arguments.json, |output| check::run(&arguments, output)),
        Command::Whatif(arguments) => printed(arguments.log.json, |output| whatif::run(&arguments, output)),
        Command::Project(arguments) => printed(arguments.log.json, |output| project::run(&arguments, output)),
        Command::Snapshot(arguments) => printed(arguments.log.json, |output| snapshot::run(&arguments, output)),
        Command::Snapshots(arguments) => printed(arguments.log.json, |output| snapshots::run(&arguments, output)),
        Command::Append(arguments) => printed(arguments.log.json, |output| append::run(&arguments, output)),
        Command::Verify(arguments) => printed(arguments.log.json, |output| verify::run(&arguments, output)),
        Command::Trace(arguments) => printed(arguments.log.json, |output| trace::run(&arguments, output)),
        Command::Upcasts(arguments) => printed(arguments.json, |output| upcasts::run(&arguments, output)),
        Command::Map(arguments) => printed(false, |output| map::run(&arguments, output)),
        Command::Tail(arguments) => printed(arguments.log.json, |output| tail::run(&arguments, output)),
        Command::Generate(arguments) => printed(arguments.log.json, |output| generate::run(&arguments, output)),
        Command::Bench(arguments) => printed(arguments.json, |output| bench::run(&arguments, output)),
        Command::Archive(arguments) => printed(arguments.log.json, |output| archive::run(&arguments, output)),
        Command::Import(arguments) => printed(arguments.log.json, |output| import::run(&arguments, output)),
        Command::Export(arguments) => printed(arguments.events.log.json, |output| export::run(&arguments, output)),
        Command::Completions(arguments) => printed(false, |output| completions::run(&arguments, output)),
        Command::Man => printed(false, man::run),
        Command::WindowFigures(_) | Command::WindowFirstFrame(_) => {
            Err(Halt::Failed(Error::Unsupported("this command belongs to the window".to_owned())))
        }
        Command::Screenshot(arguments) => screenshot(&arguments).map(|()| Answer::Yes).map_err(Halt::Failed),
    })
}

/// Shows what workspace files mask, from now on: somebody asked for it in so many words.
pub fn unmask() {
    crate::payload::Masking::switch_off();
}

/// Ends with a failure that happened outside of a command: the window's.
#[must_use]
pub fn failed(error: &Error) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(error.exit_code())
}

/// Ends because there is no display to open a window on.
#[must_use]
pub fn no_display(why: &str) -> ExitCode {
    let program = <arguments::Arguments as clap::CommandFactory>::command();
    let commands: Vec<&str> =
        program.get_subcommands().filter(|it| !it.is_hide_set()).map(clap::Command::get_name).collect();
    complain(&format!("{why}; these commands work without one: {} (see eventscope help)", commands.join(", ")));
    ExitCode::from(3)
}

fn complain(message: &str) {
    use std::io::Write as _;
    // A closed standard error leaves nobody to tell; the exit code still does.
    let _ = writeln!(std::io::stderr(), "eventscope: {}", output::plain(message));
}

fn printed(json: bool, command: impl FnOnce(&mut Output) -> Ending) -> Ending {
    let mut output = Output::standard(json);
    let ending = command(&mut output);
    // What was printed before a failure is true and belongs to the reader.
    let flushed = output.flush();
    let answer = ending?;
    flushed?;
    Ok(answer)
}

fn exit(ending: Ending) -> ExitCode {
    match ending {
        Ok(Answer::Yes) | Err(Halt::PipeClosed) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(Halt::Failed(error)) => failed(&error),
    }
}

/// The reducer that was asked for, else the one that the workspace file binds to the stream.
fn reducer_for(log: &str, stream: &str, arguments: &ReducerArguments) -> crate::error::Result<Box<dyn Reducer>> {
    match &arguments.reducer {
        Some(name) => workspace::reducer_named(name, arguments.consent()),
        None => workspace_of(log, arguments)?.reducer_of(stream),
    }
}

/// A log to replay and the scope that is named: one stream with its reducer, or several, each with its own or all with one.
fn replay_over(
    log: &str,
    stream: Option<&str>,
    category: Option<&str>,
    arguments: &ReducerArguments,
    together: bool,
) -> crate::error::Result<(Replay, Scope)> {
    if let Some(name) = stream {
        let (replay, stream) = replay_of(log, name, arguments)?;
        return Ok((replay, Scope::Stream(stream)));
    }
    // All in one: by what binds the names of that category.
    let any = category.map(|category| format!("{category}-")).unwrap_or_default();
    let mut replay = Replay::open(log, reducer_for(log, &any, arguments)?)?;
    if !together && arguments.reducer.is_none() {
        let workspace = workspace_of(log, arguments)?;
        if workspace.path().is_some() {
            replay.fold_as_bound(Box::new(workspace));
        }
    }
    Ok((replay, category.map_or(Scope::Log, |category| Scope::Category(category.into()))))
}

/// A log to replay, the stream that a name means in it, folded as [`reducer_for`] says.
fn replay_of(log: &str, name: &str, arguments: &ReducerArguments) -> crate::error::Result<(Replay, StreamId)> {
    let mut replay = Replay::open(log, crate::reducer::by_name("auto")?)?;
    let stream = crate::store::stream_named(replay.log(), name)?;
    replay.fold_with(reducer_for(log, stream.as_str(), arguments)?);
    Ok((replay, stream))
}

/// The workspace file that the locator names, else the one beside the log.
fn workspace_of(log: &str, arguments: &ReducerArguments) -> crate::error::Result<Workspace> {
    Ok(Workspace::of_log(log, None)?.allowing(arguments.consent()))
}

/// The position of a stream that a version names, with the version that stands there.
///
/// 0, and the number before the stream's first version, are the place before the first event.
fn position_of_version(
    log: &mut dyn crate::store::EventLog,
    stream: &StreamId,
    version: i64,
) -> crate::error::Result<u64> {
    let Some(info) = log.stream(stream)? else { return Ok(0) };
    let first = info.first_version.unwrap_or(1);
    let last = info.last_version.unwrap_or(first);
    if version < first && (version == 0 || version == first - 1) {
        return Ok(0);
    }
    if version < first || version > last {
        return Err(Error::Input(format!("stream {stream} has versions {first} to {last}, not {version}")));
    }
    log.position_of(&Scope::Stream(stream.clone()), &crate::log::At::Version(version))
}
