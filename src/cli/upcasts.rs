//! `upcasts`: what each upcaster of the workspace file does to the log, and the first event that it fails on.

use serde_json::{Value, json};

use super::arguments::LogArguments;
use super::output::{Answer, Ending, Output, counted, plain};
use super::progress::Meter;
use crate::event::{EventBatch, Resume, Scope};
use crate::limits::PAGE_EVENTS_MAX;
use crate::payload::Upcast;
use crate::payload::object::position;
use crate::store;

/// What one upcaster did.
#[derive(Default)]
struct Tally {
    events: u64,
    failed: u64,
    /// The first event that it failed on: one object, and where that is in words.
    first: Option<(Value, String)>,
}

/// Tries every upcaster on every event of the log.
pub fn run(arguments: &LogArguments, output: &mut Output) -> Ending {
    let mut log = store::open(&arguments.locator())?;
    let decoder = log.decoder();
    let upcasts = decoder.upcasts();
    let mut tallies: Vec<Tally> = upcasts.iter().map(|_| Tally::default()).collect();
    let (mut resume, mut batch, mut meter, mut read) = (Resume::Start, EventBatch::new(), Meter::new(0), 0);
    while !upcasts.is_empty() {
        let end = log.read(&Scope::Log, &resume, PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            let (applied, failed) = decoder.try_upcasts(&raw);
            for index in applied {
                if let Some(tally) = tallies.get_mut(index) {
                    tally.events += 1;
                }
            }
            let Some((index, why)) = failed else { continue };
            let Some(tally) = tallies.get_mut(index) else { continue };
            tally.failed += 1;
            tally.first.get_or_insert_with(|| {
                let version = raw.version.map_or_else(String::new, |version| format!(", version {version}"));
                let object = json!({
                    "position": position(raw.seq),
                    "stream": raw.stream,
                    "version": raw.version,
                    "type": raw.event_type,
                    "error": why,
                });
                (object, format!("position {}, stream {}{version}: {why}", raw.seq, raw.stream))
            });
        }
        read += batch.len() as u64;
        let _ = meter.tell(read);
        if end.at_end || batch.is_empty() {
            break;
        }
        resume = end.next;
    }
    meter.end();
    for (upcast, tally) in upcasts.iter().zip(&tallies) {
        print(upcast, tally, output)?;
    }
    if upcasts.is_empty() && !output.is_json() {
        output.line("the workspace file has no [[upcast]] for this log")?;
    }
    Ok(if tallies.iter().any(|tally| tally.failed > 0) { Answer::No } else { Answer::Yes })
}

fn print(upcast: &Upcast, tally: &Tally, output: &mut Output) -> super::output::Printed {
    if output.is_json() {
        return output.object(&json!({
            "type": upcast.event_type,
            "version": upcast.version,
            "to": upcast.to,
            "events": tally.events,
            "failed": tally.failed,
            "first": tally.first.as_ref().map(|(object, _)| object),
        }));
    }
    let by = upcast.file.as_ref().map(|file| format!(" by {file}")).unwrap_or_default();
    let failed = if tally.failed > 0 { format!(", {} failed", tally.failed) } else { String::new() };
    output.line(format!("{}{}: {}{failed}", plain(&upcast.to_string()), plain(&by), counted(tally.events, "event")))?;
    match &tally.first {
        Some((_, words)) => output.line(format!("  first at {}", plain(words))),
        None => Ok(()),
    }
}
