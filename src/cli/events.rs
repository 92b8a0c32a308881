//! `events`: events in order, filtered while they are read.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::arguments::EventsArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, cut, plain, thousands};
use super::pick::{pass, tell_what_was_left_out};
use super::progress::note;
use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::At;
use crate::payload::object::event_object;
use crate::payload::{Decoded, Decoder};
use crate::store::{self, EventLog, stream_named};

/// Characters of a payload in one row for people.
const PAYLOAD_CHARS_MAX: usize = 100;

/// Prints the events.
pub fn run(arguments: &EventsArguments, output: &mut Output) -> Ending {
    let locator = arguments.log.locator();
    let mut log = store::open(&locator)?;
    let decoder = log.decoder();
    let scope = scope(&mut *log, arguments)?;
    let from = start(&mut *log, &scope, arguments)?;
    let mut printer = EventPrinter::new(decoder.clone());
    if arguments.pick.picks() {
        return run_picked(arguments, &locator, &mut *log, (scope, from), printer, output);
    }
    let mut resume = from;
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    let mut batch = EventBatch::new();
    while left > 0 {
        // With a filter most of a page may be passed over: then whole pages are read.
        let filtered = arguments.event_type.is_some() || arguments.category.is_some();
        let limit =
            if filtered { PAGE_EVENTS_MAX } else { u32::try_from(left).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX) };
        let end = log.read(&scope, &resume, limit, &mut batch)?;
        for event in batch.iter().filter(|event| passes(event, arguments, &decoder)) {
            if left == 0 {
                break;
            }
            left -= 1;
            printer.print(&event, output)?;
        }
        if end.at_end {
            break;
        }
        resume = end.next;
    }
    printer.end(output)?;
    Ok(Answer::Yes)
}

/// Prints the events that pass a filter and a condition; the answer is no where none does.
fn run_picked(
    arguments: &EventsArguments,
    locator: &str,
    log: &mut dyn EventLog,
    (scope, from): (Scope, Resume),
    printer: EventPrinter,
    output: &mut Output,
) -> Ending {
    let wanted = arguments.pick.wanted(locator, &from)?;
    let decoder = log.decoder();
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    let mut found = 0_u64;
    let (printer, shown) = (RefCell::new(printer), RefCell::new(output));
    let seen = pass(
        log,
        (scope, from),
        wanted,
        &mut |raw| {
            if left == 0 {
                return Ok(ControlFlow::Break(()));
            }
            if passes(raw, arguments, &decoder) {
                found += 1;
                left -= 1;
                printer.borrow_mut().print(raw, *shown.borrow_mut())?;
            }
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
        &mut || printer.borrow_mut().end(*shown.borrow_mut()),
    )?;
    printer.borrow_mut().end(*shown.borrow_mut())?;
    tell_what_was_left_out(&seen);
    if !shown.borrow().is_json() {
        note(&format!("{} of {} scanned", counted(found, "hit"), thousands(seen.scanned)));
    }
    Ok(if found == 0 { Answer::No } else { Answer::Yes })
}

pub(super) fn scope(log: &mut dyn EventLog, arguments: &EventsArguments) -> Result<Scope> {
    Ok(match (&arguments.stream, &arguments.category) {
        (Some(stream), _) => Scope::Stream(stream_named(log, stream)?),
        (None, Some(category)) => Scope::Category(category.as_str().into()),
        (None, None) => Scope::Log,
    })
}

/// Where reading begins. What it does not skip, [`passes`] does.
pub(super) fn start(log: &mut dyn EventLog, scope: &Scope, arguments: &EventsArguments) -> Result<Resume> {
    if let Some(version) = arguments.after_version {
        return Ok(Resume::AfterVersion(version));
    }
    match (arguments.after_position, scope) {
        (None, _) => Ok(Resume::Start),
        (Some(position), Scope::Log | Scope::Category(_)) => Ok(Resume::After(Seq::Number(position))),
        (Some(position), Scope::Stream(_)) => {
            let position = log.position_of(scope, &At::Seq(Seq::Number(position)))?;
            Ok(log.locate(scope, position)?.resume)
        }
    }
}

pub(super) fn passes(event: &RawEvent<'_>, arguments: &EventsArguments, decoder: &Decoder) -> bool {
    arguments.event_type.as_deref().is_none_or(|wanted| event.event_type == wanted)
        && arguments.category.as_deref().is_none_or(|wanted| decoder.category(event) == wanted)
        && arguments.after_version.is_none_or(|after| event.version.is_some_and(|version| version > after))
        && arguments.after_position.is_none_or(|after| event.seq > Seq::Number(after))
}

/// Prints events one by one: JSON lines, or an aligned table.
pub struct EventPrinter {
    decoder: Decoder,
    table: Table,
}

impl EventPrinter {
    /// Prints events of a log whose payloads this decoder reads.
    pub fn new(decoder: Decoder) -> Self {
        Self { decoder, table: table() }
    }

    /// Prints one event.
    pub fn print(&mut self, event: &RawEvent<'_>, output: &mut Output) -> Printed {
        let decoded = self.decoder.decode(event);
        if output.is_json() {
            return output.object(&event_object(event, &decoded));
        }
        self.table.row(output, &cells(event, &decoded))
    }

    /// Prints what waits, and hands it to the reader.
    pub fn end(&mut self, output: &mut Output) -> Printed {
        self.table.end(output)?;
        output.flush()
    }
}

fn table() -> Table {
    Table::new(&[
        ("POSITION", Align::Right),
        ("STREAM", Align::Left),
        ("VERSION", Align::Right),
        ("TYPE", Align::Left),
        ("TIME", Align::Left),
        ("DATA", Align::Left),
    ])
}

fn cells(event: &RawEvent<'_>, decoded: &Decoded) -> [String; 6] {
    let data = match &decoded.data {
        Ok(data) => cut(&plain(&data.to_string()), PAYLOAD_CHARS_MAX),
        Err(fault) => format!("cannot be decoded: {fault}"),
    };
    [
        event.seq.to_string(),
        event.stream.to_owned(),
        event.version.map(|version| version.to_string()).unwrap_or_default(),
        event.event_type.to_owned(),
        decoded.time.map(moment).unwrap_or_default(),
        data,
    ]
}
