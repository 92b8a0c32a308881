//! `events`: events in order, filtered while they are read.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::arguments::{EventsArguments, PayloadForm, PrintEventsArguments};
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, cut, plain, thousands};
use super::pick::{pass, tell_what_was_left_out};
use super::progress::note;
use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, Value};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::At;
use crate::payload::object::{event_object, hex};
use crate::payload::{Decoded, Decoder, HIDDEN};
use crate::store::{self, EventLog, stream_named};

/// Characters of a payload in one row for people.
const PAYLOAD_CHARS_MAX: usize = 100;

/// Prints the events.
pub fn run(arguments: &PrintEventsArguments, output: &mut Output) -> Ending {
    run_printing(&arguments.events, arguments.form, output)
}

/// Prints the events, their payloads in this form.
pub fn run_printing(arguments: &EventsArguments, form: PayloadForm, output: &mut Output) -> Ending {
    let locator = arguments.log.locator();
    let mut log = store::open(&locator)?;
    let decoder = log.decoder();
    let scope = scope(&mut *log, arguments)?;
    let from = start(&mut *log, &scope, arguments)?;
    let mut printer = EventPrinter::new(decoder.clone()).printing(form);
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
    form: PayloadForm,
    table: Table,
}

impl EventPrinter {
    /// Prints events of a log whose payloads this decoder reads.
    pub fn new(decoder: Decoder) -> Self {
        Self { decoder, form: PayloadForm::default(), table: table() }
    }

    /// The same, with payloads in this form.
    pub fn printing(mut self, form: PayloadForm) -> Self {
        self.form = form;
        self
    }

    /// Prints one event.
    pub fn print(&mut self, event: &RawEvent<'_>, output: &mut Output) -> Printed {
        let mut decoded = self.decoder.decode(event);
        let stored = (self.form == PayloadForm::Raw).then(|| stored(event, &decoded));
        if self.form == PayloadForm::Upcast {
            match self.decoder.upcast(event) {
                Ok(Some(data)) => decoded.data = Ok(data),
                Ok(None) => {}
                Err(fault) => decoded.data = Err(fault),
            }
        }
        if output.is_json() {
            let mut object = event_object(event, &decoded);
            if let Some(stored) = &stored {
                object["data"] = Value::Null;
                object["raw"] = stored.0.clone();
                object["text"] = stored.1.clone();
            }
            return output.object(&object);
        }
        let mut cells = cells(event, &decoded);
        if let (Some((hex, text)), Some(cell)) = (stored, cells.last_mut()) {
            let shown = if text.is_null() { hex } else { text };
            *cell = cut(&plain(shown.as_str().unwrap_or_default()), PAYLOAD_CHARS_MAX);
        }
        self.table.row(output, &cells)
    }

    /// Prints what waits, and hands it to the reader.
    pub fn end(&mut self, output: &mut Output) -> Printed {
        self.table.end(output)?;
        output.flush()
    }
}

/// The stored bytes, in hex and, where they are any, as text. Where something of payloads is masked they are not shown.
fn stored(event: &RawEvent<'_>, decoded: &Decoded) -> (Value, Value) {
    if decoded.is_masked {
        return (Value::from(HIDDEN), Value::Null);
    }
    (hex(event.data).into(), std::str::from_utf8(event.data).map_or(Value::Null, Value::from))
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
