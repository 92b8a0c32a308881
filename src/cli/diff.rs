//! `diff`: what changed between two versions of a stream, or what differs between two streams.

use super::arguments::DiffArguments;
use super::output::{Answer, Ending, Output, counted, plain};
use super::snapshots::operation;
use super::{position_of_version, reducer_for};
use crate::error::{Error, Result};
use crate::event::{StreamId, Value};
use crate::replay::Replay;
use crate::replay::diff::{Rules, diff_by};
use crate::replay::ignore::Pattern;
use crate::store::stream_named;

/// One side of the comparison.
struct Side {
    stream: StreamId,
    position: u64,
    version: Option<i64>,
    state: Value,
}

/// Prints the operations that lead from one state to the other. No difference is an answer too.
pub fn run(arguments: &DiffArguments, output: &mut Output) -> Ending {
    let ignore = arguments.ignore.iter().map(|text| Pattern::parse(text)).collect::<Result<Vec<_>>>()?;
    let rules = Rules { ignore, keys: arguments.by_key.clone() };
    let to_stream = arguments.to_stream.as_ref().unwrap_or(&arguments.stream);
    let log = &arguments.log.locator();
    let (mut replay, stream) = super::replay_of(log, &arguments.stream, &arguments.reducer)?;
    let to_stream = stream_named(replay.log(), to_stream)?;
    let from = side(&mut replay, stream, arguments.from)?;
    if to_stream != from.stream {
        replay.fold_with(reducer_for(log, to_stream.as_str(), &arguments.reducer)?);
    }
    let to = side(&mut replay, to_stream, arguments.to)?;
    let operations = diff_by(&from.state, &to.state, &rules);
    if output.is_json() {
        for operation in &operations {
            output.object(&serde_json::to_value(operation).map_err(std::io::Error::from)?)?;
        }
        return Ok(Answer::Yes);
    }
    let count = match operations.len() {
        0 => "no difference".to_owned(),
        count => counted(count as u64, "difference"),
    };
    output.line(format!("from {} to {}: {count}", from.name(), to.name()))?;
    for one in &operations {
        let text = if one.path.is_empty() { whole(&one.from, &one.to) } else { operation(one) };
        output.line(plain(&text))?;
    }
    Ok(Answer::Yes)
}

fn side(replay: &mut Replay, stream: StreamId, version: Option<i64>) -> Result<Side> {
    let Some(info) = replay.log().stream(&stream)? else {
        return Err(Error::Input(format!("there is no stream \"{stream}\" in this log")));
    };
    let position = match version {
        Some(version) => position_of_version(replay.log(), &stream, version)?,
        None => info.events,
    };
    let folded = replay.state_at(&stream, position, &|| false)?;
    Ok(Side { stream, position: folded.position, version: folded.version, state: folded.shown.state })
}

impl Side {
    fn name(&self) -> String {
        let stream = plain(self.stream.as_str());
        match (self.position, self.version) {
            (0, _) => format!("{stream} before its first event"),
            (_, Some(version)) => format!("{stream} after version {version}"),
            (position, None) => format!("{stream} after event {position}"),
        }
    }
}

/// A state that came into being, or ceased to be.
fn whole(from: &Value, to: &Value) -> String {
    match (from, to) {
        (Value::Null, to) => format!("the whole state added: {to}"),
        (from, Value::Null) => format!("the whole state removed: {from}"),
        (from, to) => format!("the whole state {from} → {to}"),
    }
}
