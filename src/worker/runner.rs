//! Running on to where a breakpoint hits, forwards or backwards.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::finder::Bench;
use super::{Outlet, sentence};
use crate::error::{Error, Result};
use crate::event::Scope;
use crate::limits::TASK_TELLS_EVERY_MS;
use crate::protocol::{Breakpoint, Generation, Reply, RunEnd, RunWord, Ticket, Way};
use crate::replay::Replay;
use crate::replay::breakpoints::{Armed, Fold, Looked, Run};

/// What is asked.
pub(super) struct Asked {
    pub(super) generation: Generation,
    pub(super) ticket: Ticket,
    pub(super) scope: Scope,
    pub(super) from: u64,
    pub(super) way: Way,
    pub(super) breakpoints: Vec<Breakpoint>,
}

/// Runs, tells how far it is, and how it ended; a run that was stopped says nothing more.
pub(super) fn run_on(outlet: &Outlet, bench: &mut Bench, asked: &Asked) {
    let mut end =
        RunEnd { ticket: asked.ticket, hit: None, events: 0, failed: 0, failure: None, refused: None, elapsed_us: 0 };
    match ran(outlet, bench, asked) {
        Ok(run) => {
            end.hit = run.hit;
            end.events = run.looked.events;
            end.failed = run.faults_total;
            end.failure = run.faults.into_iter().next().map(|fault| fault.message);
            end.elapsed_us = run.elapsed_us;
        }
        Err(error) if error.is_stopped() => return,
        Err(error) => end.refused = Some(sentence(&error.to_string())),
    }
    outlet.send(Reply::RunEnded { generation: asked.generation, end: Arc::new(end) });
}

fn ran(outlet: &Outlet, bench: &mut Bench, asked: &Asked) -> Result<Run> {
    let stop = || !outlet.shared.is_newest_task(asked.ticket) || !outlet.shared.is_newest_log(asked.generation);
    if stop() {
        return Err(Error::Stopped);
    }
    let mut armed = Armed::new(&asked.breakpoints)?;
    let mut told = Instant::now();
    let mut progress = |looked: Looked| {
        if told.elapsed() >= Duration::from_millis(TASK_TELLS_EVERY_MS) {
            told = Instant::now();
            let word = RunWord { ticket: asked.ticket, events: looked.events, of: looked.of };
            outlet.send(Reply::Running { generation: asked.generation, word });
        }
        if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let folder = bench.folder(outlet, "finder")?;
    let fold = if folder.together { Fold::Together } else { Fold::Each };
    let mut many: Replay;
    let replay = match &asked.scope {
        Scope::Stream(stream) => {
            if folder.ready(stream).is_err() && armed.folds() {
                return Err(Error::Input(format!("the reducer of {stream} cannot be used")));
            }
            &mut folder.replay
        }
        scope if folder.together => {
            if folder.ready_for(scope).is_err() && armed.folds() {
                return Err(Error::Input("the reducer of this scope cannot be used".to_owned()));
            }
            &mut folder.replay
        }
        Scope::Category(_) | Scope::Log => {
            many = folder.for_many()?;
            outlet.shared.register("finder", many.log());
            &mut many
        }
    };
    replay.run_on(&asked.scope, asked.from, asked.way, &mut armed, fold, &mut progress)
}
