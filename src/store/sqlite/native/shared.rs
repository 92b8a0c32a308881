//! Group commit: many threads append, one thread writes, and one transaction serves all that wait.
//!
//! An append is acknowledged only when its transaction is committed, at the durability of the store. A conflict of one
//! append is its own: the others of the group are kept.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::append::{Append, Appended, Expected, NewEvent, Writing, append_new, append_one};
use super::snapshot::{Kept, NewSnapshot};
use super::{Store, check};
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::WAITING_APPENDS_MAX;
use crate::store::sqlite::fault::fault;

/// How long the writer waits for one more of those who are on their way: some times as long as a thread takes to wake up
/// and to come again.
const GROUP_WAIT: Duration = Duration::from_micros(50);
/// The most that it waits in all, while they do come: a part of what the last commit took, and a millisecond.
const GROUP_WAIT_PART: u32 = 8;
const GROUP_WAIT_MAX: Duration = Duration::from_millis(1);
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
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

enum Work {
    Append(Vec<Append>),
    Snapshot(Box<NewSnapshot>),
}

impl Work {
    /// The append of a job that nothing can be refused for: to one stream, wherever it stands, of events without ids.
    fn anywhere(&self) -> Option<&Append> {
        match self {
            Self::Append(appends) => match appends.as_slice() {
                [one] if one.expected == Expected::Any && one.events.iter().all(|event| event.id.is_none()) => {
                    Some(one)
                }
                _ => None,
            },
            Self::Snapshot(_) => None,
        }
    }

    /// The streams of any other append.
    fn streams_in_order(&self) -> impl Iterator<Item = &StreamId> {
        let appends = match self {
            Self::Append(appends) if self.anywhere().is_none() => appends.as_slice(),
            _ => &[],
        };
        appends.iter().map(|append| &append.stream)
    }
}

/// What a job came to.
type Answer = Result<Vec<Appended>>;

/// Where callers and the writer meet: callers join the group that gathers, the writer takes it as a whole.
struct Queue {
    gathering: Mutex<Gathering>,
    /// Somebody joined, or it was closed.
    joined: Condvar,
    /// The writer took a group: there is room.
    taken: Condvar,
}

struct Gathering {
    jobs: Vec<Work>,
    group: Arc<Group>,
    /// With how many jobs the writer, which waits, is woken.
    wanted: usize,
    is_closed: bool,
}

/// The answers of one group. The writer wakes one of those who wait, and who was woken wakes two more: so it begins the
/// next transaction while they wake up.
#[derive(Default)]
struct Group {
    told: Mutex<Told>,
    answered: Condvar,
}

#[derive(Default)]
struct Told {
    answers: Option<Vec<Option<Answer>>>,
    waiting: usize,
}

impl Group {
    fn answer(&self, answers: Vec<Answer>) {
        lock(&self.told).answers = Some(answers.into_iter().map(Some).collect());
        self.answered.notify_one();
    }

