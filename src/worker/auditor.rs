//! Auditing the snapshots of a stream: fold from the first event, compare each, and say where the next one pays.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::finder::Bench;
use super::{Outlet, sentence};
use crate::error::{Error, Result};
use crate::event::{Scope, StreamId, Value};
use crate::log::{At, Snapshot};
use crate::protocol::{AuditAt, AuditRow, Generation, Reply, StateLines, Ticket, Verdict};
use crate::replay::{Replay, cost, snapshots};

/// Audits, and tells what was found; an audit that was stopped says nothing.
pub(super) fn audit(outlet: &Outlet, bench: &mut Bench, generation: Generation, ticket: Ticket, stream: StreamId) {
    let mut at = AuditAt {
        ticket,
        stream,
        reducer: String::new(),
        rows: Vec::new(),
        events: 0,
        last_version: None,
        fold_us_per_thousand: 0,
        load_us: 0,
        unsaved: 0,
        would_save_us: 0,
        every: 0,
        folded: 0,
        elapsed_us: 0,
        refused: None,
    };
    match audited(outlet, bench, generation, &mut at) {
        Ok(()) => {}
        Err(error) if error.is_stopped() => return,
        Err(error) => at.refused = Some(sentence(&error.to_string())),
    }
    outlet.send(Reply::Audit { generation, audit: Arc::new(at) });
}

fn audited(outlet: &Outlet, bench: &mut Bench, generation: Generation, at: &mut AuditAt) -> Result<()> {
    let ticket = at.ticket;
    let stop = || !outlet.shared.is_newest_task(ticket) || !outlet.shared.is_newest_log(generation);
    let mut go_on = |_: u64| if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let folder = bench.folder(outlet, "finder")?;
    if folder.ready(&at.stream).is_err() {
        return Err(Error::Input(format!("the reducer of {} cannot be used", at.stream)));
    }
    let replay = &mut folder.replay;
    replay.reducer_id().clone_into(&mut at.reducer);
    let info = replay.log().stream(&at.stream)?;
    at.events = info.as_ref().map_or(0, |info| info.events);
    at.last_version = info.and_then(|info| info.last_version);
    let listed = snapshots::list(replay.log(), Some(&at.stream))?;
    let all: Vec<&Snapshot> = listed.iter().collect();
    let (found, scanned) = snapshots::audit_stream(replay, &at.stream, &all, &mut go_on)?;
    let sound: Vec<(Snapshot, bool)> = listed
        .iter()
        .zip(&found)
        .map(|(snapshot, (verdict, _))| (snapshot.clone(), *verdict == Verdict::Sound))
        .collect();
    let saves = cost::savings(replay, &sound)?;
    let measured = cost::measure(replay, &at.stream, &mut go_on)?;
    let advice = cost::advise(replay, Some(&at.stream), &sound, 1)?;
    at.folded = scanned.events;
    at.elapsed_us = scanned.elapsed_us;
    at.unsaved = advice.unsaved.first().map_or(0, |one| one.events);
    if let Some(cost) = &measured {
        at.fold_us_per_thousand = cost.of(1_000);
        at.load_us = cost.load_us;
        at.would_save_us = cost.of(at.unsaved).saturating_sub(cost.load_us);
        at.every = cost.every();
    }
    for ((snapshot, (verdict, _)), saves) in listed.iter().zip(found).zip(saves) {
        let scope = Scope::Stream(at.stream.clone());
        let position = replay.log().position_of(&scope, &At::Version(snapshot.version))?;
        let lines = if verdict == Verdict::Drift { drift(replay, snapshot, position, &stop)? } else { None };
        let saves_us =
            saves.and_then(|events| Some(measured.as_ref()?.of(events).saturating_sub(measured.as_ref()?.load_us)));
        at.rows.push(AuditRow {
            version: snapshot.version,
            source: snapshot.source.clone(),
            position,
            verdict,
            lines,
            saves,
            saves_us,
        });
    }
    if stop() { Err(Error::Stopped) } else { Ok(()) }
}

/// The snapshot's state beside the fold's.
fn drift(
    replay: &mut Replay,
    snapshot: &Snapshot,
    position: u64,
    stop: &dyn Fn() -> bool,
) -> Result<Option<StateLines>> {
    let folded = replay.state_at(&snapshot.stream, position, stop)?;
    let kept = snapshot.state.as_ref().ok().unwrap_or(&Value::Null);
    Ok(Some(StateLines::between(kept, &folded.shown.state)))
}
