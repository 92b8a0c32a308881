//! `generate`: a log of made-up events, the same for the same seed.

use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::arguments::GenerateArguments;
use super::output::{Answer, Ending, Output, bytes, counted, thousands};
use crate::lab::generate::{Plan, generate};
use crate::store::sqlite::native::Store;

/// Writes the events and says how fast.
pub fn run(arguments: &GenerateArguments, output: &mut Output) -> Ending {
    let plan = Plan {
        events: arguments.events,
        streams: arguments.streams,
        payload_bytes: arguments.payload_bytes,
        seed: arguments.seed,
    };
    let path = Path::new(&arguments.log.log);
    let mut store = Store::open_or_create(path)?;
    let started = Instant::now();
    let show_progress = std::io::stderr().is_terminal();
    generate(&mut store, &plan, &mut |made| {
        if show_progress {
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r{} of {} ", thousands(made), counted(plan.events, "event"));
        }
    })?;
    if show_progress {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
    let events_per_second = (plan.events as f64 / seconds.max(1e-6)) as u64;
    let streams = plan.streams.min(plan.events);
    if output.is_json() {
        output.object(&json!({
            "events": plan.events,
            "streams": streams,
            "seconds": (seconds * 1e3).round() / 1e3,
            "events_per_second": events_per_second,
        }))?;
    } else {
        let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
        output.line(format!(
            "{} in {} in {seconds:.1} s ({} events/s), {}: {}",
            counted(plan.events, "event"),
            counted(streams, "stream"),
            thousands(events_per_second),
            bytes(size),
            path.display()
        ))?;
    }
    Ok(Answer::Yes)
}
