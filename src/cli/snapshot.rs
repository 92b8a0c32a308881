//! `snapshot`: keeps the state of a stream.

use serde_json::json;

use super::arguments::SnapshotArguments;
use super::output::{Answer, Ending, Output, Printed, bytes, plain};
use super::replay_over;
use crate::limits::STREAMS_PAGE;
use crate::log::{Snapshot, StreamPage};
use crate::replay::{Replay, snapshots};
use crate::store::stream_named;

/// Takes one and says where it was kept: in the log itself, or in the companion file of a log that is not ours.
pub fn run(arguments: &SnapshotArguments, output: &mut Output) -> Ending {
    let (mut replay, _) = replay_over(&arguments.log.locator(), None, None, &arguments.reducer, false)?;
    if let Some(every) = arguments.every {
        return take_due(&mut replay, every, arguments, output);
    }
    let stream = stream_named(replay.log(), arguments.stream.as_deref().unwrap_or_default())?;
    let (snapshot, stored_in) = snapshots::take(&mut replay, &stream, arguments.version, arguments.name.clone())?;
    print(&snapshot, &stored_in, output)?;
    Ok(Answer::Yes)
}

/// Takes the snapshots that the policy "one every so many events" wants, stream by stream.
fn take_due(replay: &mut Replay, every: u32, arguments: &SnapshotArguments, output: &mut Output) -> Ending {
    let mut page = StreamPage { limit: STREAMS_PAGE, ..StreamPage::default() };
    loop {
        let streams = replay.log().streams(&page)?;
        let Some(last) = streams.last() else { return Ok(Answer::Yes) };
        page.after = Some(last.stream.clone());
        for info in streams.iter().filter(|info| info.events >= u64::from(every)) {
            if let Some(version) = snapshots::due(replay, info, u64::from(every))? {
                let (snapshot, stored_in) =
                    snapshots::take(replay, &info.stream, Some(version), arguments.name.clone())?;
                print(&snapshot, &stored_in, output)?;
            }
        }
    }
}

fn print(snapshot: &Snapshot, stored_in: &str, output: &mut Output) -> Printed {
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
            plain(stored_in)
        ))?;
    }
    Ok(())
}
