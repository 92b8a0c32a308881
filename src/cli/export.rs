//! `export`: the events of any log, or some of them, into a file.

use std::io::{IsTerminal, Write as _};
use std::path::Path;

use serde_json::json;

use super::arguments::{ExportArguments, FileFormat};
use super::events::{passes, scope, start};
use super::output::{Answer, Ending, Output, counted, thousands};
use super::pick::tell_what_was_left_out;
use crate::error::Error;
use crate::replay::search::Sieve;
use crate::store::exchange::{Filter, Format, export};
use crate::store::{self};

/// Writes the file and says how many events it holds.
pub fn run(arguments: &ExportArguments, output: &mut Output) -> Ending {
    if let Some(artefact) = arguments.artefact {
        return super::artefact::run(arguments, artefact, output);
    }
    let to = Path::new(&arguments.to);
    let format = arguments.format.map(FileFormat::format).or_else(|| Format::of(to)).ok_or_else(|| {
        Error::Input(format!(
            "the name {} does not tell a format (end it with .jsonl, .csv, .json or .parquet, or give --format)",
            to.display()
        ))
    })?;
    let locator = arguments.events.log.locator();
    let mut log = store::open(&locator)?;
    let decoder = log.decoder();
    let scope = scope(&mut *log, &arguments.events)?;
    let from = start(&mut *log, &scope, &arguments.events)?;
    let mut sieve = if arguments.events.pick.picks() {
        Some(Sieve::new(decoder.clone(), arguments.events.pick.wanted(&locator, &from)?))
    } else {
        None
    };
    let mut passes = |raw: &crate::event::RawEvent<'_>| {
        let is_picked = match &mut sieve {
            Some(sieve) => sieve.wants(raw) && sieve.passes(raw)?,
            None => true,
        };
        Ok(is_picked && passes(raw, &arguments.events, &decoder))
    };
    let limit = arguments.events.limit.unwrap_or(u64::MAX);
    let mut filter = Filter { scope, from, passes: &mut passes, limit };
    let events = export(&mut *log, &mut filter, format, to, &mut progress())?;
    if let Some(sieve) = &sieve {
        tell_what_was_left_out(&sieve.seen());
    }
    if output.is_json() {
        output.object(&json!({ "events": events, "format": format.name(), "file": arguments.to }))?;
    } else {
        output.line(format!("{} in {}", counted(events, "event"), to.display()))?;
    }
    Ok(Answer::Yes)
}

/// Shows how far a long work is, where somebody can see it.
pub(super) fn progress() -> impl FnMut(u64) {
    let is_shown = std::io::stderr().is_terminal();
    move |events| {
        if is_shown {
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{} events\r", thousands(events));
        }
    }
}
