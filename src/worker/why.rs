//! What led to a state: who set a value, and the last values of paths.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Outlet;
use crate::error::Result;
use crate::event::{StreamId, Value};
use crate::limits::{BLAME_ROWS_MAX, PIN_EVENTS};
use crate::protocol::{BlameAt, BlameRow, Generation, PinAt, PinsAt, Reply, Ticket};
use crate::replay::Replay;
use crate::replay::lines::short_text;
use crate::replay::scan::{Looks, Step};

/// One pass over the whole stream, unless a newer seek or question comes.
pub(super) fn blame(
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
        number: one.to.as_deref().and_then(Value::as_f64),
        delta: delta(one.from.as_deref(), one.to.as_deref()),
        from: one.from.as_deref().map(short_text),
        to: one.to.as_deref().map(short_text),
    });
    let blame = BlameAt {
        stream,
        path,
        reducer: replay.reducer_id().to_owned(),
        last_version,
        rows: rows.collect(),
        left_out: found.left_out + more,
        events: found.scanned.events,
        elapsed_us: found.scanned.elapsed_us,
    };
    outlet.send(Reply::Blame { generation, blame: Arc::new(blame) });
    Ok(())
}

/// How far a number went, with its sign, in as many decimals as the two have; `None` where one of them is no number.
fn delta(from: Option<&Value>, to: Option<&Value>) -> Option<String> {
    let (Value::Number(from), Value::Number(to)) = (from?, to?) else { return None };
    if let (Some(from), Some(to)) = (from.as_i64(), to.as_i64()) {
        return Some(format!("{:+}", i128::from(to) - i128::from(from)));
    }
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let plain = |text: &str| !text.contains(['e', 'E']);
    let (from_text, to_text) = (from.to_string(), to.to_string());
    let most = decimals(&from_text).max(decimals(&to_text)).min(12);
    let difference = to.as_f64()? - from.as_f64()?;
    (plain(&from_text) && plain(&to_text)).then(|| format!("{difference:+.most$}"))
}

/// The values of paths after each of the last events up to a position, unless a newer seek or question comes.
pub(super) fn pins(
    outlet: &Outlet,
    replay: &mut Replay,
    generation: Generation,
    ticket: Ticket,
    stream: StreamId,
    position: u64,
    paths: Vec<String>,
) -> Result<()> {
    let mut progress = |_| {
        if outlet.shared.is_newest(generation) && outlet.shared.is_newest_seek(ticket) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let from = position.saturating_sub(PIN_EVENTS + 1);
    let mut pins: Vec<PinAt> =
        paths.into_iter().map(|path| PinAt { path, from: None, to: None, values: Vec::new() }).collect();
    let mut last = from;
    let mut look = |step: &Step<'_>| {
        last = step.position;
        for pin in &mut pins {
            let value = if step.state.is_null() { None } else { step.state.pointer(&pin.path) };
            pin.values.push(value.and_then(Value::as_f64));
            let text = value.map(short_text);
            pin.from = std::mem::replace(&mut pin.to, text);
        }
        ControlFlow::Continue(())
    };
    replay.scan(&stream, from..position, Looks::STATE, &mut progress, &mut look)?;
    let reducer = replay.reducer_id().to_owned();
    outlet.send(Reply::Pins { generation, pins: Arc::new(PinsAt { stream, position: last, reducer, pins }) });
    Ok(())
}
