//! What stands on standard error while a command works, and what its answer cost.

use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::output::{bytes, counted, plain, thousands};
use crate::replay::scan::Scanned;

/// Before a command has worked this long, it says nothing.
const QUIET: Duration = Duration::from_millis(500);
/// Between two lines of progress.
const BETWEEN: Duration = Duration::from_millis(100);

/// How far a pass over events is, on a terminal.
pub struct Meter {
    verb: &'static str,
    events: u64,
    next: Option<Instant>,
    shown: bool,
}

impl Meter {
    /// A meter for a pass over this many events; 0 where nobody knows how many.
    pub fn new(events: u64) -> Self {
        let next = std::io::stderr().is_terminal().then(|| Instant::now() + QUIET);
        Self { verb: "", events, next, shown: false }
    }

    /// A meter for a search: what of how many was scanned.
    pub fn scanned() -> Self {
        Self { verb: "scanned ", ..Self::new(0) }
    }

    /// True where a line of progress is due.
    pub fn is_due(&self) -> bool {
        self.next.is_some_and(|next| Instant::now() >= next)
    }

    /// Has the events counted that there are, once.
    pub fn count(&mut self, count: impl FnOnce() -> crate::error::Result<u64>) -> crate::error::Result<()> {
        if self.events == 0 {
            self.events = count()?;
        }
        Ok(())
    }

    /// The pass is over this many events, as is known by now.
    pub fn is_out_of(&mut self, events: u64) {
        self.events = events;
    }

    /// Tells how many events the pass has looked at. It goes on.
    pub fn tell(&mut self, done: u64) -> ControlFlow<()> {
        if let Some(next) = self.next
            && Instant::now() >= next
        {
            self.next = Some(Instant::now() + BETWEEN);
            self.shown = true;
            let of = if self.events > 0 { format!(" of {}", thousands(self.events)) } else { String::new() };
            // Progress that nobody can read is no failure.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{}{}{of} events ", self.verb, thousands(done));
        }
        ControlFlow::Continue(())
    }

    /// Takes the line away.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// A line beside the answer, on standard error.
pub fn note(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{}", plain(text));
}

/// What a pass cost: `1,204 events (312.0 kB) read in 3 ms`.
pub fn cost(scanned: &Scanned) -> String {
    let faults = match scanned.faults {
        0 => String::new(),
        faults => format!("; {} could not be folded, and left the state as it was", counted(faults, "event")),
    };
    let (events, size) = (counted(scanned.events, "event"), bytes(scanned.bytes));
    format!("{events} ({size}) read in {}{faults}", duration(scanned.elapsed_us))
}

/// A time for people: `35 µs`, `0.8 ms`, `340 ms`, `2.1 s`.
pub fn duration(microseconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let milliseconds = microseconds as f64 / 1e3;
    match microseconds {
        0..100 => format!("{microseconds} µs"),
        100..10_000 => format!("{milliseconds:.1} ms"),
        10_000..1_000_000 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1e3),
    }
}
