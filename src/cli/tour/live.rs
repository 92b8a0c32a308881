//! The live part of the tour: a writer thread appends, the watcher samples how the log grows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::cli::output::{Align, Output, Printed, Table, bytes, counted, thousands};
use crate::error::{Error, Result};
use crate::lab::wallet::LiveWriter;
use crate::limits::SAMPLE_MS;
use crate::log::Growth;
use crate::store::sqlite::native::Store;
use crate::store::{self, EventLog};

/// Samples that are taken: five seconds of them.
const SAMPLES: u32 = 20;
/// Samples in one line.
const SAMPLES_A_LINE: u32 = 2;
/// Types of events that are told at the end.
const TYPES_TOLD: usize = 4;
/// Characters of the longest bar.
const BAR_CHARS: u64 = 40;

/// Commit latencies of the writer, in microseconds.
type Commits = Vec<u64>;

/// Starts the writer, samples the log, and stops the writer again.
pub fn show(path: &Path, writer: LiveWriter, output: &mut Output) -> Printed {
    // What can fail without a writer fails before there is one.
    let mut log = store::open(&path.display().to_string())?;
    let stop = Arc::new(AtomicBool::new(false));
    let thread = start(path, writer, Arc::clone(&stop))?;
    let watched = watch(&mut *log, &thread, output);
    stop.store(true, Ordering::Relaxed);
    let wrote = thread.join().map_err(|_| Error::Other("the writer of the demo ended on a bug".to_owned()))?;
    let total = watched?;
    let commits = wrote?;
    tell(&total, commits, output)
}

fn start(path: &Path, mut writer: LiveWriter, stop: Arc<AtomicBool>) -> Result<JoinHandle<Result<Commits>>> {
    let mut store = Store::open(path)?;
    let run = move || {
        let mut commits = Commits::new();
        while !stop.load(Ordering::Relaxed) {
            let appends = writer.next_batch();
            let started = Instant::now();
            store.append_all(&appends)?;
            commits.push(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
            // The load swings, as that of a real system does, so that the plot has something to show.
            thread::sleep(Duration::from_millis(1 + swing(commits.len())));
        }
        Ok(commits)
    };
    thread::Builder::new()
        .name("demo writer".to_owned())
        .spawn(run)
        .map_err(|error| Error::Other(format!("cannot start the writer of the demo: {error}")))
}

/// 0 to 6 milliseconds and back again, over some hundred commits.
fn swing(commits: usize) -> u64 {
    let step = (commits / 40) % 12;
    u64::try_from(step.min(12 - step)).unwrap_or(0)
}

/// Samples the growth of the log as the window's watcher does; prints a line each half second. Gives the sum.
fn watch(
    log: &mut dyn EventLog,
    writer: &JoinHandle<Result<Commits>>,
    output: &mut Output,
) -> std::result::Result<Sum, crate::cli::output::Halt> {
    let mut resume = log.end()?;
    let started = Instant::now();
    let (mut line, mut line_started) = (Sum::default(), started);
    let mut sum = Sum::default();
    let mut most = 1;
    for sample in 1..=SAMPLES {
        let due = started + Duration::from_millis(SAMPLE_MS * u64::from(sample));
        thread::sleep(due.saturating_duration_since(Instant::now()));
        log.head()?;
        let growth = log.growth(&resume)?;
        resume = growth.next.clone();
        line.add(&growth);
        sum.add(&growth);
        if sample.is_multiple_of(SAMPLES_A_LINE) {
            let span_ms = u64::try_from(line_started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
            line_started = Instant::now();
            let events_per_second = line.events * 1_000 / span_ms;
            most = most.max(events_per_second);
            let bar = usize::try_from(events_per_second * BAR_CHARS / most).unwrap_or(0);
            output.line(format!(
                "   {:>4.1} s  {:>7} events/s  {:>9}/s  {}",
                started.elapsed().as_secs_f64(),
                thousands(events_per_second),
                bytes(line.bytes * 1_000 / span_ms),
                "█".repeat(bar)
            ))?;
            output.flush()?;
            line = Sum::default();
            if writer.is_finished() {
                break;
            }
        }
    }
    sum.span_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(sum)
}

/// What the log grew by over several samples.
#[derive(Default)]
struct Sum {
    events: u64,
    bytes: u64,
    span_ms: u64,
    by_type: Vec<(Arc<str>, u64)>,
}

impl Sum {
    fn add(&mut self, growth: &Growth) {
        self.events += growth.events;
        self.bytes += growth.bytes;
        for (event_type, count) in &growth.by_type {
            match self.by_type.iter_mut().find(|(known, _)| known == event_type) {
                Some((_, sum)) => *sum += count,
                None => self.by_type.push((Arc::clone(event_type), *count)),
            }
        }
    }
}

fn tell(sum: &Sum, mut commits: Commits, output: &mut Output) -> Printed {
    commits.sort_unstable();
    let share = |hundredth: usize| commits.get(commits.len().saturating_sub(1) * hundredth / 100).copied().unwrap_or(0);
    output.line(format!(
        "   Seen: {} in {:.1} s; the writer made {}, each on disk after {} µs (p50), {} µs (p99)",
        counted(sum.events, "event"),
        Duration::from_millis(sum.span_ms).as_secs_f64(),
        counted(commits.len() as u64, "commit"),
        thousands(share(50)),
        thousands(share(99))
    ))?;
    let mut types = sum.by_type.clone();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut table = Table::new(&[("   MOST WRITTEN", Align::Left), ("EVENTS", Align::Right)]);
    for (event_type, count) in types.iter().take(TYPES_TOLD) {
        table.row(output, &[format!("   {event_type}"), thousands(*count)])?;
    }
    table.end(output)
}
