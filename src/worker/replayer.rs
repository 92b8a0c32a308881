//! The replayer: the state at the cursor, and snapshots of it. The newest seek wins.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::{Outlet, sentence};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, StreamId};
use crate::limits::{BLAME_ROWS_MAX, PAGE_EVENTS_MAX};
use crate::log::At;
use crate::protocol::{
    BlameAt, BlameRow, Change, DiffAt, Generation, Reply, Request, RowChange, StateAt, StateLines, Ticket,
};
use crate::reducer::Shown;
use crate::replay::lines::short_text;
use crate::replay::scan::{Looks, Step};
use crate::replay::{FoldedState, Replay, snapshots};

/// How long the changes of one page of rows may take.
const CHANGES_TIME: Duration = Duration::from_millis(40);

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut replay: Option<Replay> = None;
    let mut waiting: Option<Request> = None;
    loop {
        let request = match waiting.take() {
            Some(request) => request,
            None => match requests.recv() {
                Ok(request) => request,
                Err(_) => return,
            },
        };
        match request {
            Request::Open { generation, locator } => {
                // Where it cannot be opened, the log that was open goes on.
                if outlet.shared.is_newest_opening(generation)
                    && let Some(opened) = open(outlet, &locator)
                {
                    replay = Some(opened);
                }
            }
            Request::Close => replay = None,
            Request::Seek { generation, ticket, scope, position } => {
                // Only the newest of the seeks that wait is answered.
                let mut newest = (generation, ticket, scope, position);
                while let Ok(next) = requests.try_recv() {
                    match next {
                        Request::Seek { generation, ticket, scope, position } => {
                            newest = (generation, ticket, scope, position);
                        }
                        other => {
                            waiting = Some(other);
                            break;
                        }
                    }
                }
                let (generation, ticket, scope, position) = newest;
                if let Some(replay) = &mut replay
                    && let Err(error) = seek(outlet, replay, generation, ticket, &scope, position)
                {
                    outlet.failed(generation, &error);
                }
            }
            Request::Diff { generation, ticket, stream, from, to } => {
                if let Some(replay) = &mut replay
                    && let Err(error) = diff(outlet, replay, generation, ticket, stream, from..to)
                {
                    outlet.failed(generation, &error);
                }
            }
            Request::Changes { generation, stream, first, count } => {
                let Some(replay) = replay.as_mut().filter(|_| outlet.shared.is_newest(generation)) else { continue };
                let changes = changes(replay, &stream, first, count).unwrap_or_else(|error| {
                    outlet.failed(generation, &error);
                    Vec::new()
                });
                outlet.send(Reply::Changes { generation, stream, first, changes });
            }
            Request::Blame { generation, ticket, stream, path } => {
                if let Some(replay) = &mut replay
                    && let Err(error) = blame(outlet, replay, generation, ticket, stream, path)
                {
                    outlet.failed(generation, &error);
                }
            }
            Request::Snapshot { generation, stream, version, name } => {
                let Some(replay) = &mut replay else { continue };
                match snapshots::take(replay, &stream, Some(version), name) {
                    Ok((snapshot, stored_in)) => {
                        outlet.send(Reply::SnapshotTaken { generation, snapshot, stored_in });
                    }
                    Err(error) => {
                        let message = sentence(&error.context("cannot keep the snapshot").to_string());
                        outlet.send(Reply::Failed { generation, message });
                    }
                }
            }
            Request::Snapshots { generation, stream } => {
                let Some(replay) = &mut replay else { continue };
                match snapshots::list(replay.log(), Some(&stream)) {
                    Ok(snapshots) => {
                        outlet.send(Reply::Snapshots { generation, stream, snapshots });
                    }
                    Err(error) => outlet.failed(generation, &error),
                }
            }
            _ => {}
        }
    }
}

/// What each event of some rows did, for as many of them as there is time for: a seek must not wait for it.
fn changes(replay: &mut Replay, stream: &StreamId, first: u64, count: u64) -> Result<Vec<RowChange>> {
    let started = Instant::now();
    let mut changes = Vec::new();
    let mut look = |step: &Step<'_>| {
        changes.push(match step.fault {
            Some(fault) => RowChange::Fault(fault.to_owned()),
            None => RowChange::Paths(StateLines::between(step.before, step.state).changed),
        });
        if started.elapsed() > CHANGES_TIME { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let looks = Looks { event: false, state: true, before: true };
    replay.scan(stream, first..first + count, looks, &mut |_| ControlFlow::Continue(()), &mut look)?;
    Ok(changes)
}

fn open(outlet: &Outlet, locator: &str) -> Option<Replay> {
    // The reader says why where the log cannot be opened.
    let mut replay = Replay::open(locator, Box::new(crate::reducer::auto::Auto)).ok()?;
    outlet.shared.register("replayer", replay.log());
    Some(replay)
}

fn seek(
    outlet: &Outlet,
    replay: &mut Replay,
    generation: Generation,
    ticket: Ticket,
    scope: &Scope,
    position: u64,
) -> Result<()> {
    let stop = || !outlet.shared.is_newest(generation) || !outlet.shared.is_newest_seek(ticket);
    if stop() {
        return Ok(());
    }
    let target = match scope {
        Scope::Stream(stream) => Some((stream.clone(), position)),
        Scope::Log | Scope::Category(_) => stream_at_cursor(replay, scope, position)?,
    };
    let state = match target {
        Some((stream, in_stream)) => {
            let folded = replay.state_at(&stream, in_stream, &stop)?;
            state_at(replay, scope, position, &stream, folded)
        }
        None => nothing(replay, scope, position),
    };
    outlet.send(Reply::State { generation, ticket, state: Arc::new(state) });
    Ok(())
}

/// The states at both positions, unless a newer seek or question comes. The range may run backwards.
fn diff(
    outlet: &Outlet,
    replay: &mut Replay,
    generation: Generation,
    ticket: Ticket,
    stream: StreamId,
    range: std::ops::Range<u64>,
) -> Result<()> {
    let stop = || !outlet.shared.is_newest(generation) || !outlet.shared.is_newest_seek(ticket);
    let from = replay.state_at(&stream, range.start, &stop)?;
    let to = replay.state_at(&stream, range.end, &stop)?;
    let lines = StateLines::between(&from.shown.state, &to.shown.state);
    let changed = lines.lines.iter().enumerate().filter(|(_, line)| line.change != Change::Same);
    let changed = changed.map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX)).collect();
    let diff = DiffAt {
        stream,
        from: range.start,
        from_version: from.version,
        to: range.end,
        to_version: to.version,
        lines,
        changed,
        folded: from.folded + to.folded,
        elapsed_us: from.elapsed_us + to.elapsed_us,
    };
    outlet.send(Reply::Diff { generation, diff: Arc::new(diff) });
    Ok(())
}

