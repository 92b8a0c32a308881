//! The replayer: the state at the cursor, and snapshots of it. The newest seek wins.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::folder::Folder;
use super::{Outlet, compare, sentence, why};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, StreamId, Value};
use crate::limits::{FILES_POLL_MS, PAGE_EVENTS_MAX, REQUESTS_MAX};
use crate::log::At;
use crate::protocol::{FoldedBy, Generation, Refolded, Reply, Request, RowChange, StateAt, StateLines, Ticket};
use crate::reducer::Shown;
use crate::replay::scan::{Looks, Step};
use crate::replay::{FoldedState, Replay, snapshots};
use crate::store::bundle::{Bundle, is_bundle};

/// How long the changes of one page of rows may take.
const CHANGES_TIME: Duration = Duration::from_millis(40);

/// How long the check of a bundle that is opened may take: states wait for it.
const BUNDLE_TIME: Duration = Duration::from_secs(2);

/// What was shown last, to say what another reducer makes of it.
struct Last {
    stream: StreamId,
    position: u64,
    reducer: String,
    state: Value,
}

/// What states are compared with: the one that was shown last, and the one that a bundle expects.
#[derive(Default)]
struct Seen {
    last: Option<Last>,
    expected: Option<Last>,
}

struct Replayer<'a> {
    outlet: &'a Outlet,
    folder: Option<Folder>,
    opening: Generation,
    seen: Seen,
    /// What may wait until nobody waits for a state.
    later: VecDeque<Request>,
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut replayer =
        Replayer { outlet, folder: None, opening: Generation(0), seen: Seen::default(), later: VecDeque::new() };
    let mut waiting: Option<Request> = None;
    loop {
        let request = match waiting.take().or_else(|| requests.try_recv().ok()) {
            Some(request) => request,
            None => match replayer.later.pop_front() {
                Some(request) => request,
                None => match replayer.next(requests) {
                    Ok(request) => request,
                    Err(RecvTimeoutError::Timeout) => {
                        replayer.look_at_files();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                },
            },
        };
        match request {
            Request::Seek { .. } => {
                // Only the newest of the seeks that wait is answered.
                let mut newest = request;
                while let Ok(next) = requests.try_recv() {
                    match next {
                        Request::Seek { .. } => newest = next,
                        Request::Changes { .. } => replayer.put_off(next),
                        other => {
                            waiting = Some(other);
                            break;
                        }
                    }
                }
                replayer.answer(newest);
            }
            other => replayer.answer(other),
        }
    }
}

