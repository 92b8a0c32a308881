//! Two places compared: of one stream or of two, without what is ignored, with array items found again.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::Outlet;
use super::folder::Folder;
use crate::error::{Error, Result};
use crate::event::{Time, Value};
use crate::limits::{DIFF_EVENTS_MAX, DIFF_PATCH_BYTES_MAX, DIFF_SET_AT_MAX};
use crate::protocol::{Change, DiffAt, DiffFor, DiffPlace, Generation, Reply, StateLines, Ticket};
use crate::replay::FoldedState;
use crate::replay::align::align;
use crate::replay::diff::diff;
use crate::replay::ignore::{Pattern, without};
use crate::replay::scan::{Looks, Step};

/// The states at both places, unless a newer seek or question comes. They may stand in any order.
pub(super) fn compare(
    outlet: &Outlet,
    folder: &mut Folder,
    generation: Generation,
    ticket: Ticket,
    asked: DiffFor,
) -> Result<()> {
    let stop = || !outlet.shared.is_newest(generation) || !outlet.shared.is_newest_seek(ticket);
    let patterns = asked.ignore.iter().map(|text| Pattern::parse(text)).collect::<Result<Vec<_>>>()?;
    let from = at(folder, &asked.from, &stop)?;
    let to = at(folder, &asked.to, &stop)?;
    let (old, new) = (without(&from.shown.state, &patterns), without(&to.shown.state, &patterns));
    let aligned = align(&old, &new, asked.arrays);
    let lines = StateLines::between(&aligned.old, &aligned.new);
    let hidden = if patterns.is_empty() {
        0
    } else {
        StateLines::between(&from.shown.state, &to.shown.state)
            .changed
            .saturating_sub(StateLines::between(&old, &new).changed)
    };
    let changed = lines.lines.iter().enumerate().filter(|(_, line)| line.change != Change::Same);
    let changed: Vec<u32> = changed.map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX)).collect();
    let between = between(folder, &asked, &lines, &changed, &stop)?;
    let patch = serde_json::to_string(&patch_of(&old, &new)).ok().filter(|text| text.len() <= DIFF_PATCH_BYTES_MAX);
    let diff = DiffAt {
        from_version: from.version,
        from_time: between.from_time,
        to_version: to.version,
        to_time: between.to_time,
        lines,
        changed,
        hidden,
        matched: aligned.matched,
        moved: aligned.moved,
        set_at: between.set_at,
        between: between.types,
        patch,
        reducer: folder.replay.reducer_id().to_owned(),
        folded: from.folded + to.folded,
        elapsed_us: from.elapsed_us + to.elapsed_us,
        asked,
    };
    outlet.send(Reply::Diff { generation, diff: Arc::new(diff) });
    Ok(())
}

fn at(folder: &mut Folder, place: &DiffPlace, stop: &dyn Fn() -> bool) -> Result<FoldedState> {
    if folder.ready(&place.stream).is_err() {
        return Err(Error::Input(format!("the reducer of {} cannot be used", place.stream)));
    }
    folder.replay.state_at(&place.stream, place.position, stop)
}

/// The operations as RFC 6902 has them.
fn patch_of(old: &Value, new: &Value) -> Value {
    let operation = |one: crate::replay::diff::Operation| match one.op {
        "remove" => serde_json::json!({ "op": one.op, "path": one.path }),
        op => serde_json::json!({ "op": op, "path": one.path, "value": one.to }),
    };
    Value::Array(diff(old, new).into_iter().map(operation).collect())
}

/// What lies between the two places.
#[derive(Default)]
struct Between {
    from_time: Option<Time>,
    to_time: Option<Time>,
    set_at: BTreeMap<u32, i64>,
    types: Vec<(Arc<str>, u64)>,
}

/// Looks through the events between, where both places are of one stream and not too far apart.
fn between(
    folder: &mut Folder,
    asked: &DiffFor,
    lines: &StateLines,
    changed: &[u32],
    stop: &dyn Fn() -> bool,
) -> Result<Between> {
    let (low, high) = (asked.from.position.min(asked.to.position), asked.from.position.max(asked.to.position));
    if asked.from.stream != asked.to.stream || high - low > DIFF_EVENTS_MAX {
        return Ok(Between::default());
    }
    let forwards = asked.from.position <= asked.to.position;
    let leaves = changed.iter().filter_map(|index| {
        let line = lines.lines.get(*index as usize)?;
        let leaf = !matches!(line.change, Change::Below | Change::Same);
        leaf.then(|| (*index, lines.pointer(*index as usize)))
    });
    let leaves: Vec<(u32, String)> = leaves.take(DIFF_SET_AT_MAX).filter(|_| forwards).collect();
    let mut known: Vec<Option<Value>> = vec![None; leaves.len()];
    let mut found = Between::default();
    let mut types: HashMap<Box<str>, u64> = HashMap::new();
    let go_on = || if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    // One event before, so that the values at the lower place are known.
    let mut look = |step: &Step<'_>| {
        let inside = step.position > low;
        if inside {
            *types.entry(step.raw.event_type.into()).or_default() += 1;
        }
        if step.position == asked.from.position {
            found.from_time = step.time();
        }
        if step.position == asked.to.position {
            found.to_time = step.time();
        }
        for ((index, pointer), known) in leaves.iter().zip(&mut known) {
            let value = step.state.pointer(pointer);
            if value != known.as_ref() {
                if inside {
                    found.set_at.insert(*index, step.version());
                }
                *known = value.cloned();
            }
        }
        go_on()
    };
    let stream = &asked.to.stream;
    folder.replay.scan(stream, low.saturating_sub(1)..high, Looks::STATE, &mut |_| go_on(), &mut look)?;
    let mut types: Vec<(Arc<str>, u64)> = types.into_iter().map(|(name, count)| (Arc::from(name), count)).collect();
    types.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    found.types = types;
    Ok(found)
}
