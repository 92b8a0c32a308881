//! `state`: what a stream's events come to at a version or a time.

use serde_json::{Value, json};

use super::arguments::StateArguments;
use super::output::{Answer, Ending, Output, counted, plain};
use super::{position_of_version, replay_over};
use crate::error::{Error, Result};
use crate::event::{Scope, Seq, StreamId, Time};
use crate::log::At;
use crate::replay::FoldedState;

/// Prints the state.
pub fn run(arguments: &StateArguments, output: &mut Output) -> Ending {
    let time = arguments.time.as_deref().map(time).transpose()?;
    let (stream, category) = (arguments.stream.as_deref(), arguments.category.as_deref());
    let (mut replay, scope) = replay_over(&arguments.log.locator(), stream, category, &arguments.reducer, true)?;
    let position = match (scope.stream(), arguments.version, arguments.position, time) {
        (Some(stream), Some(version), _, _) => position_of_version(replay.log(), stream, version)?,
        (_, _, Some(position), _) => replay.log().position_of(&scope, &At::Seq(Seq::Number(position)))?,
        (_, _, _, Some(time)) => replay.log().position_of(&scope, &At::Time(time))?,
        _ => replay.log().extent(&scope)?,
    };
    let folded = replay.state_in(&scope, position, &|| false)?;
    // Before the first event stands the version that was asked for, if one was.
    let version = folded.version.or(arguments.version.filter(|_| folded.position == 0));
    if output.is_json() {
        output.object(&object(&scope, version, &folded, replay.reducer_id()))?;
    } else {
        tell(&scope, version, &folded, replay.reducer_id(), output)?;
    }
    Ok(Answer::Yes)
}

fn time(text: &str) -> Result<Time> {
    Time::parse(text).ok_or_else(|| {
        Error::Input(format!("\"{text}\" is not a time (give one as 2026-07-19T14:32:29Z, or a date as 2026-07-19)"))
    })
}

fn object(scope: &Scope, version: Option<i64>, folded: &FoldedState, reducer: &str) -> Value {
    let faults: Vec<Value> = folded
        .faults
        .iter()
        .map(|fault| json!({ "position": fault.position, "version": fault.version, "message": fault.message }))
        .collect();
    let mut object = json!({
        "stream": scope.stream().map(StreamId::as_str),
        "version": version.filter(|_| scope.stream().is_some()),
        "exists": folded.shown.exists,
        "state": folded.shown.state,
        "reducer": reducer,
        "faults": faults,
    });
    if scope.stream().is_none() {
        // Of several streams: how many events are folded, instead of a version.
        object["category"] = if let Scope::Category(category) = scope { json!(&**category) } else { Value::Null };
        object["events"] = json!(folded.position);
    }
    if !folded.console.is_empty() {
        object["console"] = json!(folded.console);
    }
    object
}

fn tell(
    scope: &Scope,
    version: Option<i64>,
    folded: &FoldedState,
    reducer: &str,
    output: &mut Output,
) -> super::output::Printed {
    let name = match scope {
        Scope::Stream(stream) => plain(stream.as_str()),
        Scope::Category(category) => format!("category {}", plain(category)),
        Scope::Log => "the log".to_owned(),
    };
    let place = match version {
        Some(version) if folded.position > 0 && scope.stream().is_some() => format!("after version {version}"),
        _ if folded.position > 0 => format!("after event {}", folded.position),
        _ => "before its first event".to_owned(),
    };
    let existence = if folded.shown.exists { "" } else { " does not exist" };
    let folds = counted(folded.position, "event");
    output.line(format!("{name}{existence} {place} ({folds}, reducer {reducer})"))?;
    if folded.shown.exists {
        let pretty = serde_json::to_string_pretty(&folded.shown.state).map_err(std::io::Error::from)?;
        for line in pretty.lines() {
            output.line(plain(line))?;
        }
    }
    for line in &folded.console {
        output.line(format!("console: {}", plain(line)))?;
    }
    for fault in &folded.faults {
        let at = fault
            .version
            .map_or_else(|| format!("event {}", fault.position + 1), |version| format!("version {version}"));
        output.line(format!("{at} could not be folded, and left the state as it was: {}", plain(&fault.message)))?;
    }
    let untold = folded.faults_total.saturating_sub(folded.faults.len() as u64);
    if untold > 0 {
        output.line(format!("{} more could not be folded", counted(untold, "event")))?;
    }
    Ok(())
}
