//! Trying a reducer's text while it is edited: the same events by the saved reducer and by this text.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::finder::Bench;
use super::{Outlet, sentence};
use crate::error::{Error, Result};
use crate::event::Value;
use crate::limits::{TRIAL_EVENTS_MAX, TRIAL_LISTED_MAX};
use crate::log::Fault;
use crate::protocol::{Generation, ReducerText, Reply, StateLines, Ticket, TrialAt, TrialFor};
use crate::replay::Replay;
use crate::replay::folding::Folding;
use crate::replay::scan::{Looks, Step};
use crate::workspace::{reducers, text_of};

/// Reads a reducer's text, to be edited.
pub(super) fn read(outlet: &Outlet, generation: Generation, file: String) {
    let path = Path::new(&file);
    let exists = path.is_file();
    let text = if exists { text_of(path) } else { Ok(String::new()) };
    match text {
        Ok(text) => {
            let text = Arc::new(ReducerText { file, text, exists });
            outlet.send(Reply::ReducerText { generation, text });
        }
        Err(error) => outlet.failed(generation, &error),
    }
}

/// Saves a reducer's text, and binds it where it is asked for.
pub(super) fn save(
    outlet: &Outlet,
    generation: Generation,
    file: String,
    text: String,
    bind: Option<&(String, String)>,
) {
    let saved = reducers::save(Path::new(&file), &text).and_then(|()| match bind {
        Some((workspace, streams)) => reducers::bind(Path::new(workspace), streams, Path::new(&file)),
        None => Ok(()),
    });
    match saved {
        Ok(()) => {
            let text = Arc::new(ReducerText { file, text, exists: true });
            outlet.send(Reply::ReducerSaved { generation, text });
        }
        Err(error) => outlet.failed(generation, &error.context("cannot save the reducer")),
    }
}

/// Folds with both, and tells where they part; a trial that was stopped says nothing.
pub(super) fn try_out(outlet: &Outlet, bench: &mut Bench, generation: Generation, ticket: Ticket, trial: &TrialFor) {
    let mut at = TrialAt {
        ticket,
        refused: None,
        lines: StateLines::default(),
        faults: Vec::new(),
        faults_total: 0,
        console: Vec::new(),
        console_total: 0,
        parts_at: None,
        differing: 0,
        events: 0,
        elapsed_us: 0,
    };
    match tried(outlet, bench, generation, trial, &mut at) {
        Ok(()) => {}
        Err(error) if error.is_stopped() => return,
        Err(error) => at.refused = Some(sentence(&error.to_string())),
    }
    outlet.send(Reply::Trial { generation, trial: Arc::new(at) });
}

fn tried(outlet: &Outlet, bench: &mut Bench, generation: Generation, trial: &TrialFor, at: &mut TrialAt) -> Result<()> {
    let edited = reducers::of_text(Path::new(&trial.file), &trial.text)?;
    let ticket = at.ticket;
    let stop = || !outlet.shared.is_newest_sandbox(ticket) || !outlet.shared.is_newest_log(generation);
    let folder = bench.folder(outlet, "sandbox")?;
    let range = 0..trial.position.min(TRIAL_EVENTS_MAX);
    let mut saved_states: Vec<[u8; 32]> = Vec::new();
    let mut saved = Value::Null;
    if folder.ready(&trial.stream).is_ok() {
        scan(&mut folder.replay, trial, range.clone(), &stop, &mut |step| {
            saved_states.push(hash(step.state));
            if step.position == range.end {
                saved = step.state.clone();
            }
        })?;
    }
    let before = folder.replay.exchange(Folding::new(edited));
    let mut now = Value::Null;
    let mut index = 0;
    let end = range.end;
    let scanned = scan(&mut folder.replay, trial, range, &stop, &mut |step| {
        if saved_states.get(index).is_some_and(|saved| *saved != hash(step.state)) {
            at.differing += 1;
            at.parts_at.get_or_insert_with(|| (step.position, step.version(), step.raw.event_type.into()));
        }
        index += 1;
        if let Some(fault) = step.fault {
            at.faults_total += 1;
            if at.faults.len() < TRIAL_LISTED_MAX {
                let message = fault.to_owned();
                at.faults.push(Fault { position: step.position - 1, version: Some(step.version()), message });
            }
        }
        for line in step.console {
            at.console_total += 1;
            if at.console.len() < TRIAL_LISTED_MAX {
                at.console.push((step.position, step.version(), line.clone()));
            }
        }
        if step.position == end {
            now = step.state.clone();
        }
    });
    // The saved one goes on, whatever came of the trial.
    folder.replay.exchange(before);
    let scanned = scanned?;
    at.events = scanned.0;
    at.elapsed_us = scanned.1;
    at.lines = StateLines::between(&saved, &now);
    Ok(())
}

fn scan(
    replay: &mut Replay,
    trial: &TrialFor,
    range: std::ops::Range<u64>,
    stop: &dyn Fn() -> bool,
    look: &mut dyn FnMut(&Step<'_>),
) -> Result<(u64, u64)> {
    let go_on = || if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let mut stopped = false;
    let mut visit = |step: &Step<'_>| {
        look(step);
        stopped = stop();
        go_on()
    };
    let scanned = replay.scan(&trial.stream, range, Looks::STATE, &mut |_| go_on(), &mut visit)?;
    if stopped { Err(Error::Stopped) } else { Ok((scanned.events, scanned.elapsed_us)) }
}

fn hash(state: &Value) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Hashing does not fail.
    let _ = serde_json::to_writer(&mut hasher, state);
    *hasher.finalize().as_bytes()
}
