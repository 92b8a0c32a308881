//! The write-ahead log under control: a thread beside the writer moves it into the log while appends go on.
//!
//! Three bounds, in pages (`limits.rs`): from the first on the thread works; from the second on the writer itself does,
//! between two transactions, so that the `-wal` begins anew; at the third, which only a reader that never ends its
//! transaction can bring about, appends are refused until it has gone.
//!
//! A commit that makes the file longer waits for the file system's own journal too, which takes about as long as the
//! write itself. Small commits therefore write into zeros that were put behind the last frame in larger steps; to SQLite
//! they are what is left of an older `-wal`.

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::Connection;
use rusqlite::hooks::Wal as Hooked;

use crate::error::{Error, Result};
use crate::limits::{WAL_AHEAD_AFTER_COMMITS, WAL_AHEAD_PAGES, WAL_CHECKPOINT_PAGES, WAL_FIRM_PAGES, WAL_HARD_PAGES};
use crate::store::sqlite::fault::fault;
use crate::store::sqlite::inspect::beside;

/// Moves what can be moved without waiting for anybody.
const PASSIVE: &str = "PASSIVE";
/// Waits for readers, within the bound of every lock, so that the `-wal` can begin anew.
const RESTART: &str = "RESTART";
/// Bytes at the start of a `-wal`, and before each page in it (SQLite's file format, §4.1).
const WAL_HEADER_BYTES: u64 = 32;
const WAL_FRAME_HEADER_BYTES: u64 = 24;
/// The thread's name.
const THREAD: &str = "eventscope-checkpoint";

/// What keeps the `-wal` of one writer short.
pub(super) struct Wal {
    path: PathBuf,
    /// Pages in the `-wal` after the last commit.
    pages: Arc<AtomicU32>,
    /// Made when there is first something to do: most writers write little.
    beside: Option<Beside>,
    firm_pages: u32,
    hard_pages: u32,
    ahead: Ahead,
}

/// The zeros behind the last frame.
struct Ahead {
    /// The `-wal`, once its links are followed; none where it is not looked after.
    file: Option<PathBuf>,
    frame_bytes: u64,
    /// Bytes that the file is known to have.
    known_bytes: u64,
    /// Small commits so far: who makes a few of them pays for no zeros.
    small_commits: u32,
    /// Pages in the `-wal` after the commit before.
    pages_before: u32,
}

impl Ahead {
    fn new(connection: &Connection, path: &Path) -> rusqlite::Result<Self> {
        let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let file = std::fs::canonicalize(path).ok().map(|path| beside(&path, "-wal"));
        let frame_bytes = u64::from(page_bytes) + WAL_FRAME_HEADER_BYTES;
        Ok(Self { file, frame_bytes, known_bytes: 0, small_commits: 0, pages_before: 0 })
    }

    /// After a commit that left so many pages in the `-wal`.
    fn committed(&mut self, pages: u32) {
        let written = pages.saturating_sub(self.pages_before);
        self.pages_before = pages;
        self.small_commits = if written <= WAL_AHEAD_PAGES / 2 { self.small_commits.saturating_add(1) } else { 0 };
    }

    /// Puts zeros behind what is used, where the next commit would make the file longer. Only who holds the write lock
    /// may: nobody else writes to the file then. It is best effort: without zeros a commit takes longer, and that is all.
    fn extend(&mut self, pages: u32, firm_pages: u32) {
        // Near its firm bound the file begins anew before long.
        if pages + 2 * WAL_AHEAD_PAGES > firm_pages {
            return;
        }
        let used = WAL_HEADER_BYTES + u64::from(pages) * self.frame_bytes;
        let wanted = used + u64::from(WAL_AHEAD_PAGES / 2) * self.frame_bytes;
        if self.small_commits < WAL_AHEAD_AFTER_COMMITS || wanted <= self.known_bytes {
            return;
        }
        let Some(path) = &self.file else { return };
        match lengthen(path, used, wanted, u64::from(WAL_AHEAD_PAGES) * self.frame_bytes) {
            Ok(bytes) => self.known_bytes = bytes,
            Err(_) => self.file = None,
        }
    }
}

