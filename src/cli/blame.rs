//! `blame`: who set a value, newest first, all the way back.

use serde_json::{Value, json};

use super::arguments::BlameArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Table, counted, plain};
use super::position_of_version;
use super::progress::{Meter, cost, note};
use crate::replay::blame::{Setting, check_pointer};

/// Prints every event that added, changed or removed the value.
pub fn run(arguments: &BlameArguments, output: &mut Output) -> Ending {
    check_pointer(&arguments.path)?;
    let (mut replay, stream) = super::replay_of(&arguments.log.locator(), &arguments.stream, &arguments.reducer)?;
    let Some(info) = replay.log().stream(&stream)? else {
        note(&format!("there is no stream \"{stream}\" in this log"));
        return Ok(Answer::No);
    };
    let position = match arguments.version {
        Some(version) => position_of_version(replay.log(), &stream, version)?,
        None => info.events,
    };
    let mut meter = Meter::new(position);
    let blame = replay.blame(&stream, &arguments.path, position, &mut |events| meter.tell(events))?;
    meter.end();
    let mut table = table();
    for setting in &blame.settings {
        if output.is_json() {
            output.object(&object(setting))?;
        } else {
            table.row(output, &cells(setting))?;
        }
    }
    table.end(output)?;
    output.flush()?;
    if let (1.., Some(oldest)) = (blame.left_out, blame.settings.last()) {
        let older = counted(blame.left_out, "older one");
        let before = oldest.version - 1;
        note(&format!("{older} left out: their values are too large to hold at once (go on with --version {before})"));
    }
    if blame.settings.is_empty() {
        note(&format!("no event up to here sets {}", named(&arguments.path)));
    }
    if !output.is_json() {
        note(&cost(&blame.scanned));
    }
    Ok(if blame.settings.is_empty() { Answer::No } else { Answer::Yes })
}

fn named(path: &str) -> String {
    if path.is_empty() { "the state".to_owned() } else { plain(path) }
}

fn object(setting: &Setting) -> Value {
    json!({
        "version": setting.version,
        "type": setting.event_type,
        "time": setting.time.map(|time| time.to_string()),
        "from": setting.from.as_deref(),
        "to": setting.to.as_deref(),
    })
}

fn table() -> Table {
    Table::new(&[
        ("VERSION", Align::Right),
        ("TYPE", Align::Left),
        ("TIME", Align::Left),
        ("FROM", Align::Left),
        ("TO", Align::Left),
    ])
}

fn cells(setting: &Setting) -> [String; 5] {
    let value = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
    [
        setting.version.to_string(),
        setting.event_type.to_string(),
        setting.time.map(moment).unwrap_or_default(),
        value(setting.from.as_deref()),
        value(setting.to.as_deref()),
    ]
}
