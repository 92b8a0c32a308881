//! `project`: runs a KurrentDB projection over its own sources, and shows what it would have made.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::ProjectArguments;
use super::output::{Answer, Ending, Output, Printed, counted, plain};
use crate::error::Error;
use crate::event::Seq;
use crate::payload::Decoder;
use crate::payload::object::position;
use crate::replay::project::{EmittedAt, Projection, ProjectionFault};
use crate::workspace;

/// Lines of each kind that are told to people.
const TOLD_MAX: usize = 20;

/// Runs it and prints the partition that was asked for.
pub fn run(arguments: &ProjectArguments, output: &mut Output) -> Ending {
    let path = Path::new(&arguments.reducer);
    let text = workspace::text_of(path)?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut log = crate::store::open(&arguments.log.locator())?;
    let partition = arguments.partition.clone().unwrap_or_default();
    let mut projection = match Projection::compile(&name, &text) {
        Ok(projection) => projection,
        Err(Error::Input(why)) => return refused(&partition, &why, output),
        Err(error) => return Err(error.into()),
    };
    projection.run(log.as_mut(), arguments.position.map(Seq::Number), &|| false)?;
    let decoder = log.decoder();
    if output.is_json() {
        output.object(&object(&partition, &projection, &decoder))?;
    } else {
        tell(&partition, &projection, &decoder, output)?;
    }
    Ok(Answer::Yes)
}

fn refused(partition: &str, why: &str, output: &mut Output) -> Ending {
    if output.is_json() {
        output.object(&json!({
            "partition": partition, "state": null, "shared_state": null, "result": null, "partitions": [],
            "emitted": [], "faults": [], "error": "definition", "message": why, "logs": [], "warnings": [],
        }))?;
    } else {
        output.line(format!("the projection is refused: {}", plain(why)))?;
    }
    Ok(Answer::No)
}

fn object(partition: &str, projection: &Projection, decoder: &Decoder) -> Value {
    let machine = projection.machine();
    let masked = |value: Option<&Value>| value.map(|value| decoder.masked(value.clone()));
    let warnings: Vec<Value> = machine
        .warnings()
        .into_iter()
        .map(|warning| json!({ "id": warning.id, "message": warning.message, "count": warning.count }))
        .collect();
    json!({
        "partition": partition,
        "state": masked(machine.states().get(partition)),
        "shared_state": masked(machine.shared()),
        "result": masked(machine.result(partition)),
        "partitions": machine.states().keys().collect::<Vec<_>>(),
        "emitted": projection.emitted.iter().map(emitted).collect::<Vec<_>>(),
        "faults": projection.faults.iter().map(fault).collect::<Vec<_>>(),
        "error": null,
        "logs": projection.logs.iter().map(|logged| logged.line.as_str()).collect::<Vec<_>>(),
        "warnings": warnings,
    })
}

/// Only what was given: no data for a link, no metadata where there is none.
fn emitted(at: &EmittedAt) -> Value {
    let emitted = &at.emitted;
    let mut object = json!({ "stream": emitted.stream, "type": emitted.event_type });
    for (name, value) in [
        ("data", emitted.data.clone()),
        ("link", emitted.link.clone().map(Value::from)),
        ("metadata", emitted.metadata.clone()),
    ] {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    object["position"] = position(at.position);
    object["callback"] = Value::from(emitted.callback.as_str());
    object["would_add"] = at.would_add.clone();
    object
}

fn fault(fault: &ProjectionFault) -> Value {
    json!({
        "index": fault.index,
        "position": position(fault.position),
        "stream": fault.stream,
        "version": fault.version,
        "type": fault.event_type,
        "callback": fault.callback,
        "message": fault.message,
    })
}

fn tell(partition: &str, projection: &Projection, decoder: &Decoder, output: &mut Output) -> Printed {
    let machine = projection.machine();
    let of = if partition.is_empty() { "the projection".to_owned() } else { format!("partition {}", plain(partition)) };
    match machine.states().get(partition) {
        Some(state) => {
            output.line(format!("state of {of}"))?;
            pretty(&decoder.masked(state.clone()), output)?;
        }
        None => output.line(format!("{of} has no state"))?,
    }
    if let Some(shared) = machine.shared() {
        output.line("shared state")?;
        pretty(&decoder.masked(shared.clone()), output)?;
    }
    if machine.definition().transforms > 0
        && let Some(result) = machine.result(partition)
    {
        output.line("result")?;
        pretty(&decoder.masked(result.clone()), output)?;
    }
    let keys: Vec<&String> = machine.states().keys().filter(|key| !key.is_empty()).collect();
    if !keys.is_empty() {
        let shown: Vec<String> = keys.iter().take(TOLD_MAX).map(|key| plain(key)).collect();
        let more = if keys.len() > TOLD_MAX { ", …" } else { "" };
        output.line(format!("{}: {}{more}", counted(keys.len() as u64, "partition"), shown.join(", ")))?;
    }
    if !projection.emitted.is_empty() {
        output.line(format!("would have written {}", counted(projection.emitted.len() as u64, "event")))?;
        for at in projection.emitted.iter().take(TOLD_MAX) {
            output.line(format!("  {}", plain(&emitted(at).to_string())))?;
        }
    }
    for logged in projection.logs.iter().take(TOLD_MAX) {
        output.line(format!("log: {}", plain(&logged.line)))?;
    }
    for fault in projection.faults.iter().take(TOLD_MAX) {
        output.line(format!(
            "fault at position {}: {}: {}",
            fault.position,
            plain(&fault.callback),
            plain(&fault.message)
        ))?;
    }
    if projection.faults_total > 0 {
        output.line(format!("{} in all", counted(projection.faults_total, "fault")))?;
    }
    for warning in machine.warnings() {
        output.line(format!("note: {} ({})", plain(&warning.message), warning.id))?;
    }
    Ok(())
}

fn pretty(value: &Value, output: &mut Output) -> Printed {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    for line in text.lines() {
        output.line(plain(line))?;
    }
    Ok(())
}