/// Makes a file longer by `step` bytes of zeros unless it has the bytes that are wanted; gives what it has.
fn lengthen(path: &Path, used: u64, wanted: u64, step: u64) -> std::io::Result<u64> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let bytes = file.metadata()?.len();
    if bytes >= wanted || bytes < used {
        return Ok(bytes);
    }
    let zeros = vec![0; usize::try_from(step).unwrap_or_default()];
    let written = file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(&zeros));
    if written.is_err() {
        // A disk that is full has no room for zeros either.
        file.set_len(bytes)?;
        written?;
    }
    Ok(bytes + step)
}

/// What the thread beside the writer is asked.
enum Ask {
    /// To move what there is.
    Checkpoint,
    /// To say so when it has nothing to do.
    Rest(Sender<()>),
}

struct Beside {
    wake: Sender<Ask>,
    thread: JoinHandle<()>,
    /// True once the thread has moved all that it found.
    has_moved: Arc<AtomicBool>,
}

impl Wal {
    /// Takes over from SQLite's own checkpointing, which would work inside of a commit.
    ///
    /// # Errors
    /// `Other`.
    pub(super) fn take_over(connection: &mut Connection, path: &Path) -> rusqlite::Result<Self> {
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        let pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut Hooked, pages: std::ffi::c_int| {
            seen.store(u32::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        }))?;
        let ahead = Ahead::new(connection, path)?;
        let (firm_pages, hard_pages) = (WAL_FIRM_PAGES, WAL_HARD_PAGES);
        Ok(Self { path: path.to_owned(), pages, beside: None, firm_pages, hard_pages, ahead })
    }

    /// Other bounds, for tests.
    #[cfg(test)]
    pub(super) fn set_bounds(&mut self, firm_pages: u32, hard_pages: u32) {
        (self.firm_pages, self.hard_pages) = (firm_pages, hard_pages);
    }

    /// Before a transaction: refuses where a reader holds up everything.
    ///
    /// # Errors
    /// `Busy`.
    pub(super) fn before_append(&mut self, connection: &Connection) -> Result<()> {
        if self.pages.load(Ordering::Relaxed) < self.hard_pages {
            return Ok(());
        }
        if checkpoint(connection, RESTART).map_or(true, |(pages, moved)| moved < pages) {
            return Err(Error::Busy(format!(
                "cannot append: the -wal has grown to {} pages, because a program reads the log in a transaction that it \
                 does not end (end that transaction, and try again)",
                self.pages.load(Ordering::Relaxed)
            )));
        }
        self.pages.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Inside of a transaction that holds the write lock, before anything is written.
    pub(super) fn begun(&mut self) {
        self.ahead.extend(self.pages.load(Ordering::Relaxed), self.firm_pages);
    }

    /// After a commit: sees to it that the `-wal` stays short. A checkpoint that fails is tried again after the next
    /// commit: the events are durable in the `-wal`.
    pub(super) fn after_commit(&mut self, connection: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        self.ahead.committed(pages);
        let has_moved = self.beside.as_ref().is_some_and(|beside| beside.has_moved.swap(false, Ordering::AcqRel));
        if has_moved || pages >= self.firm_pages {
            // What came since is little; when all is moved, the next transaction begins the `-wal` anew.
            let _ = checkpoint(connection, PASSIVE);
        } else if pages >= WAL_CHECKPOINT_PAGES {
            self.wake();
        }
    }

    fn wake(&mut self) {
        if self.beside.is_none() {
            let (wake, woken) = bounded(1);
            let path = self.path.clone();
            let has_moved = Arc::new(AtomicBool::new(false));
            let says_so = Arc::clone(&has_moved);
            let spawned = std::thread::Builder::new()
                .name(THREAD.to_owned())
                .spawn(move || checkpoint_when_woken(&path, &woken, &says_so));
            match spawned {
                Ok(thread) => self.beside = Some(Beside { wake, thread, has_moved }),
                // Without it the writer does the work itself, later.
                Err(_) => return,
            }
        }
        if let Some(beside) = &self.beside {
            // Full: it is at work, or will be.
            let _ = beside.wake.try_send(Ask::Checkpoint);
        }
    }

    /// Waits until the thread has nothing to do.
    pub(super) fn settle(&mut self, connection: &Connection) {
        let Some(beside) = &self.beside else { return };
        let (rest, rested) = bounded(1);
        // A thread that is gone does nothing any more.
        let is_at_rest = beside.wake.send(Ask::Rest(rest)).is_ok() && rested.recv().is_ok();
        if is_at_rest && beside.has_moved.swap(false, Ordering::AcqRel) {
            let _ = checkpoint(connection, PASSIVE);
        }
    }

    /// Ends the thread; what it had begun is finished.
    pub(super) fn stop(&mut self) {
        if let Some(Beside { wake, thread, .. }) = self.beside.take() {
            drop(wake);
            // A thread that panicked has moved nothing, and nothing is lost by that.
            let _ = thread.join();
        }
    }
}

