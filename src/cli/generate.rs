//! `generate`: a log of made-up events, the same for the same seed.

use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::arguments::GenerateArguments;
use super::output::{Answer, Ending, Output, bytes, counted, thousands};
use crate::event::Time;
use crate::lab::generate::{Plan, generate};
use crate::lab::wallet;
use crate::store;
use crate::store::sqlite::native::Store;

/// When the wallet ledger ends: the same file on every day. 2026-11-01 UTC.
const WALLET_END: Time = Time(1_793_491_200_000_000);

/// Writes the events and says how fast.
pub fn run(arguments: &GenerateArguments, output: &mut Output) -> Ending {
    let path = Path::new(&arguments.log.log);
    let mut store = Store::open_or_create(path)?;
    let started = Instant::now();
    let (events, streams) = if arguments.wallet {
        wallet::write(&mut store, WALLET_END, &mut progress(wallet::EVENTS))?;
        (wallet::EVENTS, store::open(&arguments.log.log)?.totals()?.streams)
    } else {
        let plan = Plan {
            events: arguments.events,
            streams: arguments.streams,
            payload_bytes: arguments.payload_bytes,
            seed: arguments.seed,
        };
        generate(&mut store, &plan, &mut progress(plan.events))?;
        (plan.events, plan.streams.min(plan.events))
    };
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    tell(path, events, streams, started.elapsed().as_secs_f64(), output)
}

/// Tells a person at a terminal how many events there are.
fn progress(events: u64) -> impl FnMut(u64) {
    let shown = std::io::stderr().is_terminal();
    move |made| {
        if shown {
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r{} of {} ", thousands(made), counted(events, "event"));
        }
    }
}

fn tell(path: &Path, events: u64, streams: u64, seconds: f64, output: &mut Output) -> Ending {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
    let events_per_second = (events as f64 / seconds.max(1e-6)) as u64;
    if output.is_json() {
        output.object(&json!({
            "events": events,
            "streams": streams,
            "seconds": (seconds * 1e3).round() / 1e3,
            "events_per_second": events_per_second,
        }))?;
    } else {
        let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
        output.line(format!(
            "{} in {} in {seconds:.1} s ({} events/s), {}: {}",
            counted(events, "event"),
            counted(streams, "stream"),
            thousands(events_per_second),
            bytes(size),
            path.display()
        ))?;
    }
    Ok(Answer::Yes)
}
