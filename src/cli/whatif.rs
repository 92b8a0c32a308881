//! `whatif`: a sandbox in which some events did not happen, or happened otherwise, beside the real line.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::WhatifArguments;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, plain, thousands};
use super::progress::{Meter, duration, note};
use super::replay_over;
use super::snapshots::operation;
use crate::error::{Error, Result};
use crate::event::{Scope, Seq, Time};
use crate::limits::SCRIPT_BYTES_MAX;
use crate::log::At;
use crate::replay::Replay;
use crate::replay::breakpoints::Fold;
use crate::replay::diff::{Operation, Rules, diff_by};
use crate::replay::ignore::Pattern;
use crate::replay::whatif::{Compared, Did, Edit, Made, Slot};

/// One edit as a person writes it: the events by version of the stream, or by position of the log.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Written {
    Skip {
        skip: i64,
    },
    Edit {
        edit: i64,
        #[serde(default, deserialize_with = "present")]
        data: Option<Value>,
        #[serde(rename = "type")]
        event_type: Option<String>,
    },
    Insert {
        insert_after: i64,
        #[serde(rename = "type")]
        event_type: String,
        #[serde(default)]
        data: Value,
        metadata: Option<Value>,
        stream: Option<String>,
        time: Option<String>,
    },
    Move {
        r#move: i64,
        after: i64,
    },
}

/// A null that is written is a null, not an absence.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Prints the slots from the first edit on, or the whole difference at one of them.
pub fn run(arguments: &WhatifArguments, output: &mut Output) -> Ending {
    let ignore = arguments.ignore.iter().map(|text| Pattern::parse(text)).collect::<Result<Vec<_>>>()?;
    let rules = Rules { ignore, keys: arguments.by_key.clone() };
    let mut written = arguments.edits.as_deref().map(read).transpose()?.unwrap_or_default();
    written.extend(arguments.skip.iter().map(|&skip| Written::Skip { skip }));
    let (stream, category) = (arguments.stream.as_deref(), arguments.category.as_deref());
    let (mut replay, scope) =
        replay_over(&arguments.log.locator(), stream, category, &arguments.reducer, arguments.together)?;
    if let Some(stream) = scope.stream()
        && replay.log().stream(stream)?.is_none()
    {
        return Err(Error::Input(format!("there is no stream \"{stream}\" in this log")).into());
    }
    let edits = written.into_iter().map(|one| edit(&mut replay, &scope, one)).collect::<Result<Vec<_>>>()?;
    let fold = if arguments.together { Fold::Together } else { Fold::Each };
    let until = arguments.version.map(|number| position(&mut replay, &scope, number)).transpose()?;
    let mut shown = Shown { table: table(scope.stream().is_none()), printed: Ok(()), scope: &scope, at: None };
    let mut meter = Meter::new(0);
    let compared = replay.what_if(
        &scope,
        fold,
        &edits,
        &rules,
        &mut |looked| {
            meter.is_out_of(looked.of);
            meter.tell(looked.events)
        },
        &mut |slot, real, sandbox| match until {
            Some(until) => shown.keep(slot, until, real, sandbox, &rules),
            None => shown.print(slot, output),
        },
    )?;
    meter.end();
    shown.printed?;
    if let Some(until) = until {
        return whole(shown.at.filter(|_| until > compared.same_until), output);
    }
    shown.table.end(output)?;
    output.flush()?;
    if !output.is_json() {
        tell(&compared);
    }
    Ok(Answer::Yes)
}

fn read(path: &Path) -> Result<Vec<Written>> {
    let mut text = String::new();
    let failed = |error: std::io::Error| Error::Input(format!("cannot read {}: {error}", path.display()));
    let most = SCRIPT_BYTES_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_string(&mut text).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(most).read_to_string(&mut text).map_err(failed)?;
    }
    if text.len() > SCRIPT_BYTES_MAX {
        return Err(Error::Input(format!("the edits have more than {SCRIPT_BYTES_MAX} bytes")));
    }
    let list: Vec<Value> = serde_json::from_str(&text)
        .map_err(|error| Error::Input(format!("the edits are not a JSON array of objects: {error}")))?;
    let one = |(index, value): (usize, Value)| {
        let shown = value.to_string();
        serde_json::from_value(value).map_err(|_| {
            Error::Input(format!(
                "edit {} is none: {shown} (write {{\"skip\":5}}, {{\"edit\":5,\"data\":{{…}}}}, \
                 {{\"insert_after\":5,\"type\":\"T\",\"data\":{{…}}}} or {{\"move\":5,\"after\":9}})",
                index + 1
            ))
        })
    };
    list.into_iter().enumerate().map(one).collect()
}

/// How many events of the scope stand up to and with the one of this number.
fn position(replay: &mut Replay, scope: &Scope, number: i64) -> Result<u64> {
    match scope.stream() {
        Some(stream) => super::position_of_version(replay.log(), stream, number),
        None => replay.log().position_of(scope, &At::Seq(Seq::Number(number))),
    }
}

/// The row of the event of this number.
fn row(replay: &mut Replay, scope: &Scope, number: i64) -> Result<u64> {
    position(replay, scope, number)?
        .checked_sub(1)
        .ok_or_else(|| Error::Input(format!("no event here has the number {number}")))
}

