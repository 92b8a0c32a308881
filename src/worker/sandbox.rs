//! The sandbox: a stream with some events changed, folded beside the real line. Nothing of it is kept.

use std::ops::ControlFlow;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::finder::Bench;
use super::{Outlet, sentence, trial};
use crate::error::{Error, Result};
use crate::event::{Scope, Value};
use crate::limits::{SANDBOX_EVENTS_BEFORE, SANDBOX_SLOTS_MAX};
use crate::protocol::{Compared, Generation, Reply, Request, SandboxAt, SandboxFor, StateLines, Ticket};
use crate::replay::breakpoints::{Fold, Looked};
use crate::replay::diff::Rules;
use crate::replay::scan::{Looks, Step};
use crate::replay::whatif::Slot;

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut bench = Bench::default();
    for request in requests {
        bench.hear(outlet, &request);
        match request {
            Request::Sandbox { generation, ticket, asked } => answer(outlet, &mut bench, generation, ticket, asked),
            Request::TryReducer { generation, ticket, trial } => {
                trial::try_out(outlet, &mut bench, generation, ticket, &trial);
            }
            Request::ReadReducer { generation, file } => trial::read(outlet, generation, file),
            Request::SaveReducer { generation, file, text, bind } => {
                trial::save(outlet, generation, file, text, bind.as_ref());
            }
            _ => {}
        }
    }
}

fn answer(outlet: &Outlet, bench: &mut Bench, generation: Generation, ticket: Ticket, asked: SandboxFor) {
    let mut at = SandboxAt {
        ticket,
        asked,
        compared: Compared::default(),
        differing: std::collections::BTreeMap::new(),
        lines: None,
        real: Vec::new(),
        sandbox: Vec::new(),
        refused: None,
        reducer: String::new(),
    };
    match compare(outlet, bench, generation, &mut at) {
        Ok(()) => {}
        Err(error) if error.is_stopped() => return,
        Err(error) => at.refused = Some(sentence(&error.to_string())),
    }
    outlet.send(Reply::Sandbox { generation, sandbox: Arc::new(at) });
}

fn compare(outlet: &Outlet, bench: &mut Bench, generation: Generation, at: &mut SandboxAt) -> Result<()> {
    let ticket = at.ticket;
    let stop = || !outlet.shared.is_newest_sandbox(ticket) || !outlet.shared.is_newest_log(generation);
    if stop() {
        return Err(Error::Stopped);
    }
    let go_on = || if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let folder = bench.folder(outlet, "sandbox")?;
    let stream = at.asked.stream.clone();
    if folder.ready(&stream).is_err() {
        return Err(Error::Input(format!("the reducer of {stream} cannot be used")));
    }
    folder.replay.reducer_id().clone_into(&mut at.reducer);
    let (position, path) = (at.asked.position, at.asked.path.clone());
    let mut both: Option<(Value, Value)> = None;
    let mut tell = |slot: &Slot, real: &Value, sandbox: &Value| {
        if slot.changed > 0 && at.differing.len() < SANDBOX_SLOTS_MAX {
            at.differing.insert(slot.real_position, slot.changed);
        } else if slot.changed == 0 {
            at.differing.remove(&slot.real_position);
        }
        // Of several slots at one position the last one holds.
        if slot.real_position == position {
            both = (real != sandbox).then(|| (real.clone(), sandbox.clone()));
        }
        if let Some(path) = &path
            && at.real.len() < SANDBOX_SLOTS_MAX
        {
            point(&mut at.real, slot.real_position, real, path);
            point(&mut at.sandbox, slot.real_position, sandbox, path);
        }
        go_on()
    };
    let scope = Scope::Stream(stream.clone());
    let mut progress = |_: Looked| go_on();
    let rules = Rules::default();
    at.compared = folder.replay.what_if(&scope, Fold::Each, &at.asked.edits, &rules, &mut progress, &mut tell)?;
    at.lines = both.map(|(real, sandbox)| StateLines::between(&real, &sandbox));
    if let Some(path) = &at.asked.path {
        let first = at.compared.same_until;
        let mut before = Vec::new();
        let mut look = |step: &Step<'_>| {
            point(&mut before, step.position, step.state, path);
            go_on()
        };
        let range = first.saturating_sub(SANDBOX_EVENTS_BEFORE)..first;
        folder.replay.scan(&stream, range, Looks::STATE, &mut |_| go_on(), &mut look)?;
        at.sandbox.splice(0..0, before.last().copied());
        before.append(&mut at.real);
        at.real = before;
    }
    if stop() { Err(Error::Stopped) } else { Ok(()) }
}

/// Notes the number that stands at a path, in place of the one noted for this position before.
fn point(points: &mut Vec<(f64, Option<f64>)>, position: u64, state: &Value, path: &str) {
    #[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
    let x = position as f64;
    let value = state.pointer(path).and_then(Value::as_f64);
    match points.last_mut() {
        #[expect(clippy::float_cmp, reason = "whole numbers out of the same cast")]
        Some(last) if last.0 == x => last.1 = value,
        _ => points.push((x, value)),
    }
}
