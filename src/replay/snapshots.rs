//! Snapshots: taking one, listing them, and the audit that folds from zero and compares.
//!
//! One that Eventscope took carries a seal over its state, its reducer and its event, where every event up to there was
//! folded. Seeking begins at it while the reducer is the one in use, the seal holds and the event is still in the log. One
//! that was altered since, that another reducer made, or that a library wrote, is never begun from; where an audit finds
//! it sound, the state that was folded there is kept as a checkpoint.

use std::ops::ControlFlow;

use super::Replay;
use super::diff::{Operation, diff};
use super::scan::{Looks, Progress, Scanned};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, StreamId, Time, Value};
use crate::log::{At, Snapshot, StreamInfo};
use crate::store::EventLog;
use crate::store::sqlite::companion::Companion;
use crate::store::sqlite::native::{Kept, NewSnapshot, Store};

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
        reducer: replay.reducer_of(stream)?.to_owned(),
        event_hash: folded.event_hash,
        state: folded.shown.state.clone(),
    };
    // A seal says that nothing before was left out: a fault would not be known to who begins there.
    let kept = if folded.faults_total == 0 { Kept::Sealed } else { Kept::Bare };
    let stored_in = keep(replay.log(), &new, kept)?;
    replay.keep_here(stream, folded.position)?;
    let snapshot = Snapshot {
        stream: new.stream,
        version: reached,
        name,
        reducer: Some(new.reducer),
        source: "eventscope".to_owned(),
        time: Some(Time::now()),
        bytes: new.state.to_string().len() as u64,
        event_hash: new.event_hash,
        seal: None,
        state: Ok(new.state),
    };
    Ok((snapshot, stored_in))
}

/// The snapshots of a stream, or of all, oldest version first: those in the log, and those in its companion file.
///
/// # Errors
/// As the log and the companion file.
pub fn list(log: &mut dyn EventLog, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
    let decoder = log.decoder();
    listed(log, stream, &|snapshot| Snapshot { state: snapshot.state.map(|state| decoder.masked(state)), ..snapshot })
}

/// The same with the states as they are kept.
pub(super) fn stored(log: &mut dyn EventLog, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
    listed(log, stream, &|snapshot| snapshot)
}

fn listed(
    log: &mut dyn EventLog,
    stream: Option<&StreamId>,
    of_companion: &dyn Fn(Snapshot) -> Snapshot,
) -> Result<Vec<Snapshot>> {
    let mut snapshots = log.snapshots(stream)?;
    if log.info().read_only
        && let Some(companion) = Companion::open_for(crate::locator::Locator::parse(&log.info().locator).file())?
    {
        snapshots.extend(companion.snapshots(stream)?.into_iter().map(of_companion));
        snapshots.sort_by(|one, other| (&one.stream, one.version).cmp(&(&other.stream, other.version)));
    }
    Ok(snapshots)
}

/// The version at which the policy "one every `every` events" wants a snapshot of a stream: after the last multiple of
/// `every` events that it has passed, where its reducer has none there or later.
///
/// # Errors
/// `Input` where `every` is 0; else as the log and the companion file.
pub fn due(replay: &mut Replay, stream: &StreamInfo, every: u64) -> Result<Option<i64>> {
    let Some(count) = stream.events.checked_div(every) else {
        return Err(Error::Input("a snapshot every 0 events is none (give 1 or more)".to_owned()));
    };
    let Some(row) = (count * every).checked_sub(1) else { return Ok(None) };
    let scope = Scope::Stream(stream.stream.clone());
    let mut batch = EventBatch::new();
    let Some(version) = replay.raw_at(&scope, row, &mut batch)?.and_then(|raw| raw.version) else { return Ok(None) };
    let reducer = replay.reducer_of(&stream.stream)?.to_owned();
    let taken = stored(replay.log(), Some(&stream.stream))?
        .iter()
        .any(|one| one.version >= version && one.reducer.as_deref() == Some(&reducer));
    Ok((!taken).then_some(version))
}

/// What an audit found: the verdict, and the operations that lead from the snapshot to the fold.
pub type Audited = (Verdict, Vec<Operation>);

/// Folds the stream from zero to the snapshot's version and compares. The operations lead from the snapshot to the fold.
///
/// # Errors
/// As the log.
pub fn audit(replay: &mut Replay, snapshot: &Snapshot) -> Result<Audited> {
    let goes_on = &mut |_| ControlFlow::Continue(());
    let (mut audited, _) = audit_stream(replay, &snapshot.stream, &[snapshot], goes_on)?;
    audited.pop().ok_or_else(|| Error::Other("the audit gave no verdict".to_owned()))
}

/// Folds a stream from zero, past its snapshots, and compares each: one pass, and no checkpoint that could repeat an old
/// mistake. Gives what was found in the order of the snapshots, and what was read.
///
/// # Errors
/// `Stopped` where `progress` broke; else as the log.
pub fn audit_stream(
    replay: &mut Replay,
    stream: &StreamId,
    snapshots: &[&Snapshot],
    progress: Progress<'_>,
) -> Result<(Vec<Audited>, Scanned)> {
    let reducer = replay.reducer_of(stream)?.to_owned();
    let comparable = |snapshot: &Snapshot| snapshot.reducer.as_deref() == Some(&reducer);
    let mut audited: Vec<Audited> = snapshots
        .iter()
        .map(|snapshot| if comparable(snapshot) { Verdict::Drift } else { Verdict::OtherReducer })
        // Where the stream never reaches the version, the verdict stays.
        .map(|verdict| (verdict, Vec::new()))
        .collect();
    let last = snapshots.iter().filter(|snapshot| comparable(snapshot)).map(|snapshot| snapshot.version).max();
    let Some(last) = last else { return Ok((audited, Scanned::default())) };
    let end = replay.position_of_version(stream, last)?;
    let mut sound = Vec::new();
    let scanned = replay.scan(stream, 0..end, Looks::STATE, progress, &mut |step| {
        for (snapshot, found) in snapshots.iter().zip(&mut audited) {
            if snapshot.version == step.version() && comparable(snapshot) {
                *found = compare(snapshot, step.state, &step.raw.hash());
                if found.0 == Verdict::Sound {
                    sound.push(step.position);
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    for position in sound {
        replay.keep_here(stream, position)?;
    }
    Ok((audited, scanned))
}

/// A snapshot that cannot be decoded is no state that a fold gives.
fn compare(snapshot: &Snapshot, state: &Value, event_hash: &[u8; 32]) -> Audited {
    let Ok(kept) = &snapshot.state else { return (Verdict::Drift, Vec::new()) };
    let operations = diff(kept, state);
    let same_event = snapshot.event_hash.is_none_or(|hash| hash == *event_hash);
    let sound = operations.is_empty() && same_event;
    (if sound { Verdict::Sound } else { Verdict::Drift }, operations)
}

/// Writes to the log itself where Eventscope created it, else to the companion file. Gives that file's path.
fn keep(log: &dyn EventLog, snapshot: &NewSnapshot, kept: Kept) -> Result<String> {
    let path = std::path::Path::new(&log.info().locator);
    if log.info().read_only {
        let mut companion = Companion::create_for(path)?;
        companion.keep(snapshot, kept)?;
        Ok(companion.path().display().to_string())
    } else {
        Store::open(path)?.keep_snapshot(snapshot, kept)?;
        Ok(path.display().to_string())
    }
}
