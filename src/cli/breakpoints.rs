//! `break`: runs on, forwards or backwards, to where a breakpoint hits.

use serde_json::{Map, Value, json};

use super::arguments::BreakArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Table, counted, plain, thousands};
use super::progress::{Meter, duration, note};
use super::{position_of_version, replay_over};
use crate::error::Result;
use crate::event::{Scope, Seq, Time};
use crate::log::At;
use crate::replay::Replay;
use crate::replay::breakpoints::{Armed, Breakpoint, Fold, Hit, Run, Way, Why};

/// Prints where it stopped, and why.
pub fn run(arguments: &BreakArguments, output: &mut Output) -> Ending {
    let breakpoints = breakpoints(arguments);
    let mut armed = Armed::new(&breakpoints)?;
    let (stream, category) = (arguments.stream.as_deref(), arguments.category.as_deref());
    let (mut replay, scope) =
        replay_over(&arguments.log.locator(), stream, category, &arguments.reducer, arguments.together)?;
    if let Some(stream) = scope.stream()
        && replay.log().stream(stream)?.is_none()
    {
        note(&format!("there is no stream \"{stream}\" in this log"));
        return Ok(Answer::No);
    }
    let way = if arguments.back { Way::Back } else { Way::Forward };
    let fold = if arguments.together { Fold::Together } else { Fold::Each };
    let mut position = begin(&mut replay, &scope, arguments)?;
    let (mut table, mut hits, mut read, mut elapsed_us) = (table(), 0, 0, 0);
    while hits < arguments.limit {
        let mut meter = Meter::new(0);
        let run = replay.run_on(&scope, position, way, &mut armed, fold, &mut |looked| {
            meter.is_out_of(looked.of);
            meter.tell(looked.events)
        })?;
        meter.end();
        tell_failures(&run);
        read += run.looked.events;
        elapsed_us += run.elapsed_us;
        let Some(hit) = run.hit else { break };
        hits += 1;
        position = hit.position;
        if output.is_json() {
            output.object(&object(&hit, &breakpoints))?;
        } else {
            table.row(output, &cells(&hit, &breakpoints))?;
        }
    }
    table.end(output)?;
    output.flush()?;
    if hits == 0 {
        note(if arguments.back { "nothing hits before there" } else { "nothing hits after there" });
    }
    if !output.is_json() {
        note(&format!("{} read in {}", counted(read, "event"), duration(elapsed_us)));
    }
    Ok(if hits == 0 { Answer::No } else { Answer::Yes })
}

fn breakpoints(arguments: &BreakArguments) -> Vec<Breakpoint> {
    let mut all: Vec<Breakpoint> = arguments.on.iter().cloned().map(Breakpoint::When).collect();
    all.extend(arguments.event_type.iter().cloned().map(Breakpoint::Type));
    all.extend(arguments.change.iter().cloned().map(Breakpoint::Change));
    all.extend(arguments.fault.then_some(Breakpoint::Fault));
    all
}

/// The position of the scope that the run begins at.
fn begin(replay: &mut Replay, scope: &Scope, arguments: &BreakArguments) -> Result<u64> {
    match (arguments.from, arguments.from_position, scope.stream()) {
        (Some(version), _, Some(stream)) => position_of_version(replay.log(), stream, version),
        (_, Some(position), _) => replay.log().position_of(scope, &At::Seq(Seq::Number(position))),
        // One beyond the last: it may hit too.
        _ if arguments.back => Ok(replay.log().extent(scope)? + 1),
        _ => Ok(0),
    }
}

fn tell_failures(run: &Run) {
    if let Some(first) = run.faults.first() {
        let (failed, all) = (thousands(run.faults_total), counted(run.looked.events, "event"));
        let at = first.version.map_or_else(|| format!("event {}", first.position + 1), |it| format!("version {it}"));
        note(&format!("a condition failed at {failed} of {all}, first at {at}: {}", first.message));
    }
}

fn object(hit: &Hit, breakpoints: &[Breakpoint]) -> Value {
    let position = hit.seq.parse::<i64>().map_or_else(|_| Value::from(hit.seq.as_str()), Value::from);
    json!({
        "position": position,
        "stream": hit.stream,
        "version": hit.version,
        "type": hit.event_type,
        "time": hit.time_us.map(|time| Time(time).to_string()),
        "why": hit.why.iter().map(|why| reason(why, breakpoints)).collect::<Vec<_>>(),
    })
}

fn reason(why: &Why, breakpoints: &[Breakpoint]) -> Value {
    let mut object = Map::new();
    match breakpoints.get(why.breakpoint) {
        Some(Breakpoint::When(text)) => drop(object.insert("on".to_owned(), text.as_str().into())),
        Some(Breakpoint::Type(text)) => drop(object.insert("type".to_owned(), text.as_str().into())),
        Some(Breakpoint::Change(pointer)) => {
            object.insert("change".to_owned(), pointer.as_str().into());
            object.insert("from".to_owned(), why.from.clone().unwrap_or_default());
            object.insert("to".to_owned(), why.to.clone().unwrap_or_default());
        }
        Some(Breakpoint::Fault) | None => drop(object.insert("fault".to_owned(), why.fault.clone().into())),
    }
    Value::Object(object)
}

fn table() -> Table {
    Table::new(&[
        ("POSITION", Align::Right),
        ("STREAM", Align::Left),
        ("VERSION", Align::Right),
        ("TYPE", Align::Left),
        ("TIME", Align::Left),
        ("WHY", Align::Left),
    ])
}

fn cells(hit: &Hit, breakpoints: &[Breakpoint]) -> [String; 6] {
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "absent".to_owned(), Value::to_string);
    let told = |why: &Why| match breakpoints.get(why.breakpoint) {
        Some(Breakpoint::When(text)) => text.clone(),
        Some(Breakpoint::Type(text)) => format!("type {text}"),
        Some(Breakpoint::Change(pointer)) => format!("{pointer} {} → {}", value(&why.from), value(&why.to)),
        Some(Breakpoint::Fault) | None => why.fault.clone().unwrap_or_default(),
    };
    [
        hit.seq.clone(),
        hit.stream.clone(),
        hit.version.to_string(),
        plain(&hit.event_type),
        hit.time_us.map(|time| moment(Time(time))).unwrap_or_default(),
        hit.why.iter().map(told).collect::<Vec<_>>().join("; "),
    ]
}
