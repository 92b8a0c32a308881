//! Named threads that answer requests, over bounded channels: nothing here blocks a frame.
//!
//! | thread | answers |
//! |---|---|
//! | reader | opening, rows, one event, extents |
//! | lister | streams, totals, density: what may scan |
//! | replayer | states, differences, who set a value, snapshots |
//! | finder | intervals and runs: what takes long and can be stopped |
//! | sandbox | a stream with some events changed, beside the real line |
//! | tracer | what caused an event, and what it caused |
//! | searcher | events that pass a filter, and tables that are mapped |
//! | watcher | follows the head, samples the throughput |
//! | keeper | settings, views, bookmarks, the file dialog |
//! | demo writer | makes the demo log and writes to it, only while that is open |
//!
//! The newest generation and seek ticket are shared as two numbers, so that work which nobody waits for any more ends
//! early. A worker that panics becomes a reply; the others go on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::error::{Error, Result};
use crate::limits::{REPLIES_MAX, REQUESTS_MAX};
use crate::protocol::{Generation, Reply, Request, Ticket};
use crate::store::{EventLog, Stopper};

mod auditor;
mod commits;
mod compare;
mod demo;
mod finder;
mod folder;
mod folders;
mod keeper;
mod lister;
mod mapper;
mod reader;
mod replayer;
mod rows;
mod runner;
mod sandbox;
mod searcher;
mod tracer;
mod trial;
pub mod views;
mod watcher;
mod why;

pub use folders::memory_held;

/// Called after each reply, from the worker's thread: the window asks for a repaint, a test counts.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Bytes of stack for each worker: a payload may nest 1,000 levels.
const STACK_BYTES: usize = 16 << 20;

/// The workers' side of the channels.
#[derive(Clone)]
struct Outlet {
    replies: Sender<Reply>,
    wake: Wake,
    shared: Arc<Shared>,
}

impl Outlet {
    /// Hands a reply over; waits where the window is behind. False where there is no window any more.
    fn send(&self, reply: Reply) -> bool {
        let sent = self.replies.send(reply).is_ok();
        (self.wake)();
        sent
    }

    fn failed(&self, generation: Generation, error: &Error) {
        if !error.is_stopped() {
            self.send(Reply::Failed { generation, message: sentence(&error.to_string()) });
        }
    }
}

/// What all threads look at.
#[derive(Default)]
struct Shared {
    /// The newest question of all.
    generation: AtomicU64,
    /// The newest question that was an opening: a change of scope asks something newer, and yet every worker must open.
    opening: AtomicU64,
    ticket: AtomicU64,
    /// The newest search or run.
    task: AtomicU64,
    /// The newest question about a sandbox.
    sandbox: AtomicU64,
    search: AtomicU64,
    /// The newest question for a tree of causes.
    trace: AtomicU64,
    /// Stops running queries, by worker; used when the log is closed or another is opened.
    stoppers: Mutex<Vec<(&'static str, Stopper)>>,
}

impl Shared {
    fn is_newest(&self, generation: Generation) -> bool {
        generation.0 >= self.generation.load(Ordering::Relaxed)
    }

    fn is_newest_opening(&self, generation: Generation) -> bool {
        generation.0 >= self.opening.load(Ordering::Relaxed)
    }

    fn is_newest_seek(&self, ticket: Ticket) -> bool {
        ticket.0 >= self.ticket.load(Ordering::Relaxed)
    }

    fn is_newest_search(&self, ticket: Ticket) -> bool {
        ticket.0 >= self.search.load(Ordering::Relaxed)
    }

    fn is_newest_task(&self, task: Ticket) -> bool {
        task.0 >= self.task.load(Ordering::Relaxed)
    }

    fn is_newest_sandbox(&self, ticket: Ticket) -> bool {
        ticket.0 >= self.sandbox.load(Ordering::Relaxed)
    }

    fn is_newest_trace(&self, trace: Ticket) -> bool {
        trace.0 >= self.trace.load(Ordering::Relaxed)
    }

    /// True while the log that this is about is open: a change of scope does not end it.
    fn is_newest_log(&self, generation: Generation) -> bool {
        generation.0 >= self.opening.load(Ordering::Relaxed)
    }

    fn newest_ticket(&self) -> Ticket {
        Ticket(self.ticket.load(Ordering::Relaxed))
    }

    fn register(&self, worker: &'static str, log: &dyn EventLog) {
        let mut stoppers = self.stoppers.lock().unwrap_or_else(PoisonError::into_inner);
        stoppers.retain(|(name, _)| *name != worker);
        stoppers.push((worker, log.stopper()));
    }

