//! `snapshot`: keeps the state of a stream.

use serde_json::json;

use super::arguments::SnapshotArguments;
use super::output::{Answer, Ending, Output, bytes, plain};
use crate::event::StreamId;
use crate::reducer;
use crate::replay::{Replay, snapshots};

/// Takes one and says where it was kept: in the log itself, or in the companion file of a log that is not ours.
pub fn run(arguments: &SnapshotArguments, output: &mut Output) -> Ending {
    let mut replay = Replay::open(&arguments.log.log, reducer::by_name("auto")?)?;
    let stream = StreamId::new(&arguments.stream);
    let (snapshot, stored_in) = snapshots::take(&mut replay, &stream, arguments.version, arguments.name.clone())?;
    if output.is_json() {
        output.object(&json!({
            "stream": snapshot.stream.as_str(),
            "version": snapshot.version,
            "reducer": snapshot.reducer,
            "stored_in": stored_in,
        }))?;
    } else {
        let reducer = snapshot.reducer.as_deref().unwrap_or_default();
        output.line(format!(
            "kept the state of {} after version {} ({}, reducer {}) in {}",
            plain(snapshot.stream.as_str()),
            snapshot.version,
            bytes(snapshot.bytes),
            plain(reducer),
            plain(&stored_in)
        ))?;
    }
    Ok(Answer::Yes)
}
