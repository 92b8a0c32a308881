//! The demo: makes the wallet ledger in the system's folder for temporary files and goes on writing to it while it is
//! open. The folder goes with the program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::commits::Commits;
use super::{Outlet, sentence};
use crate::error::Result;
use crate::event::Time;
use crate::lab::wallet::{self, LiveWriter, Spot};
use crate::protocol::{Reply, Request};
use crate::store::sqlite::native::Store;

/// Milliseconds between two stories, at least and at most: some 20 to 60 events a second, in waves.
const PAUSE_MS: std::ops::Range<u64> = 20..160;
/// Stories in one wave.
const WAVE_STORIES: u64 = 240;

/// Demo logs that this process has made: each has its own folder.
static MADE: AtomicU64 = AtomicU64::new(0);

struct Demo {
    store: Store,
    writer: LiveWriter,
    stories: u64,
    // After the store, which is closed first.
    _folder: Folder,
}

/// The folder of one demo log; it goes when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stands in the system's folder for temporary files, where it belongs.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet, readers: &[Sender<Request>], commits: &Arc<Commits>) {
    let mut demo: Option<Demo> = None;
    loop {
        let request = match &demo {
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(demo) => requests.recv_timeout(demo.pause()),
        };
        match request {
            Ok(Request::OpenDemo { generation }) => {
                demo = None;
                let folder = folder();
                let file = folder.join(FILE);
                let locator = file.to_string_lossy().into_owned();
                match make(Folder(folder), &file) {
                    Ok((made, overdrawn)) => {
                        demo = Some(made);
                        let text = "Try this: one account went below zero, though it has no overdraft. Which event did it, and why?";
                        outlet.send(Reply::Hint {
                            generation,
                            text: text.to_owned(),
                            stream: overdrawn.stream,
                            position: overdrawn.version.unsigned_abs(),
                        });
                        for reader in readers {
                            // A full queue belongs to a log that is given up; its worker takes the request when it gets there.
                            let _ = reader.send(Request::Open { generation, locator: locator.clone() });
                        }
                    }
                    Err(error) => {
                        let message = sentence(&error.context("cannot make the demo log").to_string());
                        outlet.send(Reply::OpenFailed { generation, locator, message });
                    }
                }
            }
            Ok(Request::Open { locator, .. }) if !is_demo(&locator) => demo = None,
            Ok(Request::Close) => demo = None,
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => {
                if let Some(writing) = &mut demo
                    && let Err(error) = writing.write(commits)
                    && !error.is_busy()
                {
                    let message = sentence(&error.context("the demo's writer stopped").to_string());
                    outlet.send(Reply::WorkerEnded { worker: "demo writer", message });
                    demo = None;
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return;
            }
        }
    }
}

impl Demo {
    fn write(&mut self, commits: &Commits) -> Result<()> {
        let batch = self.writer.next_batch();
        let started = Instant::now();
        self.store.append_all(&batch)?;
        commits.note(started.elapsed());
        self.stories += 1;
        Ok(())
    }

    /// Waves, so that the plot has something to show: the pause follows a triangle between its bounds.
    fn pause(&self) -> Duration {
        let half = WAVE_STORIES / 2;
        let phase = self.stories % WAVE_STORIES;
        let height = if phase < half { phase } else { WAVE_STORIES - phase };
        Duration::from_millis(PAUSE_MS.end - (PAUSE_MS.end - PAUSE_MS.start) * height / half)
    }
}

fn make(folder: Folder, file: &Path) -> Result<(Demo, Spot)> {
    std::fs::create_dir_all(&folder.0)?;
    let mut store = Store::create(file)?;
    let (planted, writer) = wallet::write(&mut store, Time::now(), &mut |_| {})?;
    Ok((Demo { store, writer, stories: 0, _folder: folder }, planted.overdrawn))
}

const FILE: &str = "wallet.db";

fn prefix() -> String {
    format!("eventscope-demo-{}-", std::process::id())
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("{}{}", prefix(), MADE.fetch_add(1, Ordering::Relaxed)))
}

/// True for a demo log of this process.
pub(super) fn is_demo(locator: &str) -> bool {
    let path = Path::new(locator);
    let folder = path.parent().and_then(Path::file_name);
    path.file_name().is_some_and(|name| name == FILE)
        && folder.is_some_and(|name| name.to_string_lossy().starts_with(&prefix()))
}