fn edit(replay: &mut Replay, scope: &Scope, written: Written) -> Result<Edit> {
    Ok(match written {
        Written::Skip { skip } => Edit::Skip(row(replay, scope, skip)?),
        Written::Edit { edit, data, event_type } => Edit::Replace { row: row(replay, scope, edit)?, data, event_type },
        Written::Insert { insert_after, event_type, data, metadata, stream, time } => {
            let time_us = match time {
                Some(text) => Some(
                    Time::parse(&text).ok_or_else(|| Error::Input(format!("\"{text}\" is not a time of an edit")))?.0,
                ),
                None => None,
            };
            let event = Made { event_type, data, metadata, stream, time_us };
            Edit::Insert { row: position(replay, scope, insert_after)?, event }
        }
        Written::Move { r#move, after } => {
            Edit::Move { row: row(replay, scope, r#move)?, before: position(replay, scope, after)? }
        }
    })
}

/// What is printed as the slots come.
struct Shown<'a> {
    table: Table,
    printed: Printed,
    scope: &'a Scope,
    /// The difference at the slot that was asked for.
    at: Option<Vec<Operation>>,
}

impl Shown<'_> {
    fn print(&mut self, slot: &Slot, output: &mut Output) -> ControlFlow<()> {
        self.printed = if output.is_json() {
            output.object(&object(slot))
        } else {
            self.table.row(output, &cells(slot, self.scope.stream().is_none()))
        };
        if self.printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// The newest slot up to the real position that was asked for holds.
    fn keep(&mut self, slot: &Slot, until: u64, real: &Value, sandbox: &Value, rules: &Rules) -> ControlFlow<()> {
        if slot.real_position > until {
            return ControlFlow::Break(());
        }
        self.at = (slot.real_position == until).then(|| diff_by(real, sandbox, rules));
        ControlFlow::Continue(())
    }
}

fn whole(operations: Option<Vec<Operation>>, output: &mut Output) -> Ending {
    let operations = operations.unwrap_or_default();
    if output.is_json() {
        for operation in &operations {
            output.object(&serde_json::to_value(operation).map_err(std::io::Error::from)?)?;
        }
        return Ok(Answer::Yes);
    }
    let count = match operations.len() {
        0 => "no difference".to_owned(),
        count => counted(count as u64, "difference"),
    };
    output.line(format!("from the real line to the sandbox: {count}"))?;
    for one in &operations {
        output.line(plain(&operation(one)))?;
    }
    Ok(Answer::Yes)
}

fn object(slot: &Slot) -> Value {
    json!({
        "stream": slot.stream,
        "version": slot.version,
        "type": slot.event_type,
        "did": slot.did,
        "changed": slot.changed,
        "real_position": slot.real_position,
        "sandbox_position": slot.sandbox_position,
        "real_fault": slot.real_fault,
        "sandbox_fault": slot.sandbox_fault,
    })
}

fn table(many: bool) -> Table {
    let mut columns = if many { vec![("STREAM", Align::Left)] } else { Vec::new() };
    columns.extend([
        ("VERSION", Align::Right),
        ("TYPE", Align::Left),
        ("SANDBOX", Align::Left),
        ("DIFFERENT PATHS", Align::Right),
        ("FAULT", Align::Left),
    ]);
    Table::new(&columns)
}

fn cells(slot: &Slot, many: bool) -> Vec<String> {
    let mut cells = if many { vec![slot.stream.clone()] } else { Vec::new() };
    let did = match slot.did {
        Did::Same => "",
        Did::Skipped => "skipped",
        Did::Edited => "edited",
        Did::Inserted => "inserted",
        Did::MovedAway => "moved away",
        Did::MovedHere => "moved here",
    };
    let fault = match (&slot.real_fault, &slot.sandbox_fault) {
        (Some(real), Some(sandbox)) if real == sandbox => format!("both: {real}"),
        (Some(real), None) => format!("real line: {real}"),
        (None, Some(sandbox)) => format!("sandbox: {sandbox}"),
        (Some(real), Some(sandbox)) => format!("real line: {real}; sandbox: {sandbox}"),
        (None, None) => String::new(),
    };
    cells.extend([
        slot.version.map(|version| version.to_string()).unwrap_or_default(),
        plain(&slot.event_type),
        did.to_owned(),
        thousands(slot.changed),
        fault,
    ]);
    cells
}

fn tell(compared: &Compared) {
    let end = match compared.rejoined_at {
        Some(position) => format!("the same for good after {}", counted(position, "event")),
        None => format!("{} at the end", counted(compared.changed_at_end, "different path")),
    };
    let faults = match compared.new_faults {
        0 => String::new(),
        faults => format!("; {} in the sandbox only", counted(faults, "fault")),
    };
    note(&format!(
        "a sandbox, the log is untouched: the same for {}, different after {} of {}, {end}{faults}; {}",
        counted(compared.same_until, "event"),
        thousands(compared.differing),
        thousands(compared.slots),
        duration(compared.elapsed_us)
    ));
}