impl Replayer<'_> {
    /// The next request; with a log open, an end to the waiting from time to time, to look whether a file was saved.
    fn next(&self, requests: &Receiver<Request>) -> std::result::Result<Request, RecvTimeoutError> {
        match &self.folder {
            Some(_) => requests.recv_timeout(Duration::from_millis(FILES_POLL_MS)),
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Keeps a request for later. Of too many the oldest is given up: an answer that is folded by nobody says so.
    fn put_off(&mut self, request: Request) {
        self.later.push_back(request);
        if self.later.len() > REQUESTS_MAX
            && let Some(Request::Changes { generation, stream, first, .. }) = self.later.pop_front()
        {
            let (changes, reducer) = (Vec::new(), String::new());
            self.outlet.send(Reply::Changes { generation, stream, first, changes, reducer });
        }
    }

    fn look_at_files(&mut self) {
        if self.folder.as_mut().is_some_and(Folder::refresh) {
            self.tell_reducers(self.opening);
        }
    }

    fn tell_reducers(&self, generation: Generation) {
        if let Some(folder) = &self.folder {
            self.outlet.send(Reply::Reducers { generation, reducers: Arc::new(folder.info()) });
        }
    }

    fn answer(&mut self, request: Request) {
        let outlet = self.outlet;
        match request {
            Request::Open { generation, locator } => self.open(generation, &locator),
            Request::Close => {
                self.folder = None;
                self.seen = Seen::default();
                self.later.clear();
            }
            Request::Changes { generation, stream, first, count } => self.changes(generation, stream, first, count),
            Request::UseReducer { generation, choice } => {
                if let Some(folder) = &mut self.folder {
                    folder.choose(choice);
                    self.tell_reducers(generation);
                }
            }
            Request::FoldTogether { together, .. } => {
                if let Some(folder) = &mut self.folder {
                    folder.together = together;
                }
            }
            Request::AllowProcess { generation, file } => {
                let Some(folder) = &mut self.folder else { return };
                match folder.allow(&file) {
                    Ok(()) => self.tell_reducers(generation),
                    Err(why) => {
                        outlet.send(Reply::Failed { generation, message: sentence(&why) });
                    }
                }
            }
            other => {
                let Some(folder) = &mut self.folder else { return };
                let generation = generation_of(&other);
                if let Err(error) = asked(outlet, folder, &mut self.seen, other) {
                    outlet.failed(generation, &error);
                }
            }
        }
    }

    /// Where it cannot be opened, the log that was open goes on.
    fn open(&mut self, generation: Generation, locator: &str) {
        if !self.outlet.shared.is_newest_opening(generation) {
            return;
        }
        if let Some(mut folder) = Folder::open(locator, crate::protocol::ReducerChoice::Bound) {
            self.outlet.shared.register("replayer", folder.replay.log());
            self.folder = Some(folder);
            self.opening = generation;
            self.seen = Seen::default();
            self.later.clear();
            self.tell_reducers(generation);
            self.tell_bundle(generation, locator);
        }
    }

    /// Of a repro bundle: whether its events come to the state that it expects, and how the two differ where they do not.
    fn tell_bundle(&mut self, generation: Generation, locator: &str) {
        let path = crate::locator::Locator::parse(locator);
        let Some(folder) = self.folder.as_mut().filter(|_| is_bundle(path.file())) else { return };
        let Ok(bundle) = Bundle::read(path.file()) else { return };
        let (stream, position) = (StreamId::new(&bundle.stream), bundle.events.len() as u64);
        let outcome = match folder.ready(&stream) {
            // A reducer that takes for ever is not waited for.
            Ok(_) => {
                let started = Instant::now();
                folder.replay.state_at(&stream, position, &|| started.elapsed() > BUNDLE_TIME)
            }
            // The state tab says what is wrong with its reducer.
            Err(_) => return,
        };
        let Ok(folded) = outcome else { return };
        let differs = StateLines::between(&bundle.expected.state, &folded.shown.state).changed;
        let text = match differs {
            0 => "This bundle's events come to the state that it expects".to_owned(),
            1 => "This bundle's events come to another state than it expects: 1 path differs".to_owned(),
            count => format!("This bundle's events come to another state than it expects: {count} paths differ"),
        };
        if differs > 0 {
            let reducer = "what the bundle expects".to_owned();
            let state = bundle.expected.state;
            self.seen.expected = Some(Last { stream: stream.clone(), position, reducer, state });
        }
        self.outlet.send(Reply::Hint { generation, text, stream, position });
    }

    /// A seek that comes meanwhile goes first.
    fn changes(&mut self, generation: Generation, stream: StreamId, first: u64, count: u64) {
        let shared = &self.outlet.shared;
        let Some(folder) = self.folder.as_mut().filter(|_| shared.is_newest(generation)) else { return };
        let ticket = shared.newest_ticket();
        let stop = || !shared.is_newest(generation) || shared.newest_ticket() != ticket;
        let outcome = match folder.ready(&stream) {
            Ok(_) => changes(&mut folder.replay, &stream, first, count, &stop),
            Err(_) => Ok(Vec::new()),
        };
        let reducer = folder.replay.reducer_id().to_owned();
        match outcome {
            Ok(changes) => {
                self.outlet.send(Reply::Changes { generation, stream, first, changes, reducer });
            }
            Err(error) if error.is_stopped() => {
                self.put_off(Request::Changes { generation, stream, first, count });
            }
            Err(error) => {
                self.outlet.failed(generation, &error);
                self.outlet.send(Reply::Changes { generation, stream, first, changes: Vec::new(), reducer });
            }
        }
    }
}

fn generation_of(request: &Request) -> Generation {
    match request {
        Request::Seek { generation, .. }
        | Request::Diff { generation, .. }
        | Request::Blame { generation, .. }
        | Request::Pins { generation, .. }
        | Request::Snapshot { generation, .. }
        | Request::Snapshots { generation, .. } => *generation,
        _ => Generation::default(),
    }
}

/// Answers what is asked of a log that is open.
fn asked(outlet: &Outlet, folder: &mut Folder, seen: &mut Seen, request: Request) -> Result<()> {
    match request {
        Request::Seek { generation, ticket, scope, position } => {
            seek(outlet, folder, seen, (generation, ticket), &scope, position)
        }
        Request::Diff { generation, ticket, asked } => compare::compare(outlet, folder, generation, ticket, asked),
        Request::Blame { generation, ticket, stream, path } => match folder.ready(&stream) {
            Ok(_) => why::blame(outlet, &mut folder.replay, generation, ticket, stream, path),
            Err(_) => Ok(()),
        },
        Request::Pins { generation, ticket, stream, position, paths } => match folder.ready(&stream) {
            Ok(_) => why::pins(outlet, &mut folder.replay, generation, ticket, stream, position, paths),
            Err(_) => Ok(()),
        },
        Request::Snapshot { generation, stream, version, name } => {
            let taken = match folder.ready(&stream) {
                Ok(_) => snapshots::take(&mut folder.replay, &stream, Some(version), name),
                Err(_) => Err(Error::Input("its reducer cannot fold".to_owned())),
            };
            let reply = match taken {
                Ok((snapshot, stored_in)) => Reply::SnapshotTaken { generation, snapshot, stored_in },
                Err(error) => {
                    let message = sentence(&error.context("cannot keep the snapshot").to_string());
                    Reply::Failed { generation, message }
                }
            };
            outlet.send(reply);
            Ok(())
        }
        Request::Snapshots { generation, stream } => {
            let snapshots = snapshots::list(folder.replay.log(), Some(&stream))?;
            outlet.send(Reply::Snapshots { generation, stream, snapshots });
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What each event of some rows did, for as many of them as there is time for: a seek must not wait for it.
fn changes(
    replay: &mut Replay,
    stream: &StreamId,
    first: u64,
    count: u64,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<RowChange>> {
    let mut started: Option<Instant> = None;
    let mut changes = Vec::new();
    let mut look = |step: &Step<'_>| {
        changes.push(match step.fault {
            Some(fault) => RowChange::Fault(fault.to_owned()),
            None => RowChange::Paths(StateLines::between(step.before, step.state).changed),
        });
        let started = started.get_or_insert_with(Instant::now);
        if started.elapsed() > CHANGES_TIME || stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut progress = |_| if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let looks = Looks { event: false, state: true, before: true };
    replay.scan(stream, first..first + count, looks, &mut progress, &mut look)?;
    Ok(changes)
}

fn seek(
    outlet: &Outlet,
    folder: &mut Folder,
    seen: &mut Seen,
    (generation, ticket): (Generation, Ticket),
    scope: &Scope,
    position: u64,
) -> Result<()> {
    let stop = || !outlet.shared.is_newest(generation) || !outlet.shared.is_newest_seek(ticket);
    if stop() {
        return Ok(());
    }
    if folder.together && scope.stream().is_none() {
        let state = together(folder, scope, position, &stop)?;
        outlet.send(Reply::State { generation, ticket, state: Arc::new(state) });
        return Ok(());
    }
    let target = match scope {
        Scope::Stream(stream) => Some((stream.clone(), position)),
        Scope::Log | Scope::Category(_) => stream_at_cursor(&mut folder.replay, scope, position)?,
    };
    let state = match target {
        Some((stream, in_stream)) => match folder.ready(&stream) {
            Ok(mut by) => {
                let replay = &mut folder.replay;
                let folded = replay.state_at(&stream, in_stream, &stop)?;
                by.console.clone_from(&folded.console);
                let others = [&seen.expected, &seen.last];
                by.refolded = others.into_iter().flatten().find_map(|one| refolded(one, replay, &stream, &folded));
                let (state, whole) = state_at(replay, scope, position, &stream, folded, by);
                let reducer = state.reducer.clone();
                seen.last = Some(Last { stream, position: in_stream, reducer, state: whole });
                state
            }
            // There is nothing to show, and why is said.
            Err(by) => StateAt { stream: Some(stream), by: *by, ..nothing(&folder.replay, scope, position) },
        },
        None => nothing(&folder.replay, scope, position),
    };
    outlet.send(Reply::State { generation, ticket, state: Arc::new(state) });
    Ok(())
}

/// The one state that all events of the scope are folded into.
fn together(folder: &mut Folder, scope: &Scope, position: u64, stop: &dyn Fn() -> bool) -> Result<StateAt> {
    match folder.ready_for(scope) {
        Ok(mut by) => {
            let folded = folder.replay.state_in(scope, position, stop)?;
            by.console.clone_from(&folded.console);
            let (state, _) = state_at(&folder.replay, scope, position, &StreamId::new(""), folded, by);
            Ok(StateAt { stream: None, in_stream: 0, version: None, from_version: None, ..state })
        }
        Err(by) => Ok(StateAt { by: *by, ..nothing(&folder.replay, scope, position) }),
    }
}

/// How the state differs from the one that was shown last, where only the reducer is another one.
fn refolded(last: &Last, replay: &Replay, stream: &StreamId, folded: &FoldedState) -> Option<Arc<Refolded>> {
    let same_place = last.stream == *stream && last.position == folded.position;
    if !same_place || last.reducer == replay.reducer_id() {
        return None;
    }
    let lines = StateLines::between(&last.state, &folded.shown.state);
    Some(Arc::new(Refolded { before: last.reducer.clone(), now: replay.reducer_id().to_owned(), lines }))
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

/// A state ready to be drawn, and the state itself.
fn state_at(
    replay: &Replay,
    scope: &Scope,
    position: u64,
    stream: &StreamId,
    folded: FoldedState,
    by: FoldedBy,
) -> (StateAt, Value) {
    let lines = StateLines::between(&folded.before.state, &folded.shown.state);
    let state = StateAt {
        scope: scope.clone(),
        position,
        stream: Some(stream.clone()),
        in_stream: folded.position,
        version: folded.version,
        exists: folded.shown.exists,
        changed: lines.changed,
        lines,
        bytes: json_bytes(&folded.shown),
        reducer: replay.reducer_id().to_owned(),
        by,
        faults: folded.faults,
        faults_total: folded.faults_total,
        folded: folded.folded,
        from_version: (folded.from_position > 0).then(|| i64::try_from(folded.from_position).unwrap_or(i64::MAX)),
        elapsed_us: folded.elapsed_us,
    };
    (state, folded.shown.state)
}

fn nothing(replay: &Replay, scope: &Scope, position: u64) -> StateAt {
    StateAt {
        scope: scope.clone(),
        position,
        stream: None,
        in_stream: 0,
        version: None,
        exists: false,
        lines: StateLines::default(),
        changed: 0,
        bytes: 0,
        reducer: replay.reducer_id().to_owned(),
        by: FoldedBy::default(),
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