    fn stop_queries(&self) {
        let stoppers = std::mem::take(&mut *self.stoppers.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, stopper) in stoppers {
            stopper.stop();
        }
    }
}

/// The running workers. Dropping it ends them.
pub struct Workers {
    reader: Sender<Request>,
    lister: Sender<Request>,
    replayer: Sender<Request>,
    finder: Sender<Request>,
    sandbox: Sender<Request>,
    searcher: Sender<Request>,
    tracer: Sender<Request>,
    watcher: Sender<Request>,
    keeper: Sender<Request>,
    demo: Sender<Request>,
    replies: Option<Receiver<Reply>>,
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// `Other` where the system gives no thread.
    pub fn start(wake: Wake) -> Result<Self> {
        let (replies_in, replies) = bounded(REPLIES_MAX);
        let shared = Arc::new(Shared::default());
        let outlet = Outlet { replies: replies_in, wake, shared: Arc::clone(&shared) };
        let commits = Arc::new(commits::Commits::default());
        let mut handles = Vec::new();
        let mut start = |name: &'static str, run: Box<dyn FnOnce(Receiver<Request>, Outlet) + Send>| {
            let (sender, receiver) = bounded(REQUESTS_MAX);
            handles.push(spawn(name, receiver, outlet.clone(), run)?);
            Result::Ok(sender)
        };
        let reader = start("reader", Box::new(|requests, outlet| reader::run(&requests, &outlet)))?;
        let lister = start("lister", Box::new(|requests, outlet| lister::run(&requests, &outlet)))?;
        let replayer = start("replayer", Box::new(|requests, outlet| replayer::run(&requests, &outlet)))?;
        let finder = start("finder", Box::new(|requests, outlet| finder::run(&requests, &outlet)))?;
        let sandbox = start("sandbox", Box::new(|requests, outlet| sandbox::run(&requests, &outlet)))?;
        let searcher = start("searcher", Box::new(|requests, outlet| searcher::run(&requests, &outlet)))?;
        let tracer = start("tracer", Box::new(|requests, outlet| tracer::run(&requests, &outlet)))?;
        let watched = Arc::clone(&commits);
        let watcher = start("watcher", Box::new(move |requests, outlet| watcher::run(&requests, &outlet, &watched)))?;
        let keeper = start("keeper", Box::new(|requests, outlet| keeper::run(&requests, &outlet)))?;
        let readers =
            [&reader, &lister, &replayer, &finder, &sandbox, &searcher, &tracer, &watcher].map(Clone::clone).to_vec();
        let demo =
            start("demo writer", Box::new(move |requests, outlet| demo::run(&requests, &outlet, &readers, &commits)))?;
        Ok(Self {
            reader,
            lister,
            replayer,
            finder,
            sandbox,
            searcher,
            tracer,
            watcher,
            keeper,
            demo,
            replies: Some(replies),
            shared,
            handles,
        })
    }

