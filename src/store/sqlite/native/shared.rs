//! Group commit: many threads append, one thread writes, and one transaction serves all that wait.
//!
//! An append is acknowledged only when its transaction is committed, at the durability of the store. A conflict of one
//! append is its own: the others of the group are kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, Thread};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::append::{Append, Appended, Expected, NewEvent, Writing, append_one};
use super::snapshot::NewSnapshot;
use super::{Store, check};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::{GROUP_EVENTS_MAX, WAITING_APPENDS_MAX};
use crate::store::sqlite::fault::fault;

/// The thread's name.
const THREAD: &str = "eventscope-writer";

/// A store for many threads. Clones are handles of the same store; the last one that goes closes it.
///
/// ```
/// use eventscope::event::StreamId;
/// use eventscope::store::native::{Expected, NewEvent, SharedStore, Store};
///
/// # fn main() -> eventscope::error::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("orders.db");
/// let store = SharedStore::new(Store::create(&path)?)?;
/// std::thread::scope(|scope| {
///     for number in 0..8 {
///         let store = store.clone();
///         scope.spawn(move || {
///             let placed = NewEvent::new("OrderPlaced", format!("{{\"number\":{number}}}"));
///             // Durable when it returns; all that wait share one write to the disk.
///             store.append(&StreamId::new(&format!("order-{number}")), Expected::None, &[placed])
///         });
///     }
/// });
/// drop(store);
/// assert_eq!(Store::open(&path)?.last_position()?, 8);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedStore {
    inner: Arc<Inner>,
}

struct Inner {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

enum Work {
    Append(Vec<Append>),
    Snapshot(Box<NewSnapshot>),
}

struct Job {
    work: Work,
    answer: Answer,
}

/// Where a caller waits. Dropped without an answer it says so, so that nobody waits for a thread that is gone.
struct Answer(Arc<Slot>);

struct Slot {
    answer: Mutex<Option<Result<Vec<Appended>>>>,
    caller: Thread,
}

impl Answer {
    fn give(&self, answer: Result<Vec<Appended>>) {
        let mut slot = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(answer);
            drop(slot);
            self.0.caller.unpark();
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.give(Err(ended()));
    }
}

fn ended() -> Error {
    Error::Other("the writer of this store has ended: what was not acknowledged may be missing".to_owned())
}

impl SharedStore {
    /// Hands a store over to a thread of its own.
    ///
    /// # Errors
    /// `Other` where the system has no thread left.
    pub fn new(store: Store) -> Result<Self> {
        let (jobs, waiting) = bounded(WAITING_APPENDS_MAX);
        let thread = std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || write(store, &waiting))
            .map_err(|error| Error::Other(format!("cannot start the writer's thread: {error}")))?;
        Ok(Self { inner: Arc::new(Inner { jobs: Some(jobs), thread: Some(thread) }) })
    }

    /// Appends events to one stream and waits until they are kept: all of them, or none.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append(&self, stream: &StreamId, expected: Expected, events: &[NewEvent]) -> Result<Appended> {
        let append = Append { stream: stream.clone(), expected, events: events.to_vec() };
        let mut appended = self.append_all(vec![append])?;
        appended.pop().ok_or_else(|| Error::Input("no events to append".to_owned()))
    }

    /// Appends to several streams and waits until all is kept: everything, or nothing.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_all(&self, appends: Vec<Append>) -> Result<Vec<Appended>> {
        check::appends(&appends)?;
        self.ask(Work::Append(appends))
    }

    /// Keeps a snapshot.
    ///
    /// # Errors
    /// As [`Store::snapshot`].
    pub fn snapshot(&self, snapshot: NewSnapshot) -> Result<()> {
        self.ask(Work::Snapshot(Box::new(snapshot))).map(|_| ())
    }

    fn ask(&self, work: Work) -> Result<Vec<Appended>> {
        let slot = Arc::new(Slot { answer: Mutex::new(None), caller: std::thread::current() });
        let job = Job { work, answer: Answer(Arc::clone(&slot)) };
        let Some(jobs) = &self.inner.jobs else { return Err(ended()) };
        jobs.send(job).map_err(|_| ended())?;
        loop {
            if let Some(answer) = slot.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return answer;
            }
            // It may wake for no reason: then we look and wait again.
            std::thread::park();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // What it had accepted is written; a panic of it was told to all who waited.
            let _ = thread.join();
        }
    }
}

fn write(mut store: Store, waiting: &Receiver<Job>) {
    let mut group = Vec::new();
    while let Ok(job) = waiting.recv() {
        let mut events = job.events();
        group.push(job);
        while events < GROUP_EVENTS_MAX
            && let Ok(job) = waiting.try_recv()
        {
            events += job.events();
            group.push(job);
        }
        write_group(&mut store, &mut group);
    }
}

impl Job {
    fn events(&self) -> usize {
        match &self.work {
            Work::Append(appends) => appends.iter().map(|append| append.events.len()).sum(),
            Work::Snapshot(_) => 1,
        }
    }
}

fn write_group(store: &mut Store, group: &mut Vec<Job>) {
    let written =
        store.write("append", |writing| group.iter().map(|job| run(writing, &job.work)).collect::<Result<Vec<_>>>());
    match written {
        Ok(answers) => {
            for (job, answer) in group.drain(..).zip(answers) {
                job.answer.give(answer);
            }
        }
        // One of them may have broken it for all, such as one that is too large for the disk: each on its own.
        Err(error) if group.len() > 1 && !error.is_busy() => {
            for job in group.drain(..) {
                let answer = store.write("append", |writing| run(writing, &job.work));
                job.answer.give(answer.and_then(|answer| answer));
            }
        }
        Err(error) => {
            for job in group.drain(..) {
                job.answer.give(Err(error.clone()));
            }
        }
    }
}

/// Runs one job. The outer error ends the transaction; the inner one is this job's own, and nothing of it was kept.
fn run(writing: &mut Writing<'_>, work: &Work) -> Result<Result<Vec<Appended>>> {
    match work {
        Work::Append(appends) => match appends.as_slice() {
            // What is refused is refused before anything is written.
            [append] => own(append_one(writing, append).map(|appended| vec![appended])),
            appends => {
                let failed = |error| fault(error, "append");
                let mark = writing.sealing.mark();
                writing.connection.execute_batch("SAVEPOINT append").map_err(failed)?;
                let answer = appends.iter().map(|append| append_one(writing, append)).collect();
                let answer = own(answer)?;
                if answer.is_err() {
                    writing.connection.execute_batch("ROLLBACK TO append").map_err(failed)?;
                    writing.sealing.back_to(mark);
                }
                writing.connection.execute_batch("RELEASE append").map_err(failed)?;
                Ok(answer)
            }
        },
        Work::Snapshot(snapshot) => own(super::snapshot::keep(writing.connection, snapshot).map(|()| Vec::new())),
    }
}

/// Tells a refusal, which concerns one job, from a failure, after which the transaction cannot be trusted.
fn own<T>(answer: Result<T>) -> Result<Result<T>> {
    match answer {
        Err(error @ (Error::Conflict(_) | Error::Input(_))) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(kept) => Ok(Ok(kept)),
    }
}
