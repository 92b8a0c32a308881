//! `archive`: the older part of a log in a compressed, sealed file, and out of the log once that was verified.

use std::path::Path;

use serde_json::json;

use super::arguments::ArchiveArguments;
use super::export::progress;
use super::output::{Answer, Ending, Output, counted, thousands};
use crate::error::Error;
use crate::event::Time;
use crate::store::archive::archive;

/// Archives, and says what was verified and removed.
pub fn run(arguments: &ArchiveArguments, output: &mut Output) -> Ending {
    let before = Time::parse(&arguments.before)
        .ok_or_else(|| Error::Input(format!("--before {} is no time (RFC 3339, or a date)", arguments.before)))?;
    let (log, to) = (Path::new(&arguments.log.log), Path::new(&arguments.to));
    let archived = archive(log, before, to, arguments.trim, &mut progress())?;
    let events = archived.map_or(0, |archived| archived.events);
    if output.is_json() {
        output.object(&json!({
            "events": events,
            "archive": archived.map(|_| arguments.to.as_str()),
            "verified": archived.map_or(0, |archived| archived.verified),
            "trimmed": archived.map_or(0, |archived| archived.trimmed),
        }))?;
    } else if let Some(archived) = archived {
        let removed = match archived.trimmed {
            0 => "all of them are still in the log (--trim removes them)".to_owned(),
            trimmed => format!("{} removed from the log, which reads them there from now on", thousands(trimmed)),
        };
        output.line(format!(
            "{} (positions {} to {}) in {}, each verified; {removed}",
            counted(events, "event"),
            archived.first,
            archived.last,
            to.display()
        ))?;
    } else {
        output.line(format!("no event is older than {before}: nothing was archived"))?;
    }
    Ok(if events == 0 { Answer::No } else { Answer::Yes })
}
