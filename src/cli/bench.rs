//! `bench`: the figures of the README, reproduced, each beside its limit.

use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use super::arguments::{BenchArguments, BenchPart};
use super::bench_replay::{self, ReplayFigure};
use super::bench_window::{self, Row, WindowFigure};
use super::output::{Align, Answer, Ending, Output, Printed, Table, bytes, thousands};
use crate::error::Error;
use crate::lab::bench::{self, Figures, LargeFigures, MemoryFigure, Scale, Section};

/// Frames of the window that are measured: ten seconds of them.
const FRAMES: u64 = 600;
const FRAMES_QUICK: u64 = 60;
/// Turns of a fold of a million events and of its limit: an odd number, of which the middle one counts.
const TURNS_MAX: u32 = 5;

/// Measures in a folder of its own, and removes it.
pub fn run(arguments: &BenchArguments, output: &mut Output) -> Ending {
    let mut scale = if arguments.quick { Scale::QUICK } else { Scale::FULL };
    scale.events = arguments.events.map_or(scale.events, |events| events.max(2 * scale.events_small));
    let folder = Folder::make(&arguments.folder.clone().unwrap_or_else(std::env::temp_dir))?;
    let show_progress = std::io::stderr().is_terminal();
    let whole = arguments.only.is_empty();
    let sections: Vec<Section> = arguments.only.iter().filter_map(|part| part.section()).collect();
    let sections = if whole { Section::ALL.to_vec() } else { sections };
    let mut progress = |what: &str| {
        if show_progress {
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{what} …");
        }
    };
    let figures = bench::run(&scale, &sections, &folder.0, &mut progress);
    let window = (whole || arguments.only.contains(&BenchPart::Window)).then(|| {
        let frames = if arguments.quick { FRAMES_QUICK } else { FRAMES };
        bench_window::measure(scale.events, frames, &folder.0, &mut progress)
    });
    let replay = (whole || arguments.only.contains(&BenchPart::Replay))
        .then(|| bench_replay::measure(scale.events, scale.turns.min(TURNS_MAX), &folder.0, &mut progress));
    if show_progress {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    let (figures, window, replay) = (figures?, window.transpose()?, replay.transpose()?);
    if output.is_json() {
        let failed = |error: serde_json::Error| Error::Other(error.to_string());
        let mut object = serde_json::to_value(&figures).map_err(failed)?;
        if let (Some(window), Some(fields)) = (window, object.as_object_mut()) {
            fields.insert("window".to_owned(), serde_json::to_value(window).map_err(failed)?);
        }
        if let (Some(replay), Some(fields)) = (replay, object.as_object_mut()) {
            fields.insert("replay".to_owned(), serde_json::to_value(replay).map_err(failed)?);
        }
        output.object(&object)?;
    } else {
        let mut more = replay.as_ref().map(ReplayFigure::rows).unwrap_or_default();
        more.extend(window.as_ref().map(WindowFigure::rows).unwrap_or_default());
        print(&figures, more, output)?;
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

/// The rows of the table, one by one.
struct Rows<'a> {
    table: Table,
    output: &'a mut Output,
}

impl Rows<'_> {
    fn add(&mut self, what: &str, (ours, limit): (String, String), ratio: f64, why: &str) -> Printed {
        self.table.row(self.output, &[what.to_owned(), ours, limit, format!("{ratio:.2}"), why.to_owned()])
    }

    fn memory(&mut self, what: &str, figure: &MemoryFigure) -> Printed {
        let Some(held) = figure.bytes else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
        let ratio = figure.limit_bytes as f64 / held.max(1) as f64;
        let what = format!("memory while {} events are {what}", thousands(figure.events));
        self.add(&what, (bytes(held), bytes(figure.limit_bytes)), ratio, "what it may hold")
    }
}

fn print(figures: &Figures, more: Vec<Row>, output: &mut Output) -> Printed {
    let table = Table::new(&[
        ("MEASURED", Align::Left),
        ("OURS", Align::Right),
        ("LIMIT", Align::Right),
        ("RATIO", Align::Right),
        ("WHAT THE LIMIT IS", Align::Left),
    ]);
    let mut rows = Rows { table, output };
    for figure in &figures.append {
        let what = format!("append, {} B, batches of {}", figure.payload_bytes, thousands(figure.batch as u64));
        for (limit, ratio, why) in [
            (figure.limit_events_per_second, figure.ratio, "bare loop, same tables"),
            (figure.default_events_per_second, figure.default_ratio, "the same with SQLite's default checkpointing"),
            (figure.unchecked_events_per_second, figure.unchecked_ratio, "the same without triggers: nothing checked"),
        ] {
            rows.add(&what, (per_second(figure.events_per_second), per_second(limit)), ratio, why)?;
        }
    }
    if let Some(group) = &figures.group_commit {
        let what = format!("{} threads, one event at a time", group.threads);
        for (limit, ratio, why) in [
            (group.limit_events_per_second, group.ratio, "as many threads, one commit for each event"),
            (group.loop_events_per_second, group.loop_ratio, "one bare loop, one commit for each event"),
            (group.alone_events_per_second, group.alone_ratio, "one thread with this store"),
        ] {
            rows.add(&what, (per_second(group.events_per_second), per_second(limit)), ratio, why)?;
        }
    }
    if let Some(large) = &figures.large {
        print_large(large, &mut rows)?;
    }
    if let Some(list) = &figures.list {
        rows.add(
            &format!("list the first 100 of {} streams", thousands(list.streams)),
            (in_ms(list.ms), in_ms(list.limit_ms)),
            list.ratio,
            "in a log of 10,000 events",
        )?;
    }
    for (what, pair, ratio, why) in more {
        rows.add(&what, pair, ratio, why)?;
    }
    let Rows { mut table, output } = rows;
    table.end(output)
}

fn print_large(figures: &LargeFigures, rows: &mut Rows<'_>) -> Printed {
    let (growth, read, stream, open) = (&figures.growth, &figures.read, &figures.stream, &figures.open);
    let search = &figures.search;
    rows.add(
        &format!("append in a log of {} events", thousands(growth.events)),
        (per_second(growth.events_per_second), per_second(growth.limit_events_per_second)),
        growth.ratio,
        &format!("in a log of {} events", thousands(growth.events_small)),
    )?;
    rows.add(
        &format!("read {} events in order", thousands(read.events)),
        (per_second(read.events_per_second), per_second(read.limit_events_per_second)),
        read.ratio,
        "bare scan of the same columns",
    )?;
    rows.add(
        &format!("search {} events for a text", thousands(search.events)),
        (per_second(search.events_per_second), per_second(search.limit_events_per_second)),
        search.ratio,
        "bare scan with a substring test",
    )?;
    rows.add(
        &format!("read a stream of {} events in it", thousands(stream.stream_events)),
        (in_ms(stream.ms), in_ms(stream.limit_ms)),
        stream.ratio,
        "a stream in a log of 10,000 events",
    )?;
    rows.add("open it", (in_ms(open.ms), in_ms(open.limit_ms)), open.ratio, "a log of 10,000 events")?;
    rows.memory("appended", &figures.append_memory)?;
    rows.memory("exported", &figures.export_memory)
}

#[expect(clippy::cast_possible_truncation, reason = "a rate in whole events")]
fn per_second(rate: f64) -> String {
    format!("{}/s", thousands(rate as i64))
}

fn in_ms(ms: f64) -> String {
    format!("{ms:.3} ms")
}
