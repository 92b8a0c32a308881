//! Snapshots: taking one, listing them, and the audit that folds and compares.

use super::Replay;
use super::diff::{Operation, diff};
use crate::error::{Error, Result};
use crate::event::{Scope, StreamId, Time};
use crate::log::{At, Snapshot};
use crate::store::EventLog;
use crate::store::sqlite::companion::Companion;
use crate::store::sqlite::native::{NewSnapshot, Store};

/// What an audit found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The state is what a fold gives.
    Sound,
    /// It is not.
    Drift,
    /// Another reducer made it, so that it cannot be compared.
    OtherReducer,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Drift => "drift",
            Self::OtherReducer => "other reducer",
        }
    }
}

/// Takes a snapshot of a stream at a version, or at its newest one. Gives it and the file that it was written to: the
/// log itself where Eventscope created that, else its companion file.
///
/// # Errors
/// `Input` where the stream has no such version; else as the log and the file.
pub fn take(
    replay: &mut Replay,
    stream: &StreamId,
    version: Option<i64>,
    name: Option<String>,
) -> Result<(Snapshot, String)> {
    let Some(info) = replay.log().stream(stream)? else {
        return Err(Error::Input(format!("there is no stream \"{stream}\" in this log")));
    };
    let scope = Scope::Stream(stream.clone());
    let position = match version {
        Some(version) => replay.log().position_of(&scope, &At::Version(version))?,
        None => info.events,
    };
    let folded = replay.state_at(stream, position, &|| false)?;
    let reached = folded.version.filter(|reached| version.is_none_or(|wanted| wanted == *reached));
    let Some(reached) = reached else {
        let (first, last) = (info.first_version.unwrap_or(0), info.last_version.unwrap_or(0));
        return Err(Error::Input(format!("stream \"{stream}\" has versions {first} to {last}")));
    };
    let new = NewSnapshot {
        stream: stream.clone(),
        version: reached,
        name: name.clone(),
        reducer: replay.reducer_id().to_owned(),
        event_hash: folded.event_hash,
        state: folded.shown.state.clone(),
    };
    let stored_in = keep(replay.log(), &new)?;
    let snapshot = Snapshot {
        stream: new.stream,
        version: reached,
        name,
        reducer: Some(new.reducer),
        source: "eventscope".to_owned(),
        time: Some(Time::now()),
        bytes: new.state.to_string().len() as u64,
        event_hash: new.event_hash,
        state: Ok(new.state),
    };
    Ok((snapshot, stored_in))
}

/// The snapshots of a stream, or of all, oldest version first: those in the log, and those in its companion file.
///
/// # Errors
/// As the log and the companion file.
pub fn list(log: &mut dyn EventLog, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
    let mut snapshots = log.snapshots(stream)?;
    if log.info().read_only
        && let Some(companion) = Companion::open_for(std::path::Path::new(&log.info().locator))?
    {
        snapshots.extend(companion.snapshots(stream)?);
        snapshots.sort_by(|one, other| (&one.stream, one.version).cmp(&(&other.stream, other.version)));
    }
    Ok(snapshots)
}

/// Folds the stream to the snapshot's version and compares. The operations lead from the snapshot to the fold.
///
/// # Errors
/// As the log.
pub fn audit(replay: &mut Replay, snapshot: &Snapshot) -> Result<(Verdict, Vec<Operation>)> {
    if snapshot.reducer.as_deref() != Some(replay.reducer_id()) {
        return Ok((Verdict::OtherReducer, Vec::new()));
    }
    let scope = Scope::Stream(snapshot.stream.clone());
    let position = replay.log().position_of(&scope, &At::Version(snapshot.version))?;
    let folded = replay.state_at(&snapshot.stream, position, &|| false)?;
    let kept = snapshot.state.as_ref().map_err(|why| Error::Corrupt(why.clone()))?;
    let operations = diff(kept, &folded.shown.state);
    let same_event = snapshot.event_hash.is_none_or(|hash| Some(hash) == folded.event_hash);
    let reached = folded.version == Some(snapshot.version);
    let sound = operations.is_empty() && same_event && reached;
    Ok((if sound { Verdict::Sound } else { Verdict::Drift }, operations))
}

/// Writes to the log itself where Eventscope created it, else to the companion file. Gives that file's path.
fn keep(log: &dyn EventLog, snapshot: &NewSnapshot) -> Result<String> {
    let path = std::path::Path::new(&log.info().locator);
    if log.info().read_only {
        let mut companion = Companion::create_for(path)?;
        companion.keep_snapshot(snapshot)?;
        Ok(companion.path().display().to_string())
    } else {
        Store::open(path)?.snapshot(snapshot)?;
        Ok(path.display().to_string())
    }
}