fn checkpoint_when_woken(path: &Path, woken: &Receiver<Ask>, has_moved: &AtomicBool) {
    let mut connection: Option<Connection> = None;
    while let Ok(ask) = woken.recv() {
        if let Ask::Rest(rest) = ask {
            // Who asked may have gone.
            let _ = rest.send(());
            continue;
        }
        if connection.is_none() {
            connection = super::connect(path).ok();
        }
        if let Some(open) = &connection {
            // One that is busy is tried again at the next wake.
            has_moved.store(checkpoint(open, PASSIVE).is_ok(), Ordering::Release);
        }
    }
}

/// How many pages the `-wal` holds, and how many of them were moved.
fn checkpoint(connection: &Connection, mode: &str) -> Result<(u32, u32)> {
    let failed = |error| fault(error, "checkpoint the log");
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))
        .and_then(|mut ask| ask.query_row([], |row| Ok((row.get(1)?, row.get(2)?))))
        .map(|(pages, moved): (i64, i64)| {
            let number = |pages| u32::try_from(pages).unwrap_or_default();
            (number(pages), number(moved))
        })
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use crate::event::StreamId;
    use crate::store::native::{Expected, NewEvent, Store};

    fn append(store: &mut Store) -> crate::error::Result<()> {
        let event = NewEvent::new("T", format!("\"{}\"", "x".repeat(20_000)));
        store.append(&StreamId::new("s"), Expected::Any, &[event]).map(|_| ())
    }

    #[test]
    fn the_wal_begins_anew_at_its_firm_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut store = Store::create(&path).unwrap();
        store.wal.set_bounds(100, 10_000);
        for _ in 0..200 {
            append(&mut store).unwrap();
        }
        // 200 events of 20 kB are over 1,000 pages.
        let kept = std::fs::metadata(path.with_extension("db-wal")).unwrap().len();
        assert!(kept < 150 * 4_120, "the -wal has {kept} bytes");
        assert_eq!(store.last_position().unwrap(), 200);
    }

    #[test]
    fn a_reader_that_never_ends_is_named_before_the_wal_grows_without_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut store = Store::create(&path).unwrap();
        append(&mut store).unwrap();
        store.wait_for_locks(std::time::Duration::from_millis(20)).unwrap();
        store.wal.set_bounds(50, 200);
        let reader = rusqlite::Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM events;").unwrap();
        let mut appended = 1;
        let error = loop {
            match append(&mut store) {
                Ok(()) => appended += 1,
                Err(error) => break error,
            }
            assert!(appended < 500, "the -wal grows without bound");
        };
        assert!(error.is_busy() && error.to_string().contains("in a transaction that it does not end"), "{error}");
        assert_eq!(store.last_position().unwrap(), appended);
        reader.execute_batch("COMMIT").unwrap();
        append(&mut store).unwrap();
        assert_eq!(store.last_position().unwrap(), appended + 1);
    }
}
