//! `append`: events into a log that Eventscope made. What is printed is kept: it is printed after its commit.

use std::io::IsTerminal;
use std::path::Path;

use serde_json::json;

use super::append_input::{Lines, expected_version, json as parse};
use super::arguments::AppendArguments;
use super::output::{Answer, Ending, Output, Printed, thousands};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::store::sqlite::native::{Append, Appended, Expected, NewEvent, Store};

/// Appends what the options say, or the lines of standard input.
pub fn run(arguments: &AppendArguments, output: &mut Output) -> Ending {
    let path = Path::new(&arguments.log.log);
    if let Some(append) = single(arguments)? {
        let mut store = open(path, arguments)?;
        let appended = store.append_all(&[append])?;
        print(&appended, output)?;
        return Ok(Answer::Yes);
    }
    if !arguments.stdin && std::io::stdin().is_terminal() {
        return Err(Error::Input(
            "nothing to append: give --stream, --type and --data, or JSON lines on standard input".to_owned(),
        )
        .into());
    }
    let lines = Lines::new(std::io::stdin().lock(), arguments.stream.clone());
    append_lines(|| open(path, arguments), lines, arguments.batch as usize, output)
}

/// Opens the log, or makes it, with the durability that was asked for.
fn open(path: &Path, arguments: &AppendArguments) -> Result<Store> {
    let mut store = Store::open_or_create(path)?;
    store.set_durability(arguments.durability.durability())?;
    Ok(store)
}

/// The one event that the options give.
fn single(arguments: &AppendArguments) -> Result<Option<Append>> {
    let (Some(stream), Some(event_type), Some(data)) = (&arguments.stream, &arguments.event_type, &arguments.data)
    else {
        return Ok(None);
    };
    let checked = |option: &str, text: &str| {
        parse(text).map_err(|why| Error::Input(format!("{option} is not JSON: {why}")))?;
        Ok::<_, Error>(text.trim().as_bytes().to_vec())
    };
    let event = NewEvent {
        id: arguments.id.clone(),
        event_type: event_type.clone(),
        time: None,
        data: checked("--data", data)?,
        metadata: arguments.metadata.as_deref().map(|metadata| checked("--metadata", metadata)).transpose()?,
    };
    let expected = arguments.expected_version.as_deref().map_or(Ok(Expected::Any), expected_version)?;
    Ok(Some(Append { stream: StreamId::new(stream), expected, events: vec![event] }))
}

/// Appends lines, `batch_max` in one transaction. The log is opened, or made, when the first batch is well-formed.
fn append_lines(
    open: impl Fn() -> Result<Store>,
    mut lines: Lines<impl std::io::BufRead>,
    batch_max: usize,
    output: &mut Output,
) -> Ending {
    let mut store: Option<Store> = None;
    let mut kept_total = 0;
    loop {
        let first_line = lines.number() + 1;
        let batch = batch(&mut lines, batch_max).map_err(|error| after_kept(error, kept_total))?;
        let at_end = batch.len() < batch_max;
        let store = match &mut store {
            Some(store) => store,
            None => store.insert(open()?),
        };
        if !batch.is_empty() {
            let appended = store.append_all(&batch).map_err(|error| {
                let error = error.context(format!("lines {first_line} to {} of standard input", lines.number()));
                after_kept(error, kept_total)
            })?;
            kept_total += appended.len() as u64;
            print(&appended, output)?;
        }
        if at_end {
            return Ok(Answer::Yes);
        }
    }
}

fn batch(lines: &mut Lines<impl std::io::BufRead>, batch_max: usize) -> Result<Vec<Append>> {
    let mut batch = Vec::new();
    while batch.len() < batch_max {
        match lines.next()? {
            Some(append) => batch.push(append),
            None => break,
        }
    }
    Ok(batch)
}

/// Says what stands in the log although the command failed: earlier transactions.
fn after_kept(error: Error, kept_total: u64) -> Error {
    let kept = match kept_total {
        0 => return error,
        1 => "the event before it is in the log".to_owned(),
        count => format!("the {} events before it are in the log", thousands(count)),
    };
    match error {
        Error::Input(text) => Error::Input(format!("{text}; {kept}")),
        Error::Conflict(text) => Error::Conflict(format!("{text}; {kept}")),
        Error::Busy(text) => Error::Busy(format!("{text}; {kept}")),
        Error::Other(text) => Error::Other(format!("{text}; {kept}")),
        other => other,
    }
}

/// Prints where each event stands, and hands it to the reader at once.
fn print(appended: &[Appended], output: &mut Output) -> Printed {
    for append in appended {
        for (version, position) in (append.first_version..=append.last_version).zip(append.first_position..) {
            if output.is_json() {
                output.object(&json!({
                    "stream": append.stream.as_str(),
                    "version": version,
                    "position": position,
                }))?;
            } else {
                let again = if append.repeated { " (it was there already)" } else { "" };
                let stream = super::output::plain(append.stream.as_str());
                output.line(format!("{stream} version {version} at position {position}{again}"))?;
            }
        }
    }
    output.flush()
}