/// One pass over the whole stream, unless a newer seek or question comes.
fn blame(
    outlet: &Outlet,
    replay: &mut Replay,
    generation: Generation,
    ticket: Ticket,
    stream: StreamId,
    path: String,
) -> Result<()> {
    let last_version = replay.log().stream(&stream)?.and_then(|info| info.last_version);
    let mut progress = |_| {
        if outlet.shared.is_newest(generation) && outlet.shared.is_newest_seek(ticket) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let found = replay.blame(&stream, &path, u64::MAX, &mut progress)?;
    let more = found.settings.len().saturating_sub(BLAME_ROWS_MAX) as u64;
    let rows = found.settings.into_iter().take(BLAME_ROWS_MAX).map(|one| BlameRow {
        position: one.position,
        version: one.version,
        event_type: Arc::from(one.event_type),
        time: one.time,
        from: one.from.as_deref().map(short_text),
        to: one.to.as_deref().map(short_text),
    });
    let blame = BlameAt {
        stream,
        path,
        last_version,
        rows: rows.collect(),
        left_out: found.left_out + more,
        events: found.scanned.events,
        elapsed_us: found.scanned.elapsed_us,
    };
    outlet.send(Reply::Blame { generation, blame: Arc::new(blame) });
    Ok(())
}

/// The stream of the event at the cursor, and how many of its events are folded there.
fn stream_at_cursor(replay: &mut Replay, scope: &Scope, position: u64) -> Result<Option<(StreamId, u64)>> {
    let Some(row) = position.checked_sub(1) else { return Ok(None) };
    let log = replay.log();
    let mut batch = EventBatch::new();
    let mut place = log.locate(scope, row)?;
    loop {
        let skip = row - place.position;
        let limit = u32::try_from(skip + 1).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
        let end = log.read(scope, &place.resume, limit, &mut batch)?;
        let index = usize::try_from(skip).unwrap_or(usize::MAX);
        if let Some(raw) = batch.get(index) {
            let stream = StreamId::new(raw.stream);
            let at = raw.version.map_or(At::Seq(raw.seq), At::Version);
            let in_stream = log.position_of(&Scope::Stream(stream.clone()), &at)?;
            return Ok(Some((stream, in_stream)));
        }
        if end.at_end || batch.is_empty() {
            return Err(Error::Corrupt(format!("the log holds no event {position} any more")));
        }
        place.position += batch.len() as u64;
        place.resume = end.next;
    }
}

fn state_at(replay: &Replay, scope: &Scope, position: u64, stream: &StreamId, folded: FoldedState) -> StateAt {
    let lines = StateLines::between(&folded.before.state, &folded.shown.state);
    StateAt {
        scope: scope.clone(),
        position,
        stream: Some(stream.clone()),
        version: folded.version,
        exists: folded.shown.exists,
        changed: lines.changed,
        lines,
        bytes: json_bytes(&folded.shown),
        reducer: replay.reducer_id().to_owned(),
        faults: folded.faults,
        faults_total: folded.faults_total,
        folded: folded.folded,
        from_version: (folded.from_position > 0).then(|| i64::try_from(folded.from_position).unwrap_or(i64::MAX)),
        elapsed_us: folded.elapsed_us,
    }
}

fn nothing(replay: &Replay, scope: &Scope, position: u64) -> StateAt {
    StateAt {
        scope: scope.clone(),
        position,
        stream: None,
        version: None,
        exists: false,
        lines: StateLines::default(),
        changed: 0,
        bytes: 0,
        reducer: replay.reducer_id().to_owned(),
        faults: Vec::new(),
        faults_total: 0,
        folded: 0,
        from_version: None,
        elapsed_us: 0,
    }
}

fn json_bytes(shown: &Shown) -> u64 {
    struct Count(u64);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting bytes cannot fail.
    let _ = serde_json::to_writer(&mut count, &shown.state);
    count.0
}
