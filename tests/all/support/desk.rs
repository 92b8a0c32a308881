//! The session and its real workers, turned by hand as frames would turn them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eventscope::session::{Action, Session};
use eventscope::worker::Workers;

/// Patience of a loaded machine; a test that needs it has failed elsewhere already.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A session with its workers, as a window runs them.
pub struct Desk {
    pub session: Session,
    pub workers: Workers,
    pub woken: Arc<AtomicU64>,
}

impl Desk {
    pub fn new() -> Self {
        let woken = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&woken);
        let wake = Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let mut session = Session::new();
        session.apply(Action::Viewport { rows: 25 });
        Self { session, workers: Workers::start(wake).unwrap(), woken }
    }

    /// What a frame does: send, then take what there is.
    pub fn turn(&mut self) {
        let mut returned = Vec::new();
        for request in self.session.take_requests() {
            if let Err(request) = self.workers.send(request) {
                returned.push(request);
            }
        }
        self.session.return_requests(returned);
        if let Some(reply) = self.workers.recv_within(Duration::from_millis(20)) {
            self.session.absorb(reply);
        }
        while let Some(reply) = self.workers.try_recv() {
            self.session.absorb(reply);
        }
    }

    pub fn until(&mut self, what: &str, done: impl Fn(&Session) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(&self.session) {
            let session = &self.session;
            assert!(
                Instant::now() < deadline,
                "never: {what}; {:?} at {} of {:?} in {:?}; opening {:?}, error {:?}, notices {:?}",
                session.view,
                session.cursor,
                session.events.extent,
                session.scope,
                session.opening,
                session.open_error,
                session.notices
            );
            self.turn();
        }
    }
}
