//! What the window costs, measured on the real one without a display: the thread's own time of the pass that draws,
//! while a large log is scrolled, played and plotted at once; its memory; and how quiet it is at rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Gui;
use super::screenshot::{Headless, Shot};
use crate::error::{Error, Result};
use crate::limits::SCREENSHOT_WAIT_SECONDS;
use crate::protocol::Reply;
use crate::session::{Action, Command, Session};
use crate::worker::Workers;

/// How long a frame lasts: what the person sees, 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// Rows that each frame scrolls.
const ROWS_A_FRAME: u64 = 3;
/// Frames between two jumps to another part of the log.
const JUMP_EVERY: u64 = 50;
/// How long the window is left alone before it must be quiet, and how long it is then listened to.
const AT_REST: Duration = Duration::from_secs(4);

/// What was measured.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct WindowFigures {
    /// Events of the log.
    pub events: u64,
    /// Frames that were drawn.
    pub frames: u64,
    /// Milliseconds from opening the log to its first rows, by the clock on the wall.
    pub first_rows_ms: f64,
    /// Milliseconds of this thread that half of the frames took at most.
    pub ui_ms_p50: f64,
    /// Milliseconds of this thread that 99 of 100 frames took at most.
    pub ui_ms_p99: f64,
    /// The same of the longest frame.
    pub ui_ms_max: f64,
    /// Events that arrived meanwhile and were plotted.
    pub events_live: u64,
    /// Steps that the replay made meanwhile.
    pub steps: u64,
    /// Frames that the window asked for while nothing happened.
    pub idle_repaints: u64,
    /// The most memory that the process held, in bytes; `None` where the system does not tell.
    pub memory_bytes: Option<u64>,
}

struct Studio {
    headless: Headless,
    gui: Gui,
    workers: Workers,
    woken: Arc<AtomicU64>,
    live: u64,
}

/// Measures with this log, over so many frames. `rested` is called once the window was measured at rest: from then on the
/// log may be written to.
///
/// # Errors
/// `Open` where the log cannot be opened, `Busy` where it does not answer in time.
pub fn window_figures(log: &str, frames: u64, rested: &mut dyn FnMut()) -> Result<WindowFigures> {
    let woken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&woken);
    let workers = Workers::start(Arc::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    }))?;
    let mut studio =
        Studio { headless: Headless::new(Shot::default())?, gui: Gui::new(Session::new()), workers, woken, live: 0 };
    let opened = Instant::now();
    studio.apply(Action::Open(log.to_owned()));
    studio.until("open the log", |session| {
        let events = &session.events;
        events.extent.is_some_and(|extent| extent > 0) && events.row(events.top).is_some()
    })?;
    let first_rows_ms = milliseconds(opened.elapsed());
    studio.until("count the log", |session| session.density.is_some() && session.state_is_current())?;
    let idle_repaints = studio.at_rest()?;
    rested();
    let events = studio.gui.session.events.events();
    let (mut times, steps) = studio.scroll_and_play(frames)?;
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied();
    Ok(WindowFigures {
        events,
        frames,
        first_rows_ms,
        ui_ms_p50: at(50).map_or(0.0, milliseconds),
        ui_ms_p99: at(99).map_or(0.0, milliseconds),
        ui_ms_max: times.last().copied().map_or(0.0, milliseconds),
        events_live: studio.live,
        steps,
        idle_repaints,
        memory_bytes: crate::worker::memory_held(),
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

impl Studio {
    fn apply(&mut self, action: Action) {
        self.gui.session.apply(action);
    }

    /// One frame, as the window runs it: replies, drawing, requests. True where it wants no further one.
    fn frame(&mut self) -> Result<bool> {
        while let Some(reply) = self.workers.try_recv() {
            match &reply {
                Reply::OpenFailed { message, .. } => return Err(Error::Open(message.clone())),
                Reply::Sample { sample, .. } => self.live += sample.events,
                // The measure begins where the log begins, not where somebody left it.
                Reply::View { generation, .. } => {
                    let none = Reply::View { generation: *generation, view: None };
                    self.gui.session.absorb(none);
                    continue;
                }
                _ => {}
            }
            self.gui.session.absorb(reply);
        }
        let gui = &mut self.gui;
        let still = self.headless.frame(&mut |ui| gui.ui(ui));
        let mut refused = Vec::new();
        for request in self.gui.session.take_requests() {
            refused.extend(self.workers.send(request).err());
        }
        self.gui.session.return_requests(refused);
        Ok(still)
    }

    fn until(&mut self, doing: &str, done: impl Fn(&Session) -> bool) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(SCREENSHOT_WAIT_SECONDS);
        while !done(&self.gui.session) {
            if Instant::now() > until {
                return Err(Error::Busy(format!("cannot {doing} within {SCREENSHOT_WAIT_SECONDS} s")));
            }
            self.frame()?;
            std::thread::sleep(FRAME / 4);
        }
        Ok(())
    }

    /// Leaves the window alone, then counts the frames that it asks for.
    fn at_rest(&mut self) -> Result<u64> {
        let settle = Instant::now() + AT_REST;
        while Instant::now() < settle {
            self.frame()?;
            std::thread::sleep(FRAME);
        }
        let before = self.woken.load(Ordering::Relaxed);
        let mut repaints = 0;
        let until = Instant::now() + AT_REST;
        while Instant::now() < until {
            std::thread::sleep(FRAME);
            if self.woken.load(Ordering::Relaxed) > before + repaints {
                repaints += 1;
                self.frame()?;
            }
        }
        // Left alone, it asks for nothing by itself either.
        repaints += u64::from(!self.frame()?);
        Ok(repaints)
    }

    /// Scrolls the list and plays at 50 steps a second while the plot is live. Gives the time of each pass.
    fn scroll_and_play(&mut self, frames: u64) -> Result<(Vec<Duration>, u64)> {
        let events = self.gui.session.events.events();
        self.apply(Action::MoveCursor(events / 2));
        self.apply(Action::SetSpeed(50));
        self.apply(Action::Run(Command::PlayPause));
        let begun = self.gui.session.cursor;
        let mut times = Vec::with_capacity(usize::try_from(frames).unwrap_or(0));
        let mut place = 0_u64;
        for frame in 0..frames {
            let started = Instant::now();
            // A large odd step visits all parts of the log in turn, never twice the same.
            if frame % JUMP_EVERY == 0 {
                place = (place + events / 7 * 3 + 1_013) % events.max(1);
            }
            place += ROWS_A_FRAME;
            self.apply(Action::ScrollTo { top: place, part: 0.25 });
            self.frame()?;
            times.push(self.headless.ui_time());
            std::thread::sleep(FRAME.saturating_sub(started.elapsed()));
        }
        let steps = self.gui.session.cursor.abs_diff(begun);
        self.apply(Action::Run(Command::PlayPause));
        Ok((times, steps))
    }
}

/// The time that this thread has had of the processor; where the system does not tell, the time on the wall.
#[must_use]
pub fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
    #[cfg(not(unix))]
    {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
    }
}
