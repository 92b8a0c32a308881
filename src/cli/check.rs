//! `check`: folds the events of a repro bundle, and compares with the state that it expects.

use std::path::Path;

use serde_json::json;

use super::arguments::CheckArguments;
use super::output::{Answer, Ending, Output, counted, plain};
use super::snapshots::operation;
use crate::replay::artefact::check;
use crate::store::bundle::Bundle;
use crate::workspace::{self, Workspace};

/// Says whether it holds. It does not: exit code 1.
pub fn run(arguments: &CheckArguments, output: &mut Output) -> Ending {
    let path = Path::new(&arguments.bundle);
    let bundle = Bundle::read(path)?;
    let reducer = match &arguments.reducer.reducer {
        Some(name) => workspace::reducer_named(name, arguments.reducer.consent())?,
        None => Workspace::of_log(&arguments.bundle, None)?
            .allowing(arguments.reducer.consent())
            .reducer_of(&bundle.stream)?,
    };
    let (stream, events) = (plain(&bundle.stream), bundle.events.len() as u64);
    let wanted_faults = bundle.expected.faults.len() as u64;
    let checked = check(path, bundle, reducer)?;
    let verdict = if checked.holds { "holds" } else { "differs" };
    if output.is_json() {
        output.object(&json!({
            "verdict": verdict,
            "diff": checked.diff,
            "stream": stream,
            "version": checked.folded.version,
            "reducer": checked.reducer,
            "faults": checked.folded.faults,
        }))?;
    } else {
        let events = counted(events, "event");
        output.line(format!("{verdict}: {stream}, {events} folded by {}", plain(&checked.reducer)))?;
        for one in &checked.diff {
            output.line(plain(&operation(one)))?;
        }
        let faults = checked.folded.faults.len() as u64;
        if faults != wanted_faults {
            let expected = counted(wanted_faults, "fault");
            output.line(format!("{expected} expected, and {faults} met"))?;
        }
        for fault in &checked.folded.faults {
            output.line(format!("event {} could not be folded: {}", fault.position + 1, plain(&fault.message)))?;
        }
    }
    Ok(if checked.holds { Answer::Yes } else { Answer::No })
}
