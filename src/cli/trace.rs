//! `trace`: what caused an event, what it caused, and all that belongs to the same whole.

use serde_json::{Value, json};

use super::arguments::TraceArguments;
use super::output::{Answer, Ending, Output, Printed, counted, plain};
use super::progress::{Meter, duration};
use crate::error::{Error, Result};
use crate::event::Seq;
use crate::payload::object::position;
use crate::replay::trace::{Trace, Traced, Wanted, trace};
use crate::store::{self, EventLog, stream_named};

/// Prints the tree.
pub fn run(arguments: &TraceArguments, output: &mut Output) -> Ending {
    let mut log = store::open(&arguments.log.locator())?;
    let mut meter = Meter::new(0);
    let mut found = None;
    for wanted in wanted(log.as_mut(), &arguments.event)? {
        found = trace(log.as_mut(), &wanted, &mut |read| meter.tell(read))?;
        if found.is_some() {
            break;
        }
    }
    meter.end();
    let Some(trace) = found else {
        return Err(Error::Input(format!(
            "no event has the id \"{}\" (give an id, a position, or STREAM@VERSION)",
            arguments.event
        ))
        .into());
    };
    if output.is_json() {
        for event in &trace.events {
            output.object(&object(event, &trace))?;
        }
        for (event_type, count) in &trace.more {
            output.object(&json!({ "type": event_type, "more": count }))?;
        }
    } else {
        tell(&trace, output)?;
    }
    Ok(Answer::Yes)
}

/// What may be meant: an id, else a position, else a stream and a version.
fn wanted(log: &mut dyn EventLog, event: &str) -> Result<Vec<Wanted>> {
    let mut meant = Vec::new();
    if log.info().capabilities.event_ids {
        meant.push(Wanted::Id(event.to_owned()));
    }
    if let Ok(number) = event.parse() {
        meant.push(Wanted::Place(Seq::Number(number)));
    }
    if let Some((stream, version)) = event.rsplit_once('@')
        && let Ok(version) = version.parse()
    {
        meant.push(Wanted::Version(stream_named(log, stream)?, version));
    }
    Ok(meant)
}

fn object(event: &Traced, trace: &Trace) -> Value {
    let parent = event.parent.and_then(|parent| trace.events.get(parent));
    json!({
        "position": position(event.seq),
        "stream": event.stream.as_str(),
        "version": event.version,
        "type": &*event.event_type,
        "time": event.time.map(|time| time.to_string()),
        "id": event.id,
        "parent": parent.and_then(|parent| parent.id.clone()),
        "depth": event.depth,
    })
}

fn tell(trace: &Trace, output: &mut Output) -> Printed {
    let streams: std::collections::BTreeSet<&str> = trace.events.iter().map(|event| event.stream.as_str()).collect();
    let whole =
        trace.correlation.as_deref().map_or_else(|| "no correlation id".to_owned(), |id| format!("correlation {id}"));
    let events = counted(trace.events.len() as u64 + trace.more.values().sum::<u64>(), "event");
    output.line(format!("{}, {events} in {}", plain(&whole), counted(streams.len() as u64, "stream")))?;
    for (place, event) in trace.events.iter().enumerate() {
        let mark = if place == trace.target { "→" } else { " " };
        let version = event.version.map(|version| format!(" {version}")).unwrap_or_default();
        output.line(format!(
            "{mark} {}{}  {}{version}{}",
            "  ".repeat(event.depth.min(40)),
            plain(&event.event_type),
            plain(event.stream.as_str()),
            latency(event, trace),
        ))?;
    }
    for (event_type, count) in &trace.more {
        output.line(format!("  and {} of type {} more", counted(*count, "event"), plain(event_type)))?;
    }
    let target = trace.events.get(trace.target);
    if let Some(cause) = target.filter(|event| event.parent.is_none()).and_then(|event| event.links.cause.as_deref())
        && trace.correlation.as_deref() != Some(cause)
    {
        output.line(format!("its cause {} is no event of this log", plain(cause)))?;
    }
    Ok(())
}

/// How long after its cause, else when.
fn latency(event: &Traced, trace: &Trace) -> String {
    let Some(time) = event.time else { return String::new() };
    let before = event.parent.and_then(|parent| trace.events.get(parent)?.time);
    match before {
        Some(before) if time >= before => format!("  +{}", duration((time.0 - before.0).unsigned_abs())),
        Some(before) => format!("  -{}", duration((before.0 - time.0).unsigned_abs())),
        None => format!("  {}", super::info::moment(time)),
    }
}