    /// Hands a request to the worker that answers it.
    ///
    /// # Errors
    /// Gives the request back where that worker's queue is full: send it again with the next frame.
    #[expect(clippy::result_large_err, reason = "the request is given back as it came")]
    #[expect(clippy::too_many_lines, reason = "one arm a request")]
    pub fn send(&self, request: Request) -> std::result::Result<(), Request> {
        let receivers: &[&Sender<Request>] = match &request {
            Request::Open { generation, .. } => {
                self.shared.generation.fetch_max(generation.0, Ordering::Relaxed);
                self.shared.opening.fetch_max(generation.0, Ordering::Relaxed);
                self.shared.stop_queries();
                &[
                    &self.demo,
                    &self.reader,
                    &self.lister,
                    &self.replayer,
                    &self.finder,
                    &self.searcher,
                    &self.tracer,
                    &self.sandbox,
                    &self.watcher,
                ]
            }
            Request::OpenDemo { generation } => {
                self.shared.generation.fetch_max(generation.0, Ordering::Relaxed);
                self.shared.opening.fetch_max(generation.0, Ordering::Relaxed);
                self.shared.stop_queries();
                &[&self.demo]
            }
            Request::Close => {
                self.shared.stop_queries();
                &[
                    &self.demo,
                    &self.reader,
                    &self.lister,
                    &self.replayer,
                    &self.finder,
                    &self.searcher,
                    &self.tracer,
                    &self.sandbox,
                    &self.watcher,
                ]
            }
            Request::Extent { generation, .. } => {
                self.shared.generation.fetch_max(generation.0, Ordering::Relaxed);
                &[&self.reader]
            }
            Request::Seek { generation, ticket, .. } => {
                self.shared.generation.fetch_max(generation.0, Ordering::Relaxed);
                self.shared.ticket.fetch_max(ticket.0, Ordering::Relaxed);
                &[&self.replayer]
            }
            Request::Rows { .. } | Request::Detail { .. } | Request::Locate { .. } => &[&self.reader],
            Request::Overview { .. } | Request::Streams { .. } | Request::Density { .. } => &[&self.lister],
            Request::Diff { .. }
            | Request::Blame { .. }
            | Request::Pins { .. }
            | Request::Changes { .. }
            | Request::Snapshot { .. }
            | Request::Snapshots { .. } => &[&self.replayer],
            Request::Find { ticket, .. } | Request::RunOn { ticket, .. } | Request::Audit { ticket, .. } => {
                self.shared.task.fetch_max(ticket.0, Ordering::Relaxed);
                &[&self.finder]
            }
            Request::Trace { ticket, .. } => {
                self.shared.trace.fetch_max(ticket.0, Ordering::Relaxed);
                &[&self.tracer]
            }
            Request::StopTask { ticket } => {
                self.shared.task.fetch_max(ticket.0, Ordering::Relaxed);
                &[]
            }
            Request::UseReducer { .. } | Request::AllowProcess { .. } | Request::FoldTogether { .. } => {
                &[&self.replayer, &self.finder, &self.sandbox]
            }
            Request::ReadReducer { .. } | Request::SaveReducer { .. } => &[&self.sandbox],
            Request::Sandbox { ticket, .. } | Request::TryReducer { ticket, .. } => {
                self.shared.sandbox.fetch_max(ticket.0, Ordering::Relaxed);
                &[&self.sandbox]
            }
            Request::Search { ticket, .. } => {
                self.shared.search.fetch_max(ticket.0, Ordering::Relaxed);
                &[&self.searcher]
            }
            Request::Survey { .. } | Request::CheckMapping { .. } | Request::SaveMapping { .. } => &[&self.searcher],
            Request::StopSearch { ticket } => {
                self.shared.search.fetch_max(ticket.0, Ordering::Relaxed);
                &[]
            }
            Request::LoadView { .. }
            | Request::KeepView { .. }
            | Request::LoadBookmarks { .. }
            | Request::KeepBookmark { .. }
            | Request::RemoveBookmark { .. }
            | Request::CacheInfo
            | Request::DeleteCache
            | Request::PickFile
            | Request::PickReducer
            | Request::SaveSettings(_)
            | Request::LoadSettings => &[&self.keeper],
        };
        if receivers.iter().any(|receiver| receiver.is_full()) {
            return Err(request);
        }
        for receiver in receivers {
            // Only this thread sends, so that a queue with room stays one; a worker that ended has said so.
            if let Err(TrySendError::Full(request)) = receiver.try_send(request.clone()) {
                return Err(request);
            }
        }
        Ok(())
    }

    /// The next reply, if there is one.
    #[must_use]
    pub fn try_recv(&self) -> Option<Reply> {
        self.replies.as_ref()?.try_recv().ok()
    }

    /// The next reply, waited for: for tests and the tour, never in a frame.
    #[must_use]
    pub fn recv_within(&self, patience: std::time::Duration) -> Option<Reply> {
        self.replies.as_ref()?.recv_timeout(patience).ok()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.generation.store(u64::MAX, Ordering::Relaxed);
        self.shared.opening.store(u64::MAX, Ordering::Relaxed);
        self.shared.ticket.store(u64::MAX, Ordering::Relaxed);
        self.shared.task.store(u64::MAX, Ordering::Relaxed);
        self.shared.sandbox.store(u64::MAX, Ordering::Relaxed);
        self.shared.search.store(u64::MAX, Ordering::Relaxed);
        self.shared.trace.store(u64::MAX, Ordering::Relaxed);
        self.shared.stop_queries();
        // A worker that waits to hand over a reply, or for a request, finds its channel closed.
        self.replies = None;
        let (closed, _) = bounded(1);
        for sender in [
            &mut self.reader,
            &mut self.lister,
            &mut self.replayer,
            &mut self.finder,
            &mut self.sandbox,
            &mut self.searcher,
            &mut self.tracer,
            &mut self.watcher,
            &mut self.keeper,
            &mut self.demo,
        ] {
            *sender = closed.clone();
        }
        for handle in self.handles.drain(..) {
            // The dialog may wait for its user, who has closed the window: it is not waited for.
            if handle.thread().name() != Some("keeper") {
                let _ = handle.join();
            }
        }
    }
}

fn spawn(
    name: &'static str,
    requests: Receiver<Request>,
    outlet: Outlet,
    run: Box<dyn FnOnce(Receiver<Request>, Outlet) + Send>,
) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let last_words = outlet.clone();
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(requests, outlet))) {
                let message = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                    .unwrap_or_else(|| "an unknown fault".to_owned());
                last_words.send(Reply::WorkerEnded { worker: name, message });
            }
        })
        .map_err(|error| Error::Other(format!("cannot start the {name} thread: {error}")))
}

/// An error as the window says it: with a capital letter.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
