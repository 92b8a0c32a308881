//! `bench`: the figures of the README, reproduced, each beside its limit.

use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use super::arguments::BenchArguments;
use super::output::{Align, Answer, Ending, Output, Table, bytes, thousands};
use crate::error::Error;
use crate::lab::bench::{self, Figures, Scale};

/// Measures in a folder of its own, and removes it.
pub fn run(arguments: &BenchArguments, output: &mut Output) -> Ending {
    let mut scale = if arguments.quick { Scale::QUICK } else { Scale::FULL };
    scale.events = arguments.events.map_or(scale.events, |events| events.max(2 * scale.events_small));
    let folder = Folder::make(&arguments.folder.clone().unwrap_or_else(std::env::temp_dir))?;
    let show_progress = std::io::stderr().is_terminal();
    let figures = bench::run(&scale, &folder.0, &mut |what| {
        if show_progress {
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{what} …");
        }
    });
    if show_progress {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    let figures = figures?;
    if output.is_json() {
        let object = serde_json::to_value(&figures).map_err(|error| Error::Other(error.to_string()))?;
        output.object(&object)?;
    } else {
        print(&figures, output)?;
    }
    Ok(Answer::Yes)
}

/// A folder that goes when the bench ends, however it ends.
struct Folder(PathBuf);

impl Folder {
    fn make(inside: &Path) -> Result<Self, Error> {
        let folder = inside.join(format!("eventscope-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Error::Other(format!("cannot create the folder {}: {error}", folder.display())))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Best effort: a folder that cannot be removed hides no figure.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn print(figures: &Figures, output: &mut Output) -> super::output::Printed {
    let mut table = Table::new(&[
        ("MEASURED", Align::Left),
        ("OURS", Align::Right),
        ("LIMIT", Align::Right),
        ("RATIO", Align::Right),
        ("WHAT THE LIMIT IS", Align::Left),
    ]);
    let mut row = |what: String, ours: String, limit: String, ratio: f64, why: &str| {
        table.row(output, &[what, ours, limit, format!("{ratio:.2}"), why.to_owned()])
    };
    for figure in &figures.append {
        let what = format!("append, {} B, batches of {}", figure.payload_bytes, thousands(figure.batch as u64));
        let ours = per_second(figure.events_per_second);
        row(
            what.clone(),
            ours.clone(),
            per_second(figure.limit_events_per_second),
            figure.ratio,
            "bare loop, same tables",
        )?;
        let default = per_second(figure.default_events_per_second);
        row(what, ours, default, figure.default_ratio, "the same with SQLite's default checkpointing")?;
    }
    let group = &figures.group_commit;
    row(
        format!("{} threads, one event at a time", group.threads),
        per_second(group.events_per_second),
        per_second(group.limit_events_per_second),
        group.ratio,
        "one commit for each event",
    )?;
    let growth = &figures.growth;
    row(
        format!("append in a log of {} events", thousands(growth.events)),
        per_second(growth.events_per_second),
        per_second(growth.limit_events_per_second),
        growth.ratio,
        &format!("in a log of {} events", thousands(growth.events_small)),
    )?;
    let read = &figures.read;
    row(
        format!("read {} events in order", thousands(read.events)),
        per_second(read.events_per_second),
        per_second(read.limit_events_per_second),
        read.ratio,
        "bare scan of the same columns",
    )?;
    let search = &figures.search;
    row(
        format!("search {} events for a text", thousands(search.events)),
        per_second(search.events_per_second),
        per_second(search.limit_events_per_second),
        search.ratio,
        "bare scan with a substring test",
    )?;
    let stream = &figures.stream;
    row(
        format!("read a stream of {} events in it", thousands(stream.stream_events)),
        in_ms(stream.ms),
        in_ms(stream.limit_ms),
        stream.ratio,
        "a stream in a log of 10,000 events",
    )?;
    let open = &figures.open;
    row("open it".to_owned(), in_ms(open.ms), in_ms(open.limit_ms), open.ratio, "a log of 10,000 events")?;
    let list = &figures.list;
    row(
        format!("list the first 100 of {} streams", thousands(list.streams)),
        in_ms(list.ms),
        in_ms(list.limit_ms),
        list.ratio,
        "in a log of 10,000 events",
    )?;
    table.end(output)?;
    if let Some(peak) = figures.memory_peak_bytes {
        output.line(format!("the most memory that was held: {}", bytes(peak)))?;
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a rate in whole events")]
fn per_second(rate: f64) -> String {
    format!("{}/s", thousands(rate as i64))
}

fn in_ms(ms: f64) -> String {
    format!("{ms:.3} ms")
}
