//! `info`: what a log is and how it was opened.

use serde_json::json;

use super::arguments::LogArguments;
use super::output::{Answer, Ending, Output, bytes, counted, plain};
use crate::event::Time;
use crate::store;

/// Prints the log's facts.
pub fn run(arguments: &LogArguments, output: &mut Output) -> Ending {
    let mut log = store::open(&arguments.locator())?;
    let totals = log.totals()?;
    let forms = super::forms::of(log.as_mut())?;
    let info = log.info();
    let evidence: Vec<&str> = info.evidence.iter().map(String::as_str).chain(forms.as_deref()).collect();
    if output.is_json() {
        output.object(&json!({
            "engine": info.engine,
            "layout": info.layout,
            "evidence": evidence,
            "events": totals.events,
            "streams": totals.streams,
            "categories": totals.categories,
            "snapshots": totals.snapshots,
            "read_only": info.read_only,
            "first_time": totals.first_time.map(|time| time.to_string()),
            "last_time": totals.last_time.map(|time| time.to_string()),
        }))?;
        return Ok(Answer::Yes);
    }
    let span = match (totals.first_time, totals.last_time) {
        (Some(first), Some(last)) => format!("{} to {}", moment(first), moment(last)),
        _ => "the log does not say".to_owned(),
    };
    let written =
        if info.read_only { "never: Eventscope did not make this log" } else { "only by append and snapshot" };
    let facts = [
        ("log", format!("{} ({}, {})", info.name, info.engine, bytes(info.bytes_total))),
        ("layout", format!("{} ({})", info.layout_title, info.layout)),
        ("known by", evidence.join("\n")),
        ("opened", info.access.sentence().trim_start_matches("opened ").to_owned()),
        ("written", written.to_owned()),
        (
            "holds",
            format!(
                "{} in {} of {}",
                counted(totals.events, "event"),
                counted(totals.streams, "stream"),
                if totals.categories == 1 {
                    "1 category".to_owned()
                } else {
                    format!("{} categories", totals.categories)
                }
            ),
        ),
        ("snapshots", counted(totals.snapshots, "snapshot")),
        ("time", span),
    ];
    for (name, fact) in facts {
        for (index, line) in fact.lines().enumerate() {
            output.line(format!("{:<10} {}", if index == 0 { name } else { "" }, plain(line)))?;
        }
    }
    Ok(Answer::Yes)
}

/// A time to the second, for people.
pub fn moment(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC")
}