    fn wait(&self, index: usize) -> Answer {
        let mut told = lock(&self.told);
        if told.answers.is_none() {
            told.waiting += 1;
            while told.answers.is_none() {
                told = self.answered.wait(told).unwrap_or_else(PoisonError::into_inner);
            }
            told.waiting -= 1;
        }
        let answer = told.answers.as_mut().and_then(|answers| answers.get_mut(index)).and_then(Option::take);
        let others = told.waiting.min(2);
        drop(told);
        for _ in 0..others {
            self.answered.notify_one();
        }
        answer.unwrap_or_else(|| Err(ended()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ended() -> Error {
    Error::Other("the writer of this store has ended: what was not acknowledged may be missing".to_owned())
}

impl Queue {
    fn join(&self, work: Work) -> Result<(Arc<Group>, usize)> {
        let mut gathering = lock(&self.gathering);
        while gathering.jobs.len() >= WAITING_APPENDS_MAX && !gathering.is_closed {
            gathering = self.taken.wait(gathering).unwrap_or_else(PoisonError::into_inner);
        }
        if gathering.is_closed {
            return Err(ended());
        }
        gathering.jobs.push(work);
        let joined = (Arc::clone(&gathering.group), gathering.jobs.len() - 1);
        let is_enough = gathering.jobs.len() == gathering.wanted;
        drop(gathering);
        if is_enough {
            self.joined.notify_one();
        }
        Ok(joined)
    }

    /// The next group; `None` where nobody will join any more.
    ///
    /// Who waited for the last group has just been woken, and mostly comes again: while some of those are on their way,
    /// the writer waits for them, so that one commit serves all and not the first one only.
    /// But no longer than a part of what the last commit took: on a fast disk those who are late go into the next one,
    /// and wake up while this one is written.
    fn take(&self, last_group: usize, last_took: Duration) -> Option<(Vec<Work>, Arc<Group>)> {
        let mut gathering = lock(&self.gathering);
        gathering.wanted = 1;
        while gathering.jobs.is_empty() {
            if gathering.is_closed {
                return None;
            }
            gathering = self.joined.wait(gathering).unwrap_or_else(PoisonError::into_inner);
        }
        gathering.wanted = last_group;
        let until = Instant::now() + (last_took / GROUP_WAIT_PART).min(GROUP_WAIT_MAX);
        while Instant::now() < until {
            let had = gathering.jobs.len();
            if had >= last_group || gathering.is_closed {
                break;
            }
            let waited = self.joined.wait_timeout(gathering, GROUP_WAIT);
            gathering = waited.unwrap_or_else(PoisonError::into_inner).0;
            if gathering.jobs.len() == had {
                break;
            }
        }
        let taken = (std::mem::take(&mut gathering.jobs), std::mem::take(&mut gathering.group));
        drop(gathering);
        self.taken.notify_all();
        Some(taken)
    }

    fn close(&self) {
        lock(&self.gathering).is_closed = true;
        self.joined.notify_all();
        self.taken.notify_all();
    }
}

impl SharedStore {
    /// Hands a store over to a thread of its own.
    ///
    /// # Errors
    /// `Other` where the system has no thread left.
    pub fn new(store: Store) -> Result<Self> {
        let queue = Arc::new(Queue {
            gathering: Mutex::new(Gathering { jobs: Vec::new(), group: Arc::default(), wanted: 1, is_closed: false }),
            joined: Condvar::new(),
            taken: Condvar::new(),
        });
        let of_writer = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || write(store, &of_writer))
            .map_err(|error| Error::Other(format!("cannot start the writer's thread: {error}")))?;
        Ok(Self { inner: Arc::new(Inner { queue, thread: Some(thread) }) })
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

    fn ask(&self, work: Work) -> Answer {
        let (group, index) = self.inner.queue.join(work)?;
        group.wait(index)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // What it had accepted is written; a panic of it was told to all who waited.
            let _ = thread.join();
        }
    }
}

/// Answers a group even where the writer panics: nobody waits for a thread that is gone.
struct Answering<'a> {
    queue: &'a Queue,
    group: Arc<Group>,
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        if lock(&self.group.told).answers.is_none() {
            self.queue.close();
            // No answer of one's own stands for "it has ended". Those who had just joined wait in the next group.
            self.group.answer(Vec::new());
            lock(&self.queue.gathering).group.answer(Vec::new());
        }
    }
}

fn write(mut store: Store, queue: &Queue) {
    let (mut last_group, mut last_took) = (1, Duration::ZERO);
    while let Some((jobs, group)) = queue.take(last_group, last_took) {
        let answering = Answering { queue, group };
        let begun = Instant::now();
        let answers = write_group(&mut store, &jobs);
        (last_group, last_took) = (jobs.len(), begun.elapsed());
        answering.group.answer(answers);
    }
}

fn write_group(store: &mut Store, jobs: &[Work]) -> Vec<Answer> {
    let written = store.write("append", |writing| run_all(writing, jobs));
    match written {
        Ok(answers) => answers,
        // One of them may have broken it for all, such as one that is too large for the disk: each on its own.
        Err(error) if jobs.len() > 1 && !error.is_busy() => {
            let alone = jobs.iter().map(|job| store.write("append", |writing| run(writing, job)));
            alone.map(|answer| answer.and_then(|answer| answer)).collect()
        }
        Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// Runs all jobs of a group. What several of them have for one stream, wherever it stands, is appended together: its
/// stream is looked up and its totals are written once.
fn run_all(writing: &mut Writing<'_>, jobs: &[Work]) -> Result<Vec<Answer>> {
    // Where somebody expects a version, or repeats ids, everybody keeps to the order in which they came.
    let in_order: HashSet<&StreamId> = jobs.iter().flat_map(Work::streams_in_order).collect();
    let mut together: HashMap<&StreamId, Vec<usize>> = HashMap::new();
    for (index, job) in jobs.iter().enumerate() {
        if let Some(append) = job.anywhere().filter(|append| !in_order.contains(&append.stream)) {
            together.entry(&append.stream).or_default().push(index);
        }
    }
    let mut answers: Vec<Option<Answer>> = jobs.iter().map(|_| None).collect();
    for (index, job) in jobs.iter().enumerate() {
        let others = job.anywhere().and_then(|append| together.remove(&append.stream)).filter(|them| them.len() > 1);
        let Some(others) = others else {
            if let Some(answer) = answers.get_mut(index).filter(|answer| answer.is_none()) {
                *answer = Some(run(writing, job)?);
            }
            continue;
        };
        let appends = || others.iter().filter_map(|index| jobs.get(*index)?.anywhere().map(|append| (*index, append)));
        let Some((_, first)) = appends().next() else { continue };
        let events = appends().flat_map(|(_, append)| &append.events);
        let all = append_new(writing, &first.stream, Expected::Any, events)?;
        let mut done = 0;
        for (index, append) in appends() {
            let (begin, count) = (done, i64::try_from(append.events.len()).unwrap_or(i64::MAX));
            done += count;
            let appended = Appended {
                stream: append.stream.clone(),
                first_version: all.first_version + begin,
                last_version: all.first_version + done - 1,
                first_position: all.first_position + begin,
                last_position: all.first_position + done - 1,
                repeated: false,
            };
            if let Some(answer) = answers.get_mut(index) {
                *answer = Some(Ok(vec![appended]));
            }
        }
    }
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(ended()))).collect())
}

/// Runs one job. The outer error ends the transaction; the inner one is this job's own, and nothing of it was kept.
fn run(writing: &mut Writing<'_>, work: &Work) -> Result<Result<Vec<Appended>>> {
    match work {
        Work::Append(appends) => match appends.as_slice() {
            // What is refused is refused before anything is written.
            [append] => own(append_one(writing, append).map(|appended| vec![appended])),
            appends => {
                let failed = |error| fault(error, "append");
                writing.connection.execute_batch("SAVEPOINT append").map_err(failed)?;
                let answer = appends.iter().map(|append| append_one(writing, append)).collect();
                let answer = own(answer)?;
                if answer.is_err() {
                    writing.connection.execute_batch("ROLLBACK TO append").map_err(failed)?;
                    // What is hashed cannot be taken out again: the open events are read anew.
                    writing.sealing.forget();
                    writing.sealing.catch_up(writing.connection)?;
                }
                writing.connection.execute_batch("RELEASE append").map_err(failed)?;
                Ok(answer)
            }
        },
        Work::Snapshot(snapshot) => {
            own(super::snapshot::keep(writing.connection, snapshot, Kept::Bare).map(|()| Vec::new()))
        }
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
