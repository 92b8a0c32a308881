//! The window's part of the bench: a log, a writer that goes on writing to it, and the window in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::lab::generate::{Plan, generate};
use crate::store::sqlite::native::{Expected, NewEvent, Store};

/// What the thread may take for one pass, in milliseconds.
const UI_MS_MAX: f64 = 4.0;
/// What the window may hold.
const MEMORY_BYTES_MAX: u64 = 300 << 20;
/// How much later than an empty window ours may be there.
const FIRST_FRAME_RATIO_MAX: f64 = 1.5;
/// Events that the writer appends at once, ten times a second.
const BATCH: usize = 20;
/// Windows of each kind that are opened: an odd number, of which the middle one counts.
const WINDOWS: usize = 5;

/// What the window's process says; see `gui::measure::WindowFigures`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WindowFigure {
    /// Events of the log.
    pub events: u64,
    /// Frames that were drawn.
    pub frames: u64,
    /// Milliseconds from opening the log to its first rows.
    pub first_rows_ms: f64,
    /// Milliseconds of the thread: half of the frames.
    pub ui_ms_p50: f64,
    /// Milliseconds of the thread: 99 of 100 frames.
    pub ui_ms_p99: f64,
    /// Milliseconds of the thread: the longest frame.
    pub ui_ms_max: f64,
    /// Events that arrived meanwhile.
    pub events_live: u64,
    /// Steps of the replay meanwhile.
    pub steps: u64,
    /// Frames while nothing happened.
    pub idle_repaints: u64,
    /// The most memory that it held.
    pub memory_bytes: Option<u64>,
    /// Milliseconds from the start of the process to the first frame of our window; `None` without a display.
    #[serde(default)]
    pub first_frame_ms: Option<f64>,
    /// The same of an empty window.
    #[serde(default)]
    pub empty_frame_ms: Option<f64>,
}

/// A row of the bench's table: what, ours, the limit, by how much it is kept, why.
pub type Row = (String, (String, String), f64, &'static str);

impl WindowFigure {
    /// The rows of the table.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let ms = |value: f64| format!("{value:.2} ms");
        let what = format!("draw a frame of {} events, p99", super::output::thousands(self.events));
        let mut rows = vec![(
            what,
            (ms(self.ui_ms_p99), ms(UI_MS_MAX)),
            UI_MS_MAX / self.ui_ms_p99.max(1e-6),
            "scrolling, playing 50 steps/s and plotting live; 1440 x 900, thread time",
        )];
        #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
        if let Some(held) = self.memory_bytes {
            let ratio = MEMORY_BYTES_MAX as f64 / held.max(1) as f64;
            let pair = (super::output::bytes(held), super::output::bytes(MEMORY_BYTES_MAX));
            rows.push(("memory of the window".to_owned(), pair, ratio, "what it may hold, without a graphics driver"));
        }
        let idle = if self.idle_repaints == 0 { 1.0 } else { 0.0 };
        rows.push((
            "frames while nothing happens".to_owned(),
            (self.idle_repaints.to_string(), "0".to_owned()),
            idle,
            "an idle window uses no processor",
        ));
        if let (Some(ours), Some(empty)) = (self.first_frame_ms, self.empty_frame_ms) {
            rows.push((
                "first frame of the window".to_owned(),
                (ms(ours), ms(empty * FIRST_FRAME_RATIO_MAX)),
                empty * FIRST_FRAME_RATIO_MAX / ours.max(1e-6),
                "1.5 times an empty window of the toolkit",
            ));
        }
        rows
    }
}

/// Measures in a folder, which holds nothing of it afterwards.
///
/// # Errors
/// As generating and appending; `Other` where the window's process fails.
pub fn measure(events: u64, frames: u64, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<WindowFigure> {
    let log = folder.join("window.db");
    progress("window: a large log");
    let plan = Plan { events, streams: (events / 1_000).max(1), payload_bytes: 100, seed: 11 };
    generate(&mut Store::create(&log)?, &plan, &mut |_| ())?;
    progress("window: scrolling, playing, plotting");
    let mut figure = drawn(&log, frames)?;
    if has_display() {
        progress("window: first frame");
        figure.first_frame_ms = first_frame(false)?;
        figure.empty_frame_ms = first_frame(true)?;
    }
    for ending in ["", "-wal", "-shm"] {
        // Best effort: the folder goes as a whole.
        let _ = std::fs::remove_file(format!("{}{ending}", log.display()));
    }
    Ok(figure)
}

fn drawn(log: &Path, frames: u64) -> Result<WindowFigure> {
    let mut child = Command::new(program()?)
        .arg("window-figures")
        .arg(log)
        .args(["--frames", &frames.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::Other(format!("cannot start the window's process: {error}")))?;
    let out = child.stdout.take().ok_or_else(|| Error::Other("the window's process says nothing".to_owned()))?;
    let mut out = BufReader::new(out);
    let mut text = String::new();
    // Its first line says that it was measured at rest: now the log may be written to.
    out.read_line(&mut text)?;
    text.clear();
    let ended = Arc::new(AtomicBool::new(false));
    let writer = write_on(log, &ended)?;
    let read = out.read_to_string(&mut text);
    ended.store(true, Ordering::Relaxed);
    let written = writer.join().map_err(|_| Error::Other("the writer beside the window ended early".to_owned()))?;
    read?;
    let status = child.wait()?;
    written?;
    if !status.success() {
        return Err(Error::Other(format!("the window's process failed ({status})")));
    }
    serde_json::from_str(&text).map_err(|error| Error::Other(format!("the window's process said {text:?}: {error}")))
}

/// Appends to the log until it is told to end.
fn write_on(log: &Path, ended: &Arc<AtomicBool>) -> Result<std::thread::JoinHandle<Result<()>>> {
    let (log, ended) = (log.to_owned(), Arc::clone(ended));
    std::thread::Builder::new()
        .name("bench writer".to_owned())
        .spawn(move || {
            let mut store = Store::open(&log)?;
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
                let event = |index: usize| NewEvent::new("Ticked", format!("{{\"n\":{index}}}"));
                let events: Vec<NewEvent> = (0..BATCH).map(event).collect();
                store.append(&StreamId::new("live-1"), Expected::Any, &events)?;
            }
            Ok(())
        })
        .map_err(|error| Error::Other(format!("cannot start the writer: {error}")))
}

/// The median time from the start of a process to the first frame of its window; `None` where none could be opened.
fn first_frame(empty: bool) -> Result<Option<f64>> {
    let mut times = Vec::new();
    for _ in 0..WINDOWS {
        let started = Instant::now();
        let mut command = Command::new(program()?);
        command.arg("window-first-frame").stdout(Stdio::piped()).stderr(Stdio::null());
        if empty {
            command.arg("--empty");
        }
        let mut child = command.spawn()?;
        let mut line = String::new();
        let said = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line)).transpose()?;
        let elapsed = started.elapsed();
        let status = child.wait()?;
        if said.unwrap_or(0) == 0 || !status.success() {
            return Ok(None);
        }
        times.push(elapsed);
    }
    times.sort_unstable();
    Ok(times.get(WINDOWS / 2).map(|time| time.as_secs_f64() * 1_000.0))
}

/// True where the environment names a display.
fn has_display() -> bool {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

fn program() -> Result<std::path::PathBuf> {
    std::env::current_exe().map_err(|error| Error::Other(format!("cannot find this program: {error}")))
}
